//! A reader: takes frames from its rings, tells ours from strangers' (cookie, then target set, then
//! dedup), runs the flows, and obeys JavaScript's commands. It owns its flows, so nothing there is
//! locked, and it never waits for a consumer: what cannot be handed on stays unanswered for the
//! next pass.

const std = @import("std");
const linux = std.os.linux;
const assert = std.debug.assert;
const Address = @import("wire/address.zig").Address;
const Bucket = @import("bucket.zig").Bucket;
const Cookie = @import("cookie.zig").Cookie;
const Question = @import("cookie.zig").Question;
const Flights = @import("flights.zig").Flights;
const HardwareAddress = @import("wire/ethernet.zig").HardwareAddress;
const HopTable = @import("hop_table.zig").HopTable;
const IndexSet = @import("index_set.zig").IndexSet;
const Link = @import("hop.zig").Link;
const Neighbors = @import("neighbors.zig").Neighbors;
const OpeningQueue = @import("opening_queue.zig").OpeningQueue;
const PortWindow = @import("port_window.zig").PortWindow;
const ReceiveRing = @import("sys/packet_socket.zig").ReceiveRing;
const ResetWatch = @import("sys/reset_watch.zig").ResetWatch;
const RoundTrips = @import("round_trips.zig").RoundTrips;
const TargetSet = @import("target_set.zig").TargetSet;
const Template = @import("probe.zig").Template;
const Transmitter = @import("sys/transmitter.zig").Transmitter;
const Wakeup = @import("sys/wakeup.zig").Wakeup;
const Way = @import("way.zig").Way;
const clock = @import("sys/clock.zig");
const flow = @import("flow.zig");
const icmpv4 = @import("wire/icmpv4.zig");
const icmpv6 = @import("wire/icmpv6.zig");
const ip = @import("wire/ip.zig");
const ipv4 = @import("wire/ipv4.zig");
const ethernet = @import("wire/ethernet.zig");
const neighbors_file = @import("neighbors.zig");
const packet_socket = @import("sys/packet_socket.zig");
const ring = @import("ring.zig");
const shared = @import("shared.zig");
const tcp = @import("wire/tcp.zig");

/// What becomes of a target that answers with a SYN-ACK.
pub const Manner = enum(u32) {
    /// JavaScript goes on with its connection, or rejects it.
    hand_over = 0,
    /// Our reset, at once: half-open connections are not left on strangers' hosts.
    reset = 1,
    /// Nothing. The target repeats its SYN-ACK until it gives up.
    leave = 2,
};

/// Which verdicts JavaScript wants to hear of, each by a `Reply`.
pub const Report = packed struct(u32) {
    open: bool = false,
    closed: bool = false,
    unreachable_target: bool = false,
    _: u29 = 0,
};

/// A link as one reader uses it.
pub const Inlet = struct {
    link: Link,
    ring: ReceiveRing,
    transmitter: Transmitter,
};

/// More links than this are refused.
pub const link_count_max = 16;

/// What a reader works with; all of it outlives the reader. What is a pointer to something that is
/// not constant is shared with the other threads.
pub const Environment = struct {
    control: *shared.Control,
    events: ring.Producer,
    commands: ring.Consumer,
    manner: Manner,
    report: Report,
    targets: *const TargetSet,
    /// Targets that answered themselves, with a SYN-ACK or a reset.
    answered: *IndexSet,
    /// Targets that a router called unreachable, or that no neighbour answers for.
    unreachable_targets: *IndexSet,
    /// Targets whose replies could not be handed on.
    deferred: *IndexSet,
    cookie: Cookie,
    ports: PortWindow,
    /// What our SYNs offer the peer, with a segment size that fits through every way.
    offer: tcp.Options,
    hops: *const HopTable,
    /// By hop.
    ways: []const Way,
    neighbors: ?*Neighbors,
    /// Addresses that we send from and this host does not have: nobody else answers for them.
    unowned: []const Address,
    flights: *const Flights,
    round_trips: *RoundTrips,
    /// One for each link; the reader's own.
    inlets: []Inlet,
    /// Of all links, for one of the readers to look at.
    reset_watches: []ResetWatch,
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
    /// The clock as of the turn at hand, and the time of day.
    now: u64,
    time_us: u64,
    started_at: u64,
    statistics_at: u64,
    stray_resets: Bucket,
    has_news: bool,
    /// What this turn received, for the counters that all readers share.
    tally: Tally,

    const Tally = struct { frames: u64 = 0, octets: u64 = 0 };

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
    /// Resets per second for segments that were answered with one before. Spoofed ones draw no
    /// more.
    const stray_resets_per_second = 1_000;
    /// In octets, from the end of a connection's stream to the start of the next one's to the same
    /// host. Beyond the window of our SYNs, so that the peer takes no segment of the old for one of
    /// the new; and forward, as peers in TIME-WAIT want it (RFC 9293, 3.6; RFC 6191). Strangers
    /// cannot guess where it starts: it is the cookie that the first one started from.
    const stream_distance = 1 << 16;
    /// A hello, a flight with two certificates, and what TCP adds.
    const connection_bytes_at_first = 3_000;
    /// The average moves by a sixteenth of what is new.
    const connection_bytes_weight = 16;

    /// `flow_capacity` may be 0 where nothing is handed over.
    pub fn init(
        receiver: *Receiver,
        allocator: std.mem.Allocator,
        environment: Environment,
        flow_capacity: u32,
    ) !void {
        assert(environment.inlets.len <= link_count_max);
        receiver.environment = environment;
        receiver.now = clock.now();
        receiver.time_us = clock.realTimeUs();
        receiver.started_at = receiver.now;
        receiver.statistics_at = receiver.now;
        receiver.stray_resets = .init(stray_resets_per_second, std.time.ns_per_s / 10);
        receiver.has_news = false;
        receiver.tally = .{};
        receiver.opening_at = null;
        receiver.connection_bytes = connection_bytes_at_first;
        receiver.flow_ids = try allocator.alloc(flow.FlowId, flow_capacity);
        errdefer allocator.free(receiver.flow_ids);
        @memset(receiver.flow_ids, no_flow);
        receiver.openings = try .init(flow_capacity);
        errdefer receiver.openings.deinit();
        receiver.flows = try .init(allocator, receiver.now, .{
            .flow_count_max = @max(flow_capacity, 1),
            .block_count = @max(64, flow_capacity / 4),
            .window_scale = environment.offer.window_scale,
            .maximum_segment_size = environment.offer.maximum_segment_size.?,
        }, .{ .receiver = receiver }, .{ .receiver = receiver });
    }

    pub fn deinit(receiver: *Receiver, allocator: std.mem.Allocator) void {
        receiver.flows.deinit(allocator);
        receiver.openings.deinit();
        allocator.free(receiver.flow_ids);
    }

    /// The thread's body. Leaves every connection with a reset.
    pub fn run(receiver: *Receiver) void {
        while (!receiver.environment.quit.load(.acquire)) {
            var is_idle = true;
            for (receiver.environment.inlets) |*inlet| {
                const block = inlet.ring.take() orelse continue;
                is_idle = false;
                receiver.readBlock(inlet, block);
            }
            if (is_idle) {
                receiver.finishTurn();
                receiver.wait();
            }
        }
        receiver.now = clock.now();
        receiver.flows.closeAll(receiver.now);
        receiver.finishTurn();
    }

    fn readBlock(receiver: *Receiver, inlet: *const Inlet, block: packet_socket.Block) void {
        var rest = block;
        defer rest.release();
        var frame_count: u32 = 0;
        while (rest.next()) |frame| : (frame_count += 1) {
            if (frame_count % frames_per_turn == 0) receiver.finishTurn();
            receiver.readFrame(&inlet.link, frame);
        }
    }

    /// Everything but frames: commands, timers, what waits to be sent, and news for JavaScript.
    fn finishTurn(receiver: *Receiver) void {
        const environment = &receiver.environment;
        receiver.now = clock.now();
        receiver.time_us = clock.realTimeUs();
        while (environment.commands.peek()) |record| {
            receiver.obey(record);
            environment.commands.pop(record);
        }
        receiver.openWaiting();
        receiver.flows.tick(receiver.now);
        receiver.flush();
        const control = environment.control;
        if (receiver.tally.frames > 0) {
            shared.count(&control.frames_received, receiver.tally.frames);
            shared.count(&control.bytes_received, receiver.tally.octets);
            receiver.tally = .{};
        }
        if (receiver.now >= receiver.statistics_at) {
            receiver.statistics_at = receiver.now + statistics_interval_ns;
            for (environment.inlets) |*inlet| {
                shared.count(&control.frames_dropped, inlet.ring.takeDropCount());
            }
            for (environment.reset_watches) |*watch| {
                shared.count(&control.kernel_resets, watch.take());
            }
        }
        if (receiver.has_news) {
            receiver.has_news = false;
            control.event_counter.advance();
        }
    }

    fn wait(receiver: *Receiver) void {
        const environment = &receiver.environment;
        var wake_at = receiver.now + idle_wait_ns_max;
        if (receiver.flows.nextDeadline()) |deadline_ns| wake_at = @min(wake_at, deadline_ns);
        if (receiver.opening_at) |opening_at| wake_at = @min(wake_at, opening_at);
        const wait_ns = wake_at -| receiver.now;
        var timeout: linux.timespec = .{ .sec = 0, .nsec = @intCast(wait_ns) };
        var descriptors: [link_count_max + 1]linux.pollfd = undefined;
        descriptors[0] = .{
            .fd = environment.wakeup.descriptor,
            .events = linux.POLL.IN,
            .revents = 0,
        };
        const of_rings = descriptors[1..][0..environment.inlets.len];
        for (environment.inlets, of_rings) |*inlet, *descriptor| {
            descriptor.* = .{ .fd = inlet.ring.socket, .events = linux.POLL.IN, .revents = 0 };
        }
        _ = linux.ppoll(&descriptors, @intCast(1 + of_rings.len), &timeout, null);
        if (descriptors[0].revents != 0) environment.wakeup.clear();
        for (environment.inlets, of_rings) |*inlet, descriptor| {
            // What the sender does not report will show as silence.
            if (descriptor.revents & linux.POLL.ERR != 0) inlet.ring.clearError();
        }
    }

    /// For the reader itself, and for tests: one frame that a link brought.
    pub fn readFrame(receiver: *Receiver, link: *const Link, frame: packet_socket.Frame) void {
        const size = frame.wire_size + joinedSize(link, frame.octets);
        receiver.tally.frames += 1;
        receiver.tally.octets += size;
        if (link.framing == .ethernet and vlanOf(frame) != link.vlan) return receiver.spend(size);
        const parsed = switch (link.framing) {
            .ethernet => ip.View.parseFrame(frame.octets),
            .none => ip.View.parse(frame.octets) catch null,
        };
        const packet = parsed orelse {
            receiver.spend(size);
            return receiver.hearNeighbor(link, frame.octets);
        };
        switch (packet.protocol) {
            tcp.protocol => return receiver.readSegment(packet, frame.time_us, size),
            icmpv4.protocol => receiver.readIcmpv4(packet, frame.time_us),
            icmpv6.protocol => if (!receiver.readIcmpv6(packet, frame.time_us)) {
                receiver.hearNeighbor(link, frame.octets);
            },
            else => {},
        }
        receiver.spend(size);
    }

    /// The octets of the headers that generic receive offload took off when it joined segments into
    /// one frame. A peer with a smaller MSS than ours sent more of them than this says.
    fn joinedSize(link: *const Link, octets: []const u8) u32 {
        if (octets.len <= link.headerSize() + link.mtu) return 0;
        const header_size = ethernet.header_size + ipv4.header_size_min + tcp.header_size_min;
        const segment_size_max = link.mtu - (ipv4.header_size_min + tcp.header_size_min);
        return @intCast((octets.len - header_size - 1) / segment_size_max * header_size);
    }

    /// Octets that nobody reserved, in either direction.
    fn spend(receiver: *Receiver, octets: u64) void {
        const budget = &receiver.environment.control.budget;
        budget.wire.spendBounded(receiver.now, octets, debt_ns_max);
        budget.commitment.spendBounded(receiver.now, octets, debt_ns_max);
    }

    /// What neighbours tell of themselves, and what they ask about addresses that only we know of.
    fn hearNeighbor(receiver: *Receiver, link: *const Link, octets: []const u8) void {
        const environment = &receiver.environment;
        // Without link header there are no neighbours, and what looks like one's word is not.
        if (link.framing == .none) return;
        if (environment.neighbors == null and environment.unowned.len == 0) return;
        switch (neighbors_file.Heard.parse(octets) orelse return) {
            .advertised => |told| if (environment.neighbors) |neighbors| {
                neighbors.learn(told.address, told.hardware);
            },
            .asked => |question| for (environment.unowned) |address| {
                if (!address.eql(question.address)) continue;
                const transmitter = receiver.transmitterOf(link.interface_index, link.vlan);
                if (transmitter.isFull()) receiver.flush();
                const size = neighbors_file.emitAnswer(link.*, question, transmitter.slot());
                transmitter.commit(size);
                return receiver.spend(size);
            },
        }
    }

    fn transmitterOf(receiver: *Receiver, interface_index: u32, vlan: u12) *Transmitter {
        for (receiver.environment.inlets) |*inlet| {
            const link = &inlet.link;
            if (link.interface_index == interface_index and link.vlan == vlan) {
                return &inlet.transmitter;
            }
        } else unreachable;
    }

    fn readSegment(receiver: *Receiver, packet: ip.View, time_us: u32, size: u32) void {
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
            return receiver.readRepetition(packet, segment);
        }
        const flags = segment.flags;
        if (!flags.acknowledge) return;
        const sequence = segment.acknowledgment.add(std.math.maxInt(u32)); // One before.
        if (!flags.synchronize and !flags.reset) {
            if (index != null) receiver.readOldConnection(packet, segment, sequence);
            return;
        }
        if (!receiver.isOurs(.of(packet, segment), sequence)) {
            return shared.count(&control.replies_forged, 1);
        }
        const target = index orelse return shared.count(&control.replies_outside, 1);
        const is_new = environment.answered.insert(target) catch return receiver.postpone(target);
        // Another reader was faster.
        if (!is_new) return shared.count(&control.replies_duplicate, 1);

        const round_trip_us = environment.flights.roundTripUs(sequence, time_us);
        const is_open = !flags.reset;
        const verdict: shared.Verdict = if (is_open) .open else .closed;
        const is_reported = if (is_open) environment.report.open else environment.report.closed;
        const is_handed_on = if (is_open and environment.manner == .hand_over)
            receiver.pushHost(packet, segment, round_trip_us)
        else if (!is_reported)
            true
        else
            receiver.pushReply(packet, view, verdict, round_trip_us, time_us);
        if (!is_handed_on) {
            _ = environment.answered.remove(target);
            return receiver.postpone(target);
        }
        receiver.settleTarget(target, round_trip_us);
        shared.count(if (is_open) &control.hosts_verified else &control.closed, 1);
        if (is_open and environment.manner == .reset) {
            receiver.reset(packet.destination, packet.source, segment);
        }
    }

    /// A target that could not be handed on is asked again.
    fn postpone(receiver: *Receiver, target: u64) void {
        shared.count(&receiver.environment.control.replies_deferred, 1);
        // Without memory it stays unknown all the same.
        _ = receiver.environment.deferred.insert(target) catch {};
    }

    /// A target has answered itself: nothing that was thought of it before holds.
    fn settleTarget(receiver: *Receiver, target: u64, round_trip_us: ?u32) void {
        const environment = &receiver.environment;
        receiver.withdrawError(target);
        _ = environment.deferred.remove(target);
        if (round_trip_us) |us| environment.round_trips.add(us);
        @atomicStore(u64, &environment.control.answered_at, receiver.now, .monotonic);
    }

    /// The target is not unreachable, or was not said to be so.
    fn withdrawError(receiver: *Receiver, target: u64) void {
        const environment = &receiver.environment;
        if (!environment.unreachable_targets.remove(target)) return;
        shared.discount(&environment.control.unreachable_count, 1);
    }

    /// What a target sends that has not answered: of a connection with one of our ports that a
    /// process before this one left open when it was killed. To its end our SYN is a part of that,
    /// until a reset ends it; the next pass is then answered (RFC 9293, 3.5.1).
    fn readOldConnection(
        receiver: *Receiver,
        packet: ip.View,
        segment: tcp.Segment,
        sequence: tcp.SequenceNumber,
    ) void {
        if (receiver.environment.manner == .leave) return;
        if (receiver.isOurs(.of(packet, segment), sequence)) return;
        receiver.resetStray(packet, segment);
    }

    /// What a target sends that has answered before, outside any open connection.
    fn readRepetition(receiver: *Receiver, packet: ip.View, segment: tcp.Segment) void {
        const flags = segment.flags;
        const is_repeated = flags.synchronize or flags.reset;
        if (is_repeated) shared.count(&receiver.environment.control.replies_duplicate, 1);
        if (!flags.acknowledge or flags.reset) return;
        // Where connections are handed over, a SYN-ACK may come while its turn is awaited.
        if (is_repeated and receiver.environment.manner != .reset) return;
        // The rest of a connection whose reset was lost: strangers' hosts are not left half-open.
        if (!is_repeated and receiver.environment.manner == .leave) return;
        receiver.resetStray(packet, segment);
    }

    /// Resets what a segment belongs to, if it came to where we asked its sender from, which a
    /// spoofer would have to guess, and there was no flood of them.
    fn resetStray(receiver: *Receiver, packet: ip.View, segment: tcp.Segment) void {
        const question = receiver.environment.cookie.of(packet.source, segment.source_port);
        if (!receiver.isFromUs(question, .of(packet, segment))) return;
        if (receiver.stray_resets.take(receiver.now, 1, 0) != .taken) return;
        receiver.reset(packet.destination, packet.source, segment);
    }

    /// A connection's ends: ours and theirs.
    const Pair = struct {
        local: Address,
        remote: Address,
        local_port: u16,
        remote_port: u16,

        fn of(packet: ip.View, segment: tcp.Segment) Pair {
            return .{
                .local = packet.destination,
                .remote = packet.source,
                .local_port = segment.destination_port,
                .remote_port = segment.source_port,
            };
        }
    };

    /// Whether a probe of ours with this sequence number went from there to there.
    fn isOurs(receiver: *const Receiver, pair: Pair, sequence: tcp.SequenceNumber) bool {
        const question = receiver.environment.cookie.of(pair.remote, pair.remote_port);
        return question.sequence == sequence and receiver.isFromUs(question, pair);
    }

    fn isFromUs(receiver: *const Receiver, question: Question, pair: Pair) bool {
        const environment = &receiver.environment;
        const hop = switch (environment.hops.find(pair.remote)) {
            .hop => |hop| hop,
            .kernel, .none => return false,
        };
        const sources = environment.ways[hop].hop.sources;
        return question.isFrom(pair.local, pair.local_port, sources, environment.ports);
    }

    fn pushHost(
        receiver: *Receiver,
        packet: ip.View,
        segment: tcp.Segment,
        round_trip_us: ?u32,
    ) bool {
        const timestamps = segment.options.timestamps;
        const round_trip_ms = if (round_trip_us) |us|
            us / std.time.us_per_ms
        else
            shared.HostFacts.round_trip_unknown;
        const facts: shared.HostFacts = .{
            .remote = packet.source,
            .local = packet.destination,
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
            .round_trip_ms = round_trip_ms,
        };
        return receiver.push(.host, 0, &.{std.mem.asBytes(&facts)});
    }

    fn pushReply(
        receiver: *Receiver,
        packet: ip.View,
        view: tcp.View,
        verdict: shared.Verdict,
        round_trip_us: ?u32,
        time_us: u32,
    ) bool {
        var reply = receiver.replyOf(packet, verdict, round_trip_us, time_us);
        reply.remote = packet.source;
        reply.remote_port = view.sourcePort();
        reply.local_port = view.destinationPort();
        reply.sequence = view.sequence().toInt();
        reply.acknowledgment = view.acknowledgment().toInt();
        reply.window = view.window();
        const options = view.optionOctets();
        reply.options_size = @intCast(options.len);
        @memcpy(reply.options[0..options.len], options);
        return receiver.push(.reply, 0, &.{std.mem.asBytes(&reply)});
    }

    fn replyOf(
        receiver: *const Receiver,
        packet: ip.View,
        verdict: shared.Verdict,
        round_trip_us: ?u32,
        time_us: u32,
    ) shared.Reply {
        var reply = std.mem.zeroes(shared.Reply);
        reply.local = packet.destination;
        // Of the kernel's stamp there are 32 bits of microseconds: it lies at most 35 minutes
        // before now, or after it, if the clock was set back meanwhile.
        const offset_us: i32 = @bitCast(time_us -% @as(u32, @truncate(receiver.time_us)));
        reply.time_us = receiver.time_us +% @as(u64, @bitCast(@as(i64, offset_us)));
        reply.round_trip_us = round_trip_us orelse shared.Reply.round_trip_unknown;
        reply.identification = packet.identification;
        reply.verdict = @intFromEnum(verdict);
        reply.time_to_live = packet.time_to_live;
        return reply;
    }

    fn readIcmpv4(receiver: *Receiver, packet: ip.View, time_us: u32) void {
        if (!packet.source.isIpv4()) return;
        const view = icmpv4.View.init(packet.payload) catch return;
        const quote = view.quote() orelse return;
        // No verdict: our probes fit through every link (RFC 791, 3.2).
        const is_too_big = view.messageType() == .unreachable_destination and
            view.code() == icmpv4.unreachable_code.fragmentation_needed;
        if (is_too_big) return;
        const message: Message = .{ .type = @intFromEnum(view.messageType()), .code = view.code() };
        receiver.readError(packet, message, quote, time_us);
    }

    /// False when it is no error.
    fn readIcmpv6(receiver: *Receiver, packet: ip.View, time_us: u32) bool {
        if (packet.source.isIpv4()) return true;
        const view = icmpv6.View.init(packet.payload) catch return true;
        const quote = view.quote() orelse return false;
        // A packet too big is no verdict: our probes fit through every link (RFC 8200, 5).
        if (view.messageType() == .packet_too_big) return true;
        const message: Message = .{ .type = @intFromEnum(view.messageType()), .code = view.code() };
        receiver.readError(packet, message, quote, time_us);
        return true;
    }

    const Message = struct { type: u8, code: u8 };

    /// Not an answer of the target itself, so its SYN-ACK still counts (RFC 1122, 4.2.3.9: such
    /// errors are hints).
    fn readError(
        receiver: *Receiver,
        packet: ip.View,
        message: Message,
        quote: ip.Quote,
        time_us: u32,
    ) void {
        const environment = &receiver.environment;
        const control = environment.control;
        if (quote.protocol != tcp.protocol) return;
        if (!environment.ports.contains(quote.sourcePort())) return;
        // An error goes to the source of what it quotes (RFC 792; RFC 4443, 2.2).
        if (!packet.destination.eql(quote.source)) return shared.count(&control.replies_forged, 1);
        const port = quote.destinationPort();
        const of_flow = receiver.flows.reportUnreachable(
            receiver.now,
            quote.destination,
            port,
            quote.sourcePort(),
            quote.sequence(),
        );
        if (of_flow) return;
        if (!receiver.isOurs(.{
            .local = quote.source,
            .remote = quote.destination,
            .local_port = quote.sourcePort(),
            .remote_port = port,
        }, quote.sequence())) return shared.count(&control.replies_forged, 1);
        const target = environment.targets.indexOf(quote.destination, port) orelse
            return shared.count(&control.replies_outside, 1);
        if (environment.answered.contains(target)) {
            return shared.count(&control.replies_duplicate, 1);
        }
        // Counted before another reader can find it and take it off again.
        shared.count(&control.unreachable_count, 1);
        // Beyond the memory that is set aside for them, errors may be told twice.
        const is_new = environment.unreachable_targets.insert(target) catch true;
        if (!is_new) {
            shared.discount(&control.unreachable_count, 1);
            return shared.count(&control.replies_duplicate, 1);
        }
        // The target may have answered another reader meanwhile, which found nothing to take off.
        if (environment.answered.contains(target)) {
            receiver.withdrawError(target);
            return shared.count(&control.replies_duplicate, 1);
        }
        const round_trip_us = environment.flights.roundTripUs(quote.sequence(), time_us);
        if (environment.report.unreachable_target) {
            var reply = receiver.replyOf(packet, .unreachable_target, round_trip_us, time_us);
            reply.remote = quote.destination;
            reply.remote_port = port;
            reply.local_port = quote.sourcePort();
            reply.responder = packet.source;
            reply.obstacle = @intFromEnum(shared.Obstacle.icmp);
            reply.icmp_type = message.type;
            reply.icmp_code = message.code;
            if (!receiver.push(.reply, 0, &.{std.mem.asBytes(&reply)})) {
                receiver.withdrawError(target);
                return receiver.postpone(target);
            }
        }
        _ = environment.deferred.remove(target);
        @atomicStore(u64, &control.answered_at, receiver.now, .monotonic);
        if (round_trip_us) |us| environment.round_trips.add(us);
    }

    /// The reset that the sender of a segment accepts: RFC 9293, 3.10.7.1.
    fn reset(receiver: *Receiver, local: Address, remote: Address, segment: tcp.Segment) void {
        receiver.sendReset(
            local,
            remote,
            segment.destination_port,
            segment.source_port,
            segment.acknowledgment,
        );
    }

    fn sendReset(
        receiver: *Receiver,
        local: Address,
        remote: Address,
        local_port: u16,
        remote_port: u16,
        sequence: tcp.SequenceNumber,
    ) void {
        receiver.spend(receiver.transmit(local, remote, .{
            .source_port = local_port,
            .destination_port = remote_port,
            .sequence = sequence,
            .acknowledgment = .fromInt(0),
            .flags = .{ .reset = true },
            .window = 0,
        }));
    }

    /// For the reader itself, and for tests: one command of JavaScript's.
    pub fn obey(receiver: *Receiver, record: ring.Record) void {
        const connection = record.connection;
        assert(connection < receiver.flow_ids.len);
        const kind: shared.CommandKind = @enumFromInt(record.kind);
        switch (kind) {
            .open => {
                const size = @sizeOf(shared.Open);
                const command = std.mem.bytesToValue(shared.Open, record.payload[0..size]);
                receiver.openings.push(connection, command, record.payload[size..]) catch
                    receiver.reportUnopened(connection, command, .exhausted);
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
                const command = receiver.openings.remove(connection).command;
                switch (@as(shared.Handshake, @enumFromInt(command.handshake))) {
                    .continued => receiver.reject(command.facts),
                    .fresh => {}, // Its SYN has not left.
                }
                receiver.reportUnopened(connection, command, .closed);
            },
            .reject => {
                const size = @sizeOf(shared.HostFacts);
                receiver.reject(std.mem.bytesToValue(shared.HostFacts, record.payload[0..size]));
            },
        }
    }

    fn reject(receiver: *Receiver, facts: shared.HostFacts) void {
        receiver.sendReset(
            facts.local,
            facts.remote,
            facts.local_port,
            facts.remote_port,
            .fromInt(facts.sequence),
        );
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
        const handshake: shared.Handshake = @enumFromInt(opening.command.handshake);
        receiver.environment.control.budget.wire.spend(receiver.now, receiver.connection_bytes);
        receiver.flow_ids[connection] = receiver.flows.open(receiver.now, .{
            .user = Charge.pack(connection, receiver.connection_bytes),
            .local = facts.local,
            .local_port = facts.local_port,
            .remote = facts.remote,
            .remote_port = facts.remote_port,
            .sequence = switch (handshake) {
                .continued => .fromInt(facts.sequence),
                .fresh => .fromInt(facts.sequence +% stream_distance),
            },
            .syn_ack = switch (handshake) {
                .continued => synAckOf(facts),
                .fresh => null,
            },
            .first_bytes = opening.firstBytes(),
            .deadline_ns = receiver.now +| opening.command.deadline_ns,
            .receive_bytes = opening.command.receive_bytes,
        }) catch {
            receiver.flow_ids[connection] = no_flow;
            receiver.environment.control.budget.wire.refund(receiver.connection_bytes);
            return receiver.reportUnopened(connection, opening.command, .exhausted);
        };
    }

    fn synAckOf(facts: shared.HostFacts) flow.SynAck {
        const has_mss = facts.segment_size_max != 0;
        const has_scale = facts.window_scale != shared.HostFacts.no_window_scale;
        const has_timestamps = facts.has_timestamps != 0;
        const timestamps: tcp.Timestamps = .{ .value = facts.timestamp, .echo = 0 };
        return .{
            .acknowledgment = .fromInt(facts.acknowledgment),
            .window = facts.window,
            .options = .{
                .maximum_segment_size = if (has_mss) facts.segment_size_max else null,
                .window_scale = if (has_scale) facts.window_scale else null,
                .timestamps = if (has_timestamps) timestamps else null,
            },
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
        for (receiver.environment.inlets) |*inlet| {
            const offered = inlet.transmitter.pending;
            if (offered == 0) continue;
            var sent: Transmitter.Sent = .{};
            // The sender meets the same interface and reports its failure; TCP sends again what is
            // lost here.
            inlet.transmitter.flush(&sent, device_patience) catch inlet.transmitter.discard();
            shared.count(&control.send_shortfalls, offered - sent.frames);
            shared.count(&control.bytes_sent, sent.octets);
        }
    }

    /// Returns the octets of its frame; 0 when the way is not known any more.
    fn transmit(receiver: *Receiver, local: Address, remote: Address, segment: tcp.Segment) usize {
        const exit = receiver.exitTo(remote) orelse return 0;
        const slot = exit.transmitter.slot();
        const size = exit.way.hop.emit(local, remote, exit.hardware, segment, slot);
        exit.transmitter.commit(size);
        if (segment.flags.reset) shared.count(&receiver.environment.control.resets_sent, 1);
        return size;
    }

    /// Sends the probe of a host again with another sequence number. Returns like `transmit`.
    fn synchronize(receiver: *Receiver, syn: flow.Syn) usize {
        const environment = &receiver.environment;
        // Admission paid for the first one.
        if (syn.is_again) environment.control.budget.probes.spend(receiver.now, 1);
        const remote = syn.key.remote;
        const exit = receiver.exitTo(remote) orelse return 0;
        const question = environment.cookie.of(remote, syn.key.remote_port);
        const sources = exit.way.hop.sources;
        const source = question.sourceIndex(@intCast(sources.len));
        assert(sources[source].eql(syn.local));
        const template = &exit.way.templates[source];
        const slot = exit.transmitter.slot();
        template.write(slot, .{
            .remote = remote,
            .local_port = syn.key.local_port,
            .remote_port = syn.key.remote_port,
            .sequence = syn.sequence,
            .timestamp = syn.timestamp,
        });
        if (exit.way.hop.kind == .on_link) Template.direct(slot, exit.hardware);
        exit.transmitter.commit(template.size);
        return template.size;
    }

    /// Where frames leave to an address.
    const Exit = struct { way: *const Way, hardware: HardwareAddress, transmitter: *Transmitter };

    /// With room for a frame; null when the way is not known any more.
    fn exitTo(receiver: *Receiver, remote: Address) ?Exit {
        const environment = &receiver.environment;
        const way = switch (environment.hops.find(remote)) {
            .hop => |hop| &environment.ways[hop],
            .kernel, .none => return null,
        };
        const hardware = if (way.hop.kind == .on_link)
            environment.neighbors.?.find(remote) orelse return null
        else
            way.hop.next_hardware;
        const transmitter = &environment.inlets[way.link].transmitter;
        if (transmitter.isFull()) receiver.flush();
        return .{ .way = way, .hardware = hardware, .transmitter = transmitter };
    }

    /// A connection has ended that was never carried: nothing was sent in its stream.
    fn reportUnopened(
        receiver: *Receiver,
        connection: u32,
        command: shared.Open,
        reason: flow.EndReason,
    ) void {
        receiver.reportEnd(connection, .{
            .reason = reason,
            .sequence = .fromInt(command.facts.sequence),
        });
    }

    fn reportEnd(receiver: *Receiver, connection: u32, ending: flow.Ending) void {
        const record: shared.Ended = .{
            .reason = @intFromEnum(ending.reason),
            .sequence = ending.sequence.toInt(),
            .bytes_sent = ending.counters.bytes_sent,
            .bytes_received = ending.counters.bytes_received,
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
        _ = attachment.receiver.transmit(local, remote, segment);
    }

    pub fn synchronize(attachment: Attachment, syn: flow.Syn) usize {
        return attachment.receiver.synchronize(syn);
    }

    pub fn data(attachment: Attachment, user: u64, bytes: []const u8) bool {
        return attachment.receiver.push(.data, Charge.unpack(user).connection, &.{bytes});
    }

    pub fn ended(attachment: Attachment, user: u64, ending: flow.Ending) void {
        const charge: Charge = .unpack(user);
        attachment.receiver.settle(charge.bytes, ending.counters);
        attachment.receiver.reportEnd(charge.connection, ending);
    }
};

/// The VLAN that a frame came over: the kernel has taken the tag out, or left it in.
fn vlanOf(frame: packet_socket.Frame) u12 {
    if (frame.vlan != 0) return frame.vlan;
    return ethernet.vlanOf(frame.octets);
}

/// Names no flow: no table has this index.
const no_flow: flow.FlowId = .{ .index = std.math.maxInt(u32), .generation = 0 };

test "however full the event ring is, and wherever it ends, every connection's end finds room" {
    const connection_count = 4;
    var memory: [1024]u8 align(ring.alignment) = undefined;
    for (0..memory.len / ring.alignment) |step| {
        for (0..4) |payload_size| {
            const start: u32 = @intCast(step * ring.alignment);
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
