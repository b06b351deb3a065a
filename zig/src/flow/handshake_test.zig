//! Flows that start with a SYN of their own, as scripts.

const std = @import("std");
const flow = @import("../flow.zig");
const tcp = @import("../wire/tcp.zig");
const script_file = @import("script.zig");
const Literal = script_file.Literal;
const Script = script_file.Script;

const fresh_opening = opening: {
    var opening = script_file.default_opening;
    opening.syn_ack = null;
    break :opening opening;
};

const syn_ack: Literal = .{
    .sequence = 4999,
    .acknowledgment = 1000,
    .flags = .{ .synchronize = true, .acknowledge = true },
    .options = .{ .maximum_segment_size = 1460 },
};
const hello: Literal = .{ .sequence = 1000, .acknowledgment = 5000, .payload = "hello" };

/// What the device makes of a SYN that leaves at `milliseconds`.
fn synAt(milliseconds: u32) Literal {
    return .{
        .sequence = 999,
        .flags = .{ .synchronize = true },
        .window = script_file.syn_window,
        .options = .{ .timestamps = .{ .value = milliseconds, .echo = 0 } },
    };
}

fn resetAt(sequence: u32) Literal {
    return .{ .sequence = sequence, .flags = .{ .reset = true }, .window = 0 };
}

/// Behind its SYN.
fn createWaiting(opening: flow.Opening) !*Script {
    const script = try Script.create(opening);
    errdefer script.destroy();
    try script.expectSent(synAt(1000));
    try script.expectNothingSent();
    return script;
}

test "a SYN, its answer, and the acknowledgment that carries the first bytes" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    try script.feed(syn_ack);
    try script.expectSent(hello);
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "certificate" });
    try script.expectData("certificate");
    script.table.close(script.now, script.id);
    try script.expectSent(.{
        .sequence = 1005,
        .acknowledgment = 5011,
        .flags = .{ .acknowledge = true, .reset = true },
        .window = 0,
    });
    try script.expectEnded(.closed);
    const ending = script.table.sink.ended_flows[0].ending;
    try std.testing.expectEqual(1005, ending.sequence.toInt());
    // The SYN; Ethernet 14, IPv4 20, TCP 20 of "hello" and of the reset. The SYN-ACK has an MSS.
    try std.testing.expectEqual(74 + 54 + 5 + 54, ending.counters.bytes_sent);
    try std.testing.expectEqual(58 + 54 + 11, ending.counters.bytes_received);
}

test "without first bytes, the SYN-ACK is acknowledged alone" {
    var opening = fresh_opening;
    opening.first_bytes = "";
    const script = try createWaiting(opening);
    defer script.destroy();
    try script.feed(syn_ack);
    try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000 });
    script.wait(10_000);
    try script.expectNothingSent();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1000, .payload = "220 ready" });
    try script.expectData("220 ready");
}

test "what is sent and allowed before the answer counts behind it" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    try script.table.send(script.now, script.id, ", more");
    script.table.allow(script.now, script.id, 904);
    try script.expectNothingSent();
    try script.feed(syn_ack);
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .window = 5000,
        .payload = "hello, more",
    });
}

test "first bytes as large as the buffer leave in two segments" {
    const large: [flow.send_buffer_size]u8 = @splat('a');
    var opening = fresh_opening;
    opening.first_bytes = &large;
    const script = try createWaiting(opening);
    defer script.destroy();
    try script.feed(syn_ack);
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .payload = large[0..1460],
    });
    try script.expectSent(.{
        .sequence = 2460,
        .acknowledgment = 5000,
        .flags = .{ .acknowledge = true, .push = true },
        .payload = large[1460..],
    });
    try script.expectNothingSent();
}

test "the connection uses what the SYN-ACK offers" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    var answer = syn_ack;
    answer.options = .{
        .maximum_segment_size = 1460,
        .window_scale = 2,
        .timestamps = .{ .value = 70_000, .echo = 1000 },
    };
    try script.feed(answer);
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .window = 4096 >> 7,
        .options = .{ .timestamps = .{ .value = 1000, .echo = 70_000 } },
        .payload = "hello",
    });
}

test "an unanswered SYN is sent again, later each time, until the deadline" {
    var opening = fresh_opening;
    opening.deadline_ns = 9 * std.time.ns_per_s;
    const script = try createWaiting(opening);
    defer script.destroy();
    for ([_]u32{ 2000, 4000, 8000 }) |milliseconds| {
        script.wait(milliseconds - 1 - script.now / std.time.ns_per_ms);
        try script.expectNothingSent();
        script.wait(1);
        try script.expectSent(synAt(milliseconds));
    }
    try std.testing.expectEqual(3, script.table.device.again_count);
    script.wait(1000);
    // The SYN-ACK may have been lost on its way.
    try script.expectSent(resetAt(1000));
    try script.expectEnded(.timeout);
    try std.testing.expectEqual(1000, script.table.sink.ended_flows[0].ending.sequence.toInt());
}

test "an unanswered SYN is given up in the end, whatever the deadline is" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    script.wait(70_000);
    for ([_]u32{ 2000, 4000, 8000, 16_000, 32_000 }) |milliseconds| {
        try script.expectSent(synAt(milliseconds));
    }
    try script.expectSent(resetAt(1000));
    try script.expectEnded(.timeout);
}

test "the answer to a SYN that was repeated is an answer, and one that comes twice is challenged" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    script.wait(1000);
    try script.expectSent(synAt(2000));
    try script.feed(syn_ack);
    try script.expectSent(hello);
    try script.feed(syn_ack);
    var again = hello;
    again.flags.push = true;
    try script.expectSent(again);
    try script.expectOpen();
}

test "the round trip of a SYN sent once sets the timeout" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    script.wait(900);
    try script.feed(syn_ack);
    try script.expectSent(hello);
    // 0.9 s, and four times half of it (RFC 6298, 2.2).
    script.wait(2699);
    try script.expectNothingSent();
    script.wait(1);
    var again = hello;
    again.flags.push = true;
    try script.expectSent(again);
}

test "a reset refuses when it acknowledges the SYN, and not else" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    const refusal: tcp.Flags = .{ .reset = true, .acknowledge = true };
    try script.feed(.{ .sequence = 0, .acknowledgment = 999, .flags = refusal });
    try script.feed(.{ .sequence = 0, .acknowledgment = 1001, .flags = refusal });
    try script.feed(.{ .sequence = 0, .flags = .{ .reset = true } });
    try script.expectOpen();
    try script.expectNothingSent();
    try script.feed(.{ .sequence = 0, .acknowledgment = 1000, .flags = refusal });
    try script.expectEnded(.reset);
}

test "what is no answer means nothing" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    // A simultaneous open, data without acknowledgment, and an acknowledgment without a SYN.
    try script.feed(.{ .sequence = 4999, .flags = .{ .synchronize = true } });
    try script.feed(.{ .sequence = 5000, .flags = .{}, .payload = "data" });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1000, .payload = "data" });
    try script.expectNothingSent();
    try script.expectData("");
    try script.expectOpen();
}

test "a challenge from an old connection draws our reset, and soon another SYN" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    const challenge: Literal = .{ .sequence = 3_000_000, .acknowledgment = 900 };
    try script.feed(challenge);
    try script.expectSent(resetAt(900));
    script.wait(49);
    try script.expectNothingSent();
    script.wait(1);
    try script.expectSent(synAt(1050));
    try script.feed(syn_ack);
    try script.expectSent(hello);
}

test "data of an old connection is reset, not too often, and hastens nothing" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    for (0..3) |number| {
        const position: u32 = @intCast(number * 4);
        try script.feed(.{
            .sequence = 70 + position,
            .acknowledgment = 900,
            .payload = "late",
        });
    }
    try script.expectSent(resetAt(900));
    try script.expectNothingSent();
    script.wait(500);
    try script.feed(.{ .sequence = 70, .acknowledgment = 900, .payload = "late" });
    try script.expectSent(resetAt(900));
    script.wait(499);
    try script.expectNothingSent();
    script.wait(1);
    try script.expectSent(synAt(2000));
    try script.expectData("");
}

test "however often it is challenged, a flow sends no more SYNs than its own timer and one" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    for (0..40) |_| {
        try script.feed(.{ .sequence = 70, .acknowledgment = 900 });
        script.wait(100);
    }
    const device = &script.table.device;
    var reset_count: usize = 0;
    for (device.segments[0..device.count]) |segment| {
        reset_count += @intFromBool(segment.flags.reset);
    }
    try std.testing.expectEqual(8, reset_count);
    // At 1050 for the challenge, and two seconds later.
    try std.testing.expectEqual(2, device.again_count);
    try std.testing.expectEqual(8 + 2, device.count);
}

test "closing before the answer resets what the peer may have" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    script.table.close(script.now, script.id);
    try script.expectSent(resetAt(1000));
    try script.expectEnded(.closed);
    const segment: tcp.Segment = .{
        .source_port = script_file.remote_port,
        .destination_port = script_file.local_port,
        .sequence = .fromInt(4999),
        .acknowledgment = .fromInt(1000),
        .flags = syn_ack.flags,
        .window = 4096,
    };
    try std.testing.expect(!script.table.receive(script.now, script_file.remote, segment, 54));
}

test "an ICMP error ends the flow when it quotes the SYN" {
    const script = try createWaiting(fresh_opening);
    defer script.destroy();
    const table = &script.table;
    const remote = script_file.remote;
    const local_port = script_file.local_port;
    for ([_]u32{ 998, 1001 }) |sequence| {
        try std.testing.expect(
            !table.reportUnreachable(script.now, remote, 443, local_port, .fromInt(sequence)),
        );
    }
    try std.testing.expect(
        table.reportUnreachable(script.now, remote, 443, local_port, .fromInt(999)),
    );
    try script.expectEnded(.@"unreachable");
}
