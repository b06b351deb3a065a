//! A futex word that one side waits on and the other advances (futex(2)).

const std = @import("std");
const linux = std.os.linux;

pub const EventCounter = extern struct {
    value: u32 = 0,
    waiters: u32 = 0,

    pub fn current(counter: *const EventCounter) u32 {
        return @atomicLoad(u32, &counter.value, .acquire);
    }

    /// Wakes whoever waits. Costs no system call when nobody does.
    pub fn advance(counter: *EventCounter) void {
        _ = @atomicRmw(u32, &counter.value, .Add, 1, .seq_cst);
        if (@atomicLoad(u32, &counter.waiters, .seq_cst) == 0) return;
        const everybody = std.math.maxInt(i32);
        _ = linux.futex_3arg(&counter.value, .{ .cmd = .WAKE, .private = true }, everybody);
    }

    /// Returns when the counter has left `seen`, or after `timeout_ns`.
    pub fn wait(counter: *EventCounter, seen: u32, timeout_ns: u64) void {
        _ = @atomicRmw(u32, &counter.waiters, .Add, 1, .seq_cst);
        defer _ = @atomicRmw(u32, &counter.waiters, .Sub, 1, .seq_cst);
        const timeout: linux.timespec = .{
            .sec = @intCast(timeout_ns / std.time.ns_per_s),
            .nsec = @intCast(timeout_ns % std.time.ns_per_s),
        };
        _ = linux.futex_4arg(&counter.value, .{ .cmd = .WAIT, .private = true }, seen, &timeout);
    }
};

test "a counter that has moved on does not make its waiter wait" {
    var counter: EventCounter = .{};
    const seen = counter.current();
    counter.advance();
    counter.wait(seen, std.time.ns_per_hour);
    try std.testing.expect(counter.current() != seen);
}

test "whoever waits is woken, and leaves no trace" {
    var counter: EventCounter = .{};
    const waiter: std.Thread = try .spawn(.{}, EventCounter.wait, .{
        &counter,
        counter.current(),
        std.time.ns_per_hour,
    });
    while (@atomicLoad(u32, &counter.waiters, .seq_cst) == 0) try std.Thread.yield();
    counter.advance();
    waiter.join();
    try std.testing.expectEqual(0, counter.waiters);
}
