//! Root of the bench's bare sender: a module's files lie beneath its root, and it uses `src` too.

pub const main = @import("bench/bare.zig").main;
