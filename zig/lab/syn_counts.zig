//! How often each address was asked, counted by something that is not margay.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const pages = @import("../src/sys/pages.zig");
const world_types = @import("world.zig");
const World = world_types.World;

pub const SynCounts = struct {
    world: *const World,
    /// Where each prefix's counts begin; null for one that is not counted.
    starts: []const ?u32,
    /// One for each address of the counted prefixes, up to 255 and no further.
    counts: []u8,

    /// How many addresses are counted, all together: those of a /8. A prefix that does not fit
    /// beside the ones before it is left out.
    pub const address_count_max = 1 << 24;

    pub fn init(
        allocator: std.mem.Allocator,
        world: *const World,
    ) error{OutOfMemory}!SynCounts {
        const starts = try allocator.alloc(?u32, world.prefixes.len);
        errdefer allocator.free(starts);
        var total: u32 = 0;
        for (world.prefixes, starts) |*prefix, *start| {
            const span = prefix.last.toInt() - prefix.first.toInt();
            const fits = span < address_count_max - total;
            start.* = if (fits) total else null;
            if (fits) total += @intCast(span + 1);
        }
        return .{ .world = world, .starts = starts, .counts = try pages.map(u8, total) };
    }

    pub fn deinit(counted: *SynCounts, allocator: std.mem.Allocator) void {
        pages.unmap(u8, counted.counts);
        allocator.free(counted.starts);
        counted.* = undefined;
    }

    /// The address is one of the prefix.
    pub fn add(counted: *SynCounts, prefix_index: u16, address: Address) void {
        const start = counted.starts[prefix_index] orelse return;
        const first = counted.world.prefixes[prefix_index].first;
        const offset: u32 = @intCast(address.toInt() - first.toInt());
        counted.counts[start + offset] +|= 1;
    }

    /// Writes one JSON object: how many of the counted addresses were asked how often, `0` always
    /// and else what occurs. `255` stands for all from there on.
    pub fn writeHistogram(
        counted: *const SynCounts,
        writer: *std.Io.Writer,
    ) std.Io.Writer.Error!void {
        var histogram: [256]u32 = @splat(0);
        var asked: u32 = 0;
        for (counted.counts) |count| {
            // Most are, and the branch is what makes it fast.
            if (count == 0) continue;
            histogram[count] += 1;
            asked += 1;
        }
        try writer.print("{{\"0\":{d}", .{counted.counts.len - asked});
        for (histogram, 0..) |address_count, count| {
            if (address_count > 0) try writer.print(",\"{d}\":{d}", .{ count, address_count });
        }
        try writer.writeByte('}');
    }
};

const test_prefixes = [_]world_types.Prefix{
    .{
        .first = .fromIpv4(.{ 10, 0, 0, 0 }),
        .last = .fromIpv4(.{ 10, 0, 0, 255 }),
        .length = 24,
    },
    // With the one before, a few addresses too many.
    .{
        .first = .fromIpv4(.{ 11, 0, 0, 0 }),
        .last = .fromIpv4(.{ 11, 255, 255, 255 }),
        .length = 8,
    },
    .{
        .first = .fromIpv4(.{ 12, 0, 0, 0 }),
        .last = .fromIpv4(.{ 12, 0, 0, 3 }),
        .length = 30,
    },
    .{
        .first = .fromInt(0x2001_0db8 << 96),
        .last = .fromInt((0x2001_0db8 << 96) + std.math.maxInt(u96)),
        .length = 32,
    },
};

fn expectHistogram(expected: []const u8, counted: *const SynCounts) !void {
    var buffer: [256]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    try counted.writeHistogram(&writer);
    try std.testing.expectEqualStrings(expected, writer.buffered());
}

test "addresses of counted prefixes are counted, up to 255" {
    const world: World = .{ .prefixes = &test_prefixes };
    var counted: SynCounts = try .init(std.testing.allocator, &world);
    defer counted.deinit(std.testing.allocator);
    try expectHistogram("{\"0\":260}", &counted);

    for (0..2) |_| counted.add(0, .fromIpv4(.{ 10, 0, 0, 255 }));
    counted.add(0, .fromIpv4(.{ 10, 0, 0, 0 }));
    // Right behind the first prefix, since the second is not counted.
    counted.add(2, .fromIpv4(.{ 12, 0, 0, 0 }));
    for (0..300) |_| counted.add(2, .fromIpv4(.{ 12, 0, 0, 3 }));
    counted.add(1, .fromIpv4(.{ 11, 0, 0, 0 }));
    counted.add(3, .fromInt((0x2001_0db8 << 96) + 7));
    try expectHistogram("{\"0\":256,\"1\":2,\"2\":1,\"255\":1}", &counted);
}

test "a /8 alone is counted, and nothing beside it" {
    const world: World = .{ .prefixes = test_prefixes[1..3] };
    var counted: SynCounts = try .init(std.testing.allocator, &world);
    defer counted.deinit(std.testing.allocator);
    counted.add(0, .fromIpv4(.{ 11, 255, 255, 255 }));
    counted.add(1, .fromIpv4(.{ 12, 0, 0, 1 }));
    try expectHistogram("{\"0\":16777215,\"1\":1}", &counted);
}
