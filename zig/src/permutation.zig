//! The order of a sweep: a walk through the multiplicative group modulo a prime, which visits every
//! index once in an order that looks random, with one number of state.
//! The construction is ZMap's: Durumeric, Wustrow, Halderman, "ZMap: Fast Internet-Wide Scanning
//! and Its Security Applications", USENIX Security 2013, 4.1.

const std = @import("std");

/// A permutation of the indexes from 0 to `count - 1`.
pub const Permutation = struct {
    count: u64,
    prime: u64,
    /// Of the whole group: its powers are all of 1 to `prime - 1`.
    generator: u64,
    /// The element at position 0.
    start: u64,

    /// More indexes than this have no prime in the table.
    pub const count_max = groups[groups.len - 1].prime - 1;

    /// The same count and seed give the same permutation, always: a run is resumed by them.
    pub fn init(count: u64, seed: u64) Permutation {
        std.debug.assert(count >= 1);
        std.debug.assert(count <= count_max);
        const group = for (groups) |group| {
            if (group.prime - 1 >= count) break group;
        } else unreachable;
        var random: std.Random.SplitMix64 = .init(seed);
        const start = element(&random, group.prime);
        // Of random elements, phi(p - 1) / (p - 1) generate the group: more than one in ten.
        const generator = while (true) {
            const candidate = element(&random, group.prime);
            if (generates(candidate, group)) break candidate;
        };
        return .{ .count = count, .prime = group.prime, .generator = generator, .start = start };
    }

    /// The part of the permutation that shard `shard_index` of `shard_count` visits: positions
    /// `shard_index`, `shard_index + shard_count` and so on. Together the shards visit every index
    /// once, without knowing of each other.
    pub fn walk(permutation: *const Permutation, shard_index: u32, shard_count: u32) Walk {
        std.debug.assert(shard_index < shard_count);
        const order = permutation.prime - 1;
        const first_power = power(permutation.generator, shard_index, permutation.prime);
        const first = multiply(permutation.start, first_power, permutation.prime);
        const factor = power(permutation.generator, shard_count, permutation.prime);
        return .{
            .count = permutation.count,
            .first = first,
            .factor = .init(factor, permutation.prime),
            .element = first,
            .steps = 0,
            .steps_max = if (shard_index >= order)
                0
            else
                (order - shard_index - 1) / shard_count + 1,
        };
    }

    /// One shard's way through the permutation. A copy goes its own way.
    pub const Walk = struct {
        count: u64,
        first: u64,
        factor: Factor,
        /// The element that the next step visits.
        element: u64,
        steps: u64,
        steps_max: u64,

        /// The next index; null at the end. Elements that are no index are stepped over: never more
        /// than about half of them, once there are 128 indexes.
        pub fn next(self: *Walk) ?u64 {
            while (self.steps < self.steps_max) {
                const index = self.element - 1;
                self.element = self.factor.times(self.element);
                self.steps += 1;
                if (index < self.count) return index;
            }
            return null;
        }

        /// How far the walk has come, in steps of the group: what `resumeAt` of a later process
        /// needs.
        pub fn cursor(self: *const Walk) u64 {
            return self.steps;
        }

        /// Goes to where a walk over the same permutation and shard had come, in O(log cursor).
        /// Beyond the end is the end, since cursors come from files.
        pub fn resumeAt(self: *Walk, cursor_before: u64) void {
            self.steps = @min(cursor_before, self.steps_max);
            const jump = power(self.factor.value, self.steps, self.factor.modulus);
            self.element = multiply(self.first, jump, self.factor.modulus);
        }
    };
};

/// A factor that multiplies again and again modulo the same prime, without division: Shoup's method
/// (Harvey, "Faster arithmetic for number-theoretic transforms", Journal of Symbolic Computation
/// 60, 2014, algorithm 2).
const Factor = struct {
    value: u64,
    modulus: u64,
    /// `value * 2^64 / modulus`, rounded down.
    quotient: u64,

    fn init(value: u64, modulus: u64) Factor {
        const quotient = (@as(u128, value) << 64) / modulus;
        return .{ .value = value, .modulus = modulus, .quotient = @intCast(quotient) };
    }

    /// `value * other` modulo the prime; `other` may be any number below it.
    fn times(factor: *const Factor, other: u64) u64 {
        // The largest prime of the table: the remainder below would not fit.
        if (factor.modulus > 1 << 63) return multiply(factor.value, other, factor.modulus);
        const quotient: u64 = @intCast(@as(u128, factor.quotient) * other >> 64);
        // Too small by one at most, so that the remainder is below twice the modulus; its upper
        // halves cancel.
        const remainder = factor.value *% other -% quotient *% factor.modulus;
        return if (remainder >= factor.modulus) remainder - factor.modulus else remainder;
    }
};

/// A uniform element of the group, from 1 to `prime - 1`.
fn element(random: *std.Random.SplitMix64, prime: u64) u64 {
    return 1 + @as(u64, @truncate(@as(u128, random.next()) * (prime - 1) >> 64));
}

/// By Lagrange: the order of an element divides `p - 1`, and if it is smaller it divides one of the
/// `(p - 1) / factor`.
fn generates(candidate: u64, group: Group) bool {
    for (group.factors) |factor| {
        if (power(candidate, (group.prime - 1) / factor, group.prime) == 1) return false;
    }
    return true;
}

/// Exact for every modulus of the table: the product of 64-bit numbers needs 128 bits, and without
/// them a walk falls into a short cycle.
fn multiply(a: u64, b: u64, modulus: u64) u64 {
    if (modulus <= std.math.maxInt(u32)) return a * b % modulus;
    return @intCast(@as(u128, a) * b % modulus);
}

fn power(base: u64, exponent: u64, modulus: u64) u64 {
    var result: u64 = 1;
    var square = base % modulus;
    var rest = exponent;
    while (rest > 0) : (rest >>= 1) {
        if (rest & 1 == 1) result = multiply(result, square, modulus);
        square = multiply(square, square, modulus);
    }
    return result;
}

const Group = struct {
    prime: u64,
    /// The different prime factors of `prime - 1`.
    factors: []const u64,
};

/// The smallest prime above 2^k, for every k from 8 to 63.
const groups = [_]Group{
    .{ .prime = 0x101, .factors = &.{2} },
    .{ .prime = 0x209, .factors = &.{ 2, 5, 13 } },
    .{ .prime = 0x407, .factors = &.{ 2, 5, 103 } },
    .{ .prime = 0x805, .factors = &.{ 2, 3, 19 } },
    .{ .prime = 0x1003, .factors = &.{ 2, 3, 683 } },
    .{ .prime = 0x2011, .factors = &.{ 2, 3, 19 } },
    .{ .prime = 0x401b, .factors = &.{ 2, 3, 5, 547 } },
    .{ .prime = 0x8003, .factors = &.{ 2, 5, 29, 113 } },
    .{ .prime = 0x10001, .factors = &.{2} },
    .{ .prime = 0x2001d, .factors = &.{ 2, 3, 5, 19, 23 } },
    .{ .prime = 0x40003, .factors = &.{ 2, 3, 43691 } },
    .{ .prime = 0x80015, .factors = &.{ 2, 23, 41, 139 } },
    .{ .prime = 0x100007, .factors = &.{ 2, 29, 101, 179 } },
    .{ .prime = 0x200011, .factors = &.{ 2, 3, 43691 } },
    .{ .prime = 0x40000f, .factors = &.{ 2, 3, 699053 } },
    .{ .prime = 0x800009, .factors = &.{ 2, 17, 61681 } },
    .{ .prime = 0x100002b, .factors = &.{ 2, 23, 103, 3541 } },
    .{ .prime = 0x2000023, .factors = &.{ 2, 3, 11, 56489 } },
    .{ .prime = 0x400000f, .factors = &.{ 2, 3, 1242757 } },
    .{ .prime = 0x800001d, .factors = &.{ 2, 3, 1242757 } },
    .{ .prime = 0x10000003, .factors = &.{ 2, 3, 19, 87211 } },
    .{ .prime = 0x2000000b, .factors = &.{ 2, 3, 7, 23, 555767 } },
    .{ .prime = 0x40000003, .factors = &.{ 2, 3, 59, 3033169 } },
    .{ .prime = 0x8000000b, .factors = &.{ 2, 3, 149, 2402107 } },
    .{ .prime = 0x10000000f, .factors = &.{ 2, 3, 5, 131, 364289 } },
    .{ .prime = 0x200000011, .factors = &.{ 2, 3, 59, 3033169 } },
    .{ .prime = 0x400000019, .factors = &.{ 2, 83, 1277, 20261 } },
    .{ .prime = 0x800000035, .factors = &.{ 2, 3, 5, 7, 81808901 } },
    .{ .prime = 0x100000001f, .factors = &.{ 2, 163, 883, 238727 } },
    .{ .prime = 0x2000000009, .factors = &.{ 2, 5, 137, 953, 26317 } },
    .{ .prime = 0x4000000007, .factors = &.{ 2, 5, 35573, 154543 } },
    .{ .prime = 0x8000000017, .factors = &.{ 2, 3, 5, 383, 47846459 } },
    .{ .prime = 0x1000000000f, .factors = &.{ 2, 3, 5, 36650387593 } },
    .{ .prime = 0x2000000001b, .factors = &.{ 2, 277, 3969356057 } },
    .{ .prime = 0x4000000000f, .factors = &.{ 2, 3, 13, 71, 227, 3498493 } },
    .{ .prime = 0x8000000001d, .factors = &.{ 2, 3, 13, 71, 227, 3498493 } },
    .{ .prime = 0x100000000007, .factors = &.{ 2, 11, 53, 97, 155542661 } },
    .{ .prime = 0x20000000003b, .factors = &.{ 2, 3, 5, 19, 120739, 511243 } },
    .{ .prime = 0x40000000000f, .factors = &.{ 2, 3, 1947973, 6020681 } },
    .{ .prime = 0x800000000005, .factors = &.{ 2, 3, 11, 19, 331, 18837001 } },
    .{ .prime = 0x1000000000015, .factors = &.{ 2, 3, 7, 1361, 2462081249 } },
    .{ .prime = 0x2000000000045, .factors = &.{ 2, 5, 7, 574438727981 } },
    .{ .prime = 0x4000000000037, .factors = &.{ 2, 11, 51177268492849 } },
    .{ .prime = 0x8000000000015, .factors = &.{ 2, 7, 11, 179, 3517, 11613247 } },
    .{ .prime = 0x10000000000015, .factors = &.{ 2, 3, 23, 612229, 987127 } },
    .{ .prime = 0x20000000000005, .factors = &.{ 2, 3, 307, 2857, 6529, 43691 } },
    .{ .prime = 0x4000000000009f, .factors = &.{ 2, 3, 7724869, 388666753 } },
    .{ .prime = 0x80000000000003, .factors = &.{ 2, 5, 13, 37, 109, 246241, 279073 } },
    .{ .prime = 0x100000000000051, .factors = &.{ 2, 3, 7, 61, 34501, 14557303 } },
    .{ .prime = 0x200000000000009, .factors = &.{ 2, 5, 13, 37, 109, 246241, 279073 } },
    .{ .prime = 0x400000000000045, .factors = &.{ 2, 3, 7, 13, 26813, 33829, 290993 } },
    .{ .prime = 0x800000000000083, .factors = &.{ 2, 3, 1361, 2614547910049 } },
    .{ .prime = 0x1000000000000021, .factors = &.{ 2, 3, 11, 683, 2971, 48912491 } },
    .{ .prime = 0x200000000000000f, .factors = &.{ 2, 1723, 2447, 273451615243 } },
    .{ .prime = 0x4000000000000087, .factors = &.{ 2, 3, 953, 7691, 15467, 6779953 } },
    .{ .prime = 0x800000000000001d, .factors = &.{ 2, 3, 359, 7005787, 33955849 } },
};

test "every prime is the smallest above its power of two, and its factors are the factors" {
    try std.testing.expectEqual(@as(usize, 56), groups.len);
    for (groups, 8..) |group, exponent| {
        const floor = @as(u64, 1) << @intCast(exponent);
        try std.testing.expect(group.prime > floor);
        try std.testing.expect(isPrime(group.prime));
        var between = floor + 1;
        while (between < group.prime) : (between += 1) try std.testing.expect(!isPrime(between));

        var rest = group.prime - 1;
        var previous: u64 = 1;
        for (group.factors) |factor| {
            try std.testing.expect(factor > previous);
            previous = factor;
            try std.testing.expect(isPrime(factor));
            try std.testing.expectEqual(@as(u64, 0), rest % factor);
            while (rest % factor == 0) rest /= factor;
        }
        try std.testing.expectEqual(@as(u64, 1), rest);
    }
}

test "the generator of every group has the order of the group" {
    for (groups) |group| {
        for (0..3) |seed| {
            const permutation: Permutation = .init(group.prime - 1, seed);
            try std.testing.expectEqual(group.prime, permutation.prime);
            const last = power(permutation.generator, group.prime - 1, group.prime);
            try std.testing.expectEqual(1, last);
            try std.testing.expect(generates(permutation.generator, group));
        }
        // A square reaches half of the group only.
        const permutation: Permutation = .init(group.prime - 1, 0);
        const square = multiply(permutation.generator, permutation.generator, group.prime);
        try std.testing.expect(!generates(square, group));
    }
}

test "small groups: the powers of the generator are counted out" {
    for (groups[0..6]) |group| {
        const generator = Permutation.init(group.prime - 1, 9).generator;
        var order: u64 = 1;
        var value = generator;
        while (value != 1) : (order += 1) value = multiply(value, generator, group.prime);
        try std.testing.expectEqual(group.prime - 1, order);
    }
}

test "the shards visit every index exactly once: every count to 600, every shard count to 7" {
    var seen: [600]bool = undefined;
    for (1..seen.len + 1) |count| {
        const permutation: Permutation = .init(count, count);
        for (1..8) |shard_count| {
            @memset(seen[0..count], false);
            var visited: usize = 0;
            for (0..shard_count) |shard_index| {
                var walk = permutation.walk(@intCast(shard_index), @intCast(shard_count));
                while (walk.next()) |index| {
                    try std.testing.expect(!seen[index]);
                    seen[index] = true;
                    visited += 1;
                }
                try std.testing.expectEqual(null, walk.next());
            }
            try std.testing.expectEqual(count, visited);
        }
    }
}

test "every group of up to 2^20 elements is walked to its end: all shards, each index once" {
    const allocator = std.testing.allocator;
    var seen: std.DynamicBitSetUnmanaged = try .initEmpty(allocator, groups[12].prime);
    defer seen.deinit(allocator);
    for (groups[0..13], 1..) |group, shard_count| {
        // The largest count of this group, so that no element is stepped over.
        const permutation: Permutation = .init(group.prime - 1, shard_count);
        try std.testing.expectEqual(group.prime, permutation.prime);
        seen.unsetAll();
        var visited: u64 = 0;
        for (0..shard_count) |shard_index| {
            var walk = permutation.walk(@intCast(shard_index), @intCast(shard_count));
            while (walk.next()) |index| : (visited += 1) {
                try std.testing.expect(!seen.isSet(index));
                seen.set(index);
            }
        }
        try std.testing.expectEqual(group.prime - 1, visited);
    }
}

test "more shards than the group has elements: the last ones are empty" {
    const permutation: Permutation = .init(3, 1);
    var visited: usize = 0;
    for (0..300) |shard_index| {
        var walk = permutation.walk(@intCast(shard_index), 300);
        while (walk.next()) |_| visited += 1;
    }
    try std.testing.expectEqual(@as(usize, 3), visited);
}

test "seeds differ, and the same seed gives the same order" {
    const first: Permutation = .init(1000, 1);
    var walk = first.walk(0, 1);
    var same = Permutation.init(1000, 1).walk(0, 1);
    var other = Permutation.init(1000, 2).walk(0, 1);
    var equal_count: usize = 0;
    for (0..1000) |_| {
        const index = walk.next().?;
        try std.testing.expectEqual(index, same.next().?);
        if (index == other.next().?) equal_count += 1;
    }
    try std.testing.expect(equal_count < 20);
}

test "a resumed walk goes on as the one that was left, at every cursor" {
    const permutation: Permutation = .init(300, 7);
    for (0..3) |shard_index| {
        var left = permutation.walk(@intCast(shard_index), 3);
        while (true) {
            var resumed = permutation.walk(@intCast(shard_index), 3);
            resumed.resumeAt(left.cursor());
            var copy = left;
            while (copy.next()) |index| try std.testing.expectEqual(index, resumed.next().?);
            try std.testing.expectEqual(null, resumed.next());
            if (left.next() == null) break;
        }
    }
    var beyond = permutation.walk(0, 1);
    beyond.resumeAt(std.math.maxInt(u64));
    try std.testing.expectEqual(null, beyond.next());
}

test "large groups: no index comes twice in a long stretch, and jumps land where steps do" {
    const counts = [_]u64{
        0xffff_ffff, 0x1_0000_000e,
        0x1_0000_0000_00,      1 << 48, // The whole of IPv4 on every port.
        0x100_0000_0000_0000,  1 << 62,
        Permutation.count_max,
    };
    for (counts) |count| {
        const permutation: Permutation = .init(count, 3);
        var seen: std.AutoHashMapUnmanaged(u64, void) = .empty;
        defer seen.deinit(std.testing.allocator);
        var walk = permutation.walk(2, 5);
        for (0..10_000) |_| {
            const index = walk.next().?;
            try std.testing.expect(index < count);
            try seen.putNoClobber(std.testing.allocator, index, {});
        }
        var jumped = permutation.walk(2, 5);
        jumped.resumeAt(walk.cursor());
        try std.testing.expectEqual(walk.element, jumped.element);

        // The last step of the last shard stands one generator before the start.
        var last = permutation.walk(0, 1);
        last.resumeAt(permutation.prime - 2);
        const after = multiply(last.element, permutation.generator, permutation.prime);
        try std.testing.expectEqual(permutation.start, after);
    }
}

test "multiplying by a kept factor gives what division gives, modulo every prime" {
    var random: std.Random.DefaultPrng = .init(1);
    for (groups) |group| {
        const largest = group.prime - 1;
        for ([_]u64{ 1, 2, largest / 2, largest - 1, largest }) |value| {
            const factor: Factor = .init(value, group.prime);
            for ([_]u64{ 1, 2, largest / 2, largest - 1, largest }) |other| {
                const expected = multiply(value, other, group.prime);
                try std.testing.expectEqual(expected, factor.times(other));
            }
        }
        for (0..500) |_| {
            const value = random.random().uintAtMost(u64, largest);
            const other = random.random().uintAtMost(u64, largest);
            const factor: Factor = .init(value, group.prime);
            const expected = multiply(value, other, group.prime);
            try std.testing.expectEqual(expected, factor.times(other));
        }
    }
}

test "products are exact where 64 bits are not enough" {
    const modulus = groups[groups.len - 1].prime;
    try std.testing.expectEqual(@as(u64, 1), multiply(modulus - 1, modulus - 1, modulus));
    const narrow = groups[23].prime; // The largest below 2^32.
    try std.testing.expect(narrow < 1 << 32);
    try std.testing.expectEqual(@as(u64, 1), multiply(narrow - 1, narrow - 1, narrow));
}

/// Miller and Rabin; with the first twelve primes as bases exact below 3.3 * 10^24 (Sorenson and
/// Webster, 2015).
fn isPrime(number: u64) bool {
    const bases = [_]u64{ 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37 };
    if (number < 2) return false;
    for (bases) |base| if (number % base == 0) return number == base;
    const twos = @ctz(number - 1);
    for (bases) |base| {
        var value = power(base, (number - 1) >> @intCast(twos), number);
        if (value == 1 or value == number - 1) continue;
        for (1..twos) |_| {
            value = multiply(value, value, number);
            if (value == number - 1) break;
        } else return false;
    }
    return true;
}
