//! The target set: every (address, port) that may be probed, numbered from 0 without gaps, so that
//! the permutation can walk it and a reply can be looked up in it.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const AddressList = @import("address_list.zig").AddressList;
const Directory = @import("directory.zig").Directory;
const Ipv4Interval = @import("address_list.zig").Ipv4Interval;
const Ipv6Interval = @import("address_list.zig").Ipv6Interval;
const Permutation = @import("permutation.zig").Permutation;
const Sample = @import("sample.zig").Sample;

/// Slices of the intervals of both families and of the ports that belong together: every address is
/// probed on every port.
pub const Group = extern struct {
    ipv4_start: u32 = 0,
    ipv4_count: u32 = 0,
    ipv6_start: u32 = 0,
    ipv6_count: u32 = 0,
    port_start: u32 = 0,
    port_count: u32 = 0,
};

pub const Target = struct { address: Address, port: u16 };

comptime {
    std.debug.assert(@sizeOf(Group) == 24);
}

pub const TargetSet = struct {
    /// The number of targets; 0 without groups.
    count: u64,
    blocks: []Block,
    by_position: ?Directory(u128),
    by_port: PortTable,
    /// When the set is a sample of what the groups name.
    sample: ?Sample,

    /// What the groups are slices of.
    pub const Parts = struct {
        ipv4: []const Ipv4Interval = &.{},
        ipv6: []const Ipv6Interval = &.{},
        ports: []const u16 = &.{},
        groups: []const Group = &.{},
    };

    /// How many of the targets, and what decides which ones.
    pub const Draw = struct { count: u64, seed: u64 };

    pub const Error = error{
        /// A group reaches beyond the intervals or the ports.
        OutOfBounds,
        /// A group without addresses or without ports.
        EmptyGroup,
        /// An interval that ends before it begins, or begins before the last one of its group has
        /// ended.
        IntervalsUnordered,
        /// An interval of IPv6 that meets the IPv4-mapped addresses (RFC 4291, 2.5.5.2).
        MappedAddress,
        /// Ports of a group that do not increase.
        PortsUnordered,
        /// More than the permutation can walk, and no sample; or more than 128 bits can count.
        TooManyTargets,
        /// A sample larger than what it is drawn from.
        SampleTooLarge,
        OutOfMemory,
    };

    /// Borrows the intervals and the ports: they must outlive the set. In each group the intervals
    /// must increase without overlap and the ports must increase. That no target is in two groups
    /// is the caller's promise: it would be probed twice.
    pub fn init(allocator: std.mem.Allocator, parts: Parts, draw: ?Draw) Error!TargetSet {
        const blocks = try allocator.alloc(Block, try countBlocks(parts));
        errdefer allocator.free(blocks);
        var built: usize = 0;
        errdefer for (blocks[0..built]) |*block| block.deinit(allocator);
        var position: u128 = 0;
        for (parts.groups) |group| {
            const ports = parts.ports[group.port_start..][0..group.port_count];
            if (!strictlyIncreases(ports)) return error.PortsUnordered;
            if (group.ipv4_count > 0) {
                const intervals = parts.ipv4[group.ipv4_start..][0..group.ipv4_count];
                const addresses: Block.Addresses = .{ .ipv4 = try .init(allocator, intervals) };
                blocks[built] = .init(position, addresses, ports);
                built += 1;
                position = try blocks[built - 1].positionBehind();
            }
            if (group.ipv6_count > 0) {
                const intervals = parts.ipv6[group.ipv6_start..][0..group.ipv6_count];
                const addresses: Block.Addresses = .{ .ipv6 = try .init(allocator, intervals) };
                blocks[built] = .init(position, addresses, ports);
                built += 1;
                if (meetsMapped(addresses.ipv6)) return error.MappedAddress;
                position = try blocks[built - 1].positionBehind();
            }
        }

        var by_position: ?Directory(u128) = if (blocks.len == 0)
            null
        else
            try .init(allocator, Block, blocks, Block.firstPosition, position - 1);
        errdefer if (by_position) |*directory| directory.deinit(allocator);
        const by_port: PortTable = try .init(allocator, blocks);
        errdefer by_port.deinit(allocator);
        const sample: ?Sample = if (draw) |it| try sampleOf(position, it) else null;
        if (sample == null and position > Permutation.count_max) return error.TooManyTargets;
        return .{
            .count = if (sample) |it| it.count else @intCast(position),
            .blocks = blocks,
            .by_position = by_position,
            .by_port = by_port,
            .sample = sample,
        };
    }

    pub fn deinit(set: *TargetSet, allocator: std.mem.Allocator) void {
        if (set.by_position) |*by_position| by_position.deinit(allocator);
        set.by_port.deinit(allocator);
        for (set.blocks) |*block| block.deinit(allocator);
        allocator.free(set.blocks);
        set.* = undefined;
    }

    /// The target with this index, which must be below `count`. Without a sample the ports of an
    /// address follow each other, then comes the next address.
    pub fn at(set: *const TargetSet, index: u64) Target {
        std.debug.assert(index < set.count);
        const position: u128 = if (set.sample) |*sample| sample.at(index) else index;
        const block = if (set.blocks.len == 1)
            &set.blocks[0]
        else
            &set.blocks[set.by_position.?.find(Block, set.blocks, Block.firstPosition, position)];
        return block.at(position - block.position_first);
    }

    /// The index of a target; null when it is not in the set.
    pub fn indexOf(set: *const TargetSet, address: Address, port: u16) ?u64 {
        for (set.by_port.blocksOf(port)) |entry| {
            const block = &set.blocks[entry.block];
            const position = block.positionOf(address, entry.port_position) orelse continue;
            const sample = if (set.sample) |*it| it else return @intCast(position);
            return sample.indexOf(position);
        }
        return null;
    }

    fn sampleOf(population: u128, draw: Draw) Error!Sample {
        if (draw.count == 0 or draw.count > population) return error.SampleTooLarge;
        if (draw.count > Permutation.count_max) return error.TooManyTargets;
        return .init(population, draw.count, draw.seed);
    }

    fn countBlocks(parts: Parts) Error!usize {
        var count: usize = 0;
        for (parts.groups) |group| {
            if (group.ipv4_count == 0 and group.ipv6_count == 0) return error.EmptyGroup;
            if (group.port_count == 0) return error.EmptyGroup;
            try checkBounds(group.ipv4_start, group.ipv4_count, parts.ipv4.len);
            try checkBounds(group.ipv6_start, group.ipv6_count, parts.ipv6.len);
            try checkBounds(group.port_start, group.port_count, parts.ports.len);
            if (group.ipv4_count > 0) count += 1;
            if (group.ipv6_count > 0) count += 1;
        }
        return count;
    }

    fn checkBounds(start: u32, count: u32, length: usize) Error!void {
        if (@as(u64, start) + count > length) return error.OutOfBounds;
    }

    fn meetsMapped(list: AddressList(Ipv6Interval)) bool {
        const mapped_first = Address.fromIpv4(@splat(0)).toInt();
        const mapped_last = Address.fromIpv4(@splat(255)).toInt();
        for (list.intervals) |*interval| {
            if (interval.start() > mapped_last) return false;
            if (interval.end() >= mapped_first) return true;
        }
        return false;
    }

    fn strictlyIncreases(ports: []const u16) bool {
        for (ports[0 .. ports.len - 1], ports[1..]) |port, next| if (port >= next) return false;
        return true;
    }
};

/// The addresses of one group and family, with the group's ports.
const Block = struct {
    /// Of the first target, among all that the groups name.
    position_first: u128,
    addresses: Addresses,
    ports: []const u16,
    /// 2^64 divided by the number of ports, rounded up; 0 for a single port.
    port_count_inverse: u64,

    const Addresses = union(enum) {
        ipv4: AddressList(Ipv4Interval),
        ipv6: AddressList(Ipv6Interval),
    };

    fn init(position_first: u128, addresses: Addresses, ports: []const u16) Block {
        return .{
            .position_first = position_first,
            .addresses = addresses,
            .ports = ports,
            .port_count_inverse = if (ports.len == 1)
                0
            else
                std.math.maxInt(u64) / ports.len + 1,
        };
    }

    fn deinit(block: *Block, allocator: std.mem.Allocator) void {
        switch (block.addresses) {
            inline else => |*list| list.deinit(allocator),
        }
    }

    fn firstPosition(block: *const Block) u128 {
        return block.position_first;
    }

    fn positionBehind(block: *const Block) error{TooManyTargets}!u128 {
        const address_count: u128 = switch (block.addresses) {
            inline else => |*list| list.count,
        };
        const count = std.math.mul(u128, address_count, block.ports.len) catch
            return error.TooManyTargets;
        return std.math.add(u128, block.position_first, count) catch error.TooManyTargets;
    }

    /// The target at a position relative to the block's first.
    fn at(block: *const Block, position: u128) Target {
        switch (block.addresses) {
            .ipv4 => |*list| {
                const address_offset, const port = block.divideNarrow(@intCast(position));
                var octets: [4]u8 = undefined;
                std.mem.writeInt(u32, &octets, list.at(address_offset), .big);
                return .{ .address = .fromIpv4(octets), .port = port };
            },
            .ipv6 => |*list| {
                const address_offset, const port = block.divideWide(position);
                return .{ .address = .fromInt(list.at(address_offset)), .port = port };
            },
        }
    }

    fn positionOf(block: *const Block, address: Address, port_position: u32) ?u128 {
        const address_offset: u128 = switch (block.addresses) {
            .ipv4 => |*list| offset: {
                if (!address.isIpv4()) return null;
                const number = std.mem.readInt(u32, address.octets[12..16], .big);
                break :offset list.offsetOf(number) orelse return null;
            },
            .ipv6 => |*list| list.offsetOf(address.toInt()) orelse return null,
        };
        return block.position_first + address_offset * block.ports.len + port_position;
    }

    /// Quotient and remainder by multiplication: exact below 2^48 with a divisor of up to 16 bits
    /// (Lemire, Kaser, Kurz, "Faster remainder by direct computation", Software: Practice and
    /// Experience 49(6), 2019), which the whole of IPv4 on every port stays within.
    fn divideNarrow(block: *const Block, position: u48) struct { u32, u16 } {
        if (block.ports.len == 1) return .{ @intCast(position), block.ports[0] };
        const product = @as(u128, block.port_count_inverse) * position;
        const address_offset: u32 = @intCast(product >> 64);
        const port_position = position - @as(u64, address_offset) * block.ports.len;
        return .{ address_offset, block.ports[@intCast(port_position)] };
    }

    fn divideWide(block: *const Block, position: u128) struct { u128, u16 } {
        const count = block.ports.len;
        if (count == 1) return .{ position, block.ports[0] };
        // A 64-bit division is several times faster, and only samples need the other.
        if (std.math.cast(u64, position)) |narrow| {
            return .{ narrow / count, block.ports[@intCast(narrow % count)] };
        }
        return .{ position / count, block.ports[@intCast(position % count)] };
    }
};

/// For each port the blocks that have it.
const PortTable = struct {
    /// For each port where its entries begin; and their number.
    starts: []const u32,
    entries: []const Entry,

    const Entry = struct { block: u32, port_position: u32 };

    fn init(allocator: std.mem.Allocator, blocks: []const Block) TargetSet.Error!PortTable {
        const starts = try allocator.alloc(u32, std.math.maxInt(u16) + 2);
        errdefer allocator.free(starts);
        @memset(starts, 0);
        var entry_count: u32 = 0;
        for (blocks) |*block| {
            entry_count = std.math.add(u32, entry_count, @intCast(block.ports.len)) catch
                return error.TooManyTargets;
            for (block.ports) |port| starts[@as(usize, port) + 1] += 1;
        }
        for (starts[0 .. starts.len - 1], starts[1..]) |before, *start| start.* += before;

        // Filling moves each start to its end, which is where the next port's begins.
        const entries = try allocator.alloc(Entry, entry_count);
        for (blocks, 0..) |*block, index| {
            for (block.ports, 0..) |port, port_position| {
                entries[starts[port]] = .{
                    .block = @intCast(index),
                    .port_position = @intCast(port_position),
                };
                starts[port] += 1;
            }
        }
        std.mem.copyBackwards(u32, starts[1..], starts[0 .. starts.len - 1]);
        starts[0] = 0;
        return .{ .starts = starts, .entries = entries };
    }

    fn deinit(table: PortTable, allocator: std.mem.Allocator) void {
        allocator.free(table.starts);
        allocator.free(table.entries);
    }

    fn blocksOf(table: *const PortTable, port: u16) []const Entry {
        return table.entries[table.starts[port]..table.starts[@as(usize, port) + 1]];
    }
};

fn testAddress(number: u32) Address {
    return .fromInt(0xffff_0000_0000 + @as(u128, number));
}

/// Compares the whole set with what its parts name, in order.
fn testByBruteForce(set: *const TargetSet, parts: TargetSet.Parts) !void {
    var index: u64 = 0;
    for (parts.groups) |group| {
        const ports = parts.ports[group.port_start..][0..group.port_count];
        for (parts.ipv4[group.ipv4_start..][0..group.ipv4_count]) |interval| {
            for (interval.first..@as(u64, interval.last) + 1) |number| {
                const address = testAddress(@intCast(number));
                for (ports) |port| {
                    try testTarget(set, index, .{ .address = address, .port = port });
                    index += 1;
                }
            }
        }
        for (parts.ipv6[group.ipv6_start..][0..group.ipv6_count]) |interval| {
            var number = interval.start();
            while (number <= interval.end()) : (number += 1) {
                for (ports) |port| {
                    try testTarget(set, index, .{ .address = .fromInt(number), .port = port });
                    index += 1;
                }
            }
        }
    }
    try std.testing.expectEqual(index, set.count);
}

fn testTarget(set: *const TargetSet, index: u64, expected: Target) !void {
    const target = set.at(index);
    try std.testing.expectEqual(expected.address, target.address);
    try std.testing.expectEqual(expected.port, target.port);
    try std.testing.expectEqual(index, set.indexOf(expected.address, expected.port).?);
}

const test_ipv6_first: u128 = 0x2001_0db8 << 96;

const test_parts: TargetSet.Parts = .{
    .ipv4 = &.{
        .{ .first = 0, .last = 0 },   .{ .first = 3, .last = 5 },
        .{ .first = 6, .last = 6 },   .{ .first = 20, .last = 29 },
        .{ .first = 50, .last = 52 }, .{ .first = 90, .last = 90 },
        .{ .first = 0, .last = 2 },   .{ .first = 70, .last = 70 },
        .{ .first = 75, .last = 75 },
    },
    .ipv6 = &.{
        .init(test_ipv6_first, test_ipv6_first + 9),
        .init(test_ipv6_first + (1 << 64) - 2, test_ipv6_first + (1 << 64) + 2),
        .init(test_ipv6_first + 20, test_ipv6_first + 20),
    },
    .ports = &.{ 22, 80, 443, 8443, 65535, 0 },
    .groups = &.{
        .{ .ipv4_start = 0, .ipv4_count = 4, .port_start = 1, .port_count = 2 },
        .{
            .ipv4_start = 4,
            .ipv4_count = 2,
            .ipv6_start = 0,
            .ipv6_count = 2,
            .port_start = 2,
            .port_count = 3,
        },
        // The same addresses as in the first group, on another port.
        .{ .ipv4_start = 6, .ipv4_count = 1, .port_start = 5, .port_count = 1 },
        .{ .ipv6_start = 2, .ipv6_count = 1, .port_start = 0, .port_count = 5 },
        // Single addresses.
        .{ .ipv4_start = 7, .ipv4_count = 2, .port_start = 0, .port_count = 5 },
    },
};

test "index and target are each other's inverse, by brute force" {
    var set: TargetSet = try .init(std.testing.allocator, test_parts, null);
    defer set.deinit(std.testing.allocator);
    try testByBruteForce(&set, test_parts);
    try std.testing.expectEqual(15 * 2 + (4 + 15) * 3 + 3 + 5 + 2 * 5, set.count);

    // Whatever was not in that list is not in the set.
    var found: u64 = 0;
    for (0..100) |number| {
        for ([_]u16{ 0, 1, 22, 23, 80, 443, 444, 8443, 65535 }) |port| {
            const other = test_ipv6_first + number;
            const far = test_ipv6_first + (1 << 64) - 50 + number;
            if (set.indexOf(testAddress(@intCast(number)), port) != null) found += 1;
            if (set.indexOf(.fromInt(other), port) != null) found += 1;
            if (set.indexOf(.fromInt(far), port) != null) found += 1;
            // The same numbers, in neither family.
            try std.testing.expectEqual(null, set.indexOf(.fromInt(number), port));
        }
    }
    try std.testing.expectEqual(set.count, found);
    try std.testing.expectEqual(null, set.indexOf(.fromInt(std.math.maxInt(u128)), 80));
}

test "random sets, by brute force" {
    var random: std.Random.DefaultPrng = .init(1);
    const source = random.random();
    for (0..100) |_| {
        var ports: [40]u16 = undefined;
        var ipv4: [30]Ipv4Interval = undefined;
        var ipv6: [30]Ipv6Interval = undefined;
        var groups: [10]Group = undefined;
        var port: u16 = 0;
        for (&ports) |*it| {
            it.* = port;
            port += 1 + source.uintLessThan(u16, 1000);
        }
        const size_max = 1 + source.uintLessThan(u32, 4); // A quarter are single addresses.
        var next: u32 = 0xf000_0000;
        for (&ipv4, &ipv6) |*narrow, *wide| {
            const last = next + source.uintLessThan(u32, size_max);
            narrow.* = .{ .first = next, .last = last };
            const base = test_ipv6_first + @as(u128, next);
            wide.* = .init(base, base + (last - next));
            next = last + 1 + source.uintLessThan(u32, 1 << 20);
        }
        // Groups take three intervals each, so that none names another's targets.
        for (&groups, 0..) |*group, index| {
            const start: u32 = @intCast(3 * index);
            group.* = .{
                .ipv4_start = start,
                .ipv4_count = source.uintLessThan(u32, 4),
                .ipv6_start = start,
                .ipv6_count = 1 + source.uintLessThan(u32, 3),
                .port_start = source.uintLessThan(u32, 20),
                .port_count = 1 + source.uintLessThan(u32, 20),
            };
        }
        const parts: TargetSet.Parts =
            .{ .ipv4 = &ipv4, .ipv6 = &ipv6, .ports = &ports, .groups = &groups };
        var set: TargetSet = try .init(std.testing.allocator, parts, null);
        defer set.deinit(std.testing.allocator);
        try testByBruteForce(&set, parts);
    }
}

test "a sample is that many of the targets, each of them once, and nothing else" {
    var whole: TargetSet = try .init(std.testing.allocator, test_parts, null);
    defer whole.deinit(std.testing.allocator);
    for ([_]u64{ 1, 17, 60, whole.count }) |count| {
        var set: TargetSet =
            try .init(std.testing.allocator, test_parts, .{ .count = count, .seed = 9 });
        defer set.deinit(std.testing.allocator);
        try std.testing.expectEqual(count, set.count);
        for (0..count) |index| {
            const target = set.at(index);
            try std.testing.expectEqual(index, set.indexOf(target.address, target.port).?);
            try std.testing.expect(whole.indexOf(target.address, target.port) != null);
        }
        var member_count: u64 = 0;
        for (0..whole.count) |index| {
            const target = whole.at(index);
            if (set.indexOf(target.address, target.port) != null) member_count += 1;
        }
        try std.testing.expectEqual(count, member_count);
    }
    const empty = TargetSet.init(std.testing.allocator, test_parts, .{ .count = 0, .seed = 9 });
    try std.testing.expectError(error.SampleTooLarge, empty);
    const large: TargetSet.Draw = .{ .count = whole.count + 1, .seed = 9 };
    const refused = TargetSet.init(std.testing.allocator, test_parts, large);
    try std.testing.expectError(error.SampleTooLarge, refused);
}

fn testEveryPort() [65536]u16 {
    @setEvalBranchQuota(100_000);
    var ports: [65536]u16 = undefined;
    for (&ports, 0..) |*port, number| port.* = @intCast(number);
    return ports;
}

test "the whole of IPv4 on every port: sampled inverses, and both ends" {
    const every_port = comptime testEveryPort();
    // Divisors of every kind: powers of two, odd ones, and all ports.
    for ([_]u32{ 65536, 65535, 65521, 32768, 1000, 3, 2, 1 }) |port_count| {
        const parts: TargetSet.Parts = .{
            .ipv4 = &.{.{ .first = 0, .last = 0xffff_ffff }},
            .ports = &every_port,
            .groups = &.{.{ .ipv4_count = 1, .port_count = port_count }},
        };
        var set: TargetSet = try .init(std.testing.allocator, parts, null);
        defer set.deinit(std.testing.allocator);
        try std.testing.expectEqual(@as(u64, port_count) << 32, set.count);
        var random: std.Random.DefaultPrng = .init(port_count);
        for (0..20_000) |sample| {
            const index = switch (sample) {
                0 => 0,
                1 => set.count - 1,
                // Where the quotient steps.
                2...2000 => random.random().uintLessThan(u64, 1 << 32) * port_count,
                2001...4000 => (1 + random.random().uintLessThan(u64, 1 << 32)) * port_count - 1,
                else => random.random().uintLessThan(u64, set.count),
            };
            const address: u32 = @intCast(index / port_count);
            const port: u16 = @intCast(index % port_count);
            try testTarget(&set, index, .{ .address = testAddress(address), .port = port });
        }
    }
}

test "the largest IPv6 block; beyond it a sample is needed" {
    const end = test_ipv6_first + (1 << 63) - 1;
    const one_port: Group = .{ .ipv6_count = 1, .port_count = 1 };
    const large_parts: TargetSet.Parts =
        .{ .ipv6 = &.{.init(test_ipv6_first, end)}, .ports = &.{443}, .groups = &.{one_port} };
    var large: TargetSet = try .init(std.testing.allocator, large_parts, null);
    defer large.deinit(std.testing.allocator);
    try std.testing.expectEqual(@as(u64, 1 << 63), large.count);
    try std.testing.expectEqual(large.count - 1, large.indexOf(.fromInt(end), 443).?);

    // A /32 with a hole, on three ports, beside a little of IPv4.
    const hole = test_ipv6_first + (1 << 95);
    const parts: TargetSet.Parts = .{
        .ipv4 = &.{.{ .first = 1, .last = 9 }},
        .ipv6 = &.{
            .init(test_ipv6_first, hole - 1),
            .init(hole + 1, test_ipv6_first + (1 << 96) - 1),
        },
        .ports = &.{ 22, 80, 443 },
        .groups = &.{.{ .ipv4_count = 1, .ipv6_count = 2, .port_count = 3 }},
    };
    const refused = TargetSet.init(std.testing.allocator, parts, null);
    try std.testing.expectError(error.TooManyTargets, refused);
    const draw: TargetSet.Draw = .{ .count = 1_000_000, .seed = 4 };
    var set: TargetSet = try .init(std.testing.allocator, parts, draw);
    defer set.deinit(std.testing.allocator);
    var upper_count: u32 = 0;
    for (0..10_000) |index| {
        const target = set.at(index);
        const number = target.address.toInt();
        try std.testing.expectEqual(index, set.indexOf(target.address, target.port).?);
        try std.testing.expectEqual(test_ipv6_first >> 96, number >> 96);
        if (number > hole) upper_count += 1;
    }
    // Half of them, with a standard deviation of 50.
    try std.testing.expect(upper_count > 4750 and upper_count < 5250);
    try std.testing.expectEqual(null, set.indexOf(.fromInt(hole), 80));
    try std.testing.expectEqual(null, set.indexOf(.fromInt(test_ipv6_first), 81));
    try std.testing.expectEqual(null, set.indexOf(.fromInt(test_ipv6_first), 80));

    const whole: TargetSet.Parts = .{
        .ipv6 = &.{.init(1 << 64, std.math.maxInt(u128))},
        .ports = &.{ 80, 81 },
        .groups = &.{.{ .ipv6_count = 1, .port_count = 2 }},
    };
    const beyond = TargetSet.init(std.testing.allocator, whole, draw);
    try std.testing.expectError(error.TooManyTargets, beyond);
}

test "a million single addresses cost a directory and a table of ports" {
    const count = 1 << 20;
    var counting: std.testing.FailingAllocator = .init(std.testing.allocator, .{});
    const singles = try std.testing.allocator.alloc(Ipv4Interval, count);
    defer std.testing.allocator.free(singles);
    for (singles, 0..) |*single, number| {
        const address: u32 = @intCast(number * 4000);
        single.* = .{ .first = address, .last = address };
    }
    var set: TargetSet = try .init(counting.allocator(), .{
        .ipv4 = singles,
        .ports = &.{443},
        .groups = &.{.{ .ipv4_count = count, .port_count = 1 }},
    }, null);
    defer set.deinit(counting.allocator());
    try std.testing.expect(counting.allocated_bytes < 4 * count + (300 << 10));
    for (0..10_000) |step| {
        const index = step * 104;
        const address = testAddress(@intCast(index * 4000));
        try testTarget(&set, index, .{ .address = address, .port = 443 });
    }
}

test "an empty set" {
    var set: TargetSet = try .init(std.testing.allocator, .{}, null);
    defer set.deinit(std.testing.allocator);
    try std.testing.expectEqual(@as(u64, 0), set.count);
    try std.testing.expectEqual(null, set.indexOf(testAddress(1), 443));
}

test "what is out of order or out of bounds is refused" {
    const one: Group = .{ .ipv4_count = 1, .port_count = 1 };
    const ordered: Ipv4Interval = .{ .first = 1, .last = 2 };
    const Parts = TargetSet.Parts;
    const cases = [_]struct { parts: Parts, group: Group, expected: TargetSet.Error }{
        .{
            .parts = .{ .ipv4 = &.{ordered}, .ports = &.{443} },
            .group = .{ .ipv4_count = 2, .port_count = 1 },
            .expected = error.OutOfBounds,
        },
        .{
            .parts = .{ .ipv4 = &.{ordered}, .ports = &.{443} },
            .group = .{ .ipv4_count = 1, .port_count = 2 },
            .expected = error.OutOfBounds,
        },
        .{
            .parts = .{ .ipv4 = &.{ordered}, .ports = &.{443} },
            .group = .{ .ipv4_count = 1, .ipv6_start = std.math.maxInt(u32), .port_count = 1 },
            .expected = error.OutOfBounds,
        },
        .{
            .parts = .{ .ipv4 = &.{ordered}, .ports = &.{443} },
            .group = .{
                .ipv4_start = std.math.maxInt(u32),
                .ipv4_count = std.math.maxInt(u32),
                .port_count = 1,
            },
            .expected = error.OutOfBounds,
        },
        .{
            .parts = .{ .ipv4 = &.{ordered}, .ports = &.{443} },
            .group = .{ .port_count = 1 },
            .expected = error.EmptyGroup,
        },
        .{
            .parts = .{ .ipv4 = &.{ordered}, .ports = &.{443} },
            .group = .{ .ipv4_count = 1 },
            .expected = error.EmptyGroup,
        },
        .{
            .parts = .{ .ipv4 = &.{.{ .first = 2, .last = 1 }}, .ports = &.{443} },
            .group = one,
            .expected = error.IntervalsUnordered,
        },
        .{
            .parts = .{
                .ipv4 = &.{ordered},
                .ipv6 = &.{ .init(9, 10), .init(10, 11) },
                .ports = &.{443},
            },
            .group = .{ .ipv4_count = 1, .ipv6_count = 2, .port_count = 1 },
            .expected = error.IntervalsUnordered,
        },
        .{
            .parts = .{
                .ipv6 = &.{ .init(1, 2), .init(0xffff_0102_0304, 0xffff_0102_0304) },
                .ports = &.{443},
            },
            .group = .{ .ipv6_count = 2, .port_count = 1 },
            .expected = error.MappedAddress,
        },
        .{
            .parts = .{ .ipv6 = &.{.init(0, std.math.maxInt(u128))}, .ports = &.{443} },
            .group = .{ .ipv6_count = 1, .port_count = 1 },
            .expected = error.TooManyTargets,
        },
        .{
            .parts = .{ .ipv4 = &.{ordered}, .ports = &.{ 443, 443 } },
            .group = .{ .ipv4_count = 1, .port_count = 2 },
            .expected = error.PortsUnordered,
        },
    };
    for (cases) |case| {
        var parts = case.parts;
        parts.groups = &.{case.group};
        const result = TargetSet.init(std.testing.allocator, parts, null);
        try std.testing.expectError(case.expected, result);
    }
}

test "without memory nothing is left behind" {
    try std.testing.checkAllAllocationFailures(std.testing.allocator, testInit, .{});
}

fn testInit(allocator: std.mem.Allocator) !void {
    var set: TargetSet = try .init(allocator, test_parts, null);
    set.deinit(allocator);
}
