//! Where frames leave from, to whom they are handed first, and what marks them as ours.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const ethernet = @import("wire/ethernet.zig");
const ipv4 = @import("wire/ipv4.zig");
const tcp = @import("wire/tcp.zig");

/// As a Linux host sends it (net.ipv4.ip_default_ttl).
pub const time_to_live = 64;

/// The source ports that probes leave from: each is guarded, and the cookie picks one per target.
pub const PortWindow = struct {
    first: u16,
    count: u16,

    pub fn contains(window: PortWindow, port: u16) bool {
        return port >= window.first and port - window.first < window.count;
    }
};

/// The path of frames: where they leave from and to whom they are handed first.
pub const Path = struct {
    local: Address,
    local_hardware: ethernet.HardwareAddress,
    gateway_hardware: ethernet.HardwareAddress,
    /// In octets, of IP packets.
    mtu: u32,

    pub fn segmentSizeMax(path: Path) u16 {
        return @intCast(path.mtu - ipv4.header_size_min - tcp.header_size_min);
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
