//! Puts an IP packet of either version into an Ethernet frame.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const ethernet = @import("../src/wire/ethernet.zig");
const ipv4 = @import("../src/wire/ipv4.zig");
const ipv6 = @import("../src/wire/ipv6.zig");

/// In octets: a frame of the usual MTU, without a tag.
pub const frame_size_max = ethernet.header_size + 1500;

pub const Packet = struct {
    source_hardware: ethernet.HardwareAddress,
    destination_hardware: ethernet.HardwareAddress,
    /// Both of one family.
    source: Address,
    destination: Address,
    /// IANA protocol number of the payload.
    protocol: u8,
    time_to_live: u8,
    /// In octets.
    payload_size: usize,

    /// In octets: what comes before the payload.
    pub fn headerSize(packet: Packet) usize {
        return ethernet.header_size + ipHeaderSize(packet.source);
    }

    /// Writes the headers; the payload's place is what it returns.
    pub fn emit(packet: Packet, frame: []u8) []u8 {
        const header_size = packet.headerSize();
        const is_ipv4 = packet.source.isIpv4();
        const link: ethernet.Header = .{
            .destination = packet.destination_hardware,
            .source = packet.source_hardware,
            .type = if (is_ipv4) .ipv4 else .ipv6,
        };
        link.emit(frame);
        const ip_octets = frame[ethernet.header_size..header_size];
        if (is_ipv4) {
            const header: ipv4.Header = .{
                .source = packet.source,
                .destination = packet.destination,
                .protocol = packet.protocol,
                .payload_size = @intCast(packet.payload_size),
                .time_to_live = packet.time_to_live,
            };
            header.emit(ip_octets);
        } else {
            const header: ipv6.Header = .{
                .source = packet.source,
                .destination = packet.destination,
                .next_header = packet.protocol,
                .payload_size = @intCast(packet.payload_size),
                .hop_limit = packet.time_to_live,
            };
            header.emit(ip_octets);
        }
        return frame[header_size..][0..packet.payload_size];
    }
};

/// In octets, without options.
pub fn ipHeaderSize(address: Address) usize {
    return if (address.isIpv4()) ipv4.header_size_min else ipv6.header_size;
}
