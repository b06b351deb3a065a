//! A sample of a space too large to be walked: so many of its numbers, drawn without replacement,
//! with no memory for each.
//! A Feistel network over the smallest power of two that holds the space (Luby, Rackoff, "How to
//! Construct Pseudorandom Permutations from Pseudorandom Functions", SIAM Journal on Computing
//! 17(2), 1988) permutes it; numbers outside the space are permuted again until they fall into it
//! ("cycle walking": Black, Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002). What
//! the first `count` numbers become is the sample, and backwards the permutation tells whether a
//! number is in it. It is not secret, only even.

const std = @import("std");

/// `count` different numbers from 0 to `population - 1`.
pub const Sample = struct {
    population: u128,
    count: u64,
    right_bits: u7,
    left_mask: u64,
    right_mask: u64,
    round_keys: [round_count]u64,

    /// Twice the four that make a random round function indistinguishable from a random
    /// permutation (Luby and Rackoff), since ours is a mixer and the halves may be unequal. Even,
    /// so that each half is changed as often as the other.
    const round_count = 8;

    /// Sets the round keys apart from whatever else the same seed starts ("sampling").
    const key_domain = 0x7361_6d70_6c69_6e67;

    /// The same arguments give the same sample, always: shards and resumed runs rely on it.
    /// `count` must be between 1 and `population`.
    pub fn init(population: u128, count: u64, seed: u64) Sample {
        std.debug.assert(count >= 1);
        std.debug.assert(count <= population);
        const bits: u8 = @max(2, 128 - @clz(population - 1));
        const left_bits: u7 = @intCast(bits / 2);
        const right_bits: u7 = @intCast(bits - bits / 2);
        var random: std.Random.SplitMix64 = .init(seed ^ key_domain);
        var round_keys: [round_count]u64 = undefined;
        for (&round_keys) |*key| key.* = random.next();
        return .{
            .population = population,
            .count = count,
            .right_bits = right_bits,
            .left_mask = mask(left_bits),
            .right_mask = mask(right_bits),
            .round_keys = round_keys,
        };
    }

    /// The sample's number at `index`, which must be below `count`. The numbers are in no order.
    pub fn at(sample: *const Sample, index: u64) u128 {
        std.debug.assert(index < sample.count);
        var number = sample.permute(index);
        // The network is less than twice as large as the space, or four numbers; and a walk along
        // a cycle comes back to where it began, which is inside.
        while (number >= sample.population) number = sample.permute(number);
        return number;
    }

    /// Where `number` is in the sample; null when it is not in it.
    pub fn indexOf(sample: *const Sample, number: u128) ?u64 {
        std.debug.assert(number < sample.population);
        var index = sample.permuteBack(number);
        while (index >= sample.population) index = sample.permuteBack(index);
        return if (index < sample.count) @intCast(index) else null;
    }

    fn permute(sample: *const Sample, number: u128) u128 {
        var left, var right = sample.split(number);
        for (sample.round_keys, 0..) |key, round| {
            if (round % 2 == 0) {
                left ^= mix(right +% key) & sample.left_mask;
            } else {
                right ^= mix(left +% key) & sample.right_mask;
            }
        }
        return sample.join(left, right);
    }

    fn permuteBack(sample: *const Sample, number: u128) u128 {
        var left, var right = sample.split(number);
        var round: usize = round_count;
        while (round > 0) {
            round -= 1;
            const key = sample.round_keys[round];
            if (round % 2 == 0) {
                left ^= mix(right +% key) & sample.left_mask;
            } else {
                right ^= mix(left +% key) & sample.right_mask;
            }
        }
        return sample.join(left, right);
    }

    fn split(sample: *const Sample, number: u128) struct { u64, u64 } {
        const right: u64 = @truncate(number);
        return .{ @intCast(number >> sample.right_bits), right & sample.right_mask };
    }

    fn join(sample: *const Sample, left: u64, right: u64) u128 {
        return @as(u128, left) << sample.right_bits | right;
    }

    fn mask(bits: u7) u64 {
        return @intCast((@as(u128, 1) << bits) - 1);
    }
};

/// The output function of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014): every bit of the result depends on every bit of the number.
fn mix(number: u64) u64 {
    var mixed = number;
    mixed = (mixed ^ (mixed >> 30)) *% 0xbf58_476d_1ce4_e5b9;
    mixed = (mixed ^ (mixed >> 27)) *% 0x94d0_49bb_1331_11eb;
    return mixed ^ (mixed >> 31);
}

test "a sample of everything is a permutation, and a smaller one its beginning" {
    for ([_]u64{ 1, 2, 3, 4, 5, 7, 8, 9, 100, 255, 256, 257, 1000, 4096, 5000 }) |population| {
        var seen: [5000]bool = @splat(false);
        const whole: Sample = .init(population, population, population);
        for (0..population) |index| {
            const number = whole.at(index);
            try std.testing.expect(!seen[@intCast(number)]);
            seen[@intCast(number)] = true;
            try std.testing.expectEqual(index, whole.indexOf(number).?);
        }
        const some: Sample = .init(population, (population + 2) / 3, population);
        var member_count: u64 = 0;
        for (0..population) |number| {
            const index = some.indexOf(number) orelse continue;
            member_count += 1;
            try std.testing.expectEqual(number, some.at(index));
            try std.testing.expectEqual(number, whole.at(index));
        }
        try std.testing.expectEqual(some.count, member_count);
    }
}

test "inverses in the largest spaces" {
    var random: std.Random.DefaultPrng = .init(1);
    for ([_]u128{
        1 << 64,
        (1 << 64) + 1,
        1 << 96,
        (1 << 97) - 1,
        3 << 125,
        (1 << 127) + 1,
        std.math.maxInt(u128),
    }) |population| {
        const sample: Sample = .init(population, 1 << 63, 7);
        for (0..1000) |_| {
            const index = random.random().int(u63);
            const number = sample.at(index);
            try std.testing.expect(number < population);
            try std.testing.expectEqual(index, sample.indexOf(number).?);
        }
        try std.testing.expectEqual(sample.count - 1, sample.indexOf(sample.at(sample.count - 1)));
    }
}

test "every number is drawn about as often, whatever its place and its neighbours" {
    const population = 300; // 512 in the network: many numbers are walked past.
    const draws_per_seed = 30;
    const seed_count = 4000;
    var drawn: [population]u32 = @splat(0);
    var neighbours_drawn: u32 = 0;
    for (0..seed_count) |seed| {
        const sample: Sample = .init(population, draws_per_seed, seed);
        for (0..draws_per_seed) |index| drawn[@intCast(sample.at(index))] += 1;
        for (0..draws_per_seed - 1) |index| {
            const number = sample.at(index);
            if (number + 1 < population and sample.at(index + 1) == number + 1) {
                neighbours_drawn += 1;
            }
        }
    }
    // 400 times each; the standard deviation is below 19.
    var squares: f64 = 0;
    for (drawn) |times| {
        try std.testing.expect(times > 400 - 95 and times < 400 + 95);
        const difference = @as(f64, @floatFromInt(times)) - 400;
        squares += difference * difference / (400 * 0.9);
    }
    // Chi-square with 299 degrees of freedom: mean 299, standard deviation 24.5.
    try std.testing.expect(squares > 299 - 5 * 24.5 and squares < 299 + 5 * 24.5);
    // One in 300 of 116,000 steps: 387, standard deviation 20.
    try std.testing.expect(neighbours_drawn > 387 - 100 and neighbours_drawn < 387 + 100);
}

test "seeds differ" {
    const one: Sample = .init(1 << 100, 1000, 1);
    const other: Sample = .init(1 << 100, 1000, 2);
    for (0..1000) |index| try std.testing.expect(one.at(index) != other.at(index));
}
