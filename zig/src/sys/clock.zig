//! The one clock of the packet plane: CLOCK_MONOTONIC in nanoseconds.

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
