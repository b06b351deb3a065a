//! Shares of a whole, and choices among values with stated shares. Everything a world draws, it
//! draws by hash: the same hash always draws the same, and nothing has to be remembered.

const std = @import("std");

/// In parts per million.
pub const Share = u32;
pub const share_all: Share = 1_000_000;

/// Whether `share` of all hashes, this one among them, have it happen.
pub fn happens(share: Share, hash: u64) bool {
    return scaled(hash, share_all) < share;
}

/// Spreads a hash evenly over the numbers below `count`.
pub fn scaled(hash: u64, count: u64) u64 {
    return @truncate(@as(u128, hash) * count >> 64);
}

pub fn Weighted(comptime Value: type) type {
    return struct {
        /// At least one; the shares add up to `share_all`.
        options: []const Option,

        const Self = @This();
        pub const Option = struct { value: Value, share: Share };

        pub fn draw(weighted: Self, hash: u64) Value {
            var rest = scaled(hash, share_all);
            for (weighted.options) |option| {
                if (rest < option.share) return option.value;
                rest -= option.share;
            }
            unreachable; // The shares add up to everything.
        }

        /// One value for all.
        pub fn only(comptime value: Value) Self {
            return .{ .options = &.{.{ .value = value, .share = share_all }} };
        }
    };
}

test "shares are met, and a share of nothing or everything is exact" {
    const weighted: Weighted(u8) = .{ .options = &.{
        .{ .value = 1, .share = 250_000 },
        .{ .value = 2, .share = 0 },
        .{ .value = 3, .share = 750_000 },
    } };
    var counts: [4]u32 = @splat(0);
    var random: std.Random.DefaultPrng = .init(1);
    for (0..100_000) |_| {
        const hash = random.next();
        counts[weighted.draw(hash)] += 1;
        try std.testing.expect(!happens(0, hash));
        try std.testing.expect(happens(share_all, hash));
    }
    try std.testing.expectEqual(0, counts[2]);
    try std.testing.expect(counts[1] > 24_000 and counts[1] < 26_000);
    for ([_]u64{ 0, std.math.maxInt(u64) }) |hash| {
        try std.testing.expect(!happens(0, hash));
        try std.testing.expect(happens(share_all, hash));
        try std.testing.expectEqual(@as(u8, if (hash == 0) 1 else 3), weighted.draw(hash));
    }
}
