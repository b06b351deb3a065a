//! Finds out which way of sending is the cheapest on an interface, from the batches that are sent
//! anyway.
//!
//! The ways take turns of a few batches. A turn's first batches are not counted: with them the
//! kernel still does work (freeing what the device took) that the way before left behind. Of each
//! way's batches the median counts, since on a busy machine some are interrupted.

const std = @import("std");

/// Between ways 0 to `way_count` - 1, at least one and at most `way_count_max`.
pub const MethodTrial = struct {
    way_count: usize,
    turn: usize = 0,
    /// Batches of this turn.
    batch: usize = 0,
    /// Since the last frame was taken.
    refusal_count: usize = 0,
    /// By way, whether it has ever taken a frame.
    has_taken: [way_count_max]bool = @splat(false),
    /// In ns for each frame.
    times: [way_count_max][sample_count]u64 = undefined,

    pub const way_count_max = 3;
    /// Smaller batches say little: most of their time goes to the call itself.
    pub const frame_count_min = 32;
    /// A device whose queue is full takes frames again before a way is refused so often.
    const refusal_count_max = 10;
    const turns_each = 4;
    const turn_size = 16;
    const turn_warm_up = 4;
    const sample_count = turns_each * (turn_size - turn_warm_up);

    /// The way that the next batch has to go.
    pub fn way(trial: *const MethodTrial) usize {
        return trial.turn % trial.way_count;
    }

    /// Counts a batch that went that way. Returns the best way when enough is known.
    pub fn note(trial: *MethodTrial, frame_count: usize, duration_ns: u64) ?usize {
        trial.has_taken[trial.way()] = true;
        trial.refusal_count = 0;
        if (trial.way_count == 1) return 0;
        if (frame_count < frame_count_min) return null;
        if (trial.batch >= turn_warm_up) {
            const round = trial.turn / trial.way_count;
            const sample = round * (turn_size - turn_warm_up) + trial.batch - turn_warm_up;
            trial.times[trial.way()][sample] = duration_ns / frame_count;
        }
        trial.batch += 1;
        if (trial.batch < turn_size) return null;
        trial.batch = 0;
        trial.turn += 1;
        return if (trial.turn == turns_each * trial.way_count) trial.best() else null;
    }

    /// Counts a refusal. Returns whether the way seems to be none on this interface: whoever knows
    /// of another starts a trial without it.
    pub fn refuse(trial: *MethodTrial) bool {
        trial.refusal_count += 1;
        return trial.refusal_count >= refusal_count_max and !trial.has_taken[trial.way()];
    }

    fn best(trial: *MethodTrial) usize {
        var winner: usize = 0;
        for (trial.times[0..trial.way_count], 0..) |*times, candidate| {
            std.mem.sort(u64, times, {}, std.sort.asc(u64));
            if (times[sample_count / 2] < trial.times[winner][sample_count / 2]) winner = candidate;
        }
        return winner;
    }
};

test "the way with the shortest batches wins, whatever a few of them took" {
    for (0..3) |fastest| {
        var trial: MethodTrial = .{ .way_count = 3 };
        var batch_count: [3]usize = @splat(0);
        const winner = while (true) {
            const way = trial.way();
            batch_count[way] += 1;
            // Every fifth is interrupted, and the first of a turn pays for the turn before.
            const is_disturbed = batch_count[way] % 5 == 0 or batch_count[way] % 16 < 4;
            const frame_ns: u64 = if (way == fastest) 300 else 310;
            const duration = 64 * (frame_ns + if (is_disturbed) 1_000 * (3 - way) else 0);
            if (trial.note(64, duration)) |winner| break winner;
        };
        try std.testing.expectEqual(fastest, winner);
        try std.testing.expectEqual([_]usize{ 64, 64, 64 }, batch_count);
    }
}

test "small batches neither count nor end the trial" {
    var trial: MethodTrial = .{ .way_count = 2 };
    for (0..1_000) |_| try std.testing.expectEqual(null, trial.note(1, 1));
    try std.testing.expectEqual(0, trial.turn);
    var alone: MethodTrial = .{ .way_count = 1 };
    try std.testing.expectEqual(0, alone.note(1, 1));
}

test "a way that never takes a frame is none, one that took some is only busy" {
    var trial: MethodTrial = .{ .way_count = 2 };
    for (0..9) |_| try std.testing.expect(!trial.refuse());
    try std.testing.expect(trial.refuse());
    try std.testing.expectEqual(null, trial.note(1, 1));
    for (0..100) |_| try std.testing.expect(!trial.refuse());
}
