//! As many connections at once as a world has unless it says otherwise: each gets its whole answer.

const std = @import("std");
const tcp = @import("../../src/wire/tcp.zig");
const Host = @import("../host.zig").Host;
const Route = @import("../route.zig").Route;
const service = @import("../service.zig");
const tcp_server = @import("../tcp_server.zig");
const world_types = @import("../world.zig");

const host_count = 128;
const client_count = 131_072;
const request = "a request";
/// Three segments.
const response_size = 4000;
const response: [response_size]u8 = octets: {
    @setEvalBranchQuota(2 * response_size);
    var octets: [response_size]u8 = undefined;
    for (&octets, 0..) |*octet, offset| octet.* = offset % 251;
    break :octets octets;
};

/// One client, and what it has seen of its connection.
const Client = struct {
    /// Of the host's sequence space.
    next: tcp.SequenceNumber = .fromInt(0),
    received_size: u32 = 0,
    was_accepted: bool = false,
    has_host_finished: bool = false,
};

const Environment = struct {
    world: *const world_types.World,
    clients: []Client,
    open_count: u32 = 0,

    /// What comes is checked at once, since nothing is kept of it.
    pub fn transmit(environment: *Environment, to: Route, segment: tcp.Segment) void {
        const client = &environment.clients[numberOf(to.host, segment.destination_port)];
        std.debug.assert(!segment.flags.reset);
        if (segment.flags.synchronize) {
            std.debug.assert(!client.was_accepted);
            client.was_accepted = true;
            client.next = segment.sequence.add(1);
            return;
        }
        std.debug.assert(segment.sequence == client.next);
        const expected = response[client.received_size..][0..segment.payload.len];
        std.debug.assert(std.mem.eql(u8, expected, segment.payload));
        client.received_size += @intCast(segment.payload.len);
        client.next = client.next.add(segment.sequenceCount());
        if (segment.flags.finish) client.has_host_finished = true;
    }

    pub fn hostOf(environment: *Environment, route: Route) Host {
        return .at(environment.world, route.prefix_index, route.host);
    }

    pub fn greet(environment: *Environment, _: Host, _: u16) service.Answer {
        environment.open_count += 1;
        return .{};
    }

    pub fn answer(
        environment: *Environment,
        _: Host,
        _: u16,
        _: u64,
        _: *service.Conversation,
        octets: []const u8,
    ) service.Answer {
        std.debug.assert(std.mem.eql(u8, request, octets));
        environment.open_count += 1;
        return .{
            .consumed = octets.len,
            .response = .{ .pieces = .{ response[0..1000], response[1000..] } },
            .after = .finish,
        };
    }

    pub fn release(environment: *Environment, _: *service.Response) void {
        environment.open_count -= 1;
    }
};

const host_first: u128 = world_prefix.first.toInt();
const world_prefix: world_types.Prefix = .{
    .first = .fromIpv4(.{ 198, 51, 100, 0 }),
    .last = .fromIpv4(.{ 198, 51, 100, host_count - 1 }),
    .length = 25,
};

fn routeOf(number: u32) Route {
    return .{
        .peer = .fromIpv4(.{ 192, 0, 2, 1 }),
        .peer_hardware = .{ 2, 0, 0, 0, 0, 1 },
        .host = .fromInt(host_first + number % host_count),
        .prefix_index = 0,
    };
}

fn portOf(number: u32) u16 {
    return @intCast(number / host_count);
}

fn numberOf(host: @FieldType(Route, "host"), port: u16) u32 {
    const host_number: u32 = @intCast(host.toInt() - host_first);
    return @as(u32, port) * host_count + host_number;
}

const Server = tcp_server.Server(Environment);

/// Every client sends one segment. It has sent SYN and what `sent_size` says before.
fn sendAll(
    server: *Server,
    now: u64,
    flags: tcp.Flags,
    sent_size: u32,
    payload: []const u8,
) void {
    for (server.environment.clients, 0..) |*client, index| {
        const number: u32 = @intCast(index);
        const route = routeOf(number);
        const start: u32 = number *% 0x9e37_79b9;
        server.receive(now, route, server.environment.hostOf(route), .{
            .source_port = portOf(number),
            .destination_port = 443,
            .sequence = .fromInt(start +% sent_size),
            .acknowledgment = if (flags.acknowledge) client.next else .fromInt(0),
            .flags = flags,
            .window = 65_535,
            .options = if (flags.synchronize) .{ .maximum_segment_size = 1460 } else .{},
            .payload = payload,
        });
    }
}

test "131,072 connections at once: none is refused, each gets its answer, none is left" {
    const world: world_types.World = .{ .prefixes = &.{world_prefix} };
    const clients = try std.testing.allocator.alloc(Client, client_count);
    defer std.testing.allocator.free(clients);
    @memset(clients, .{});
    var environment: Environment = .{ .world = &world, .clients = clients };
    const now = std.time.ns_per_s;
    var server: Server = try .init(std.testing.allocator, .{
        .connection_count_max = client_count,
        .secret = "an open secret!!".*,
        .now = now,
    }, &environment);
    defer server.deinit();
    const counters = &server.counters;

    // All of them before anybody acknowledges: of half of them only a cookie knows.
    sendAll(&server, now, .{ .synchronize = true }, 0, &.{});
    for (clients) |client| try std.testing.expect(client.was_accepted);
    try std.testing.expectEqual(client_count / 2, counters.half_open);

    sendAll(&server, now, .{ .acknowledge = true }, 1, &.{});
    try std.testing.expectEqual(client_count, counters.at_once);
    try std.testing.expectEqual(client_count / 2, counters.opened_by_cookie);
    try std.testing.expectEqual(0, counters.half_open);
    try std.testing.expectEqual(client_count, server.table.count());

    sendAll(&server, now, .{ .acknowledge = true, .push = true }, 1, request);
    for (clients) |client| {
        try std.testing.expectEqual(response_size, client.received_size);
        try std.testing.expect(client.has_host_finished);
    }
    try std.testing.expectEqual(client_count, counters.at_once);

    sendAll(&server, now, .{ .acknowledge = true, .finish = true }, 1 + request.len, &.{});
    try std.testing.expectEqual(client_count, counters.at_once_max);
    try std.testing.expectEqual(client_count, counters.opened);
    try std.testing.expectEqual(client_count, counters.finished);
    try std.testing.expectEqual(0, counters.at_once);
    try std.testing.expectEqual(0, counters.refused_full);
    try std.testing.expectEqual(0, counters.refused_request);
    try std.testing.expectEqual(0, counters.retransmissions);
    try std.testing.expectEqual(0, environment.open_count);
    try std.testing.expectEqual(0, server.requests.takenCount());
    try std.testing.expectEqual(0, server.table.count());
    // The timers of slots that are free again have nothing to say.
    server.tick(now + 1000 * std.time.ns_per_s);
    try std.testing.expectEqual(null, server.nextDeadline());
}
