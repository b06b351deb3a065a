//! How flows begin and end, as scripts.

const std = @import("std");
const flow = @import("../flow.zig");
const tcp = @import("../wire/tcp.zig");
const script_file = @import("script.zig");
const Script = script_file.Script;
const default_opening = script_file.default_opening;

test "the handshake continues, data comes, the caller leaves with a reset" {
    const script = try Script.createStarted();
    defer script.destroy();
    const answer: script_file.Literal = .{
        .sequence = 5000,
        .acknowledgment = 1005,
        .payload = "certificate",
    };
    try script.feed(answer);
    try script.expectData("certificate");
    script.table.close(script.now, script.id);
    // The reset acknowledges, so the delayed acknowledgment never leaves.
    try script.expectSent(.{
        .sequence = 1005,
        .acknowledgment = 5011,
        .flags = .{ .acknowledge = true, .reset = true },
        .window = 0,
    });
    try script.expectEnded(.closed);
    // Ethernet 14, IPv4 20, TCP 20: "hello" and the reset; "certificate".
    const counters = script.table.sink.ended_flows[0].ending.counters;
    try std.testing.expectEqual(54 + 5 + 54, counters.bytes_sent);
    try std.testing.expectEqual(54 + 11, counters.bytes_received);
}

test "without first bytes, the acknowledgment leaves alone" {
    var opening = default_opening;
    opening.first_bytes = "";
    const script = try Script.create(opening);
    defer script.destroy();
    try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000 });
    script.wait(10_000);
    try script.expectNothingSent();
}

test "the table refuses what it has no room for, and the same flow twice" {
    const script = try Script.createStarted();
    defer script.destroy();
    var opening = default_opening;
    try std.testing.expectError(error.AlreadyOpen, script.table.open(script.now, opening));
    const long: [flow.send_buffer_size + 1]u8 = @splat('a');
    opening.local_port += 1;
    opening.first_bytes = &long;
    try std.testing.expectError(error.TooLong, script.table.open(script.now, opening));
    opening.first_bytes = "";
    _ = try script.table.open(script.now, opening);
    opening.local_port += 1;
    try std.testing.expectError(error.TableFull, script.table.open(script.now, opening));
}

test "the id of an ended flow never touches the one in its place" {
    const script = try Script.createStarted();
    defer script.destroy();
    const old = script.id;
    script.table.close(script.now, old);
    const new = try script.table.open(script.now, default_opening);
    try std.testing.expectEqual(old.index, new.index);
    const sent_count = script.table.device.count;
    script.table.close(script.now, old);
    script.table.allow(script.now, old, 4096);
    try script.table.send(script.now, old, "lost");
    script.table.close(script.now, .{ .index = 99, .generation = 0 });
    try std.testing.expectEqual(sent_count, script.table.device.count);
    try std.testing.expectEqual(1, script.table.flow_count);
}

test "a segment of no flow is left to the caller" {
    const script = try Script.createStarted();
    defer script.destroy();
    const segment: tcp.Segment = .{
        .source_port = script_file.remote_port,
        .destination_port = script_file.local_port + 1,
        .sequence = .fromInt(5000),
        .acknowledgment = .fromInt(1005),
        .flags = .{ .acknowledge = true },
        .window = 0,
    };
    const remote = script_file.remote;
    try std.testing.expect(!script.table.receive(script.now, remote, segment, 54));
}

test "the peer's FIN ends the flow behind its data, with a reset" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{
        .sequence = 5000,
        .acknowledgment = 1005,
        .flags = .{ .acknowledge = true, .finish = true },
        .payload = "bye",
    });
    try script.expectData("bye");
    try script.expectSent(.{
        .sequence = 1005,
        .acknowledgment = 5003,
        .flags = .{ .acknowledge = true, .reset = true },
        .window = 0,
    });
    try script.expectEnded(.end);
}

test "a FIN ahead of its data waits for it" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{
        .sequence = 5003,
        .acknowledgment = 1005,
        .flags = .{ .acknowledge = true, .finish = true },
        .payload = "def",
    });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
    try script.expectOpen();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abc" });
    try script.expectData("abcdef");
    try std.testing.expectEqual(.end, script.table.sink.ended_flows[0].ending.reason);
}

test "a FIN at the edge of the window ends the flow, one beyond it does not" {
    var opening = default_opening;
    opening.receive_bytes = 3;
    const script = try Script.create(opening);
    defer script.destroy();
    const finish: tcp.Flags = .{ .acknowledge = true, .finish = true };
    try script.feed(.{
        .sequence = 5000,
        .acknowledgment = 1005,
        .flags = finish,
        .payload = "abcd",
    });
    try script.expectData("abc");
    try script.expectOpen();
    try script.feed(.{ .sequence = 5003, .acknowledgment = 1005, .flags = finish });
    try std.testing.expectEqual(.end, script.table.sink.ended_flows[0].ending.reason);
}

test "a reset counts within the window and not outside of it" {
    const reset: tcp.Flags = .{ .reset = true };
    for ([_]u32{ 5000, 5001, 5000 + 4096 }) |sequence| {
        const script = try Script.createStarted();
        defer script.destroy();
        try script.feed(.{ .sequence = 4999, .flags = reset });
        try script.feed(.{ .sequence = 5000 + 4097, .flags = reset });
        try script.expectOpen();
        try script.feed(.{ .sequence = sequence, .flags = reset });
        try script.expectEnded(.reset);
    }
}

test "a reset counts from our last acknowledgment on" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abc" });
    try script.feed(.{ .sequence = 5000, .flags = .{ .reset = true } });
    try script.expectEnded(.reset);
}

test "the deadline ends the flow with a reset" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005 });
    script.wait(98_999);
    try script.expectOpen();
    script.wait(1);
    try script.expectSent(.{
        .sequence = 1005,
        .acknowledgment = 5000,
        .flags = .{ .acknowledge = true, .reset = true },
        .window = 0,
    });
    try script.expectEnded(.timeout);
}

test "an ICMP error ends the flow when it quotes what we may have sent" {
    const script = try Script.createStarted();
    defer script.destroy();
    for ([_]u32{ 998, 1006, 0x8000_0000 }) |sequence| {
        try std.testing.expect(!reportUnreachable(script, 443, sequence));
    }
    try std.testing.expect(!reportUnreachable(script, 80, 1000));
    try script.expectOpen();
    try std.testing.expect(reportUnreachable(script, 443, 1000));
    try script.expectEnded(.@"unreachable");
}

fn reportUnreachable(script: *Script, remote_port: u16, sequence: u32) bool {
    const remote = script_file.remote;
    const local_port = script_file.local_port;
    const table = &script.table;
    return table.reportUnreachable(script.now, remote, remote_port, local_port, .fromInt(sequence));
}
