//! How the values of a world are called in world files and in the truth.

const std = @import("std");
const world = @import("world.zig");

/// The name of an enumeration's value, in words joined by hyphens: `zero-window`; of TLS versions
/// their numbers.
pub fn nameOf(value: anytype) []const u8 {
    return switch (value) {
        inline else => |tag| comptime switch (@TypeOf(value)) {
            world.TlsVersions => switch (tag) {
                .tls12 => "1.2",
                .tls12_or_tls13 => "1.2+1.3",
                .tls13 => "1.3",
            },
            else => hyphenated(@tagName(tag)),
        },
    };
}

fn hyphenated(comptime tag_name: []const u8) []const u8 {
    var name: [tag_name.len]u8 = tag_name[0..tag_name.len].*;
    std.mem.replaceScalar(u8, &name, '_', '-');
    const final = name;
    return &final;
}

test "names are the words of the world file" {
    const expectName = std.testing.expectEqualStrings;
    try expectName("one-byte-per-second", nameOf(world.Behavior.one_byte_per_second));
    try expectName("ordinary", nameOf(world.Behavior.ordinary));
    try expectName("tls", nameOf(world.Protocol.tls));
    try expectName("unreachable-port", nameOf(world.PortState.unreachable_port));
    try expectName("1.2", nameOf(world.TlsVersions.tls12));
    try expectName("1.2+1.3", nameOf(world.TlsVersions.tls12_or_tls13));
    try expectName("1.3", nameOf(world.TlsVersions.tls13));
}
