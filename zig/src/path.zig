//! Where frames leave from, to whom they are handed first, and what marks them as ours.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const ethernet = @import("wire/ethernet.zig");
const ipv4 = @import("wire/ipv4.zig");
const tcp = @import("wire/tcp.zig");

/// As a Linux host sends it (net.ipv4.ip_default_ttl).
pub const time_to_live = 64;

/// In octets, of IP packets: what every host takes (RFC 791, 3.1), and what leaves room for the
/// segments that every TCP takes (RFC 9293, 3.7.1).
const mtu_min = 576;
/// In octets, of IP packets: what gets through the Internet. A link that could carry more is used
/// as if it could not, so that frames of ours have a known largest size.
pub const mtu_max = 1500;

/// The source ports that probes leave from: each is guarded, and the cookie picks one per target.
pub const PortWindow = struct {
    first: u16,
    count: u16,

    /// InvalidArgument: no port, port 0, or ports above 65535.
    pub fn init(first: u16, count: u16) error{InvalidArgument}!PortWindow {
        const is_valid = first > 0 and count > 0 and count - 1 <= std.math.maxInt(u16) - first;
        return if (is_valid) .{ .first = first, .count = count } else error.InvalidArgument;
    }

    /// The last port of the window.
    pub fn last(window: PortWindow) u16 {
        return window.first + (window.count - 1);
    }

    pub fn contains(window: PortWindow, port: u16) bool {
        return port >= window.first and port - window.first < window.count;
    }
};

/// From this host's interface to the first hop.
pub const Path = struct {
    local: Address,
    local_hardware: ethernet.HardwareAddress,
    gateway_hardware: ethernet.HardwareAddress,
    /// In octets, of IP packets.
    mtu: u16,

    /// What to use of an interface's MTU. InvalidArgument: too small for TCP over IPv4.
    pub fn usableMtu(interface_mtu: u32) error{InvalidArgument}!u16 {
        if (interface_mtu < mtu_min) return error.InvalidArgument;
        return @intCast(@min(interface_mtu, mtu_max));
    }

    /// In octets of payload: the largest segment that fits, as our SYNs say it.
    pub fn segmentSizeMax(path: Path) u16 {
        return path.mtu - ipv4.header_size_min - tcp.header_size_min;
    }

    /// The octets of an Ethernet frame that carries `segment_size` octets of TCP.
    pub fn frameSize(path: Path, segment_size: usize) usize {
        std.debug.assert(path.local.isIpv4());
        return ethernet.header_size + ipv4.header_size_min + segment_size;
    }

    /// Writes the whole frame of a segment into `buffer`; returns its size in octets.
    pub fn emit(path: Path, remote: Address, segment: tcp.Segment, buffer: []u8) usize {
        const header: ethernet.Header = .{
            .destination = path.gateway_hardware,
            .source = path.local_hardware,
            .type = .ipv4,
        };
        header.emit(buffer);
        const packet: ipv4.Header = .{
            .source = path.local,
            .destination = remote,
            .protocol = tcp.protocol,
            .payload_size = @intCast(segment.size()),
            .time_to_live = time_to_live,
        };
        packet.emit(buffer[ethernet.header_size..]);
        segment.emit(buffer[ethernet.header_size + ipv4.header_size_min ..], path.local, remote);
        return path.frameSize(segment.size());
    }
};

test "a window of ports holds its ends, up to the last port there is" {
    const window: PortWindow = try .init(65520, 16);
    try std.testing.expectEqual(65535, window.last());
    try std.testing.expect(window.contains(65520));
    try std.testing.expect(window.contains(65535));
    try std.testing.expect(!window.contains(65519));
    try std.testing.expect(!(try PortWindow.init(40000, 1)).contains(40001));
    for ([_][2]u16{ .{ 65520, 17 }, .{ 40000, 0 }, .{ 0, 1 }, .{ 65535, 65535 } }) |wrong| {
        try std.testing.expectError(error.InvalidArgument, PortWindow.init(wrong[0], wrong[1]));
    }
}

test "of an interface's MTU no more is used than frames of ours may have" {
    try std.testing.expectEqual(1500, Path.usableMtu(1500));
    try std.testing.expectEqual(1400, Path.usableMtu(1400));
    for ([_]u32{ 9000, 65536, std.math.maxInt(u32) }) |large| {
        try std.testing.expectEqual(mtu_max, Path.usableMtu(large));
    }
    for ([_]u32{ 0, 39, 575 }) |small| {
        try std.testing.expectError(error.InvalidArgument, Path.usableMtu(small));
    }
}
