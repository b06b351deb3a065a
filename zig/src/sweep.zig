//! The sender: walks the target set in permuted order and sends one probe to each target, as fast
//! as every bucket allows. A thread of its own that never waits for JavaScript, except that a long
//! queue of verified hosts slows it.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Answered = @import("answered.zig").Answered;
const Bucket = @import("bucket.zig").Bucket;
const Cookie = @import("cookie.zig").Cookie;
const Permutation = @import("permutation.zig").Permutation;
const TargetSet = @import("target_set.zig").TargetSet;
const Transmitter = @import("sys/transmitter.zig").Transmitter;
const call = @import("sys/call.zig");
const clock = @import("sys/clock.zig");
const flow = @import("flow.zig");
const path = @import("path.zig");
const probe = @import("probe.zig");
const shared = @import("shared.zig");

/// Probes that leave together.
pub const batch_size = 64;

/// In octets, of a probe.
const frame_size = probe.Template.frame_size;

/// A nap short enough that a stop or a live change of the rate is obeyed at once to a person.
const nap_ns_max = 10 * std.time.ns_per_ms;
/// How long the queue of verified hosts is given before it is looked at again.
const queue_nap_ns = std.time.ns_per_ms;
/// A device queue that stays full for half a second (5,000 times 100 us) is a failure, not a delay.
const device_patience = 5_000;

pub const Plan = struct {
    /// Targets to probe at most, of this shard.
    targets_max: u64,
    /// Passes behind the first over what is still unknown.
    retries: u32,
    /// After each pass, for late replies.
    cooldown_ns: u64,
    /// Verified hosts that may wait for a capture before the sender pauses.
    queue_max: u64,
};

pub const Sweep = struct {
    control: *shared.Control,
    plan: Plan,
    targets: *const TargetSet,
    walk: Permutation.Walk,
    answered: *const Answered,
    cookie: Cookie,
    local: Address,
    ports: path.PortWindow,
    template: probe.Template,
    transmitter: *Transmitter,
    /// Set by the owner to end the thread.
    quit: *const std.atomic.Value(bool),

    /// The thread's body. The outcome is in `Control.sweep_state`.
    pub fn run(sweep: *Sweep) void {
        clock.sharpenSleep();
        for (sweep.transmitter.slots) |*slot| {
            slot[0..frame_size].* = sweep.template.octets;
        }
        sweep.passes() catch {
            const code: u32 = @intFromEnum(call.lastCode());
            @atomicStore(u32, &sweep.control.failure_code, code, .monotonic);
            return sweep.enter(.failed);
        };
        sweep.enter(.done);
    }

    fn passes(sweep: *Sweep) call.Error!void {
        const start = sweep.walk;
        // A later pass goes no further than the first one came.
        var steps_max: u64 = std.math.maxInt(u64);
        for (0..@as(u64, sweep.plan.retries) + 1) |pass| {
            sweep.enter(.sending);
            sweep.walk = start;
            try sweep.sendPass(steps_max, pass > 0);
            steps_max = sweep.walk.cursor();
            sweep.enter(.cooling);
            sweep.cool();
            if (sweep.stopped() or sweep.everyTargetAnswered()) return;
        }
    }

    fn sendPass(sweep: *Sweep, steps_max: u64, only_unanswered: bool) call.Error!void {
        var probed: u64 = 0;
        while (probed < sweep.plan.targets_max and !sweep.stopped()) {
            if (sweep.queueLength() >= sweep.plan.queue_max) {
                clock.sleepUntil(clock.now() + queue_nap_ns);
                continue;
            }
            const wanted: u32 = @intCast(@min(batch_size, sweep.plan.targets_max - probed));
            const granted = sweep.spend(wanted);
            if (granted == 0) continue;
            const filled = sweep.fill(granted, steps_max, only_unanswered);
            refundProbes(&sweep.control.budget, granted - filled);
            if (filled == 0) return;
            try sweep.send();
            probed += filled;
            @atomicStore(u64, &sweep.control.cursor, sweep.walk.cursor(), .monotonic);
        }
    }

    /// How many of `wanted` probes every bucket allows now. Sleeps first when it is none.
    fn spend(sweep: *Sweep, wanted: u32) u32 {
        const budget = &sweep.control.budget;
        const now = clock.now();
        const granted = takeProbes(budget, now, wanted);
        if (granted > 0) return granted;
        const ready_ns = @max(
            budget.probes.readyAt(),
            budget.commitment.readyAt(),
            budget.wire.readyAt(),
        );
        clock.sleepUntil(@min(ready_ns, now + nap_ns_max));
        return 0;
    }

    /// Writes up to `count` probes into the transmitter's slots; fewer only at the end of the pass,
    /// or when it is to be left.
    fn fill(sweep: *Sweep, count: u32, steps_max: u64, only_unanswered: bool) u32 {
        const timestamp = flow.timestampOf(clock.now(), 0);
        var filled: u32 = 0;
        while (filled < count and sweep.walk.cursor() < steps_max) {
            const index = sweep.walk.next() orelse break;
            if (only_unanswered and sweep.answered.contains(index)) {
                // There may be millions of them in a row.
                if (sweep.stopped()) break;
                continue;
            }
            const target = sweep.targets.at(index);
            const question = sweep.cookie.of(sweep.local, target.address, target.port);
            sweep.template.patch(sweep.transmitter.slot()[0..frame_size], .{
                .remote = target.address,
                .local_port = sweep.ports.first + question.sourcePortIndex(sweep.ports.count),
                .remote_port = target.port,
                .sequence = question.sequence,
                .timestamp = timestamp,
            });
            sweep.transmitter.commit(frame_size);
            filled += 1;
        }
        return filled;
    }

    fn send(sweep: *Sweep) call.Error!void {
        var sent: Transmitter.Sent = .{};
        // What did leave counts, even when an error cut the rest off.
        defer {
            shared.count(&sweep.control.probes_sent, sent.frames);
            shared.count(&sweep.control.bytes_sent, sent.octets);
        }
        try sweep.transmitter.flush(&sent, device_patience);
    }

    fn cool(sweep: *Sweep) void {
        const end_ns = clock.now() +| sweep.plan.cooldown_ns;
        while (!sweep.quit.load(.monotonic) and !sweep.everyTargetAnswered()) {
            const now = clock.now();
            if (now >= end_ns) return;
            clock.sleepUntil(@min(end_ns, now + nap_ns_max));
        }
    }

    fn everyTargetAnswered(sweep: *const Sweep) bool {
        return sweep.answered.count() == sweep.targets.count;
    }

    fn queueLength(sweep: *const Sweep) u64 {
        const settled = @atomicLoad(u64, &sweep.control.hosts_settled, .monotonic);
        // The reader hands a host over before it counts it, so JavaScript may be ahead.
        return @atomicLoad(u64, &sweep.control.hosts_verified, .monotonic) -| settled;
    }

    fn stopped(sweep: *const Sweep) bool {
        const is_told_to_stop = @atomicLoad(u32, &sweep.control.stop_sending, .monotonic) != 0;
        return is_told_to_stop or sweep.quit.load(.monotonic);
    }

    fn enter(sweep: *Sweep, state: shared.SweepState) void {
        @atomicStore(u32, &sweep.control.sweep_state, @intFromEnum(state), .release);
        sweep.control.event_counter.advance();
    }
};

/// Takes as many of `wanted` probes as every bucket allows; returns how many.
fn takeProbes(budget: *shared.Budget, now_ns: u64, wanted: u32) u32 {
    const by_rate = budget.probes.takeUpTo(now_ns, 1, wanted);
    const by_commitment = budget.commitment.takeUpTo(now_ns, frame_size, by_rate);
    const granted = budget.wire.takeUpTo(now_ns, frame_size, by_commitment);
    budget.probes.refund(by_rate - granted);
    budget.commitment.refund(@as(u64, by_commitment - granted) * frame_size);
    return granted;
}

/// Gives back probes that were taken and not sent.
fn refundProbes(budget: *shared.Budget, probe_count: u32) void {
    const octets = @as(u64, probe_count) * frame_size;
    budget.probes.refund(probe_count);
    budget.commitment.refund(octets);
    budget.wire.refund(octets);
}

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
            .commitment = .init(rates[1] * frame_size, second),
            .wire = .init(rates[2] * frame_size, second),
        };
        try std.testing.expectEqual(11, takeProbes(&budget, start, 64));
        try std.testing.expectEqual(0, takeProbes(&budget, start, 64));
        const buckets = [_]*const Bucket{ &budget.probes, &budget.commitment, &budget.wire };
        for (buckets, rates) |bucket, rate| {
            try std.testing.expectEqual(start - second + 11 * second / rate, bucket.readyAt());
        }
        refundProbes(&budget, 11);
        for (buckets) |bucket| try std.testing.expectEqual(start - second, bucket.readyAt());
    }
}

test "probes are granted up to what is wanted, and unlimited buckets refuse none" {
    var budget: shared.Budget = .{ .probes = .{}, .commitment = .{}, .wire = .{} };
    try std.testing.expectEqual(64, takeProbes(&budget, 0, 64));
    budget.probes.setRate(1);
    try std.testing.expectEqual(1, takeProbes(&budget, 0, 64));
    try std.testing.expectEqual(0, takeProbes(&budget, 0, 64));
}
