const std = @import("std");
const script_of = @import("script.zig");
const Script = script_of.Script;
const synchronize = script_of.synchronize;
const accepted = script_of.accepted;

test "a handshake with an entry, and an answer to the request that came with its last segment" {
    const script = try Script.create(script_of.default_prefix, 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    try script.expect(accepted);
    try std.testing.expectEqual(1, script.server.counters.half_open);
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001, .payload = "hello\n" });
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true },
        .payload = "answer",
    });
    try script.expectNothing();
    try std.testing.expectEqual(1, script.server.counters.opened);
    try std.testing.expectEqual(0, script.server.counters.opened_by_cookie);
    try std.testing.expectEqual(0, script.server.counters.half_open);
}

test "a handshake that only its cookie remembers" {
    const script = try Script.create(script_of.default_prefix, 1); // Half of one is none.
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    try script.expect(accepted);
    try std.testing.expectEqual(0, script.server.table.count());
    // The first acknowledgment was lost; data comes first.
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001, .payload = "hello\n" });
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true },
        .payload = "answer",
    });
    try std.testing.expectEqual(1, script.server.counters.opened_by_cookie);
}

test "what proves no cookie is reset" {
    const script = try Script.create(script_of.default_prefix, 1);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    try script.expect(accepted);
    const reset: script_of.Literal = .{ .sequence = 0, .flags = .{ .reset = true }, .window = 0 };
    for ([_]u32{ 5001 - 128, 5001 + 128, 77 }) |acknowledgment| {
        script.feed(.{ .sequence = 1001, .acknowledgment = acknowledgment });
        var literal = reset;
        literal.sequence = acknowledgment;
        try script.expect(literal);
    }
    // The right number, but not behind the SYN.
    script.feed(.{ .sequence = 1461, .acknowledgment = 5001 });
    try script.expect(.{ .sequence = 5001, .flags = .{ .reset = true }, .window = 0 });
    try script.expectNone();
}

test "what comes late opens no connection again, unless SYN-ACKs were forgotten" {
    const script = try Script.createOpen(script_of.default_prefix);
    defer script.destroy();
    const late: script_of.Literal = .{
        .sequence = 1001,
        .acknowledgment = 5001,
        .payload = "late\n",
    };
    script.feed(.{ .sequence = 1001, .flags = .{ .reset = true } });
    script.feed(late);
    try script.expect(.{ .sequence = 5001, .flags = .{ .reset = true }, .window = 0 });
    try script.expectNone();

    var other = synchronize;
    other.sequence = 70_000;
    script.feed(other);
    script.wait(31_000);
    script.forgetSent();
    try script.expectNone();
    script.wait(59_999);
    script.feed(late);
    try std.testing.expectEqual(1, script.server.counters.opened_by_cookie);
    script.feed(.{ .sequence = 1006, .flags = .{ .reset = true } });
    script.forgetSent();
    script.wait(1);
    script.feed(late);
    try script.expect(.{ .sequence = 5001, .flags = .{ .reset = true }, .window = 0 });
}

test "options: those of the profile that the client offered" {
    var prefix = script_of.default_prefix;
    prefix.options = .only(.linux);
    for ([_]u32{ 1, 2 }) |connection_count_max| {
        const script = try Script.create(prefix, connection_count_max);
        defer script.destroy();
        script.feed(.{
            .sequence = 1000,
            .flags = .{ .synchronize = true },
            .options = .{
                .maximum_segment_size = 1460,
                .window_scale = 3,
                .selective_acknowledgment_permitted = true,
                .timestamps = .{ .value = 70, .echo = 0 },
            },
        });
        script.learn();
        try script.expect(.{
            .sequence = 5000,
            .acknowledgment = 1001,
            .flags = .{ .synchronize = true, .acknowledge = true },
            .window = 8192,
            .options = .{
                .maximum_segment_size = 1460,
                .window_scale = 7,
                .selective_acknowledgment_permitted = true,
                .timestamps = .{ .value = 1000, .echo = 70 },
            },
        });
        script.wait(10);
        script.environment.response = "x" ** 2000;
        // A window of 200 * 8 octets.
        script.feed(.{
            .sequence = 1001,
            .acknowledgment = 5001,
            .window = 200,
            .options = .{ .timestamps = .{ .value = 80, .echo = 1000 } },
            .payload = "hello\n",
        });
        try script.expect(.{
            .sequence = 5001,
            .acknowledgment = 1007,
            .window = 16_384 >> 7,
            .options = .{ .timestamps = .{ .value = 1010, .echo = 80 } },
            .payload = "x" ** 1448, // And twelve of timestamps.
        });
        try script.expectNothing();
    }
}

test "options: none where the profile has none, and what the client did not offer" {
    var prefix = script_of.default_prefix;
    prefix.options = .only(.none);
    const script = try Script.create(prefix, 4);
    defer script.destroy();
    var offer = synchronize;
    offer.options.window_scale = 7;
    offer.options.timestamps = .{ .value = 1, .echo = 0 };
    script.feed(offer);
    script.learn();
    var expected = accepted;
    expected.options = .{};
    try script.expect(expected);

    script.prefix[0].options = .only(.windows);
    offer.sequence = 77_000;
    offer.options = .{};
    script.feed(offer);
    script.learn();
    expected = accepted;
    expected.acknowledgment = 77_001;
    try script.expect(expected);
}

test "a repeated SYN gets the same answer, with an entry and without" {
    for ([_]u32{ 1, 4 }) |connection_count_max| {
        const script = try Script.create(script_of.default_prefix, connection_count_max);
        defer script.destroy();
        script.feed(synchronize);
        script.learn();
        try script.expect(accepted);
        script.feed(synchronize);
        try script.expect(accepted);
        try script.expectNothing();
        try std.testing.expectEqual(connection_count_max / 4, script.server.table.count());
    }
}

test "a SYN with another number takes the place of a half-open connection" {
    const script = try Script.create(script_of.default_prefix, 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    try script.expect(accepted);
    const base = script.base;
    var other = synchronize;
    other.sequence = 900_000;
    script.feed(other);
    script.learn();
    try std.testing.expect(script.base != base);
    var expected = accepted;
    expected.acknowledgment = 900_001;
    try script.expect(expected);
    try std.testing.expectEqual(1, script.server.counters.half_open);
}

test "the SYN-ACK is repeated with growing patience, forgotten, and still good" {
    const script = try Script.create(script_of.default_prefix, 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    try script.expect(accepted);
    for ([_]u64{ 1000, 2000, 4000, 8000, 16_000 }) |wait_ms| {
        script.wait(wait_ms - 1);
        try script.expectNothing();
        script.wait(1);
        try script.expect(accepted);
    }
    try script.expectNone();
    try std.testing.expectEqual(1, script.server.counters.half_open_forgotten);
    try std.testing.expectEqual(5, script.server.counters.retransmissions);
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001 });
    try std.testing.expectEqual(1, script.server.counters.opened_by_cookie);
}

test "a half-open connection: resets, wrong acknowledgments, and segments without one" {
    const script = try Script.create(script_of.default_prefix, 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    try script.expect(accepted);
    // Outside of the window.
    for ([_]u32{ 1000, 1001 + 16_384 }) |sequence| {
        script.feed(.{ .sequence = sequence, .flags = .{ .reset = true } });
    }
    script.feed(.{ .sequence = 1001, .flags = .{ .finish = true } });
    script.feed(.{ .sequence = 1001, .flags = .{} });
    try script.expectNothing();
    for ([_]u32{ 5000, 5002 }) |acknowledgment| {
        script.feed(.{ .sequence = 1001, .acknowledgment = acknowledgment });
        try script.expect(.{
            .sequence = acknowledgment,
            .flags = .{ .reset = true },
            .window = 0,
        });
    }
    try std.testing.expectEqual(1, script.server.counters.half_open);
    script.feed(.{ .sequence = 1001, .flags = .{ .reset = true } });
    try script.expectNone();
    try std.testing.expectEqual(1, script.server.counters.resets_received);
}

test "an open port says nothing to what neither opens nor acknowledges" {
    const script = try Script.create(script_of.default_prefix, 4);
    defer script.destroy();
    for ([_]@import("../../src/wire/tcp.zig").Flags{
        .{},
        .{ .finish = true },
        .{ .finish = true, .push = true, .urgent = true },
        .{ .synchronize = true, .finish = true },
        .{ .reset = true },
        .{ .reset = true, .acknowledge = true },
    }) |flags| script.feed(.{ .sequence = 1000, .flags = flags });
    try script.expectNone();
    script.feed(.{
        .sequence = 1000,
        .acknowledgment = 88,
        .flags = .{ .synchronize = true, .acknowledge = true },
    });
    try script.expect(.{ .sequence = 88, .flags = .{ .reset = true }, .window = 0 });
}

test "a full table drops the end of a handshake, so that the client tries again" {
    const script = try Script.create(script_of.default_prefix, 1);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    script.forgetSent();
    const route = script_of.route;
    var other = route;
    other.peer = .fromIpv4(.{ 192, 0, 2, 2 });
    const host = script.environment.hostOf(route);
    const other_synchronize: @import("../../src/wire/tcp.zig").Segment = .{
        .source_port = script_of.client_port,
        .destination_port = script_of.host_port,
        .sequence = .fromInt(1000),
        .acknowledgment = .fromInt(0),
        .flags = .{ .synchronize = true },
        .window = 1000,
    };
    script.server.receive(script.now, other, host, other_synchronize);
    var last = other_synchronize;
    last.sequence = .fromInt(1001);
    last.acknowledgment = script.environment.sent[0].segment.sequence.add(1);
    last.flags = .{ .acknowledge = true };
    script.server.receive(script.now, other, host, last);
    script.forgetSent();
    try std.testing.expectEqual(1, script.server.counters.at_once);

    script.feed(.{ .sequence = 1001, .acknowledgment = 5001, .payload = "hello\n" });
    try script.expectNothing();
    try std.testing.expectEqual(1, script.server.counters.refused_full);

    last.flags = .{ .reset = true };
    script.server.receive(script.now, other, host, last);
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001, .payload = "hello\n" });
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true },
        .payload = "answer",
    });
}
