//! Root of the lab's responder: a module's files lie beneath its root, and it uses `src/wire` too.

pub const main = @import("lab/responder.zig").main;
