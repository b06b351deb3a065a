//! Numbers with and without units, as world files write them. Whatever is no such number is null.

const std = @import("std");
const weighted = @import("../weighted.zig");
const Share = weighted.Share;

pub const time_max_ns = 10 * std.time.ns_per_s;
/// In bits a second.
pub const rate_max = 1_000_000_000_000;

/// `12`, from 0 to `max`.
pub fn whole(text: []const u8, max: u64) ?u64 {
    return scaled(text, 1, max);
}

/// `12%` or `0.0001%`, from 0 to 100 %.
pub fn share(text: []const u8) ?Share {
    const percent = std.mem.cutSuffix(u8, text, "%") orelse return null;
    const parts = scaled(percent, weighted.share_all / 100, weighted.share_all) orelse return null;
    return @intCast(parts);
}

/// `50ms`, `1.5s` or `20us`, from 0 to `time_max_ns`, in nanoseconds.
pub fn time(text: []const u8) ?u64 {
    return withUnit(text, &.{
        .{ .name = "us", .size = std.time.ns_per_us },
        .{ .name = "ms", .size = std.time.ns_per_ms },
        .{ .name = "s", .size = std.time.ns_per_s },
    }, time_max_ns);
}

/// `100Mbit`, from one bit a second to `rate_max`, in bits a second.
pub fn rate(text: []const u8) ?u64 {
    const bits = withUnit(text, &.{
        .{ .name = "kbit", .size = 1_000 },
        .{ .name = "Mbit", .size = 1_000_000 },
        .{ .name = "Gbit", .size = 1_000_000_000 },
        .{ .name = "bit", .size = 1 },
    }, rate_max) orelse return null;
    return if (bits > 0) bits else null;
}

const Unit = struct { name: []const u8, size: u64 };

/// The first unit that the text ends in counts.
fn withUnit(text: []const u8, units: []const Unit, max: u64) ?u64 {
    for (units) |unit| {
        if (std.mem.cutSuffix(u8, text, unit.name)) |digits| return scaled(digits, unit.size, max);
    }
    return null;
}

/// `1.25` times `unit`, when that is a whole number of at most `max`.
fn scaled(text: []const u8, unit: u64, max: u64) ?u64 {
    const integer, const fraction = std.mem.cutScalar(u8, text, '.') orelse .{ text, null };
    if (integer.len == 0) return null;
    var value: u64 = 0;
    for (integer) |digit| {
        value = std.math.mul(u64, value, 10) catch return null;
        value = std.math.add(u64, value, digitOf(digit) orelse return null) catch return null;
    }
    value = std.math.mul(u64, value, unit) catch return null;
    if (fraction) |digits| {
        if (digits.len == 0) return null;
        var place = unit;
        for (digits) |digit| {
            if (place % 10 != 0) return null;
            place /= 10;
            const part = place * (digitOf(digit) orelse return null);
            value = std.math.add(u64, value, part) catch return null;
        }
    }
    return if (value <= max) value else null;
}

fn digitOf(character: u8) ?u64 {
    return if (std.ascii.isDigit(character)) character - '0' else null;
}

test "whole numbers" {
    const largest = std.math.maxInt(u64);
    try std.testing.expectEqual(0, whole("0", 0));
    try std.testing.expectEqual(12, whole("12", 12));
    try std.testing.expectEqual(7, whole("007", 12));
    try std.testing.expectEqual(largest, whole("18446744073709551615", largest));
    for ([_][]const u8{ "", "13", "-1", "+1", "1_0", "1.0", "1e1", "0x1", " 1", "1\x00" }) |text| {
        try std.testing.expectEqual(null, whole(text, 12));
    }
    try std.testing.expectEqual(null, whole("18446744073709551616", largest));
    try std.testing.expectEqual(null, whole("9" ** 1000, largest));
}

test "shares are exact to 0.0001 %" {
    try std.testing.expectEqual(0, share("0%"));
    try std.testing.expectEqual(120_000, share("12%"));
    try std.testing.expectEqual(1, share("0.0001%"));
    try std.testing.expectEqual(999_999, share("99.9999%"));
    try std.testing.expectEqual(weighted.share_all, share("100%"));
    for ([_][]const u8{
        "",     "%",   "12",   "12%%", ".5%",    "1.%",                   "0.00001%", "100.0001%",
        "101%", "-1%", "1,5%", "1 %",  "1.2.3%", "99999999999999999999%",
    }) |text| {
        try std.testing.expectEqual(null, share(text));
    }
}

test "times are exact to the nanosecond" {
    try std.testing.expectEqual(50_000_000, time("50ms"));
    try std.testing.expectEqual(1_500_000_000, time("1.5s"));
    try std.testing.expectEqual(20_000, time("20us"));
    try std.testing.expectEqual(1, time("0.001us"));
    try std.testing.expectEqual(0, time("0ms"));
    try std.testing.expectEqual(time_max_ns, time("10s"));
    for ([_][]const u8{
        "", "50", "ms", "s", "50 ms", "50MS", "50ns", "10.1s", "10000.1ms", "0.0001us", "-1s", "1m",
    }) |text| {
        try std.testing.expectEqual(null, time(text));
    }
}

test "rates are above nothing" {
    try std.testing.expectEqual(1, rate("1bit"));
    try std.testing.expectEqual(56_600, rate("56.6kbit"));
    try std.testing.expectEqual(100_000_000, rate("100Mbit"));
    try std.testing.expectEqual(2_500_000_000, rate("2.5Gbit"));
    try std.testing.expectEqual(rate_max, rate("1000Gbit"));
    for ([_][]const u8{
        "", "bit", "0bit", "0.0Gbit", "1", "1Mb", "1mbit", "1Mbps", "0.5bit", "1000.1Gbit", "1Tbit",
    }) |text| {
        try std.testing.expectEqual(null, rate(text));
    }
}
