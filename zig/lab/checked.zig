//! Whether a packet that came off the cable is well-formed: a real host drops what is not, in
//! silence.

const icmpv4 = @import("../src/wire/icmpv4.zig");
const icmpv6 = @import("../src/wire/icmpv6.zig");
const ip = @import("../src/wire/ip.zig");
const ipv4 = @import("../src/wire/ipv4.zig");
const tcp = @import("../src/wire/tcp.zig");
const Checksum = @import("../src/sys/packet_socket.zig").Frame.Checksum;

pub const Verdict = enum { right, malformed, wrong_checksum };

/// `octets` start with the IP header of `packet`. The checksum behind it is not looked at where the
/// sender's kernel has not finished it (`partial`).
pub fn check(octets: []const u8, packet: ip.View, checksum: Checksum) Verdict {
    if (packet.payload.len != packet.payload_size) return .malformed;
    const is_ipv4 = packet.source.isIpv4();
    if (is_ipv4) {
        const header = ipv4.View.init(octets) catch return .malformed;
        if (!header.checksumIsRight()) return .wrong_checksum;
    }
    const is_right = switch (packet.protocol) {
        tcp.protocol => right: {
            const segment = tcp.View.init(packet.payload) catch return .malformed;
            break :right checksum == .partial or
                segment.checksumIsRight(packet.source, packet.destination);
        },
        // ICMP of one version of IP in a packet of the other is nothing that a host knows.
        icmpv4.protocol => right: {
            if (!is_ipv4) return .malformed;
            const message = icmpv4.View.init(packet.payload) catch return .malformed;
            break :right message.checksumIsRight();
        },
        icmpv6.protocol => right: {
            if (is_ipv4) return .malformed;
            const message = icmpv6.View.init(packet.payload) catch return .malformed;
            break :right checksum == .partial or
                message.checksumIsRight(packet.source, packet.destination);
        },
        else => true,
    };
    return if (is_right) .right else .wrong_checksum;
}

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;

const test_source: Address = .fromIpv4(.{ 192, 0, 2, 1 });
const test_destination: Address = .fromIpv4(.{ 198, 51, 100, 7 });

fn testPacket() [40]u8 {
    const segment: tcp.Segment = .{
        .source_port = 40000,
        .destination_port = 443,
        .sequence = .fromInt(1),
        .acknowledgment = .fromInt(0),
        .flags = .{ .synchronize = true },
        .window = 1024,
    };
    const header: ipv4.Header = .{
        .source = test_source,
        .destination = test_destination,
        .protocol = tcp.protocol,
        .payload_size = 20,
        .time_to_live = 64,
    };
    var octets: [40]u8 = undefined;
    header.emit(octets[0..20]);
    segment.emit(octets[20..], test_source, test_destination);
    return octets;
}

test "a flipped bit is found in either checksum, and what is partial is let through" {
    const right = testPacket();
    try std.testing.expectEqual(.right, check(&right, try .parse(&right), .unverified));
    var wrong_header = right;
    wrong_header[ipv4.offset.time_to_live] ^= 1;
    const header_verdict = check(&wrong_header, try .parse(&wrong_header), .partial);
    try std.testing.expectEqual(.wrong_checksum, header_verdict);
    var wrong_segment = right;
    wrong_segment[20 + tcp.offset.window] ^= 1;
    const packet: ip.View = try .parse(&wrong_segment);
    try std.testing.expectEqual(.wrong_checksum, check(&wrong_segment, packet, .unverified));
    try std.testing.expectEqual(.right, check(&wrong_segment, packet, .partial));
}

test "a packet that ends early, and a segment whose header does not fit, are malformed" {
    const right = testPacket();
    const cut = right[0..39];
    try std.testing.expectEqual(.malformed, check(cut, try .parse(cut), .unverified));
    var long_header = right;
    long_header[20 + tcp.offset.header_size] = 0xf0;
    const verdict = check(&long_header, try .parse(&long_header), .partial);
    try std.testing.expectEqual(.malformed, verdict);
}

test "ICMP of the other version of IP is malformed" {
    var octets = testPacket();
    octets[ipv4.offset.protocol] = icmpv6.protocol;
    octets[ipv4.offset.checksum..][0..2].* = .{ 0, 0 };
    const checksum = @import("../src/wire/checksum.zig").of(octets[0..20]);
    std.mem.writeInt(u16, octets[ipv4.offset.checksum..][0..2], checksum, .big);
    try std.testing.expectEqual(.malformed, check(&octets, try .parse(&octets), .unverified));
}
