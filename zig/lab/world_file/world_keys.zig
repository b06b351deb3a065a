//! What stands before the first prefix.

const World = @import("../world.zig").World;
const section = @import("section.zig");

pub const WorldSection = struct { values: World };

const set = section.Setters(WorldSection);

pub const keys: []const section.Key(WorldSection) = &.{
    .{
        .word = "seed",
        .example = "seed 1",
        .read = set.number("seed", 0, 0xffff_ffff_ffff_ffff),
    },
    .{
        .word = "certificates",
        .example = "certificates 512",
        .read = set.number("chain_count", 1, 65_536),
    },
    .{
        .word = "chain-length",
        .example = "chain-length 1 20% 2 3 30%",
        .read = set.weightedNumber("chain_size", 1, 5),
    },
    .{
        .word = "connections",
        .example = "connections 131072",
        .read = set.number("connection_count_max", 1, 1_048_576),
    },
};
