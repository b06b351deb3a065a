//! The sender: walks the target set in permuted order and sends one probe to each target, as fast
//! as every bucket allows. A thread of its own that never waits for JavaScript, except that a long
//! queue of what was seen slows it.

const std = @import("std");
const Bucket = @import("bucket.zig").Bucket;
const Cookie = @import("cookie.zig").Cookie;
const Question = @import("cookie.zig").Question;
const Flights = @import("flights.zig").Flights;
const HopTable = @import("hop_table.zig").HopTable;
const IndexSet = @import("index_set.zig").IndexSet;
const Neighbors = @import("neighbors.zig").Neighbors;
const Permutation = @import("permutation.zig").Permutation;
const PortWindow = @import("port_window.zig").PortWindow;
const Progress = @import("plane.zig").Progress;
const RoundTrips = @import("round_trips.zig").RoundTrips;
const Trail = @import("trail.zig").Trail;
const Transmitter = @import("sys/transmitter.zig").Transmitter;
const Target = @import("target_set.zig").Target;
const TargetSet = @import("target_set.zig").TargetSet;
const Template = @import("probe.zig").Template;
const Way = @import("way.zig").Way;
const call = @import("sys/call.zig");
const clock = @import("sys/clock.zig");
const ethernet = @import("wire/ethernet.zig");
const flow = @import("flow.zig");
const neighbors_file = @import("neighbors.zig");
const ring = @import("ring.zig");
const shared = @import("shared.zig");

/// Probes that leave together.
pub const batch_size = 64;

/// A nap short enough that a stop or a live change of the rate is obeyed at once to a person.
const nap_ns_max = 10 * std.time.ns_per_ms;
/// How long a queue that is full is given before it is looked at again.
const queue_nap_ns = std.time.ns_per_ms;
/// A device queue that stays full for half a second (5,000 times 100 us) is a failure, not a delay.
const device_patience = 5_000;
/// How often an interface that takes no frames is tried again.
const blocked_nap_ns = 20 * std.time.ns_per_ms;
/// Passes over what the readers could not hand on, behind the last: each finds most of the rest.
const repair_pass_count_max = 3;

pub const Plan = struct {
    /// Targets that the first pass probes at most, of this shard.
    targets_max: u64,
    /// Of an earlier process.
    progress: Progress,
    /// Passes behind the first over what is still unknown.
    retries: u32,
    /// After each pass, for late replies.
    cooldown: Cooldown,
    /// Verified hosts that may wait for a capture before the sender pauses.
    queue_max: u64,
    /// How long an interface may take no frames before the sweep fails.
    blocked_ns_max: u64,
};

pub const Cooldown = union(enum) {
    fixed_ns: u64,
    /// Until a later reply has become improbable, by the round trips seen.
    automatic,
};

/// How long an automatic cooldown lasts while too few round trips are known.
const cooldown_ns_unknown = 8 * std.time.ns_per_s;

comptime {
    std.debug.assert(cooldown_ns_unknown + Neighbors.patience_ns <= Trail.reach_ns);
}

/// A link as the sender uses it.
pub const Outlet = struct {
    interface_index: u32,
    transmitter: Transmitter,
    /// Questions among the frames that wait to leave; they go in front of the probes.
    questions_pending: u32 = 0,
};

pub const Sweep = struct {
    control: *shared.Control,
    channels: []const shared.Channel,
    /// Octets of events that a reader's ring may hold before the sender pauses.
    channel_fill_max: u64,
    plan: Plan,
    targets: *const TargetSet,
    walk: Permutation.Walk,
    answered: *IndexSet,
    unreachable_targets: *IndexSet,
    /// Targets whose replies the readers could not hand on.
    deferred: *IndexSet,
    cookie: Cookie,
    ports: PortWindow,
    hops: *const HopTable,
    /// By hop.
    ways: []const Way,
    neighbors: ?*Neighbors,
    flights: *Flights,
    round_trips: *const RoundTrips,
    /// One for each link.
    outlets: []Outlet,
    events: ring.Producer,
    /// Set by the owner to end the thread.
    quit: *const std.atomic.Value(bool),

    /// In octets: the largest frame of a probe; what is charged until the frame is known.
    frame_size_max: u32,
    batch: Batch = .{},
    gathered: Gathered = .{},
    /// Targets that `neighbors` holds.
    waiting_count: u64 = 0,
    /// Targets taken from the walk in the first pass, and how far it came when.
    targets_begun: u64 = 0,
    /// Whether no target of the first pass was begun by an earlier process.
    knows_all: bool = true,
    trail: Trail,

    /// Targets chosen to be probed together.
    const Batch = struct {
        targets: [batch_size]Target = undefined,
        questions: [batch_size]Question = undefined,
        hops: [batch_size]u16 = undefined,
        /// The link address of a target that is a neighbour.
        hardware: [batch_size]ethernet.HardwareAddress = undefined,
        count: u32 = 0,
    };

    /// Targets taken out of the walk and not dealt with yet: `count` of them from `first` on.
    const Gathered = struct {
        indexes: [batch_size]u64 = undefined,
        targets: [batch_size]Target = undefined,
        first: u32 = 0,
        count: u32 = 0,
    };

    /// Which targets a pass is about.
    const Scope = enum { every, unknown, deferred };

    /// What one filling of the transmitters came to.
    const Work = struct {
        frames: u32 = 0,
        octets: u64 = 0,
        /// Targets dealt with: probed, or handed to whoever deals with them.
        targets: u32 = 0,
        /// Nothing is left of the pass but what waits for a neighbour.
        is_at_end: bool = false,
    };

    /// Stopped: the sweep was told to stop while frames waited for an interface; they are given up.
    const Error = call.Error || error{Stopped};

    /// The thread's body. The outcome is in `Control.sweep_state`.
    pub fn run(sweep: *Sweep) void {
        clock.sharpenSleep();
        sweep.passes() catch |err| if (err != error.Stopped) {
            sweep.noteFailure();
            return sweep.enter(.failed);
        };
        sweep.enter(.done);
    }

    fn passes(sweep: *Sweep) Error!void {
        const origin = sweep.walk;
        const progress = sweep.plan.progress;
        if (progress.cursor > origin.cursor()) sweep.walk.resumeAt(progress.cursor);
        sweep.knows_all = sweep.walk.cursor() == origin.cursor();
        const pass_count = @as(u64, sweep.plan.retries) + 1;
        // A later pass goes no further than the first one came.
        var first: Trail.Mark = .{};
        for (0..pass_count + repair_pass_count_max) |pass| {
            if (pass > 0 and pass < @min(progress.repeat_pass, pass_count)) continue;
            const scope: Scope = if (pass == 0)
                .every
            else if (pass < pass_count) .unknown else .deferred;
            if (scope == .deferred and sweep.deferred.count() == 0) break;
            @atomicStore(u32, &sweep.control.pass, @intCast(pass), .monotonic);
            if (pass > 0) sweep.walk = origin;
            if (scope == .unknown and pass == progress.repeat_pass) {
                sweep.walk.resumeAt(progress.repeat_cursor);
            }
            sweep.trail = .init(sweep.walk.cursor());
            sweep.settle(pass, sweep.whereabouts());
            sweep.enter(.sending);
            try sweep.sendPass(first.cursor, pass, scope);
            if (scope == .every) first = sweep.whereabouts();
            sweep.enter(.cooling);
            sweep.cool(scope);
            if (sweep.isPassComplete()) sweep.settle(pass, sweep.whereabouts());
            if (sweep.stopped()) return;
            if (sweep.knows_all and sweep.everyTargetAnswered()) break;
        }
        // Whoever could not be handed on until now keeps silent as far as anybody will know.
        sweep.settleFirst(first);
    }

    fn sendPass(sweep: *Sweep, first_end: u64, pass: u64, scope: Scope) Error!void {
        const is_first = scope == .every;
        const steps_max = if (is_first) std.math.maxInt(u64) else first_end;
        var targets_left = if (is_first) sweep.plan.targets_max else std.math.maxInt(u64);
        sweep.gathered.count = 0;
        while (!sweep.stopped()) {
            if (sweep.mustPause()) {
                clock.sleepUntil(clock.now() + queue_nap_ns);
                continue;
            }
            const granted = sweep.spend(batch_size);
            if (granted == 0) continue;
            const wanted: u32 = @intCast(@min(granted, targets_left));
            const work = sweep.fill(granted, wanted, steps_max, scope);
            sweep.refund(granted, work);
            targets_left -= work.targets;
            if (scope == .every) sweep.targets_begun += work.targets;
            if (work.frames > 0) try sweep.send(scope);
            if (scope != .deferred and sweep.gathered.count == 0) sweep.mark(pass);
            if (work.frames > 0 or work.targets > 0) continue;
            if (work.is_at_end and sweep.waiting_count == 0) return;
            sweep.napForNeighbors();
        }
    }

    /// Notes how far the walk has come, and tells how much of it has had the time to answer.
    fn mark(sweep: *Sweep, pass: u64) void {
        const now = clock.now();
        if (!sweep.trail.isDue(now)) return;
        sweep.trail.note(sweep.whereabouts());
        const method = @intFromEnum(sweep.outlets[0].transmitter.method());
        @atomicStore(u32, &sweep.control.send_method, method, .monotonic);
        const neighbor_ns = if (sweep.neighbors == null) 0 else Neighbors.patience_ns;
        sweep.settle(pass, sweep.trail.at(now -| (sweep.answerNs() + neighbor_ns)));
    }

    /// How long a probe's answer is waited for before its target counts as settled: what the round
    /// trips say, and not less than what whoever set the cooldown thought of.
    fn answerNs(sweep: *const Sweep) u64 {
        const quiet_ns = sweep.round_trips.quietNs() orelse cooldown_ns_unknown;
        return switch (sweep.plan.cooldown) {
            .fixed_ns => |ns| @max(quiet_ns, @min(ns, cooldown_ns_unknown)),
            .automatic => quiet_ns,
        };
    }

    /// Whether all that the walk gave out has been probed and waited for.
    fn isPassComplete(sweep: *const Sweep) bool {
        if (sweep.gathered.count > 0 or sweep.waiting_count > 0) return false;
        return !sweep.quit.load(.monotonic);
    }

    fn whereabouts(sweep: *const Sweep) Trail.Mark {
        return .{
            .at_ns = clock.now(),
            .cursor = sweep.walk.cursor(),
            .target_count = sweep.targets_begun,
        };
    }

    /// Tells how much of a pass is settled. While there are targets whose replies could not be
    /// handed on, the place in front of them stands: they are to be asked again.
    fn settle(sweep: *Sweep, pass: u64, place: Trail.Mark) void {
        const control = sweep.control;
        const is_at_begin = pass > 0 and pass != @atomicLoad(u64, &control.repeat_pass, .monotonic);
        if (!is_at_begin and sweep.deferred.count() > 0) return;
        if (pass == 0) return sweep.settleFirst(place);
        if (pass > sweep.plan.retries) return;
        sweep.turnVersion();
        defer sweep.turnVersion();
        @atomicStore(u64, &control.repeat_cursor, place.cursor, .seq_cst);
        @atomicStore(u64, &control.repeat_pass, pass, .seq_cst);
    }

    fn settleFirst(sweep: *Sweep, place: Trail.Mark) void {
        sweep.turnVersion();
        defer sweep.turnVersion();
        @atomicStore(u64, &sweep.control.cursor, place.cursor, .seq_cst);
        @atomicStore(u64, &sweep.control.targets_settled, place.target_count, .seq_cst);
    }

    fn turnVersion(sweep: *Sweep) void {
        _ = @atomicRmw(u64, &sweep.control.progress_version, .Add, 1, .seq_cst);
    }

    /// How many of `wanted` probes every bucket allows now. Sleeps first when it is none.
    fn spend(sweep: *Sweep, wanted: u32) u32 {
        const budget = &sweep.control.budget;
        const now = clock.now();
        const granted = takeProbes(budget, now, sweep.frame_size_max, wanted);
        if (granted > 0) return granted;
        const ready_ns = @max(
            budget.probes.readyAt(),
            budget.commitment.readyAt(),
            budget.wire.readyAt(),
        );
        clock.sleepUntil(@min(ready_ns, now + nap_ns_max));
        return 0;
    }

    /// Gives back what was granted and not used.
    fn refund(sweep: *Sweep, granted: u32, work: Work) void {
        const octets = @as(u64, granted) * sweep.frame_size_max - work.octets;
        const budget = &sweep.control.budget;
        budget.probes.refund(granted - work.frames);
        budget.commitment.refund(octets);
        budget.wire.refund(octets);
    }

    /// Writes up to `granted` frames into the transmitters, for up to `wanted` further targets.
    fn fill(sweep: *Sweep, granted: u32, wanted: u32, steps_max: u64, scope: Scope) Work {
        var work: Work = .{};
        sweep.batch.count = 0;
        // Who has waited for a neighbour goes before who comes.
        if (sweep.waiting_count > 0) sweep.serveNeighbors(sweep.neighbors.?, granted, &work);
        while (work.frames + sweep.batch.count < granted) {
            const room = @min(granted - work.frames - sweep.batch.count, wanted - work.targets);
            if (room == 0) {
                work.is_at_end = wanted < granted;
                break;
            }
            const gathered = sweep.gather(room, steps_max, scope);
            if (gathered.count == 0) {
                work.is_at_end = true;
                break;
            }
            const begun = sweep.beginGathered(room, scope);
            work.targets += begun;
            if (begun == 0) break;
        }
        sweep.writeBatch(&work);
        return work;
    }

    /// Makes sure that targets are at hand, up to `room` of them, unless the pass has no more.
    fn gather(sweep: *Sweep, room: u32, steps_max: u64, scope: Scope) *const Gathered {
        const gathered = &sweep.gathered;
        if (gathered.count > 0) return gathered;
        // In registers: the steps of the walk depend on each other.
        var walk = sweep.walk;
        var count: u32 = 0;
        while (count < room and walk.cursor() < steps_max) {
            const index = walk.next() orelse break;
            const is_wanted = switch (scope) {
                .every => true,
                .unknown => !sweep.answered.contains(index) and
                    !sweep.unreachable_targets.contains(index),
                .deferred => sweep.deferred.contains(index),
            };
            if (is_wanted) {
                gathered.indexes[count] = index;
                count += 1;
            } else if (sweep.stopped()) {
                // There may be millions of them in a row.
                break;
            }
        }
        sweep.walk = walk;
        gathered.first = 0;
        gathered.count = count;
        // All are looked up before the first is used: in a long list each look may miss the cache,
        // and so they miss it together.
        for (gathered.indexes[0..count], gathered.targets[0..count]) |index, *target| {
            target.* = sweep.targets.at(index);
        }
        return gathered;
    }

    /// Deals with up to `room` of the targets at hand; returns with how many. The others have no
    /// room now, and stay at hand.
    fn beginGathered(sweep: *Sweep, room: u32, scope: Scope) u32 {
        const gathered = &sweep.gathered;
        var begun: u32 = 0;
        while (begun < room and gathered.count > 0) : (begun += 1) {
            const position = gathered.first;
            if (!sweep.begin(gathered.indexes[position], gathered.targets[position], scope)) break;
            gathered.first += 1;
            gathered.count -= 1;
        }
        return begun;
    }

    /// Hands a target to whoever deals with it. False when there is no room for it now.
    fn begin(sweep: *Sweep, index: u64, target: Target, scope: Scope) bool {
        switch (sweep.hops.find(target.address)) {
            .none => if (scope == .every) shared.count(&sweep.control.targets_unrouted, 1),
            // Whoever takes them asks them again by himself.
            .kernel => if (scope == .every) {
                const record: shared.WalkTarget =
                    .{ .address = target.address, .port = target.port };
                const octets = std.mem.asBytes(&record);
                const kind = @intFromEnum(shared.EventKind.diverted);
                if (!sweep.events.push(kind, 0, &.{octets}, 0)) return false;
                shared.count(&sweep.control.targets_diverted, 1);
                sweep.control.event_counter.advance();
            },
            .hop => |hop| {
                if (sweep.ways[hop].hop.kind != .on_link) {
                    sweep.choose(target, hop, undefined);
                    return true;
                }
                const neighbors = sweep.neighbors.?;
                if (neighbors.find(target.address)) |hardware| {
                    sweep.choose(target, hop, hardware);
                } else {
                    neighbors.wait(.{
                        .address = target.address,
                        .port = target.port,
                        .hop = hop,
                        .index = index,
                    }) catch return false;
                    sweep.waiting_count += 1;
                }
            },
        }
        return true;
    }

    fn serveNeighbors(sweep: *Sweep, neighbors: *Neighbors, granted: u32, work: *Work) void {
        const now = clock.now();
        while (work.frames + sweep.batch.count < granted) {
            switch (neighbors.next(now) orelse return) {
                .ask => |question| {
                    const way = &sweep.ways[question.hop];
                    const outlet = &sweep.outlets[way.link];
                    const size = neighbors_file.emitQuestion(
                        way.hop.link,
                        way.hop.sources[0],
                        question.address,
                        outlet.transmitter.slot(),
                    );
                    outlet.transmitter.commit(size);
                    outlet.questions_pending += 1;
                    work.frames += 1;
                    work.octets += size;
                },
                .ready => |ready| {
                    const waiting = ready.waiting;
                    sweep.waiting_count -= 1;
                    const target: Target =
                        .{ .address = waiting.address, .port = waiting.port };
                    sweep.choose(target, waiting.hop, ready.hardware);
                },
                .unanswered => |waiting| {
                    sweep.waiting_count -= 1;
                    sweep.reportUnanswered(waiting);
                },
            }
        }
    }

    /// A neighbour that nobody answers for is unreachable.
    fn reportUnanswered(sweep: *Sweep, waiting: neighbors_file.Waiting) void {
        // Counted before a reader can find it and take it off again.
        shared.count(&sweep.control.unreachable_count, 1);
        // Without memory it stays unknown, and the next pass asks again.
        const is_new = sweep.unreachable_targets.insert(waiting.index) catch false;
        if (!is_new) return shared.discount(&sweep.control.unreachable_count, 1);
        if (sweep.answered.contains(waiting.index)) {
            const is_left = sweep.unreachable_targets.remove(waiting.index);
            if (is_left) shared.discount(&sweep.control.unreachable_count, 1);
            return;
        }
        shared.count(&sweep.control.neighbors_silent, 1);
        var reply = std.mem.zeroes(shared.Reply);
        reply.remote = waiting.address;
        reply.remote_port = waiting.port;
        reply.local = sweep.ways[waiting.hop].hop.sources[0];
        reply.time_us = clock.realTimeUs();
        reply.round_trip_us = shared.Reply.round_trip_unknown;
        reply.verdict = @intFromEnum(shared.Verdict.unreachable_target);
        reply.obstacle = @intFromEnum(shared.Obstacle.no_neighbor);
        const kind = @intFromEnum(shared.EventKind.reply);
        while (!sweep.events.push(kind, 0, &.{std.mem.asBytes(&reply)}, 0)) {
            if (sweep.stopped()) return;
            clock.sleepUntil(clock.now() + queue_nap_ns);
        }
        sweep.control.event_counter.advance();
    }

    /// Puts a target on the list of those that are probed next. `hardware` is only looked at for
    /// neighbours.
    fn choose(
        sweep: *Sweep,
        target: Target,
        hop: u16,
        hardware: ethernet.HardwareAddress,
    ) void {
        const batch = &sweep.batch;
        batch.targets[batch.count] = target;
        batch.hops[batch.count] = hop;
        batch.hardware[batch.count] = hardware;
        batch.count += 1;
    }

    /// Writes the frames of the targets that were chosen.
    fn writeBatch(sweep: *Sweep, work: *Work) void {
        const batch = &sweep.batch;
        const timestamp = flow.timestampOf(clock.now(), 0);
        const time_us: u32 = @truncate(clock.realTimeUs());
        // All questions first: by the time that the frames are written, the places where their
        // flights are noted have come near.
        for (batch.targets[0..batch.count], batch.questions[0..batch.count]) |target, *question| {
            question.* = sweep.cookie.of(target.address, target.port);
            sweep.flights.prefetch(question.sequence);
        }
        for (0..batch.count) |position| {
            const target = batch.targets[position];
            const question = batch.questions[position];
            const way = &sweep.ways[batch.hops[position]];
            const template = &way.templates[question.sourceIndex(@intCast(way.templates.len))];
            const transmitter = &sweep.outlets[way.link].transmitter;
            const slot = transmitter.slot();
            template.write(slot, .{
                .remote = target.address,
                .local_port = sweep.ports.first + question.portIndex(sweep.ports.count),
                .remote_port = target.port,
                .sequence = question.sequence,
                .timestamp = timestamp,
            });
            if (way.hop.kind == .on_link) Template.direct(slot, batch.hardware[position]);
            transmitter.commit(template.size);
            sweep.flights.record(question.sequence, time_us);
            work.octets += template.size;
        }
        work.frames += batch.count;
    }

    fn send(sweep: *Sweep, scope: Scope) Error!void {
        for (sweep.outlets) |*outlet| {
            if (outlet.transmitter.pending > 0) try sweep.flush(outlet, scope);
        }
    }

    /// Sends what is pending. An interface that takes nothing is waited for: what did not leave
    /// stays pending, and is not counted.
    fn flush(sweep: *Sweep, outlet: *Outlet, scope: Scope) Error!void {
        var given_up_at: ?u64 = null;
        while (true) {
            var sent: Transmitter.Sent = .{};
            const patience: u32 = if (given_up_at == null) device_patience else 0;
            const result = outlet.transmitter.flush(&sent, patience);
            // What did leave counts, even when an error cut the rest off.
            sweep.countSent(outlet, sent, scope);
            if (result) |_| {
                if (given_up_at != null) sweep.enter(.sending);
                return;
            } else |err| {
                if (err != error.Busy and err != error.InterfaceDown) return err;
                const now = clock.now();
                if (given_up_at == null) {
                    given_up_at = now +| sweep.plan.blocked_ns_max;
                    sweep.noteFailure();
                    const blocked = &sweep.control.blocked_interface;
                    @atomicStore(u32, blocked, outlet.interface_index, .monotonic);
                    sweep.enter(.blocked);
                }
                if (now >= given_up_at.?) return err;
                if (sweep.stopped()) {
                    outlet.transmitter.discard();
                    return error.Stopped;
                }
                clock.sleepUntil(now + blocked_nap_ns);
            }
        }
    }

    fn countSent(sweep: *Sweep, outlet: *Outlet, sent: Transmitter.Sent, scope: Scope) void {
        const control = sweep.control;
        const questions = @min(outlet.questions_pending, sent.frames);
        outlet.questions_pending -= questions;
        const probes = sent.frames - questions;
        shared.count(&control.questions_sent, questions);
        shared.count(&control.probes_sent, probes);
        if (scope != .every) shared.count(&control.probes_repeated, probes);
        shared.count(&control.bytes_sent, sent.octets);
    }

    fn cool(sweep: *Sweep, scope: Scope) void {
        const start = clock.now();
        const can_know = scope == .every or sweep.knows_all;
        while (!sweep.quit.load(.monotonic)) {
            if (can_know and sweep.everyTargetAnswered()) return;
            const now = clock.now();
            const end = switch (sweep.plan.cooldown) {
                .fixed_ns => |ns| start +| ns,
                .automatic => sweep.quietEnd(start),
            };
            if (now >= end) return;
            clock.sleepUntil(@min(end, now + nap_ns_max));
        }
    }

    /// When it will have been quiet for so long that a later reply is improbable.
    fn quietEnd(sweep: *const Sweep, cooling_since: u64) u64 {
        const answered_at = @atomicLoad(u64, &sweep.control.answered_at, .monotonic);
        const quiet_ns = sweep.round_trips.quietNs() orelse cooldown_ns_unknown;
        return @max(cooling_since, answered_at) +| quiet_ns;
    }

    /// Of those that this process has begun.
    fn everyTargetAnswered(sweep: *const Sweep) bool {
        const elsewhere = @atomicLoad(u64, &sweep.control.targets_diverted, .monotonic) +
            @atomicLoad(u64, &sweep.control.targets_unrouted, .monotonic);
        return sweep.answered.count() + elsewhere >= sweep.targets_begun;
    }

    /// Whether those who take what was seen have fallen behind.
    fn mustPause(sweep: *const Sweep) bool {
        const settled = @atomicLoad(u64, &sweep.control.hosts_settled, .monotonic);
        // The reader hands a host over before it counts it, so JavaScript may be ahead.
        const queued = @atomicLoad(u64, &sweep.control.hosts_verified, .monotonic) -| settled;
        if (queued >= sweep.plan.queue_max) return true;
        for (sweep.channels) |*channel| {
            if (channel.events.unread() > sweep.channel_fill_max) return true;
        }
        return false;
    }

    /// Until a question is due, or soon: readers learn neighbours without a word.
    fn napForNeighbors(sweep: *Sweep) void {
        const now = clock.now();
        const deadline = if (sweep.neighbors) |neighbors| neighbors.deadline() else null;
        clock.sleepUntil(@min(deadline orelse now + queue_nap_ns, now + queue_nap_ns));
    }

    fn stopped(sweep: *const Sweep) bool {
        const is_told_to_stop = @atomicLoad(u32, &sweep.control.stop_sending, .monotonic) != 0;
        return is_told_to_stop or sweep.quit.load(.monotonic);
    }

    fn noteFailure(sweep: *Sweep) void {
        const code: u32 = @intFromEnum(call.lastCode());
        @atomicStore(u32, &sweep.control.failure_code, code, .monotonic);
    }

    fn enter(sweep: *Sweep, state: shared.SweepState) void {
        @atomicStore(u32, &sweep.control.sweep_state, @intFromEnum(state), .release);
        sweep.control.event_counter.advance();
    }
};

/// Takes as many of `wanted` probes of `frame_size` octets as every bucket allows; returns how
/// many.
fn takeProbes(budget: *shared.Budget, now_ns: u64, frame_size: u32, wanted: u32) u32 {
    const by_rate = budget.probes.takeUpTo(now_ns, 1, wanted);
    const by_commitment = budget.commitment.takeUpTo(now_ns, frame_size, by_rate);
    const granted = budget.wire.takeUpTo(now_ns, frame_size, by_commitment);
    budget.probes.refund(by_rate - granted);
    budget.commitment.refund(@as(u64, by_commitment - granted) * frame_size);
    return granted;
}

const test_frame_size = 74;

test "the scarcest bucket decides, and the others keep what it refused" {
    const second = std.time.ns_per_s;
    const start = 1000 * second;
    // In probes per second; each bucket in turn holds 10 (and the one begun with credit) of a
    // second, the others ten times as much. The prices are whole numbers of ticks.
    for (0..3) |scarcest| {
        var rates: [3]u64 = @splat(100);
        rates[scarcest] = 10;
        var budget: shared.Budget = .{
            .probes = .init(rates[0], second),
            .commitment = .init(rates[1] * test_frame_size, second),
            .wire = .init(rates[2] * test_frame_size, second),
        };
        try std.testing.expectEqual(11, takeProbes(&budget, start, test_frame_size, 64));
        try std.testing.expectEqual(0, takeProbes(&budget, start, test_frame_size, 64));
        const buckets = [_]*const Bucket{ &budget.probes, &budget.commitment, &budget.wire };
        for (buckets, rates) |bucket, rate| {
            try std.testing.expectEqual(start - second + 11 * second / rate, bucket.readyAt());
        }
    }
}

test "probes are granted up to what is wanted, and unlimited buckets refuse none" {
    var budget: shared.Budget = .{ .probes = .{}, .commitment = .{}, .wire = .{} };
    try std.testing.expectEqual(64, takeProbes(&budget, 0, test_frame_size, 64));
    budget.probes.setRate(1);
    try std.testing.expectEqual(1, takeProbes(&budget, 0, test_frame_size, 64));
    try std.testing.expectEqual(0, takeProbes(&budget, 0, test_frame_size, 64));
}

/// A sweep with nothing but what says how far it has come.
fn testSweep(control: *shared.Control, deferred: *IndexSet, round_trips: *RoundTrips) Sweep {
    var sweep: Sweep = undefined;
    sweep.control = control;
    sweep.deferred = deferred;
    sweep.round_trips = round_trips;
    sweep.plan = .{
        .targets_max = 1,
        .progress = .{ .cursor = 0, .repeat_cursor = 0, .repeat_pass = 0 },
        .retries = 2,
        .cooldown = .automatic,
        .queue_max = 1,
        .blocked_ns_max = 1,
    };
    return sweep;
}

test "the place in front of a reply that could not be handed on stands until it could be" {
    var control = std.mem.zeroes(shared.Control);
    var deferred: IndexSet = try .init(std.testing.allocator, 100, null);
    defer deferred.deinit();
    var round_trips: RoundTrips = .{};
    var sweep = testSweep(&control, &deferred, &round_trips);
    sweep.settle(0, .{ .cursor = 7, .target_count = 5 });
    try std.testing.expectEqual(7, control.cursor);
    try std.testing.expectEqual(5, control.targets_settled);
    _ = try deferred.insert(3);
    sweep.settle(0, .{ .cursor = 9, .target_count = 6 });
    try std.testing.expectEqual(7, control.cursor);
    try std.testing.expectEqual(5, control.targets_settled);
    _ = deferred.remove(3);
    sweep.settle(0, .{ .cursor = 9, .target_count = 6 });
    try std.testing.expectEqual(9, control.cursor);
    try std.testing.expectEqual(0, control.progress_version % 2);
}

test "each later pass has its own place, and those that repair have none" {
    var control = std.mem.zeroes(shared.Control);
    var deferred: IndexSet = try .init(std.testing.allocator, 100, null);
    defer deferred.deinit();
    var round_trips: RoundTrips = .{};
    var sweep = testSweep(&control, &deferred, &round_trips);
    sweep.settle(0, .{ .cursor = 90, .target_count = 80 });
    sweep.settle(1, .{ .cursor = 40 });
    _ = try deferred.insert(3);
    sweep.settle(1, .{ .cursor = 50 });
    try std.testing.expectEqual(40, control.repeat_cursor);
    try std.testing.expectEqual(1, control.repeat_pass);
    // That a pass has begun is true all the same.
    sweep.settle(2, .{ .cursor = 0 });
    try std.testing.expectEqual(0, control.repeat_cursor);
    try std.testing.expectEqual(2, control.repeat_pass);
    sweep.settle(3, .{ .cursor = 10 });
    try std.testing.expectEqual(2, control.repeat_pass);
    try std.testing.expectEqual(90, control.cursor);
    try std.testing.expectEqual(80, control.targets_settled);
}

test "an answer is waited for as long as round trips say, and not less than the cooldown" {
    var control = std.mem.zeroes(shared.Control);
    var deferred: IndexSet = try .init(std.testing.allocator, 1, null);
    defer deferred.deinit();
    var round_trips: RoundTrips = .{};
    var sweep = testSweep(&control, &deferred, &round_trips);
    try std.testing.expectEqual(cooldown_ns_unknown, sweep.answerNs());
    for (0..1000) |_| round_trips.add(10_000);
    const quiet_ns = round_trips.quietNs().?;
    try std.testing.expectEqual(quiet_ns, sweep.answerNs());
    sweep.plan.cooldown = .{ .fixed_ns = 2 * std.time.ns_per_s };
    try std.testing.expectEqual(2 * std.time.ns_per_s, sweep.answerNs());
    sweep.plan.cooldown = .{ .fixed_ns = 0 };
    try std.testing.expectEqual(quiet_ns, sweep.answerNs());
    // What is longer ago the trail does not reach.
    sweep.plan.cooldown = .{ .fixed_ns = 60 * std.time.ns_per_s };
    try std.testing.expectEqual(cooldown_ns_unknown, sweep.answerNs());
}
