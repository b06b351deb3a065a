//! One type for addresses of both families, so that nothing above the wire formats asks which one
//! it holds.

const std = @import("std");

/// An IP address in network byte order; IPv4 is held IPv4-mapped (RFC 4291, 2.5.5.2:
/// `::ffff:a.b.c.d`).
pub const Address = extern struct {
    octets: [16]u8,

    const ipv4_prefix = [_]u8{0} ** 10 ++ [_]u8{ 0xff, 0xff };

    pub fn fromIpv4(octets: [4]u8) Address {
        return .{ .octets = ipv4_prefix ++ octets };
    }

    pub fn isIpv4(address: Address) bool {
        return std.mem.eql(u8, address.octets[0..12], &ipv4_prefix);
    }

    /// The last four octets; only meaningful when `isIpv4`.
    pub fn ipv4(address: Address) [4]u8 {
        return address.octets[12..16].*;
    }

    /// The address as a number, so that ranges can be compared and subtracted.
    pub fn toInt(address: Address) u128 {
        return std.mem.readInt(u128, &address.octets, .big);
    }

    pub fn fromInt(value: u128) Address {
        var address: Address = undefined;
        std.mem.writeInt(u128, &address.octets, value, .big);
        return address;
    }

    pub fn eql(a: Address, b: Address) bool {
        return std.mem.eql(u8, &a.octets, &b.octets);
    }
};

test "IPv4 is held IPv4-mapped and keeps its order as a number" {
    const low = Address.fromIpv4(.{ 192, 0, 2, 1 });
    const high = Address.fromIpv4(.{ 192, 0, 2, 255 });
    try std.testing.expect(low.isIpv4());
    try std.testing.expectEqual([4]u8{ 192, 0, 2, 1 }, low.ipv4());
    try std.testing.expect(low.toInt() < high.toInt());
    try std.testing.expect(Address.fromInt(high.toInt()).eql(high));
    try std.testing.expect(!Address.fromInt(1).isIpv4());
}
