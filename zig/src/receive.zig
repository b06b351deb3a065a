//! The reader: takes frames from the ring, tells ours from strangers' (cookie, then target set,
//! then dedup), runs the flows, and obeys JavaScript's commands. It owns its flows, so nothing here
//! is locked, and it never waits for a consumer: what cannot be handed on stays unanswered for the
//! next pass.

const std = @import("std");
const linux = std.os.linux;
const assert = std.debug.assert;
const Address = @import("wire/address.zig").Address;
const Answered = @import("answered.zig").Answered;
const Bucket = @import("bucket.zig").Bucket;
const Cookie = @import("cookie.zig").Cookie;
const ReceiveRing = @import("sys/packet_socket.zig").ReceiveRing;
const OpeningQueue = @import("opening_queue.zig").OpeningQueue;
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
    /// Targets that answered themselves, with a SYN-ACK or a reset.
    answered: *Answered,
    /// Targets that a router called unreachable.
    unreachable_targets: *Answered,
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
    openings: OpeningQueue,
    /// Octets of Ethernet frames that a connection has moved of late, on average: what the next one
    /// is charged for when it opens, so that its answers do not surprise the budget. Its end sets
    /// the difference right.
    connection_bytes: u64,
    /// When the first of `openings` may have its turn, if it waits for the budget.
    opening_at: ?u64,
    /// The clock as of the frame or command at hand.
    now: u64,
    started_at: u64,
    statistics_at: u64,
    stray_resets: Bucket,
    has_news: bool,

    /// In octets: what the kernel joins segments to (GRO), as far as IPv4 can say it.
    const frame_size_max = 1 << 16;
    /// Segments that leave together.
    pub const reply_batch_size = 64;
    /// Frames between two looks at the commands, so that a full block does not delay a new
    /// connection.
    const frames_per_turn = 256;
    const idle_wait_ns_max = 100 * std.time.ns_per_ms;
    const statistics_interval_ns = 100 * std.time.ns_per_ms;
    /// A device queue that is full for 10 ms loses segments, as a wire would: TCP sends them again.
    const device_patience = 100;
    /// How far into debt a connection may take the wire: the sender may not at all, so connections
    /// go first.
    const opening_debt_ns = 2 * std.time.ns_per_ms;
    /// The most that strangers' frames can put the budget into debt: a flood then delays the scan
    /// by little more than it lasts.
    const debt_ns_max = std.time.ns_per_s;
    /// Resets per second for segments of connections that are over. Spoofed ones draw no more.
    const stray_resets_per_second = 1_000;
    /// A hello, a flight with two certificates, and what TCP adds.
    const connection_bytes_at_first = 3_000;
    /// The average moves by a sixteenth of what is new.
    const connection_bytes_weight = 16;

    pub fn init(
        receiver: *Receiver,
        allocator: std.mem.Allocator,
        environment: Environment,
        flow_capacity: u32,
    ) !void {
        receiver.environment = environment;
        receiver.now = clock.now();
        receiver.started_at = receiver.now;
        receiver.statistics_at = receiver.now;
        receiver.stray_resets = .init(stray_resets_per_second, std.time.ns_per_s / 10);
        receiver.has_news = false;
        receiver.opening_at = null;
        receiver.connection_bytes = connection_bytes_at_first;
        receiver.flow_ids = try allocator.alloc(flow.FlowId, flow_capacity);
        errdefer allocator.free(receiver.flow_ids);
        @memset(receiver.flow_ids, no_flow);
        receiver.openings = try .init(allocator, flow_capacity);
        errdefer receiver.openings.deinit(allocator);
        receiver.flows = try .init(allocator, receiver.now, .{
            .flow_count_max = flow_capacity,
            .block_count = @max(64, flow_capacity / 4),
            .window_scale = probe.window_scale,
            .maximum_segment_size = environment.route.segmentSizeMax(),
        }, .{ .receiver = receiver }, .{ .receiver = receiver });
    }

    pub fn deinit(receiver: *Receiver, allocator: std.mem.Allocator) void {
        receiver.flows.deinit(allocator);
        receiver.openings.deinit(allocator);
        allocator.free(receiver.flow_ids);
    }

    /// The thread's body. Leaves every connection with a reset.
    pub fn run(receiver: *Receiver) void {
        while (!receiver.environment.quit.load(.acquire)) {
            if (receiver.environment.ring.take()) |block| {
                receiver.readBlock(block);
            } else {
                receiver.finishTurn();
                receiver.wait();
            }
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
        receiver.openWaiting();
        receiver.flows.tick(receiver.now);
        receiver.flush();
        if (receiver.now >= receiver.statistics_at) {
            receiver.statistics_at = receiver.now + statistics_interval_ns;
            shared.count(&environment.control.frames_dropped, environment.ring.takeDropCount());
        }
        if (receiver.has_news) {
            receiver.has_news = false;
            environment.control.event_counter.advance();
        }
    }

    fn wait(receiver: *Receiver) void {
        const environment = &receiver.environment;
        var wake_at = receiver.now + idle_wait_ns_max;
        if (receiver.flows.nextDeadline()) |deadline_ns| wake_at = @min(wake_at, deadline_ns);
        if (receiver.opening_at) |opening_at| wake_at = @min(wake_at, opening_at);
        const wait_ns = wake_at -| receiver.now;
        var timeout: linux.timespec = .{ .sec = 0, .nsec = @intCast(wait_ns) };
        var descriptors = [_]linux.pollfd{
            .{ .fd = environment.ring.socket, .events = linux.POLL.IN, .revents = 0 },
            .{ .fd = environment.wakeup.descriptor, .events = linux.POLL.IN, .revents = 0 },
        };
        _ = linux.ppoll(&descriptors, descriptors.len, &timeout, null);
        // What the sender does not report will show as silence.
        if (descriptors[0].revents & linux.POLL.ERR != 0) environment.ring.clearError();
        if (descriptors[1].revents != 0) environment.wakeup.clear();
    }

    fn readFrame(receiver: *Receiver, octets: []const u8, wire_size: u32) void {
        const control = receiver.environment.control;
        const packet = ip.View.parseFrame(octets) orelse {
            shared.count(&control.bytes_received, wire_size);
            return receiver.spend(wire_size);
        };
        const size = wire_size + receiver.joinedSize(packet);
        shared.count(&control.bytes_received, size);
        if (!packet.destination.eql(receiver.environment.route.local)) return receiver.spend(size);
        switch (packet.protocol) {
            tcp.protocol => receiver.readSegment(packet, size),
            icmpv4.protocol => {
                receiver.spend(size);
                receiver.readIcmp(packet);
            },
            else => receiver.spend(size),
        }
    }

    /// The octets of the headers that generic receive offload took off when it joined segments into
    /// one frame. A peer with a smaller MSS than ours sent more of them than this says.
    fn joinedSize(receiver: *const Receiver, packet: ip.View) u32 {
        const segment_size_max = receiver.environment.route.segmentSizeMax();
        if (packet.payload.len <= tcp.header_size_max + segment_size_max) return 0;
        const header_size = receiver.environment.route.frameSize(tcp.header_size_min);
        return @intCast((packet.payload.len - 1) / segment_size_max * header_size);
    }

    /// Octets that nobody reserved, in either direction.
    fn spend(receiver: *Receiver, octets: u64) void {
        const budget = &receiver.environment.control.budget;
        budget.wire.spendBounded(receiver.now, octets, debt_ns_max);
        budget.commitment.spendBounded(receiver.now, octets, debt_ns_max);
    }

    fn readSegment(receiver: *Receiver, packet: ip.View, size: u32) void {
        const view = tcp.View.init(packet.payload) catch return receiver.spend(size);
        const segment: tcp.Segment = .parse(view);
        // A connection has paid for its frames in advance.
        if (receiver.flows.receive(receiver.now, packet.source, segment, size)) return;
        receiver.spend(size);

        const environment = &receiver.environment;
        const control = environment.control;
        if (!environment.ports.contains(segment.destination_port)) return;
        const index = environment.targets.indexOf(packet.source, segment.source_port);
        if (index != null and environment.answered.contains(index.?)) {
            return receiver.readRepetition(packet.source, segment);
        }
        const flags = segment.flags;
        if (!flags.acknowledge or !(flags.synchronize or flags.reset)) return;
        if (!receiver.hasOurCookie(packet.source, segment)) {
            return shared.count(&control.replies_forged, 1);
        }
        if (index == null) return shared.count(&control.replies_outside, 1);
        if (flags.reset) {
            if (receiver.markAnswered(index.?)) {
                shared.count(&control.closed, 1);
                receiver.forgetUnreachable(index.?);
            }
            return;
        }
        const facts = receiver.factsOf(packet, segment);
        if (!receiver.push(.host, 0, &.{std.mem.asBytes(&facts)})) {
            return shared.count(&control.hosts_deferred, 1);
        }
        shared.count(&control.hosts_verified, 1);
        _ = receiver.markAnswered(index.?);
        receiver.forgetUnreachable(index.?);
    }

    /// A verdict upgrades: who answers after all was reachable.
    fn forgetUnreachable(receiver: *Receiver, index: u64) void {
        if (!receiver.environment.unreachable_targets.contains(index)) return;
        _ = @atomicRmw(u64, &receiver.environment.control.unreachable_count, .Sub, 1, .monotonic);
    }

    /// What a target sends that has answered before, outside any open connection.
    fn readRepetition(receiver: *Receiver, remote: Address, segment: tcp.Segment) void {
        const flags = segment.flags;
        if (flags.synchronize or flags.reset) {
            shared.count(&receiver.environment.control.replies_duplicate, 1);
        } else if (flags.acknowledge and receiver.mayResetStray(remote, segment)) {
            // The rest of a connection whose reset was lost: strangers' hosts are not left
            // half-open. RFC 9293, 3.10.7.1: the reset that the peer accepts.
            receiver.reset(
                remote,
                segment.source_port,
                segment.destination_port,
                segment.acknowledgment,
            );
        }
    }

    /// Whether a segment came to the port that we asked its sender from, which a spoofer would have
    /// to guess, and there was no flood of them.
    fn mayResetStray(receiver: *Receiver, remote: Address, segment: tcp.Segment) bool {
        const environment = &receiver.environment;
        const local = environment.route.local;
        const question = environment.cookie.of(local, remote, segment.source_port);
        const port_index = segment.destination_port - environment.ports.first;
        if (port_index != question.sourcePortIndex(environment.ports.count)) return false;
        return receiver.stray_resets.take(receiver.now, 1, 0) == .taken;
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
            .round_trip_ms = receiver.roundTrip(timestamps),
        };
    }

    /// The time since the probe whose timestamp the peer echoes. A peer may echo anything: what is
    /// older than the run is no probe's.
    fn roundTrip(receiver: *const Receiver, timestamps: ?tcp.Timestamps) u32 {
        const unknown = shared.HostFacts.round_trip_unknown;
        const echo = (timestamps orelse return unknown).echo;
        const elapsed_ms = flow.timestampOf(receiver.now, 0) -% echo;
        const run_ms = (receiver.now - receiver.started_at) / std.time.ns_per_ms;
        return if (elapsed_ms <= run_ms) elapsed_ms else unknown;
    }

    fn readIcmp(receiver: *Receiver, packet: ip.View) void {
        const environment = &receiver.environment;
        const control = environment.control;
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
        if (environment.answered.contains(index)) {
            return shared.count(&control.replies_duplicate, 1);
        }
        // Not an answer of the target itself: a later pass asks again, and its SYN-ACK still counts
        // (RFC 1122, 4.2.3.9: such errors are hints).
        if (environment.unreachable_targets.insert(index) catch false) {
            shared.count(&control.unreachable_count, 1);
        }
    }

    /// False when there is no memory to remember it: the target then stays unknown, and the next
    /// pass asks again.
    fn markAnswered(receiver: *Receiver, index: u64) bool {
        return receiver.environment.answered.insert(index) catch false;
    }

    fn reset(
        receiver: *Receiver,
        remote: Address,
        remote_port: u16,
        local_port: u16,
        sequence: tcp.SequenceNumber,
    ) void {
        const segment: tcp.Segment = .{
            .source_port = local_port,
            .destination_port = remote_port,
            .sequence = sequence,
            .acknowledgment = .fromInt(0),
            .flags = .{ .reset = true },
            .window = 0,
        };
        receiver.spend(receiver.environment.route.frameSize(segment.size()));
        receiver.transmit(remote, segment);
    }

    fn obey(receiver: *Receiver, record: ring.Record) void {
        const connection = record.connection;
        assert(connection < receiver.flow_ids.len);
        const kind: shared.CommandKind = @enumFromInt(record.kind);
        switch (kind) {
            .open => {
                const size = @sizeOf(shared.Open);
                const command = std.mem.bytesToValue(shared.Open, record.payload[0..size]);
                receiver.openings.push(connection, command, record.payload[size..]) catch
                    receiver.reportEnd(connection, .exhausted, .{});
            },
            .send => {
                // Whoever sends has no more patience for a turn: what was waiting leaves first.
                if (receiver.openings.find(connection) != null) receiver.open(connection);
                const id = receiver.flow_ids[connection];
                receiver.flows.send(receiver.now, id, record.payload) catch {
                    // More than a peer that acknowledges nothing leaves room for: the connection is
                    // of no use.
                    receiver.flows.close(receiver.now, id);
                };
            },
            .allow => {
                const more = std.mem.bytesToValue(u32, record.payload[0..4]);
                if (receiver.openings.find(connection)) |opening| {
                    opening.command.receive_bytes +|= more;
                } else {
                    receiver.flows.allow(receiver.now, receiver.flow_ids[connection], more);
                }
            },
            .close => {
                if (receiver.openings.find(connection) == null) {
                    return receiver.flows.close(receiver.now, receiver.flow_ids[connection]);
                }
                receiver.reject(receiver.openings.remove(connection).command.facts);
                receiver.reportEnd(connection, .closed, .{});
            },
            .reject => {
                const size = @sizeOf(shared.HostFacts);
                receiver.reject(std.mem.bytesToValue(shared.HostFacts, record.payload[0..size]));
            },
        }
    }

    fn reject(receiver: *Receiver, facts: shared.HostFacts) void {
        receiver.reset(facts.remote, facts.remote_port, facts.local_port, .fromInt(facts.sequence));
    }

    /// Opens as many of the waiting connections as the wire has room for now.
    fn openWaiting(receiver: *Receiver) void {
        const wire = &receiver.environment.control.budget.wire;
        receiver.opening_at = null;
        while (receiver.openings.first()) |connection| {
            switch (wire.take(receiver.now, 0, opening_debt_ns)) {
                .taken => receiver.open(connection),
                .wait_ns => |wait_ns| {
                    receiver.opening_at = receiver.now + wait_ns;
                    return;
                },
            }
        }
    }

    fn open(receiver: *Receiver, connection: u32) void {
        const opening = receiver.openings.remove(connection);
        const facts = opening.command.facts;
        const has_mss = facts.segment_size_max != 0;
        const has_scale = facts.window_scale != shared.HostFacts.no_window_scale;
        const has_timestamps = facts.has_timestamps != 0;
        const timestamps: tcp.Timestamps = .{ .value = facts.timestamp, .echo = 0 };
        receiver.environment.control.budget.wire.spend(receiver.now, receiver.connection_bytes);
        receiver.flow_ids[connection] = receiver.flows.open(receiver.now, .{
            .user = Charge.pack(connection, receiver.connection_bytes),
            .local = facts.local,
            .local_port = facts.local_port,
            .remote = facts.remote,
            .remote_port = facts.remote_port,
            .sequence = .fromInt(facts.sequence),
            .acknowledgment = .fromInt(facts.acknowledgment),
            .window = facts.window,
            .options = .{
                .maximum_segment_size = if (has_mss) facts.segment_size_max else null,
                .window_scale = if (has_scale) facts.window_scale else null,
                .timestamps = if (has_timestamps) timestamps else null,
            },
            .first_bytes = opening.firstBytes(),
            .deadline_ns = receiver.now +| opening.command.deadline_ns,
            .receive_bytes = opening.command.receive_bytes,
        }) catch {
            receiver.flow_ids[connection] = no_flow;
            receiver.environment.control.budget.wire.refund(receiver.connection_bytes);
            return receiver.reportEnd(connection, .exhausted, .{});
        };
    }

    /// A connection is over: what it moved replaces what it was charged for when it opened.
    fn settle(receiver: *Receiver, charged: u64, counters: flow.Counters) void {
        const wire = &receiver.environment.control.budget.wire;
        const moved = counters.bytes_sent + counters.bytes_received;
        if (moved > charged) {
            wire.spendBounded(receiver.now, moved - charged, debt_ns_max);
        } else {
            wire.refund(charged - moved);
        }
        const weight = connection_bytes_weight;
        receiver.connection_bytes = (receiver.connection_bytes * (weight - 1) + moved) / weight;
    }

    fn flush(receiver: *Receiver) void {
        const control = receiver.environment.control;
        const offered = receiver.environment.transmitter.pending;
        if (offered == 0) return;
        var sent: Transmitter.Sent = .{};
        // The sender meets the same interface and reports its failure; TCP sends again what is lost
        // here.
        receiver.environment.transmitter.flush(&sent, device_patience) catch {};
        shared.count(&control.send_shortfalls, offered - sent.frames);
        shared.count(&control.bytes_sent, sent.octets);
    }

    fn transmit(receiver: *Receiver, remote: Address, segment: tcp.Segment) void {
        const environment = &receiver.environment;
        if (environment.transmitter.isFull()) receiver.flush();
        const frame_size = environment.route.emit(remote, segment, environment.transmitter.slot());
        environment.transmitter.commit(frame_size);
        if (segment.flags.reset) shared.count(&environment.control.resets_sent, 1);
    }

    fn reportEnd(
        receiver: *Receiver,
        connection: u32,
        reason: flow.EndReason,
        counters: flow.Counters,
    ) void {
        const record: shared.Ended = .{
            .reason = @intFromEnum(reason),
            .bytes_sent = counters.bytes_sent,
            .bytes_received = counters.bytes_received,
        };
        const kind = @intFromEnum(shared.EventKind.ended);
        const octets = std.mem.asBytes(&record);
        const has_room = receiver.environment.events.push(kind, connection, &.{octets}, 0);
        assert(has_room); // Every other event leaves room for the end of every connection.
        receiver.has_news = true;
    }

    /// The least octets an event ring needs for that many connections: beside their ends the
    /// largest of all other events fits, also where as much is skipped at the end of the ring.
    pub fn eventRoom(connection_count: u32) u64 {
        return endRoom(connection_count) + 2 * ring.recordSize(frame_size_max);
    }

    /// In octets: what the ends of all connections may take of the event ring. One more end stands
    /// in it while JavaScript, told of it, has used its number again; and at the end of the ring
    /// less than the size of one may be skipped.
    fn endRoom(connection_count: usize) usize {
        return (connection_count + 2) * ring.recordSize(@sizeOf(shared.Ended));
    }

    fn push(
        receiver: *Receiver,
        kind: shared.EventKind,
        connection: u32,
        parts: []const []const u8,
    ) bool {
        const events = &receiver.environment.events;
        const headroom = endRoom(receiver.flow_ids.len);
        receiver.has_news = true;
        return events.push(@intFromEnum(kind), connection, parts, headroom);
    }
};

/// What a flow carries for the reader: whose it is, and what its opening was charged for in octets.
const Charge = packed struct(u64) {
    connection: u32,
    bytes: u32,

    fn pack(connection: u32, bytes: u64) u64 {
        const size = std.math.lossyCast(u32, bytes);
        return @bitCast(Charge{ .connection = connection, .bytes = size });
    }

    fn unpack(user: u64) Charge {
        return @bitCast(user);
    }
};

/// What the flow table sees of the reader: its device and its sink.
const Attachment = struct {
    receiver: *Receiver,

    pub fn transmit(
        attachment: Attachment,
        local: Address,
        remote: Address,
        segment: tcp.Segment,
    ) void {
        assert(local.eql(attachment.receiver.environment.route.local));
        attachment.receiver.transmit(remote, segment);
    }

    pub fn data(attachment: Attachment, user: u64, bytes: []const u8) bool {
        return attachment.receiver.push(.data, Charge.unpack(user).connection, &.{bytes});
    }

    pub fn ended(
        attachment: Attachment,
        user: u64,
        reason: flow.EndReason,
        counters: flow.Counters,
    ) void {
        const charge: Charge = .unpack(user);
        attachment.receiver.settle(charge.bytes, counters);
        attachment.receiver.reportEnd(charge.connection, reason, counters);
    }
};

/// Names no flow: no table has this index.
const no_flow: flow.FlowId = .{ .index = std.math.maxInt(u32), .generation = 0 };

test "however full the event ring is, and wherever it ends, every connection's end finds room" {
    const connection_count = 4;
    var memory: [1024]u8 align(ring.alignment) = undefined;
    for (0..memory.len / ring.alignment) |step| {
        for (0..4) |payload_size| {
            const start = step * ring.alignment;
            var positions: ring.Positions = .{ .written = start, .read = start };
            var events: ring.Producer = .init(&positions, &memory);
            const payload = ([_]u8{0} ** 64)[0 .. payload_size * ring.alignment];
            const headroom = Receiver.endRoom(connection_count);
            var data_count: u32 = 0;
            while (events.push(1, 0, &.{payload}, headroom)) data_count += 1;
            try std.testing.expect(data_count > 4);
            const end = std.mem.zeroes(shared.Ended);
            // One more than there are connections: see `endRoom`.
            for (0..connection_count + 1) |_| {
                try std.testing.expect(events.push(3, 0, &.{std.mem.asBytes(&end)}, 0));
            }
        }
    }
}
