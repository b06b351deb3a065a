//! How long answers take: what decides when waiting for more has become pointless.

const std = @import("std");

/// A histogram of round trips, up to 71 minutes, whose buckets are a sixteenth of their values
/// wide. Any thread may add and ask.
pub const RoundTrips = struct {
    counts: [bucket_count]u64 = @splat(0),

    /// Values below are counted exactly; above, each power of two has so many buckets.
    const step_count = 16;
    const step_bits: u5 = std.math.log2_int(u32, step_count);
    const bucket_count: usize = step_count * (32 - @as(usize, step_bits) + 1);

    /// With fewer, the largest seen says too little: the first answers are those of near hosts.
    const known_count_min = 100;
    const quiet_us_min = 200 * std.time.us_per_ms;
    /// ZMap's cooldown.
    const quiet_us_max = 8 * std.time.us_per_s;
    /// What a slow answer is given beyond the slowest.
    const quiet_factor = 4;
    const slow_per_mille = 999;

    pub fn add(round_trips: *RoundTrips, round_trip_us: u32) void {
        _ = @atomicRmw(u64, &round_trips.counts[bucketOf(round_trip_us)], .Add, 1, .monotonic);
    }

    pub fn count(round_trips: *const RoundTrips) u64 {
        var total: u64 = 0;
        for (&round_trips.counts) |*bucket| total += @atomicLoad(u64, bucket, .monotonic);
        return total;
    }

    /// In microseconds: what at least `per_mille` of a thousand round trips did not exceed, rounded
    /// up by at most a sixteenth. Null when none is known.
    pub fn quantile(round_trips: *const RoundTrips, per_mille: u16) ?u32 {
        std.debug.assert(per_mille <= 1000);
        const total = round_trips.count();
        if (total == 0) return null;
        const rank = @max(1, std.math.divCeil(u64, total * per_mille, 1000) catch unreachable);
        var seen: u64 = 0;
        for (&round_trips.counts, 0..) |*bucket, index| {
            seen += @atomicLoad(u64, bucket, .monotonic);
            if (seen >= rank) return bucketLast(index);
        }
        unreachable; // Buckets only grow, so together they hold the total.
    }

    /// In nanoseconds: how long after the last probe and the last answer to come it has to be quiet
    /// before one more has become improbable. Null while too few are known.
    ///
    /// Four times what 99.9% of the answers took (with fewer than 1,000: the slowest). If the tail
    /// of round trips falls with the square of the time, one in 16 of those beyond it takes longer
    /// than that. But only what was asked of late can still be under way: with r answers per second
    /// of which 99.9% take up to q seconds, r * q / 4,000 of them are to come, the integral over
    /// that tail. That is about one answer where 10,000 per second take 400 ms; and each that does
    /// come starts the wait anew.
    ///
    /// A SYN-ACK that was lost comes again after a second (RFC 6298, 2.1). Where that happens to
    /// more than one in a thousand it is in the 99.9%, and is waited for.
    ///
    /// The lower bound is for what was not seen: a sweep that is over before far hosts could answer
    /// knows near ones alone, and 200 ms is what lies between one and the next.
    pub fn quietNs(round_trips: *const RoundTrips) ?u64 {
        if (round_trips.count() < known_count_min) return null;
        const slow_us: u64 = round_trips.quantile(slow_per_mille).?;
        const quiet_us = std.math.clamp(slow_us * quiet_factor, quiet_us_min, quiet_us_max);
        return quiet_us * std.time.ns_per_us;
    }

    /// Below `step_count` the value itself; above, its highest bit and the `step_bits` behind it.
    fn bucketOf(value: u32) usize {
        if (value < step_count) return value;
        const shift: u5 = std.math.log2_int(u32, value) - step_bits;
        return (@as(usize, shift) * step_count) + (value >> shift);
    }

    /// The largest value that is counted there.
    fn bucketLast(index: usize) u32 {
        if (index < step_count) return @intCast(index);
        const shift: u5 = @intCast(index / step_count - 1);
        const step: u64 = step_count + index % step_count;
        return @intCast(((step + 1) << shift) - 1);
    }
};

test "every value is in a bucket whose last one is at most a sixteenth above it" {
    var random = std.Random.DefaultPrng.init(1);
    for (0..100_000) |number| {
        const shift = random.random().int(u5);
        const value = switch (number) {
            0...4_095 => @as(u32, @intCast(number)),
            4_096 => std.math.maxInt(u32),
            else => random.random().int(u32) >> shift,
        };
        const bucket = RoundTrips.bucketOf(value);
        const last = RoundTrips.bucketLast(bucket);
        try std.testing.expect(last >= value and last - value <= value / RoundTrips.step_count);
        try std.testing.expectEqual(bucket, RoundTrips.bucketOf(last));
        if (last < std.math.maxInt(u32)) {
            try std.testing.expectEqual(bucket + 1, RoundTrips.bucketOf(last + 1));
        }
    }
    const bucket_last = RoundTrips.bucketOf(std.math.maxInt(u32));
    try std.testing.expectEqual(RoundTrips.bucket_count - 1, bucket_last);
}

test "quantiles by rank" {
    var round_trips: RoundTrips = .{};
    try std.testing.expectEqual(null, round_trips.quantile(500));
    for (0..10) |value| round_trips.add(@intCast(value));
    try std.testing.expectEqual(10, round_trips.count());
    try std.testing.expectEqual(0, round_trips.quantile(0));
    try std.testing.expectEqual(0, round_trips.quantile(100));
    try std.testing.expectEqual(1, round_trips.quantile(101));
    try std.testing.expectEqual(4, round_trips.quantile(500));
    try std.testing.expectEqual(9, round_trips.quantile(999));
    try std.testing.expectEqual(9, round_trips.quantile(1000));
}

test "quiet: four times the slow ones, within bounds, once enough is known" {
    const milliseconds = std.time.us_per_ms;
    const Case = struct { fast_us: u32, slow_us: u32, slow_count: u32, quiet_ms: [2]u64 };
    const cases = [_]Case{
        // A local network.
        .{ .fast_us = 100, .slow_us = 300, .slow_count = 50, .quiet_ms = .{ 200, 200 } },
        .{
            .fast_us = 20 * milliseconds,
            .slow_us = 250 * milliseconds,
            .slow_count = 50,
            .quiet_ms = .{ 1000, 1063 },
        },
        // One in a thousand is a stray, three are what loss looks like.
        .{
            .fast_us = 50 * milliseconds,
            .slow_us = 1050 * milliseconds,
            .slow_count = 1,
            .quiet_ms = .{ 200, 213 },
        },
        .{
            .fast_us = 50 * milliseconds,
            .slow_us = 1050 * milliseconds,
            .slow_count = 3,
            .quiet_ms = .{ 4200, 4463 },
        },
        .{
            .fast_us = 50 * milliseconds,
            .slow_us = 7050 * milliseconds,
            .slow_count = 3,
            .quiet_ms = .{ 8000, 8000 },
        },
    };
    for (cases) |case| {
        var round_trips: RoundTrips = .{};
        for (0..99) |_| round_trips.add(case.fast_us);
        try std.testing.expectEqual(null, round_trips.quietNs());
        for (99..1000 - case.slow_count) |_| round_trips.add(case.fast_us);
        for (0..case.slow_count) |_| round_trips.add(case.slow_us);
        const quiet_ns = round_trips.quietNs().?;
        try std.testing.expect(quiet_ns >= case.quiet_ms[0] * std.time.ns_per_ms);
        try std.testing.expect(quiet_ns <= case.quiet_ms[1] * std.time.ns_per_ms);
    }
}
