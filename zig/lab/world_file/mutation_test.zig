//! Worlds with octets changed at random: whatever still is one must be one throughout.

const std = @import("std");
const testing = std.testing;
const Diagnosis = @import("../diagnosis.zig").Diagnosis;
const Host = @import("../host.zig").Host;
const share_all = @import("../weighted.zig").share_all;
const world_types = @import("../world.zig");
const World = world_types.World;
const world_file = @import("../world_file.zig");
const sample = @import("reading_test.zig").sample;

const turns = 20_000;

test "a changed world is refused with a reason, or whole" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    var prng: std.Random.DefaultPrng = .init(1);
    const random = prng.random();
    var read_count: u32 = 0;
    for (0..turns) |_| {
        _ = arena.reset(.retain_capacity);
        var buffer: [2 * sample.len]u8 = undefined;
        const text = mutate(random, &buffer);
        var diagnosis: Diagnosis = .{};
        const parsed = world_file.parse(arena.allocator(), "a.world", text, &diagnosis);
        const world = parsed catch |err| {
            try testing.expectEqual(error.InvalidWorld, err);
            try testing.expectStringStartsWith(diagnosis.message(), "Cannot read a.world");
            for (diagnosis.message()) |octet| try testing.expect(!std.ascii.isControl(octet));
            try testing.expect(std.unicode.utf8ValidateSlice(diagnosis.message()));
            continue;
        };
        read_count += 1;
        try expectWhole(&world);
    }
    // Else the test says little about either.
    try testing.expect(read_count > turns / 20);
    try testing.expect(read_count < turns - turns / 20);
}

/// The sample with up to four changes: of octets, or of whole words and lines by moving them.
fn mutate(random: std.Random, buffer: *[2 * sample.len]u8) []const u8 {
    var size = sample.len;
    @memcpy(buffer[0..size], sample);
    for (0..random.intRangeAtMost(usize, 1, 4)) |_| {
        if (size == 0) break;
        const index = random.uintLessThan(usize, size);
        switch (random.enumValue(enum { set, flip, remove, insert, copy, cut })) {
            .set => buffer[index] = random.int(u8),
            .flip => buffer[index] ^= @as(u8, 1) << random.int(u3),
            .remove => {
                const count = random.uintAtMost(usize, @min(size - index, 16));
                std.mem.copyForwards(u8, buffer[index..], buffer[index + count .. size]);
                size -= count;
            },
            .insert => {
                const alphabet = "0123456789%.,-# \t\r\n";
                std.mem.copyBackwards(u8, buffer[index + 1 ..], buffer[index..size]);
                buffer[index] = alphabet[random.uintLessThan(usize, alphabet.len)];
                size += 1;
            },
            .copy => {
                const from = random.uintLessThan(usize, size);
                const count = random.uintAtMost(usize, @min(size - @max(from, index), 32));
                var moved: [32]u8 = undefined;
                @memcpy(moved[0..count], buffer[from..][0..count]);
                @memcpy(buffer[index..][0..count], moved[0..count]);
            },
            .cut => if (random.uintLessThan(u8, 8) == 0) {
                size = index;
            },
        }
    }
    return buffer[0..size];
}

fn expectWhole(world: *const World) !void {
    try testing.expect(world.chain_count >= 1 and world.chain_count <= 65_536);
    try testing.expect(world.connection_count_max >= 1);
    try expectAll(world.chain_size);
    for (world.chain_size.options) |option| {
        try testing.expect(option.value >= 1 and option.value <= 5);
    }
    try testing.expect(world.prefixes.len >= 1);
    for (world.prefixes, 0..) |prefix, index| {
        try testing.expect(prefix.first.toInt() <= prefix.last.toInt());
        try testing.expectEqual(prefix.first.isIpv4(), prefix.last.isIpv4());
        if (index > 0) {
            try testing.expect(world.prefixes[index - 1].last.toInt() < prefix.first.toInt());
        }
        try expectWholePrefix(&prefix);
        try expectWholeHost(.at(world, @intCast(index), prefix.last));
    }
}

fn expectWholePrefix(prefix: *const world_types.Prefix) !void {
    inline for (std.meta.fields(world_types.Prefix)) |field| {
        const value = @field(prefix, field.name);
        if (@typeInfo(field.type) == .@"struct" and @hasField(field.type, "options")) {
            try expectAll(value);
        }
    }
    inline for (.{ "hosts", "tls_retry", "tls_name", "elsewhere" }) |field| {
        try testing.expect(@field(prefix, field) <= share_all);
    }
    for ([_]world_types.Leg{ prefix.forward, prefix.back }) |leg| {
        for ([_]u32{ leg.loss, leg.duplication, leg.reordering }) |share| {
            try testing.expect(share <= share_all);
        }
        if (leg.rate) |rate| try testing.expect(rate > 0);
    }
    try testing.expect(prefix.ports.len >= 1);
    for (prefix.ports, 1..) |rule, count| {
        try expectAll(rule.states);
        if (rule.ports == null) try testing.expectEqual(prefix.ports.len, count);
        for (rule.ports orelse &.{}) |range| try testing.expect(range.first <= range.last);
    }
    for (prefix.absent.options) |option| {
        try testing.expect(option.value == .silent or option.value == .unreachable_host);
    }
    for (prefix.round_trip.options) |option| {
        try testing.expect(option.value.first_ns <= option.value.last_ns);
    }
    for (prefix.time_to_live.options) |option| try testing.expect(option.value >= 1);
    try testing.expect(prefix.mtu >= @as(u16, if (prefix.isIpv4()) 576 else 1280));
    try testing.expect(prefix.mtu <= 1500);
    try testing.expect(prefix.vlan <= 4094);
}

/// What is drawn from a world is of the world.
fn expectWholeHost(host: Host) !void {
    const prefix = host.prefix();
    const round_trip = host.roundTripNs();
    for (prefix.round_trip.options) |option| {
        if (option.share == 0) continue;
        if (round_trip >= option.value.first_ns and round_trip <= option.value.last_ns) break;
    } else return error.RoundTripOfNoOption;
    if (!host.exists()) try testing.expect(host.portState(443) != .open);
}

fn expectAll(weighted: anytype) !void {
    try testing.expect(weighted.options.len >= 1);
    var sum: u64 = 0;
    for (weighted.options) |option| sum += option.share;
    try testing.expectEqual(share_all, sum);
}
