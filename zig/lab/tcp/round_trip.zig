//! How long to wait for an acknowledgment: RFC 6298, in 10 octets.

const std = @import("std");

/// Before the first measurement (RFC 6298, 2.1).
const timeout_ms_initial = 1000;
/// And never less: as Linux has it (TCP_RTO_MIN of include/net/tcp.h), which most servers run, in
/// place of the second that RFC 6298, 2.4 asks for.
pub const timeout_ms_min = 200;
/// RFC 6298, 2.5.
const timeout_ms_max = 60_000;
/// The clock's granularity, G in RFC 6298: that of the timer wheel.
const granularity_us = 1000;

pub const RoundTrip = struct {
    /// 0 before the first measurement.
    smoothed_us: u32 = 0,
    variation_us: u32 = 0,
    timeout_ms: u16 = timeout_ms_initial,

    pub fn measured(round_trip: *RoundTrip, sample_us: u32) void {
        if (sample_us > timeout_ms_max * 1000) return;
        const smoothed_us = round_trip.smoothed_us;
        if (smoothed_us == 0) {
            round_trip.variation_us = sample_us / 2;
            round_trip.smoothed_us = @max(sample_us, 1);
        } else {
            const difference_us = @max(smoothed_us, sample_us) - @min(smoothed_us, sample_us);
            round_trip.variation_us = (3 * round_trip.variation_us + difference_us) / 4;
            round_trip.smoothed_us = @max((7 * smoothed_us + sample_us) / 8, 1);
        }
        round_trip.forgetBackOff();
    }

    /// Waits twice as long from now on, until something new is acknowledged (RFC 6298, 5.5).
    pub fn backOff(round_trip: *RoundTrip) void {
        round_trip.timeout_ms = @min(@as(u32, round_trip.timeout_ms) * 2, timeout_ms_max);
    }

    pub fn forgetBackOff(round_trip: *RoundTrip) void {
        if (round_trip.smoothed_us == 0) {
            round_trip.timeout_ms = timeout_ms_initial;
            return;
        }
        const margin_us = @max(granularity_us, 4 * round_trip.variation_us);
        const wanted_us = round_trip.smoothed_us + margin_us;
        const wanted_ms = std.math.divCeil(u32, wanted_us, 1000) catch unreachable;
        round_trip.timeout_ms = @intCast(std.math.clamp(wanted_ms, timeout_ms_min, timeout_ms_max));
    }

    pub fn timeoutNs(round_trip: RoundTrip) u64 {
        return @as(u64, round_trip.timeout_ms) * std.time.ns_per_ms;
    }
};

test "the timeout follows the round trip, within its bounds" {
    var round_trip: RoundTrip = .{};
    try std.testing.expectEqual(1 * std.time.ns_per_s, round_trip.timeoutNs());
    round_trip.measured(2_000_000);
    try std.testing.expectEqual(6000, round_trip.timeout_ms); // 2 + 4 * 1
    round_trip.measured(2_000_000);
    try std.testing.expectEqual(5000, round_trip.timeout_ms); // 2 + 4 * 0.75
    round_trip.measured(60_000_001);
    try std.testing.expectEqual(5000, round_trip.timeout_ms);
    for (0..100) |_| round_trip.measured(10_000);
    try std.testing.expectEqual(200, round_trip.timeout_ms);
    for (0..100) |_| round_trip.measured(60_000_000);
    try std.testing.expectEqual(60_000, round_trip.timeout_ms);
    for (0..100) |_| round_trip.measured(0);
    try std.testing.expectEqual(200, round_trip.timeout_ms);
}

test "the timeout doubles up to a minute and forgets that with the next measurement" {
    var round_trip: RoundTrip = .{};
    for ([_]u16{ 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000 }) |expected_ms| {
        round_trip.backOff();
        try std.testing.expectEqual(expected_ms, round_trip.timeout_ms);
    }
    round_trip.forgetBackOff();
    try std.testing.expectEqual(1000, round_trip.timeout_ms);
    round_trip.backOff();
    round_trip.measured(1000);
    try std.testing.expectEqual(200, round_trip.timeout_ms);
}
