//! What people are told about world files that are wrong.

const std = @import("std");
const testing = std.testing;
const Diagnosis = @import("../diagnosis.zig").Diagnosis;
const world_file = @import("../world_file.zig");

fn expectRefusal(name: []const u8, text: []const u8, expected: []const u8) !void {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    var diagnosis: Diagnosis = .{};
    const result = world_file.parse(arena.allocator(), name, text, &diagnosis);
    testing.expectError(error.InvalidWorld, result) catch |err| {
        std.debug.print("of {s}\n", .{text});
        return err;
    };
    try testing.expectEqualStrings(expected, diagnosis.message());
}

/// The first is what line 2 of the file says, the second why it is refused.
const Case = struct { []const u8, []const u8 };

fn expectRefusals(comptime first_line: []const u8, cases: []const Case) !void {
    for (cases) |case| {
        var text: [512]u8 = undefined;
        var expected: [1024]u8 = undefined;
        const content, const reason = case;
        try expectRefusal(
            "a.world",
            try std.fmt.bufPrint(&text, first_line ++ "\n{s}\n", .{content}),
            try std.fmt.bufPrint(&expected, "Cannot read a.world, line 2: {s}", .{reason}),
        );
    }
}

test "keys that do not exist, stand in the wrong place, or twice" {
    const world_has = "a world has seed, certificates, chain-length, connections, " ++
        "and then each prefix";
    const prefix_has = "a prefix has hosts, absent, port, ttl, window, options, behavior, " ++
        "tls-version, tls-retry, tls-name, round-trip, loss, duplicate, reorder, bandwidth, " ++
        "elsewhere, vlan, mtu, on-link";
    try expectRefusals("# A world", &.{
        .{ "sed 1", "unknown key \"sed\"; " ++ world_has },
        .{ "Seed 1", "unknown key \"Seed\"; " ++ world_has },
        .{ "seed=1", "unknown key \"seed=1\"; " ++ world_has },
        .{
            "hosts 60%",
            "hosts is about a prefix; write it below a line like \"prefix 10.32.0.0/16\"",
        },
    });
    try expectRefusals("prefix 10.0.0.0/8", &.{
        .{ "densty 60%", "unknown key \"densty\"; " ++ prefix_has },
        .{ "\x1b[2J\x07\u{202e}", "unknown key \"\\x1b[2J\\x07\\xe2\\x80\\xae\"; " ++ prefix_has },
        .{ "x" ** 100, "unknown key \"" ++ "x" ** 64 ++ "...\"; " ++ prefix_has },
        .{ "seed 1", "seed is about the world; write it before the first prefix, on line 1" },
        .{ "h\xf6sts 60%", "it is not UTF-8; save the file as UTF-8" },
        .{ "# h\xf6sts", "it is not UTF-8; save the file as UTF-8" },
    });
    try expectRefusals("seed 1", &.{
        .{ "seed 2", "seed has been said on line 1; leave out one of the two" },
    });
    try expectRefusal(
        "a.world",
        "prefix 10.0.0.0/8\nttl 64\nprefix 11.0.0.0/8\nttl 64\nhosts 1%\nttl 64\n",
        "Cannot read a.world, line 6: ttl has been said on line 4; leave out one of the two",
    );
}

test "values about the world" {
    try expectRefusals("# A world", &.{
        .{ "seed", "seed lacks its value; write it like \"seed 1\"" },
        .{ "seed 1 2", "seed does not go on with \"2\"; write it like \"seed 1\"" },
        .{
            "seed 18446744073709551616",
            "seed \"18446744073709551616\" is no number from 0 to 18446744073709551615; " ++
                "write it like \"seed 1\"",
        },
        .{
            "certificates 0",
            "certificates \"0\" is no number from 1 to 65536; write it like \"certificates 512\"",
        },
        .{
            "certificates 65537",
            "certificates \"65537\" is no number from 1 to 65536; " ++
                "write it like \"certificates 512\"",
        },
        .{
            "chain-length 6",
            "chain-length \"6\" is no number from 1 to 5; " ++
                "write it like \"chain-length 1 20% 2 3 30%\"",
        },
        .{
            "connections 1048577",
            "connections \"1048577\" is no number from 1 to 1048576; " ++
                "write it like \"connections 131072\"",
        },
    });
}

test "prefixes" {
    const way_out = "; write it like \"prefix 10.32.0.0/16\"";
    try expectRefusals("", &.{
        .{ "prefix", "prefix lacks its addresses" ++ way_out },
        .{ "prefix 10.0.0.0", "\"10.0.0.0\" is no prefix of IPv4 or IPv6" ++ way_out },
        .{ "prefix 10.0.0.0/33", "\"10.0.0.0/33\" is no prefix of IPv4 or IPv6" ++ way_out },
        .{ "prefix 10.0.0.0/8 x", "prefix does not go on with \"x\"" ++ way_out },
        .{ "prefix 10.1.0.0/8", "prefix 10.1.0.0/8 has bits set behind its length" ++ way_out },
        .{
            "prefix ::ffff:0:0/96",
            "prefix ::ffff:0:0/96 holds IPv4-mapped addresses; " ++
                "write IPv4 as in \"prefix 10.32.0.0/16\"",
        },
    });
    try expectRefusal(
        "world.txt",
        "\n\nprefix 10.0.0.0/8\n\nprefix 2001:db8::/32\nprefix 11.0.0.0/8\n\nprefix 10.1.0.0/16\n",
        "Cannot read world.txt, line 8: prefix 10.1.0.0/16 overlaps 10.0.0.0/8 of line 3",
    );
    try expectRefusal(
        "world.txt",
        "prefix 2001:db8:1::/48\nprefix 2001:db8::/32\n",
        "Cannot read world.txt, line 2: prefix 2001:db8::/32 overlaps 2001:db8:1::/48 of line 1",
    );
    try expectRefusal(
        "world.txt",
        "prefix 10.0.0.0/8\nprefix 10.0.0.0/8\n",
        "Cannot read world.txt, line 2: prefix 10.0.0.0/8 overlaps 10.0.0.0/8 of line 1",
    );
}

test "shares of values" {
    try expectRefusals("prefix 10.0.0.0/8", &.{
        .{ "ttl 64 70% 128 60%", "shares of ttl add up to 130%: more than 100%" },
        .{ "ttl 1 100% 2 0.0001% 3", "shares of ttl add up to 100.0001%: more than 100%" },
        .{
            "ttl 64 70% 128 20.5%",
            "shares of ttl add up to 90.5%: less than 100%; a value without a share takes the rest",
        },
        .{
            "ttl 64 70% 128 255",
            "neither \"128\" nor \"255\" of ttl has a share: " ++
                "only one value may take what remains",
        },
        .{
            "ttl 64 101%",
            "ttl \"101%\" is no share from 0% to 100% with at most 4 decimals; " ++
                "write it like \"ttl 64 70% 128\"",
        },
        .{
            "ttl 64 0.00001% 128",
            "ttl \"0.00001%\" is no share from 0% to 100% with at most 4 decimals; " ++
                "write it like \"ttl 64 70% 128\"",
        },
        .{
            "ttl 70% 64",
            "ttl \"70%\" is no number from 1 to 255; write it like \"ttl 64 70% 128\"",
        },
        .{ "ttl", "ttl lacks its value; write it like \"ttl 64 70% 128\"" },
        .{ "port 443 open 50%", "shares of port add up to 50%: less than 100%; " ++
            "a value without a share takes the rest" },
    });
}

test "values about a prefix" {
    try expectRefusals("prefix 10.0.0.0/8", &.{
        .{ "hosts", "hosts lacks its share; write it like \"hosts 60%\"" },
        .{ "hosts 60", "hosts \"60\" is no share from 0% to 100% with at most 4 decimals; " ++
            "write it like \"hosts 60%\"" },
        .{ "hosts 60% 70%", "hosts does not go on with \"70%\"; write it like \"hosts 60%\"" },
        .{ "absent closed", "absent \"closed\" is unknown; there are silent, unreachable" },
        .{ "ttl 0", "ttl \"0\" is no number from 1 to 255; write it like \"ttl 64 70% 128\"" },
        .{ "ttl 256", "ttl \"256\" is no number from 1 to 255; write it like \"ttl 64 70% 128\"" },
        .{ "window 65536", "window \"65536\" is no number from 0 to 65535; " ++
            "write it like \"window 65535 29200 40%\"" },
        .{ "options beos", "options \"beos\" is unknown; " ++
            "there are linux, windows, bsd, mss, none" },
        .{
            "behavior lazy",
            "behavior \"lazy\" is unknown; there are ordinary, zero-window, " ++
                "silent-after-syn-ack, never-answers, answers-on-all-ports, resets-after-data, " ++
                "one-byte-per-second, endless-records, wrong-lengths, data-in-syn-ack, " ++
                "wrong-acknowledgment, spoofed-replies",
        },
        .{ "tls-version 1.1", "tls-version \"1.1\" is unknown; there are 1.2, 1.2+1.3, 1.3" },
        .{ "tls-retry 5", "tls-retry \"5\" is no share from 0% to 100% with at most 4 decimals; " ++
            "write it like \"tls-retry 5%\"" },
        .{ "tls-name -5%", "tls-name \"-5%\" is no share from 0% to 100% with at most " ++
            "4 decimals; write it like \"tls-name 5%\"" },
        .{ "elsewhere", "elsewhere lacks its share; write it like \"elsewhere 1%\"" },
        .{ "vlan 0", "vlan \"0\" is no number from 1 to 4094; write it like \"vlan 100\"" },
        .{ "vlan 4095", "vlan \"4095\" is no number from 1 to 4094; write it like \"vlan 100\"" },
        .{ "mtu 575", "mtu \"575\" is no number from 576 to 1500; write it like \"mtu 1400\"" },
        .{ "mtu 1501", "mtu \"1501\" is no number from 576 to 1500; write it like \"mtu 1400\"" },
        .{ "on-link yes", "on-link does not go on with \"yes\"; write it like \"on-link\"" },
    });
    try expectRefusals("prefix 2001:db8::/64", &.{
        .{ "mtu 1279", "mtu \"1279\" is no number from 1280 to 1500; write it like \"mtu 1400\"" },
    });
}

test "the path" {
    const round_trip = "; write it like \"round-trip 20ms..200ms 300ms 5%\"";
    const no_time = " is no time from 0 to 10s and no range of them" ++ round_trip;
    const loss = "; write it like \"loss forward 1% back 2%\"";
    const reorder = "; write it like \"reorder 5% by 30ms\"";
    const bandwidth = "; write it like \"bandwidth 100Mbit queue 50ms\"";
    try expectRefusals("prefix 10.0.0.0/8", &.{
        .{ "round-trip 50", "round-trip \"50\"" ++ no_time },
        .{ "round-trip 11s", "round-trip \"11s\"" ++ no_time },
        .{ "round-trip 20..200ms", "round-trip \"20..200ms\"" ++ no_time },
        .{ "round-trip 20ms..", "round-trip \"20ms..\"" ++ no_time },
        .{ "round-trip 20ms..1s..2s", "round-trip \"20ms..1s..2s\"" ++ no_time },
        .{
            "round-trip 200ms..20ms",
            "round-trip \"200ms..20ms\" ends before it begins" ++ round_trip,
        },
        .{ "loss", "loss lacks its share" ++ loss },
        .{ "loss forward", "loss lacks its share" ++ loss },
        .{ "loss forward 1% 2%", "loss does not go on with \"2%\"" ++ loss },
        .{ "loss 1% back 2%", "loss does not go on with \"back\"" ++ loss },
        .{ "loss back 1% back 2%", "loss says back twice" ++ loss },
        .{
            "duplicate up 1%",
            "duplicate \"up\" is no share from 0% to 100% with at most 4 decimals; " ++
                "write it like \"duplicate forward 1% back 2%\"",
        },
        .{ "reorder 5%", "reorder lacks the word by" ++ reorder },
        .{ "reorder 5% 30ms", "reorder lacks the word by" ++ reorder },
        .{ "reorder 5% by", "reorder lacks its time" ++ reorder },
        .{ "reorder 5% by 30", "reorder \"30\" is no time from 0 to 10s" ++ reorder },
        .{ "reorder 5% by 1ms 2ms", "reorder does not go on with \"2ms\"" ++ reorder },
        .{ "bandwidth", "bandwidth lacks its rate" ++ bandwidth },
        .{ "bandwidth 100Mbit", "bandwidth lacks the word queue" ++ bandwidth },
        .{
            "bandwidth 0bit queue 1ms",
            "bandwidth \"0bit\" is no rate from 1bit to 1000Gbit" ++ bandwidth,
        },
        .{
            "bandwidth back 100Mbps queue 1ms",
            "bandwidth \"100Mbps\" is no rate from 1bit to 1000Gbit" ++ bandwidth,
        },
        .{
            "bandwidth 1bit queue 11s",
            "bandwidth \"11s\" is no time from 0 to 10s" ++ bandwidth,
        },
    });
}

test "ports" {
    const way_out = "; write it like \"port 443,8000-8999 tls open 90% closed\"";
    const no_port = " is no port from 1 to 65535 and no ascending range of them" ++ way_out;
    try expectRefusals("prefix 10.0.0.0/8", &.{
        .{ "port", "port lacks its ports" ++ way_out },
        .{ "port 443", "port lacks its service or its state" ++ way_out },
        .{ "port 0 open", "\"0\"" ++ no_port },
        .{ "port 65536 open", "\"65536\"" ++ no_port },
        .{ "port 443,,80 open", "\"\"" ++ no_port },
        .{ "port 443, 80 open", "\"\"" ++ no_port },
        .{ "port 9-1 open", "\"9-1\"" ++ no_port },
        .{ "port 1-2-3 open", "\"1-2-3\"" ++ no_port },
        .{ "port 80,other open", "\"other\"" ++ no_port },
        .{
            "port 443 opne",
            "\"opne\" is no service (tls, http, ssh, mute) " ++
                "and no state (open, closed, silent, unreachable) of a port",
        },
        .{
            "port 443 tls tls",
            "port \"tls\" is unknown; there are open, closed, silent, unreachable",
        },
    });
    try expectRefusal(
        "a.world",
        "prefix 10.0.0.0/8\nport other silent\nport 443 tls\n",
        "Cannot read a.world, line 3: no port is left behind \"port other\" of line 2; " ++
            "write it before that",
    );
}

test "files that are no worlds" {
    const no_prefix = "it has no prefix; add a line like \"prefix 10.32.0.0/16\"";
    try expectRefusal("a.world", "", "Cannot read a.world: " ++ no_prefix);
    try expectRefusal("a.world", "seed 1\n# prefix ::/1\n", "Cannot read a.world: " ++ no_prefix);
    try expectRefusal("\x1b.world", "", "Cannot read \\x1b.world: " ++ no_prefix);
    const fitting = "#" ** world_file.size_max;
    try expectRefusal("a.world", fitting, "Cannot read a.world: " ++ no_prefix);
    try expectRefusal(
        "a.world",
        fitting ++ "\n",
        "Cannot read a.world: it has 1048577 octets; keep a world below 1048576",
    );
}
