//! Which way leads to an address: the routes that JavaScript has planned, as a table that is
//! searched once per probe.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const HardwareAddress = @import("wire/ethernet.zig").HardwareAddress;
const Hop = @import("hop.zig").Hop;
const Kind = @import("hop.zig").Kind;
const source_count_max = @import("cookie.zig").Question.source_count_max;

/// A hop as JavaScript describes it.
pub const HopConfig = extern struct {
    local_hardware: HardwareAddress,
    /// The gateway's; ignored for other kinds.
    next_hardware: HardwareAddress,
    interface_index: u32,
    /// The interface's, in octets of IP packets.
    mtu: u32,
    /// 0: no tag.
    vlan: u16,
    /// A `hop.Kind`. A link without header is `bare`, and no other is.
    kind: u16,
    /// The hop's part of all sources: at least one, of one family.
    source_start: u32,
    source_count: u32,

    /// The hop, which borrows its part of `sources`. InvalidArgument: a description that
    /// contradicts itself, or an MTU that is too small.
    pub fn hop(
        config: *const HopConfig,
        sources: []const Address,
        time_to_live: u8,
    ) error{InvalidArgument}!Hop {
        const count = config.source_count;
        const source_end = @as(u64, config.source_start) + count;
        if (count == 0 or count > source_count_max) return error.InvalidArgument;
        if (source_end > sources.len) return error.InvalidArgument;
        const own = sources[config.source_start..@intCast(source_end)];
        const is_ipv4 = own[0].isIpv4();
        for (own) |source| if (source.isIpv4() != is_ipv4) return error.InvalidArgument;

        const kind = std.enums.fromInt(Kind, config.kind) orelse return error.InvalidArgument;
        const vlan = std.math.cast(u12, config.vlan) orelse return error.InvalidArgument;
        // A tag is part of a link header, and the last number is reserved (IEEE 802.1Q, table 9-2).
        if (vlan != 0 and kind == .bare) return error.InvalidArgument;
        if (vlan == std.math.maxInt(u12)) return error.InvalidArgument;
        return .{
            .link = .{
                .interface_index = config.interface_index,
                .framing = if (kind == .bare) .none else .ethernet,
                .vlan = vlan,
                .local_hardware = config.local_hardware,
                .mtu = try Hop.usableMtu(config.mtu, is_ipv4),
            },
            .kind = kind,
            .next_hardware = config.next_hardware,
            .sources = own,
            .time_to_live = time_to_live,
        };
    }
};

/// The addresses from `first` to `last`, both included and of one family, and the index of their
/// hop.
pub const RouteInterval = extern struct {
    first: Address,
    last: Address,
    hop: u32,
    _padding: u32 = 0,

    /// In place of a hop: raw frames do not lead there, the kernel's sockets do.
    pub const by_kernel = std.math.maxInt(u32);
};

comptime {
    std.debug.assert(@sizeOf(HopConfig) == 32);
    std.debug.assert(@sizeOf(RouteInterval) == 40);
}

pub const Route = union(enum) {
    /// Index of the hop.
    hop: u16,
    kernel,
    none,
};

pub const HopTable = struct {
    ipv4: Map(u32),
    ipv6: Map(u128),

    const hop_count_max = 1 << 16;

    /// `routes` ascend and do not overlap; addresses in none of them have no route. Nothing is
    /// borrowed. InvalidArgument: routes that are not so, or that lead to a hop that is not there
    /// or of the other family.
    pub fn init(
        allocator: std.mem.Allocator,
        hops: []const Hop,
        routes: []const RouteInterval,
    ) error{ OutOfMemory, InvalidArgument }!HopTable {
        if (hops.len > hop_count_max) return error.InvalidArgument;
        var ipv4: Map(u32) = try .init(allocator, hops, routes);
        errdefer ipv4.deinit(allocator);
        return .{ .ipv4 = ipv4, .ipv6 = try .init(allocator, hops, routes) };
    }

    pub fn deinit(table: *HopTable, allocator: std.mem.Allocator) void {
        table.ipv4.deinit(allocator);
        table.ipv6.deinit(allocator);
        table.* = undefined;
    }

    pub inline fn find(table: *const HopTable, address: Address) Route {
        if (address.isIpv4()) return table.ipv4.find(std.mem.readInt(u32, &address.ipv4(), .big));
        return table.ipv6.find(address.toInt());
    }
};

/// The routes of one family: every address has one, from one start to the next.
fn Map(comptime Number: type) type {
    return struct {
        /// Ascending; the first is 0.
        starts: []const Number,
        routes: []const Route,

        const Self = @This();
        const is_ipv4 = Number == u32;

        fn init(
            allocator: std.mem.Allocator,
            hops: []const Hop,
            intervals: []const RouteInterval,
        ) error{ OutOfMemory, InvalidArgument }!Self {
            var starts: std.ArrayList(Number) = .empty;
            errdefer starts.deinit(allocator);
            var routes: std.ArrayList(Route) = .empty;
            errdefer routes.deinit(allocator);
            try starts.append(allocator, 0);
            try routes.append(allocator, .none);
            // Null once the last address has its route.
            var next: ?Number = 0;
            for (intervals) |interval| {
                if (interval.first.isIpv4() != interval.last.isIpv4()) return error.InvalidArgument;
                if (interval.first.isIpv4() != is_ipv4) continue;
                const first = number(interval.first);
                const last = number(interval.last);
                if (first > last or first < next orelse return error.InvalidArgument) {
                    return error.InvalidArgument;
                }
                const route = try routeOf(hops, interval.hop);
                try extend(allocator, &starts, &routes, first, route);
                next = std.math.add(Number, last, 1) catch null;
                if (next) |start| try extend(allocator, &starts, &routes, start, .none);
            }
            const own_starts = try starts.toOwnedSlice(allocator);
            errdefer allocator.free(own_starts);
            return .{ .starts = own_starts, .routes = try routes.toOwnedSlice(allocator) };
        }

        fn deinit(map: *Self, allocator: std.mem.Allocator) void {
            allocator.free(map.starts);
            allocator.free(map.routes);
        }

        /// From `start` on, `route` leads there. Neighbours with one route become one.
        fn extend(
            allocator: std.mem.Allocator,
            starts: *std.ArrayList(Number),
            routes: *std.ArrayList(Route),
            start: Number,
            route: Route,
        ) error{OutOfMemory}!void {
            if (starts.getLast() == start) {
                routes.items[routes.items.len - 1] = route;
            } else {
                try starts.append(allocator, start);
                try routes.append(allocator, route);
            }
            const count = routes.items.len;
            if (count < 2 or !std.meta.eql(routes.items[count - 2], route)) return;
            _ = starts.pop();
            _ = routes.pop();
        }

        fn routeOf(hops: []const Hop, index: u32) error{InvalidArgument}!Route {
            if (index == RouteInterval.by_kernel) return .kernel;
            if (index >= hops.len) return error.InvalidArgument;
            if (hops[index].isIpv4() != is_ipv4) return error.InvalidArgument;
            return .{ .hop = @intCast(index) };
        }

        fn number(address: Address) Number {
            return @truncate(address.toInt());
        }

        /// The last start that is not above `key`, without a branch that depends on it: addresses
        /// come in random order, and a wrong guess costs more than the search.
        inline fn find(map: *const Self, key: Number) Route {
            var base: usize = 0;
            var count = map.starts.len;
            while (count > 1) {
                const half = count / 2;
                base += if (map.starts[base + half] <= key) half else 0;
                count -= half;
            }
            return map.routes[base];
        }
    };
}

const test_sources = [_]Address{
    .fromIpv4(.{ 192, 0, 2, 1 }),
    .fromIpv4(.{ 192, 0, 2, 2 }),
    .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001),
};

const test_gateway: HopConfig = .{
    .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
    .next_hardware = .{ 2, 0, 0, 0, 0, 2 },
    .interface_index = 3,
    .mtu = 9000,
    .vlan = 100,
    .kind = 0,
    .source_start = 0,
    .source_count = 2,
};
const test_bare: HopConfig = blk: {
    var config = test_gateway;
    config.vlan = 0;
    config.kind = 2;
    config.mtu = 1420;
    config.source_start = 2;
    config.source_count = 1;
    break :blk config;
};

fn testInterval(first: u128, last: u128, hop: u32) RouteInterval {
    return .{ .first = .fromInt(first), .last = .fromInt(last), .hop = hop };
}

const test_mapped = Address.fromIpv4(@splat(0)).toInt();

const test_hops = [_]Hop{
    test_gateway.hop(&test_sources, 64) catch unreachable,
    test_gateway.hop(&test_sources, 64) catch unreachable,
    test_bare.hop(&test_sources, 255) catch unreachable,
};

test "hops are described whole" {
    try std.testing.expectEqualDeep(Hop{
        .link = .{
            .interface_index = 3,
            .framing = .ethernet,
            .vlan = 100,
            .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
            .mtu = 1500,
        },
        .kind = .gateway,
        .next_hardware = .{ 2, 0, 0, 0, 0, 2 },
        .sources = test_sources[0..2],
        .time_to_live = 64,
    }, test_hops[0]);
    try std.testing.expectEqualDeep(Hop{
        .link = .{
            .interface_index = 3,
            .framing = .none,
            .vlan = 0,
            .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
            .mtu = 1420,
        },
        .kind = .bare,
        .next_hardware = .{ 2, 0, 0, 0, 0, 2 },
        .sources = test_sources[2..],
        .time_to_live = 255,
    }, test_hops[2]);
}

test "routes: their ends, the gaps between them, both families" {
    const routes = [_]RouteInterval{
        testInterval(0, 9, RouteInterval.by_kernel),
        testInterval(10, 19, 2),
        testInterval(test_mapped + 5, test_mapped + 5, 1),
        testInterval(test_mapped + 10, test_mapped + 19, 0),
        testInterval(test_mapped + 20, test_mapped + 29, 0),
        testInterval(test_mapped + 30, test_mapped + 0xffff_ffff, RouteInterval.by_kernel),
        testInterval(1 << 127, std.math.maxInt(u128), 2),
    };
    var table: HopTable = try .init(std.testing.allocator, &test_hops, &routes);
    defer table.deinit(std.testing.allocator);
    // What has one route is one interval.
    try std.testing.expectEqual(5, table.ipv4.starts.len);
    const cases = [_]struct { u128, Route }{
        .{ 0, .kernel },                      .{ 9, .kernel },
        .{ 10, .{ .hop = 2 } },               .{ 19, .{ .hop = 2 } },
        .{ 20, .none },                       .{ test_mapped - 1, .none },
        .{ test_mapped, .none },              .{ test_mapped + 4, .none },
        .{ test_mapped + 5, .{ .hop = 1 } },  .{ test_mapped + 6, .none },
        .{ test_mapped + 9, .none },          .{ test_mapped + 10, .{ .hop = 0 } },
        .{ test_mapped + 20, .{ .hop = 0 } }, .{ test_mapped + 29, .{ .hop = 0 } },
        .{ test_mapped + 30, .kernel },       .{ test_mapped + 0xffff_ffff, .kernel },
        .{ test_mapped + (1 << 32), .none },  .{ (1 << 127) - 1, .none },
        .{ 1 << 127, .{ .hop = 2 } },         .{ std.math.maxInt(u128), .{ .hop = 2 } },
    };
    for (cases) |case| try std.testing.expectEqual(case[1], table.find(.fromInt(case[0])));
}

test "however many routes there are, the search finds what a look at each finds" {
    var random = std.Random.DefaultPrng.init(1);
    for (0..40) |count| {
        var routes: [40]RouteInterval = undefined;
        var start: u128 = test_mapped;
        for (routes[0..count]) |*route| {
            start += random.random().uintLessThan(u8, 4);
            const last = start + random.random().uintLessThan(u8, 4);
            route.* = testInterval(start, last, random.random().uintLessThan(u8, 3));
            start = last + 1;
        }
        const hops: [3]Hop = @splat(test_hops[0]);
        const all = routes[0..count];
        var table: HopTable = try .init(std.testing.allocator, &hops, all);
        defer table.deinit(std.testing.allocator);
        for (0..300) |offset| {
            const address: Address = .fromInt(test_mapped + offset);
            var expected: Route = .none;
            for (all) |route| {
                const is_inside = route.first.toInt() <= address.toInt() and
                    address.toInt() <= route.last.toInt();
                if (is_inside) expected = .{ .hop = @intCast(route.hop) };
            }
            try std.testing.expectEqual(expected, table.find(address));
        }
    }
}

test "one route for a whole family needs no search" {
    const whole = testInterval(test_mapped, test_mapped + 0xffff_ffff, 0);
    var table: HopTable = try .init(std.testing.allocator, &test_hops, &.{whole});
    defer table.deinit(std.testing.allocator);
    try std.testing.expectEqual(1, table.ipv4.starts.len);
    try std.testing.expectEqual(Route{ .hop = 0 }, table.find(test_sources[1]));
}

test "descriptions that contradict themselves are refused" {
    const Wrong = struct { field: []const u8, value: u32 };
    inline for ([_]Wrong{
        .{ .field = "mtu", .value = 575 },
        .{ .field = "vlan", .value = 4095 },
        .{ .field = "vlan", .value = 4096 },
        .{ .field = "kind", .value = 2 },
        .{ .field = "kind", .value = 3 },
        .{ .field = "source_start", .value = 1 },
        .{ .field = "source_start", .value = 2 },
        .{ .field = "source_start", .value = std.math.maxInt(u32) },
        .{ .field = "source_count", .value = 0 },
        .{ .field = "source_count", .value = 3 },
    }) |wrong| {
        var config = test_gateway;
        @field(config, wrong.field) = @intCast(wrong.value);
        try std.testing.expectError(error.InvalidArgument, config.hop(&test_sources, 64));
    }
}

test "routes that overlap, or lead to a hop of the other family, are refused" {
    const wrong = [_][]const RouteInterval{
        &.{testInterval(test_mapped, test_mapped + 1, 3)},
        &.{testInterval(test_mapped, test_mapped + 1, 2)},
        &.{testInterval(1, 2, 0)},
        &.{testInterval(2, 1, 2)},
        &.{testInterval(0, test_mapped, 2)},
        &.{ testInterval(1, 5, 2), testInterval(5, 6, 2) },
        &.{ testInterval(10, 20, 2), testInterval(1, 5, 2) },
        &.{
            testInterval(test_mapped, test_mapped + 0xffff_ffff, 0),
            testInterval(test_mapped + 0xffff_ffff, test_mapped + 0xffff_ffff, 0),
        },
    };
    for (wrong) |routes| {
        const table = HopTable.init(std.testing.allocator, &test_hops, routes);
        try std.testing.expectError(error.InvalidArgument, table);
    }
}
