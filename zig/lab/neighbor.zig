//! Who is on the scanner's link: the gateway, and the hosts of prefixes that are on the link. They
//! answer ARP (RFC 826) and neighbor solicitations (RFC 4861).

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const arp = @import("../src/wire/arp.zig");
const ethernet = @import("../src/wire/ethernet.zig");
const HardwareAddress = ethernet.HardwareAddress;
const icmpv6 = @import("../src/wire/icmpv6.zig");
const ip = @import("../src/wire/ip.zig");
const ndp = @import("../src/wire/ndp.zig");
const gateway = @import("gateway.zig");
const Host = @import("host.zig").Host;
const Packet = @import("packet.zig").Packet;
const World = @import("world.zig").World;

/// The hardware address that frames to a host go to and frames from it come from.
pub fn hardwareOf(host: Host) HardwareAddress {
    return if (host.prefix().on_link) host.hardwareAddress() else gateway.hardware;
}

/// What stays on the link whatever its sender wants: multicast (ff02::/16, RFC 4291, 2.7.1) and
/// neighbor discovery.
pub fn isLinkLocal(packet: ip.View) bool {
    if (packet.destination.isIpv4()) return false;
    if (std.mem.startsWith(u8, &packet.destination.octets, &.{ 0xff, 0x02 })) return true;
    if (packet.protocol != icmpv6.protocol) return false;
    _ = ndp.View.init(packet) catch return false;
    return true;
}

/// The frame that answers an ARP request; null when nobody does. The VLAN is the request's.
pub fn answerArp(world: *const World, vlan: u12, request: ethernet.View, frame: []u8) ?[]const u8 {
    const asked: arp.Packet = .parse(arp.View.init(request.payload()) catch return null);
    if (asked.operation != .request) return null;
    const hardware = ownerOf(world, vlan, asked.target) orelse return null;
    const header: ethernet.Header = .{
        .destination = asked.sender_hardware,
        .source = hardware,
        .type = .arp,
    };
    const reply: arp.Packet = .{
        .operation = .reply,
        .sender_hardware = hardware,
        .sender = asked.target,
        .target_hardware = asked.sender_hardware,
        .target = asked.sender,
    };
    header.emit(frame);
    reply.emit(frame[ethernet.header_size..]);
    return frame[0 .. ethernet.header_size + arp.packet_size];
}

/// The frame that answers a neighbor solicitation; null for other packets, and when nobody does.
pub fn answerSolicitation(
    world: *const World,
    vlan: u12,
    link: ethernet.View,
    received: ip.View,
    frame: []u8,
) ?[]const u8 {
    if (received.protocol != icmpv6.protocol) return null;
    const solicitation = ndp.View.init(received) catch return null;
    if (solicitation.kind != .solicitation) return null;
    const target = solicitation.target();
    // Mapped, it would be taken for an address that ARP is asked for.
    if (target.isIpv4()) return null;
    const hardware = ownerOf(world, vlan, target) orelse return null;
    // From the unspecified address: somebody asks whether the address is free (RFC 4862, 5.4.3).
    // Nobody on the lab's link is given one that a host has.
    if (received.source.toInt() == 0) return null;
    const advertisement: ndp.Message = .{
        .kind = .advertisement,
        .flags = .{ .solicited = true, .override = true, .router = target.eql(gateway.ipv6) },
        .target = target,
        .hardware = hardware,
    };
    const place: Packet = .{
        .source_hardware = hardware,
        .destination_hardware = link.source(),
        .source = target,
        .destination = received.source,
        .protocol = icmpv6.protocol,
        .time_to_live = ndp.hop_limit,
        .payload_size = advertisement.size(),
    };
    advertisement.emit(place.emit(frame), place.source, place.destination);
    return frame[0 .. place.headerSize() + place.payload_size];
}

fn ownerOf(world: *const World, vlan: u12, address: Address) ?HardwareAddress {
    if (address.eql(gateway.addressFor(address))) return gateway.hardware;
    const prefix_index = world.prefixIndexOf(address) orelse return null;
    const host: Host = .at(world, prefix_index, address);
    const is_there = host.prefix().on_link and host.prefix().vlan == vlan and host.exists();
    return if (is_there) host.hardwareAddress() else null;
}

const test_world: World = .{ .prefixes = &.{
    .{
        .first = .fromIpv4(.{ 192, 0, 2, 0 }),
        .last = .fromIpv4(.{ 192, 0, 2, 255 }),
        .length = 24,
        .on_link = true,
        .vlan = 7,
    },
    .{
        .first = .fromIpv4(.{ 198, 51, 100, 0 }),
        .last = .fromIpv4(.{ 198, 51, 100, 255 }),
        .length = 24,
    },
} };

fn askFor(address: Address, vlan: u12) ?HardwareAddress {
    const asker: HardwareAddress = .{ 2, 0, 0, 0, 0, 9 };
    const header: ethernet.Header = .{
        .destination = ethernet.broadcast,
        .source = asker,
        .type = .arp,
    };
    const request: arp.Packet = .{
        .operation = .request,
        .sender_hardware = asker,
        .sender = .fromIpv4(.{ 10, 99, 0, 1 }),
        .target = address,
    };
    var asked: [64]u8 = undefined;
    header.emit(&asked);
    request.emit(asked[ethernet.header_size..]);
    var frame: [64]u8 = undefined;
    const link = ethernet.View.init(&asked) catch unreachable;
    const octets = answerArp(&test_world, vlan, link, &frame) orelse return null;
    const reply_link = ethernet.View.init(octets) catch unreachable;
    const reply: arp.Packet = .parse(arp.View.init(reply_link.payload()) catch unreachable);
    std.debug.assert(reply.operation == .reply and reply.sender.eql(address));
    std.debug.assert(std.mem.eql(u8, &reply_link.destination(), &asker));
    return reply.sender_hardware;
}

fn solicit(target: Address) !?HardwareAddress {
    const asker: HardwareAddress = .{ 2, 0, 0, 0, 0, 9 };
    const solicitation: ndp.Message = .{
        .kind = .solicitation,
        .target = target,
        .hardware = asker,
    };
    const place: Packet = .{
        .source_hardware = asker,
        .destination_hardware = ethernet.broadcast,
        .source = .fromInt(0xfd99 << 112 | 1),
        .destination = ndp.solicitedNode(target),
        .protocol = icmpv6.protocol,
        .time_to_live = ndp.hop_limit,
        .payload_size = solicitation.size(),
    };
    var asked: [128]u8 = undefined;
    solicitation.emit(place.emit(&asked), place.source, place.destination);
    const link: ethernet.View = try .init(asked[0 .. place.headerSize() + place.payload_size]);
    const received: ip.View = try .parse(link.payload());
    var frame: [128]u8 = undefined;
    const octets = answerSolicitation(&test_world, 0, link, received, &frame) orelse return null;
    const reply_link: ethernet.View = try .init(octets);
    const reply: ndp.View = try .init(try .parse(reply_link.payload()));
    try std.testing.expect(reply.target().eql(target));
    return reply.hardware();
}

test "a solicitation is answered for IPv6, and never for a mapped address" {
    try std.testing.expectEqual(gateway.hardware, try solicit(gateway.ipv6));
    try std.testing.expectEqual(null, try solicit(.fromInt(0x2001_0db8 << 96)));
    try std.testing.expectEqual(null, try solicit(gateway.ipv4));
}

test "the gateway answers in every VLAN, a neighbour in its own, and a routed host never" {
    try std.testing.expectEqual(gateway.hardware, askFor(gateway.ipv4, 0));
    try std.testing.expectEqual(gateway.hardware, askFor(gateway.ipv4, 7));
    const neighbor: Address = .fromIpv4(.{ 192, 0, 2, 5 });
    const hardware = Host.at(&test_world, 0, neighbor).hardwareAddress();
    try std.testing.expectEqual(hardware, askFor(neighbor, 7));
    try std.testing.expectEqual(null, askFor(neighbor, 0));
    try std.testing.expectEqual(null, askFor(.fromIpv4(.{ 198, 51, 100, 5 }), 0));
    try std.testing.expectEqual(null, askFor(.fromIpv4(.{ 203, 0, 113, 5 }), 0));
}
