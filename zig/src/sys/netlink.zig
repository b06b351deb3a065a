//! Dumps of the kernel's interfaces, addresses, routes and neighbours over rtnetlink
//! (rtnetlink(7)). No privilege is needed. Everything is written into the caller's slices.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const Address = @import("../wire/address.zig").Address;
const HardwareAddress = @import("../wire/ethernet.zig").HardwareAddress;

pub const Error = call.Error || error{NoSpaceLeft};

/// What a route does with a packet (RTN_* of linux/rtnetlink.h, folded to what a scanner asks).
pub const RouteKind = enum(u32) {
    /// Delivered on this host.
    local = 0,
    /// The destination is a neighbour.
    on_link = 1,
    /// Through `Route.gateway`.
    gateway = 2,
    /// Refused or dropped (unreachable, prohibit, blackhole, broadcast, ...).
    none = 3,
};

pub const Route = extern struct {
    destination: Address,
    gateway: Address,
    /// The route's preferred source; the unspecified address (::) when it has none.
    source: Address,
    /// In bits of the 128-bit address, so 96 more than the IPv4 text says.
    prefix_length: u32,
    kind: RouteKind,
    interface_index: u32,
    metric: u32,
};

pub const Interface = extern struct {
    /// NUL-terminated.
    name: [16]u8,
    index: u32,
    up: u32,
    mtu: u32,
    /// ARPHRD_*: 1 is Ethernet, 772 loopback, 65534 none.
    link_type: u32,
    hardware_address: HardwareAddress,
    _padding: [2]u8 = @splat(0),
};

/// One of this host's own addresses.
pub const LocalAddress = extern struct {
    address: Address,
    interface_index: u32,
    prefix_length: u32,
};

// linux/netlink.h, linux/rtnetlink.h, linux/neighbour.h, linux/if_addr.h, linux/if_link.h
const message_done = 3;
const message_error = 2;
const flag_request = 0x001;
const flag_dump = 0x300;
const get_link = 18;
const get_address = 22;
const get_route = 26;
const get_neighbor = 30;
/// Without NLA_F_NESTED and its like.
const attribute_type_mask = 0x3fff;
const table_default = 253;
const table_main = 254;
const table_local = 255;

const Header = extern struct { length: u32, type: u16, flags: u16, sequence: u32, port: u32 };
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
const RouteMessage = extern struct {
    family: u8,
    destination_length: u8,
    source_length: u8,
    tos: u8,
    table: u8,
    protocol: u8,
    scope: u8,
    type: u8,
    flags: u32,
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
        var entry: Interface = .{
            .name = @splat(0),
            .index = @intCast(message.head.index),
            .up = @intFromBool(message.head.flags & 1 != 0), // IFF_UP
            .mtu = 0,
            .link_type = message.head.type,
            .hardware_address = @splat(0),
        };
        var attributes = message.attributes();
        while (attributes.next()) |attribute| switch (attribute.type) {
            1 => if (attribute.value.len == 6) { // IFLA_ADDRESS
                entry.hardware_address = attribute.value[0..6].*;
            },
            3 => { // IFLA_IFNAME, at most IFNAMSIZ with its NUL
                const size = @min(attribute.value.len, entry.name.len - 1);
                @memcpy(entry.name[0..size], attribute.value[0..size]);
            },
            4 => entry.mtu = attribute.number(), // IFLA_MTU
            else => {},
        };
        if (count == found.len) return error.NoSpaceLeft;
        found[count] = entry;
        count += 1;
    }
    return found[0..count];
}

pub fn localAddresses(found: []LocalAddress) Error![]LocalAddress {
    var dump: Dump = undefined;
    try dump.start(get_address, linux.AF.UNSPEC, AddressMessage);
    defer dump.end();
    var count: usize = 0;
    while (try dump.next(AddressMessage)) |message| {
        var address: ?Address = null;
        var attributes = message.attributes();
        while (attributes.next()) |attribute| switch (attribute.type) {
            // IFA_LOCAL is the own end of a point-to-point link, where IFA_ADDRESS is the other.
            1 => address = address orelse attribute.address(),
            2 => address = attribute.address(),
            else => {},
        };
        if (count == found.len) return error.NoSpaceLeft;
        found[count] = .{
            .address = address orelse continue,
            .interface_index = message.head.index,
            .prefix_length = prefixLength(message.head.family, message.head.prefix_length),
        };
        count += 1;
    }
    return found[0..count];
}

/// The routes of the tables that an ordinary packet meets (local, main, default). IPv4 for now.
pub fn routes(found: []Route) Error![]Route {
    var dump: Dump = undefined;
    try dump.start(get_route, linux.AF.INET, RouteMessage);
    defer dump.end();
    var count: usize = 0;
    while (try dump.next(RouteMessage)) |message| {
        const head = message.head;
        var table: u32 = head.table;
        var route: Route = .{
            .destination = unspecified(head.family),
            .gateway = unspecified(linux.AF.INET6),
            .source = unspecified(linux.AF.INET6),
            .prefix_length = prefixLength(head.family, head.destination_length),
            .kind = undefined,
            .interface_index = 0,
            .metric = 0,
        };
        var has_gateway = false;
        var attributes = message.attributes();
        while (attributes.next()) |attribute| switch (attribute.type) {
            1 => route.destination = attribute.address() orelse route.destination, // RTA_DST
            4 => route.interface_index = attribute.number(), // RTA_OIF
            5 => if (attribute.address()) |gateway| { // RTA_GATEWAY
                route.gateway = gateway;
                has_gateway = true;
            },
            6 => route.metric = attribute.number(), // RTA_PRIORITY
            7 => route.source = attribute.address() orelse route.source, // RTA_PREFSRC
            9 => if (firstNextHop(attribute.value)) |hop| { // RTA_MULTIPATH
                route.interface_index = hop.interface_index;
                if (hop.gateway) |gateway| {
                    route.gateway = gateway;
                    has_gateway = true;
                }
            },
            15 => table = attribute.number(), // RTA_TABLE
            else => {},
        };
        if (table != table_local and table != table_main and table != table_default) continue;
        route.kind = switch (head.type) {
            1 => if (has_gateway) .gateway else .on_link, // RTN_UNICAST
            2 => .local, // RTN_LOCAL
            else => .none,
        };
        if (count == found.len) return error.NoSpaceLeft;
        found[count] = route;
        count += 1;
    }
    return found[0..count];
}

const NextHop = struct { interface_index: u32, gateway: ?Address };

/// The first of a multipath route's next hops (struct rtnexthop): one of several that serve
/// equally.
fn firstNextHop(value: []const u8) ?NextHop {
    const Head = extern struct { length: u16, flags: u8, hops: u8, interface_index: i32 };
    if (value.len < @sizeOf(Head)) return null;
    const head = std.mem.bytesToValue(Head, value[0..@sizeOf(Head)]);
    if (head.length < @sizeOf(Head) or head.length > value.len) return null;
    var hop: NextHop = .{ .interface_index = @intCast(head.interface_index), .gateway = null };
    var attributes: AttributeIterator = .{ .rest = value[@sizeOf(Head)..head.length] };
    while (attributes.next()) |attribute| {
        if (attribute.type == 5) hop.gateway = attribute.address(); // RTA_GATEWAY
    }
    return hop;
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

fn unspecified(family: u8) Address {
    return if (family == linux.AF.INET) Address.fromIpv4(@splat(0)) else .{ .octets = @splat(0) };
}

fn prefixLength(family: u8, length: u8) u32 {
    return if (family == linux.AF.INET) @as(u32, length) + 96 else length;
}

const Attribute = struct {
    type: u16,
    value: []const u8,

    fn number(attribute: Attribute) u32 {
        if (attribute.value.len < 4) return 0;
        return std.mem.readInt(u32, attribute.value[0..4], @import("builtin").cpu.arch.endian());
    }

    fn address(attribute: Attribute) ?Address {
        return switch (attribute.value.len) {
            4 => Address.fromIpv4(attribute.value[0..4].*),
            16 => .{ .octets = attribute.value[0..16].* },
            else => null,
        };
    }
};

const AttributeIterator = struct {
    rest: []const u8,

    fn next(iterator: *AttributeIterator) ?Attribute {
        if (iterator.rest.len < 4) return null;
        const endian = @import("builtin").cpu.arch.endian();
        const length = std.mem.readInt(u16, iterator.rest[0..2], endian);
        if (length < 4 or length > iterator.rest.len) return null;
        const attribute: Attribute = .{
            .type = std.mem.readInt(u16, iterator.rest[2..4], endian) & attribute_type_mask,
            .value = iterator.rest[4..length],
        };
        const size = std.mem.alignForward(usize, length, 4);
        iterator.rest = iterator.rest[@min(size, iterator.rest.len)..];
        return attribute;
    }
};

fn Message(comptime Head: type) type {
    return struct {
        head: Head,
        rest: []const u8,

        fn attributes(message: @This()) AttributeIterator {
            return .{ .rest = message.rest };
        }
    };
}

/// One dump request and its answer, message by message.
const Dump = struct {
    socket: linux.fd_t,
    buffer: [32 * 1024]u8 align(4),
    unread: []const u8,

    fn start(dump: *Dump, request: u16, family: u8, comptime Head: type) call.Error!void {
        const kind = linux.SOCK.RAW | linux.SOCK.CLOEXEC;
        dump.socket = try call.descriptor(linux.socket(linux.AF.NETLINK, kind, 0));
        errdefer dump.end();
        dump.unread = &.{};
        const Request = extern struct { header: Header, head: Head };
        var message = std.mem.zeroes(Request);
        message.header = .{
            .length = @sizeOf(Request),
            .type = request,
            .flags = flag_request | flag_dump,
            .sequence = 1,
            .port = 0,
        };
        message.head.family = family;
        const octets = std.mem.asBytes(&message);
        _ = try call.check(linux.sendto(dump.socket, octets, octets.len, 0, null, 0));
    }

    fn end(dump: *Dump) void {
        _ = linux.close(dump.socket);
    }

    fn next(dump: *Dump, comptime Head: type) call.Error!?Message(Head) {
        while (true) {
            if (dump.unread.len < @sizeOf(Header)) {
                const buffer = &dump.buffer;
                const received = linux.recvfrom(dump.socket, buffer, buffer.len, 0, null, null);
                const size = try call.check(received);
                dump.unread = buffer[0..size];
                if (size < @sizeOf(Header)) return null;
            }
            const header = std.mem.bytesToValue(Header, dump.unread[0..@sizeOf(Header)]);
            if (header.length < @sizeOf(Header) or header.length > dump.unread.len) return null;
            const body = dump.unread[@sizeOf(Header)..header.length];
            const size = std.mem.alignForward(usize, header.length, 4);
            dump.unread = dump.unread[@min(size, dump.unread.len)..];
            if (header.type == message_done) return null;
            if (header.type == message_error) {
                // The first field is the result of a call: 0, or a negative errno.
                if (body.len < @sizeOf(i32)) return null;
                const code = std.mem.bytesToValue(i32, body[0..@sizeOf(i32)]);
                _ = try call.check(@bitCast(@as(isize, code)));
                return null;
            }
            if (body.len < @sizeOf(Head)) continue;
            return .{
                .head = std.mem.bytesToValue(Head, body[0..@sizeOf(Head)]),
                .rest = body[@sizeOf(Head)..],
            };
        }
    }
};

test "the loopback interface, its address and its route are there" {
    var interface_buffer: [256]Interface = undefined;
    const found = try interfaces(&interface_buffer);
    const loopback = for (found) |entry| {
        if (entry.link_type == 772) break entry;
    } else return error.TestUnexpectedResult;
    try std.testing.expectEqualStrings("lo", std.mem.sliceTo(&loopback.name, 0));
    if (loopback.up == 0) return error.SkipZigTest;

    var route_buffer: [4096]Route = undefined;
    const loopback_route = for (try routes(&route_buffer)) |route| {
        const is_loopback = route.destination.eql(.fromIpv4(.{ 127, 0, 0, 0 }));
        if (is_loopback and route.kind == .local) break route;
    } else return error.TestUnexpectedResult;
    try std.testing.expectEqual(@as(u32, 96 + 8), loopback_route.prefix_length);

    var address_buffer: [256]LocalAddress = undefined;
    for (try localAddresses(&address_buffer)) |entry| {
        if (entry.address.eql(Address.fromIpv4(.{ 127, 0, 0, 1 }))) break;
    } else return error.TestUnexpectedResult;
}

test "what the kernel refuses is an error and not an empty list" {
    const no_request = 0xfff0;
    var dump: Dump = undefined;
    try dump.start(no_request, linux.AF.INET, RouteMessage);
    defer dump.end();
    try std.testing.expectError(error.SystemCall, dump.next(RouteMessage));
    try std.testing.expectEqual(linux.E.OPNOTSUPP, call.lastCode());
}
