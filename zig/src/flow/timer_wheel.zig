//! A hierarchical timer wheel: one timer for each index, set and cancelled in O(1), nothing
//! allocated after `init`. Times are nanoseconds on the caller's clock; the wheel's own unit is one
//! tick.

const std = @import("std");

/// Coarse enough to keep the wheel small, fine against every timeout of TCP.
const tick_ns = std.time.ns_per_ms;

const slot_bits = 6;
const slot_count = 1 << slot_bits;
const level_count = 4;
const top_level = level_count - 1;

/// Slots of all levels, and one more list for timers that are due.
const due_list = level_count * slot_count;
const list_count = due_list + 1;

const none = std.math.maxInt(u32);
const unlinked = std.math.maxInt(u16);

const Timer = struct {
    tick: u64 = 0,
    next: u32 = none,
    previous: u32 = none,
    list: u16 = unlinked,
};

pub const TimerWheel = struct {
    /// The furthest a timer can be ahead, in ticks (about four and a half hours). Two slots of the
    /// top level less than a full turn, so that a slot of it never means two different times.
    const span_ticks_max = (slot_count - 2) << (top_level * slot_bits);

    timers: []Timer,
    heads: [list_count]u32,
    /// One bit for each slot that holds a timer.
    occupied: [level_count]u64,
    elapsed_tick: u64,

    pub fn init(allocator: std.mem.Allocator, timer_count: usize, now: u64) !TimerWheel {
        std.debug.assert(timer_count < none);
        const timers = try allocator.alloc(Timer, timer_count);
        @memset(timers, .{});
        return .{
            .timers = timers,
            .heads = @splat(none),
            .occupied = @splat(0),
            .elapsed_tick = now / tick_ns,
        };
    }

    pub fn deinit(wheel: *TimerWheel, allocator: std.mem.Allocator) void {
        allocator.free(wheel.timers);
        wheel.* = undefined;
    }

    /// Sets the timer, in place of what it was set to. It never fires before `at`, except where
    /// `at` is hours ahead: the owner then finds nothing due and sets it again.
    pub fn set(wheel: *TimerWheel, timer: u32, at: u64) void {
        // Up to the next whole tick: a timer that fired early would find nothing to do.
        const wanted = at / tick_ns + @intFromBool(at % tick_ns != 0);
        const tick = @min(wanted, wheel.elapsed_tick + span_ticks_max);
        if (wheel.timers[timer].list != unlinked) {
            if (wheel.timers[timer].tick == tick) return;
            wheel.unlink(timer);
        }
        wheel.timers[timer].tick = tick;
        wheel.place(timer);
    }

    pub fn cancel(wheel: *TimerWheel, timer: u32) void {
        if (wheel.timers[timer].list != unlinked) wheel.unlink(timer);
    }

    /// A timer that is due at `now`, no longer set. Call until null.
    pub fn next(wheel: *TimerWheel, now: u64) ?u32 {
        const now_tick = now / tick_ns;
        while (true) {
            const due = wheel.heads[due_list];
            if (due != none) {
                wheel.unlink(due);
                return due;
            }
            const slot = wheel.firstSlot();
            if (slot == null or slot.?.tick > now_tick) {
                wheel.elapsed_tick = @max(wheel.elapsed_tick, now_tick);
                return null;
            }
            wheel.elapsed_tick = slot.?.tick;
            while (wheel.heads[slot.?.list] != none) {
                const timer = wheel.heads[slot.?.list];
                wheel.unlink(timer);
                wheel.place(timer);
            }
        }
    }

    /// When `next` is worth calling again: never after the earliest timer, and for one that is far
    /// ahead possibly before it.
    pub fn nextDeadline(wheel: *const TimerWheel) ?u64 {
        if (wheel.heads[due_list] != none) return wheel.elapsed_tick * tick_ns;
        const slot = wheel.firstSlot() orelse return null;
        return slot.tick * tick_ns;
    }

    const Slot = struct { list: u16, tick: u64 };

    /// The earliest slot that holds a timer. A lower level always comes before a higher one: it
    /// only holds what lies within the current slot of the level above.
    fn firstSlot(wheel: *const TimerWheel) ?Slot {
        for (wheel.occupied, 0..) |occupied, level| {
            if (occupied == 0) continue;
            const shift: u6 = @intCast(level * slot_bits);
            const current = wheel.elapsed_tick >> shift;
            const current_slot: u6 = @truncate(current);
            const ahead = @ctz(std.math.rotr(u64, occupied, current_slot));
            const slot: u64 = (current_slot + @as(u64, ahead)) % slot_count;
            return .{
                .list = @intCast(level * slot_count + slot),
                .tick = (current + ahead) << shift,
            };
        }
        return null;
    }

    fn place(wheel: *TimerWheel, timer: u32) void {
        const tick = wheel.timers[timer].tick;
        if (tick <= wheel.elapsed_tick) return wheel.link(timer, due_list);
        const differing: u64 = tick ^ wheel.elapsed_tick;
        const highest_bit = 63 - @as(usize, @clz(differing));
        const level: usize = @min(highest_bit / slot_bits, top_level);
        const shift: u6 = @intCast(level * slot_bits);
        const slot: u6 = @truncate(tick >> shift);
        wheel.link(timer, @intCast(level * slot_count + @as(usize, slot)));
    }

    fn link(wheel: *TimerWheel, timer: u32, list: u16) void {
        const head = wheel.heads[list];
        wheel.timers[timer].next = head;
        wheel.timers[timer].previous = none;
        wheel.timers[timer].list = list;
        if (head != none) wheel.timers[head].previous = timer;
        wheel.heads[list] = timer;
        if (list != due_list) {
            wheel.occupied[list / slot_count] |= @as(u64, 1) << @intCast(list % slot_count);
        }
    }

    fn unlink(wheel: *TimerWheel, timer: u32) void {
        const entry = &wheel.timers[timer];
        const list = entry.list;
        if (entry.next != none) wheel.timers[entry.next].previous = entry.previous;
        if (entry.previous != none) {
            wheel.timers[entry.previous].next = entry.next;
        } else {
            wheel.heads[list] = entry.next;
        }
        entry.list = unlinked;
        if (list != due_list and wheel.heads[list] == none) {
            wheel.occupied[list / slot_count] &= ~(@as(u64, 1) << @intCast(list % slot_count));
        }
    }
};

test "a timer fires once, at its time and not before" {
    var wheel: TimerWheel = try .init(std.testing.allocator, 2, 0);
    defer wheel.deinit(std.testing.allocator);
    wheel.set(1, 5 * tick_ns - 1);
    try std.testing.expectEqual(5 * tick_ns, wheel.nextDeadline());
    try std.testing.expectEqual(null, wheel.next(5 * tick_ns - 1));
    try std.testing.expectEqual(1, wheel.next(5 * tick_ns));
    try std.testing.expectEqual(null, wheel.next(5 * tick_ns));
    try std.testing.expectEqual(null, wheel.nextDeadline());
}

test "a timer set to the past is due at once; one set again or cancelled forgets its old time" {
    var wheel: TimerWheel = try .init(std.testing.allocator, 3, 100 * tick_ns);
    defer wheel.deinit(std.testing.allocator);
    wheel.set(0, 3 * tick_ns);
    wheel.set(1, 101 * tick_ns);
    wheel.set(1, 200 * tick_ns);
    wheel.set(2, 102 * tick_ns);
    wheel.cancel(2);
    wheel.cancel(2);
    try std.testing.expectEqual(100 * tick_ns, wheel.nextDeadline());
    try std.testing.expectEqual(0, wheel.next(100 * tick_ns));
    try std.testing.expectEqual(null, wheel.next(199 * tick_ns));
    try std.testing.expectEqual(1, wheel.next(200 * tick_ns));
}

test "a timer beyond the span fires early instead of never" {
    var wheel: TimerWheel = try .init(std.testing.allocator, 1, 0);
    defer wheel.deinit(std.testing.allocator);
    wheel.set(0, std.math.maxInt(u64));
    try std.testing.expectEqual(null, wheel.next((TimerWheel.span_ticks_max - 1) * tick_ns));
    try std.testing.expectEqual(0, wheel.next(TimerWheel.span_ticks_max * tick_ns));
}

test "against a model: every timer fires at the first look after its time" {
    const timer_count = 40;
    var wheel: TimerWheel = try .init(std.testing.allocator, timer_count, 0);
    defer wheel.deinit(std.testing.allocator);
    var model: [timer_count]?u64 = @splat(null);
    var random_state: std.Random.DefaultPrng = .init(1);
    const random = random_state.random();
    var now: u64 = 12345;
    for (0..200_000) |_| {
        const timer = random.uintLessThan(u32, timer_count);
        // Delays from one tick to hours, so that every level and the wrap of the top one is used.
        const delay = random.int(u64) >> @intCast(random.intRangeAtMost(u6, 21, 50));
        switch (random.uintLessThan(u32, 4)) {
            0, 1 => {
                model[timer] = now + delay;
                wheel.set(timer, now + delay);
            },
            2 => {
                model[timer] = null;
                wheel.cancel(timer);
            },
            else => {
                now += delay;
                const deadline = wheel.nextDeadline();
                for (model) |at| if (at) |time| {
                    try std.testing.expect(deadline.? <= time + tick_ns);
                };
                while (wheel.next(now)) |fired| {
                    try std.testing.expect(model[fired].? <= now);
                    model[fired] = null;
                }
                for (model) |at| if (at) |time| try std.testing.expect(time > now - now % tick_ns);
            },
        }
    }
}
