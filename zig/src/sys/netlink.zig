//! The kernel's interfaces, addresses, routes, policy rules and neighbours (rtnetlink(7)). No
//! privilege is needed. Everything is written into the caller's slices.

const std = @import("std");
const linux = std.os.linux;
const netlink_dump = @import("netlink_dump.zig");
const routing_tables = @import("routing_tables.zig");
const Address = @import("../wire/address.zig").Address;
const Dump = netlink_dump.Dump;
const HardwareAddress = @import("../wire/ethernet.zig").HardwareAddress;

pub const Error = netlink_dump.Error;
pub const Route = routing_tables.Route;
pub const RouteKind = routing_tables.RouteKind;
pub const Rule = routing_tables.Rule;
pub const RuleAction = routing_tables.RuleAction;
pub const RuleConditions = routing_tables.RuleConditions;
pub const routes = routing_tables.routes;
pub const rules = routing_tables.rules;

pub const Interface = extern struct {
    /// NUL-terminated.
    name: [16]u8,
    index: u32,
    up: u32,
    /// Whether the other end is there: a cable with somebody at it.
    has_carrier: u32,
    /// Whether neighbours have link addresses that can be asked for (no IFF_NOARP).
    resolves_neighbors: u32,
    is_point_to_point: u32,
    mtu: u32,
    /// ARPHRD_*: 1 is Ethernet, 772 loopback, 65534 none.
    link_type: u32,
    hardware_address: HardwareAddress,
    _padding: [6]u8 = @splat(0),
    frames_received: u64,
    /// On arrival, for want of room or of anybody who wanted them.
    receive_drops: u64,
    frames_sent: u64,
    /// Frames that did not leave: errors and drops.
    send_failures: u64,
};

/// One of this host's own addresses.
pub const LocalAddress = extern struct {
    address: Address,
    interface_index: u32,
    /// In bits of the 128-bit address, so 96 more than the IPv4 text says.
    prefix_length: u32,
    /// RT_SCOPE_* of linux/rtnetlink.h: 0 is the world, 253 the link, 254 this host.
    scope: u32,
    /// Not known to be this host's alone: duplicate address detection (RFC 4862, 5.4) is under way
    /// or has failed.
    is_tentative: u32,
    /// Not for new connections (RFC 4862, 5.5.4).
    is_deprecated: u32,
    /// Made up for privacy, replaced every day (RFC 8981).
    is_temporary: u32,
};

// linux/rtnetlink.h, linux/neighbour.h, linux/if_addr.h, linux/if_link.h
const get_link = 18;
const get_address = 22;
const get_neighbor = 30;

const LinkMessage = extern struct {
    family: u8,
    _padding: u8,
    type: u16,
    index: i32,
    flags: u32,
    change: u32,
};
const AddressMessage = extern struct {
    family: u8,
    prefix_length: u8,
    flags: u8,
    scope: u8,
    index: u32,
};
const NeighborMessage = extern struct {
    family: u8,
    _padding: [3]u8,
    index: i32,
    state: u16,
    flags: u8,
    type: u8,
};

pub fn interfaces(found: []Interface) Error![]Interface {
    var dump: Dump = undefined;
    try dump.start(get_link, linux.AF.UNSPEC, LinkMessage);
    defer dump.end();
    var count: usize = 0;
    while (try dump.next(LinkMessage)) |message| {
        if (count == found.len) return error.NoSpaceLeft;
        found[count] = interface(message);
        count += 1;
    }
    return found[0..count];
}

fn interface(message: netlink_dump.Message(LinkMessage)) Interface {
    const flags = message.head.flags;
    var entry = std.mem.zeroes(Interface);
    entry.index = @intCast(message.head.index);
    entry.up = @intFromBool(flags & 0x1 != 0); // IFF_UP
    entry.has_carrier = @intFromBool(flags & 0x1_0000 != 0); // IFF_LOWER_UP
    entry.resolves_neighbors = @intFromBool(flags & 0x80 == 0); // IFF_NOARP
    entry.is_point_to_point = @intFromBool(flags & 0x10 != 0); // IFF_POINTOPOINT
    entry.link_type = message.head.type;
    var attributes = message.attributes();
    while (attributes.next()) |attribute| switch (attribute.type) {
        1 => if (attribute.value.len == 6) { // IFLA_ADDRESS
            entry.hardware_address = attribute.value[0..6].*;
        },
        // IFLA_IFNAME, at most IFNAMSIZ with its NUL
        3 => netlink_dump.copyName(&entry.name, attribute.value),
        4 => entry.mtu = attribute.number(), // IFLA_MTU
        23 => takeCounters(&entry, attribute.value), // IFLA_STATS64
        else => {},
    };
    return entry;
}

/// Takes what is wanted of struct rtnl_link_stats64.
fn takeCounters(entry: *Interface, value: []const u8) void {
    const Counters = extern struct {
        received: u64,
        sent: u64,
        octets_received: u64,
        octets_sent: u64,
        receive_errors: u64,
        send_errors: u64,
        receive_drops: u64,
        send_drops: u64,
        multicast: u64,
        collisions: u64,
        /// Kinds of receive errors: length, overrun, checksum, alignment, queue.
        receive_error_kinds: [5]u64,
        /// Frames that the device had no room for.
        receive_misses: u64,
    };
    if (value.len < @sizeOf(Counters)) return;
    const counters = std.mem.bytesToValue(Counters, value[0..@sizeOf(Counters)]);
    entry.frames_received = counters.received;
    entry.receive_drops = counters.receive_drops +| counters.receive_misses;
    entry.frames_sent = counters.sent;
    entry.send_failures = counters.send_errors +| counters.send_drops;
}

pub fn localAddresses(found: []LocalAddress) Error![]LocalAddress {
    var dump: Dump = undefined;
    try dump.start(get_address, linux.AF.UNSPEC, AddressMessage);
    defer dump.end();
    var count: usize = 0;
    while (try dump.next(AddressMessage)) |message| {
        const entry = localAddress(message) orelse continue;
        if (count == found.len) return error.NoSpaceLeft;
        found[count] = entry;
        count += 1;
    }
    return found[0..count];
}

fn localAddress(message: netlink_dump.Message(AddressMessage)) ?LocalAddress {
    const head = message.head;
    var address: ?Address = null;
    var flags: u32 = head.flags;
    var attributes = message.attributes();
    while (attributes.next()) |attribute| switch (attribute.type) {
        // IFA_LOCAL is the own end of a point-to-point link, where IFA_ADDRESS is the other.
        1 => address = address orelse attribute.address(),
        2 => address = attribute.address(),
        8 => flags = attribute.number(), // IFA_FLAGS: all of them, where the head has eight bits
        else => {},
    };
    return .{
        .address = address orelse return null,
        .interface_index = head.index,
        .prefix_length = netlink_dump.prefixLength(head.family, head.prefix_length),
        .scope = head.scope,
        // IFA_F_TENTATIVE, unless IFA_F_OPTIMISTIC; IFA_F_DADFAILED
        .is_tentative = @intFromBool(flags & 0x44 == 0x40 or flags & 0x08 != 0),
        .is_deprecated = @intFromBool(flags & 0x20 != 0), // IFA_F_DEPRECATED
        // IFA_F_TEMPORARY, which is IFA_F_SECONDARY where the family is IPv4
        .is_temporary = @intFromBool(flags & 0x01 != 0 and head.family == linux.AF.INET6),
    };
}

/// The link address that the kernel already knows for a neighbour, if it is usable.
pub fn neighbor(interface_index: u32, address: Address) Error!?HardwareAddress {
    var dump: Dump = undefined;
    const family: u8 = if (address.isIpv4()) linux.AF.INET else linux.AF.INET6;
    try dump.start(get_neighbor, family, NeighborMessage);
    defer dump.end();
    var known: ?HardwareAddress = null;
    while (try dump.next(NeighborMessage)) |message| {
        // NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_NOARP | NUD_PERMANENT
        const usable = message.head.state & (0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80) != 0;
        if (!usable or message.head.index != interface_index) continue;
        var matches = false;
        var hardware_address: ?HardwareAddress = null;
        var attributes = message.attributes();
        while (attributes.next()) |attribute| switch (attribute.type) {
            1 => if (attribute.address()) |it| { // NDA_DST
                matches = it.eql(address);
            },
            2 => if (attribute.value.len == 6) { // NDA_LLADDR
                hardware_address = attribute.value[0..6].*;
            },
            else => {},
        };
        if (matches and hardware_address != null) known = hardware_address;
    }
    return known;
}

test "the loopback interface and its address are there" {
    var interface_buffer: [256]Interface = undefined;
    const found = try interfaces(&interface_buffer);
    const loopback = for (found) |entry| {
        if (entry.link_type == 772) break entry;
    } else return error.TestUnexpectedResult;
    try std.testing.expectEqualStrings("lo", std.mem.sliceTo(&loopback.name, 0));
    if (loopback.up == 0) return error.SkipZigTest;
    try std.testing.expectEqual(@as(u32, 1), loopback.has_carrier);

    var address_buffer: [256]LocalAddress = undefined;
    const address = for (try localAddresses(&address_buffer)) |entry| {
        if (entry.address.eql(Address.fromIpv4(.{ 127, 0, 0, 1 }))) break entry;
    } else return error.TestUnexpectedResult;
    try std.testing.expectEqual(@as(u32, 96 + 8), address.prefix_length);
    try std.testing.expectEqual(@as(u32, 254), address.scope);
}

test "an interface's message, as the kernel writes it" {
    var octets: [8 + 4 + 4 + 128 + 4]u8 = @splat(0);
    octets[0..12].* = .{ 9, 0, 3, 0, 't', 'u', 'n', '0', 0, 0, 0, 0 };
    octets[12..16].* = .{ 132, 0, 23, 0 };
    for (0..16) |index| octets[16 + 8 * index] = @intCast(index + 1);
    // An attribute that claims more than there is ends the list.
    octets[144..148].* = .{ 40, 0, 4, 0 };
    const found = interface(.{
        .head = .{
            .family = 0,
            ._padding = 0,
            .type = 65534,
            .index = 7,
            .flags = 0x1_0000 | 0x80 | 0x10 | 0x1,
            .change = 0,
        },
        .rest = &octets,
    });
    try std.testing.expectEqualStrings("tun0", std.mem.sliceTo(&found.name, 0));
    const yes: u32 = 1;
    try std.testing.expectEqual(yes, found.up);
    try std.testing.expectEqual(yes, found.has_carrier);
    try std.testing.expectEqual(yes, found.is_point_to_point);
    try std.testing.expectEqual(@as(u32, 0), found.resolves_neighbors);
    try std.testing.expectEqual(@as(u32, 0), found.mtu);
    try std.testing.expectEqual(@as(u64, 1), found.frames_received);
    try std.testing.expectEqual(@as(u64, 2), found.frames_sent);
    try std.testing.expectEqual(@as(u64, 7 + 16), found.receive_drops);
    try std.testing.expectEqual(@as(u64, 6 + 8), found.send_failures);
}

test "flags of an IPv6 address, which do not all fit its head" {
    const head: AddressMessage = .{
        .family = linux.AF.INET6,
        .prefix_length = 64,
        .flags = 0x80,
        .scope = 253,
        .index = 3,
    };
    const address = [_]u8{ 20, 0, 1, 0 } ++ [_]u8{ 0xfe, 0x80 } ++ [_]u8{0} ** 13 ++ [_]u8{1};
    const tentative = localAddress(.{
        .head = head,
        .rest = &(address ++ [_]u8{ 8, 0, 8, 0, 0x61, 0, 0, 0 }),
    }).?;
    try std.testing.expectEqual(@as(u32, 1), tentative.is_tentative);
    try std.testing.expectEqual(@as(u32, 1), tentative.is_deprecated);
    try std.testing.expectEqual(@as(u32, 1), tentative.is_temporary);
    try std.testing.expectEqual(@as(u32, 253), tentative.scope);
    const optimistic = localAddress(.{
        .head = head,
        .rest = &(address ++ [_]u8{ 8, 0, 8, 0, 0x44, 0, 0, 0 }),
    }).?;
    try std.testing.expectEqual(@as(u32, 0), optimistic.is_tentative);
    try std.testing.expectEqual(null, localAddress(.{ .head = head, .rest = &.{} }));
}
