//! One host, drawn from its world by its address: every fact about it is a hash away, and none is
//! kept.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const HardwareAddress = @import("../src/wire/ethernet.zig").HardwareAddress;
const weighted = @import("weighted.zig");
const world_types = @import("world.zig");
const World = world_types.World;
const Prefix = world_types.Prefix;

pub const Host = struct {
    world: *const World,
    prefix_index: u16,
    address: Address,
    /// The world's seed and the address in one hash; everything is drawn from it.
    key: u64,

    /// What is drawn. The numbers are part of what a seed means: new ones go to the end.
    const Purpose = enum(u16) {
        exists,
        absence,
        time_to_live,
        window,
        options,
        behavior,
        versions,
        retry,
        name,
        chain,
        round_trip_choice,
        round_trip,
        elsewhere,
        hardware,
        /// And the port, added to it.
        port_state = 0x100,
    };

    /// The address as it would be if it were a host: `exists` tells.
    pub fn at(world: *const World, prefix_index: u16, address: Address) Host {
        return .{
            .world = world,
            .prefix_index = prefix_index,
            .address = address,
            .key = std.hash.Wyhash.hash(world.seed, &address.octets),
        };
    }

    pub fn prefix(host: Host) *const Prefix {
        return &host.world.prefixes[host.prefix_index];
    }

    pub fn exists(host: Host) bool {
        return weighted.happens(host.prefix().hosts, host.draw(.exists));
    }

    pub fn behavior(host: Host) world_types.Behavior {
        return host.prefix().behavior.draw(host.draw(.behavior));
    }

    /// What its port does, or what its address does when it is no host.
    pub fn portState(host: Host, port: u16) world_types.PortState {
        if (!host.exists()) return host.prefix().absent.draw(host.draw(.absence));
        if (host.behavior() == .answers_on_all_ports) return .open;
        const hash = host.drawNumbered(@intFromEnum(Purpose.port_state) + @as(u64, port));
        return host.portRule(port).states.draw(hash);
    }

    /// What answers on an open port.
    pub fn service(host: Host, port: u16) world_types.Protocol {
        if (host.behavior() == .answers_on_all_ports) return .mute;
        return host.portRule(port).service;
    }

    pub fn timeToLive(host: Host) u8 {
        return host.prefix().time_to_live.draw(host.draw(.time_to_live));
    }

    /// Of the SYN-ACK, unscaled.
    pub fn window(host: Host) u16 {
        return host.prefix().window.draw(host.draw(.window));
    }

    pub fn options(host: Host) world_types.OptionProfile {
        return host.prefix().options.draw(host.draw(.options));
    }

    pub fn roundTripNs(host: Host) u64 {
        const range = host.prefix().round_trip.draw(host.draw(.round_trip_choice));
        const span = range.last_ns - range.first_ns + 1;
        return range.first_ns + weighted.scaled(host.draw(.round_trip), span);
    }

    /// The address its answers come from: its own, or another of the prefix.
    pub fn replyAddress(host: Host) Address {
        if (!weighted.happens(host.prefix().elsewhere, host.draw(.elsewhere))) return host.address;
        return host.neighbor();
    }

    /// The address beside it, in the same prefix; itself when the prefix has no other.
    pub fn neighbor(host: Host) Address {
        const number = host.address.toInt();
        const last = host.prefix().last.toInt();
        const first = host.prefix().first.toInt();
        return .fromInt(if (number < last) number + 1 else first);
    }

    /// On its link; locally administered, unicast (IEEE 802, 8.4).
    pub fn hardwareAddress(host: Host) HardwareAddress {
        const hash: [8]u8 = @bitCast(host.draw(.hardware));
        return .{ 0x02 | (hash[0] & 0xfc), hash[1], hash[2], hash[3], hash[4], hash[5] };
    }

    /// Which certificate chain it serves.
    pub fn chain(host: Host) u32 {
        return @intCast(weighted.scaled(host.draw(.chain), host.world.chain_count));
    }

    pub fn tlsVersions(host: Host) world_types.TlsVersions {
        return host.prefix().tls_versions.draw(host.draw(.versions));
    }

    /// Whether it asks for P-384 by HelloRetryRequest in TLS 1.3.
    pub fn retries(host: Host) bool {
        return weighted.happens(host.prefix().tls_retry, host.draw(.retry));
    }

    /// Whether it refuses a hello without a server name.
    pub fn needsName(host: Host) bool {
        return weighted.happens(host.prefix().tls_name, host.draw(.name));
    }

    fn portRule(host: Host, port: u16) world_types.PortRule {
        for (host.prefix().ports) |rule| if (rule.names(port)) return rule;
        return .{ .ports = null, .states = .only(.closed) };
    }

    fn draw(host: Host, purpose: Purpose) u64 {
        return host.drawNumbered(@intFromEnum(purpose));
    }

    /// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014)
    /// at the position that the number says.
    fn drawNumbered(host: Host, number: u64) u64 {
        var mixed = host.key +% (number +% 1) *% 0x9e37_79b9_7f4a_7c15;
        mixed = (mixed ^ (mixed >> 30)) *% 0xbf58_476d_1ce4_e5b9;
        mixed = (mixed ^ (mixed >> 27)) *% 0x94d0_49bb_1331_11eb;
        return mixed ^ (mixed >> 31);
    }
};

const test_prefix: Prefix = .{
    .first = .fromIpv4(.{ 10, 1, 0, 0 }),
    .last = .fromIpv4(.{ 10, 1, 255, 255 }),
    .length = 16,
    .absent = .{ .options = &.{
        .{ .value = .silent, .share = 900_000 },
        .{ .value = .unreachable_host, .share = 100_000 },
    } },
    .ports = &.{
        .{
            .ports = &.{.{ .first = 443, .last = 443 }},
            .states = .{ .options = &.{
                .{ .value = .open, .share = 700_000 },
                .{ .value = .closed, .share = 200_000 },
                .{ .value = .silent, .share = 100_000 },
            } },
            .service = .tls,
        },
        .{
            .ports = &.{ .{ .first = 80, .last = 80 }, .{ .first = 440, .last = 450 } },
            .states = .{ .options = &.{
                .{ .value = .open, .share = 500_000 },
                .{ .value = .unreachable_port, .share = 500_000 },
            } },
            .service = .http,
        },
    },
    .time_to_live = .{ .options = &.{
        .{ .value = 64, .share = 600_000 },
        .{ .value = 128, .share = 300_000 },
        .{ .value = 255, .share = 100_000 },
    } },
    .window = .{ .options = &.{
        .{ .value = 65_535, .share = 750_000 },
        .{ .value = 8_192, .share = 250_000 },
    } },
    .options = .{ .options = &.{
        .{ .value = .linux, .share = 500_000 },
        .{ .value = .windows, .share = 200_000 },
        .{ .value = .bsd, .share = 150_000 },
        .{ .value = .mss, .share = 100_000 },
        .{ .value = .none, .share = 50_000 },
    } },
    .tls_versions = .{ .options = &.{
        .{ .value = .tls12, .share = 300_000 },
        .{ .value = .tls12_or_tls13, .share = 600_000 },
        .{ .value = .tls13, .share = 100_000 },
    } },
    .tls_retry = 50_000,
    .tls_name = 20_000,
    .round_trip = .{ .options = &.{
        .{ .value = .{ .first_ns = 20, .last_ns = 219 }, .share = 800_000 },
        .{ .value = .{ .first_ns = 1_000, .last_ns = 1_000 }, .share = 200_000 },
    } },
    .elsewhere = 10_000,
};

/// And with hosts that are not ordinary, on some addresses only.
const test_prefix_sparse: Prefix = sparse: {
    var prefix = test_prefix;
    prefix.hosts = 600_000;
    prefix.behavior = .{ .options = &.{
        .{ .value = .ordinary, .share = 900_000 },
        .{ .value = .answers_on_all_ports, .share = 60_000 },
        .{ .value = .endless_records, .share = 40_000 },
    } };
    break :sparse prefix;
};

const test_world: World = .{ .seed = 7, .prefixes = &.{test_prefix} };
const test_world_sparse: World = .{ .seed = 7, .prefixes = &.{test_prefix_sparse} };
const test_host_count = 65_536;

fn testHost(world: *const World, number: u32) Host {
    return .at(world, 0, .fromInt(world.prefixes[0].first.toInt() + number));
}

/// Whether a count is what a share makes of `total` draws, within five standard deviations.
fn expectShare(share: weighted.Share, count: u32, total: u32) !void {
    const chance = @as(f64, @floatFromInt(share)) / weighted.share_all;
    const mean = chance * @as(f64, @floatFromInt(total));
    const deviation = @sqrt(mean * (1 - chance));
    try std.testing.expectApproxEqAbs(mean, @as(f64, @floatFromInt(count)), 5 * deviation);
}

fn expectShares(choice: anytype, comptime fact: anytype) !void {
    var total: u32 = 0;
    for (choice.options) |option| {
        var count: u32 = 0;
        for (0..test_host_count) |number| {
            const host = testHost(&test_world_sparse, @intCast(number));
            count += @intFromBool(fact(host) == option.value);
        }
        try expectShare(option.share, count, test_host_count);
        total += count;
    }
    try std.testing.expectEqual(test_host_count, total);
}

test "what is drawn from a list has the list's shares" {
    const prefix = &test_prefix_sparse;
    try expectShares(prefix.time_to_live, Host.timeToLive);
    try expectShares(prefix.window, Host.window);
    try expectShares(prefix.options, Host.options);
    try expectShares(prefix.behavior, Host.behavior);
    try expectShares(prefix.tls_versions, Host.tlsVersions);
}

test "what happens to some happens to their share" {
    var exists: u32 = 0;
    var retries: u32 = 0;
    var needs_name: u32 = 0;
    var replies_elsewhere: u32 = 0;
    for (0..test_host_count) |number| {
        const host = testHost(&test_world_sparse, @intCast(number));
        exists += @intFromBool(host.exists());
        retries += @intFromBool(host.retries());
        needs_name += @intFromBool(host.needsName());
        if (host.replyAddress().eql(host.address)) continue;
        replies_elsewhere += 1;
        try std.testing.expect(host.replyAddress().eql(host.neighbor()));
    }
    try expectShare(test_prefix_sparse.hosts, exists, test_host_count);
    try expectShare(test_prefix.tls_retry, retries, test_host_count);
    try expectShare(test_prefix.tls_name, needs_name, test_host_count);
    try expectShare(test_prefix.elsewhere, replies_elsewhere, test_host_count);
}

test "ports have the states of the first rule that names them, in its shares" {
    const States = std.EnumArray(world_types.PortState, u32);
    var of_443: States = .initFill(0);
    var of_445: States = .initFill(0);
    var agreeing: u32 = 0;
    for (0..test_host_count) |number| {
        const host = testHost(&test_world, @intCast(number));
        of_443.getPtr(host.portState(443)).* += 1;
        of_445.getPtr(host.portState(445)).* += 1;
        agreeing += @intFromBool(host.portState(445) == host.portState(80));
        try std.testing.expectEqual(.closed, host.portState(22));
        try std.testing.expectEqual(.tls, host.service(443));
        try std.testing.expectEqual(.http, host.service(445));
        try std.testing.expectEqual(.mute, host.service(22));
    }
    for (test_prefix.ports[0].states.options) |option| {
        try expectShare(option.share, of_443.get(option.value), test_host_count);
    }
    for (test_prefix.ports[1].states.options) |option| {
        try expectShare(option.share, of_445.get(option.value), test_host_count);
    }
    // Each port is drawn for itself.
    try expectShare(500_000, agreeing, test_host_count);
}

test "where no host is, all ports are alike; where one answers on all, they are open" {
    var absent: u32 = 0;
    var absent_unreachable: u32 = 0;
    for (0..test_host_count) |number| {
        const host = testHost(&test_world_sparse, @intCast(number));
        if (!host.exists()) {
            absent += 1;
            const state = host.portState(443);
            absent_unreachable += @intFromBool(state == .unreachable_host);
            try std.testing.expect(state == .unreachable_host or state == .silent);
            for ([_]u16{ 0, 80, 65_535 }) |port| {
                try std.testing.expectEqual(state, host.portState(port));
            }
        } else if (host.behavior() == .answers_on_all_ports) {
            for ([_]u16{ 0, 22, 443, 65_535 }) |port| {
                try std.testing.expectEqual(.open, host.portState(port));
                try std.testing.expectEqual(.mute, host.service(port));
            }
        }
    }
    try expectShare(100_000, absent_unreachable, absent);
}

test "round trips are spread evenly over their range, both ends among them" {
    var counts: [200]u32 = @splat(0);
    var fixed: u32 = 0;
    for (0..test_host_count) |number| {
        const round_trip_ns = testHost(&test_world, @intCast(number)).roundTripNs();
        if (round_trip_ns == 1_000) fixed += 1 else counts[round_trip_ns - 20] += 1;
    }
    try expectShare(200_000, fixed, test_host_count);
    for (counts) |count| try expectShare(4_000, count, test_host_count);
}

test "chains are served equally often" {
    var counts: [512]u32 = @splat(0);
    for (0..test_host_count) |number| {
        counts[testHost(&test_world, @intCast(number)).chain()] += 1;
    }
    for (counts) |count| try expectShare(weighted.share_all / 512, count, test_host_count);
}

/// Everything that is drawn for a host, each as one of a few values; ports as of a host that is
/// there.
const Facts = struct {
    exists: u8,
    time_to_live: u8,
    window: u8,
    options: u8,
    behavior: u8,
    versions: u8,
    retries: u8,
    needs_name: u8,
    chain: u8,
    round_trip: u8,
    replies_elsewhere: u8,
    hardware: u8,
    port_443: u8,
    port_80: u8,

    const kind_count = std.meta.fields(Facts).len;
    const value_count = 8;

    fn of(number: u32, seed: u64) [kind_count]u8 {
        var world = test_world;
        world.seed = seed;
        var sparse = test_world_sparse;
        sparse.seed = seed;
        const host = testHost(&world, number);
        const facts: Facts = .{
            .exists = @intFromBool(testHost(&sparse, number).exists()),
            .time_to_live = host.timeToLive() / 64,
            .window = @intFromBool(host.window() == 8_192),
            .options = @intFromEnum(host.options()),
            .behavior = @intFromEnum(testHost(&sparse, number).behavior()) % value_count,
            .versions = @intFromEnum(host.tlsVersions()),
            .retries = @intFromBool(host.retries()),
            .needs_name = @intFromBool(host.needsName()),
            .chain = @intCast(host.chain() % value_count),
            .round_trip = @intCast(@min(host.roundTripNs(), 219) / 32),
            .replies_elsewhere = @intFromBool(!host.replyAddress().eql(host.address)),
            .hardware = host.hardwareAddress()[5] % value_count,
            .port_443 = @intFromEnum(host.portState(443)),
            .port_80 = @intFromEnum(host.portState(80)),
        };
        var values: [kind_count]u8 = undefined;
        inline for (std.meta.fields(Facts), 0..) |field, kind| {
            values[kind] = @field(facts, field.name);
        }
        return values;
    }
};

test "no fact about a host tells another: Pearson's chi-squared of every two" {
    const kind_count = Facts.kind_count;
    const value_count = Facts.value_count;
    const Table = [value_count][value_count]u32;
    var tables: [kind_count][kind_count]Table = @splat(@splat(@splat(@splat(0))));
    for (0..test_host_count) |number| {
        const facts = Facts.of(@intCast(number), 7);
        for (facts, 0..) |first, first_kind| {
            for (facts[0..first_kind], 0..) |second, second_kind| {
                tables[first_kind][second_kind][first][second] += 1;
            }
        }
    }
    for (0..kind_count) |first_kind| {
        for (0..first_kind) |second_kind| {
            const table = &tables[first_kind][second_kind];
            const total = test_host_count;
            var rows: [value_count]u32 = @splat(0);
            var columns: [value_count]u32 = @splat(0);
            for (table, 0..) |line, row| for (line, 0..) |count, column| {
                rows[row] += count;
                columns[column] += count;
            };
            var chi_squared: f64 = 0;
            for (table, 0..) |line, row| for (line, 0..) |count, column| {
                const joint = @as(f64, @floatFromInt(rows[row])) *
                    @as(f64, @floatFromInt(columns[column]));
                if (joint == 0) continue;
                const difference = @as(f64, @floatFromInt(count)) - joint / total;
                chi_squared += difference * difference / (joint / total);
            };
            const row_count = value_count - std.mem.count(u32, &rows, &.{0});
            const column_count = value_count - std.mem.count(u32, &columns, &.{0});
            // A fact that never differs would be independent of anything.
            try std.testing.expect(row_count > 1 and column_count > 1);
            const freedom: f64 = @floatFromInt((row_count - 1) * (column_count - 1));
            // Its mean is the degrees of freedom, its variance twice that.
            try std.testing.expect(chi_squared < freedom + 5 * @sqrt(2 * freedom));
        }
    }
}

test "the same seed draws the same hosts, another seed others" {
    var same: [Facts.kind_count]u32 = @splat(0);
    for (0..1000) |number| {
        const facts = Facts.of(@intCast(number), 7);
        try std.testing.expectEqual(facts, Facts.of(@intCast(number), 7));
        for (facts, Facts.of(@intCast(number), 8), &same) |fact, other, *count| {
            count.* += @intFromBool(fact == other);
        }
    }
    // Of the rarest fact, an answer from elsewhere, 98% stay what they are by chance.
    for (same) |count| try std.testing.expect(count < 1000);
    const chain_index = std.meta.fieldIndex(Facts, "chain").?;
    try expectShare(weighted.share_all / Facts.value_count, same[chain_index], 1000);
}

test "a neighbor is another address of the prefix, unless there is none" {
    for ([_]Address{ .fromIpv4(.{ 10, 0, 0, 4 }), .fromInt(0xfd99 << 112) }) |first| {
        for ([_]u8{ 4, 2 }) |size| {
            const last = Address.fromInt(first.toInt() + size - 1);
            const world: World = .{ .prefixes = &.{
                .{ .first = first, .last = last, .length = 0 },
            } };
            for (0..size) |number| {
                const address = Address.fromInt(first.toInt() + number);
                const neighbor = Host.at(&world, 0, address).neighbor();
                try std.testing.expect(!neighbor.eql(address));
                try std.testing.expectEqual(0, world.prefixIndexOf(neighbor));
            }
        }
        const alone: World = .{ .prefixes = &.{
            .{ .first = first, .last = first, .length = 0, .elsewhere = weighted.share_all },
        } };
        try std.testing.expect(Host.at(&alone, 0, first).neighbor().eql(first));
        try std.testing.expect(Host.at(&alone, 0, first).replyAddress().eql(first));
    }
}

test "a hardware address is unicast, local, and no other host's" {
    var seen: std.AutoHashMapUnmanaged(HardwareAddress, void) = .empty;
    defer seen.deinit(std.testing.allocator);
    for (0..test_host_count) |number| {
        const hardware = testHost(&test_world, @intCast(number)).hardwareAddress();
        try std.testing.expectEqual(0b10, hardware[0] & 0b11);
        try seen.putNoClobber(std.testing.allocator, hardware, {});
    }
    try std.testing.expectEqual(test_host_count, seen.count());
}
