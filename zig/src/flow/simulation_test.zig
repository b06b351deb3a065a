//! Many flows against model servers over a bad network: nothing is lost, nothing comes twice, and
//! every flow ends. All is drawn from a seed, so the results are a committed snapshot; when a
//! change of the flow is meant to change them, put what the failing test prints in its place.

const std = @import("std");
const flow = @import("../flow.zig");
const Address = @import("../wire/address.zig").Address;
const tcp = @import("../wire/tcp.zig");
const model = @import("model_server.zig");
const ModelServer = model.ModelServer;

const snapshot = @embedFile("simulation_snapshot.txt");

const flow_count = 32;
const deadline_ms = 60_000;
const receive_bytes = 16_384;
/// How many octets the application takes before it allows that many more.
const allowance = 4096;

/// What the network does to a frame, in percent, and how long it takes one way.
const Conditions = struct {
    loss: u32,
    reordering: u32,
    duplication: u32,
    delay_ms: u64,
};

/// Where a flow begins.
const Start = enum { behind_syn_ack, with_syn };

const local: Address = .fromIpv4(.{ 192, 0, 2, 1 });

fn remoteOf(number: usize) Address {
    return .fromIpv4(.{ 198, 51, 100, @intCast(number) });
}

const Frame = struct {
    at_ms: u64,
    /// Tells frames of the same time apart: the first sent goes first.
    order: u64,
    number: usize,
    to_client: bool,
    segment: tcp.Segment,
    payload: [2048]u8,
};

const Network = struct {
    conditions: Conditions,
    random_state: std.Random.DefaultPrng,
    frames: std.ArrayList(*Frame) = .empty,
    now_ms: u64 = 0,
    order: u64 = 0,
    /// The server that is sending.
    number: usize = undefined,
    sent_by_clients: u64 = 0,
    sent_by_servers: u64 = 0,

    pub fn transmit(network: *Network, from: Address, to: Address, segment: tcp.Segment) void {
        std.debug.assert(from.eql(local));
        network.sent_by_clients += 1;
        network.carry(to.ipv4()[3], false, segment);
    }

    pub fn toClient(network: *Network, segment: tcp.Segment) void {
        network.sent_by_servers += 1;
        network.carry(network.number, true, segment);
    }

    fn carry(network: *Network, number: usize, to_client: bool, segment: tcp.Segment) void {
        if (network.happens(network.conditions.loss)) return;
        network.deliver(number, to_client, segment);
        if (network.happens(network.conditions.duplication)) {
            network.deliver(number, to_client, segment);
        }
    }

    fn deliver(network: *Network, number: usize, to_client: bool, segment: tcp.Segment) void {
        const frame = std.testing.allocator.create(Frame) catch @panic("out of memory");
        const delay_ms = network.conditions.delay_ms;
        const detour_ms = if (network.happens(network.conditions.reordering))
            network.random_state.random().uintLessThan(u64, 2 * delay_ms)
        else
            0;
        frame.* = .{
            .at_ms = network.now_ms + delay_ms + detour_ms,
            .order = network.order,
            .number = number,
            .to_client = to_client,
            .segment = segment,
            .payload = undefined,
        };
        @memcpy(frame.payload[0..segment.payload.len], segment.payload);
        frame.segment.payload = frame.payload[0..segment.payload.len];
        network.order += 1;
        network.frames.append(std.testing.allocator, frame) catch @panic("out of memory");
    }

    fn happens(network: *Network, percent: u32) bool {
        return network.random_state.random().uintLessThan(u32, 100) < percent;
    }

    fn earliest(network: *const Network) ?usize {
        var found: ?usize = null;
        for (network.frames.items, 0..) |frame, index| {
            const best = network.frames.items[found orelse index];
            if (frame.at_ms < best.at_ms or
                (frame.at_ms == best.at_ms and frame.order <= best.order)) found = index;
        }
        return found;
    }
};

/// The application behind one flow.
const Client = struct {
    id: flow.FlowId = undefined,
    received: usize = 0,
    allowed_at: usize = 0,
    has_sent_second: bool = false,
    ended: ?flow.EndReason = null,
    ended_at_ms: u64 = 0,
};

const Sink = struct {
    clients: *[flow_count]Client,
    network: *Network,

    pub fn data(sink: *Sink, user: u64, bytes: []const u8) bool {
        const client = &sink.clients[user];
        for (bytes, client.received..) |octet, position| {
            if (octet != model.octetAt(position)) @panic("the stream is broken");
        }
        client.received += bytes.len;
        return true;
    }

    pub fn ended(sink: *Sink, user: u64, ending: flow.Ending) void {
        const client = &sink.clients[user];
        if (client.ended != null) @panic("ended twice");
        client.ended = ending.reason;
        client.ended_at_ms = sink.network.now_ms;
    }
};

/// The device is a copy in the table, the network outlives it.
const Device = struct {
    network: *Network,

    pub fn transmit(device: *Device, from: Address, to: Address, segment: tcp.Segment) void {
        device.network.transmit(from, to, segment);
    }

    pub fn synchronize(device: *Device, syn: flow.Syn) usize {
        device.network.transmit(syn.local, syn.key.remote, .{
            .source_port = syn.key.local_port,
            .destination_port = syn.key.remote_port,
            .sequence = syn.sequence,
            .acknowledgment = .fromInt(0),
            .flags = .{ .synchronize = true },
            .window = 64240,
            .options = .{ .timestamps = .{ .value = syn.timestamp, .echo = 0 } },
        });
        return 74;
    }
};

const Table = flow.FlowTable(Device, Sink);

const Simulation = struct {
    network: Network,
    clients: [flow_count]Client,
    servers: [flow_count]ModelServer,
    table: Table,

    fn run(simulation: *Simulation, start: Start, conditions: Conditions, seed: u64) !void {
        const allocator = std.testing.allocator;
        simulation.network = .{ .conditions = conditions, .random_state = .init(seed) };
        simulation.clients = @splat(.{});
        simulation.servers = @splat(.{});
        const network = &simulation.network;
        simulation.table = try .init(
            allocator,
            0,
            .{ .flow_count_max = flow_count, .block_count = 64 },
            .{ .network = network },
            .{ .clients = &simulation.clients, .network = network },
        );
        defer simulation.table.deinit(allocator);
        defer network.frames.deinit(allocator);

        for (&simulation.clients, 0..) |*client, number| {
            client.id = try simulation.table.open(0, openingOf(number, start));
        }
        while (simulation.table.flow_count > 0) try simulation.step();
        for (network.frames.items) |frame| allocator.destroy(frame);
        try std.testing.expectEqual(64, simulation.table.pool.free_count);
        for (simulation.clients) |client| {
            switch (client.ended.?) {
                .end => try std.testing.expectEqual(model.response_total, client.received),
                else => |reason| try std.testing.expectEqual(.timeout, reason),
            }
        }
    }

    fn openingOf(number: usize, start: Start) flow.Opening {
        const first_bytes = comptime bytes: {
            @setEvalBranchQuota(10_000);
            var bytes: [model.exchanges[0].request_size]u8 = undefined;
            for (&bytes, 0..) |*octet, position| octet.* = model.octetAt(position);
            break :bytes bytes;
        };
        return .{
            .user = number,
            .local = local,
            .local_port = 40000,
            .remote = remoteOf(number),
            .remote_port = 443,
            .sequence = model.client_start,
            .syn_ack = switch (start) {
                .behind_syn_ack => .{
                    .acknowledgment = model.server_start,
                    .window = 65_535,
                    .options = .{
                        .maximum_segment_size = 1460,
                        .window_scale = 7,
                        .timestamps = .{ .value = 0, .echo = 0 },
                    },
                },
                .with_syn => null,
            },
            .first_bytes = &first_bytes,
            .deadline_ns = deadline_ms * std.time.ns_per_ms,
            .receive_bytes = receive_bytes,
        };
    }

    /// Goes to the next thing that happens: a timer or a frame.
    fn step(simulation: *Simulation) !void {
        const network = &simulation.network;
        var at_ms = simulation.table.nextDeadline().? / std.time.ns_per_ms;
        for (simulation.servers) |server| at_ms = @min(at_ms, server.expires_at_ms orelse at_ms);
        const frame_index = network.earliest();
        if (frame_index) |index| at_ms = @min(at_ms, network.frames.items[index].at_ms);
        network.now_ms = @max(network.now_ms, at_ms);

        if (frame_index) |index| {
            const frame = network.frames.items[index];
            if (frame.at_ms <= network.now_ms) {
                _ = network.frames.swapRemove(index);
                defer std.testing.allocator.destroy(frame);
                return simulation.arrive(frame);
            }
        }
        simulation.table.tick(network.now_ms * std.time.ns_per_ms);
        for (&simulation.servers, 0..) |*server, number| {
            if (simulation.clients[number].ended != null) server.expires_at_ms = null;
            network.number = number;
            server.tick(network.now_ms, network);
        }
    }

    fn arrive(simulation: *Simulation, frame: *Frame) !void {
        const network = &simulation.network;
        const client = &simulation.clients[frame.number];
        if (client.ended != null) return;
        if (!frame.to_client) {
            network.number = frame.number;
            return simulation.servers[frame.number].receive(network.now_ms, frame.segment, network);
        }
        const now = network.now_ms * std.time.ns_per_ms;
        const frame_size = 34 + frame.segment.size();
        const remote = remoteOf(frame.number);
        try std.testing.expect(simulation.table.receive(now, remote, frame.segment, frame_size));
        if (client.received - client.allowed_at >= allowance) {
            simulation.table.allow(now, client.id, client.received - client.allowed_at);
            client.allowed_at = client.received;
        }
        if (client.received >= model.exchanges[0].response_size and !client.has_sent_second) {
            client.has_sent_second = true;
            var bytes: [model.exchanges[1].request_size]u8 = undefined;
            for (&bytes, model.exchanges[0].request_size..) |*octet, position| {
                octet.* = model.octetAt(position);
            }
            try simulation.table.send(now, client.id, &bytes);
        }
    }

    fn report(simulation: *const Simulation, writer: *std.Io.Writer) !void {
        var end_count: usize = 0;
        var durations_ms: [flow_count]u64 = undefined;
        for (simulation.clients, &durations_ms) |client, *duration_ms| {
            end_count += @intFromBool(client.ended == .end);
            duration_ms.* = client.ended_at_ms;
        }
        std.mem.sort(u64, &durations_ms, {}, std.sort.asc(u64));
        const conditions = simulation.network.conditions;
        try writer.print("{d:>4} {d:>7} {d:>9} {d:>5} |", .{
            conditions.loss,
            conditions.reordering,
            conditions.duplication,
            conditions.delay_ms,
        });
        try writer.print(" {d:>3} {d:>7} | {d:>9} {d:>6} | {d:>4} {d:>8}\n", .{
            end_count,
            flow_count - end_count,
            durations_ms[flow_count / 2],
            durations_ms[flow_count - 1],
            simulation.network.sent_by_clients,
            simulation.network.sent_by_servers,
        });
    }
};

test "the network's faults cost time and frames, and never an octet" {
    var results: std.Io.Writer.Allocating = .init(std.testing.allocator);
    defer results.deinit();
    const simulation = try std.testing.allocator.create(Simulation);
    defer std.testing.allocator.destroy(simulation);
    for (std.enums.values(Start)) |start| {
        try results.writer.print(
            \\{s}
            \\loss reorder duplicate delay | end timeout | median ms max ms | sent received
            \\
        , .{@tagName(start)});
        var seed: u64 = 0;
        for ([_]u32{ 0, 1, 5, 20, 60 }) |loss| {
            for ([_]u32{ 0, 20 }) |reordering| {
                for ([_]u32{ 0, 10 }) |duplication| {
                    for ([_]u64{ 2, 100 }) |delay_ms| {
                        try simulation.run(start, .{
                            .loss = loss,
                            .reordering = reordering,
                            .duplication = duplication,
                            .delay_ms = delay_ms,
                        }, seed);
                        try simulation.report(&results.writer);
                        seed += 1;
                    }
                }
            }
        }
    }
    try std.testing.expectEqualStrings(snapshot, results.written());
}
