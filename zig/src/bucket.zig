//! A token bucket that two native threads and JavaScript can share: one number, the time at which
//! everything spent so far is paid for. This is the generic cell rate algorithm (ITU-T I.371),
//! whose "theoretical arrival time" is `arrival`.

const std = @import("std");

/// Costs are in units of the caller's choice (probes, octets), rates in units per second, times in
/// nanoseconds of any clock that does not go back. All zeros is an unlimited bucket.
pub const Bucket = extern struct {
    /// In ticks. Until then the rate is used up; the past means credit. Atomic.
    arrival: i64 = 0,
    /// In units per second; 0 is unlimited. Atomic.
    rate: u64 = 0,
    /// Idle time that is remembered as credit; what is older is forgotten. Atomic.
    depth_ns: u64 = 0,

    /// Fine enough that the rounding of one 84-octet frame at 40 Gbit/s, always to the slower side,
    /// is below 0.1%; coarse enough that a clock may run for four years.
    const ticks_per_nanosecond = 64;
    const ticks_per_second = ticks_per_nanosecond * std.time.ns_per_s;

    pub const Answer = union(enum) {
        taken,
        /// Nothing was spent. Try again in so many nanoseconds, at least 1.
        wait_ns: u64,
    };

    pub fn init(rate: u64, depth_ns: u64) Bucket {
        return .{ .rate = rate, .depth_ns = depth_ns };
    }

    /// Spends `cost` if what was spent before is paid for by `now_ns + allowance_ns`, however large
    /// the cost: in any window of time, what is taken is at most what the rate allows in the
    /// window, the depth and the allowance together, and one cost. A larger allowance goes first.
    pub fn take(bucket: *Bucket, now_ns: u64, cost: u64, allowance_ns: u64) Answer {
        const price = bucket.priceUp(cost) orelse return .taken;
        const limit = ticksOf(now_ns) +| ticksOf(allowance_ns);
        var arrival = @atomicLoad(i64, &bucket.arrival, .monotonic);
        while (true) {
            const paid = bucket.withoutForgotten(arrival, now_ns);
            if (paid > limit) return .{ .wait_ns = nanosecondsUp(paid - limit) };
            arrival = bucket.exchange(arrival, paid +| price) orelse return .taken;
        }
    }

    /// Spends as many times `cost` as the credit at `now_ns` holds, the last of them begun with
    /// credit, at most `count_max`; returns how many. Never more in any window than `take` allows.
    pub fn takeUpTo(bucket: *Bucket, now_ns: u64, cost: u64, count_max: u32) u32 {
        const price = bucket.priceUp(cost) orelse return count_max;
        const now = ticksOf(now_ns);
        var arrival = @atomicLoad(i64, &bucket.arrival, .monotonic);
        while (true) {
            const paid = bucket.withoutForgotten(arrival, now_ns);
            if (paid > now) return 0;
            // A price of nothing is the price of a cost of nothing.
            const affordable = if (price == 0) count_max else @divFloor(now - paid, price) +| 1;
            const count: u32 = @intCast(@min(affordable, count_max));
            arrival = bucket.exchange(arrival, paid +| count *| price) orelse return count;
        }
    }

    /// Spends `cost` whatever was spent before: what happened has to be paid for, later if need be.
    pub fn spend(bucket: *Bucket, now_ns: u64, cost: u64) void {
        const price = bucket.priceUp(cost) orelse return;
        var arrival = @atomicLoad(i64, &bucket.arrival, .monotonic);
        while (true) {
            const paid = bucket.withoutForgotten(arrival, now_ns);
            arrival = bucket.exchange(arrival, paid +| price) orelse return;
        }
    }

    /// Spends like `spend`, but goes into debt for at most `debt_ns_max`; what would lie beyond is
    /// forgiven. For costs that strangers cause: whoever floods us must not stop us for longer than
    /// the flood lasts.
    pub fn spendBounded(bucket: *Bucket, now_ns: u64, cost: u64, debt_ns_max: u64) void {
        const price = bucket.priceUp(cost) orelse return;
        const limit = ticksOf(now_ns) +| ticksOf(debt_ns_max);
        var arrival = @atomicLoad(i64, &bucket.arrival, .monotonic);
        while (true) {
            const paid = bucket.withoutForgotten(arrival, now_ns);
            const owed = @max(paid, @min(paid +| price, limit));
            arrival = bucket.exchange(arrival, owed) orelse return;
        }
    }

    /// Gives back what was taken and not used. Credit beyond the depth is forgotten as ever, so a
    /// refund at another rate than the one it was taken at does no harm.
    pub fn refund(bucket: *Bucket, cost: u64) void {
        // Down, so that taking and refunding in turn never gains anything.
        const price = bucket.priceDown(cost) orelse return;
        var arrival = @atomicLoad(i64, &bucket.arrival, .monotonic);
        while (true) arrival = bucket.exchange(arrival, arrival -| price) orelse return;
    }

    /// In units per second, 0 is unlimited; from now on. What was spent stays paid for up to the
    /// time it was spent for.
    pub fn setRate(bucket: *Bucket, rate: u64) void {
        @atomicStore(u64, &bucket.rate, rate, .monotonic);
    }

    /// How much idle time is remembered as credit, in nanoseconds; from now on.
    pub fn setDepth(bucket: *Bucket, depth_ns: u64) void {
        @atomicStore(u64, &bucket.depth_ns, depth_ns, .monotonic);
    }

    /// When everything spent so far is paid for, in nanoseconds of the clock: no earlier does
    /// `take` without allowance succeed. 0 when unlimited.
    pub fn readyAt(bucket: *const Bucket) u64 {
        if (@atomicLoad(u64, &bucket.rate, .monotonic) == 0) return 0;
        const arrival = @atomicLoad(i64, &bucket.arrival, .monotonic);
        return nanosecondsUp(@max(arrival, 0));
    }

    fn withoutForgotten(bucket: *const Bucket, arrival: i64, now_ns: u64) i64 {
        const depth = ticksOf(@atomicLoad(u64, &bucket.depth_ns, .monotonic));
        return @max(arrival, ticksOf(now_ns) -| depth);
    }

    /// Null when exchanged, else what is there instead. Nothing else is published with the number,
    /// so no order is needed.
    fn exchange(bucket: *Bucket, expected: i64, arrival: i64) ?i64 {
        return @cmpxchgWeak(i64, &bucket.arrival, expected, arrival, .monotonic, .monotonic);
    }

    /// In ticks, rounded up; null when unlimited.
    fn priceUp(bucket: *const Bucket, cost: u64) ?i64 {
        const rate = @atomicLoad(u64, &bucket.rate, .monotonic);
        if (rate == 0) return null;
        return saturate((@as(u128, cost) * ticks_per_second + (rate - 1)) / rate);
    }

    /// In ticks, rounded down; null when unlimited.
    fn priceDown(bucket: *const Bucket, cost: u64) ?i64 {
        const rate = @atomicLoad(u64, &bucket.rate, .monotonic);
        if (rate == 0) return null;
        return saturate(@as(u128, cost) * ticks_per_second / rate);
    }

    fn ticksOf(ns: u64) i64 {
        return saturate(@as(u128, ns) * ticks_per_nanosecond);
    }

    fn nanosecondsUp(ticks: i64) u64 {
        return std.math.divCeil(u64, @intCast(ticks), ticks_per_nanosecond) catch unreachable;
    }

    fn saturate(ticks: u128) i64 {
        return std.math.cast(i64, ticks) orelse std.math.maxInt(i64);
    }
};

comptime {
    std.debug.assert(@sizeOf(Bucket) == 24);
    std.debug.assert(@alignOf(Bucket) == 8);
}

const ms = std.time.ns_per_ms;
const second = std.time.ns_per_s;
/// A clock that has run for 100 days.
const start = 100 * std.time.ns_per_day;

test "a rate is a rate: one unit per interval, and the time to wait is exact" {
    var bucket: Bucket = .init(1000, 0);
    try std.testing.expectEqual(.taken, bucket.take(start, 1, 0));
    try std.testing.expectEqual(Bucket.Answer{ .wait_ns = ms }, bucket.take(start, 1, 0));
    try std.testing.expectEqual(start + ms, bucket.readyAt());
    try std.testing.expectEqual(Bucket.Answer{ .wait_ns = 1 }, bucket.take(start + ms - 1, 1, 0));
    try std.testing.expectEqual(.taken, bucket.take(start + ms, 1, 0));
}

test "idle time is credit up to the depth and no further" {
    var bucket: Bucket = .init(1000, 5 * ms);
    try std.testing.expectEqual(@as(u32, 6), bucket.takeUpTo(start, 1, 100));
    try std.testing.expectEqual(@as(u32, 0), bucket.takeUpTo(start, 1, 100));
    try std.testing.expectEqual(@as(u32, 3), bucket.takeUpTo(start + 3 * ms, 1, 100));
    try std.testing.expectEqual(@as(u32, 6), bucket.takeUpTo(start + second, 1, 100));
    try std.testing.expectEqual(@as(u32, 2), bucket.takeUpTo(start + 2 * second, 1, 2));
    try std.testing.expectEqual(@as(u32, 4), bucket.takeUpTo(start + 2 * second, 1, 100));
}

test "an allowance goes first" {
    var bucket: Bucket = .init(1000, 0);
    bucket.spend(start, 10);
    try std.testing.expectEqual(Bucket.Answer{ .wait_ns = 10 * ms }, bucket.take(start, 1, 0));
    try std.testing.expectEqual(Bucket.Answer{ .wait_ns = 1 * ms }, bucket.take(start, 1, 9 * ms));
    try std.testing.expectEqual(.taken, bucket.take(start, 1, 10 * ms));
}

test "a debt is paid before anything is taken, a refund shortens it" {
    var bucket: Bucket = .init(1000, 5 * ms);
    bucket.spend(start, 105);
    try std.testing.expectEqual(Bucket.Answer{ .wait_ns = 100 * ms }, bucket.take(start, 1, 0));
    bucket.refund(60);
    try std.testing.expectEqual(Bucket.Answer{ .wait_ns = 40 * ms }, bucket.take(start, 1, 0));
    // A refund of more than the depth is worth the depth.
    bucket.refund(1_000_000);
    try std.testing.expectEqual(@as(u32, 6), bucket.takeUpTo(start, 1, 100));
}

test "refunds in parts never give back more than was taken" {
    // A third of a unit's price is no whole number of ticks.
    var bucket: Bucket = .init(3 * Bucket.ticks_per_second / 1000, 0);
    bucket.spend(start, 3);
    const before = bucket.arrival;
    for (0..1000) |_| {
        bucket.spend(start, 3);
        for (0..3) |_| bucket.refund(1);
    }
    try std.testing.expect(bucket.arrival >= before);
    try std.testing.expect(bucket.arrival <= before + 1000);
}

test "the rate can change while the bucket is in use, and zero is unlimited" {
    var bucket: Bucket = .init(1000, 0);
    try std.testing.expectEqual(.taken, bucket.take(start, 1, 0));
    bucket.setRate(0);
    for (0..1000) |_| try std.testing.expectEqual(.taken, bucket.take(start, 1_000_000, 0));
    try std.testing.expectEqual(@as(u32, 64), bucket.takeUpTo(start, 1, 64));
    try std.testing.expectEqual(@as(u64, 0), bucket.readyAt());
    bucket.setRate(10);
    try std.testing.expectEqual(.taken, bucket.take(start + ms, 1, 0));
    const wait: Bucket.Answer = .{ .wait_ns = 100 * ms };
    try std.testing.expectEqual(wait, bucket.take(start + ms, 1, 0));
}

test "40 Gbit/s in frames of 84 octets, for 100 days, is exact to one in a thousand" {
    const rate = 40_000_000_000 / 8;
    var bucket: Bucket = .init(rate, 0);
    for (0..100_000) |_| bucket.spend(start, 84);
    const elapsed_ns = bucket.readyAt() - start;
    const exact_ns = 100_000 * 84 * second / rate;
    try std.testing.expect(elapsed_ns >= exact_ns);
    try std.testing.expect(elapsed_ns - exact_ns < exact_ns / 1000);

    // All that is sent in 100 days, at once.
    var filled: Bucket = .init(rate, 0);
    filled.spend(start, rate * 100 * std.time.s_per_day);
    try std.testing.expectEqual(2 * start, filled.readyAt());
}

test "absurd costs saturate instead of wrapping" {
    var bucket: Bucket = .init(1, 0);
    for (0..3) |_| bucket.spend(start, std.math.maxInt(u64));
    try std.testing.expect(bucket.take(start, 1, 0) != .taken);
    try std.testing.expect(bucket.take(start, 1, std.math.maxInt(u64)) == .taken);
    for (0..5) |_| bucket.refund(std.math.maxInt(u64));
    try std.testing.expectEqual(@as(u32, 1), bucket.takeUpTo(start, std.math.maxInt(u64), 1000));
}

test "no window ever holds more than rate, depth and one cost: every pair of takes" {
    const Taken = struct { at_ns: u64, cost: u64 };
    const rate = 7_919;
    const cost_max = 40;
    for ([_]u64{ 0, 1 * ms, 20 * ms }) |depth_ns| {
        var bucket: Bucket = .init(rate, depth_ns);
        var random: std.Random.DefaultPrng = .init(depth_ns);
        var history: [1000]Taken = undefined;
        var count: usize = 0;
        var now_ns: u64 = start;
        while (count < history.len) {
            // Now and then a pause that is longer than the depth.
            const pause_ns: u64 = if (random.random().uintLessThan(u32, 50) == 0) 50 * ms else ms;
            now_ns += random.random().uintLessThan(u64, pause_ns);
            var cost = 1 + random.random().uintLessThan(u64, cost_max);
            if (random.random().boolean()) {
                if (bucket.take(now_ns, cost, 0) != .taken) continue;
                // Some is not used.
                const unused = random.random().uintLessThan(u64, cost);
                bucket.refund(unused);
                cost -= unused;
            } else {
                cost = bucket.takeUpTo(now_ns, 1, cost_max);
                if (cost == 0) continue;
            }
            history[count] = .{ .at_ns = now_ns, .cost = cost };
            count += 1;
        }
        for (history, 0..) |first, index| {
            var total: u64 = 0;
            for (history[index..]) |last| {
                total += last.cost;
                const window_ns = last.at_ns - first.at_ns + depth_ns;
                try std.testing.expect(total <= rate * window_ns / second + 1 + cost_max);
            }
        }
        // And it is not slower than it must be: there was demand for all of it.
        if (depth_ns == 20 * ms) {
            var total: u64 = 0;
            for (history) |taken| total += taken.cost;
            try std.testing.expect(total > rate * (now_ns - start) / second / 2);
        }
    }
}

test "what strangers cost is forgiven beyond the bound, and what was owed before stays owed" {
    var bucket: Bucket = .init(1000, 0);
    bucket.spendBounded(start, 50, second);
    try std.testing.expectEqual(start + 50 * ms, bucket.readyAt());
    for (0..100) |_| bucket.spendBounded(start, 1000, second);
    try std.testing.expectEqual(start + second, bucket.readyAt());
    bucket.spend(start, 1000);
    bucket.spendBounded(start, 1000, second);
    try std.testing.expectEqual(start + 2 * second, bucket.readyAt());
}

test "two threads spend at once and nothing is lost" {
    var bucket: Bucket = .init(1000, 0);
    var waiting: std.atomic.Value(u32) = .init(2);
    const other: std.Thread = try .spawn(.{}, testSpender, .{ &bucket, &waiting });
    testSpender(&bucket, &waiting);
    other.join();
    const spent = 2 * (test_turns * 3 - test_turns / 2);
    try std.testing.expectEqual(start + spent * ms, bucket.readyAt());
}

const test_turns = 100_000;

fn testSpender(bucket: *Bucket, waiting: *std.atomic.Value(u32)) void {
    // Begun together, or one could be done before the other is there.
    _ = waiting.fetchSub(1, .monotonic);
    while (waiting.load(.monotonic) > 0) std.atomic.spinLoopHint();
    for (0..test_turns) |turn| {
        bucket.spend(start, 2);
        _ = bucket.take(start, 1, std.math.maxInt(u32) * second);
        if (turn % 2 == 0) bucket.refund(1);
    }
}
