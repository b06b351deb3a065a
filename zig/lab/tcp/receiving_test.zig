const std = @import("std");
const Script = @import("script.zig").Script;
const Literal = @import("script.zig").Literal;
const default_prefix = @import("script.zig").default_prefix;
const synchronize = @import("script.zig").synchronize;

const answer: Literal = .{
    .sequence = 5001,
    .acknowledgment = 1007,
    .flags = .{ .acknowledge = true, .push = true },
    .payload = "answer",
};

fn hello(sequence: u32, payload: []const u8) Literal {
    return .{ .sequence = sequence, .acknowledgment = 5001, .payload = payload };
}

test "a request in parts is acknowledged part by part, and answered when it is whole" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.feed(hello(1001, "he"));
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1003, .window = 16_382 });
    script.feed(hello(1003, "llo"));
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1006, .window = 16_379 });
    try std.testing.expectEqual(1, script.server.requests.takenCount());
    script.feed(hello(1006, "\n"));
    try script.expect(answer);
    try script.expectNothing();
    try std.testing.expectEqual(0, script.server.requests.takenCount());
    try std.testing.expectEqual(3, script.environment.ask_count);
}

test "what comes out of order is asked for again" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.feed(hello(1003, "llo\n"));
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1001 });
    script.feed(hello(1001, "he"));
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1003, .window = 16_382 });
    script.feed(hello(1003, "llo\n"));
    try script.expect(answer);
    try script.expectNothing();
}

test "what comes twice is acknowledged twice, and taken once" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.feed(hello(1001, "hel"));
    script.forgetSent();
    script.feed(hello(1001, "hel"));
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1004, .window = 16_381 });
    script.feed(hello(1001, "hello\n")); // And more.
    try script.expect(answer);
    script.feed(hello(1001, "hello\n"));
    try script.expect(.{ .sequence = 5007, .acknowledgment = 1007 });
    try std.testing.expectEqual(2, script.environment.ask_count);
}

test "the handshake's last segment is lost, and the second of two with data comes first" {
    const script = try Script.create(default_prefix, 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    script.forgetSent();
    script.feed(hello(1003, "llo\n"));
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1001 });
    script.feed(hello(1001, "he"));
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1003, .window = 16_382 });
}

test "requests in a row: the second is answered when the first answer has arrived" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.feed(hello(1001, "first\nsecond\n"));
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1014,
        .flags = .{ .acknowledge = true, .push = true },
        .window = 16_384 - 7,
        .payload = "answer",
    });
    try script.expectNothing();
    const entropy = script.environment.last_entropy;
    script.feed(.{ .sequence = 1014, .acknowledgment = 5007 });
    try script.expect(.{
        .sequence = 5007,
        .acknowledgment = 1014,
        .flags = .{ .acknowledge = true, .push = true },
        .payload = "answer",
    });
    try script.expectNothing();
    try std.testing.expectEqual(0, script.server.requests.takenCount());
    try std.testing.expect(script.environment.last_entropy != entropy);
}

test "a greeting comes once, before any answer" {
    const script = try Script.create(default_prefix, 4);
    defer script.destroy();
    script.environment.greeting = "welcome";
    script.feed(synchronize);
    script.learn();
    script.forgetSent();
    script.feed(hello(1001, "hello\n"));
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true },
        .window = 16_378,
        .payload = "welcome",
    });
    script.feed(.{ .sequence = 1007, .acknowledgment = 5008 });
    try script.expect(.{
        .sequence = 5008,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true },
        .payload = "answer",
    });
    try std.testing.expectEqual(1, script.environment.greet_count);
}

test "a request longer than a buffer is refused" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    const part = "x" ** 1024;
    for (0..15) |number| script.feed(hello(1001 + @as(u32, @intCast(number)) * 1024, part));
    script.forgetSent();
    script.feed(hello(1001 + 15 * 1024, part));
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1001 + 16 * 1024,
        .flags = .{ .acknowledge = true, .reset = true },
        .window = 0,
    });
    try script.expectNone();
    try std.testing.expectEqual(1, script.server.counters.refused_request);
}

test "a window that filled up opens with the next answer" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.feed(hello(1001, "first\n"));
    script.forgetSent();
    const part = "y" ** 1023 ++ "\n";
    for (0..16) |number| script.feed(hello(1007 + @as(u32, @intCast(number)) * 1024, part));
    script.forgetSent();
    // It is full.
    script.feed(hello(1007 + 16 * 1024, "more"));
    const next = 1007 + 16 * 1024;
    try script.expect(.{ .sequence = 5007, .acknowledgment = next, .window = 0 });
    script.environment.response = "";
    script.feed(.{ .sequence = next, .acknowledgment = 5007 });
    try script.expect(.{ .sequence = 5007, .acknowledgment = next });
    try script.expectNothing();
}

test "a reset counts where its number is the next, and is asked about elsewhere in the window" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    for ([_]u32{ 1000, 1001 + 16_384, 0x8000_0000 }) |outside| {
        script.feed(.{ .sequence = outside, .flags = .{ .reset = true } });
    }
    try script.expectNothing();
    for ([_]u32{ 1002, 1001 + 16_383 }) |inside| {
        script.feed(.{ .sequence = inside, .flags = .{ .reset = true } });
        try script.expect(.{ .sequence = 5001, .acknowledgment = 1001 });
    }
    try std.testing.expectEqual(1, script.server.counters.at_once);
    script.feed(.{ .sequence = 1001, .flags = .{ .reset = true, .acknowledge = true } });
    try script.expectNone();
    try std.testing.expectEqual(1, script.server.counters.resets_received);
}

test "SYN, nonsense and what is far off are answered by where the connection is" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    const challenge: Literal = .{ .sequence = 5001, .acknowledgment = 1001 };
    script.feed(synchronize);
    try script.expect(challenge);
    script.feed(.{ .sequence = 77, .flags = .{ .synchronize = true } });
    try script.expect(challenge);
    script.feed(.{ .sequence = 1001, .acknowledgment = 5002 }); // Not sent yet.
    try script.expect(challenge);
    script.feed(.{ .sequence = 1000, .acknowledgment = 5001 }); // A keep-alive probe.
    try script.expect(challenge);
    script.feed(.{ .sequence = 1001 + 16_385, .acknowledgment = 5001 });
    try script.expect(challenge);
    script.feed(.{ .sequence = 1001, .flags = .{}, .payload = "without an acknowledgment\n" });
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001 });
    try script.expectNothing();
    script.feed(hello(1001, "hello\n"));
    try script.expect(answer);
}

test "timestamps are echoed from what comes in order" {
    var prefix = default_prefix;
    prefix.options = .only(.bsd);
    const script = try Script.create(prefix, 4);
    defer script.destroy();
    var offer = synchronize;
    offer.options.timestamps = .{ .value = 10, .echo = 0 };
    script.feed(offer);
    script.learn();
    script.forgetSent();
    const parts = [_]struct { sequence: u32, value: u32, echo: u32, acknowledgment: u32 }{
        .{ .sequence = 1001, .value = 20, .echo = 20, .acknowledgment = 1003 },
        .{ .sequence = 1005, .value = 40, .echo = 20, .acknowledgment = 1003 },
        .{ .sequence = 1003, .value = 30, .echo = 30, .acknowledgment = 1005 },
        .{ .sequence = 1001, .value = 50, .echo = 30, .acknowledgment = 1005 },
    };
    for (parts) |part| {
        var segment = hello(part.sequence, "he");
        segment.options.timestamps = .{ .value = part.value, .echo = 1000 };
        script.feed(segment);
        try script.expect(.{
            .sequence = 5001,
            .acknowledgment = part.acknowledgment,
            .window = @intCast(16_384 - (part.acknowledgment - 1001)),
            .options = .{ .timestamps = .{ .value = 1000, .echo = part.echo } },
        });
    }
}
