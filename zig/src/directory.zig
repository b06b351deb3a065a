//! A shortcut into a long sorted list: where to begin and end a binary search.

const std = @import("std");

/// Cuts the keys' range into buckets of equal width and keeps where each begins in the list, so
/// that keys which are spread evenly are found in about one step, and others in no more than a
/// binary search needs. It holds no keys: the same items must be given to `init` and to `find`.
/// `Key` is an unsigned integer.
pub fn Directory(comptime Key: type) type {
    return struct {
        key_first: Key,
        shift: Shift,
        /// For each bucket, how many items lie in buckets before; and the number of all items.
        starts: []const u32,

        const Self = @This();
        const Shift = std.math.Log2Int(Key);

        /// So many buckets for each item of a short list that most keys are found without a search.
        const buckets_per_item = 16;
        /// For lists whose directory would leave the nearer caches (256 KiB) it is one bucket for
        /// each item, and no more than 4 MiB.
        const bucket_count_near = 1 << 16;
        const bucket_count_max = 1 << 20;

        /// The items' keys, by `keyOf(item)`, must increase from the first one's to at most
        /// `key_last`, which is the largest that will be looked for.
        pub fn init(
            allocator: std.mem.Allocator,
            comptime Item: type,
            items: []const Item,
            comptime keyOf: fn (*const Item) Key,
            key_last: Key,
        ) error{OutOfMemory}!Self {
            std.debug.assert(items.len > 0 and items.len <= std.math.maxInt(u32));
            const bucket_count = bucketCount(items.len);
            const key_first = keyOf(&items[0]);
            var shift: Shift = 0;
            while ((key_last - key_first) >> shift >= bucket_count) shift += 1;

            const starts = try allocator.alloc(u32, bucket_count + 1);
            var bucket: usize = 0;
            for (items, 0..) |*item, position| {
                const own = (keyOf(item) - key_first) >> shift;
                while (bucket <= own) : (bucket += 1) starts[bucket] = @intCast(position);
            }
            @memset(starts[bucket..], @intCast(items.len));
            return .{ .key_first = key_first, .shift = shift, .starts = starts };
        }

        /// Two at least, so that the shift is less than the key's width.
        fn bucketCount(item_count: usize) usize {
            const floor = std.math.floorPowerOfTwo(usize, item_count);
            const near = @min(floor * buckets_per_item, bucket_count_near);
            return @max(near, @min(floor, bucket_count_max));
        }

        pub fn deinit(directory: *Self, allocator: std.mem.Allocator) void {
            allocator.free(directory.starts);
            directory.* = undefined;
        }

        /// The position of the last item whose key is not above `key`, which must lie between the
        /// first item's key and the `key_last` of `init`.
        pub fn find(
            directory: *const Self,
            comptime Item: type,
            items: []const Item,
            comptime keyOf: fn (*const Item) Key,
            key: Key,
        ) usize {
            const bucket: usize = @intCast((key - directory.key_first) >> directory.shift);
            // It is in the key's own bucket, or the last one before it.
            var low: usize = directory.starts[bucket] -| 1;
            var size: usize = directory.starts[bucket + 1] - low;
            while (size > 1) {
                const half = size / 2;
                if (keyOf(&items[low + half]) <= key) low += half;
                size -= half;
            }
            return low;
        }
    };
}

fn identity(key: *const u32) u32 {
    return key.*;
}

fn identityWide(key: *const u128) u128 {
    return key.*;
}

test "it finds what a walk through the list finds, however the keys lie" {
    var random: std.Random.DefaultPrng = .init(1);
    const source = random.random();
    for (1..200) |count| {
        var keys: [200]u32 = undefined;
        // Clustered: steps of very different lengths.
        var key: u32 = source.int(u8);
        for (keys[0..count]) |*item| {
            item.* = key;
            key += 1 + source.uintLessThan(u32, @as(u32, 1) << source.uintLessThan(u5, 12));
        }
        const items = keys[0..count];
        var directory: Directory(u32) =
            try .init(std.testing.allocator, u32, items, identity, key);
        defer directory.deinit(std.testing.allocator);
        var expected: usize = 0;
        var wanted = items[0];
        while (wanted <= key) : (wanted += 1) {
            while (expected + 1 < count and items[expected + 1] <= wanted) expected += 1;
            try std.testing.expectEqual(expected, directory.find(u32, items, identity, wanted));
        }
    }
}

test "the ends of the widest range" {
    const largest = std.math.maxInt(u128);
    const keys = [_]u128{ 0, 1, largest - 1, largest };
    var directory: Directory(u128) =
        try .init(std.testing.allocator, u128, &keys, identityWide, largest);
    defer directory.deinit(std.testing.allocator);
    for ([_]u128{ 0, 1, 2, largest / 2, largest - 2, largest - 1, largest }, [_]usize{
        0, 1, 1, 1, 1, 2, 3,
    }) |key, expected| {
        try std.testing.expectEqual(expected, directory.find(u128, &keys, identityWide, key));
    }
}
