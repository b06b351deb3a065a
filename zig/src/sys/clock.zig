//! The one clock of the packet plane: CLOCK_MONOTONIC in nanoseconds. Beside it the time of day,
//! which the kernel stamps frames with.

const std = @import("std");
const linux = std.os.linux;

// libc's, not the raw system call: it answers from the vDSO, without entering the kernel.
extern "c" fn clock_gettime(clock: linux.clockid_t, time: *linux.timespec) c_int;

/// In nanoseconds since some moment before this host started.
pub fn now() u64 {
    var time: linux.timespec = undefined;
    const result = clock_gettime(.MONOTONIC, &time);
    std.debug.assert(result == 0);
    return @as(u64, @intCast(time.sec)) * std.time.ns_per_s + @as(u64, @intCast(time.nsec));
}

/// CLOCK_REALTIME in microseconds since 1970.
pub fn realTimeUs() u64 {
    var time: linux.timespec = undefined;
    const result = clock_gettime(.REALTIME, &time);
    std.debug.assert(result == 0);
    const seconds: u64 = @intCast(time.sec);
    return seconds * std.time.us_per_s + @as(u64, @intCast(time.nsec)) / std.time.ns_per_us;
}

/// Returns at the deadline, at once when it has passed, or earlier when a signal comes.
pub fn sleepUntil(deadline_ns: u64) void {
    const time: linux.timespec = .{
        .sec = @intCast(deadline_ns / std.time.ns_per_s),
        .nsec = @intCast(deadline_ns % std.time.ns_per_s),
    };
    _ = linux.clock_nanosleep(.MONOTONIC, .{ .ABSTIME = true }, &time, null);
}

/// The kernel delays wake-ups by 50 us unless told otherwise (prctl(2), PR_SET_TIMERSLACK): too
/// coarse for pacing.
pub fn sharpenSleep() void {
    _ = linux.prctl(@intFromEnum(linux.PR.SET_TIMERSLACK), 1, 0, 0, 0);
}
