//! Both versions of IP as one view, so that nothing above it asks which one it holds.

const std = @import("std");
const Address = @import("address.zig").Address;
const ethernet = @import("ethernet.zig");
const ipv4 = @import("ipv4.zig");

/// What the layers above need of a packet.
pub const View = struct {
    source: Address,
    destination: Address,
    /// IANA protocol number of the payload.
    protocol: u8,
    time_to_live: u8,
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
        if (octets[0] >> 4 != 4) return error.Malformed;
        const packet: ipv4.View = try .init(octets);
        if (packet.fragmentOffset() != 0) return error.Fragment;
        return .{
            .source = packet.source(),
            .destination = packet.destination(),
            .protocol = packet.protocol(),
            .time_to_live = packet.timeToLive(),
            .payload_size = packet.totalSize() - packet.headerSize(),
            .payload = packet.payload(),
        };
    }

    /// The packet in an Ethernet frame; null when the frame holds none.
    pub fn parseFrame(frame: []const u8) ?View {
        const outer = ethernet.View.init(frame) catch return null;
        return switch (outer.etherType()) {
            .ipv4 => parse(outer.payload()) catch null,
            else => null,
        };
    }
};

const test_packet = [_]u8{
    0x45, 0x00, 0x00, 0x18, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06, 0x3c, 0x70, 192, 0, 2, 1, //
    198,  51,   100,  7,    'a',  'b',  'c',  'd',
};

test "a packet in a frame, with the frame's padding cut off" {
    const header = [_]u8{ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00 };
    const frame = header ++ test_packet ++ .{ 0, 0 };
    const view = View.parseFrame(&frame).?;
    try std.testing.expectEqualDeep(View{
        .source = .fromIpv4(.{ 192, 0, 2, 1 }),
        .destination = .fromIpv4(.{ 198, 51, 100, 7 }),
        .protocol = 6,
        .time_to_live = 64,
        .payload_size = 4,
        .payload = "abcd",
    }, view);
    for (0..14 + ipv4.header_size_min) |size| {
        try std.testing.expectEqual(null, View.parseFrame(frame[0..size]));
    }
    var other = frame;
    other[12] = 0x86;
    try std.testing.expectEqual(null, View.parseFrame(&other));
}

test "what is not the start of a packet is refused" {
    try std.testing.expectError(error.Truncated, View.parse(&.{}));
    try std.testing.expectError(error.Malformed, View.parse(&.{ 0x60, 0 }));
    var fragment = test_packet;
    fragment[7] = 1;
    try std.testing.expectError(error.Fragment, View.parse(&fragment));
}
