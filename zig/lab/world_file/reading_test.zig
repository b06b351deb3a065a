//! What world files say.

const std = @import("std");
const testing = std.testing;
const Diagnosis = @import("../diagnosis.zig").Diagnosis;
const share_all = @import("../weighted.zig").share_all;
const world_types = @import("../world.zig");
const World = world_types.World;
const Leg = world_types.Leg;
const world_file = @import("../world_file.zig");

/// Every key, most values and every form once.
pub const sample =
    \\# A world.
    \\seed 18446744073709551615
    \\certificates 64      # chains
    \\chain-length 1 20% 2 45% 3 30% 4 4% 5 1%
    \\connections 1000
    \\
    \\prefix 2001:db8:32::/112
    \\  on-link
    \\  mtu 1280
    \\
    \\prefix 10.32.0.0/16
    \\  hosts 60.5%
    \\  absent silent 90% unreachable
    \\  port 443 tls
    \\  port 80,8080 http open 90% closed
    \\  port 22 ssh silent 2% open 97% unreachable 1%
    \\  port 1-1024,8000-8999 closed 50% silent
    \\  port other mute silent
    \\  ttl 64 70% 128 25% 255
    \\  window 0 0.0001% 65535
    \\  options linux 60% windows 20% bsd 10% mss 5% none
++ "\n  behavior ordinary zero-window 1% silent-after-syn-ack 1% never-answers 1%" ++
    " answers-on-all-ports 1% resets-after-data 1% one-byte-per-second 1% endless-records 1%" ++
    " wrong-lengths 1% data-in-syn-ack 1% wrong-acknowledgment 1% spoofed-replies 1%\n" ++
    \\  tls-version 1.2 10% 1.2+1.3 1.3 20%
    \\  tls-retry 5%
    \\  tls-name 4%
    \\  round-trip 50ms 20% 20ms..200ms 1.5s 1%
    \\  loss 1%
    \\  duplicate back 2%
    \\  reorder forward 5% by 30ms back 1% by 10us
    \\  bandwidth forward 10Mbit queue 50ms back 2.5Gbit queue 0ms
    \\  elsewhere 0.5%
    \\  vlan 100
    \\  mtu 1400
;

/// Keep the arena for as long as the world.
pub fn parse(arena: *std.heap.ArenaAllocator, text: []const u8) !World {
    var diagnosis: Diagnosis = .{};
    return world_file.parse(arena.allocator(), "a.world", text, &diagnosis) catch |err| {
        std.debug.print("{s}\n", .{diagnosis.message()});
        return err;
    };
}

/// Options as pairs of a value and a share.
fn expectOptions(expected: anytype, weighted: anytype) !void {
    try testing.expectEqual(expected.len, weighted.options.len);
    inline for (expected, 0..) |option, index| {
        try testing.expectEqual(option[0], weighted.options[index].value);
        try testing.expectEqual(option[1], weighted.options[index].share);
    }
}

test "every key sets its field" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const world = try parse(&arena, sample);
    try testing.expectEqual(std.math.maxInt(u64), world.seed);
    try testing.expectEqual(64, world.chain_count);
    try testing.expectEqual(1000, world.connection_count_max);
    try expectOptions(.{
        .{ 1, 200_000 }, .{ 2, 450_000 }, .{ 3, 300_000 }, .{ 4, 40_000 }, .{ 5, 10_000 },
    }, world.chain_size);

    // In the order of addresses: an IPv4-mapped one is lower than 2001:db8::.
    try testing.expectEqual(2, world.prefixes.len);
    const prefix = world.prefixes[0];
    try testing.expectEqual([4]u8{ 10, 32, 0, 0 }, prefix.first.ipv4());
    try testing.expectEqual([4]u8{ 10, 32, 255, 255 }, prefix.last.ipv4());
    try testing.expectEqual(16, prefix.length);
    try testing.expectEqual(605_000, prefix.hosts);
    try expectOptions(.{ .{ .silent, 900_000 }, .{ .unreachable_host, 100_000 } }, prefix.absent);
    try expectOptions(
        .{ .{ 64, 700_000 }, .{ 128, 250_000 }, .{ 255, 50_000 } },
        prefix.time_to_live,
    );
    try expectOptions(.{ .{ 0, 1 }, .{ 65_535, 999_999 } }, prefix.window);
    try expectOptions(.{
        .{ .linux, 600_000 }, .{ .windows, 200_000 }, .{ .bsd, 100_000 },
        .{ .mss, 50_000 },    .{ .none, 50_000 },
    }, prefix.options);
    const behaviors = std.enums.values(world_types.Behavior);
    try testing.expectEqual(behaviors.len, prefix.behavior.options.len);
    for (prefix.behavior.options, behaviors) |option, behavior| {
        try testing.expectEqual(behavior, option.value);
        const share: u32 = if (behavior == .ordinary) 890_000 else 10_000;
        try testing.expectEqual(share, option.share);
    }
    try expectOptions(.{
        .{ .tls12, 100_000 }, .{ .tls12_or_tls13, 700_000 }, .{ .tls13, 200_000 },
    }, prefix.tls_versions);
    try testing.expectEqual(50_000, prefix.tls_retry);
    try testing.expectEqual(40_000, prefix.tls_name);
    try testing.expectEqual(5_000, prefix.elsewhere);
    try testing.expectEqual(100, prefix.vlan);
    try testing.expectEqual(1400, prefix.mtu);
    try testing.expect(!prefix.on_link);

    try testing.expectEqual(3, prefix.round_trip.options.len);
    const RoundTrip = world_types.RoundTrip;
    const single: RoundTrip = .{ .first_ns = 50_000_000, .last_ns = 50_000_000 };
    const range: RoundTrip = .{ .first_ns = 20_000_000, .last_ns = 200_000_000 };
    const slow: RoundTrip = .{ .first_ns = 1_500_000_000, .last_ns = 1_500_000_000 };
    try expectOptions(
        .{ .{ single, 200_000 }, .{ range, 790_000 }, .{ slow, 10_000 } },
        prefix.round_trip,
    );
    try testing.expectEqual(Leg{
        .loss = 10_000,
        .duplication = 0,
        .reordering = 50_000,
        .reordering_ns = 30_000_000,
        .rate = 10_000_000,
        .queue_ns = 50_000_000,
    }, prefix.forward);
    try testing.expectEqual(Leg{
        .loss = 10_000,
        .duplication = 20_000,
        .reordering = 10_000,
        .reordering_ns = 10_000,
        .rate = 2_500_000_000,
        .queue_ns = 0,
    }, prefix.back);

    const ipv6 = world.prefixes[1];
    try testing.expectEqual(0x20010db8_00320000_00000000_00000000, ipv6.first.toInt());
    try testing.expectEqual(112, ipv6.length);
    try testing.expectEqual(1280, ipv6.mtu);
    try testing.expect(ipv6.on_link);
}

test "port rules keep their order" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const world = try parse(&arena, sample);
    const rules = world.prefixes[0].ports;
    try testing.expectEqual(5, rules.len);

    try testing.expectEqualSlices(
        world_types.PortRange,
        &.{.{ .first = 443, .last = 443 }},
        rules[0].ports.?,
    );
    try testing.expectEqual(.tls, rules[0].service);
    try expectOptions(.{.{ .open, share_all }}, rules[0].states);

    try testing.expectEqualSlices(
        world_types.PortRange,
        &.{ .{ .first = 80, .last = 80 }, .{ .first = 8080, .last = 8080 } },
        rules[1].ports.?,
    );
    try testing.expectEqual(.http, rules[1].service);
    try expectOptions(.{ .{ .open, 900_000 }, .{ .closed, 100_000 } }, rules[1].states);

    try testing.expectEqual(.ssh, rules[2].service);
    try expectOptions(.{
        .{ .silent, 20_000 }, .{ .open, 970_000 }, .{ .unreachable_port, 10_000 },
    }, rules[2].states);

    try testing.expectEqualSlices(
        world_types.PortRange,
        &.{ .{ .first = 1, .last = 1024 }, .{ .first = 8000, .last = 8999 } },
        rules[3].ports.?,
    );
    try testing.expectEqual(.mute, rules[3].service);
    try expectOptions(.{ .{ .closed, 500_000 }, .{ .silent, 500_000 } }, rules[3].states);

    try testing.expectEqual(null, rules[4].ports);
    try expectOptions(.{.{ .silent, share_all }}, rules[4].states);
}

test "what is not said is as the types have it" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const world = try parse(&arena, "prefix 192.0.2.0/24");
    const expected: World = .{ .prefixes = &.{.{
        .first = .fromIpv4(.{ 192, 0, 2, 0 }),
        .last = .fromIpv4(.{ 192, 0, 2, 255 }),
        .length = 24,
    }} };
    try testing.expectEqualDeep(expected, world);
}

test "blanks, comments, line ends and a byte order mark do not matter" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const plain = try parse(&arena, "seed 7\nprefix 10.0.0.0/8\nhosts 5%\nttl 1 1% 2\n");
    for ([_][]const u8{
        "seed 7\r\nprefix 10.0.0.0/8\r\nhosts 5%\r\nttl 1 1% 2\r\n",
        "seed 7\r\n\r\nprefix 10.0.0.0/8\nhosts 5%\r\nttl 1 1% 2\r",
        "\n\n  seed\t7 \nprefix\t\t10.0.0.0/8 # h\u{f6}sts\n#\n \t\nhosts 5% #\n ttl 1 1% 2",
        "\u{feff}seed 7 # one\nprefix 10.0.0.0/8\nhosts 5%\nttl 1 1% 2 ##",
        "seed 7\nprefix 10.0.0.0/8\nttl 1 1% 2\nhosts 5%\n",
    }) |text| {
        try testing.expectEqualDeep(plain, try parse(&arena, text));
    }
}

test "the one value without a share takes what remains, be it nothing" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const world = try parse(&arena,
        \\prefix 10.0.0.0/16
        \\ttl 64
        \\window 1 99.9999% 2
        \\options linux 50% bsd windows 50%
        \\prefix 10.1.0.0/16
        \\ttl 64 0% 65 100%
    );
    const first, const second = world.prefixes[0..2].*;
    try expectOptions(.{.{ 64, share_all }}, first.time_to_live);
    try expectOptions(.{ .{ 1, 999_999 }, .{ 2, 1 } }, first.window);
    try expectOptions(
        .{ .{ .linux, 500_000 }, .{ .bsd, 0 }, .{ .windows, 500_000 } },
        first.options,
    );
    try expectOptions(.{ .{ 64, 0 }, .{ 65, share_all } }, second.time_to_live);
}

test "both directions, or one alone" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const world = try parse(&arena,
        \\prefix 10.0.0.0/16
        \\loss back 2% forward 1%
        \\duplicate 3%
        \\reorder 4% by 1ms
        \\bandwidth back 1bit queue 10s
    );
    const prefix = world.prefixes[0];
    try testing.expectEqual(Leg{
        .loss = 10_000,
        .duplication = 30_000,
        .reordering = 40_000,
        .reordering_ns = 1_000_000,
    }, prefix.forward);
    try testing.expectEqual(Leg{
        .loss = 20_000,
        .duplication = 30_000,
        .reordering = 40_000,
        .reordering_ns = 1_000_000,
        .rate = 1,
        .queue_ns = 10_000_000_000,
    }, prefix.back);
}

test "neighboring prefixes do not overlap, and as many as may be are read" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    var text: std.Io.Writer.Allocating = .init(arena.allocator());
    for (0..world_types.prefix_count_max) |number| {
        const reversed = world_types.prefix_count_max - 1 - number;
        try text.writer.print("prefix 10.{d}.{d}.0/24\n", .{ reversed / 256, reversed % 256 });
    }
    const world = try parse(&arena, text.written());
    try testing.expectEqual(world_types.prefix_count_max, world.prefixes.len);
    const index = world.prefixIndexOf(.fromIpv4(.{ 10, 15, 255, 7 })).?;
    try testing.expectEqual(world_types.prefix_count_max - 1, index);

    try text.writer.writeAll("prefix 11.0.0.0/24\n");
    var diagnosis: Diagnosis = .{};
    const refused = world_file.parse(arena.allocator(), "a.world", text.written(), &diagnosis);
    try testing.expectError(error.InvalidWorld, refused);
    try testing.expectEqualStrings(
        "Cannot read a.world, line 4097: there are more than 4096 prefixes; merge some",
        diagnosis.message(),
    );
}
