//! The way between the cable and the hosts: what becomes of a frame there, and when it arrives.

const std = @import("std");
const weighted = @import("weighted.zig");
const world_types = @import("world.zig");
const Leg = world_types.Leg;
const World = world_types.World;

pub const Direction = enum(u8) {
    /// From the scanner to the hosts.
    forward,
    /// From the hosts to the scanner.
    back,
};

/// What became of the frames of one direction, over all prefixes.
pub const Counters = struct {
    lost: u64 = 0,
    duplicated: u64 = 0,
    /// Held back; of a duplicated frame each copy for itself.
    reordered: u64 = 0,
    /// Dropped because the queue before a bandwidth was too long.
    queue_drops: u64 = 0,
};

/// When a frame arrives: never, once, or twice.
pub const Arrivals = struct {
    count: u2 = 0,
    /// In nanoseconds of the caller's clock, of which the first `count` are meant; in no order.
    at: [2]u64 = @splat(0),

    fn append(arrivals: *Arrivals, at: u64) void {
        arrivals.at[arrivals.count] = at;
        arrivals.count += 1;
    }
};

pub const Path = struct {
    world: *const World,
    /// By prefix.
    lanes: []std.EnumArray(Direction, Lane),
    counters: std.EnumArray(Direction, Counters) = .initFill(.{}),

    pub fn init(allocator: std.mem.Allocator, world: *const World) error{OutOfMemory}!Path {
        const lanes = try allocator.alloc(std.EnumArray(Direction, Lane), world.prefixes.len);
        for (lanes, 0..) |*both, prefix_index| {
            for (std.enums.values(Direction)) |direction| {
                const place: [2]u64 = .{ prefix_index, @intFromEnum(direction) };
                const seed = std.hash.Wyhash.hash(world.seed, std.mem.asBytes(&place));
                both.set(direction, .{ .random = .init(seed) });
            }
        }
        return .{ .world = world, .lanes = lanes };
    }

    pub fn deinit(path: *Path, allocator: std.mem.Allocator) void {
        allocator.free(path.lanes);
        path.* = undefined;
    }

    /// Sends a frame of `frame_size` octets on its way at `now`; `round_trip_ns` is its host's.
    pub fn carry(
        path: *Path,
        prefix_index: u16,
        direction: Direction,
        round_trip_ns: u64,
        frame_size: usize,
        now: u64,
    ) Arrivals {
        const prefix = &path.world.prefixes[prefix_index];
        const lane = path.lanes[prefix_index].getPtr(direction);
        const counters = path.counters.getPtr(direction);
        const leg: *const Leg = if (direction == .forward) &prefix.forward else &prefix.back;
        const forward_ns = round_trip_ns / 2;
        const delay_ns = if (direction == .forward) forward_ns else round_trip_ns - forward_ns;

        var arrivals: Arrivals = .{};
        if (lane.happens(leg.loss)) {
            counters.lost += 1;
            return arrivals;
        }
        const is_duplicated = lane.happens(leg.duplication);
        if (is_duplicated) counters.duplicated += 1;
        const copy_count: usize = if (is_duplicated) 2 else 1;
        for (0..copy_count) |_| {
            const departure = lane.depart(leg, frame_size, now) orelse {
                counters.queue_drops += 1;
                continue;
            };
            const is_held_back = lane.happens(leg.reordering);
            if (is_held_back) counters.reordered += 1;
            const held_ns = if (is_held_back) leg.reordering_ns else 0;
            arrivals.append(departure + delay_ns + held_ns);
        }
        return arrivals;
    }
};

/// One direction to one prefix. Each has its own chances, so that what happens on it only depends
/// on what is sent on it.
const Lane = struct {
    random: std.Random.SplitMix64,
    /// When the frames that were sent have passed the bandwidth: in whole nanoseconds, and what
    /// exceeds them in parts of a nanosecond, of which there are as many as bits in a second.
    /// Rounding would let a stream of small frames be faster or slower than the rate.
    free_at: u64 = 0,
    free_at_part: u64 = 0,

    fn happens(lane: *Lane, share: weighted.Share) bool {
        return share > 0 and weighted.happens(share, lane.random.next());
    }

    /// When the last bit of a frame has passed the bandwidth; null when the queue before it is
    /// too long.
    fn depart(lane: *Lane, leg: *const Leg, frame_size: usize, now: u64) ?u64 {
        const rate = leg.rate orelse return now;
        if (lane.free_at < now) {
            lane.free_at = now;
            lane.free_at_part = 0;
        }
        if (lane.free_at - now > leg.queue_ns) return null;
        const parts = lane.free_at_part + @as(u64, frame_size) * 8 * std.time.ns_per_s;
        lane.free_at += parts / rate;
        lane.free_at_part = parts % rate;
        return lane.free_at;
    }
};

const ms = std.time.ns_per_ms;
const start = 1_000_000 * ms;

fn testWorld(prefixes: []const world_types.Prefix) World {
    return .{ .seed = 7, .prefixes = prefixes };
}

fn testPrefix(forward: Leg, back: Leg) world_types.Prefix {
    return .{
        .first = .fromIpv4(.{ 10, 0, 0, 0 }),
        .last = .fromIpv4(.{ 10, 0, 0, 255 }),
        .length = 24,
        .forward = forward,
        .back = back,
    };
}

test "half of the round trip each way, and the halves add up" {
    const world = testWorld(&.{testPrefix(.{}, .{})});
    var path: Path = try .init(std.testing.allocator, &world);
    defer path.deinit(std.testing.allocator);
    for ([_]u64{ 0, 1, 50 * ms, 50 * ms + 1 }) |round_trip_ns| {
        const there = path.carry(0, .forward, round_trip_ns, 60, start);
        try std.testing.expectEqual(1, there.count);
        try std.testing.expectEqual(start + round_trip_ns / 2, there.at[0]);
        const back = path.carry(0, .back, round_trip_ns, 60, there.at[0]);
        try std.testing.expectEqual(1, back.count);
        try std.testing.expectEqual(start + round_trip_ns, back.at[0]);
    }
    try std.testing.expectEqual(Counters{}, path.counters.get(.forward));
    try std.testing.expectEqual(Counters{}, path.counters.get(.back));
}

test "loss, duplication and reordering have their shares, each direction its own" {
    const forward: Leg = .{
        .loss = 100_000,
        .duplication = 50_000,
        .reordering = 200_000,
        .reordering_ns = 30 * ms,
    };
    const world = testWorld(&.{testPrefix(forward, .{ .loss = 10_000 })});
    var path: Path = try .init(std.testing.allocator, &world);
    defer path.deinit(std.testing.allocator);
    var counts: [3]u32 = @splat(0);
    var held_back: u32 = 0;
    for (0..100_000) |_| {
        const arrivals = path.carry(0, .forward, 100 * ms, 60, start);
        counts[arrivals.count] += 1;
        for (arrivals.at[0..arrivals.count]) |at| {
            if (at == start + 80 * ms) held_back += 1 else {
                try std.testing.expectEqual(start + 50 * ms, at);
            }
        }
    }
    // Five standard deviations around 10% lost, 5% of the rest twice, 20% of the copies later.
    try expectBetween(9_500, 10_500, counts[0]);
    try expectBetween(4_170, 4_830, counts[2]);
    try expectBetween(18_300, 19_500, held_back);
    try std.testing.expectEqual(Counters{
        .lost = counts[0],
        .duplicated = counts[2],
        .reordered = held_back,
    }, path.counters.get(.forward));

    var lost: u32 = 0;
    for (0..100_000) |_| {
        if (path.carry(0, .back, 0, 60, start).count == 0) lost += 1;
    }
    try expectBetween(840, 1_160, lost);
    try std.testing.expectEqual(Counters{ .lost = lost }, path.counters.get(.back));
}

fn expectBetween(low: u64, high: u64, actual: u64) !void {
    try std.testing.expect(low <= actual);
    try std.testing.expect(actual <= high);
}

test "the same seed has the same happen, whatever is sent on other ways" {
    const leg: Leg = .{ .loss = 500_000 };
    const world = testWorld(&.{ testPrefix(leg, leg), testPrefix(leg, leg) });
    var path: Path = try .init(std.testing.allocator, &world);
    defer path.deinit(std.testing.allocator);
    var again: Path = try .init(std.testing.allocator, &world);
    defer again.deinit(std.testing.allocator);
    var differing: [2]u32 = @splat(0);
    for (0..10_000) |_| {
        const arrivals = path.carry(0, .forward, 0, 60, start);
        try std.testing.expectEqual(arrivals, again.carry(0, .forward, 0, 60, start));
        const back = path.carry(0, .back, 0, 60, start);
        const other = path.carry(1, .forward, 0, 60, start);
        differing[0] += @intFromBool(back.count != arrivals.count);
        differing[1] += @intFromBool(other.count != arrivals.count);
    }
    // Nor do the ways have the same happen.
    for (differing) |count| try expectBetween(4_750, 5_250, count);
}

test "a burst leaves at exactly the rate" {
    // 60 octets at 7 Mbit/s are 68571 3/7 ns.
    const leg: Leg = .{ .rate = 7_000_000, .queue_ns = std.math.maxInt(u32) };
    const world = testWorld(&.{testPrefix(leg, .{})});
    var path: Path = try .init(std.testing.allocator, &world);
    defer path.deinit(std.testing.allocator);
    for (1..7_001) |count| {
        const arrivals = path.carry(0, .forward, 2 * ms, 60, start);
        const sent_ns = count * 60 * 8 * std.time.ns_per_s / 7_000_000;
        try std.testing.expectEqual(start + sent_ns + ms, arrivals.at[0]);
    }
    // After a pause it starts anew: idle time is no credit.
    const later = start + 3600 * std.time.ns_per_s;
    const arrivals = path.carry(0, .forward, 0, 60, later);
    try std.testing.expectEqual(later + 68_571, arrivals.at[0]);
}

test "what would wait longer than the queue is dropped, each copy for itself" {
    // 125 octets take 1 ms: one in service, and each that waits 1 ms more.
    const leg: Leg = .{ .rate = 1_000_000, .queue_ns = 5 * ms };
    const doubling: Leg = .{ .rate = 1_000_000, .duplication = weighted.share_all };
    const world = testWorld(&.{testPrefix(leg, doubling)});
    var path: Path = try .init(std.testing.allocator, &world);
    defer path.deinit(std.testing.allocator);
    for (1..7) |count| {
        const arrivals = path.carry(0, .forward, 0, 125, start);
        const expected: Arrivals = .{ .count = 1, .at = .{ start + count * ms, 0 } };
        try std.testing.expectEqual(expected, arrivals);
    }
    try std.testing.expectEqual(0, path.carry(0, .forward, 0, 125, start).count);
    try std.testing.expectEqual(0, path.carry(0, .forward, 0, 125, start + ms - 1).count);
    // As soon as one has left, there is room for one.
    try std.testing.expectEqual(start + 7 * ms, path.carry(0, .forward, 0, 125, start + ms).at[0]);
    try std.testing.expectEqual(0, path.carry(0, .forward, 0, 125, start + ms).count);
    try std.testing.expectEqual(Counters{ .queue_drops = 3 }, path.counters.get(.forward));

    // The frame finds the bandwidth free, its copy does not.
    const arrivals = path.carry(0, .back, 0, 125, start);
    try std.testing.expectEqual(Arrivals{ .count = 1, .at = .{ start + ms, 0 } }, arrivals);
    try std.testing.expectEqual(Counters{
        .duplicated = 1,
        .queue_drops = 1,
    }, path.counters.get(.back));
}

test "each direction of each prefix has a queue of its own" {
    const leg: Leg = .{ .rate = 1_000_000, .queue_ns = 1000 * ms };
    const world = testWorld(&.{ testPrefix(leg, leg), testPrefix(leg, .{}) });
    var path: Path = try .init(std.testing.allocator, &world);
    defer path.deinit(std.testing.allocator);
    for (0..100) |_| _ = path.carry(0, .forward, 0, 125, start);
    try std.testing.expectEqual(start + ms, path.carry(0, .back, 0, 125, start).at[0]);
    try std.testing.expectEqual(start + ms, path.carry(1, .forward, 0, 125, start).at[0]);
    try std.testing.expectEqual(start, path.carry(1, .back, 0, 125, start).at[0]);
    try std.testing.expectEqual(start + 101 * ms, path.carry(0, .forward, 0, 125, start).at[0]);
}
