//! Root of the lab's load generator: a module's files lie beneath its root, and it uses `src` too.

pub const main = @import("lab/load.zig").main;
