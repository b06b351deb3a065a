//! The kernel's routing tables and the policy rules that choose among them, both families
//! (rtnetlink(7), ip-route(8), ip-rule(8)).

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const netlink_dump = @import("netlink_dump.zig");
const Address = @import("../wire/address.zig").Address;
const Dump = netlink_dump.Dump;
const Error = netlink_dump.Error;
const native_endian = @import("builtin").cpu.arch.endian();

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
    /// The search in this table ends, the next rule is asked (RTN_THROW).
    pass = 4,
};

/// One way of one route: a route over several next hops is as many entries in a row.
pub const Route = extern struct {
    destination: Address,
    /// Of either family, whichever the destination is of (RFC 8950).
    gateway: Address,
    /// The route's preferred source; the unspecified address (::) when it has none.
    source: Address,
    /// Only packets from these addresses take the route.
    from: Address,
    // Both in bits of the 128-bit address, so 96 more than the IPv4 text says.
    prefix_length: u32,
    from_prefix_length: u32,
    kind: RouteKind,
    interface_index: u32,
    metric: u32,
    table: u32,
    /// The interface has no carrier.
    is_link_down: u32,
    _padding: u32 = 0,
};

/// What a rule that matches does (FR_ACT_* of linux/fib_rules.h).
pub const RuleAction = enum(u32) {
    /// Looks the destination up in `Rule.table`.
    look_up = 0,
    /// Refuses or drops the packet.
    refuse = 1,
    /// Nothing: the next rule is asked.
    pass = 2,
};

/// Whether what a rule asks besides addresses and the outgoing interface is true of a TCP packet
/// that a socket of this process would send, without mark or type of service.
pub const RuleConditions = enum(u32) {
    met = 0,
    failed = 1,
    /// It depends on more, ports for instance, or the rule jumps.
    unknown = 2,
};

pub const Rule = extern struct {
    from: Address,
    to: Address,
    // Both in bits of the 128-bit address, so 96 more than the IPv4 text says.
    from_prefix_length: u32,
    to_prefix_length: u32,
    /// 4 or 6.
    family: u32,
    /// The lowest is asked first.
    priority: u32,
    table: u32,
    action: RuleAction,
    conditions: RuleConditions,
    /// The rule matches what its conditions do not.
    is_inverted: u32,
    /// Shorter routes of the table do not count, in bits of the 128-bit address.
    route_prefix_length_min: u32,
    _padding: u32 = 0,
    /// The outgoing interface that a socket must be bound to, NUL-terminated; empty: any or none.
    interface_name: [16]u8,
};

// linux/rtnetlink.h
const get_route = 26;
const get_rule = 34;
const table_default = 253;
const table_main = 254;
const table_local = 255;
const route_is_cached = 0x200; // RTM_F_CLONED
const next_hop_is_dead = 1; // RTNH_F_DEAD
const next_hop_is_link_down = 16; // RTNH_F_LINKDOWN

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

/// struct fib_rule_hdr
const RuleMessage = extern struct {
    family: u8,
    destination_length: u8,
    source_length: u8,
    tos: u8,
    table: u8,
    _padding: [2]u8,
    action: u8,
    flags: u32,
};

/// The routes of all tables, each table's in the kernel's order. Routes over next hops that are
/// dead, and those for one type of service only, are left out.
pub fn routes(found: []Route) Error![]Route {
    var count: usize = 0;
    for ([_]u8{ linux.AF.INET, linux.AF.INET6 }) |family| {
        var dump: Dump = undefined;
        try dump.start(get_route, family, RouteMessage);
        defer dump.end();
        while (try dump.next(RouteMessage)) |message| {
            // A kernel without the family answers for all the others.
            if (message.head.family != family) continue;
            count += try writeRoute(message, found[count..]);
        }
    }
    return found[0..count];
}

/// Writes a route's entries and returns their number.
fn writeRoute(
    message: netlink_dump.Message(RouteMessage),
    found: []Route,
) error{NoSpaceLeft}!usize {
    const head = message.head;
    if (head.flags & route_is_cached != 0 or head.tos != 0) return 0;
    var route: Route = .{
        .destination = netlink_dump.unspecified(head.family),
        .gateway = netlink_dump.unspecified(linux.AF.INET6),
        .source = netlink_dump.unspecified(linux.AF.INET6),
        .from = netlink_dump.unspecified(head.family),
        .prefix_length = netlink_dump.prefixLength(head.family, head.destination_length),
        .from_prefix_length = netlink_dump.prefixLength(head.family, head.source_length),
        .kind = switch (head.type) {
            1 => .on_link, // RTN_UNICAST
            2 => .local, // RTN_LOCAL
            9 => .pass, // RTN_THROW
            else => .none,
        },
        .interface_index = 0,
        .metric = 0,
        .table = head.table,
        .is_link_down = 0,
    };
    var way: NextHop = .{ .flags = head.flags, .interface_index = 0, .gateway = null };
    var ways: []const u8 = &.{};
    var attributes = message.attributes();
    while (attributes.next()) |attribute| switch (attribute.type) {
        1 => route.destination = attribute.address() orelse route.destination, // RTA_DST
        2 => route.from = attribute.address() orelse route.from, // RTA_SRC
        4 => way.interface_index = attribute.number(), // RTA_OIF
        6 => route.metric = attribute.number(), // RTA_PRIORITY
        7 => route.source = attribute.address() orelse route.source, // RTA_PREFSRC
        9 => ways = attribute.value, // RTA_MULTIPATH
        15 => route.table = attribute.number(), // RTA_TABLE
        else => way.gateway = gatewayOf(attribute) orelse way.gateway,
    };
    if (ways.len == 0) return write(route, way, found);
    var iterator: NextHopIterator = .{ .rest = ways };
    var count: usize = 0;
    while (iterator.next()) |next| count += try write(route, next, found[count..]);
    return count;
}

fn write(route: Route, way: NextHop, found: []Route) error{NoSpaceLeft}!usize {
    if (way.flags & next_hop_is_dead != 0) return 0;
    if (found.len == 0) return error.NoSpaceLeft;
    found[0] = route;
    found[0].interface_index = way.interface_index;
    found[0].is_link_down = @intFromBool(way.flags & next_hop_is_link_down != 0);
    if (way.gateway) |gateway| {
        found[0].gateway = gateway;
        if (route.kind == .on_link) found[0].kind = .gateway;
    }
    return 1;
}

const NextHop = struct { flags: u32, interface_index: u32, gateway: ?Address };

fn gatewayOf(attribute: netlink_dump.Attribute) ?Address {
    return switch (attribute.type) {
        5 => attribute.address(), // RTA_GATEWAY
        // RTA_VIA: struct rtvia, two octets of address family before the address
        18 => if (attribute.value.len < 2) null else (netlink_dump.Attribute{
            .type = attribute.type,
            .value = attribute.value[2..],
        }).address(),
        else => null,
    };
}

/// The next hops of a multipath route: struct rtnexthop, each with attributes of its own.
const NextHopIterator = struct {
    rest: []const u8,

    fn next(iterator: *NextHopIterator) ?NextHop {
        const Head = extern struct { length: u16, flags: u8, hops: u8, interface_index: i32 };
        const rest = iterator.rest;
        if (rest.len < @sizeOf(Head)) return null;
        const head = std.mem.bytesToValue(Head, rest[0..@sizeOf(Head)]);
        if (head.length < @sizeOf(Head) or head.length > rest.len) return null;
        var hop: NextHop = .{
            .flags = head.flags,
            .interface_index = @bitCast(head.interface_index),
            .gateway = null,
        };
        var attributes: netlink_dump.AttributeIterator = .{
            .rest = rest[@sizeOf(Head)..head.length],
        };
        while (attributes.next()) |attribute| hop.gateway = gatewayOf(attribute) orelse hop.gateway;
        iterator.rest = rest[@min(std.mem.alignForward(usize, head.length, 4), rest.len)..];
        return hop;
    }
};

/// The rules of both families in the order in which they are asked.
pub fn rules(found: []Rule) Error![]Rule {
    var dump: Dump = undefined;
    try dump.start(get_rule, linux.AF.UNSPEC, RuleMessage);
    defer dump.end();
    var count: usize = 0;
    while (true) {
        const message = dump.next(RuleMessage) catch |err| {
            // A kernel without policy routing (CONFIG_IP_MULTIPLE_TABLES).
            if (err == error.SystemCall and call.lastCode() == .OPNOTSUPP) break;
            return err;
        } orelse break;
        const family = message.head.family;
        if (family != linux.AF.INET and family != linux.AF.INET6) continue;
        if (count == found.len) return error.NoSpaceLeft;
        found[count] = ruleOf(message);
        count += 1;
    }
    if (count > 0) return found[0..count];
    const fixed = fixedRules();
    if (found.len < fixed.len) return error.NoSpaceLeft;
    @memcpy(found[0..fixed.len], &fixed);
    return found[0..fixed.len];
}

/// What the kernel does without rules: the tables in their fixed order (fib_lookup of
/// include/net/ip_fib.h).
fn fixedRules() [6]Rule {
    var fixed: [6]Rule = undefined;
    for (&fixed, 0..) |*rule, index| {
        const family: u8 = if (index < 3) linux.AF.INET else linux.AF.INET6;
        const tables = [_]u8{ table_local, table_main, table_default };
        rule.* = ruleOf(.{ .head = .{
            .family = family,
            .destination_length = 0,
            .source_length = 0,
            .tos = 0,
            .table = tables[index % 3],
            ._padding = @splat(0),
            .action = 1,
            .flags = 0,
        }, .rest = &.{} });
        rule.priority = @intCast(index % 3);
    }
    return fixed;
}

fn ruleOf(message: netlink_dump.Message(RuleMessage)) Rule {
    const head = message.head;
    var rule: Rule = .{
        .from = netlink_dump.unspecified(head.family),
        .to = netlink_dump.unspecified(head.family),
        .from_prefix_length = netlink_dump.prefixLength(head.family, head.source_length),
        .to_prefix_length = netlink_dump.prefixLength(head.family, head.destination_length),
        .family = if (head.family == linux.AF.INET) 4 else 6,
        .priority = 0,
        .table = head.table,
        .action = switch (head.action) {
            1 => .look_up, // FR_ACT_TO_TBL
            2, 3 => .pass, // FR_ACT_GOTO, FR_ACT_NOP
            else => .refuse,
        },
        .conditions = .met,
        .is_inverted = @intFromBool(head.flags & 0x2 != 0), // FIB_RULE_INVERT
        .route_prefix_length_min = netlink_dump.prefixLength(head.family, 0),
        .interface_name = @splat(0),
    };
    var conditions: Conditions = .{};
    conditions.require(head.tos == 0);
    if (head.action == 2) conditions.is_unknown = true; // FR_ACT_GOTO
    var mark: u32 = 0;
    var mark_mask: ?u32 = null;
    var attributes = message.attributes();
    while (attributes.next()) |attribute| switch (attribute.type) {
        1 => rule.to = attribute.address() orelse rule.to, // FRA_DST
        2 => rule.from = attribute.address() orelse rule.from, // FRA_SRC
        // FRA_IIFNAME: packets of this host come in through its loopback.
        3 => conditions.require(std.mem.eql(u8, std.mem.sliceTo(attribute.value, 0), "lo")),
        6 => rule.priority = attribute.number(), // FRA_PRIORITY
        10 => mark = attribute.number(), // FRA_FWMARK
        16 => mark_mask = attribute.number(), // FRA_FWMASK
        // FRA_SUPPRESS_PREFIXLEN: all ones when nothing is suppressed.
        14 => rule.route_prefix_length_min +|= attribute.number() +% 1,
        15 => rule.table = attribute.number(), // FRA_TABLE
        17 => netlink_dump.copyName(&rule.interface_name, attribute.value), // FRA_OIFNAME
        19, 12 => conditions.require(false), // FRA_L3MDEV, FRA_TUN_ID
        20 => conditions.require(includesUser(attribute.value)), // FRA_UID_RANGE
        // FRA_IP_PROTO
        22 => conditions.require(std.mem.eql(u8, attribute.value, &.{linux.IPPROTO.TCP})),
        // FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_DSCP and what is younger
        23...31 => conditions.is_unknown = true,
        else => {},
    };
    // A rule without a mask names the whole mark (fib_nl2rule of net/core/fib_rules.c).
    const mask: u32 = mark_mask orelse if (mark != 0) 0xffff_ffff else 0;
    conditions.require(mark & mask == 0);
    rule.conditions = conditions.result();
    return rule;
}

/// All of them must be true; one that is false settles it.
const Conditions = struct {
    have_failed: bool = false,
    is_unknown: bool = false,

    fn require(conditions: *Conditions, is_true: bool) void {
        if (!is_true) conditions.have_failed = true;
    }

    fn result(conditions: Conditions) RuleConditions {
        if (conditions.have_failed) return .failed;
        return if (conditions.is_unknown) .unknown else .met;
    }
};

/// Whether this process runs as one of the users in a struct fib_rule_uid_range.
fn includesUser(value: []const u8) bool {
    if (value.len < 8) return false;
    const user = linux.geteuid();
    return std.mem.readInt(u32, value[0..4], native_endian) <= user and
        user <= std.mem.readInt(u32, value[4..8], native_endian);
}

test "the loopback's route is there, and so are rules" {
    var route_buffer: [4096]Route = undefined;
    const loopback = for (try routes(&route_buffer)) |route| {
        const is_loopback = route.destination.eql(.fromIpv4(.{ 127, 0, 0, 0 }));
        if (is_loopback and route.kind == .local) break route;
    } else return error.SkipZigTest;
    try std.testing.expectEqual(@as(u32, 96 + 8), loopback.prefix_length);
    try std.testing.expectEqual(@as(u32, table_local), loopback.table);

    var rule_buffer: [1024]Rule = undefined;
    for (try rules(&rule_buffer)) |rule| {
        if (rule.table == table_main and rule.family == 4) break;
    } else return error.TestUnexpectedResult;
}

const test_route: RouteMessage = .{
    .family = linux.AF.INET,
    .destination_length = 24,
    .source_length = 0,
    .tos = 0,
    .table = table_main,
    .protocol = 3,
    .scope = 0,
    .type = 1,
    .flags = 0,
};

test "a route over several next hops is one entry for each that lives" {
    const octets = [_]u8{ 8, 0, 1, 0, 192, 0, 2, 0 } ++ // RTA_DST
        [_]u8{ 60, 0, 9, 0 } ++ // RTA_MULTIPATH
        [_]u8{ 16, 0, 0, 0, 2, 0, 0, 0, 8, 0, 5, 0, 10, 0, 0, 1 } ++
        [_]u8{ 8, 0, next_hop_is_dead, 0, 3, 0, 0, 0 } ++
        [_]u8{ 8, 0, next_hop_is_link_down, 0, 4, 0, 0, 0 } ++
        // Through an IPv6 router, whose address is two octets further on.
        [_]u8{ 24, 0, 0, 0, 5, 0, 0, 0, 16, 0, 18, 0, 10, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0 };
    var found: [4]Route = undefined;
    const message: netlink_dump.Message(RouteMessage) = .{ .head = test_route, .rest = &octets };
    try std.testing.expectEqual(@as(usize, 3), try writeRoute(message, &found));
    for (found[0..3]) |route| {
        try std.testing.expect(route.destination.eql(.fromIpv4(.{ 192, 0, 2, 0 })));
        try std.testing.expectEqual(@as(u32, 96 + 24), route.prefix_length);
    }
    try std.testing.expectEqual(RouteKind.gateway, found[0].kind);
    try std.testing.expect(found[0].gateway.eql(.fromIpv4(.{ 10, 0, 0, 1 })));
    try std.testing.expectEqual(RouteKind.on_link, found[1].kind);
    try std.testing.expectEqual(@as(u32, 1), found[1].is_link_down);
    // Eight octets of an address are no address.
    try std.testing.expectEqual(RouteKind.on_link, found[2].kind);
    try std.testing.expectError(error.NoSpaceLeft, writeRoute(message, found[0..1]));
}

test "an IPv4 route through an IPv6 router" {
    const router = [_]u8{ 0xfe, 0x80 } ++ [_]u8{0} ** 13 ++ [_]u8{1};
    const octets = [_]u8{ 8, 0, 1, 0, 192, 0, 2, 0 } ++
        [_]u8{ 8, 0, 4, 0, 7, 0, 0, 0 } ++ // RTA_OIF
        [_]u8{ 22, 0, 18, 0, linux.AF.INET6, 0 } ++ router ++ [_]u8{ 0, 0 } ++
        [_]u8{ 8, 0, 15, 0, 0x39, 0x30, 0, 0 }; // RTA_TABLE
    var found: [1]Route = undefined;
    const message: netlink_dump.Message(RouteMessage) = .{ .head = test_route, .rest = &octets };
    try std.testing.expectEqual(@as(usize, 1), try writeRoute(message, &found));
    try std.testing.expectEqual(RouteKind.gateway, found[0].kind);
    try std.testing.expectEqual(router, found[0].gateway.octets);
    try std.testing.expectEqual(@as(u32, 7), found[0].interface_index);
    try std.testing.expectEqual(@as(u32, 12345), found[0].table);
}

test "routes that no packet of ours takes are left out" {
    var found: [1]Route = undefined;
    var head = test_route;
    head.flags = route_is_cached;
    try std.testing.expectEqual(0, try writeRoute(.{ .head = head, .rest = &.{} }, &found));
    head.flags = next_hop_is_dead;
    try std.testing.expectEqual(0, try writeRoute(.{ .head = head, .rest = &.{} }, &found));
    head.flags = 0;
    head.tos = 0x10;
    try std.testing.expectEqual(0, try writeRoute(.{ .head = head, .rest = &.{} }, &found));
}

fn conditionsOf(rest: []const u8) RuleConditions {
    return ruleOf(.{ .head = .{
        .family = linux.AF.INET,
        .destination_length = 0,
        .source_length = 0,
        .tos = 0,
        .table = table_main,
        ._padding = @splat(0),
        .action = 1,
        .flags = 0,
    }, .rest = rest }).conditions;
}

test "what a rule asks besides addresses" {
    const expectEqual = std.testing.expectEqual;
    try expectEqual(.met, conditionsOf(&.{}));
    try expectEqual(.met, conditionsOf(&.{ 7, 0, 3, 0, 'l', 'o', 0, 0 }));
    try expectEqual(.failed, conditionsOf(&.{ 9, 0, 3, 0, 'e', 't', 'h', '0', 0, 0, 0, 0 }));
    // A mark that unmarked packets lack, one whose bits are masked away, and none.
    try expectEqual(.failed, conditionsOf(&.{ 8, 0, 10, 0, 1, 0, 0, 0 }));
    try expectEqual(.met, conditionsOf(&.{ 8, 0, 10, 0, 1, 0, 0, 0, 8, 0, 16, 0, 2, 0, 0, 0 }));
    try expectEqual(.met, conditionsOf(&.{ 8, 0, 16, 0, 0xff, 0, 0, 0 }));
    try expectEqual(.met, conditionsOf(&.{ 5, 0, 22, 0, 6, 0, 0, 0 }));
    try expectEqual(.failed, conditionsOf(&.{ 5, 0, 22, 0, 17, 0, 0, 0 }));
    try expectEqual(.failed, conditionsOf(&.{ 5, 0, 19, 0, 1, 0, 0, 0 }));
    try expectEqual(.unknown, conditionsOf(&.{ 8, 0, 24, 0, 80, 0, 80, 0 }));
    try expectEqual(
        .failed,
        conditionsOf(&.{ 8, 0, 24, 0, 80, 0, 80, 0, 8, 0, 10, 0, 1, 0, 0, 0 }),
    );
    var users: [12]u8 = .{ 12, 0, 20, 0 } ++ .{0} ** 4 ++ .{0xff} ** 4;
    try expectEqual(.met, conditionsOf(&users));
    std.mem.writeInt(u32, users[4..8], linux.geteuid() +| 1, native_endian);
    try expectEqual(.failed, conditionsOf(&users));
}

test "the rules of wg-quick(8)" {
    const head: RuleMessage = .{
        .family = linux.AF.INET6,
        .destination_length = 0,
        .source_length = 0,
        .tos = 0,
        .table = table_main,
        ._padding = @splat(0),
        .action = 1,
        .flags = 0,
    };
    const all_ones = [_]u8{0xff} ** 4;
    var suppressing = [_]u8{ 8, 0, 14, 0, 0, 0, 0, 0, 8, 0, 6, 0, 0xfc, 0x7f, 0, 0 };
    const first = ruleOf(.{ .head = head, .rest = &suppressing });
    try std.testing.expectEqual(@as(u32, 1), first.route_prefix_length_min);
    try std.testing.expectEqual(@as(u32, 0x7ffc), first.priority);
    suppressing[4..8].* = all_ones;
    const plain = ruleOf(.{ .head = head, .rest = &suppressing });
    try std.testing.expectEqual(@as(u32, 0), plain.route_prefix_length_min);

    var inverted = head;
    inverted.flags = 0x2;
    const second = ruleOf(.{ .head = inverted, .rest = &.{ 8, 0, 10, 0, 0x6c, 0xca, 0, 0 } });
    try std.testing.expectEqual(RuleConditions.failed, second.conditions);
    try std.testing.expectEqual(@as(u32, 1), second.is_inverted);
}

test "without policy routing the tables have a fixed order" {
    for (fixedRules(), 0..) |rule, index| {
        try std.testing.expectEqual(@as(u32, if (index < 3) 4 else 6), rule.family);
        try std.testing.expectEqual(@as(u32, @intCast(255 - index % 3)), rule.table);
        try std.testing.expectEqual(RuleConditions.met, rule.conditions);
    }
}
