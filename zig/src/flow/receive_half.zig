//! The peer's octets on their way to us: which segments count (RFC 9293, 3.10.7.4; RFC 5961; RFC
//! 7323), what is delivered, what is held, what the window says, and when to acknowledge. Pure:
//! sends nothing itself.

const std = @import("std");
const tcp = @import("../wire/tcp.zig");
const reassembly = @import("reassembly.zig");
const SequenceNumber = tcp.SequenceNumber;

/// In octets. The greatest window TCP can mean (RFC 7323, 2.3); more is not allowed at once.
pub const allowed_max = 1 << 30;

/// In octets, over the whole flow: how much beyond what it was allowed a peer may send. One initial
/// window of ten segments (RFC 6928): a server that only read the window in our SYN sends that much
/// before it hears of a smaller one.
pub const beyond_max = 10 * 1460;

/// In full segments. RFC 9293 (3.8.6.3) asks for an acknowledgment at every second one, but a
/// capture mostly ends within the peer's initial window, where acknowledgments let nothing new go
/// and every one of them is a frame of the budget. Four still clocks the slow start of a longer
/// answer (GRO makes hosts acknowledge in such strides too), and a peer whose initial window is
/// smaller waits for the delay below, once.
const acknowledge_segment_count = 4;

/// How long an acknowledgment may wait for data of ours to carry it, or for the reset that makes it
/// unnecessary. Well below the smallest retransmission timeout in use (200 ms), and the 500 ms of
/// RFC 9293, 3.8.6.3.
pub const acknowledge_delay_ns = 25 * std.time.ns_per_ms;

/// Between two answers to segments without data that do not fit (RFC 5961, 7): two ends that
/// disagree would answer each other for ever.
const challenge_interval_ns = 500 * std.time.ns_per_ms;

/// When to acknowledge.
pub const Answer = enum {
    never,
    /// With the next segment, or when the delay ends.
    later,
    now,
    /// At once, but not too often.
    challenge,
};

pub const ReceiveHalf = struct {
    /// The next octet the peer is to send, RCV.NXT of RFC 9293; zero before `meet`.
    next: SequenceNumber = .fromInt(0),
    /// What our last segment acknowledged, Last.ACK.sent of RFC 7323.
    acknowledged: SequenceNumber = .fromInt(0),
    /// In octets from `next`; at most `allowed_max`.
    allowed: u32,
    /// Of the windows we send.
    window_shift: u5 = 0,
    /// In octets of payload: what the peer's full segments hold.
    segment_size: u32 = undefined,
    held: reassembly.Queue = .{},
    /// The position of the peer's FIN, once one was seen.
    finish: ?SequenceNumber = null,
    /// TS.Recent of RFC 7323; null where the SYN-ACK had no timestamps.
    recent_timestamp: ?u32 = null,
    beyond_octets: u32 = 0,
    acknowledge_at: ?u64 = null,
    /// Until then, challenges are not answered.
    challenge_quiet_until: u64 = 0,

    /// The peer, as its SYN-ACK shows it.
    pub const Peer = struct {
        next: SequenceNumber,
        window_shift: u5,
        segment_size: u32,
        timestamp: ?u32,
    };

    /// `allowed` is in octets. Nothing can be taken before `meet`.
    pub fn init(allowed: u32) ReceiveHalf {
        return .{ .allowed = @min(allowed, allowed_max) };
    }

    pub fn meet(half: *ReceiveHalf, peer: Peer) void {
        half.next = peer.next;
        half.acknowledged = peer.next;
        half.window_shift = peer.window_shift;
        half.segment_size = peer.segment_size;
        half.recent_timestamp = peer.timestamp;
    }

    pub fn allow(half: *ReceiveHalf, bytes: u64) void {
        half.allowed = @intCast(@min(half.allowed +| bytes, allowed_max));
    }

    /// The window field of our segments: rounded down, so that it never says more than is allowed.
    pub fn windowField(half: *const ReceiveHalf) u16 {
        return std.math.lossyCast(u16, half.allowed >> half.window_shift);
    }

    pub fn isOverrun(half: *const ReceiveHalf) bool {
        return half.beyond_octets > beyond_max;
    }

    /// Everything up to the peer's FIN was delivered.
    pub fn isFinished(half: *const ReceiveHalf) bool {
        return half.finish == half.next;
    }

    /// Whether a reset is meant for this flow. RFC 5961 (3.2) would challenge one that is within
    /// the window but not exact; a scanner only loses one capture by believing it.
    pub fn acceptsReset(half: *const ReceiveHalf, sequence: SequenceNumber) bool {
        const start: i64 = half.next.distance(sequence);
        return start >= half.unacknowledgedStart() and start <= half.allowed;
    }

    pub const Fit = enum { fits, stale, outside };

    /// Whether a segment belongs to this flow's present: no older by its timestamp than what was
    /// seen (RFC 7323, 5.3), and touching the window or what we have not acknowledged yet.
    pub fn inspect(half: *const ReceiveHalf, segment: tcp.Segment) Fit {
        if (half.timestampAge(segment)) |age| {
            if (age > 0) return .stale;
        }
        const start: i64 = half.next.distance(segment.sequence);
        const end = start + segment.sequenceCount();
        if (end < half.unacknowledgedStart() or start > half.allowed) return .outside;
        return .fits;
    }

    /// What a segment that does not fit is answered with: data again and again, as the
    /// acknowledgment it lacks may have been lost; anything else as a challenge.
    pub fn reject(half: *ReceiveHalf, segment: tcp.Segment, fit: Fit) Answer {
        std.debug.assert(fit != .fits);
        if (segment.sequenceCount() == 0) return .challenge;
        const start: i64 = half.next.distance(segment.sequence);
        if (fit == .outside and start > half.allowed) half.countBeyond(segment.payload.len);
        return .now;
    }

    /// Takes the payload and the FIN of a segment that fits. `sink.data(user, bytes) bool` gets
    /// what is in order; when it refuses, nothing of it is acknowledged and the peer sends it
    /// again.
    pub fn take(
        half: *ReceiveHalf,
        pool: *reassembly.Pool,
        segment: tcp.Segment,
        sink: anytype,
        user: u64,
    ) Answer {
        half.keepTimestamp(segment);
        // What the sink refused before may go now, and then the segment may bring nothing new.
        const before = half.next;
        const had_gap = !half.held.isEmpty();
        const held_went = half.deliverHeld(pool, sink, user);
        const unchanged: Answer = if (half.next == before) .never else .now;
        if (!held_went or segment.sequenceCount() == 0) return unchanged;

        const trimmed = half.trim(segment);
        if (segment.flags.finish) half.keepFinish(segment);
        if (trimmed.offset == 0) {
            if (!half.deliver(trimmed.payload, sink, user)) return unchanged;
            if (!half.deliverHeld(pool, sink, user)) return .now;
        } else {
            half.held.hold(pool, half.next.add(trimmed.offset), trimmed.payload);
        }
        // A gap that opens, shrinks or closes, and data that came twice, are news for the peer's
        // recovery (RFC 5681, 4.2).
        const arrived_in_order = half.next != before and !had_gap and half.held.isEmpty();
        if (!arrived_in_order or trimmed.is_cut) return .now;
        return half.answerProgress();
    }

    fn answerProgress(half: *const ReceiveHalf) Answer {
        const delivered: u32 = @intCast(half.acknowledged.distance(half.next));
        if (delivered >= acknowledge_segment_count * half.segment_size) return .now;
        // The peer has to stop here, and should not take that for loss.
        const window = @as(u32, half.windowField()) << half.window_shift;
        return if (window < half.segment_size) .now else .later;
    }

    /// Whether a challenge may be answered now; counts it as answered.
    pub fn mayChallenge(half: *ReceiveHalf, now: u64) bool {
        if (now < half.challenge_quiet_until) return false;
        half.challenge_quiet_until = now + challenge_interval_ns;
        return true;
    }

    pub fn acknowledgeLater(half: *ReceiveHalf, now: u64) void {
        if (half.acknowledge_at == null) half.acknowledge_at = now + acknowledge_delay_ns;
    }

    /// A segment with an acknowledgment has left.
    pub fn acknowledgmentSent(half: *ReceiveHalf) void {
        half.acknowledged = half.next;
        half.acknowledge_at = null;
    }

    const Trimmed = struct {
        payload: []const u8,
        /// In octets from `next`.
        offset: u32,
        /// Something old or beyond the window was cut off.
        is_cut: bool,
    };

    /// What of the payload is new and allowed.
    fn trim(half: *ReceiveHalf, segment: tcp.Segment) Trimmed {
        const start: i64 = half.next.distance(segment.sequence);
        const old_size: usize = @min(@as(u64, @intCast(@max(-start, 0))), segment.payload.len);
        const offset: u32 = @intCast(@max(start, 0));
        const wanted = segment.payload[old_size..];
        const size = @min(wanted.len, half.allowed -| offset);
        half.countBeyond(wanted.len - size);
        return .{
            .payload = wanted[0..size],
            .offset = offset,
            .is_cut = size < segment.payload.len,
        };
    }

    fn keepFinish(half: *ReceiveHalf, segment: tcp.Segment) void {
        const position = segment.sequence.add(@intCast(segment.payload.len));
        const offset: i64 = half.next.distance(position);
        if (half.finish == null and offset >= 0 and offset <= half.allowed) half.finish = position;
    }

    fn deliverHeld(half: *ReceiveHalf, pool: *reassembly.Pool, sink: anytype, user: u64) bool {
        while (half.held.continueAt(pool, half.next)) |octets| {
            if (!half.deliver(octets, sink, user)) return false;
        }
        return true;
    }

    fn deliver(half: *ReceiveHalf, octets: []const u8, sink: anytype, user: u64) bool {
        if (octets.len == 0) return true;
        if (!sink.data(user, octets)) return false;
        half.next = half.next.add(@intCast(octets.len));
        half.allowed -= @intCast(octets.len);
        return true;
    }

    fn countBeyond(half: *ReceiveHalf, octets: usize) void {
        half.beyond_octets +|= std.math.lossyCast(u32, octets);
    }

    /// Never positive: the start of what we received and did not acknowledge, from `next`.
    fn unacknowledgedStart(half: *const ReceiveHalf) i64 {
        return half.next.distance(half.acknowledged);
    }

    /// How far a segment's timestamp lies before the most recent one, in the peer's unit.
    fn timestampAge(half: *const ReceiveHalf, segment: tcp.Segment) ?i32 {
        const recent = half.recent_timestamp orelse return null;
        const timestamps = segment.options.timestamps orelse return null;
        return @bitCast(recent -% timestamps.value);
    }

    /// RFC 7323, 4.3: only what starts at or before our last acknowledgment, so that the echo
    /// covers the time an acknowledgment was delayed.
    fn keepTimestamp(half: *ReceiveHalf, segment: tcp.Segment) void {
        const age = half.timestampAge(segment) orelse return;
        if (age > 0 or half.acknowledged.before(segment.sequence)) return;
        half.recent_timestamp = segment.options.timestamps.?.value;
    }
};
