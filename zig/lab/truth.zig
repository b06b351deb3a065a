//! What there is to be found in a world, as NDJSON: first the certificate chains, then every open
//! port that its world file names.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const address_text = @import("address_text.zig");
const Diagnosis = @import("diagnosis.zig").Diagnosis;
const Echo = @import("diagnosis.zig").Echo;
const Host = @import("host.zig").Host;
const nameOf = @import("names.zig").nameOf;
const world_types = @import("world.zig");
const Prefix = world_types.Prefix;
const World = world_types.World;

/// Of one prefix or a part of it: to list more than a /10 of IPv4 takes too long and too much room.
pub const address_count_max = 1 << 22;

/// Ports that one rule names as ranges are listed when they are at most so many.
const ranged_port_count_max = 64;

/// Addresses of one prefix of the world.
pub const AddressRange = struct {
    prefix_index: u16,
    first: Address,
    last: Address,
};

/// What prefixes stand for, in ascending order and each address once; all of the world when there
/// are none. InvalidPrefix: one is no prefix, is not within one of the world's, or is too large;
/// the diagnosis then says which.
pub fn select(
    allocator: std.mem.Allocator,
    world: *const World,
    prefixes: []const [:0]const u8,
    diagnosis: *Diagnosis,
) error{ InvalidPrefix, OutOfMemory }![]const AddressRange {
    var ranges: std.ArrayList(AddressRange) = .empty;
    errdefer ranges.deinit(allocator);
    if (prefixes.len == 0) {
        for (world.prefixes, 0..) |*prefix, prefix_index| {
            if (!isListable(prefix.first, prefix.last)) return refuseLarge(prefix, diagnosis);
            try ranges.append(allocator, .{
                .prefix_index = @intCast(prefix_index),
                .first = prefix.first,
                .last = prefix.last,
            });
        }
        return ranges.toOwnedSlice(allocator);
    }
    for (prefixes) |text| try ranges.append(allocator, try selectOne(world, text, diagnosis));
    std.mem.sort(AddressRange, ranges.items, {}, comesBefore);
    // Prefixes that overlap lie in each other, and the larger one has come first.
    var count: usize = 0;
    for (ranges.items) |range| {
        if (count > 0 and range.first.toInt() <= ranges.items[count - 1].last.toInt()) continue;
        ranges.items[count] = range;
        count += 1;
    }
    ranges.shrinkRetainingCapacity(count);
    return ranges.toOwnedSlice(allocator);
}

fn selectOne(
    world: *const World,
    text: []const u8,
    diagnosis: *Diagnosis,
) error{InvalidPrefix}!AddressRange {
    const shown: Echo = .name(text);
    const wanted = address_text.parsePrefix(text) catch |err| return switch (err) {
        error.NotAPrefix => diagnosis.refuse(
            error.InvalidPrefix,
            "Cannot list {f}: it is not a prefix, like 10.32.0.0/16 or 2001:db8::/112",
            .{shown},
        ),
        error.BitsBehindLength => diagnosis.refuse(
            error.InvalidPrefix,
            "Cannot list {f}: bits are set behind its length",
            .{shown},
        ),
        error.HoldsMapped => diagnosis.refuse(
            error.InvalidPrefix,
            "Cannot list {f}: it holds IPv4 addresses; write them as IPv4",
            .{shown},
        ),
    };
    const prefix_index = world.prefixIndexOf(wanted.first);
    if (prefix_index == null or prefix_index != world.prefixIndexOf(wanted.last)) {
        return diagnosis.refuse(
            error.InvalidPrefix,
            "Cannot list {f}: it is not within a prefix of the world",
            .{shown},
        );
    }
    if (!isListable(wanted.first, wanted.last)) return diagnosis.refuse(
        error.InvalidPrefix,
        "Cannot list {f}: it has more than {d} addresses; name parts of it",
        .{ shown, address_count_max },
    );
    return .{ .prefix_index = prefix_index.?, .first = wanted.first, .last = wanted.last };
}

fn isListable(first: Address, last: Address) bool {
    return last.toInt() - first.toInt() < address_count_max;
}

fn refuseLarge(prefix: *const Prefix, diagnosis: *Diagnosis) error{InvalidPrefix} {
    return diagnosis.refuse(
        error.InvalidPrefix,
        "Cannot list {f}/{d}: it has more than {d} addresses; name what to list, or parts of it",
        .{ address_text.formatter(prefix.first), prefix.length, address_count_max },
    );
}

fn comesBefore(_: void, a: AddressRange, b: AddressRange) bool {
    const a_first = a.first.toInt();
    const b_first = b.first.toInt();
    if (a_first != b_first) return a_first < b_first;
    return a.last.toInt() > b.last.toInt();
}

/// Writes the lines of the chains file as they are, then one for each open port of the hosts in
/// the ranges. Ports are told that a rule names singly or in ranges of together up to
/// `ranged_port_count_max`. Ascending as the ranges are, by address and then by port.
pub fn write(
    world: *const World,
    chains_lines: []const []const u8,
    ranges: []const AddressRange,
    writer: *std.Io.Writer,
) std.Io.Writer.Error!void {
    for (chains_lines) |line| {
        try writer.writeAll(line);
        try writer.writeByte('\n');
    }
    for (ranges) |range| try writeRange(world, range, writer);
}

fn writeRange(world: *const World, range: AddressRange, writer: *std.Io.Writer) !void {
    var ports_buffer: [65_536]u16 = undefined;
    const ports = namedPorts(&world.prefixes[range.prefix_index], &ports_buffer);
    const count = range.last.toInt() - range.first.toInt() + 1;
    for (0..@intCast(count)) |offset| {
        const address = Address.fromInt(range.first.toInt() + offset);
        const host: Host = .at(world, range.prefix_index, address);
        if (host.exists()) try writeHost(host, ports, writer);
    }
}

fn writeHost(host: Host, ports: []const u16, writer: *std.Io.Writer) !void {
    for (ports) |port| {
        if (host.portState(port) != .open) continue;
        const service = host.service(port);
        try writer.writeAll("{\"record\":\"target\",\"address\":\"");
        try address_text.format(host.address, writer);
        try writer.writeAll("\",\"port\":");
        try writer.printInt(port, 10, .lower, .{});
        try writer.writeAll(",\"certificate\":");
        if (service == .tls) {
            try writer.printInt(host.chain(), 10, .lower, .{});
        } else {
            try writer.writeAll("null");
        }
        try writer.writeAll(",\"state\":\"open\",\"service\":\"");
        try writer.writeAll(nameOf(service));
        try writer.writeAll("\",\"behavior\":\"");
        try writer.writeAll(nameOf(host.behavior()));
        if (service == .tls) {
            try writer.writeAll("\",\"versions\":\"");
            try writer.writeAll(nameOf(host.tlsVersions()));
            try writer.writeAll("\",\"needs_name\":");
            try writer.writeAll(if (host.needsName()) "true}\n" else "false}\n");
        } else {
            try writer.writeAll("\",\"versions\":null,\"needs_name\":false}\n");
        }
    }
}

/// In ascending order.
fn namedPorts(prefix: *const Prefix, buffer: *[65_536]u16) []const u16 {
    var named: std.StaticBitSet(65_536) = .initEmpty();
    for (prefix.ports) |rule| {
        const ranges = rule.ports orelse continue;
        var ranged_count: u32 = 0;
        for (ranges) |range| {
            if (range.first < range.last) ranged_count += @as(u32, range.last - range.first) + 1;
        }
        for (ranges) |range| {
            if (range.first < range.last and ranged_count > ranged_port_count_max) continue;
            named.setRangeValue(.{ .start = range.first, .end = @as(u32, range.last) + 1 }, true);
        }
    }
    var count: usize = 0;
    var iterator = named.iterator(.{});
    while (iterator.next()) |port| : (count += 1) buffer[count] = @intCast(port);
    return buffer[0..count];
}

const test_chains = [_][]const u8{
    "{\"record\":\"certificate\",\"index\":0}",
    "{\"record\":\"certificate\",\"index\":1}",
};

/// In `expected`, a line that begins with a blank goes on with the one before.
fn expectTruth(expected: []const u8, world: *const World, prefixes: []const [:0]const u8) !void {
    const allocator = std.testing.allocator;
    var diagnosis: Diagnosis = .{};
    const ranges = try select(allocator, world, prefixes, &diagnosis);
    defer allocator.free(ranges);
    var output: std.Io.Writer.Allocating = .init(allocator);
    defer output.deinit();
    try write(world, &test_chains, ranges, &output.writer);
    const head = test_chains[0] ++ "\n" ++ test_chains[1] ++ "\n";
    try std.testing.expectStringStartsWith(output.written(), head);
    const joined = try std.mem.replaceOwned(u8, allocator, expected, "\n ", "");
    defer allocator.free(joined);
    try std.testing.expectEqualStrings(joined, output.written()[head.len..]);
}

test "open ports that are named, in ascending order; the first rule decides" {
    const ports = [_]world_types.PortRule{
        .{
            .ports = &.{ .{ .first = 443, .last = 443 }, .{ .first = 22, .last = 22 } },
            .states = .only(.open),
            .service = .tls,
        },
        .{ .ports = &.{.{ .first = 9_000, .last = 9_064 }}, .states = .only(.open) },
        .{ .ports = &.{.{ .first = 80, .last = 80 }}, .states = .only(.closed) },
        .{
            .ports = &.{.{ .first = 21, .last = 22 }},
            .states = .only(.open),
            .service = .ssh,
        },
        .{ .ports = null, .states = .only(.open) },
    };
    const world: World = .{ .chain_count = 1, .prefixes = &.{
        .{
            .first = .fromIpv4(.{ 10, 9, 0, 254 }),
            .last = .fromIpv4(.{ 10, 9, 0, 255 }),
            .length = 31,
            .ports = &ports,
            .tls_versions = .only(.tls13),
            .tls_name = 1_000_000,
            .behavior = .only(.resets_after_data),
        },
        .{
            .first = .fromIpv4(.{ 10, 10, 0, 0 }),
            .last = .fromIpv4(.{ 10, 10, 255, 255 }),
            .length = 16,
            .hosts = 0,
            .ports = &ports,
        },
        .{
            .first = .fromIpv4(.{ 11, 0, 0, 7 }),
            .last = .fromIpv4(.{ 11, 0, 0, 7 }),
            .length = 32,
            .ports = ports[2..3],
            .behavior = .only(.answers_on_all_ports),
        },
    } };
    try expectTruth(
        \\{"record":"target","address":"10.9.0.254","port":21,"certificate":null,"state":"open",
        \\ "service":"ssh","behavior":"resets-after-data","versions":null,"needs_name":false}
        \\{"record":"target","address":"10.9.0.254","port":22,"certificate":0,"state":"open",
        \\ "service":"tls","behavior":"resets-after-data","versions":"1.3","needs_name":true}
        \\{"record":"target","address":"10.9.0.254","port":443,"certificate":0,"state":"open",
        \\ "service":"tls","behavior":"resets-after-data","versions":"1.3","needs_name":true}
        \\{"record":"target","address":"10.9.0.255","port":21,"certificate":null,"state":"open",
        \\ "service":"ssh","behavior":"resets-after-data","versions":null,"needs_name":false}
        \\{"record":"target","address":"10.9.0.255","port":22,"certificate":0,"state":"open",
        \\ "service":"tls","behavior":"resets-after-data","versions":"1.3","needs_name":true}
        \\{"record":"target","address":"10.9.0.255","port":443,"certificate":0,"state":"open",
        \\ "service":"tls","behavior":"resets-after-data","versions":"1.3","needs_name":true}
        \\{"record":"target","address":"11.0.0.7","port":80,"certificate":null,"state":"open",
        \\ "service":"mute","behavior":"answers-on-all-ports","versions":null,"needs_name":false}
        \\
    , &world, &.{});
}

const test_rule: world_types.PortRule = .{
    .ports = &.{.{ .first = 443, .last = 443 }},
    .states = .only(.open),
};

/// A prefix of two addresses, and one that nobody can list.
const test_world: World = .{ .prefixes = &.{
    .{
        .first = .fromInt(0x2001_0db8 << 96),
        .last = .fromInt((0x2001_0db8 << 96) + 1),
        .length = 127,
        .ports = &.{test_rule},
    },
    .{
        .first = .fromInt(0x2001_0db9 << 96),
        .last = .fromInt((0x2001_0db9 << 96) + std.math.maxInt(u96)),
        .length = 32,
        .ports = &.{test_rule},
    },
} };

test "a part of a prefix alone, each address once" {
    const rest =
        \\,"port":443,"certificate":null,"state":"open","service":"mute",
        \\ "behavior":"ordinary","versions":null,"needs_name":false}
        \\
    ;
    const start = "{\"record\":\"target\",\"address\":\"2001:db8::";
    try expectTruth(start ++ "1\"" ++ rest, &test_world, &.{"2001:db8::1/128"});
    try expectTruth(
        start ++ "\"" ++ rest ++ start ++ "1\"" ++ rest,
        &test_world,
        &.{ "2001:db8::1/128", "2001:db8::/127", "2001:db8::/128", "2001:db8::/127" },
    );
}

test "the largest part that is listed has 4,194,304 addresses" {
    var diagnosis: Diagnosis = .{};
    const ranges = try select(
        std.testing.allocator,
        &test_world,
        &.{ "2001:db9:8000::/106", "2001:db8::/127" },
        &diagnosis,
    );
    defer std.testing.allocator.free(ranges);
    try std.testing.expectEqualSlices(AddressRange, &.{
        .{
            .prefix_index = 0,
            .first = .fromInt(0x2001_0db8 << 96),
            .last = .fromInt((0x2001_0db8 << 96) + 1),
        },
        .{
            .prefix_index = 1,
            .first = .fromInt(0x2001_0db9_8000 << 80),
            .last = .fromInt((0x2001_0db9_8000 << 80) + 0x3f_ffff),
        },
    }, ranges);
}

test "what cannot be listed is refused, with its name" {
    const cases = [_]struct { ?[:0]const u8, []const u8 }{
        .{
            null,
            "Cannot list 2001:db9::/32: it has more than 4194304 addresses; name what to list, " ++
                "or parts of it",
        },
        .{
            "2001:db9::/105",
            "Cannot list 2001:db9::/105: it has more than 4194304 addresses; name parts of it",
        },
        .{ "10.0.0.0/8", "Cannot list 10.0.0.0/8: it is not within a prefix of the world" },
        .{ "2001:db8::/120", "Cannot list 2001:db8::/120: it is not within a prefix of the world" },
        .{ "2001:db8::1/127", "Cannot list 2001:db8::1/127: bits are set behind its length" },
        .{ "::/0", "Cannot list ::/0: it holds IPv4 addresses; write them as IPv4" },
        .{
            "every\x1bthing" ** 30,
            "Cannot list " ++ "every\\x1bthing" ** 23 ++
                "eve...: it is not a prefix, like 10.32.0.0/16 or 2001:db8::/112",
        },
    };
    for (cases) |case| {
        var diagnosis: Diagnosis = .{};
        const named: []const [:0]const u8 = if (case[0]) |text| &.{text} else &.{};
        const result = select(std.testing.allocator, &test_world, named, &diagnosis);
        try std.testing.expectError(error.InvalidPrefix, result);
        try std.testing.expectEqualStrings(case[1], diagnosis.message());
    }
}
