//! How far a walk had come some time ago, so that whoever breaks it off can say from where to go
//! on: what was probed just before has not had the time to answer.

const std = @import("std");

pub const Trail = struct {
    /// A ring; the next to be written is the oldest.
    marks: [mark_count]Mark = @splat(.{}),
    next: usize = 0,
    noted_at: u64 = 0,

    /// A walk's cursor at a time in nanoseconds; zero is the beginning.
    const Mark = struct { at_ns: u64 = 0, cursor: u64 = 0 };

    const mark_count = 128;
    const interval_ns = 100 * std.time.ns_per_ms;
    /// What is longer ago is forgotten.
    pub const reach_ns = (mark_count - 1) * interval_ns;

    /// For a walk that begins at `cursor`.
    pub fn init(cursor: u64) Trail {
        return .{ .marks = @splat(.{ .cursor = cursor }) };
    }

    /// Whether it is time for the next mark.
    pub inline fn isDue(trail: *const Trail, now_ns: u64) bool {
        return now_ns >= trail.noted_at + interval_ns;
    }

    pub fn note(trail: *Trail, now_ns: u64, cursor: u64) void {
        trail.marks[trail.next] = .{ .at_ns = now_ns, .cursor = cursor };
        trail.next = (trail.next + 1) % mark_count;
        trail.noted_at = now_ns;
    }

    /// Where the walk was at that time or, at the most one interval, before it; where the trail
    /// begins when that is longer ago.
    pub fn at(trail: *const Trail, time_ns: u64) u64 {
        var found = trail.marks[trail.next].cursor;
        for (0..mark_count) |age| {
            const mark = trail.marks[(trail.next + age) % mark_count];
            if (mark.at_ns > time_ns) break;
            found = mark.cursor;
        }
        return found;
    }
};

test "the mark at a time is the last one not after it" {
    const ms = std.time.ns_per_ms;
    var trail: Trail = .init(7);
    try std.testing.expectEqual(7, trail.at(1_000 * ms));
    try std.testing.expect(trail.isDue(1_000 * ms));
    trail.note(1_000 * ms, 10);
    try std.testing.expect(!trail.isDue(1_099 * ms));
    trail.note(1_100 * ms, 20);
    trail.note(1_250 * ms, 30);
    try std.testing.expectEqual(7, trail.at(999 * ms));
    try std.testing.expectEqual(10, trail.at(1_000 * ms));
    try std.testing.expectEqual(10, trail.at(1_099 * ms));
    try std.testing.expectEqual(20, trail.at(1_249 * ms));
    try std.testing.expectEqual(30, trail.at(9_999 * ms));
}

test "what is longer ago than it reaches is where it begins" {
    const ms = std.time.ns_per_ms;
    var trail: Trail = .init(0);
    for (1..1001) |number| trail.note(number * 100 * ms, number);
    try std.testing.expectEqual(1000, trail.at(100_000 * ms));
    try std.testing.expectEqual(900, trail.at(90_000 * ms));
    try std.testing.expectEqual(1001 - 128, trail.at(0));
}
