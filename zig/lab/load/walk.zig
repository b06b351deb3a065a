//! Visits the addresses of a prefix in an order that jumps about, each once before any comes again.

const std = @import("std");
const Address = @import("../../src/wire/address.zig").Address;
const address_text = @import("../address_text.zig");

pub const Walk = struct {
    first: u32,
    /// Of the addresses, less one: a power of two less one.
    mask: u32,
    position: u32 = 0,

    /// Odd, so that it meets every address of any prefix; 2^32 over the golden ratio, so that
    /// neighbours in time are none in space.
    const stride = 0x9e37_79b1;
    /// In bits. Nothing larger than a /8 is ever a lab's.
    const length_min = 8;

    /// `a.b.c.d/n`. InvalidPrefix: it is none, it is larger than a /8, or it has host bits.
    pub fn parse(text: []const u8) error{InvalidPrefix}!Walk {
        const prefix = address_text.parsePrefix(text) catch return error.InvalidPrefix;
        if (!prefix.first.isIpv4() or prefix.length < length_min) return error.InvalidPrefix;
        return .{
            .first = std.mem.readInt(u32, &prefix.first.ipv4(), .big),
            .mask = @intCast(prefix.last.toInt() - prefix.first.toInt()),
        };
    }

    pub fn next(walk: *Walk) Address {
        walk.position +%= stride;
        var octets: [4]u8 = undefined;
        std.mem.writeInt(u32, &octets, walk.first | (walk.position & walk.mask), .big);
        return .fromIpv4(octets);
    }
};

test "every address of the prefix comes once a turn, and no other" {
    var walk: Walk = try .parse("10.1.0.0/16");
    var seen: std.StaticBitSet(1 << 16) = .initEmpty();
    for (0..1 << 16) |_| {
        const octets = walk.next().ipv4();
        try std.testing.expectEqual([2]u8{ 10, 1 }, octets[0..2].*);
        seen.set(std.mem.readInt(u16, octets[2..4], .big));
    }
    try std.testing.expectEqual(1 << 16, seen.count());
}

test "a single address is visited again and again" {
    var walk: Walk = try .parse("192.0.2.7/32");
    for (0..3) |_| try std.testing.expectEqual([4]u8{ 192, 0, 2, 7 }, walk.next().ipv4());
}

test "what is no prefix of a lab is refused" {
    for ([_][]const u8{
        "10.0.0.0",       "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/24", "0.0.0.0/0", "10.0.0/24", "a/8", "",
        "2001:db8::/112",
    }) |wrong| {
        try std.testing.expectError(error.InvalidPrefix, Walk.parse(wrong));
    }
}
