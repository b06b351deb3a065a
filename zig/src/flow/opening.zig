//! What it takes to open flows: what all of a run share, and what is known of one host.

const std = @import("std");
const Address = @import("../wire/address.zig").Address;
const tcp = @import("../wire/tcp.zig");
const Key = @import("key.zig").Key;
const SequenceNumber = tcp.SequenceNumber;

pub const Configuration = struct {
    flow_count_max: u32,
    /// Blocks of `reassembly.block_size` octets for what arrives out of order, shared by all flows.
    block_count: u32,
    /// What our SYNs say: without window scale, windows above 65,535 octets cannot be expressed.
    window_scale: ?u8 = 7,
    /// What our SYNs say over IPv4, in octets of payload; over IPv6 20 less.
    maximum_segment_size: u16 = 1460,
    /// What `timestampOf` got for our SYNs.
    timestamp_offset: u32 = 0,
};

/// What a SYN-ACK says.
pub const SynAck = struct {
    /// What we acknowledge: its sequence number plus one.
    acknowledgment: SequenceNumber,
    /// As on the wire.
    window: u16,
    /// Maximum segment size, window scale, timestamps.
    options: tcp.Options,
};

/// A SYN of ours, whose options are those of all of a run.
pub const Syn = struct {
    local: Address,
    key: Key,
    sequence: SequenceNumber,
    /// For the timestamps option, where the run's SYNs have it.
    timestamp: u32,
    /// It was sent before.
    is_again: bool,
};

/// A host, and what to do with it.
pub const Opening = struct {
    /// Given back with everything the sink hears of this flow.
    user: u64,
    local: Address,
    local_port: u16,
    remote: Address,
    remote_port: u16,
    /// Of our first octet, one after that of our SYN.
    sequence: SequenceNumber,
    /// What has answered our SYN; null where the flow is to send one.
    syn_ack: ?SynAck,
    /// Sent with the acknowledgment of the SYN-ACK; empty where the peer speaks first.
    first_bytes: []const u8,
    /// When the flow ends with `timeout`, on the clock of `now`.
    deadline_ns: u64,
    /// In octets: what the peer may send before `allow` is called. The window's unit is 128 octets
    /// at window scale 7 and rounds down, so the last few octets only come after the next `allow`.
    receive_bytes: u32,

    pub fn key(opening: Opening) Key {
        return .{
            .remote = opening.remote,
            .remote_port = opening.remote_port,
            .local_port = opening.local_port,
        };
    }
};

/// The timestamp our segments carry at `now`, in milliseconds (RFC 7323, 5.4). The offset is the
/// run's.
pub fn timestampOf(now: u64, offset: u32) u32 {
    return @as(u32, @truncate(now / std.time.ns_per_ms)) +% offset;
}
