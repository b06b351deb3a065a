//! The sending half of one connection: which octet goes next, and which again. It holds no octets:
//! a response can be read at any offset.
//!
//! RFC 9293, 3.8; congestion: RFC 5681, with the larger initial window of RFC 6928 and the recovery
//! of RFC 6582.

const std = @import("std");
const tcp = @import("../../src/wire/tcp.zig");
const SequenceNumber = tcp.SequenceNumber;
const RoundTrip = @import("round_trip.zig").RoundTrip;

/// RFC 6928, 2.
const initial_segment_count = 10;
/// RFC 5681, 3.2.
const duplicate_count_max = 3;
/// More than any window (RFC 7323, 2.2).
const congestion_window_max = 1 << 30;

/// What there is to send: everything up to here, and then FIN or not.
pub const Stream = struct {
    end: SequenceNumber,
    has_finish: bool,

    /// The number after the last that is taken.
    pub fn last(stream: Stream) SequenceNumber {
        return stream.end.add(@intFromBool(stream.has_finish));
    }
};

/// What one segment carries of a stream.
pub const Chunk = struct {
    sequence: SequenceNumber,
    /// In octets; 0 for a FIN alone.
    size: u16,
    has_finish: bool,
    is_repeated: bool,
};

pub const Sender = struct {
    unacknowledged: SequenceNumber,
    /// The next to send: goes back to `unacknowledged` when an acknowledgment is overdue.
    next: SequenceNumber,
    /// The number after all that was ever sent.
    highest: SequenceNumber,
    /// `highest` at the last loss: up to here it is the same loss (RFC 6582, 3.2).
    recovery_point: SequenceNumber,
    /// The client's, in octets.
    window: u32 = 0,
    congestion_window: u32 = 0,
    slow_start_threshold: u32 = congestion_window_max,
    /// The segment whose round trip is being measured, and when it was sent.
    timed: SequenceNumber,
    timed_at_us: u32,
    round_trip: RoundTrip = .{},
    /// Of data, in octets.
    segment_size: u16,
    duplicate_count: u8 = 0,
    /// Since something new was last acknowledged.
    repetition_count: u8 = 0,
    is_timing: bool = true,
    is_recovering: bool = false,

    /// Everything before `next` has been sent, and `unacknowledged` is the first of it.
    pub fn init(
        unacknowledged: SequenceNumber,
        next: SequenceNumber,
        segment_size: u16,
        now_us: u32,
    ) Sender {
        std.debug.assert(segment_size > 0);
        return .{
            .unacknowledged = unacknowledged,
            .next = next,
            .highest = next,
            .recovery_point = unacknowledged,
            .congestion_window = initial_segment_count * @as(u32, segment_size),
            .timed = unacknowledged,
            .timed_at_us = now_us,
            .segment_size = segment_size,
        };
    }

    pub fn isWaiting(sender: *const Sender) bool {
        return sender.unacknowledged != sender.highest;
    }

    /// The next segment that both windows have room for, counted as sent.
    pub fn take(sender: *Sender, stream: Stream, now_us: u32) ?Chunk {
        const remaining = count(sender.next, stream.last());
        if (remaining == 0) return null;
        const flight = count(sender.unacknowledged, sender.next);
        const usable = @min(sender.window, sender.congestion_window) -| flight;
        if (usable == 0) return null;
        const octet_count = remaining - @intFromBool(stream.has_finish);
        const size: u16 = @intCast(@min(octet_count, sender.segment_size, usable));
        // Waits for a window that a whole segment fits in (RFC 9293, 3.8.6.2.1).
        if (size < sender.segment_size and size < octet_count and flight > 0) return null;
        const has_finish = stream.has_finish and size == octet_count and size < usable;

        const chunk: Chunk = .{
            .sequence = sender.next,
            .size = size,
            .has_finish = has_finish,
            .is_repeated = sender.next.before(sender.highest),
        };
        sender.next = sender.next.add(size + @as(u32, @intFromBool(has_finish)));
        if (sender.highest.before(sender.next)) sender.highest = sender.next;
        if (!sender.is_timing and !chunk.is_repeated) {
            sender.is_timing = true;
            sender.timed = chunk.sequence;
            sender.timed_at_us = now_us;
        }
        return chunk;
    }

    /// The first segment of what is not acknowledged, once more.
    pub fn takeAgain(sender: *Sender, stream: Stream) Chunk {
        const sent = count(sender.unacknowledged, sender.highest);
        std.debug.assert(sent > 0);
        const octet_count = @min(sent, count(sender.unacknowledged, stream.end));
        const size: u16 = @intCast(@min(octet_count, sender.segment_size));
        sender.is_timing = false; // An acknowledgment could be for either (RFC 6298, 3).
        return .{
            .sequence = sender.unacknowledged,
            .size = size,
            .has_finish = size == octet_count and octet_count < sent,
            .is_repeated = true,
        };
    }

    /// One octet into a closed window, or the FIN, so that the client says when it opens (RFC 9293,
    /// 3.8.6.1).
    pub fn takeProbe(sender: *Sender, stream: Stream) Chunk {
        std.debug.assert(sender.unacknowledged.before(stream.last()));
        const has_octet = sender.unacknowledged.before(stream.end);
        const after = sender.unacknowledged.add(1);
        const is_repeated = sender.isWaiting();
        if (sender.highest.before(after)) sender.highest = after;
        sender.is_timing = false;
        return .{
            .sequence = sender.unacknowledged,
            .size = @intFromBool(has_octet),
            .has_finish = !has_octet,
            .is_repeated = is_repeated,
        };
    }

    pub const Progress = enum {
        complete,
        /// The next loss of a recovery shows: `takeAgain`.
        partial,
    };

    /// Takes an acknowledgment of something new, that has been sent.
    pub fn acknowledge(sender: *Sender, acknowledgment: SequenceNumber, now_us: u32) Progress {
        std.debug.assert(sender.unacknowledged.before(acknowledgment));
        std.debug.assert(acknowledgment.atOrBefore(sender.highest));
        const acknowledged_count = count(sender.unacknowledged, acknowledgment);
        if (sender.is_timing and sender.timed.before(acknowledgment)) {
            sender.is_timing = false;
            sender.round_trip.measured(now_us -% sender.timed_at_us);
        } else if (sender.repetition_count > 0) {
            sender.round_trip.forgetBackOff();
        }
        sender.unacknowledged = acknowledgment;
        if (sender.next.before(acknowledgment)) sender.next = acknowledgment;
        sender.duplicate_count = 0;
        sender.repetition_count = 0;

        const segment_size: u32 = sender.segment_size;
        if (sender.is_recovering) {
            if (acknowledgment.before(sender.recovery_point)) {
                sender.congestion_window =
                    (sender.congestion_window -| acknowledged_count) + segment_size;
                return .partial;
            }
            sender.is_recovering = false;
            sender.congestion_window = sender.slow_start_threshold;
        } else if (sender.congestion_window < sender.slow_start_threshold) {
            sender.widen(@min(acknowledged_count, segment_size));
        } else {
            sender.widen(@max(segment_size * segment_size / sender.congestion_window, 1));
        }
        return .complete;
    }

    /// Takes an acknowledgment of nothing new. True when it shows a loss: `takeAgain` (RFC 5681,
    /// 3.2).
    pub fn acknowledgeAgain(sender: *Sender) bool {
        sender.duplicate_count +|= 1;
        if (sender.is_recovering) {
            sender.widen(sender.segment_size);
            return false;
        }
        if (sender.duplicate_count != duplicate_count_max) return false;
        if (sender.unacknowledged.before(sender.recovery_point)) return false;
        sender.narrow();
        sender.recovery_point = sender.highest;
        sender.congestion_window = sender.slow_start_threshold +
            duplicate_count_max * @as(u32, sender.segment_size);
        sender.is_recovering = true;
        return true;
    }

    /// No acknowledgment came in time: all that is not acknowledged has to be sent again.
    pub fn expire(sender: *Sender) void {
        sender.round_trip.backOff();
        // A window that the client closed is no sign of congestion.
        if (sender.window > 0) {
            if (sender.repetition_count == 0) sender.narrow();
            sender.congestion_window = sender.segment_size;
        }
        sender.repetition_count += 1;
        sender.next = sender.unacknowledged;
        sender.recovery_point = sender.highest;
        sender.duplicate_count = 0;
        sender.is_recovering = false;
        sender.is_timing = false;
    }

    fn narrow(sender: *Sender) void {
        const flight = count(sender.unacknowledged, sender.highest);
        sender.slow_start_threshold = @max(flight / 2, 2 * @as(u32, sender.segment_size));
    }

    fn widen(sender: *Sender, octet_count: u32) void {
        sender.congestion_window =
            @min(sender.congestion_window + octet_count, congestion_window_max);
    }
};

/// From one number to another that is not before it.
fn count(from: SequenceNumber, to: SequenceNumber) u32 {
    return @intCast(from.distance(to));
}
