//! The Internet checksum: RFC 1071, and its incremental update, RFC 1624.

const std = @import("std");
const Address = @import("address.zig").Address;

/// A one's complement sum under construction. Bounded: exact for up to 2^32 summed words.
pub const Sum = struct {
    total: u64 = 0,

    /// Adds octets as big-endian 16-bit words. Only the last piece of a sum may have an odd size:
    /// its missing octet counts as zero (RFC 1071, 1).
    pub fn addOctets(sum: *Sum, octets: []const u8) void {
        var rest = octets;
        // 2^16 is 1 modulo 2^16 - 1, so summing 32 bits at a time folds to the same result.
        while (rest.len >= 4) : (rest = rest[4..]) {
            sum.total += std.mem.readInt(u32, rest[0..4], .big);
        }
        if (rest.len >= 2) {
            sum.total += std.mem.readInt(u16, rest[0..2], .big);
            rest = rest[2..];
        }
        if (rest.len == 1) sum.total += @as(u16, rest[0]) << 8;
    }

    /// Adds the pseudo header: RFC 9293, 3.1 for IPv4; RFC 8200, 8.1 for IPv6. `size` is the size
    /// in octets of what follows the IP header.
    pub fn addPseudoHeader(
        sum: *Sum,
        source: Address,
        destination: Address,
        protocol: u8,
        size: u32,
    ) void {
        std.debug.assert(source.isIpv4() == destination.isIpv4());
        if (source.isIpv4()) {
            sum.addOctets(&source.ipv4());
            sum.addOctets(&destination.ipv4());
        } else {
            sum.addOctets(&source.octets);
            sum.addOctets(&destination.octets);
        }
        sum.total += size;
        sum.total += protocol;
    }

    /// The checksum to store. Summed over data that already holds a right checksum it is zero.
    pub fn finish(sum: Sum) u16 {
        return ~fold(sum.total);
    }
};

/// The checksum of one piece of data.
pub fn of(octets: []const u8) u16 {
    var sum: Sum = .{};
    sum.addOctets(octets);
    return sum.finish();
}

/// The checksum after one aligned 16-bit word changed: RFC 1624, equation 3.
pub fn update(checksum: u16, old: u16, new: u16) u16 {
    return ~fold(@as(u64, ~checksum) + ~old + new);
}

/// The checksum after one 32-bit field (an address, a sequence number) changed.
pub fn update32(checksum: u16, old: u32, new: u32) u16 {
    // One sum and one folding for both words.
    return ~fold(@as(u64, ~checksum) + ~old + new);
}

/// Folds until no carry is left. Folding a fixed number of times leaves a carry behind for some
/// inputs, which sends a wrong checksum.
fn fold(total: u64) u16 {
    var folded = total;
    while (folded > std.math.maxInt(u16)) folded = (folded >> 16) + (folded & 0xffff);
    return @intCast(folded);
}

test "RFC 1071, 3: the worked example" {
    const octets = [_]u8{ 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
    try std.testing.expectEqual(~@as(u16, 0xddf2), of(&octets));
}

test "an odd last octet is padded with zero" {
    try std.testing.expectEqual(of(&.{ 1, 2, 3, 0 }), of(&.{ 1, 2, 3 }));
    try std.testing.expectEqual(~@as(u16, 0x0300), of(&.{3}));
    try std.testing.expectEqual(@as(u16, 0xffff), of(&.{}));
}

test "RFC 1624, 4: the example that equation 2 gets wrong" {
    try std.testing.expectEqual(@as(u16, 0x0000), update(0xdd2f, 0x5555, 0x3285));
}

test "an update equals a sum from scratch for every 16-bit value, and inputs that carry twice" {
    const Case = struct { rest: u16, old: u16 };
    const cases = [_]Case{
        .{ .rest = 0x0001, .old = 0x0000 }, .{ .rest = 0x0001, .old = 0xffff },
        .{ .rest = 0xffff, .old = 0x0000 }, .{ .rest = 0xffff, .old = 0xffff },
        .{ .rest = 0xfffe, .old = 0x0001 }, .{ .rest = 0x8000, .old = 0x7fff },
        .{ .rest = 0x4500, .old = 0xc0a8 }, .{ .rest = 0xdd2f, .old = 0x5555 },
    };
    for (cases) |case| {
        const checksum = ofWords(case.rest, case.old);
        var new: u16 = 0;
        while (true) : (new += 1) {
            try std.testing.expectEqual(ofWords(case.rest, new), update(checksum, case.old, new));
            if (new == std.math.maxInt(u16)) break;
        }
    }
}

test "a 32-bit update equals two 16-bit updates and a sum from scratch" {
    var random = std.Random.DefaultPrng.init(1);
    for (0..100_000) |_| {
        var octets: [8]u8 = undefined;
        random.random().bytes(&octets);
        octets[0] |= 1;
        const before = of(&octets);
        const old = std.mem.readInt(u32, octets[4..8], .big);
        // Mostly ones, so that carries are frequent.
        const new = random.random().int(u32) | random.random().int(u32);
        std.mem.writeInt(u32, octets[4..8], new, .big);
        const high = update(before, @truncate(old >> 16), @truncate(new >> 16));
        try std.testing.expectEqual(of(&octets), update32(before, old, new));
        try std.testing.expectEqual(of(&octets), update(high, @truncate(old), @truncate(new)));
    }
}

fn ofWords(a: u16, b: u16) u16 {
    var octets: [4]u8 = undefined;
    std.mem.writeInt(u16, octets[0..2], a, .big);
    std.mem.writeInt(u16, octets[2..4], b, .big);
    return of(&octets);
}
