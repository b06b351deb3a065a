//! A lock for a few instructions, shared by threads that must not wait for each other long.

const std = @import("std");

/// Four octets, unlocked when zero. Not recursive.
pub const SpinLock = struct {
    is_locked: std.atomic.Value(u32) = .init(0),

    /// After so many looks the holder has probably lost its core, and needs ours.
    const spin_count_max = 100;

    pub fn lock(spin_lock: *SpinLock) void {
        var spin_count: u32 = 0;
        while (spin_lock.is_locked.swap(1, .acquire) != 0) {
            // Looking does not take the cache line from the holder, as swapping does.
            while (spin_lock.is_locked.load(.monotonic) != 0) {
                spin_count += 1;
                if (spin_count % spin_count_max == 0) {
                    std.Thread.yield() catch {}; // Then it spins on.
                } else {
                    std.atomic.spinLoopHint();
                }
            }
        }
    }

    pub fn unlock(spin_lock: *SpinLock) void {
        spin_lock.is_locked.store(0, .release);
    }
};

test "what it protects is changed by one thread at a time" {
    var spin_lock: SpinLock = .{};
    var count: u64 = 0;
    var threads: [4]std.Thread = undefined;
    for (&threads) |*thread| thread.* = try .spawn(.{}, testAdd, .{ &spin_lock, &count });
    for (threads) |thread| thread.join();
    try std.testing.expectEqual(4 * 50_000, count);
}

fn testAdd(spin_lock: *SpinLock, count: *u64) void {
    for (0..50_000) |_| {
        spin_lock.lock();
        defer spin_lock.unlock();
        const before = count.*;
        std.atomic.spinLoopHint();
        count.* = before + 1;
    }
}
