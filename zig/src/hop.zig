//! Where frames leave from and to whom they are handed first: a link, what stands at its other end,
//! and the addresses of ours that probes come from.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const ethernet = @import("wire/ethernet.zig");
const ipv4 = @import("wire/ipv4.zig");
const ipv6 = @import("wire/ipv6.zig");
const tcp = @import("wire/tcp.zig");

/// As a Linux host sends it (net.ipv4.ip_default_ttl, net.ipv6.conf.all.hop_limit).
const time_to_live_default = 64;

/// In octets, of IPv4 packets: what every host takes (RFC 791, 3.1), and what leaves room for the
/// segments that every TCP takes (RFC 9293, 3.7.1).
const mtu_min_ipv4 = 576;
/// In octets, of IP packets: what gets through the Internet. A link that could carry more is used
/// as if it could not, so that frames of ours have a known largest size.
pub const mtu_max = 1500;

/// In octets: the largest link header of ours.
pub const link_header_size_max = ethernet.header_size + ethernet.tag_size;

/// What stands in front of a link's IP packets.
pub const Framing = enum {
    ethernet,
    /// Nothing: tun, WireGuard.
    none,
};

/// One of this host's interfaces, as its frames are written.
pub const Link = struct {
    interface_index: u32,
    framing: Framing,
    /// The VLAN whose tag every frame gets; 0: no tag (IEEE 802.1Q, table 9-2).
    vlan: u12,
    local_hardware: ethernet.HardwareAddress,
    /// In octets, of IP packets.
    mtu: u16,

    /// In octets, tag included.
    pub fn headerSize(link: Link) usize {
        if (link.framing == .none) return 0;
        return ethernet.header_size + if (link.vlan == 0) 0 else @as(usize, ethernet.tag_size);
    }

    /// Writes the link header of a frame to `destination`; returns its size in octets.
    pub fn emitHeader(
        link: Link,
        destination: ethernet.HardwareAddress,
        ether_type: ethernet.EtherType,
        buffer: []u8,
    ) usize {
        if (link.framing == .none) return 0;
        const header: ethernet.Header = .{
            .destination = destination,
            .source = link.local_hardware,
            .type = ether_type,
        };
        if (link.vlan == 0) header.emit(buffer) else header.emitTagged(link.vlan, buffer);
        return link.headerSize();
    }
};

/// Who takes a frame first.
pub const Kind = enum(u32) {
    /// A router, whatever the destination is.
    gateway = 0,
    /// The destination itself, a neighbour on the link.
    on_link = 1,
    /// Whatever stands at the other end of a link without addresses of its own.
    bare = 2,
};

/// From this host to whoever takes its frames first, for destinations of one family.
pub const Hop = struct {
    link: Link,
    kind: Kind,
    /// The gateway's; nobody's where frames go to neighbours or need no address.
    next_hardware: ethernet.HardwareAddress,
    /// What probes come from, all of one family; borrowed, and never empty.
    sources: []const Address,
    time_to_live: u8 = time_to_live_default,

    pub fn isIpv4(hop: Hop) bool {
        return hop.sources[0].isIpv4();
    }

    /// What to use of an interface's MTU. InvalidArgument: too small for TCP over IPv4, or less
    /// than what IPv6 demands of every link (RFC 8200, 5).
    pub fn usableMtu(interface_mtu: u32, is_ipv4: bool) error{InvalidArgument}!u16 {
        const mtu_min: u32 = if (is_ipv4) mtu_min_ipv4 else ipv6.packet_size_every_link;
        if (interface_mtu < mtu_min) return error.InvalidArgument;
        return @intCast(@min(interface_mtu, mtu_max));
    }

    /// In octets of payload: the largest segment that fits, as our SYNs say it.
    pub fn segmentSizeMax(hop: Hop) u16 {
        return hop.link.mtu - packetHeaderSize(hop.isIpv4()) - tcp.header_size_min;
    }

    /// The octets of a frame that carries `segment_size` octets of TCP.
    pub fn frameSize(hop: Hop, segment_size: usize) usize {
        return hop.link.headerSize() + packetHeaderSize(hop.isIpv4()) + segment_size;
    }

    /// Writes the link and IP headers of a packet with `segment_size` octets of TCP into `buffer`;
    /// returns their size in octets.
    pub fn emitHeaders(
        hop: Hop,
        local: Address,
        remote: Address,
        hardware: ethernet.HardwareAddress,
        segment_size: u16,
        buffer: []u8,
    ) usize {
        std.debug.assert(local.isIpv4() == hop.isIpv4());
        const ether_type: ethernet.EtherType = if (hop.isIpv4()) .ipv4 else .ipv6;
        const packet_offset = hop.link.emitHeader(hardware, ether_type, buffer);
        const packet = buffer[packet_offset..];
        if (hop.isIpv4()) {
            const header: ipv4.Header = .{
                .source = local,
                .destination = remote,
                .protocol = tcp.protocol,
                .payload_size = segment_size,
                .time_to_live = hop.time_to_live,
            };
            header.emit(packet);
        } else {
            const header: ipv6.Header = .{
                .source = local,
                .destination = remote,
                .next_header = tcp.protocol,
                .payload_size = segment_size,
                .hop_limit = hop.time_to_live,
            };
            header.emit(packet);
        }
        return packet_offset + packetHeaderSize(hop.isIpv4());
    }

    /// Writes the whole frame of a segment from `local`, one of ours, to `remote` into `buffer`;
    /// returns its size in octets. `hardware` is who takes it first: `next_hardware`, or the
    /// neighbour; a link without addresses ignores it.
    pub fn emit(
        hop: Hop,
        local: Address,
        remote: Address,
        hardware: ethernet.HardwareAddress,
        segment: tcp.Segment,
        buffer: []u8,
    ) usize {
        const segment_size: u16 = @intCast(segment.size());
        const offset = hop.emitHeaders(local, remote, hardware, segment_size, buffer);
        segment.emit(buffer[offset..], local, remote);
        return offset + segment_size;
    }
};

/// In octets.
pub fn packetHeaderSize(is_ipv4: bool) u16 {
    return if (is_ipv4) ipv4.header_size_min else ipv6.header_size;
}

const test_hardware: ethernet.HardwareAddress = .{ 2, 0, 0, 0, 0, 2 };
const test_link: Link = .{
    .interface_index = 1,
    .framing = .ethernet,
    .vlan = 0,
    .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
    .mtu = 1500,
};
const test_reset: tcp.Segment = .{
    .source_port = 49152,
    .destination_port = 443,
    .sequence = .fromInt(0x12345678),
    .acknowledgment = .fromInt(0),
    .flags = .{ .reset = true },
    .window = 0,
};
const test_ether = [_]u8{ 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };

test "a frame over IPv4, tagged, octet by octet" {
    const local: Address = .fromIpv4(.{ 192, 0, 2, 1 });
    var hop: Hop = .{
        .link = test_link,
        .kind = .gateway,
        .next_hardware = test_hardware,
        .sources = &.{local},
        .time_to_live = 255,
    };
    hop.link.vlan = 100;
    const expected = test_ether ++ [_]u8{
        0x81, 0x00, 0x00, 0x64, 0x08, 0x00, // tag, type
        0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, // five words, 40 octets, whole
        0xff, 0x06, 0x8f, 0x93, // time to live, TCP, checksum
        192,  0,    2,    1,
        198,  51,   100,  7,
        0xc0, 0x00, 0x01, 0xbb, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, // ports, sequence
        0x50, 0x04, 0x00, 0x00, 0x99, 0x3c, 0x00, 0x00, // five words, RST, checksum
    };
    var buffer: [128]u8 = @splat(0xee);
    const remote: Address = .fromIpv4(.{ 198, 51, 100, 7 });
    const size = hop.emit(local, remote, hop.next_hardware, test_reset, &buffer);
    try std.testing.expectEqualSlices(u8, &expected, buffer[0..size]);
    try std.testing.expectEqual(0xee, buffer[size]);
    try std.testing.expectEqual(size, hop.frameSize(test_reset.size()));
    try std.testing.expectEqual(1460, hop.segmentSizeMax());
}

test "a frame over IPv6, and the same packet on a link without header" {
    const local: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001);
    const remote: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0002);
    var hop: Hop = .{
        .link = test_link,
        .kind = .on_link,
        .next_hardware = @splat(0),
        .sources = &.{local},
    };
    const packet = [_]u8{
        0x60, 0, 0, 0, 0x00, 0x14, 0x06, 0x40, // 20 octets, TCP, hop limit 64
        0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, //
        0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, //
        0xc0, 0x00, 0x01, 0xbb, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, // ports, sequence
        0x50, 0x04, 0x00, 0x00, 0x2a, 0x04, 0x00, 0x00, // five words, RST, checksum
    };
    var buffer: [128]u8 = undefined;
    const size = hop.emit(local, remote, test_hardware, test_reset, &buffer);
    const expected = test_ether ++ [_]u8{ 0x86, 0xdd } ++ packet;
    try std.testing.expectEqualSlices(u8, &expected, buffer[0..size]);
    try std.testing.expectEqual(size, hop.frameSize(test_reset.size()));
    try std.testing.expectEqual(1440, hop.segmentSizeMax());

    hop.link.framing = .none;
    const bare_size = hop.emit(local, remote, test_hardware, test_reset, &buffer);
    try std.testing.expectEqualSlices(u8, &packet, buffer[0..bare_size]);
    try std.testing.expectEqual(bare_size, hop.frameSize(test_reset.size()));
}

test "of an interface's MTU no more is used than frames of ours may have" {
    for ([_]bool{ true, false }) |is_ipv4| {
        try std.testing.expectEqual(1500, Hop.usableMtu(1500, is_ipv4));
        try std.testing.expectEqual(1400, Hop.usableMtu(1400, is_ipv4));
        for ([_]u32{ 9000, 65536, std.math.maxInt(u32) }) |large| {
            try std.testing.expectEqual(mtu_max, Hop.usableMtu(large, is_ipv4));
        }
        for ([_]u32{ 0, 39, 575 }) |small| {
            try std.testing.expectError(error.InvalidArgument, Hop.usableMtu(small, is_ipv4));
        }
    }
    try std.testing.expectEqual(576, Hop.usableMtu(576, true));
    try std.testing.expectError(error.InvalidArgument, Hop.usableMtu(1279, false));
}
