//! Both versions of IP as one view, so that nothing above it asks which one it holds.

const std = @import("std");
const Address = @import("address.zig").Address;
const ethernet = @import("ethernet.zig");
const ipv4 = @import("ipv4.zig");
const ipv6 = @import("ipv6.zig");
const SequenceNumber = @import("tcp.zig").SequenceNumber;

/// What the layers above need of a packet. Both addresses are of one family, the packet's.
pub const View = struct {
    source: Address,
    destination: Address,
    /// IANA protocol number of the payload; over IPv6 behind the extension headers.
    protocol: u8,
    /// Over IPv6 the hop limit.
    time_to_live: u8,
    /// What tells the fragments of a packet from others'; 0 over IPv6, where only fragments have
    /// it.
    identification: u16 = 0,
    /// In octets: what the payload would be if the packet were whole. `payload` is shorter in a
    /// packet that ICMP quotes or that the capture cut.
    payload_size: usize,
    /// Starts with the header of `protocol`.
    payload: []const u8,

    /// Truncated: no whole header. Malformed: a header that contradicts itself, or no version we
    /// speak. Fragment: not the first of its packet, so that it holds no header of a next protocol.
    pub const Error = error{ Truncated, Malformed, Fragment };

    /// `octets` starts with the IP header and may go on after the packet.
    pub fn parse(octets: []const u8) Error!View {
        if (octets.len == 0) return error.Truncated;
        return switch (octets[0] >> 4) {
            4 => parseIpv4(octets),
            6 => parseIpv6(octets),
            else => error.Malformed,
        };
    }

    /// The packet in an Ethernet frame; null when the frame holds none, or one of another version
    /// than its type says.
    pub fn parseFrame(frame: []const u8) ?View {
        const outer = ethernet.View.init(frame) catch return null;
        return switch (outer.etherType()) {
            .ipv4 => parseIpv4(outer.payload()) catch null,
            .ipv6 => parseIpv6(outer.payload()) catch null,
            else => null,
        };
    }

    fn parseIpv4(octets: []const u8) Error!View {
        const packet: ipv4.View = try .init(octets);
        if (packet.fragmentOffset() != 0) return error.Fragment;
        return .{
            .source = packet.source(),
            .destination = packet.destination(),
            .protocol = packet.protocol(),
            .time_to_live = packet.timeToLive(),
            .identification = packet.identification(),
            .payload_size = packet.totalSize() - packet.headerSize(),
            .payload = packet.payload(),
        };
    }

    fn parseIpv6(octets: []const u8) Error!View {
        const packet: ipv6.View = try .init(octets);
        if (packet.fragment_offset != 0) return error.Fragment;
        return .{
            .source = packet.source(),
            .destination = packet.destination(),
            .protocol = packet.protocol,
            .time_to_live = packet.hopLimit(),
            .identification = 0,
            .payload_size = packet.totalSize() - packet.payload_offset,
            .payload = packet.payload(),
        };
    }
};

/// In octets: what an error quotes at least behind the quoted IP header (RFC 792), which is up to
/// and with the sequence number of a TCP segment.
pub const quoted_payload_size_min = 8;

/// The start of a packet that an ICMP error quotes. A stranger wrote it: it is our packet only if
/// what it repeats of it is right, the cookie included.
pub const Quote = struct {
    source: Address,
    destination: Address,
    protocol: u8,
    /// The first eight octets behind the quoted IP header.
    payload: *const [quoted_payload_size_min]u8,

    /// Null when less is quoted than RFC 792 demands, or no start of a packet.
    pub fn parse(octets: []const u8) ?Quote {
        const quoted = View.parse(octets) catch return null;
        if (quoted.payload.len < quoted_payload_size_min) return null;
        return .{
            .source = quoted.source,
            .destination = quoted.destination,
            .protocol = quoted.protocol,
            .payload = quoted.payload[0..quoted_payload_size_min],
        };
    }

    /// The first two fields of TCP and UDP.
    pub fn sourcePort(quote: Quote) u16 {
        return std.mem.readInt(u16, quote.payload[0..2], .big);
    }

    pub fn destinationPort(quote: Quote) u16 {
        return std.mem.readInt(u16, quote.payload[2..4], .big);
    }

    /// The sequence number if `protocol` is TCP.
    pub fn sequence(quote: Quote) SequenceNumber {
        return @enumFromInt(std.mem.readInt(u32, quote.payload[4..8], .big));
    }
};

const test_hardware = [_]u8{ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

const test_packet = [_]u8{
    0x45, 0x00, 0x00, 0x18, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06, 0x3c, 0x70, 192, 0, 2, 1, //
    198,  51,   100,  7,    'a',  'b',  'c',  'd',
};

/// With a fragment header, as the first of several.
const test_packet_ipv6 = [_]u8{
    0x60, 0x00, 0x00, 0x00, 0x00, 0x0c, 44, 0x3f, //
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, //
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0,   0,   0,   0,   0, 0, 0, 2, //
    6,    0,    0,    1,    1, 2, 3, 4, 'a', 'b', 'c', 'd',
};

test "a packet in a frame, with the frame's padding cut off" {
    const frame = test_hardware ++ [_]u8{ 0x08, 0x00 } ++ test_packet ++ .{ 0, 0 };
    const view = View.parseFrame(&frame).?;
    try std.testing.expectEqualDeep(View{
        .source = .fromIpv4(.{ 192, 0, 2, 1 }),
        .destination = .fromIpv4(.{ 198, 51, 100, 7 }),
        .protocol = 6,
        .time_to_live = 64,
        .identification = 0x1234,
        .payload_size = 4,
        .payload = "abcd",
    }, view);
    for (0..14 + ipv4.header_size_min) |size| {
        try std.testing.expectEqual(null, View.parseFrame(frame[0..size]));
    }
    // Another type, and that of the other version.
    for ([_][2]u8{ .{ 0x86, 0x00 }, .{ 0x86, 0xdd } }) |ether_type| {
        var other = frame;
        other[12..14].* = ether_type;
        try std.testing.expectEqual(null, View.parseFrame(&other));
    }
}

test "a packet of version 6 in a frame" {
    const frame = test_hardware ++ [_]u8{ 0x86, 0xdd } ++ test_packet_ipv6 ++ .{ 0, 0 };
    const expected: View = .{
        .source = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001),
        .destination = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0002),
        .protocol = 6,
        .time_to_live = 63,
        .identification = 0,
        .payload_size = 4,
        .payload = "abcd",
    };
    try std.testing.expectEqualDeep(expected, View.parseFrame(&frame).?);
    try std.testing.expectEqualDeep(expected, try View.parse(frame[14..]));
    for (0..14 + ipv6.header_size + 8) |size| {
        try std.testing.expectEqual(null, View.parseFrame(frame[0..size]));
    }
    const cut = View.parseFrame(frame[0 .. 14 + ipv6.header_size + 8 + 1]).?;
    try std.testing.expectEqual(@as(usize, 4), cut.payload_size);
    try std.testing.expectEqualSlices(u8, "a", cut.payload);
    var other = frame;
    other[12..14].* = .{ 0x08, 0x00 };
    try std.testing.expectEqual(null, View.parseFrame(&other));
}

test "what is not the start of a packet is refused" {
    try std.testing.expectError(error.Truncated, View.parse(&.{}));
    try std.testing.expectError(error.Truncated, View.parse(&.{ 0x60, 0 }));
    for (0..16) |version| {
        if (version == 4 or version == 6) continue;
        var octets = test_packet_ipv6;
        octets[0] = @intCast(version << 4);
        try std.testing.expectError(error.Malformed, View.parse(&octets));
    }
    var fragment = test_packet;
    fragment[7] = 1;
    try std.testing.expectError(error.Fragment, View.parse(&fragment));
    var fragment_ipv6 = test_packet_ipv6;
    fragment_ipv6[ipv6.header_size + 3] = 0x08;
    try std.testing.expectError(error.Fragment, View.parse(&fragment_ipv6));
}

test "a quote holds what tells whose packet it was, of both versions" {
    const quoted = [_]u8{ 0xc0, 0x00, 0x01, 0xbb, 0x12, 0x34, 0x56, 0x78 };
    var packet = test_packet[0..ipv4.header_size_min].* ++ quoted;
    packet[3] = 60; // What was sent is longer than what is quoted.
    var packet_ipv6 = test_packet_ipv6 ++ quoted[4..].*;
    packet_ipv6[5] = 48;
    packet_ipv6[ipv6.header_size + 8 ..].* = quoted;
    for ([_][]const u8{ &packet, &packet_ipv6 }) |octets| {
        const quote = Quote.parse(octets).?;
        const original = try View.parse(octets);
        try std.testing.expect(quote.source.eql(original.source));
        try std.testing.expect(quote.destination.eql(original.destination));
        try std.testing.expectEqual(@as(u8, 6), quote.protocol);
        try std.testing.expectEqual(@as(u16, 49152), quote.sourcePort());
        try std.testing.expectEqual(@as(u16, 443), quote.destinationPort());
        try std.testing.expectEqual(@as(u32, 0x12345678), quote.sequence().toInt());
        for (0..octets.len) |size| {
            try std.testing.expectEqual(null, Quote.parse(octets[0..size]));
        }
    }
}
