const std = @import("std");
const tcp = @import("../../src/wire/tcp.zig");
const Script = @import("script.zig").Script;
const Literal = @import("script.zig").Literal;
const script_of = @import("script.zig");
const default_prefix = @import("script.zig").default_prefix;

const hello: Literal = .{ .sequence = 1001, .acknowledgment = 5001, .payload = "hello\n" };
const pushed: tcp.Flags = .{ .acknowledge = true, .push = true };

/// An open connection whose host answers with so many octets; what it sends is not looked at yet.
fn createAnswering(comptime size: usize, window: u16) !*Script {
    const script = try Script.createOpen(default_prefix);
    script.environment.response = comptime &pattern(size);
    var request = hello;
    request.window = window;
    script.feed(request);
    return script;
}

fn pattern(comptime size: usize) [size]u8 {
    @setEvalBranchQuota(10 * size + 1000);
    var octets: [size]u8 = undefined;
    for (&octets, 0..) |*octet, index| octet.* = 'a' + index % 23;
    return octets;
}

/// The data of a `createAnswering` host at an offset.
fn data(comptime offset: usize, comptime size: usize) Literal {
    const octets = comptime pattern(offset + size);
    return .{ .sequence = 5001 + offset, .acknowledgment = 1007, .payload = octets[offset..] };
}

fn acknowledge(offset: u32, window: u16) Literal {
    return .{ .sequence = 1007, .acknowledgment = 5001 + offset, .window = window };
}

test "segments have the size that the client, or the path, takes" {
    const cases = [_]struct { mtu: u16, offered: ?u16, size: usize }{
        .{ .mtu = 1500, .offered = 1460, .size = 1460 },
        .{ .mtu = 1500, .offered = 9000, .size = 1460 },
        .{ .mtu = 1400, .offered = 1460, .size = 1360 },
        .{ .mtu = 1400, .offered = 1000, .size = 1000 },
        .{ .mtu = 576, .offered = 1460, .size = 536 },
        .{ .mtu = 1500, .offered = null, .size = 536 },
        .{ .mtu = 1500, .offered = 0, .size = 48 },
    };
    for (cases) |case| {
        var prefix = default_prefix;
        prefix.mtu = case.mtu;
        const script = try Script.create(prefix, 4);
        defer script.destroy();
        script.environment.response = comptime &pattern(4000);
        var offer = script_of.synchronize;
        offer.options.maximum_segment_size = case.offered;
        script.feed(offer);
        script.learn();
        var accepted = script_of.accepted;
        accepted.options.maximum_segment_size = case.mtu - 40;
        try script.expect(accepted);
        script.feed(hello);
        try std.testing.expectEqual(case.size, script.environment.sent[0].segment.payload.len);
        const count = @min(10, std.math.divCeil(usize, 4000, case.size) catch unreachable);
        try std.testing.expectEqual(count, script.environment.sent_count);
    }
}

test "the congestion window begins with ten segments and grows with each acknowledgment" {
    const script = try createAnswering(40_000, 65_535);
    defer script.destroy();
    try std.testing.expectEqual(10, script.environment.sent_count);
    script.forgetSent();
    script.feed(acknowledge(1460, 65_535));
    try std.testing.expectEqual(2, script.environment.sent_count);
    script.forgetSent();
    script.feed(acknowledge(2 * 1460, 65_535));
    try std.testing.expectEqual(2, script.environment.sent_count);
    try script.expect(data(12 * 1460, 1460));
    try script.expect(data(13 * 1460, 1460));
}

test "the client's window is respected, and no crumbs are sent" {
    const script = try createAnswering(4000, 2000);
    defer script.destroy();
    try script.expect(data(0, 1460));
    try script.expectNothing(); // 540 octets are free, a whole segment is not.
    script.feed(acknowledge(1460, 2000));
    try script.expect(data(1460, 1460));
    script.feed(acknowledge(2920, 1000));
    try script.expect(data(2920, 1000)); // Nothing better can come.
    script.feed(acknowledge(3920, 1000));
    var last = data(3920, 80);
    last.flags = pushed;
    try script.expect(last);
}

test "a closed window is probed until it opens, as long as the client answers" {
    const script = try createAnswering(3000, 0);
    defer script.destroy();
    try script.expect(.{ .sequence = 5001, .acknowledgment = 1007 });
    try script.expectNothing();
    for ([_]u64{
        200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000,
    }) |wait_ms| {
        script.wait(wait_ms - 1);
        try script.expectNothing();
        script.wait(1);
        try script.expect(data(0, 1));
        script.feed(acknowledge(0, 0));
    }
    script.feed(acknowledge(0, 4000));
    try script.expect(data(0, 1460));
    try script.expect(data(1460, 1460));
    var last = data(2920, 80);
    last.flags = pushed;
    try script.expect(last);
    // And the timeout is a new one.
    script.wait(200);
    try script.expect(data(0, 1460));
}

test "an octet that a probe carried may be taken" {
    const script = try createAnswering(10, 0);
    defer script.destroy();
    script.forgetSent();
    script.wait(200);
    try script.expect(data(0, 1));
    script.feed(acknowledge(1, 100));
    var rest = data(1, 9);
    rest.flags = pushed;
    try script.expect(rest);
}

test "what is not acknowledged is repeated with growing patience, and given up" {
    const script = try createAnswering(3000, 65_535);
    defer script.destroy();
    script.forgetSent();
    for ([_]u64{ 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600 }) |wait_ms| {
        script.wait(wait_ms - 1);
        try script.expectNothing();
        script.wait(1);
        try script.expect(data(0, 1460));
        try script.expectNothing();
    }
    script.wait(51_199);
    try script.expectNothing();
    script.wait(1);
    try script.expect(.{
        .sequence = 5001 + 3000,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .reset = true },
    });
    try script.expectNone();
    try std.testing.expectEqual(1, script.server.counters.given_up);
    try std.testing.expectEqual(8, script.server.counters.retransmissions);
}

test "behind a repetition the rest follows in slow start" {
    const script = try createAnswering(4380, 65_535);
    defer script.destroy();
    script.forgetSent();
    script.wait(200);
    try script.expect(data(0, 1460));
    script.feed(acknowledge(1460, 65_535));
    try script.expect(data(1460, 1460));
    var last = data(2920, 1460);
    last.flags = pushed;
    try script.expect(last);
    script.feed(acknowledge(4380, 65_535));
    try script.expectNothing();
    try std.testing.expectEqual(3, script.server.counters.retransmissions);
}

test "three duplicate acknowledgments repeat one segment, and a partial one the next" {
    const script = try createAnswering(10_000, 65_535);
    defer script.destroy();
    try std.testing.expectEqual(7, script.environment.sent_count);
    script.forgetSent();
    script.feed(acknowledge(0, 65_535));
    script.feed(acknowledge(0, 65_535));
    try script.expectNothing();
    script.feed(acknowledge(0, 65_535));
    try script.expect(data(0, 1460));
    script.feed(acknowledge(0, 65_535));
    try script.expectNothing();
    script.feed(acknowledge(1460, 65_535));
    try script.expect(data(1460, 1460));
    script.feed(acknowledge(10_000, 65_535));
    try script.expectNothing();
    // A window update is no duplicate.
    script.feed(acknowledge(10_000, 65_000));
    script.feed(acknowledge(10_000, 65_000));
    try script.expectNothing();
    try std.testing.expectEqual(2, script.server.counters.retransmissions);
}

test "what is sent again acknowledges the data that came with the reason" {
    const script = try createAnswering(10_000, 65_535);
    defer script.destroy();
    for (0..3) |_| script.feed(acknowledge(0, 65_535));
    script.forgetSent();
    var segment = acknowledge(1460, 65_535);
    segment.payload = "more";
    script.feed(segment);
    var expected = data(1460, 1460);
    expected.acknowledgment = 1011;
    try script.expect(expected);
    try script.expectNothing();
}

test "the service finishes: FIN with its last octet, gone when both sides are" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.environment.after = .finish;
    script.feed(hello);
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true, .finish = true },
        .payload = "answer",
    });
    script.feed(.{ .sequence = 1007, .acknowledgment = 5008 });
    try script.expectNothing();
    // What the client still says is acknowledged, and ignored.
    script.feed(.{ .sequence = 1007, .acknowledgment = 5008, .payload = "thanks\n" });
    try script.expect(.{ .sequence = 5008, .acknowledgment = 1014 });
    script.feed(.{
        .sequence = 1014,
        .acknowledgment = 5008,
        .flags = .{ .acknowledge = true, .finish = true },
    });
    try script.expect(.{ .sequence = 5008, .acknowledgment = 1015 });
    try script.expectNone();
    try std.testing.expectEqual(1, script.environment.ask_count);
    try std.testing.expectEqual(1, script.server.counters.finished);
}

test "a lost FIN is repeated" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.environment.after = .finish;
    script.feed(hello);
    script.forgetSent();
    script.feed(.{ .sequence = 1007, .acknowledgment = 5007 });
    try script.expectNothing();
    script.wait(200);
    try script.expect(.{
        .sequence = 5007,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .finish = true },
    });
    script.feed(.{
        .sequence = 1007,
        .acknowledgment = 5008,
        .flags = .{ .acknowledge = true, .finish = true },
    });
    try script.expect(.{ .sequence = 5008, .acknowledgment = 1008 });
    try script.expectNone();
}

test "a client that finishes behind its request gets the whole answer, then our FIN" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.environment.response = comptime &pattern(2000);
    var request = hello;
    request.flags.finish = true;
    script.feed(request);
    var first = data(0, 1460);
    first.acknowledgment = 1008;
    try script.expect(first);
    var second = data(1460, 540);
    second.acknowledgment = 1008;
    second.flags = pushed;
    try script.expect(second);
    try script.expectNothing();
    script.feed(.{ .sequence = 1008, .acknowledgment = 5001 + 2000 });
    try script.expect(.{
        .sequence = 5001 + 2000,
        .acknowledgment = 1008,
        .flags = .{ .acknowledge = true, .finish = true },
    });
    script.feed(.{ .sequence = 1008, .acknowledgment = 5001 + 2001 });
    try script.expectNone();
}

test "a client that finishes without a request, or in the middle of one, is finished with" {
    for ([_][]const u8{ "", "hal" }) |payload| {
        const script = try Script.createOpen(default_prefix);
        defer script.destroy();
        script.feed(.{ .sequence = 1001, .acknowledgment = 5001, .payload = payload });
        script.forgetSent();
        const sequence: u32 = @intCast(1001 + payload.len);
        script.feed(.{
            .sequence = sequence,
            .acknowledgment = 5001,
            .flags = .{ .acknowledge = true, .finish = true },
        });
        try script.expect(.{
            .sequence = 5001,
            .acknowledgment = sequence + 1,
            .flags = .{ .acknowledge = true, .finish = true },
            .window = @intCast(16_384 - payload.len),
        });
        script.feed(.{ .sequence = sequence + 1, .acknowledgment = 5002 });
        try script.expectNone();
    }
}

test "a service that resets does so when its response has arrived" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.environment.after = .reset;
    script.feed(hello);
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = pushed,
        .payload = "answer",
    });
    script.feed(.{ .sequence = 1007, .acknowledgment = 5007 });
    try script.expect(.{
        .sequence = 5007,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .reset = true },
    });
    try script.expectNone();
}

test "a connection on which nothing happens is reset" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.wait(59_999);
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001 });
    script.wait(59_999);
    try script.expectNothing();
    script.wait(1);
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1001,
        .flags = .{ .acknowledge = true, .reset = true },
    });
    try script.expectNone();
    try std.testing.expectEqual(1, script.server.counters.idle_reset);
}

test "an endless response goes on beyond its offsets" {
    const script = try Script.createOpen(default_prefix);
    defer script.destroy();
    script.environment.is_endless = true;
    script.environment.response = "head" ** 2; // Half of it is the first piece.
    script.feed(hello);
    const Sent = @TypeOf(script.environment.sent[0]);
    const last: *const Sent = &script.environment.sent[9];
    try std.testing.expectEqualStrings("headmoremore", script.environment.sent[0].payload[0..12]);
    // Far into it.
    const connection = &script.server.table.connections[0];
    const distance: u32 = (1 << 31) - 40_000;
    connection.response_start =
        .fromInt(connection.sender.unacknowledged.toInt() -% (distance & ~@as(u32, 3)));
    const before = connection.response_start;
    script.forgetSent();
    script.feed(.{ .sequence = 1007, .acknowledgment = 5001 + 14_600, .window = 65_535 });
    try std.testing.expect(before.before(connection.response_start));
    const offset = connection.response_start.distance(connection.sender.unacknowledged);
    try std.testing.expect(offset > 0 and offset < 1 << 30);
    try std.testing.expect(script.environment.sent_count > 10);
    try std.testing.expectEqual(1460, last.segment.payload.len);
    const sent = &script.environment.sent[0];
    const at: u32 = @intCast(before.distance(sent.segment.sequence));
    const expected: []const u8 = "more";
    try std.testing.expectEqual(expected[at % 4], sent.payload[0]);
}
