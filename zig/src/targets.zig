//! A target set and the order of a walk over it, as they cross the boundary.

const std = @import("std");
const Ipv4Interval = @import("address_list.zig").Ipv4Interval;
const Ipv6Interval = @import("address_list.zig").Ipv6Interval;
const Permutation = @import("permutation.zig").Permutation;
const TargetSet = @import("target_set.zig").TargetSet;
const target_set = @import("target_set.zig");

/// The parts of a target set in flat arrays, which may be null where they are empty. Borrowed: the
/// caller keeps them alive and unchanged for as long as the set that was built of them.
pub const Targets = extern struct {
    ipv4: ?[*]const Ipv4Interval,
    ipv6: ?[*]const Ipv6Interval,
    ports: ?[*]const u16,
    groups: ?[*]const target_set.Group,
    ipv4_count: u32,
    ipv6_count: u32,
    port_count: u32,
    group_count: u32,
    /// Not 0: the set is so many of the targets, drawn by the order's seed.
    sample_count: u64,

    /// `seed` is the order's. InvalidTargets: there are none, the parts contradict each other, or
    /// they are more than can be walked.
    pub fn build(
        targets: Targets,
        allocator: std.mem.Allocator,
        seed: u64,
    ) error{ OutOfMemory, InvalidTargets }!TargetSet {
        if (targets.group_count == 0) return error.InvalidTargets;
        return TargetSet.init(
            allocator,
            .{
                .ipv4 = slice(Ipv4Interval, targets.ipv4, targets.ipv4_count),
                .ipv6 = slice(Ipv6Interval, targets.ipv6, targets.ipv6_count),
                .ports = slice(u16, targets.ports, targets.port_count),
                .groups = slice(target_set.Group, targets.groups, targets.group_count),
            },
            if (targets.sample_count == 0)
                null
            else
                .{ .count = targets.sample_count, .seed = seed },
        ) catch |err| switch (err) {
            error.OutOfMemory => error.OutOfMemory,
            else => error.InvalidTargets,
        };
    }

    fn slice(comptime Item: type, items: ?[*]const Item, count: u32) []const Item {
        return if (items) |some| some[0..count] else &.{};
    }
};

/// The part of the permutation that one walk covers, and where in it to begin.
pub const Order = extern struct {
    seed: u64,
    /// What `Permutation.Walk.cursor` gave where an earlier walk in the same order ended; 0 for the
    /// beginning.
    cursor: u64,
    shard_index: u32,
    shard_count: u32,

    /// InvalidArgument: there is no such shard.
    pub fn walk(order: Order, target_count: u64) error{InvalidArgument}!Permutation.Walk {
        if (order.shard_index >= order.shard_count) return error.InvalidArgument;
        const permutation: Permutation = .init(target_count, order.seed);
        var shard = permutation.walk(order.shard_index, order.shard_count);
        shard.resumeAt(order.cursor);
        return shard;
    }
};

const test_targets: Targets = .{
    .ipv4 = &[_]Ipv4Interval{.{ .first = 0x0a00_0000, .last = 0x0a00_03e7 }},
    .ipv6 = null,
    .ports = &[_]u16{443},
    .groups = &[_]target_set.Group{.{ .ipv4_count = 1, .port_count = 1 }},
    .ipv4_count = 1,
    .ipv6_count = 0,
    .port_count = 1,
    .group_count = 1,
    .sample_count = 0,
};

test "a set is built of the arrays as they lie; a sample of it is drawn by the seed" {
    var set = try test_targets.build(std.testing.allocator, 7);
    defer set.deinit(std.testing.allocator);
    try std.testing.expectEqual(1000, set.count);
    try std.testing.expectEqual([4]u8{ 10, 0, 3, 231 }, set.at(999).address.ipv4());

    var targets = test_targets;
    targets.sample_count = 10;
    var sample = try targets.build(std.testing.allocator, 7);
    defer sample.deinit(std.testing.allocator);
    var other = try targets.build(std.testing.allocator, 8);
    defer other.deinit(std.testing.allocator);
    try std.testing.expectEqual(10, sample.count);
    var common_count: u64 = 0;
    for (0..10) |index| {
        const target = sample.at(index);
        if (other.indexOf(target.address, target.port) != null) common_count += 1;
    }
    try std.testing.expect(common_count < 10);
}

test "targets that are none, or too many for their sample, are refused" {
    var targets = test_targets;
    targets.sample_count = 1001;
    const too_many = targets.build(std.testing.allocator, 1);
    try std.testing.expectError(error.InvalidTargets, too_many);
    targets = test_targets;
    targets.group_count = 0;
    const none = targets.build(std.testing.allocator, 1);
    try std.testing.expectError(error.InvalidTargets, none);
    targets = test_targets;
    targets.ipv4 = null;
    const without_addresses = targets.build(std.testing.allocator, 1);
    try std.testing.expectError(error.InvalidTargets, without_addresses);
}

test "a walk of no shard is refused; a walk begins at its cursor" {
    const none: Order = .{ .seed = 1, .cursor = 0, .shard_index = 1, .shard_count = 1 };
    try std.testing.expectError(error.InvalidArgument, none.walk(1000));

    var order: Order = .{ .seed = 1, .cursor = 0, .shard_index = 1, .shard_count = 2 };
    var whole = try order.walk(1000);
    for (0..100) |_| _ = whole.next().?;
    order.cursor = whole.cursor();
    var rest = try order.walk(1000);
    while (whole.next()) |index| try std.testing.expectEqual(index, rest.next().?);
    try std.testing.expectEqual(null, rest.next());
}
