//! Addresses and prefixes as people write them. An IPv4-mapped address is an IPv4 address here, in
//! both directions.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;

/// Of the longest address: eight groups of four digits.
pub const address_size_max = 39;

/// Dotted for IPv4, else as RFC 5952 (4) recommends: lower case, and the longest run of zero groups
/// (of two at least, the first of equals) as `::`.
pub fn format(address: Address, writer: *std.Io.Writer) std.Io.Writer.Error!void {
    if (address.isIpv4()) {
        const octets = address.ipv4();
        return writer.print("{d}.{d}.{d}.{d}", .{ octets[0], octets[1], octets[2], octets[3] });
    }
    const groups = groupsOf(address);
    const gap = longestZeroRun(groups);
    for (groups, 0..) |group, index| {
        if (index >= gap.first and index < gap.first + gap.count) {
            // The group before it has not written a colon, the group after it will.
            if (index == gap.first) try writer.writeAll(if (gap.isLast()) "::" else ":");
            continue;
        }
        if (index > 0) try writer.writeByte(':');
        try writer.print("{x}", .{group});
    }
}

/// For `{f}`.
pub fn formatter(address: Address) std.fmt.Alt(Address, format) {
    return .{ .data = address };
}

pub const Prefix = struct {
    first: Address,
    last: Address,
    /// In bits, of the address's own family.
    length: u8,
};

/// Reads `a.b.c.d/n` or an IPv6 prefix. Octets and lengths have no leading zeros (some read those
/// as octal), IPv6 has no dotted part and no zone.
pub fn parsePrefix(text: []const u8) error{
    /// It is no prefix of either family.
    NotAPrefix,
    /// Bits are set behind its length.
    BitsBehindLength,
    /// An IPv6 prefix that holds IPv4-mapped addresses (RFC 4291, 2.5.5.2), which here are IPv4's.
    HoldsMapped,
}!Prefix {
    const address_text, const length_text = std.mem.cutScalar(u8, text, '/') orelse
        return error.NotAPrefix;
    if (parseIpv4(address_text)) |first| {
        const length = parseSmall(length_text, 32) orelse return error.NotAPrefix;
        return rangeFrom(first, length, 32);
    }
    const first = parseIpv6(address_text) orelse return error.NotAPrefix;
    const length = parseSmall(length_text, 128) orelse return error.NotAPrefix;
    const prefix = try rangeFrom(first, length, 128);
    const mapped_first = Address.fromIpv4(@splat(0)).toInt();
    const mapped_last = Address.fromIpv4(@splat(255)).toInt();
    if (prefix.first.toInt() <= mapped_last and prefix.last.toInt() >= mapped_first) {
        return error.HoldsMapped;
    }
    return prefix;
}

fn rangeFrom(first: Address, length: u8, width: u8) error{BitsBehindLength}!Prefix {
    const number = first.toInt();
    const behind: u128 = @truncate((@as(u129, 1) << (width - length)) - 1);
    if (number & behind != 0) return error.BitsBehindLength;
    return .{ .first = first, .last = .fromInt(number | behind), .length = length };
}

fn parseIpv4(text: []const u8) ?Address {
    var octets: [4]u8 = undefined;
    var parts = std.mem.splitScalar(u8, text, '.');
    for (&octets) |*octet| octet.* = parseSmall(parts.next() orelse return null, 255) orelse
        return null;
    return if (parts.next() == null) .fromIpv4(octets) else null;
}

/// RFC 4291, 2.2, forms 1 and 2.
fn parseIpv6(text: []const u8) ?Address {
    const head_text, const tail_text = std.mem.cut(u8, text, "::") orelse .{ text, null };
    var groups: [8]u16 = @splat(0);
    const head_count = parseGroups(head_text, &groups) orelse return null;
    if (tail_text) |tail| {
        var tail_groups: [8]u16 = undefined;
        const tail_count = parseGroups(tail, &tail_groups) orelse return null;
        if (head_count + tail_count >= groups.len) return null;
        @memcpy(groups[groups.len - tail_count ..], tail_groups[0..tail_count]);
    } else if (head_count != groups.len) return null;

    var address: Address = undefined;
    for (groups, 0..) |group, index| {
        std.mem.writeInt(u16, address.octets[2 * index ..][0..2], group, .big);
    }
    return address;
}

/// How many groups there are: up to eight, none in an empty text.
fn parseGroups(text: []const u8, groups: *[8]u16) ?usize {
    if (text.len == 0) return 0;
    var count: usize = 0;
    var parts = std.mem.splitScalar(u8, text, ':');
    while (parts.next()) |part| : (count += 1) {
        if (part.len < 1 or part.len > 4 or count == groups.len) return null;
        groups[count] = 0;
        for (part) |digit| {
            const value = std.fmt.charToDigit(digit, 16) catch return null;
            groups[count] = groups[count] << 4 | value;
        }
    }
    return count;
}

fn parseSmall(text: []const u8, max: u8) ?u8 {
    if (text.len < 1 or text.len > 3) return null;
    if (text.len > 1 and text[0] == '0') return null;
    var value: u16 = 0;
    for (text) |digit| {
        if (!std.ascii.isDigit(digit)) return null;
        value = value * 10 + (digit - '0');
    }
    return if (value <= max) @intCast(value) else null;
}

fn groupsOf(address: Address) [8]u16 {
    var groups: [8]u16 = undefined;
    for (&groups, 0..) |*group, index| {
        group.* = std.mem.readInt(u16, address.octets[2 * index ..][0..2], .big);
    }
    return groups;
}

const ZeroRun = struct {
    first: usize = 0,
    count: usize = 0,

    fn isLast(run: ZeroRun) bool {
        return run.first + run.count == 8;
    }
};

fn longestZeroRun(groups: [8]u16) ZeroRun {
    var longest: ZeroRun = .{};
    var run: ZeroRun = .{};
    for (groups, 0..) |group, index| {
        if (group != 0) {
            run = .{};
            continue;
        }
        if (run.count == 0) run.first = index;
        run.count += 1;
        if (run.count > longest.count) longest = run;
    }
    return if (longest.count >= 2) longest else .{};
}

fn expectText(expected: []const u8, address: Address) !void {
    var buffer: [address_size_max]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    try format(address, &writer);
    try std.testing.expectEqualStrings(expected, writer.buffered());
}

test "IPv4 is dotted" {
    try expectText("10.32.0.255", .fromIpv4(.{ 10, 32, 0, 255 }));
    try expectText("0.0.0.0", .fromIpv4(.{ 0, 0, 0, 0 }));
    var buffer: [64]u8 = undefined;
    const text = try std.fmt.bufPrint(&buffer, "to {f}.", .{
        formatter(.fromIpv4(.{ 192, 0, 2, 1 })),
    });
    try std.testing.expectEqualStrings("to 192.0.2.1.", text);
}

test "IPv6 is written as RFC 5952 recommends, and read back" {
    const cases = [_]struct { u128, []const u8 }{
        .{ 0, "::" },
        .{ 1, "::1" },
        .{ 1 << 112, "1::" },
        .{ 0x2001_0db8_0032_0000_0000_0000_0000_0000, "2001:db8:32::" },
        .{ 0x2001_0db8_0000_0000_0000_0000_0002_0001, "2001:db8::2:1" },
        // One zero group is written out (4.2.2), and of two runs the longest (4.2.3) ...
        .{ 0x2001_0db8_0000_0001_0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1" },
        .{ 0x2001_0000_0000_0001_0000_0000_0000_0001, "2001:0:0:1::1" },
        // ... or the first is shortened.
        .{ 0x2001_0db8_0000_0000_0001_0000_0000_0001, "2001:db8::1:0:0:1" },
        .{ 0x0000_0000_0001_0002_0003_0004_0005_0006, "::1:2:3:4:5:6" },
        .{ 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        .{ 0xfedc_ba98_7654_3210_fedc_ba98_0000_0000, "fedc:ba98:7654:3210:fedc:ba98::" },
    };
    for (cases) |case| {
        const number, const text = case;
        try expectText(text, .fromInt(number));
        try std.testing.expectEqual(number, parseIpv6(text).?.toInt());
    }
    try std.testing.expectEqual(0xabcd << 112, parseIpv6("ABCD:0000::0").?.toInt());
    // A gap stands for one group at least.
    try std.testing.expectEqual(
        0x0001_0002_0003_0004_0000_0006_0007_0008,
        parseIpv6("1:2:3:4::6:7:8").?.toInt(),
    );
}

test "prefixes have a first and a last address" {
    const private = try parsePrefix("10.32.0.0/12");
    try expectText("10.32.0.0", private.first);
    try expectText("10.47.255.255", private.last);
    try std.testing.expectEqual(12, private.length);

    const all = try parsePrefix("0.0.0.0/0");
    try expectText("0.0.0.0", all.first);
    try expectText("255.255.255.255", all.last);

    const single = try parsePrefix("192.0.2.1/32");
    try expectText("192.0.2.1", single.first);
    try expectText("192.0.2.1", single.last);

    const documentation = try parsePrefix("2001:db8:32::/112");
    try expectText("2001:db8:32::", documentation.first);
    try expectText("2001:db8:32::ffff", documentation.last);
    try std.testing.expectEqual(112, documentation.length);

    const upper_half = try parsePrefix("8000::/1");
    try expectText("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", upper_half.last);
    try expectText("::1", (try parsePrefix("::1/128")).last);
}

test "what is no prefix" {
    for ([_][]const u8{
        "",                      "/",                    "/8",                 "10.0.0.0",
        "10.0.0.0/",             "10.0.0.0/33",          "10.0.0.0/08",        "10.0.0.0/+8",
        "10.0.0.0/8/8",          "10.0.0/8",             "10.0.0.0.0/8",       "10.0.0.256/32",
        "10.0.0.01/32",          "10.0..0/8",            " 10.0.0.0/8",        "10.0.0.0x/8",
        "::/129",                "::",                   ":/0",                ":::/0",
        "1::2::3/128",           "1:2:3:4:5:6:7/128",    "1:2:3:4:5:6:7:/128", ":1:2:3:4:5:6:7/128",
        "12345::/16",            "g::/16",               "fe80::%1/64",        "::10.0.0.0/128",
        "1:2:3:4:5:6:7:8:9/128", "1:2:3:4::5:6:7:8/128", "1_0::/16",           "+1::/16",
    }) |text| {
        try std.testing.expectError(error.NotAPrefix, parsePrefix(text));
    }
    for ([_][]const u8{ "10.1.0.0/8", "10.0.0.1/31", "0.0.0.1/0", "2001:db8::1/64" }) |text| {
        try std.testing.expectError(error.BitsBehindLength, parsePrefix(text));
    }
    for ([_][]const u8{ "::/0", "::/64", "::ffff:a00:0/104", "::ffff:0:0/96" }) |text| {
        try std.testing.expectError(error.HoldsMapped, parsePrefix(text));
    }
}
