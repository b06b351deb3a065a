//! How far a walk had come some time ago, so that whoever breaks it off can say from where to go
//! on: what was probed just before has not had the time to answer.

const std = @import("std");

pub const Trail = struct {
    /// A ring; the next to be written is the oldest.
    marks: [mark_count]Mark = @splat(.{}),
    next: usize = 0,
    noted_at: u64 = 0,

    /// A walk's cursor, and the targets it had given out, at a time in nanoseconds.
    pub const Mark = struct { at_ns: u64 = 0, cursor: u64 = 0, target_count: u64 = 0 };

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

    pub fn note(trail: *Trail, mark: Mark) void {
        trail.marks[trail.next] = mark;
        trail.next = (trail.next + 1) % mark_count;
        trail.noted_at = mark.at_ns;
    }

    /// Where the walk was at that time or, at the most one interval, before it; where the trail
    /// begins when that is longer ago.
    pub fn at(trail: *const Trail, time_ns: u64) Mark {
        var found = trail.marks[trail.next];
        for (0..mark_count) |age| {
            const mark = trail.marks[(trail.next + age) % mark_count];
            if (mark.at_ns > time_ns) break;
            found = mark;
        }
        return found;
    }
};

test "the mark at a time is the last one not after it" {
    const ms = std.time.ns_per_ms;
    var trail: Trail = .init(7);
    try std.testing.expectEqual(7, trail.at(1_000 * ms).cursor);
    try std.testing.expect(trail.isDue(1_000 * ms));
    trail.note(.{ .at_ns = 1_000 * ms, .cursor = 10 });
    try std.testing.expect(!trail.isDue(1_099 * ms));
    trail.note(.{ .at_ns = 1_100 * ms, .cursor = 20 });
    trail.note(.{ .at_ns = 1_250 * ms, .cursor = 30 });
    try std.testing.expectEqual(7, trail.at(999 * ms).cursor);
    try std.testing.expectEqual(10, trail.at(1_000 * ms).cursor);
    try std.testing.expectEqual(10, trail.at(1_099 * ms).cursor);
    try std.testing.expectEqual(20, trail.at(1_249 * ms).cursor);
    try std.testing.expectEqual(30, trail.at(9_999 * ms).cursor);
}

test "what is longer ago than it reaches is where it begins" {
    const ms = std.time.ns_per_ms;
    var trail: Trail = .init(0);
    for (1..1001) |number| trail.note(.{ .at_ns = number * 100 * ms, .cursor = number });
    try std.testing.expectEqual(1000, trail.at(100_000 * ms).cursor);
    try std.testing.expectEqual(900, trail.at(90_000 * ms).cursor);
    try std.testing.expectEqual(1001 - 128, trail.at(0).cursor);
}
