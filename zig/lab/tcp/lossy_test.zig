//! An exchange with a small client of its own, over a path that loses, doubles and reorders:
//! whatever it does, all octets arrive, in order.

const std = @import("std");
const tcp = @import("../../src/wire/tcp.zig");
const Host = @import("../host.zig").Host;
const Route = @import("../route.zig").Route;
const service = @import("../service.zig");
const tcp_server = @import("../tcp_server.zig");
const world_types = @import("../world.zig");

const response_size = 30_000;
const request = "a request that comes in parts\n";
const part_size = 7;

const Packet = struct {
    at: u64,
    is_to_host: bool,
    segment: tcp.Segment,
    octets: [1500]u8,
};

const Path = struct {
    random: std.Random,
    loss_percent: u8,
    now: u64,
    packets: std.ArrayList(Packet) = .empty,

    fn add(path: *Path, is_to_host: bool, segment: tcp.Segment) void {
        const random = path.random;
        if (random.uintLessThan(u8, 100) < path.loss_percent) return;
        const copy_count: usize = if (random.uintLessThan(u8, 20) == 0) 2 else 1;
        for (0..copy_count) |_| {
            const delay_us = random.intRangeAtMost(u64, 10_000, 30_000);
            const packet = path.packets.addOne(std.testing.allocator) catch unreachable;
            packet.at = path.now + delay_us * std.time.ns_per_us;
            packet.is_to_host = is_to_host;
            packet.segment = segment;
            @memcpy(packet.octets[0..segment.payload.len], segment.payload);
        }
    }

    /// The packet that arrives first.
    fn first(path: *const Path) ?usize {
        var best: ?usize = null;
        for (path.packets.items, 0..) |packet, index| {
            if (best == null or packet.at < path.packets.items[best.?].at) best = index;
        }
        return best;
    }
};

const Environment = struct {
    world: *const world_types.World,
    path: *Path,
    ask_count: u32 = 0,
    open_count: i32 = 0,
    response: [response_size]u8 = undefined,

    pub fn transmit(environment: *Environment, _: Route, segment: tcp.Segment) void {
        environment.path.add(false, segment);
    }

    pub fn hostOf(environment: *Environment, to: Route) Host {
        return .at(environment.world, to.prefix_index, to.host);
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
        std.debug.assert(std.mem.startsWith(u8, request, octets));
        environment.ask_count += 1;
        environment.open_count += 1;
        if (octets.len < request.len) return .{};
        return .{
            .consumed = octets.len,
            .response = .{ .pieces = .{
                environment.response[0..1000],
                environment.response[1000..],
            } },
            .after = .finish,
        };
    }

    pub fn release(environment: *Environment, _: *service.Response) void {
        environment.open_count -= 1;
    }
};

const route: Route = .{
    .peer = .fromIpv4(.{ 192, 0, 2, 1 }),
    .peer_hardware = @splat(2),
    .host = .fromIpv4(.{ 198, 51, 100, 7 }),
    .prefix_index = 0,
};

/// Sends again whatever is not acknowledged every `patience_ns`, and takes only what is in order.
const Client = struct {
    path: *Path,
    start: tcp.SequenceNumber,
    has_opened: bool = false,
    is_finished: bool = false,
    /// In octets of the request; one more for the FIN.
    sent: u32 = 0,
    receive_next: tcp.SequenceNumber = .fromInt(0),
    stream: [response_size]u8 = undefined,
    stream_size: usize = 0,
    has_timestamps: bool,

    const patience_ns = 200 * std.time.ns_per_ms;

    fn transmit(client: *Client, sequence: u32, flags: tcp.Flags, payload: []const u8) void {
        client.path.add(true, .{
            .source_port = 40_000,
            .destination_port = 443,
            .sequence = client.start.add(sequence),
            .acknowledgment = client.receive_next,
            .flags = flags,
            // Sometimes closed, and opened again by the next round at the latest.
            .window = client.path.random.uintLessThan(u16, 8) * 1000,
            .options = .{
                .maximum_segment_size = if (flags.synchronize) 1200 else null,
                .timestamps = if (client.has_timestamps)
                    .{ .value = @truncate(client.path.now), .echo = 0 }
                else
                    null,
            },
            .payload = payload,
        });
    }

    fn turn(client: *Client) void {
        if (!client.has_opened) return client.transmit(0, .{ .synchronize = true }, "");
        var at = client.sent;
        if (at >= request.len) {
            const is_last = client.is_finished and at == request.len;
            const flags: tcp.Flags = .{ .acknowledge = true, .finish = is_last };
            return client.transmit(1 + at, flags, "");
        }
        while (at < request.len) {
            const size: u32 = @intCast(@min(part_size, request.len - at));
            client.transmit(1 + at, .{ .acknowledge = true }, request[at..][0..size]);
            at += size;
        }
    }

    fn receive(client: *Client, segment: tcp.Segment) !void {
        try std.testing.expect(!segment.flags.reset);
        try std.testing.expect(segment.payload.len <= 1200);
        if (segment.flags.synchronize) {
            if (!client.has_opened) client.receive_next = segment.sequence.add(1);
            client.has_opened = true;
            return client.turn();
        }
        if (!client.has_opened) return;
        const acknowledged = client.start.add(1).distance(segment.acknowledgment);
        if (acknowledged > client.sent) client.sent = @intCast(acknowledged);
        if (segment.sequenceCount() == 0) return;
        const skip = segment.sequence.distance(client.receive_next);
        if (!client.is_finished and skip >= 0 and skip <= segment.payload.len) {
            const fresh = segment.payload[@intCast(skip)..];
            @memcpy(client.stream[client.stream_size..][0..fresh.len], fresh);
            client.stream_size += fresh.len;
            client.receive_next = client.receive_next.add(@intCast(fresh.len));
            if (segment.flags.finish) {
                client.receive_next = client.receive_next.add(1);
                client.is_finished = true;
            }
        }
        if (client.is_finished) return client.turn();
        client.transmit(1 + client.sent, .{ .acknowledge = true }, "");
    }
};

fn exchange(seed: u64, loss_percent: u8, connection_count_max: u32) !void {
    var random_state: std.Random.DefaultPrng = .init(seed);
    const random = random_state.random();
    const prefixes = [_]world_types.Prefix{.{
        .first = .fromIpv4(.{ 198, 51, 100, 0 }),
        .last = .fromIpv4(.{ 198, 51, 100, 255 }),
        .length = 24,
        .options = if (seed % 2 == 0) .only(.linux) else .only(.mss),
    }};
    const world: world_types.World = .{ .prefixes = &prefixes };
    var path: Path = .{
        .random = random,
        .loss_percent = loss_percent,
        .now = std.time.ns_per_s,
    };
    defer path.packets.deinit(std.testing.allocator);
    var environment: Environment = .{ .world = &world, .path = &path };
    random.bytes(&environment.response);
    var server: tcp_server.Server(Environment) = try .init(std.testing.allocator, .{
        .connection_count_max = connection_count_max,
        .secret = @splat(@truncate(seed)),
        .now = path.now,
    }, &environment);
    defer server.deinit();
    var client: Client = .{
        .path = &path,
        // Near the end of the sequence space, which a request crosses.
        .start = .fromInt(0xffff_fff0),
        .has_timestamps = seed % 4 == 0,
    };

    const end = path.now + 1000 * std.time.ns_per_s;
    var turn_at = path.now;
    while (!(client.is_finished and client.sent == request.len + 1)) {
        try std.testing.expect(path.now < end);
        const packet_index = path.first();
        const packet_at = if (packet_index) |index| path.packets.items[index].at else end;
        const deadline = server.nextDeadline() orelse end;
        path.now = @max(path.now, @min(packet_at, deadline, turn_at));
        if (path.now == turn_at) {
            client.turn();
            turn_at = path.now + Client.patience_ns;
        } else if (path.now >= packet_at) {
            var packet = path.packets.swapRemove(packet_index.?);
            packet.segment.payload = packet.octets[0..packet.segment.payload.len];
            if (packet.is_to_host) {
                server.receive(path.now, route, environment.hostOf(route), packet.segment);
            } else {
                try client.receive(packet.segment);
            }
        } else {
            server.tick(path.now);
        }
        // The host's last acknowledgment may be lost, and it keeps no TIME-WAIT.
        if (client.is_finished and server.counters.finished > 0) break;
    }
    try std.testing.expectEqual(response_size, client.stream_size);
    try std.testing.expectEqualSlices(u8, &environment.response, &client.stream);
    try std.testing.expectEqual(0, server.counters.given_up);
    try std.testing.expectEqual(0, server.counters.idle_reset);
}

test "all octets arrive in order, whatever the path does" {
    for ([_]u8{ 0, 1, 10, 30 }) |loss_percent| {
        for (0..20) |seed| try exchange(seed, loss_percent, 4);
    }
}
