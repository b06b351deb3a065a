//! Mutual exclusion between threads (pthread_mutex_lock(3)): who finds it locked sleeps.

const std = @import("std");

pub const Mutex = struct {
    handle: std.c.pthread_mutex_t = std.c.PTHREAD_MUTEX_INITIALIZER,

    pub fn lock(mutex: *Mutex) void {
        const code = std.c.pthread_mutex_lock(&mutex.handle);
        std.debug.assert(code == .SUCCESS);
    }

    pub fn unlock(mutex: *Mutex) void {
        const code = std.c.pthread_mutex_unlock(&mutex.handle);
        std.debug.assert(code == .SUCCESS);
    }
};

test "only one thread at a time" {
    const Counter = struct {
        mutex: Mutex = .{},
        value: u64 = 0,

        const rounds = 20_000;

        fn run(counter: *@This()) void {
            for (0..rounds) |_| {
                counter.mutex.lock();
                defer counter.mutex.unlock();
                const value = @as(*volatile u64, &counter.value);
                value.* = value.* + 1;
            }
        }
    };
    var counter: Counter = .{};
    var threads: [2]std.Thread = undefined;
    for (&threads) |*thread| thread.* = try .spawn(.{}, Counter.run, .{&counter});
    for (threads) |thread| thread.join();
    try std.testing.expectEqual(threads.len * Counter.rounds, counter.value);
}
