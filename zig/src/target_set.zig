//! The target set: every (address, port) that may be probed, numbered from 0 without gaps, so that
//! the permutation can walk it and a reply can be looked up in it.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Permutation = @import("permutation.zig").Permutation;

/// Addresses from `first` to `last`, both included, of one family.
pub const Interval = extern struct { first: Address, last: Address };

/// Slices of the intervals and of the ports that belong together: every address is probed on every
/// port.
pub const Group = extern struct {
    interval_start: u32,
    interval_count: u32,
    port_start: u32,
    port_count: u32,
};

pub const Target = struct { address: Address, port: u16 };

comptime {
    std.debug.assert(@sizeOf(Interval) == 32);
    std.debug.assert(@sizeOf(Group) == 16);
}

pub const TargetSet = struct {
    /// The number of targets; 0 without groups.
    count: u64,
    blocks: []const Block,
    /// Where each interval begins, as numbers, block by block.
    interval_firsts: []const u128,
    /// How many addresses of its block lie before each interval.
    interval_offsets: []const u64,
    ports: []const u16,

    /// A group as it is looked up.
    const Block = struct {
        /// Targets of all blocks before.
        target_offset: u64,
        address_count: u64,
        interval_start: usize,
        interval_count: usize,
        port_start: usize,
        port_count: usize,
    };

    pub const Error = error{
        /// A group reaches beyond the intervals or the ports.
        OutOfBounds,
        /// A group without addresses or without ports.
        EmptyGroup,
        /// An interval that ends before it begins, begins before the last one of its group has
        /// ended, or has an end in each family.
        IntervalsUnordered,
        /// Ports of a group that do not increase.
        PortsUnordered,
        /// More than the permutation can walk.
        TooManyTargets,
        OutOfMemory,
    };

    /// Copies what it needs. In each group the intervals must increase without overlap and the
    /// ports must increase. That no target is in two groups is the caller's promise: it would be
    /// probed twice.
    pub fn init(
        allocator: std.mem.Allocator,
        intervals: []const Interval,
        ports: []const u16,
        groups: []const Group,
    ) Error!TargetSet {
        var interval_total: usize = 0;
        for (groups) |group| {
            try checkBounds(group.interval_start, group.interval_count, intervals.len);
            try checkBounds(group.port_start, group.port_count, ports.len);
            interval_total += group.interval_count;
        }

        const blocks = try allocator.alloc(Block, groups.len);
        errdefer allocator.free(blocks);
        const firsts = try allocator.alloc(u128, interval_total);
        errdefer allocator.free(firsts);
        const offsets = try allocator.alloc(u64, interval_total);
        errdefer allocator.free(offsets);
        const ports_copy = try allocator.dupe(u16, ports);
        errdefer allocator.free(ports_copy);

        var count: u64 = 0;
        var interval_start: usize = 0;
        for (groups, blocks) |group, *block| {
            const group_ports = ports[group.port_start..][0..group.port_count];
            if (!strictlyIncreases(group_ports)) return error.PortsUnordered;
            block.* = .{
                .target_offset = count,
                .address_count = try layOut(
                    intervals[group.interval_start..][0..group.interval_count],
                    firsts[interval_start..][0..group.interval_count],
                    offsets[interval_start..][0..group.interval_count],
                ),
                .interval_start = interval_start,
                .interval_count = group.interval_count,
                .port_start = group.port_start,
                .port_count = group.port_count,
            };
            interval_start += group.interval_count;
            const targets = std.math.mul(u64, block.address_count, group.port_count) catch
                return error.TooManyTargets;
            count = std.math.add(u64, count, targets) catch return error.TooManyTargets;
            if (count > Permutation.count_max) return error.TooManyTargets;
        }
        return .{
            .count = count,
            .blocks = blocks,
            .interval_firsts = firsts,
            .interval_offsets = offsets,
            .ports = ports_copy,
        };
    }

    pub fn deinit(set: *TargetSet, allocator: std.mem.Allocator) void {
        allocator.free(set.blocks);
        allocator.free(set.interval_firsts);
        allocator.free(set.interval_offsets);
        allocator.free(set.ports);
        set.* = undefined;
    }

    /// The target with this index, which must be below `count`. The ports of an address follow each
    /// other, then comes the next address.
    pub fn at(set: *const TargetSet, index: u64) Target {
        std.debug.assert(index < set.count);
        const block = &set.blocks[lastAtOrBelow(Block, set.blocks, index, blockOffset)];
        const within = index - block.target_offset;
        const address_offset = within / block.port_count;
        const firsts, const offsets = set.intervalsOf(block);
        const interval = lastAtOrBelow(u64, offsets, address_offset, identity);
        return .{
            .address = .fromInt(firsts[interval] + (address_offset - offsets[interval])),
            .port = set.portsOf(block)[@intCast(within % block.port_count)],
        };
    }

    /// The index of a target; null when it is not in the set.
    pub fn indexOf(set: *const TargetSet, address: Address, port: u16) ?u64 {
        const number = address.toInt();
        for (set.blocks) |*block| {
            const firsts, const offsets = set.intervalsOf(block);
            if (number < firsts[0]) continue;
            const interval = lastAtOrBelow(u128, firsts, number, identity);
            const end = if (interval + 1 < offsets.len)
                offsets[interval + 1]
            else
                block.address_count;
            const distance = number - firsts[interval];
            if (distance >= end - offsets[interval]) continue;
            const block_ports = set.portsOf(block);
            const port_position = std.sort.binarySearch(u16, block_ports, port, orderPorts) orelse
                continue;
            const address_offset = offsets[interval] + @as(u64, @intCast(distance));
            return block.target_offset + address_offset * block.port_count + port_position;
        }
        return null;
    }

    fn intervalsOf(
        set: *const TargetSet,
        block: *const Block,
    ) struct { []const u128, []const u64 } {
        return .{
            set.interval_firsts[block.interval_start..][0..block.interval_count],
            set.interval_offsets[block.interval_start..][0..block.interval_count],
        };
    }

    fn portsOf(set: *const TargetSet, block: *const Block) []const u16 {
        return set.ports[block.port_start..][0..block.port_count];
    }

    fn blockOffset(block: TargetSet.Block) u64 {
        return block.target_offset;
    }
};

fn checkBounds(start: u32, count: u32, length: usize) TargetSet.Error!void {
    if (count == 0) return error.EmptyGroup;
    if (@as(u64, start) + count > length) return error.OutOfBounds;
}

/// Writes where the intervals begin and how many addresses lie before each; returns how many there
/// are in all.
fn layOut(intervals: []const Interval, firsts: []u128, offsets: []u64) TargetSet.Error!u64 {
    var address_count: u64 = 0;
    for (intervals, firsts, offsets, 0..) |interval, *first, *offset, index| {
        const start = interval.first.toInt();
        const last = interval.last.toInt();
        if (last < start) return error.IntervalsUnordered;
        if (interval.first.isIpv4() != interval.last.isIpv4()) return error.IntervalsUnordered;
        if (index > 0 and start <= intervals[index - 1].last.toInt()) {
            return error.IntervalsUnordered;
        }
        first.* = start;
        offset.* = address_count;
        if (last - start >= Permutation.count_max) return error.TooManyTargets;
        const size: u64 = @intCast(last - start + 1);
        address_count = std.math.add(u64, address_count, size) catch return error.TooManyTargets;
    }
    return address_count;
}

fn strictlyIncreases(ports: []const u16) bool {
    for (ports[0 .. ports.len - 1], ports[1..]) |port, next| if (port >= next) return false;
    return true;
}

fn orderPorts(wanted: u16, port: u16) std.math.Order {
    return std.math.order(wanted, port);
}

fn identity(value: anytype) @TypeOf(value) {
    return value;
}

/// The position of the last item whose key is not above `key`; the first item's must not be.
fn lastAtOrBelow(comptime T: type, items: []const T, key: anytype, comptime keyOf: anytype) usize {
    var low: usize = 0;
    var size = items.len;
    while (size > 1) {
        const half = size / 2;
        if (keyOf(items[low + half]) <= key) low += half;
        size -= half;
    }
    std.debug.assert(keyOf(items[low]) <= key);
    return low;
}

fn testInterval(first: u32, last: u32) Interval {
    return .{ .first = testAddress(first), .last = testAddress(last) };
}

fn testAddress(number: u32) Address {
    return .fromInt(0xffff_0000_0000 + @as(u128, number));
}

fn testGroup(interval_start: u32, interval_count: u32, port_count: u32) Group {
    return .{
        .interval_start = interval_start,
        .interval_count = interval_count,
        .port_start = 0,
        .port_count = port_count,
    };
}

test "index and target are each other's inverse, by brute force" {
    const intervals = [_]Interval{
        testInterval(0, 0), testInterval(3, 5), testInterval(6, 6), testInterval(20, 29),
        testInterval(50, 52), testInterval(90, 90), //
        testInterval(0, 2),
    };
    const ports = [_]u16{ 22, 80, 443, 8443, 65535, 0 };
    const groups = [_]Group{
        .{ .interval_start = 0, .interval_count = 4, .port_start = 1, .port_count = 2 },
        .{ .interval_start = 4, .interval_count = 2, .port_start = 2, .port_count = 3 },
        // The same addresses as in the first group, on another port.
        .{ .interval_start = 6, .interval_count = 1, .port_start = 5, .port_count = 1 },
    };
    var set: TargetSet = try .init(std.testing.allocator, &intervals, &ports, &groups);
    defer set.deinit(std.testing.allocator);

    var index: u64 = 0;
    for (groups) |group| {
        for (intervals[group.interval_start..][0..group.interval_count]) |interval| {
            var number = interval.first.toInt();
            while (number <= interval.last.toInt()) : (number += 1) {
                for (ports[group.port_start..][0..group.port_count]) |port| {
                    const target = set.at(index);
                    try std.testing.expectEqual(number, target.address.toInt());
                    try std.testing.expectEqual(port, target.port);
                    try std.testing.expectEqual(index, set.indexOf(target.address, port).?);
                    index += 1;
                }
            }
        }
    }
    try std.testing.expectEqual(index, set.count);
    try std.testing.expectEqual(@as(u64, 15 * 2 + 4 * 3 + 3), set.count);

    // Whatever was not in that list is not in the set.
    var found: u64 = 0;
    for (0..100) |number| {
        for ([_]u16{ 0, 1, 22, 23, 80, 443, 444, 8443, 65535 }) |port| {
            if (set.indexOf(testAddress(@intCast(number)), port) != null) found += 1;
        }
    }
    try std.testing.expectEqual(set.count, found);
    try std.testing.expectEqual(null, set.indexOf(.fromInt(0), 80));
    try std.testing.expectEqual(null, set.indexOf(.fromInt(std.math.maxInt(u128)), 80));
}

test "the whole of IPv4 on every port, and the largest IPv6 block" {
    var every_port: [65536]u16 = undefined;
    for (&every_port, 0..) |*port, number| port.* = @intCast(number);
    const group = testGroup(0, 1, every_port.len);
    const ipv4 = [_]Interval{testInterval(0, 0xffff_ffff)};
    var set: TargetSet = try .init(std.testing.allocator, &ipv4, &every_port, &.{group});
    defer set.deinit(std.testing.allocator);
    try std.testing.expectEqual(@as(u64, 1 << 48), set.count);
    const last = set.at(set.count - 1);
    try std.testing.expectEqual([4]u8{ 255, 255, 255, 255 }, last.address.ipv4());
    try std.testing.expectEqual(@as(u16, 65535), last.port);
    try std.testing.expectEqual(set.count - 1, set.indexOf(last.address, last.port).?);

    const start: u128 = 0x2001_0db8 << 96;
    const end: Address = .fromInt(start + (1 << 63) - 1);
    const ipv6 = [_]Interval{.{ .first = .fromInt(start), .last = end }};
    const one_port = testGroup(0, 1, 1);
    var large: TargetSet = try .init(std.testing.allocator, &ipv6, &every_port, &.{one_port});
    defer large.deinit(std.testing.allocator);
    try std.testing.expectEqual(@as(u64, 1 << 63), large.count);
    try std.testing.expectEqual(large.count - 1, large.indexOf(end, 0).?);
    const refused = TargetSet.init(std.testing.allocator, &ipv6, &every_port, &.{group});
    try std.testing.expectError(error.TooManyTargets, refused);
}

test "an empty set" {
    var set: TargetSet = try .init(std.testing.allocator, &.{}, &.{}, &.{});
    defer set.deinit(std.testing.allocator);
    try std.testing.expectEqual(@as(u64, 0), set.count);
    try std.testing.expectEqual(null, set.indexOf(testAddress(1), 443));
}

test "what is out of order or out of bounds is refused" {
    const one = testGroup(0, 1, 1);
    const two = testGroup(0, 2, 1);
    const two_ports = testGroup(0, 1, 2);
    const beyond = testGroup(std.math.maxInt(u32), std.math.maxInt(u32), 1);
    const empty = testGroup(0, 0, 1);
    const ordered = testInterval(1, 2);
    const whole: Interval = .{ .first = .fromInt(0), .last = .fromInt(std.math.maxInt(u128)) };
    const cases = [_]struct {
        intervals: []const Interval,
        ports: []const u16 = &.{443},
        group: Group,
        expected: TargetSet.Error,
    }{
        .{ .intervals = &.{ordered}, .group = two, .expected = error.OutOfBounds },
        .{ .intervals = &.{ordered}, .group = two_ports, .expected = error.OutOfBounds },
        .{ .intervals = &.{ordered}, .group = beyond, .expected = error.OutOfBounds },
        .{ .intervals = &.{ordered}, .group = empty, .expected = error.EmptyGroup },
        .{
            .intervals = &.{testInterval(2, 1)},
            .group = one,
            .expected = error.IntervalsUnordered,
        },
        .{
            .intervals = &.{ ordered, testInterval(2, 3) },
            .group = two,
            .expected = error.IntervalsUnordered,
        },
        .{
            .intervals = &.{.{ .first = .fromInt(0), .last = testAddress(1) }},
            .group = one,
            .expected = error.IntervalsUnordered,
        },
        .{ .intervals = &.{whole}, .group = one, .expected = error.TooManyTargets },
        .{
            .intervals = &.{ordered},
            .ports = &.{ 443, 443 },
            .group = two_ports,
            .expected = error.PortsUnordered,
        },
    };
    for (cases) |case| {
        const groups = [_]Group{case.group};
        const result = TargetSet.init(std.testing.allocator, case.intervals, case.ports, &groups);
        try std.testing.expectError(case.expected, result);
    }
}
