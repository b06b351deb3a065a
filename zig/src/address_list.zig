//! The addresses of one family that a target group names, numbered from 0 without gaps.

const std = @import("std");
const Directory = @import("directory.zig").Directory;

/// Addresses from `first` to `last`, both included, as numbers in the machine's byte order.
pub const Ipv4Interval = extern struct {
    first: u32,
    last: u32,

    pub const Number = u32;
    /// Holds the number of all addresses.
    pub const Count = u64;

    pub fn start(interval: *const Ipv4Interval) Number {
        return interval.first;
    }

    pub fn end(interval: *const Ipv4Interval) Number {
        return interval.last;
    }
};

/// Addresses from the first to the last, both included. Each is two numbers in the machine's byte
/// order, since JavaScript's arrays have no wider ones.
pub const Ipv6Interval = extern struct {
    first_high: u64,
    first_low: u64,
    last_high: u64,
    last_low: u64,

    pub const Number = u128;
    pub const Count = u128;

    pub fn init(first: u128, last: u128) Ipv6Interval {
        return .{
            .first_high = @intCast(first >> 64),
            .first_low = @truncate(first),
            .last_high = @intCast(last >> 64),
            .last_low = @truncate(last),
        };
    }

    pub fn start(interval: *const Ipv6Interval) Number {
        return @as(u128, interval.first_high) << 64 | interval.first_low;
    }

    pub fn end(interval: *const Ipv6Interval) Number {
        return @as(u128, interval.last_high) << 64 | interval.last_low;
    }
};

comptime {
    std.debug.assert(@sizeOf(Ipv4Interval) == 8);
    std.debug.assert(@sizeOf(Ipv6Interval) == 32);
}

pub const Error = error{
    /// An interval that ends before it begins, or begins before the last one has ended.
    IntervalsUnordered,
    /// More addresses than 128 bits can count: the whole of IPv6.
    TooManyTargets,
    OutOfMemory,
};

/// The addresses of sorted, disjoint intervals, which are borrowed: millions of them need not be
/// held twice. Where every interval is a single address nothing is kept beside them but the
/// directory.
pub fn AddressList(comptime Interval: type) type {
    return struct {
        intervals: []const Interval,
        count: Count,
        /// How many addresses lie before each interval; empty when the position says it.
        offsets: []const Number,
        by_offset: ?Directory(Number),
        by_address: Directory(Number),

        const Self = @This();
        const Number = Interval.Number;
        const Count = Interval.Count;

        /// `intervals` must not be empty, and must outlive the list.
        pub fn init(allocator: std.mem.Allocator, intervals: []const Interval) Error!Self {
            const count = try countAddresses(intervals);
            const last = intervals[intervals.len - 1].end();
            var by_address: Directory(Number) =
                try .init(allocator, Interval, intervals, Interval.start, last);
            errdefer by_address.deinit(allocator);
            if (count == intervals.len) return .{
                .intervals = intervals,
                .count = count,
                .offsets = &.{},
                .by_offset = null,
                .by_address = by_address,
            };

            const offsets = try allocator.alloc(Number, intervals.len);
            errdefer allocator.free(offsets);
            var before: Count = 0;
            for (intervals, offsets) |*interval, *offset| {
                offset.* = @intCast(before);
                before += size(interval);
            }
            return .{
                .intervals = intervals,
                .count = count,
                .offsets = offsets,
                .by_offset = try .init(allocator, Number, offsets, itself, @intCast(count - 1)),
                .by_address = by_address,
            };
        }

        pub fn deinit(list: *Self, allocator: std.mem.Allocator) void {
            if (list.by_offset) |*by_offset| by_offset.deinit(allocator);
            list.by_address.deinit(allocator);
            allocator.free(list.offsets);
            list.* = undefined;
        }

        /// The address at `offset`, which must be below `count`.
        pub fn at(list: *const Self, offset: Number) Number {
            std.debug.assert(offset < list.count);
            const by_offset = if (list.by_offset) |*directory|
                directory
            else
                return list.intervals[@intCast(offset)].start();
            const position = by_offset.find(Number, list.offsets, itself, offset);
            return list.intervals[position].start() + (offset - list.offsets[position]);
        }

        /// How many addresses of the list lie before `address`; null when it is not in the list.
        pub fn offsetOf(list: *const Self, address: Number) ?Number {
            if (address < list.intervals[0].start()) return null;
            if (address > list.intervals[list.intervals.len - 1].end()) return null;
            const position =
                list.by_address.find(Interval, list.intervals, Interval.start, address);
            const interval = &list.intervals[position];
            if (address > interval.end()) return null;
            const before = if (list.by_offset == null)
                @as(Number, @intCast(position))
            else
                list.offsets[position];
            return before + (address - interval.start());
        }

        fn countAddresses(intervals: []const Interval) Error!Count {
            var count: Count = 0;
            var previous: ?Number = null;
            for (intervals) |*interval| {
                if (interval.end() < interval.start()) return error.IntervalsUnordered;
                if (previous) |end| if (interval.start() <= end) return error.IntervalsUnordered;
                previous = interval.end();
                if (interval.end() - interval.start() == std.math.maxInt(Count)) {
                    return error.TooManyTargets;
                }
                count += size(interval); // Disjoint, so that no sum is larger than the space.
            }
            return count;
        }

        fn size(interval: *const Interval) Count {
            return @as(Count, interval.end() - interval.start()) + 1;
        }

        fn itself(number: *const Number) Number {
            return number.*;
        }
    };
}

fn testByBruteForce(comptime Interval: type, intervals: []const Interval) !void {
    var list: AddressList(Interval) = try .init(std.testing.allocator, intervals);
    defer list.deinit(std.testing.allocator);
    var offset: Interval.Number = 0;
    var address = intervals[0].start() -| 3;
    for (intervals) |*interval| {
        while (address < interval.start()) : (address += 1) {
            try std.testing.expectEqual(null, list.offsetOf(address));
        }
        while (address <= interval.end()) : (address += 1) {
            try std.testing.expectEqual(address, list.at(offset));
            try std.testing.expectEqual(offset, list.offsetOf(address).?);
            offset += 1;
        }
    }
    try std.testing.expectEqual(offset, list.count);
    try std.testing.expectEqual(null, list.offsetOf(address));
    try std.testing.expectEqual(null, list.offsetOf(0));
    try std.testing.expectEqual(null, list.offsetOf(std.math.maxInt(Interval.Number)));
}

test "offset and address are each other's inverse, by brute force, in both families" {
    var random: std.Random.DefaultPrng = .init(1);
    const source = random.random();
    for (1..100) |count| {
        var ipv4: [100]Ipv4Interval = undefined;
        var ipv6: [100]Ipv6Interval = undefined;
        const is_of_singles = count % 3 == 0;
        var next: u32 = 10 + source.uintLessThan(u32, 1000);
        for (ipv4[0..count], ipv6[0..count]) |*narrow, *wide| {
            const last = next + if (is_of_singles) 0 else source.uintLessThan(u32, 30);
            narrow.* = .{ .first = next, .last = last };
            // Across the border between the two halves of the number.
            const shift = (0x2001_0db8 << 96) - 1000;
            wide.* = .init(shift + @as(u128, next), shift + @as(u128, last));
            // Half of them touch.
            next = last + 1 + if (source.boolean()) 0 else source.uintLessThan(u32, 200);
        }
        try testByBruteForce(Ipv4Interval, ipv4[0..count]);
        try testByBruteForce(Ipv6Interval, ipv6[0..count]);
    }
}

test "the whole of IPv4, and all of IPv6 but one address" {
    var ipv4: AddressList(Ipv4Interval) =
        try .init(std.testing.allocator, &.{.{ .first = 0, .last = std.math.maxInt(u32) }});
    defer ipv4.deinit(std.testing.allocator);
    try std.testing.expectEqual(1 << 32, ipv4.count);
    try std.testing.expectEqual(std.math.maxInt(u32), ipv4.at(std.math.maxInt(u32)));
    try std.testing.expectEqual(std.math.maxInt(u32), ipv4.offsetOf(std.math.maxInt(u32)).?);
    try std.testing.expectEqual(0, ipv4.offsetOf(0).?);

    const largest = std.math.maxInt(u128);
    var ipv6: AddressList(Ipv6Interval) =
        try .init(std.testing.allocator, &.{.init(1, largest)});
    defer ipv6.deinit(std.testing.allocator);
    try std.testing.expectEqual(largest, ipv6.count);
    try std.testing.expectEqual(largest, ipv6.at(largest - 1));
    try std.testing.expectEqual(largest - 1, ipv6.offsetOf(largest).?);

    const whole = AddressList(Ipv6Interval).init(std.testing.allocator, &.{.init(0, largest)});
    try std.testing.expectError(error.TooManyTargets, whole);
}

test "many single addresses cost a directory of at most four octets each" {
    var counting: std.testing.FailingAllocator = .init(std.testing.allocator, .{});
    var singles: [70_000]Ipv4Interval = undefined;
    for (&singles, 0..) |*single, number| {
        const address: u32 = @intCast(number * 60_000);
        single.* = .{ .first = address, .last = address };
    }
    var list: AddressList(Ipv4Interval) = try .init(counting.allocator(), &singles);
    defer list.deinit(counting.allocator());
    try std.testing.expect(counting.allocated_bytes <= 4 * singles.len);
}

test "intervals out of order are refused" {
    for ([_][2]Ipv4Interval{
        .{ .{ .first = 1, .last = 2 }, .{ .first = 2, .last = 3 } },
        .{ .{ .first = 5, .last = 6 }, .{ .first = 1, .last = 2 } },
        .{ .{ .first = 1, .last = 2 }, .{ .first = 9, .last = 8 } },
    }) |intervals| {
        const result = AddressList(Ipv4Interval).init(std.testing.allocator, &intervals);
        try std.testing.expectError(error.IntervalsUnordered, result);
    }
}

test "without memory nothing is left behind" {
    try std.testing.checkAllAllocationFailures(std.testing.allocator, testInit, .{});
}

fn testInit(allocator: std.mem.Allocator) !void {
    const intervals = [_]Ipv4Interval{ .{ .first = 1, .last = 2 }, .{ .first = 5, .last = 5 } };
    var list: AddressList(Ipv4Interval) = try .init(allocator, &intervals);
    list.deinit(allocator);
}
