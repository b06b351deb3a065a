//! A world as one line of JSON: what a program that uses it must know before it starts.

const std = @import("std");
const address_text = @import("address_text.zig");
const Share = @import("weighted.zig").Share;
const share_all = @import("weighted.zig").share_all;
const World = @import("world.zig").World;

/// Writes `{"seed":N,"certificates":N,"chain_lengths":[[LENGTH,SHARE],...],"prefixes":[...]}` and a
/// line feed; a prefix's `hosts` is the share of its addresses that are hosts. Shares are of 1. A
/// seed may be more than a double holds exactly.
pub fn describe(world: *const World, writer: *std.Io.Writer) std.Io.Writer.Error!void {
    try writer.print("{{\"seed\":{d},\"certificates\":{d},\"chain_lengths\":[", .{
        world.seed, world.chain_count,
    });
    for (world.chain_size.options, 0..) |option, index| {
        if (index > 0) try writer.writeByte(',');
        try writer.print("[{d},{d}]", .{ option.value, fraction(option.share) });
    }
    try writer.writeAll("],\"prefixes\":[");
    for (world.prefixes, 0..) |prefix, index| {
        if (index > 0) try writer.writeByte(',');
        try writer.print(
            "{{\"prefix\":\"{f}/{d}\",\"hosts\":{d},\"vlan\":{d},\"on_link\":{},\"mtu\":{d}}}",
            .{
                address_text.formatter(prefix.first), prefix.length,
                fraction(prefix.hosts),               prefix.vlan,
                prefix.on_link,                       prefix.mtu,
            },
        );
    }
    try writer.writeAll("]}\n");
}

fn fraction(share: Share) f64 {
    return @as(f64, @floatFromInt(share)) / share_all;
}

test "a world is one line of JSON" {
    const world: World = .{
        .seed = std.math.maxInt(u64),
        .chain_count = 7,
        .chain_size = .{ .options = &.{
            .{ .value = 1, .share = 1 },
            .{ .value = 5, .share = 999_999 },
        } },
        .prefixes = &.{
            .{
                .first = .fromIpv4(.{ 10, 32, 0, 0 }),
                .last = .fromIpv4(.{ 10, 47, 255, 255 }),
                .length = 12,
                .hosts = 600_000,
            },
            .{
                .first = .fromInt(0x20010db8_00320000_00000000_00000000),
                .last = .fromInt(0x20010db8_00320000_00000000_0000ffff),
                .length = 112,
                .vlan = 100,
                .mtu = 1280,
                .on_link = true,
            },
        },
    };
    var buffer: [512]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    try describe(&world, &writer);
    try std.testing.expectEqualStrings(
        "{\"seed\":18446744073709551615,\"certificates\":7," ++
            "\"chain_lengths\":[[1,0.000001],[5,0.999999]],\"prefixes\":[" ++
            "{\"prefix\":\"10.32.0.0/12\",\"hosts\":0.6,\"vlan\":0,\"on_link\":false," ++
            "\"mtu\":1500}," ++
            "{\"prefix\":\"2001:db8:32::/112\",\"hosts\":1,\"vlan\":100,\"on_link\":true," ++
            "\"mtu\":1280}]}\n",
        writer.buffered(),
    );
}
