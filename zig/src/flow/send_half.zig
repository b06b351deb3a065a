//! Our octets on their way to the peer: what is buffered, what of it was sent, what the peer's
//! window lets go, and when to send again. Pure: hands out chunks, sends nothing itself.
//!
//! All that a flow may have in flight fits its buffer, which is no more than the initial window of
//! RFC 6928. So there is no congestion window, and one timeout sends everything again instead of
//! only the earliest segment (RFC 6298, 5.4).

const std = @import("std");
const tcp = @import("../wire/tcp.zig");
const SequenceNumber = tcp.SequenceNumber;
const RetransmissionTimeout = @import("retransmission_timeout.zig").RetransmissionTimeout;

/// In octets: a client's hello of any size seen in the wild, and the short messages after it.
pub const buffer_size = 2048;
/// In octets; what a peer's smaller MSS counts as, so that one hello never becomes a hail of
/// frames.
const segment_size_floor = 64;
/// How often the same octets are sent again before the peer counts as gone.
pub const retransmission_count_max = 5;
/// RFC 7323, 2.3.
const window_shift_max = 14;

/// Octets to put into one segment.
pub const Chunk = struct {
    sequence: SequenceNumber,
    octets: []const u8,
    push: bool,
};

pub const SendHalf = struct {
    buffer: *[buffer_size]u8,
    /// In octets, from the front of the buffer: waiting for acknowledgment or for being sent.
    buffered: u32 = 0,
    /// In octets, from the front of the buffer: sent at least once.
    sent: u32 = 0,
    /// The position of the front of the buffer, SND.UNA of RFC 9293.
    unacknowledged: SequenceNumber,
    /// In octets of payload.
    segment_size_max: u32 = undefined,
    /// What the peer can take, in octets from `unacknowledged`.
    window: u32 = 0,
    window_shift: u5 = undefined,
    /// The segment that last set the window: SND.WL1 and SND.WL2 of RFC 9293.
    window_sequence: SequenceNumber = undefined,
    window_acknowledgment: SequenceNumber = undefined,
    timeout: RetransmissionTimeout = .{},
    retransmission_count: u8 = 0,
    /// When to send again or to probe a closed window; null while nothing is buffered.
    expires_at: ?u64 = null,
    /// The one segment whose round trip is being measured, where the peer sends no timestamps.
    timed: ?struct { end: SequenceNumber, sent_at: u64 } = null,
    /// Until the first chunk has left.
    fresh: bool = true,

    /// The peer, as its SYN-ACK shows it.
    pub const Peer = struct {
        /// The acknowledgment we owe the SYN-ACK, one after its sequence number.
        acknowledgment: SequenceNumber,
        /// Of the SYN-ACK, which is never scaled (RFC 7323, 2.2).
        window: u16,
        window_scale: ?u8,
        /// In octets of payload and options.
        segment_size_max: u32,
        option_size: u32,
    };

    /// `sequence` is that of the first octet. Nothing can be sent before `meet`.
    pub fn init(buffer: *[buffer_size]u8, sequence: SequenceNumber) SendHalf {
        return .{ .buffer = buffer, .unacknowledged = sequence };
    }

    pub fn meet(half: *SendHalf, peer: Peer) void {
        const segment_size = @max(peer.segment_size_max, segment_size_floor);
        half.segment_size_max = segment_size - peer.option_size;
        half.window = peer.window;
        half.window_shift = @intCast(@min(peer.window_scale orelse 0, window_shift_max));
        half.window_sequence = peer.acknowledgment;
        half.window_acknowledgment = half.unacknowledged;
    }

    /// TooLong: does not fit behind what the peer has not acknowledged yet.
    pub fn queue(half: *SendHalf, bytes: []const u8) error{TooLong}!void {
        if (bytes.len > buffer_size - half.buffered) return error.TooLong;
        @memcpy(half.buffer[half.buffered..][0..bytes.len], bytes);
        half.buffered += @intCast(bytes.len);
    }

    /// The position after everything sent, SND.NXT of RFC 9293.
    pub fn next(half: *const SendHalf) SequenceNumber {
        return half.unacknowledged.add(half.sent);
    }

    /// A position the peer has passed: a segment there makes it answer with its window (RFC 9293,
    /// 3.8.6.1; without an octet of its own, as Linux probes).
    pub fn probePosition(half: *const SendHalf) SequenceNumber {
        return half.unacknowledged.add(std.math.maxInt(u32));
    }

    /// The next octets that were never sent and that the peer can take; counts them as sent.
    pub fn takeNew(half: *SendHalf, now: u64) ?Chunk {
        var chunk = half.chunkAt(half.sent, half.buffered) orelse return null;
        const end = half.sent + @as(u32, @intCast(chunk.octets.len));
        // A PSH on the first data makes some servers close at once, so it stays without one.
        chunk.push = !half.fresh and end == half.buffered;
        half.fresh = false;
        half.sent = end;
        if (half.timed == null) half.timed = .{ .end = half.next(), .sent_at = now };
        return chunk;
    }

    /// Octets to send again, `offset` octets after the first unacknowledged one.
    pub fn chunkAgain(half: *SendHalf, offset: u32) ?Chunk {
        // What is acknowledged now may be either copy, so it measures nothing (RFC 6298, 3).
        half.timed = null;
        return half.chunkAt(offset, half.sent);
    }

    fn chunkAt(half: *const SendHalf, offset: u32, limit: u32) ?Chunk {
        const end = @min(limit, half.window, offset + half.segment_size_max);
        if (offset >= end) return null;
        return .{
            .sequence = half.unacknowledged.add(offset),
            .octets = half.buffer[offset..end],
            .push = true,
        };
    }

    pub const Acknowledgment = enum {
        accepted,
        /// A closed window opened over octets that were already sent: send them again at once.
        opened,
        /// Of octets we never sent, or too old (RFC 5961, 5.2).
        refused,
    };

    /// Takes the peer's acknowledgment and window. `echo_ns` is the round trip its timestamp shows.
    pub fn acknowledge(
        half: *SendHalf,
        now: u64,
        segment: tcp.Segment,
        echo_ns: ?u64,
    ) Acknowledgment {
        const advance: i64 = half.unacknowledged.distance(segment.acknowledgment);
        if (advance > half.sent or advance < -buffer_size) return .refused;
        if (advance < 0) return .accepted;
        const was_closed = half.window == 0;
        if (advance > 0) half.release(now, @intCast(advance), echo_ns);

        const newer = half.window_sequence.before(segment.sequence) or
            (half.window_sequence == segment.sequence and
                half.window_acknowledgment.atOrBefore(segment.acknowledgment));
        if (!newer) return .accepted;
        half.window = @as(u32, segment.window) << half.window_shift;
        half.window_sequence = segment.sequence;
        half.window_acknowledgment = segment.acknowledgment;
        if (!was_closed or half.window == 0) return .accepted;
        half.timeout.forgetBackOff(); // Of the probes.
        half.restart(now);
        return if (half.sent > 0) .opened else .accepted;
    }

    fn release(half: *SendHalf, now: u64, count: u32, echo_ns: ?u64) void {
        half.measure(now, half.unacknowledged.add(count), echo_ns);
        std.mem.copyForwards(u8, half.buffer, half.buffer[count..half.buffered]);
        half.buffered -= count;
        half.sent -= count;
        // The peer's window starts at what it has acknowledged: until it says more, the edge stays.
        half.window -|= count;
        half.unacknowledged = half.unacknowledged.add(count);
        half.retransmission_count = 0;
        half.restart(now);
    }

    fn measure(half: *SendHalf, now: u64, acknowledgment: SequenceNumber, echo_ns: ?u64) void {
        if (echo_ns) |round_trip_ns| half.timeout.measured(round_trip_ns);
        const timed = half.timed orelse return;
        if (acknowledgment.before(timed.end)) return;
        if (echo_ns == null) half.timeout.measured(now - timed.sent_at);
        half.timed = null;
    }

    /// Sets the timer where something waits and it is not set.
    pub fn schedule(half: *SendHalf, now: u64) void {
        if (half.buffered == 0) {
            half.expires_at = null;
        } else if (half.expires_at == null) {
            half.expires_at = now + half.timeout.value_ns;
        }
    }

    /// Starts the timer anew, where something waits.
    pub fn restart(half: *SendHalf, now: u64) void {
        half.expires_at = null;
        half.schedule(now);
    }

    pub const Expiry = enum { retransmit, probe, given_up };

    /// What to do as the timer ran out. A closed window is probed without end: the peer is there,
    /// and the flow's deadline bounds it.
    pub fn expire(half: *SendHalf, now: u64) Expiry {
        if (half.window > 0) {
            if (half.retransmission_count == retransmission_count_max) return .given_up;
            half.retransmission_count += 1;
        }
        half.timeout.backOff();
        half.restart(now);
        return if (half.window > 0) .retransmit else .probe;
    }
};

fn testHalf(buffer: *[buffer_size]u8) SendHalf {
    var half: SendHalf = .init(buffer, .fromInt(1000));
    half.meet(.{
        .acknowledgment = .fromInt(5000),
        .window = 100,
        .window_scale = 1,
        .segment_size_max = 76,
        .option_size = 12,
    });
    return half;
}

fn testAcknowledgment(number: u32, window: u16) tcp.Segment {
    return .{
        .source_port = 443,
        .destination_port = 40000,
        .sequence = .fromInt(5000),
        .acknowledgment = .fromInt(number),
        .flags = .{ .acknowledge = true },
        .window = window,
    };
}

test "chunks keep to the segment size and to the peer's window" {
    var buffer: [buffer_size]u8 = undefined;
    var half = testHalf(&buffer);
    const bytes: [150]u8 = @splat('a');
    try half.queue(&bytes);
    try std.testing.expectEqual(64, half.takeNew(0).?.octets.len);
    const second = half.takeNew(0).?;
    try std.testing.expectEqual(36, second.octets.len);
    try std.testing.expectEqual(1064, second.sequence.toInt());
    try std.testing.expectEqual(null, half.takeNew(0));

    // 100 octets acknowledged and a scaled window of 2 * 30.
    try std.testing.expectEqual(.accepted, half.acknowledge(0, testAcknowledgment(1100, 30), null));
    const third = half.takeNew(0).?;
    try std.testing.expectEqual(1100, third.sequence.toInt());
    try std.testing.expectEqual(50, third.octets.len);
    try std.testing.expect(third.push);
}

test "a segment that only acknowledges does not move the window's edge" {
    var buffer: [buffer_size]u8 = undefined;
    var half = testHalf(&buffer);
    const bytes: [150]u8 = @splat('a');
    try half.queue(&bytes);
    _ = half.takeNew(0);
    var overtaken = testAcknowledgment(1064, 100);
    overtaken.sequence = .fromInt(4999);
    try std.testing.expectEqual(.accepted, half.acknowledge(0, overtaken, null));
    try std.testing.expectEqual(36, half.window);
}

test "acknowledgments of what was never sent are refused, old ones are harmless" {
    var buffer: [buffer_size]u8 = undefined;
    var half = testHalf(&buffer);
    try half.queue("hello");
    try std.testing.expectEqual(.refused, half.acknowledge(0, testAcknowledgment(1001, 100), null));
    _ = half.takeNew(0);
    try std.testing.expectEqual(.refused, half.acknowledge(0, testAcknowledgment(1006, 100), null));
    const right = testAcknowledgment(1005, 100);
    try std.testing.expectEqual(.accepted, half.acknowledge(0, right, null));
    const old = testAcknowledgment(1000, 0);
    try std.testing.expectEqual(.accepted, half.acknowledge(0, old, null));
    try std.testing.expectEqual(200, half.window);
    const ancient = testAcknowledgment(@as(u32, 1005) -% (buffer_size + 1), 0);
    try std.testing.expectEqual(.refused, half.acknowledge(0, ancient, null));
}

test "the buffer is full when the peer has acknowledged none of it" {
    var buffer: [buffer_size]u8 = undefined;
    var half = testHalf(&buffer);
    const bytes: [buffer_size]u8 = @splat('a');
    try half.queue(bytes[1..]);
    try std.testing.expectError(error.TooLong, half.queue(bytes[0..2]));
    try half.queue(bytes[0..1]);
}

test "without timestamps, the round trip is that of octets sent once" {
    const second = std.time.ns_per_s;
    var buffer: [buffer_size]u8 = undefined;
    var half = testHalf(&buffer);
    try half.queue("a");
    _ = half.takeNew(0);
    _ = half.acknowledge(2 * second, testAcknowledgment(1001, 100), null);
    try std.testing.expectEqual(2 * second, half.timeout.smoothed_ns);
    try half.queue("b");
    _ = half.takeNew(3 * second);
    _ = half.chunkAgain(0);
    _ = half.acknowledge(4 * second, testAcknowledgment(1002, 100), null);
    try std.testing.expectEqual(2 * second, half.timeout.smoothed_ns);
}

test "a tiny MSS is taken as 64" {
    var buffer: [buffer_size]u8 = undefined;
    var half: SendHalf = .init(&buffer, .fromInt(0));
    half.meet(.{
        .acknowledgment = .fromInt(0),
        .window = 0,
        .window_scale = 255,
        .segment_size_max = 0,
        .option_size = 12,
    });
    try std.testing.expectEqual(52, half.segment_size_max);
    try std.testing.expectEqual(14, half.window_shift);
}
