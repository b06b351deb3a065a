//! Our own SYN until the peer has answered it: SYN-SENT of RFC 9293 (3.10.7.3), with what a
//! connection on the ports of one before it may meet. Pure: sends nothing itself.

const std = @import("std");
const tcp = @import("../wire/tcp.zig");
const retransmission_count_max = @import("send_half.zig").retransmission_count_max;
const RetransmissionTimeout = @import("retransmission_timeout.zig").RetransmissionTimeout;
const SequenceNumber = tcp.SequenceNumber;

/// Between two resets to an old connection: its segments may come in numbers.
const reset_interval_ns = 500 * std.time.ns_per_ms;

/// From a challenge to the next SYN: the reset that answers the challenge goes first, on a path
/// that may reorder.
const challenge_pause_ns = 50 * std.time.ns_per_ms;

pub const Handshake = struct {
    /// Of the SYN.
    sequence: SequenceNumber,
    sent_at: u64,
    expires_at: u64,
    timeout: RetransmissionTimeout = .{},
    retransmission_count: u8 = 0,
    /// Until then, segments of an old connection are not answered.
    quiet_until: u64 = 0,
    was_challenged: bool = false,

    /// `sequence` is that of the SYN, which leaves now.
    pub fn init(now: u64, sequence: SequenceNumber) Handshake {
        const timeout: RetransmissionTimeout = .{};
        return .{ .sequence = sequence, .sent_at = now, .expires_at = now + timeout.value_ns };
    }

    /// What a segment is to a SYN that was sent.
    pub const Meaning = enum {
        nothing,
        /// A SYN-ACK: the connection is established.
        answered,
        refused,
        /// Of an older connection on these ports that the peer has not let go of.
        old,
    };

    /// A SYN without an acknowledgment, for which RFC 9293 knows the simultaneous open, means
    /// nothing either: who answered a SYN before is a server. So does a reset without one (RFC
    /// 5961, 3.2).
    pub fn meaningOf(handshake: *const Handshake, segment: tcp.Segment) Meaning {
        const flags = segment.flags;
        if (!flags.acknowledge) return .nothing;
        if (segment.acknowledgment != handshake.sequence.add(1)) {
            return if (flags.reset) .nothing else .old;
        }
        if (flags.reset) return .refused;
        return if (flags.synchronize) .answered else .nothing;
    }

    /// Takes a segment of an old connection, whose end our reset was to be and did not reach.
    /// Returns whether to reset it now: `<SEQ=SEG.ACK><CTL=RST>`.
    pub fn meetOld(handshake: *Handshake, now: u64, segment: tcp.Segment) bool {
        // One without payload is the challenge that a SYN to an open connection draws (RFC 5961,
        // 4.2), which swallows the SYN. What has a payload may have been on its way before that.
        if (segment.payload.len == 0 and !handshake.was_challenged) {
            handshake.was_challenged = true;
            handshake.expires_at = @min(handshake.expires_at, now + challenge_pause_ns);
        }
        if (now < handshake.quiet_until) return false;
        handshake.quiet_until = now + reset_interval_ns;
        return true;
    }

    /// The time that the peer took, where it can be told which SYN it answers (RFC 6298, 3).
    pub fn roundTrip(handshake: *const Handshake, now: u64) ?u64 {
        return if (handshake.retransmission_count == 0) now - handshake.sent_at else null;
    }

    pub const Expiry = enum { retransmit, given_up };

    /// What to do as `expires_at` has come.
    pub fn expire(handshake: *Handshake, now: u64) Expiry {
        if (handshake.retransmission_count == retransmission_count_max) return .given_up;
        handshake.retransmission_count += 1;
        handshake.timeout.backOff();
        handshake.expires_at = now + handshake.timeout.value_ns;
        return .retransmit;
    }
};
