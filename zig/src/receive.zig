//! The reader: takes frames from the ring, tells ours from strangers' (cookie, then target set, then dedup), runs the
//! flows, and obeys JavaScript's commands. It owns its flows, so nothing here is locked, and it never waits for a
//! consumer: what cannot be handed on stays unanswered for the next pass.

const std = @import("std");
const linux = std.os.linux;
const assert = std.debug.assert;
const Address = @import("wire/address.zig").Address;
const Answered = @import("answered.zig").Answered;
const Cookie = @import("cookie.zig").Cookie;
const ReceiveRing = @import("sys/packet_socket.zig").ReceiveRing;
const TargetSet = @import("target_set.zig").TargetSet;
const Transmitter = @import("sys/transmitter.zig").Transmitter;
const Wakeup = @import("sys/wakeup.zig").Wakeup;
const clock = @import("sys/clock.zig");
const flow = @import("flow.zig");
const icmpv4 = @import("wire/icmpv4.zig");
const ip = @import("wire/ip.zig");
const path = @import("path.zig");
const probe = @import("probe.zig");
const ring = @import("ring.zig");
const shared = @import("shared.zig");
const tcp = @import("wire/tcp.zig");

/// What the reader works with; all of it outlives the reader.
pub const Environment = struct {
    control: *shared.Control,
    events: ring.Producer,
    commands: ring.Consumer,
    targets: *const TargetSet,
    answered: *Answered,
    cookie: Cookie,
    route: path.Path,
    ports: path.PortWindow,
    ring: *ReceiveRing,
    transmitter: *Transmitter,
    wakeup: Wakeup,
    /// Set by the owner to end the thread.
    quit: *const std.atomic.Value(bool),
};

pub const Receiver = struct {
    environment: Environment,
    flows: flow.FlowTable(Attachment, Attachment),
    /// By connection number: the flow that carries it.
    flow_ids: []flow.FlowId,
    /// The clock as of the frame or command at hand.
    now: u64,
    statistics_at: u64,
    has_news: bool,

    /// Segments that leave together.
    pub const reply_batch_size = 64;
    /// Frames between two looks at the commands, so that a full block does not delay a new connection.
    const frames_per_turn = 256;
    const idle_wait_ms_max = 100;
    const statistics_interval_ns = 100 * std.time.ns_per_ms;
    /// A device queue that is full for 10 ms loses segments, as a wire would: TCP sends them again.
    const device_patience = 100;

    pub fn init(receiver: *Receiver, allocator: std.mem.Allocator, environment: Environment, flow_capacity: u32) !void {
        receiver.environment = environment;
        receiver.now = clock.now();
        receiver.statistics_at = receiver.now;
        receiver.has_news = false;
        receiver.flow_ids = try allocator.alloc(flow.FlowId, flow_capacity);
        errdefer allocator.free(receiver.flow_ids);
        @memset(receiver.flow_ids, no_flow);
        receiver.flows = try .init(allocator, receiver.now, .{
            .flow_count_max = flow_capacity,
            .block_count = @max(64, flow_capacity / 4),
            .window_scale = probe.window_scale,
            .maximum_segment_size = environment.route.segmentSizeMax(),
        }, .{ .receiver = receiver }, .{ .receiver = receiver });
    }

    pub fn deinit(receiver: *Receiver, allocator: std.mem.Allocator) void {
        receiver.flows.deinit(allocator);
        allocator.free(receiver.flow_ids);
    }

    /// The thread's body. Leaves every connection with a reset.
    pub fn run(receiver: *Receiver) void {
        while (!receiver.environment.quit.load(.acquire)) {
            while (receiver.environment.ring.take()) |block| receiver.readBlock(block);
            receiver.finishTurn();
            receiver.wait();
        }
        receiver.now = clock.now();
        receiver.flows.closeAll(receiver.now);
        receiver.finishTurn();
    }

    fn readBlock(receiver: *Receiver, block: anytype) void {
        var rest = block;
        defer rest.release();
        var frame_count: u32 = 0;
        while (rest.next()) |frame| : (frame_count += 1) {
            if (frame_count % frames_per_turn == 0) receiver.finishTurn();
            receiver.readFrame(frame.octets, frame.wire_size);
        }
    }

    /// Everything but frames: commands, timers, what waits to be sent, and news for JavaScript.
    fn finishTurn(receiver: *Receiver) void {
        const environment = &receiver.environment;
        receiver.now = clock.now();
        while (environment.commands.peek()) |record| {
            receiver.obey(record);
            environment.commands.pop(record);
        }
        receiver.flows.tick(receiver.now);
        receiver.flush();
        @atomicStore(u64, &environment.control.flows_open, receiver.flows.flow_count, .monotonic);
        if (receiver.now >= receiver.statistics_at) {
            receiver.statistics_at = receiver.now + statistics_interval_ns;
            shared.count(&environment.control.frames_dropped, environment.ring.statistics().drops);
        }
        if (receiver.has_news) {
            receiver.has_news = false;
            environment.control.event_counter.advance();
        }
    }

    fn wait(receiver: *Receiver) void {
        const environment = &receiver.environment;
        var wait_ms: i32 = idle_wait_ms_max;
        if (receiver.flows.nextDeadline()) |deadline_ns| {
            const ahead_ns = deadline_ns -| receiver.now;
            wait_ms = @intCast(@min(ahead_ns / std.time.ns_per_ms + 1, idle_wait_ms_max));
        }
        var descriptors = [_]linux.pollfd{
            .{ .fd = environment.ring.socket, .events = linux.POLL.IN, .revents = 0 },
            .{ .fd = environment.wakeup.descriptor, .events = linux.POLL.IN, .revents = 0 },
        };
        _ = linux.poll(&descriptors, descriptors.len, wait_ms);
        if (descriptors[1].revents != 0) environment.wakeup.clear();
    }

    fn readFrame(receiver: *Receiver, octets: []const u8, wire_size: u32) void {
        const control = receiver.environment.control;
        shared.count(&control.frames_received, 1);
        shared.count(&control.bytes_received, wire_size);
        control.budget.wire.spend(receiver.now, wire_size);
        const packet = ip.View.parseFrame(octets) orelse return;
        if (!packet.destination.eql(receiver.environment.route.local)) return;
        switch (packet.protocol) {
            tcp.protocol => receiver.readSegment(packet, wire_size),
            icmpv4.protocol => receiver.readIcmp(packet, wire_size),
            else => {},
        }
    }

    fn readSegment(receiver: *Receiver, packet: ip.View, wire_size: u32) void {
        const environment = &receiver.environment;
        const control = environment.control;
        const segment: tcp.Segment = .parse(tcp.View.init(packet.payload) catch return);
        if (!environment.ports.contains(segment.destination_port)) return;
        // A connection's bytes were reserved when it opened; everything else was promised to nobody yet.
        if (receiver.flows.receive(receiver.now, packet.source, segment, wire_size)) return;
        control.budget.commitment.spend(receiver.now, wire_size);

        const answers = segment.flags.acknowledge and (segment.flags.synchronize or segment.flags.reset);
        if (answers and !receiver.hasOurCookie(packet.source, segment)) return shared.count(&control.replies_forged, 1);
        const index = environment.targets.indexOf(packet.source, segment.source_port) orelse
            return shared.count(&control.replies_outside, 1);
        const is_known = environment.answered.contains(index);
        if (!answers) {
            // The rest of a connection whose reset was lost: strangers' hosts are not left half-open.
            if (is_known and !segment.flags.reset) receiver.resetStray(packet.source, segment);
            return;
        }
        if (is_known) return shared.count(&control.replies_duplicate, 1);
        if (segment.flags.reset) {
            if (receiver.markAnswered(index)) shared.count(&control.closed, 1);
            return;
        }
        const facts = receiver.factsOf(packet, segment);
        if (!receiver.push(.host, 0, &.{std.mem.asBytes(&facts)})) return shared.count(&control.hosts_deferred, 1);
        if (receiver.markAnswered(index)) shared.count(&control.hosts_verified, 1);
    }

    fn hasOurCookie(receiver: *const Receiver, remote: Address, segment: tcp.Segment) bool {
        const environment = &receiver.environment;
        return environment.cookie.verify(.{
            .source = environment.route.local,
            .destination = remote,
            .destination_port = segment.source_port,
            .source_port_index = segment.destination_port - environment.ports.first,
            .port_count = environment.ports.count,
        }, segment.acknowledgment);
    }

    fn factsOf(receiver: *const Receiver, packet: ip.View, segment: tcp.Segment) shared.HostFacts {
        const timestamps = segment.options.timestamps;
        const now_ms = flow.timestampOf(receiver.now, 0);
        return .{
            .remote = packet.source,
            .local = receiver.environment.route.local,
            .remote_port = segment.source_port,
            .local_port = segment.destination_port,
            .sequence = segment.acknowledgment.toInt(),
            .acknowledgment = segment.sequence.add(1).toInt(),
            .window = segment.window,
            .segment_size_max = segment.options.maximum_segment_size orelse 0,
            .window_scale = segment.options.window_scale orelse shared.HostFacts.no_window_scale,
            .time_to_live = packet.time_to_live,
            .has_timestamps = @intFromBool(timestamps != null),
            .timestamp = if (timestamps) |it| it.value else 0,
            .round_trip_ms = if (timestamps) |it| now_ms -% it.echo else shared.HostFacts.round_trip_unknown,
        };
    }

    fn readIcmp(receiver: *Receiver, packet: ip.View, wire_size: u32) void {
        const environment = &receiver.environment;
        const control = environment.control;
        control.budget.commitment.spend(receiver.now, wire_size);
        const quote = (icmpv4.View.init(packet.payload) catch return).quote() orelse return;
        if (quote.protocol != tcp.protocol or !quote.source.eql(environment.route.local)) return;
        if (!environment.ports.contains(quote.sourcePort())) return;
        const port = quote.destinationPort();
        const of_flow = receiver.flows.reportUnreachable(
            receiver.now,
            quote.destination,
            port,
            quote.sourcePort(),
            quote.sequence(),
        );
        if (of_flow) return;
        const is_ours = environment.cookie.verifyQuote(.{
            .source = quote.source,
            .destination = quote.destination,
            .destination_port = port,
            .source_port_index = quote.sourcePort() - environment.ports.first,
            .port_count = environment.ports.count,
        }, quote.sequence());
        if (!is_ours) return shared.count(&control.replies_forged, 1);
        const index = environment.targets.indexOf(quote.destination, port) orelse
            return shared.count(&control.replies_outside, 1);
        if (environment.answered.contains(index)) return shared.count(&control.replies_duplicate, 1);
        if (receiver.markAnswered(index)) shared.count(&control.unreachable_count, 1);
    }

    /// False when there is no memory to remember it: the target then stays unknown, and the next pass asks again.
    fn markAnswered(receiver: *Receiver, index: u64) bool {
        return receiver.environment.answered.insert(index) catch false;
    }

    /// RFC 9293, 3.10.7.1: a reset that the peer of a segment we know nothing about accepts.
    fn resetStray(receiver: *Receiver, remote: Address, segment: tcp.Segment) void {
        if (!segment.flags.acknowledge) return;
        receiver.reset(remote, segment.source_port, segment.destination_port, segment.acknowledgment);
    }

    fn reset(receiver: *Receiver, remote: Address, remote_port: u16, local_port: u16, sequence: tcp.SequenceNumber) void {
        const segment: tcp.Segment = .{
            .source_port = local_port,
            .destination_port = remote_port,
            .sequence = sequence,
            .acknowledgment = .fromInt(0),
            .flags = .{ .reset = true },
            .window = 0,
        };
        const frame_size = receiver.environment.route.frameSize(segment.size());
        receiver.environment.control.budget.commitment.spend(receiver.now, frame_size);
        receiver.transmit(remote, segment);
    }

    fn obey(receiver: *Receiver, record: ring.Record) void {
        const connection = record.connection;
        assert(connection < receiver.flow_ids.len);
        const kind: shared.CommandKind = @enumFromInt(record.kind);
        switch (kind) {
            .open => receiver.open(connection, record.payload),
            .send => receiver.flows.send(receiver.now, receiver.flow_ids[connection], record.payload) catch {
                // More than a peer that acknowledges nothing leaves room for: the connection is of no use.
                receiver.flows.close(receiver.now, receiver.flow_ids[connection]);
            },
            .allow => receiver.flows.allow(
                receiver.now,
                receiver.flow_ids[connection],
                std.mem.bytesToValue(u32, record.payload[0..4]),
            ),
            .close => receiver.flows.close(receiver.now, receiver.flow_ids[connection]),
            .reject => {
                const facts = std.mem.bytesToValue(shared.HostFacts, record.payload[0..@sizeOf(shared.HostFacts)]);
                receiver.reset(facts.remote, facts.remote_port, facts.local_port, .fromInt(facts.sequence));
            },
        }
    }

    fn open(receiver: *Receiver, connection: u32, payload: []const u8) void {
        const command = std.mem.bytesToValue(shared.Open, payload[0..@sizeOf(shared.Open)]);
        const facts = command.facts;
        receiver.flow_ids[connection] = no_flow;
        receiver.flow_ids[connection] = receiver.flows.open(receiver.now, .{
            .user = connection,
            .local = facts.local,
            .local_port = facts.local_port,
            .remote = facts.remote,
            .remote_port = facts.remote_port,
            .sequence = .fromInt(facts.sequence),
            .acknowledgment = .fromInt(facts.acknowledgment),
            .window = facts.window,
            .options = .{
                .maximum_segment_size = if (facts.segment_size_max == 0) null else facts.segment_size_max,
                .window_scale = if (facts.window_scale == shared.HostFacts.no_window_scale) null else facts.window_scale,
                .timestamps = if (facts.has_timestamps == 0) null else .{ .value = facts.timestamp, .echo = 0 },
            },
            .first_bytes = payload[@sizeOf(shared.Open)..],
            .deadline_ns = receiver.now + command.deadline_ns,
            .receive_bytes = command.receive_bytes,
        }) catch return receiver.reportEnd(connection, .exhausted, .{});
    }

    fn flush(receiver: *Receiver) void {
        const control = receiver.environment.control;
        if (receiver.environment.transmitter.pending == 0) return;
        const offered = receiver.environment.transmitter.pending;
        var sent: Transmitter.Sent = .{};
        // The sender meets the same interface and reports its failure; here the lost segments are sent again in time.
        receiver.environment.transmitter.flush(&sent, device_patience) catch {};
        shared.count(&control.send_shortfalls, offered - sent.frames);
        shared.count(&control.frames_sent, sent.frames);
        shared.count(&control.bytes_sent, sent.octets);
    }

    fn transmit(receiver: *Receiver, remote: Address, segment: tcp.Segment) void {
        const environment = &receiver.environment;
        if (environment.transmitter.isFull()) receiver.flush();
        const frame_size = environment.route.emit(remote, segment, environment.transmitter.slot());
        environment.transmitter.commit(frame_size);
        environment.control.budget.wire.spend(receiver.now, frame_size);
        if (segment.flags.reset) shared.count(&environment.control.resets_sent, 1);
    }

    fn reportEnd(receiver: *Receiver, connection: u32, reason: flow.EndReason, counters: flow.Counters) void {
        const record: shared.Ended = .{
            .reason = @intFromEnum(reason),
            .bytes_sent = counters.bytes_sent,
            .bytes_received = counters.bytes_received,
        };
        const kind = @intFromEnum(shared.EventKind.ended);
        const has_room = receiver.environment.events.push(kind, connection, &.{std.mem.asBytes(&record)}, 0);
        assert(has_room); // Every other event leaves room for the end of every connection.
        receiver.has_news = true;
    }

    fn push(receiver: *Receiver, kind: shared.EventKind, connection: u32, parts: []const []const u8) bool {
        const headroom = receiver.flow_ids.len * ring.recordSize(@sizeOf(shared.Ended)) + ring.recordSize(0);
        receiver.has_news = true;
        return receiver.environment.events.push(@intFromEnum(kind), connection, parts, headroom);
    }
};

/// What the flow table sees of the reader: its device and its sink.
const Attachment = struct {
    receiver: *Receiver,

    pub fn transmit(attachment: Attachment, local: Address, remote: Address, segment: tcp.Segment) void {
        assert(local.eql(attachment.receiver.environment.route.local));
        attachment.receiver.transmit(remote, segment);
    }

    pub fn data(attachment: Attachment, user: u64, bytes: []const u8) bool {
        return attachment.receiver.push(.data, @intCast(user), &.{bytes});
    }

    pub fn ended(attachment: Attachment, user: u64, reason: flow.EndReason, counters: flow.Counters) void {
        attachment.receiver.reportEnd(@intCast(user), reason, counters);
    }
};

/// Names no flow: no table has this index.
const no_flow: flow.FlowId = .{ .index = std.math.maxInt(u32), .generation = 0 };
