//! Our octets, as scripts: windows, retransmission, probes, timestamps.

const std = @import("std");
const flow = @import("../flow.zig");
const tcp = @import("../wire/tcp.zig");
const script_file = @import("script.zig");
const Script = script_file.Script;
const default_opening = script_file.default_opening;

const push: tcp.Flags = .{ .acknowledge = true, .push = true };
const finish_of_flow: tcp.Flags = .{ .acknowledge = true, .reset = true };

test "first bytes above the peer's segment size are split; only the last is pushed" {
    var opening = default_opening;
    opening.syn_ack.?.options.maximum_segment_size = 64;
    opening.first_bytes = "a" ** 64 ++ "b" ** 64 ++ "c";
    const script = try Script.create(opening);
    defer script.destroy();
    try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000, .payload = "a" ** 64 });
    try script.expectSent(.{ .sequence = 1064, .acknowledgment = 5000, .payload = "b" ** 64 });
    try script.expectSent(.{
        .sequence = 1128,
        .acknowledgment = 5000,
        .flags = push,
        .payload = "c",
    });
    try script.expectNothingSent();
}

test "a SYN-ACK without a segment size gets 536 octets at a time, IPv6 1220" {
    const bytes: [1300]u8 = @splat('a');
    var opening = default_opening;
    opening.syn_ack.?.options = .{};
    opening.first_bytes = &bytes;
    const script = try Script.create(opening);
    defer script.destroy();
    try std.testing.expectEqual(536, script.table.device.segments[0].payload.len);
    const connection_of_ipv6 = try @import("connection.zig").Connection.init(
        &script.table.buffers[1],
        script_file.default_configuration,
        opening: {
            opening.remote = .fromInt(1 << 64);
            break :opening opening;
        },
    );
    try std.testing.expectEqual(1220, connection_of_ipv6.sender.segment_size_max);
}

test "unacknowledged octets are sent again, pushed, after 1, 2, 4, 8 and 16 seconds; then it ends" {
    const script = try Script.createStarted();
    defer script.destroy();
    for ([_]u64{ 1_000, 2_000, 4_000, 8_000, 16_000 }) |timeout_ms| {
        script.wait(timeout_ms - 1);
        try script.expectNothingSent();
        script.wait(1);
        try script.expectSent(.{
            .sequence = 1000,
            .acknowledgment = 5000,
            .flags = push,
            .payload = "hello",
        });
    }
    script.wait(31_999);
    try script.expectOpen();
    script.wait(1);
    try script.expectSent(.{
        .sequence = 1005,
        .acknowledgment = 5000,
        .flags = finish_of_flow,
        .window = 0,
    });
    try script.expectEnded(.timeout);
}

test "an acknowledgment of a part leaves the rest to be sent again" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1002 });
    script.wait(1_000);
    try script.expectSent(.{
        .sequence = 1002,
        .acknowledgment = 5000,
        .flags = push,
        .payload = "llo",
    });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005 });
    script.wait(10_000);
    try script.expectNothingSent();
}

test "bytes of the caller follow those before, and an answer carries the acknowledgment" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abc" });
    try script.table.send(script.now, script.id, "more");
    try script.expectSent(.{
        .sequence = 1005,
        .acknowledgment = 5003,
        .flags = push,
        .window = 4093,
        .payload = "more",
    });
    script.wait(500);
    try script.expectNothingSent();
    const rest: [flow.send_buffer_size - 3]u8 = @splat('a');
    try std.testing.expectError(
        error.TooLong,
        script.table.send(script.now, script.id, &rest),
    );
}

test "the SYN-ACK again: its acknowledgment and our octets were lost" {
    const script = try Script.createStarted();
    defer script.destroy();
    const again: script_file.Literal = .{
        .sequence = 4999,
        .acknowledgment = 1000,
        .flags = .{ .synchronize = true, .acknowledge = true },
    };
    try script.feed(again);
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .flags = push,
        .payload = "hello",
    });
    // A box that answers everything with a SYN-ACK must not get into a loop with us.
    try script.feed(again);
    try script.expectNothingSent();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005 });
    script.wait(600);
    try script.feed(again);
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
}

test "a challenge is taken as the acknowledgment it is; a wrong one is answered, not too often" {
    const script = try Script.createStarted();
    defer script.destroy();
    // The peer challenges (RFC 5961, 7): nothing to say, our octets are on their way.
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1000 });
    try script.expectNothingSent();
    // It acknowledges what we never sent, or is outside of the window: we challenge.
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1006 });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
    try script.feed(.{ .sequence = 4000, .acknowledgment = 1005 });
    try script.expectNothingSent();
    script.wait(500);
    try script.feed(.{ .sequence = 4000, .acknowledgment = 1005 });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
}

test "a SYN-ACK with a closed window gets the bare acknowledgment, then probes until it opens" {
    var opening = default_opening;
    opening.syn_ack.?.window = 0;
    const script = try Script.create(opening);
    defer script.destroy();
    try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000 });
    for ([_]u64{ 1_000, 2_000, 4_000, 8_000, 16_000, 32_000 }) |interval_ms| {
        script.wait(interval_ms - 1);
        try script.expectNothingSent();
        script.wait(1);
        try script.expectSent(.{ .sequence = 999, .acknowledgment = 5000 });
        try script.feed(.{ .sequence = 5000, .acknowledgment = 1000, .window = 0 });
    }
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1000, .window = 3 });
    try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000, .payload = "hel" });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1003, .window = 3 });
    try script.expectSent(.{
        .sequence = 1003,
        .acknowledgment = 5000,
        .flags = push,
        .payload = "lo",
    });
    script.wait(1_000);
    try script.expectSent(.{
        .sequence = 1003,
        .acknowledgment = 5000,
        .flags = push,
        .payload = "lo",
    });
}

test "octets that met a closed window are sent again as soon as it opens" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1000, .window = 0 });
    script.wait(1_000);
    try script.expectSent(.{ .sequence = 999, .acknowledgment = 5000 });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1000, .window = 100 });
    const again: script_file.Literal = .{
        .sequence = 1000,
        .acknowledgment = 5000,
        .flags = push,
        .payload = "hello",
    };
    try script.expectSent(again);
    // One second, the probes' back-off is forgotten.
    script.wait(1_000);
    try script.expectSent(again);
}

test "with timestamps every segment carries them, and the round trip comes from the echo" {
    var opening = default_opening;
    opening.syn_ack.?.options.timestamps = .{ .value = 70_000, .echo = 900 };
    opening.first_bytes = "a" ** 1449;
    const script = try Script.create(opening);
    defer script.destroy();
    // The scripts' clock starts at one second.
    const first: tcp.Options = .{ .timestamps = .{ .value = 1_000, .echo = 70_000 } };
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .options = first,
        .payload = "a" ** 1448,
    });
    try script.expectSent(.{
        .sequence = 2448,
        .acknowledgment = 5000,
        .flags = push,
        .options = first,
        .payload = "a",
    });
    // The echo shows 800 ms: the timeout becomes 0.8 + 4 * 0.4 seconds.
    script.wait(800);
    try script.feed(.{
        .sequence = 5000,
        .acknowledgment = 2448,
        .options = .{ .timestamps = .{ .value = 70_700, .echo = 1_000 } },
    });
    script.wait(2_399);
    try script.expectNothingSent();
    script.wait(1);
    try script.expectSent(.{
        .sequence = 2448,
        .acknowledgment = 5000,
        .flags = push,
        .options = .{ .timestamps = .{ .value = 4_200, .echo = 70_700 } },
        .payload = "a",
    });
    script.table.close(script.now, script.id);
    try script.expectSent(.{
        .sequence = 2449,
        .acknowledgment = 5000,
        .flags = finish_of_flow,
        .window = 0,
        .options = .{ .timestamps = .{ .value = 4_200, .echo = 70_700 } },
    });
}

test "an octet of ours that a segment lets go carries that segment's acknowledgment" {
    var opening = default_opening;
    opening.syn_ack.?.window = 3;
    const script = try Script.create(opening);
    defer script.destroy();
    try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000, .payload = "hel" });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1003, .payload = "abc" });
    try script.expectSent(.{
        .sequence = 1003,
        .acknowledgment = 5003,
        .flags = push,
        .window = 4093,
        .payload = "lo",
    });
    script.wait(500);
    try script.expectNothingSent();
}
