//! Segments at random, from nonsense to what almost fits, against every behavior and a service that
//! says anything.

const std = @import("std");
const Address = @import("../../src/wire/address.zig").Address;
const tcp = @import("../../src/wire/tcp.zig");
const Host = @import("../host.zig").Host;
const Route = @import("../route.zig").Route;
const service = @import("../service.zig");
const tcp_server = @import("../tcp_server.zig");
const share_all = @import("../weighted.zig").share_all;
const world_types = @import("../world.zig");
const Behavior = world_types.Behavior;
const Weighted = @import("../weighted.zig").Weighted;

const segment_count = 300_000;
const host_count = 64;
const client_port_count = 4;

/// What a client has learned of a connection from the host's last segment.
const Seen = struct {
    sequence: tcp.SequenceNumber = .fromInt(0),
    sequence_count: u32 = 0,
    acknowledgment: tcp.SequenceNumber = .fromInt(0),
};

const static: [20_000]u8 = @splat('s');

const Environment = struct {
    world: *const world_types.World,
    random: std.Random,
    seen: [2][host_count][client_port_count]Seen = @splat(@splat(@splat(.{}))),
    given_count: u64 = 0,
    released_count: u64 = 0,
    sent_count: u64 = 0,
    data_count: u64 = 0,

    pub fn transmit(environment: *Environment, to: Route, segment: tcp.Segment) void {
        environment.sent_count += 1;
        environment.data_count += @intFromBool(segment.payload.len > 0);
        std.debug.assert(segment.size() + 20 <= to_mtu);
        const place = placeOf(to.host);
        const port = segment.destination_port;
        environment.seen[place[0]][place[1]][port] = .{
            .sequence = segment.sequence,
            .sequence_count = segment.sequenceCount(),
            .acknowledgment = segment.acknowledgment,
        };
    }

    pub fn hostOf(environment: *Environment, route: Route) Host {
        return .at(environment.world, route.prefix_index, route.host);
    }

    pub fn greet(environment: *Environment, _: Host, _: u16) service.Answer {
        if (environment.random.boolean()) return .{ .response = environment.respond(0) };
        return .{ .response = environment.respond(20) };
    }

    pub fn answer(
        environment: *Environment,
        host: Host,
        _: u16,
        _: u64,
        conversation: *service.Conversation,
        request: []const u8,
    ) service.Answer {
        const random = environment.random;
        if (random.boolean()) {
            conversation.* = .{ .retried = .{ .suite = 1, .first_hello_hash = @splat(1) } };
        }
        // Some never have enough.
        const is_greedy = host.address.octets[15] % 4 == 0;
        if (is_greedy or random.uintLessThan(u8, 4) == 0) {
            return .{ .response = environment.respond(0) };
        }
        return .{
            .consumed = random.uintAtMost(usize, request.len),
            .response = environment.respond(random.uintLessThan(usize, 20_000)),
            .after = random.enumValue(service.After),
        };
    }

    pub fn release(environment: *Environment, response: *service.Response) void {
        environment.released_count += 1;
        if (response.owned) |owned| std.testing.allocator.free(owned);
        response.owned = null;
    }

    fn respond(environment: *Environment, size: usize) service.Response {
        environment.given_count += 1;
        var response: service.Response = .{ .pieces = .{ static[0 .. size / 2], "end" } };
        if (size == 0) response.pieces[1] = "";
        response.head.size = @intCast(@min(size, 30));
        response.is_endless = size > 19_000;
        if (environment.random.boolean()) {
            response.owned = std.testing.allocator.alloc(u8, size) catch unreachable;
        }
        return response;
    }
};

const to_mtu = 1500;
const ipv4_first: Address = .fromIpv4(.{ 198, 51, 100, 0 });
const ipv6_first: Address = .fromInt(0x2001_0db8 << 96);

/// The prefix, and the host's place in it.
fn placeOf(address: Address) [2]usize {
    const is_ipv4 = address.isIpv4();
    const first = if (is_ipv4) ipv4_first else ipv6_first;
    return .{ @intFromBool(!is_ipv4), @intCast(address.toInt() - first.toInt()) };
}

fn evenly(comptime Value: type) Weighted(Value) {
    const values = std.enums.values(Value);
    var options: [values.len]Weighted(Value).Option = undefined;
    for (&options, values) |*option, value| {
        option.* = .{ .value = value, .share = share_all / values.len };
    }
    options[0].share += share_all % values.len;
    const constant = options;
    return .{ .options = &constant };
}

fn randomSegment(
    random: std.Random,
    seen: Seen,
    is_patient: bool,
    buffer: *[2000]u8,
) tcp.Segment {
    const small = random.intRangeAtMost(i32, -3, 3);
    const is_far = random.uintLessThan(u8, 8) == 0;
    const noise: u32 = if (random.uintLessThan(u8, 3) > 0)
        0
    else if (is_far)
        random.int(u32) >> random.int(u5)
    else
        @bitCast(small);
    const ahead = random.uintAtMost(u32, seen.sequence_count);
    var flags: tcp.Flags = .{ .acknowledge = true };
    switch (random.uintLessThan(u16, if (is_patient) 400 else 40)) {
        0...5 => flags = .{ .synchronize = true },
        6...8 => flags.finish = true,
        9 => flags.reset = true,
        10 => flags = @bitCast(random.int(u8)),
        else => {},
    }
    const size: usize = if (random.boolean()) 0 else random.uintAtMost(usize, 1460);
    return .{
        .source_port = 0,
        .destination_port = 443,
        // Few numbers of SYNs, so that they repeat.
        .sequence = if (flags.synchronize)
            .fromInt(random.uintLessThan(u32, 2) * 0xffff_ffff)
        else
            seen.acknowledgment.add(noise),
        .acknowledgment = if (random.uintLessThan(u8, 10) == 0)
            seen.sequence.add(noise)
        else
            seen.sequence.add(if (random.boolean()) seen.sequence_count else ahead),
        .flags = flags,
        .window = switch (random.uintLessThan(u8, 8)) {
            0 => 0,
            1 => random.uintLessThan(u16, 100),
            else => random.int(u16),
        },
        .options = .{
            .maximum_segment_size = if (random.boolean()) random.int(u16) else null,
            .window_scale = if (random.boolean()) random.int(u8) else null,
            .selective_acknowledgment_permitted = random.boolean(),
            .timestamps = if (random.boolean())
                .{ .value = random.int(u32), .echo = random.int(u32) }
            else
                null,
        },
        .payload = buffer[0..if (flags.synchronize and random.boolean()) 0 else size],
    };
}

test "whatever comes: every response is released once, and in the end nothing is left" {
    const prefix: world_types.Prefix = .{
        .first = ipv4_first,
        .last = .fromInt(ipv4_first.toInt() + host_count - 1),
        .length = 26,
        .window = .{ .options = &.{
            .{ .value = 0, .share = share_all / 4 },
            .{ .value = 100, .share = share_all / 4 },
            .{ .value = 65_535, .share = share_all / 2 },
        } },
        .options = comptime evenly(world_types.OptionProfile),
        .behavior = comptime evenly(Behavior),
    };
    var prefixes = [_]world_types.Prefix{ prefix, prefix };
    prefixes[1].first = ipv6_first;
    prefixes[1].last = .fromInt(ipv6_first.toInt() + host_count - 1);
    prefixes[1].length = 122;
    prefixes[1].mtu = 1280;
    const world: world_types.World = .{ .prefixes = &prefixes };

    var random_state: std.Random.DefaultPrng = .init(1);
    const random = random_state.random();
    var environment: Environment = .{ .world = &world, .random = random };
    const Server = tcp_server.Server(Environment);
    var now: u64 = std.time.ns_per_s;
    var server: Server = try .init(std.testing.allocator, .{
        // Less than could be open.
        .connection_count_max = 100,
        .secret = @splat(7),
        .now = now,
    }, &environment);
    defer server.deinit();

    var buffer: [2000]u8 = @splat('r');
    for (0..segment_count) |_| {
        const prefix_index = random.uintLessThan(u16, 2);
        const host_index = random.uintLessThan(u8, host_count);
        const port = random.uintLessThan(u16, client_port_count);
        const first = prefixes[prefix_index].first;
        const route: Route = .{
            .peer = if (prefix_index == 0) .fromIpv4(.{ 192, 0, 2, 1 }) else .fromInt(1),
            .peer_hardware = @splat(2),
            .host = .fromInt(first.toInt() + host_index),
            .prefix_index = prefix_index,
        };
        const seen = environment.seen[prefix_index][host_index][port];
        var segment = randomSegment(random, seen, port == 0, &buffer);
        segment.source_port = port;
        server.receive(now, route, environment.hostOf(route), segment);
        if (random.uintLessThan(u8, 4) == 0) {
            now += random.int(u64) >> random.intRangeAtMost(u6, 32, 50);
            server.tick(now);
        }
        const held = environment.given_count - environment.released_count;
        try std.testing.expect(held <= server.counters.at_once);
        try std.testing.expectEqual(
            server.table.count(),
            server.counters.at_once + server.counters.half_open,
        );
        try std.testing.expect(server.counters.half_open <= 50);
    }
    const counters = server.counters;
    inline for (std.meta.fields(tcp_server.Counters)) |field| {
        if (comptime std.mem.eql(u8, field.name, "at_once")) continue;
        if (comptime std.mem.eql(u8, field.name, "half_open")) continue;
        // All that can happen did.
        errdefer std.debug.print("{s} never happened\n", .{field.name});
        try std.testing.expect(@field(counters, field.name) > 0);
    }
    try std.testing.expect(environment.data_count > segment_count / 100);

    const end = now + 1000 * std.time.ns_per_s;
    while (server.nextDeadline()) |deadline| {
        try std.testing.expect(deadline < end);
        now = @max(now, deadline);
        server.tick(now);
    }
    try std.testing.expectEqual(0, server.table.count());
    try std.testing.expectEqual(0, server.counters.at_once);
    try std.testing.expectEqual(0, server.counters.half_open);
    try std.testing.expectEqual(0, server.requests.takenCount());
    try std.testing.expectEqual(environment.given_count, environment.released_count);
}
