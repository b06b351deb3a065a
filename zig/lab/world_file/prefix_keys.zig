//! What stands below a prefix.

const std = @import("std");
const world = @import("../world.zig");
const Error = @import("line.zig").Error;
const Line = @import("line.zig").Line;
const legs = @import("legs.zig");
const port_rule = @import("port_rule.zig");
const round_trip = @import("round_trip.zig");
const section = @import("section.zig");
const vocabulary = @import("vocabulary.zig");

pub const PrefixSection = struct {
    values: world.Prefix,
    rules: std.ArrayList(world.PortRule) = .empty,
    /// Where the rule for all other ports stands, 0 for nowhere.
    other_ports_line: u32 = 0,
};

const set = section.Setters(PrefixSection);

pub const keys: []const section.Key(PrefixSection) = &.{
    .{ .word = "hosts", .example = "hosts 60%", .read = set.share("hosts") },
    .{
        .word = "absent",
        .example = "absent silent unreachable 5%",
        .read = set.weighted("absent", vocabulary.reader(world.PortState, &.{
            .{ .word = "silent", .value = .silent },
            .{ .word = "unreachable", .value = .unreachable_host },
        })),
    },
    .{
        .word = "port",
        .example = port_rule.example,
        .may_repeat = true,
        .read = port_rule.read,
    },
    .{
        .word = "ttl",
        .example = "ttl 64 70% 128",
        .read = set.weightedNumber("time_to_live", 1, 255),
    },
    .{
        .word = "window",
        .example = "window 65535 29200 40%",
        .read = set.weightedNumber("window", 0, 65_535),
    },
    .{
        .word = "options",
        .example = "options linux windows 20%",
        .read = set.weighted("options", words(world.OptionProfile)),
    },
    .{
        .word = "behavior",
        .example = "behavior ordinary zero-window 1%",
        .read = set.weighted("behavior", words(world.Behavior)),
    },
    .{
        .word = "tls-version",
        .example = "tls-version 1.2+1.3 1.2 20%",
        .read = set.weighted("tls_versions", words(world.TlsVersions)),
    },
    .{ .word = "tls-retry", .example = "tls-retry 5%", .read = set.share("tls_retry") },
    .{ .word = "tls-name", .example = "tls-name 5%", .read = set.share("tls_name") },
    .{
        .word = "round-trip",
        .example = "round-trip 20ms..200ms 300ms 5%",
        .read = set.weighted("round_trip", round_trip.read),
    },
    .{
        .word = "loss",
        .example = "loss forward 1% back 2%",
        .read = legs.reader(PrefixSection, legs.readLoss),
    },
    .{
        .word = "duplicate",
        .example = "duplicate forward 1% back 2%",
        .read = legs.reader(PrefixSection, legs.readDuplication),
    },
    .{
        .word = "reorder",
        .example = "reorder 5% by 30ms",
        .read = legs.reader(PrefixSection, legs.readReordering),
    },
    .{
        .word = "bandwidth",
        .example = "bandwidth 100Mbit queue 50ms",
        .read = legs.reader(PrefixSection, legs.readBandwidth),
    },
    .{ .word = "elsewhere", .example = "elsewhere 1%", .read = set.share("elsewhere") },
    .{ .word = "vlan", .example = "vlan 100", .read = set.number("vlan", 1, 4094) },
    .{ .word = "mtu", .example = "mtu 1400", .read = readMtu },
    .{ .word = "on-link", .example = "on-link", .read = set.flag("on_link") },
};

/// What every link carries: 68 octets in IPv4 (RFC 791, 3.2), but hosts take 576; 1280 in IPv6
/// (RFC 8200, 5).
fn readMtu(line: *Line, prefix: *PrefixSection) Error!void {
    const min: u64 = if (prefix.values.isIpv4()) 576 else 1280;
    prefix.values.mtu = @intCast(try line.expectNumber(min, 1500));
}

fn words(comptime Value: type) fn (line: *Line, word: []const u8) Error!Value {
    return vocabulary.reader(Value, vocabulary.all(Value));
}
