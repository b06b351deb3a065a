//! The peer's octets, as scripts: order, windows, acknowledgments, timestamps.

const std = @import("std");
const tcp = @import("../wire/tcp.zig");
const receive_half = @import("receive_half.zig");
const script_file = @import("script.zig");
const Script = script_file.Script;
const default_opening = script_file.default_opening;

test "an acknowledgment waits 25 ms for company" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abc" });
    script.wait(24);
    try script.feed(.{ .sequence = 5003, .acknowledgment = 1005, .payload = "def" });
    try script.expectNothingSent();
    script.wait(1);
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5006, .window = 4090 });
    script.wait(1_000);
    try script.expectNothingSent();
}

test "four full segments are acknowledged at once, in one super-frame or in several" {
    const segment: [1460]u8 = @splat('a');
    var opening = default_opening;
    opening.receive_bytes = 65_535;
    const script = try Script.create(opening);
    defer script.destroy();
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .window = 65_535,
        .payload = "hello",
    });
    for (0..3) |index| {
        const sequence = 5000 + 1460 * @as(u32, @intCast(index));
        try script.feed(.{ .sequence = sequence, .acknowledgment = 1005, .payload = &segment });
    }
    try script.expectNothingSent();
    try script.feed(.{ .sequence = 9380, .acknowledgment = 1005, .payload = &segment });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 10_840, .window = 59_695 });
    const super_frame = "a" ** 40_000;
    try script.feed(.{ .sequence = 10_840, .acknowledgment = 1005, .payload = super_frame });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 50_840, .window = 19_695 });
    try std.testing.expectEqual(4 * 1460 + 40_000, script.table.sink.size);
}

test "a gap is announced at once and again when it closes" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5006, .acknowledgment = 1005, .payload = "ghi" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
    try script.feed(.{ .sequence = 5003, .acknowledgment = 1005, .payload = "def" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
    try script.expectData("");
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abc" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5009, .window = 4087 });
    try script.expectData("abcdefghi");
}

test "what overlaps is delivered once; what came before is acknowledged again" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abcd" });
    try script.feed(.{ .sequence = 5002, .acknowledgment = 1005, .payload = "cdef" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5006, .window = 4090 });
    try script.expectData("abcdef");
    // Within what we acknowledged, and far before it.
    for ([_]u32{ 5000, 4990 }) |sequence| {
        try script.feed(.{ .sequence = sequence, .acknowledgment = 1005, .payload = "abcd" });
        try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5006, .window = 4090 });
    }
    try script.expectData("");
}

test "with the pool empty, what is ahead is dropped and what is next still goes" {
    const script = try Script.createStarted();
    defer script.destroy();
    for (0..5) |index| {
        const sequence = 5002 + 2 * @as(u32, @intCast(index));
        try script.feed(.{ .sequence = sequence, .acknowledgment = 1005, .payload = "x" });
        try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
    }
    try std.testing.expectEqual(0, script.table.pool.free_count);
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abcdefghijkl" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5012, .window = 4084 });
    try script.expectData("abcdefghijkl");
    try std.testing.expectEqual(4, script.table.pool.free_count);
}

test "what the sink refuses is not acknowledged, and taken when it comes again" {
    const script = try Script.createStarted();
    defer script.destroy();
    script.table.sink.refuses = true;
    const literal: script_file.Literal = .{
        .sequence = 5000,
        .acknowledgment = 1005,
        .flags = .{ .acknowledge = true, .finish = true },
        .payload = "abc",
    };
    try script.feed(literal);
    script.wait(1_000);
    try script.expectNothingSent();
    try script.expectOpen();
    script.table.sink.refuses = false;
    try script.feed(literal);
    try script.expectData("abc");
    try std.testing.expectEqual(.end, script.table.sink.ended_flows[0].ending.reason);
}

test "held octets that the sink refuses go with the next segment" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5003, .acknowledgment = 1005, .payload = "def" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000 });
    script.table.sink.refuses = true;
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abc" });
    try script.expectNothingSent();
    script.table.sink.refuses = false;
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abc" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5006, .window = 4090 });
    try script.expectData("abcdef");
}

test "the window shrinks with what came, is cut at its edge, and grows when the caller allows it" {
    var opening = default_opening;
    opening.receive_bytes = 8;
    const script = try Script.create(opening);
    defer script.destroy();
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .window = 8,
        .payload = "hello",
    });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = "abcdefghij" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5008, .window = 0 });
    try script.expectData("abcdefgh");
    // A probe of the closed window is answered.
    try script.feed(.{ .sequence = 5008, .acknowledgment = 1005, .payload = "i" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5008, .window = 0 });
    script.table.allow(script.now, script.id, 4096);
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5008, .window = 4096 });
    try script.feed(.{ .sequence = 5008, .acknowledgment = 1005, .payload = "ij" });
    try script.expectData("ij");
}

test "the window is scaled when both sides said so, and rounded down" {
    var opening = default_opening;
    opening.syn_ack.?.options.window_scale = 2;
    opening.receive_bytes = 128 * 20 + 127;
    opening.syn_ack.?.window = 1;
    const script = try Script.create(opening);
    defer script.destroy();
    // The SYN-ACK's own window is never scaled.
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .window = 20,
        .payload = "h",
    });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1001, .window = 1 });
    try script.expectSent(.{
        .sequence = 1001,
        .acknowledgment = 5000,
        .flags = .{ .acknowledge = true, .push = true },
        .window = 20,
        .payload = "ello",
    });
    // An allowance that the window cannot express is no news.
    script.table.allow(script.now, script.id, 0);
    try script.expectNothingSent();
    script.table.allow(script.now, script.id, 1);
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000, .window = 21 });
}

test "a peer that goes on beyond the window ends with overflow" {
    var opening = default_opening;
    opening.receive_bytes = 1460;
    const script = try Script.create(opening);
    defer script.destroy();
    const segment: [1460]u8 = @splat('a');
    var sequence: u32 = 5000;
    // The window, and one initial window of ten segments beyond it.
    for (0..11) |_| {
        try script.feed(.{ .sequence = sequence, .acknowledgment = 1005, .payload = &segment });
        sequence += 1460;
    }
    try script.expectOpen();
    try script.feed(.{ .sequence = sequence, .acknowledgment = 1005, .payload = "a" });
    try std.testing.expectEqual(.overflow, script.table.sink.ended_flows[0].ending.reason);
    try std.testing.expectEqual(1460, script.table.sink.size);
}

test "a segment without an acknowledgment, and one older by its timestamp, change nothing" {
    var opening = default_opening;
    opening.syn_ack.?.options.timestamps = .{ .value = 70_000, .echo = 1 };
    const script = try Script.create(opening);
    defer script.destroy();
    const ours: tcp.Options = .{ .timestamps = .{ .value = 1_000, .echo = 70_000 } };
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5000,
        .options = ours,
        .payload = "hello",
    });
    try script.feed(.{ .sequence = 5000, .flags = .{}, .payload = "abc" });
    try script.expectNothingSent();
    const old: tcp.Options = .{ .timestamps = .{ .value = 69_999, .echo = 1_000 } };
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .options = old, .payload = "x" });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5000, .options = ours });
    try script.expectData("");
    // A reset needs no timestamp (RFC 7323, 5.2).
    try script.feed(.{ .sequence = 5000, .flags = .{ .reset = true }, .options = old });
    try script.expectEnded(.reset);
}

test "the echo is that of the segment the acknowledgment waited for" {
    var opening = default_opening;
    opening.syn_ack.?.options.timestamps = .{ .value = 70_000, .echo = 1 };
    opening.first_bytes = "";
    const script = try Script.create(opening);
    defer script.destroy();
    const sent_at_once: tcp.Options = .{ .timestamps = .{ .value = 1_000, .echo = 70_000 } };
    try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000, .options = sent_at_once });
    try script.feed(.{
        .sequence = 5000,
        .acknowledgment = 1000,
        .options = .{ .timestamps = .{ .value = 70_010, .echo = 1_000 } },
        .payload = "abc",
    });
    try script.feed(.{
        .sequence = 5003,
        .acknowledgment = 1000,
        .options = .{ .timestamps = .{ .value = 70_020, .echo = 1_000 } },
        .payload = "def",
    });
    script.wait(25);
    try script.expectSent(.{
        .sequence = 1000,
        .acknowledgment = 5006,
        .window = 4090,
        .options = .{ .timestamps = .{ .value = 1_025, .echo = 70_010 } },
    });
}

test "an acknowledgment that data overtook still counts" {
    const script = try Script.createStarted();
    defer script.destroy();
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1000, .payload = "abc" });
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005 });
    script.wait(25);
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 5003, .window = 4093 });
    script.wait(10_000);
    try script.expectNothingSent();
}

test "a peer whose next segment does not fit the window hears so at once" {
    const script = try Script.createStarted();
    defer script.destroy();
    const payload: [4096 - 1459]u8 = @splat('a');
    try script.feed(.{ .sequence = 5000, .acknowledgment = 1005, .payload = &payload });
    try script.expectSent(.{ .sequence = 1005, .acknowledgment = 7637, .window = 1459 });
}
