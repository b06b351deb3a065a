//! How long to wait for an acknowledgment: RFC 6298.

const std = @import("std");

/// Before the first measurement (RFC 6298, 2.1).
const initial_ns = std.time.ns_per_s;
/// RFC 6298, 2.4.
const timeout_ns_min = std.time.ns_per_s;
/// RFC 6298, 2.5.
const timeout_ns_max = 60 * std.time.ns_per_s;
/// The clock's granularity, G in RFC 6298: timestamps count milliseconds.
const granularity_ns = std.time.ns_per_ms;

pub const RetransmissionTimeout = struct {
    value_ns: u64 = initial_ns,
    smoothed_ns: ?u64 = null,
    variation_ns: u64 = 0,

    /// Takes a measured round trip. One above the greatest timeout is nonsense (an echo that we
    /// never sent) and is left out.
    pub fn measured(timeout: *RetransmissionTimeout, round_trip_ns: u64) void {
        if (round_trip_ns > timeout_ns_max) return;
        if (timeout.smoothed_ns) |smoothed_ns| {
            const difference_ns = @max(smoothed_ns, round_trip_ns) -
                @min(smoothed_ns, round_trip_ns);
            timeout.variation_ns = (3 * timeout.variation_ns + difference_ns) / 4;
            timeout.smoothed_ns = (7 * smoothed_ns + round_trip_ns) / 8;
        } else {
            timeout.variation_ns = round_trip_ns / 2;
            timeout.smoothed_ns = round_trip_ns;
        }
        timeout.forgetBackOff();
    }

    /// Waits twice as long from now on, until a round trip is measured again (RFC 6298, 5.5).
    pub fn backOff(timeout: *RetransmissionTimeout) void {
        timeout.value_ns = @min(timeout.value_ns * 2, timeout_ns_max);
    }

    /// Waits again as long as the measurements say.
    pub fn forgetBackOff(timeout: *RetransmissionTimeout) void {
        const smoothed_ns = timeout.smoothed_ns orelse {
            timeout.value_ns = initial_ns;
            return;
        };
        const wanted_ns = smoothed_ns + @max(granularity_ns, 4 * timeout.variation_ns);
        timeout.value_ns = std.math.clamp(wanted_ns, timeout_ns_min, timeout_ns_max);
    }
};

test "the timeout follows the round trip, within its bounds" {
    const second = std.time.ns_per_s;
    var timeout: RetransmissionTimeout = .{};
    try std.testing.expectEqual(1 * second, timeout.value_ns);
    timeout.measured(2 * second);
    try std.testing.expectEqual(6 * second, timeout.value_ns); // 2 + 4 * 1
    timeout.measured(2 * second);
    try std.testing.expectEqual(5 * second, timeout.value_ns); // 2 + 4 * 0.75
    timeout.measured(61 * second);
    try std.testing.expectEqual(5 * second, timeout.value_ns);
    for (0..100) |_| timeout.measured(second / 100);
    try std.testing.expectEqual(1 * second, timeout.value_ns);
}

test "the timeout doubles up to a minute and forgets that with the next measurement" {
    var timeout: RetransmissionTimeout = .{};
    timeout.backOff();
    try std.testing.expectEqual(2 * std.time.ns_per_s, timeout.value_ns);
    for (0..10) |_| timeout.backOff();
    try std.testing.expectEqual(60 * std.time.ns_per_s, timeout.value_ns);
    timeout.measured(std.time.ns_per_ms);
    try std.testing.expectEqual(1 * std.time.ns_per_s, timeout.value_ns);
}
