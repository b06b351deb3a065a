//! What the packet plane and JavaScript share: one block of counters, gates and token buckets, and
//! the records of the two rings. JavaScript allocates the memory (a SharedArrayBuffer); both sides
//! use atomics on it.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Bucket = @import("bucket.zig").Bucket;
const EventCounter = @import("sys/event_counter.zig").EventCounter;
const Positions = @import("ring.zig").Positions;
const tcp = @import("wire/tcp.zig");

/// One run's budget: what may be spent, by whom, is decided where a bucket is taken from.
pub const Budget = extern struct {
    /// `--rate`: probes.
    probes: Bucket,
    /// `--bandwidth`, as it happens: octets of Ethernet frames, both directions. It bounds every
    /// instant.
    wire: Bucket,
    /// `--bandwidth`, as promised: probes spend their frame, a capture reserves what it may draw in
    /// and gives back what it did not. It keeps answers that are still on their way inside the
    /// budget.
    commitment: Bucket,
};

pub const SweepState = enum(u32) {
    idle = 0,
    sending = 1,
    /// Between two passes, or after the last: waiting for late replies.
    cooling = 2,
    done = 3,
    /// `Control.failure_code` says why.
    failed = 4,
    /// An interface takes no frames: `Control.blocked_interface`. What was not sent is kept.
    blocked = 5,
};

/// Everything is written by one side and read by the other; the comment says who writes. Counters
/// only grow, but for `unreachable_count`.
pub const Control = extern struct {
    budget: Budget,
    /// Of the sender's own events.
    sender_events: Positions,
    /// Native: advanced with each batch of events.
    event_counter: EventCounter,
    /// Native: a `SweepState`.
    sweep_state: u32,
    /// Native: errno of the failure behind `SweepState.failed` or `SweepState.blocked`.
    failure_code: u32,
    /// Native: index of the interface behind it.
    blocked_interface: u32,
    /// JavaScript: not 0 stops the sender for good; replies are still read.
    stop_sending: u32,
    /// Native: the pass under way; 0 is the first.
    pass: u32,
    /// Native: a `Transmitter.Method`, of the first interface.
    send_method: u32,

    /// Native: steps of the permutation whose targets have been probed and have had the time to
    /// answer: where a later run goes on without losing any.
    cursor: u64,
    /// Native: how many targets that are.
    targets_settled: u64,
    /// Native: steps of the pass behind the first that is under way, if one is, and which that is;
    /// 0 while it is the first.
    repeat_cursor: u64,
    repeat_pass: u64,
    /// Native: odd while the four above are being written, and another number behind that: they are
    /// read together.
    progress_version: u64,
    /// Native: verified hosts handed to JavaScript.
    hosts_verified: u64,
    /// JavaScript: verified hosts it has dealt with. The difference is the queue that slows the
    /// sender.
    hosts_settled: u64,
    /// Native: when a target answered for the first time, most recently (nanoseconds of the packet
    /// plane's clock).
    answered_at: u64,

    // Native: what was sent.
    probes_sent: u64,
    /// Of these, in the passes behind the first.
    probes_repeated: u64,
    /// Questions for neighbours' addresses.
    questions_sent: u64,
    /// Targets handed to JavaScript, for the kernel's sockets.
    targets_diverted: u64,
    /// Targets that no route leads to, or only one that refuses them.
    targets_unrouted: u64,
    resets_sent: u64,
    bytes_sent: u64,
    send_shortfalls: u64,

    // Native: what was received.
    frames_received: u64,
    bytes_received: u64,
    frames_dropped: u64,
    /// Replies that do not carry the run's cookie, and replies about addresses outside the target
    /// set.
    replies_forged: u64,
    replies_outside: u64,
    replies_duplicate: u64,
    /// Replies for which the event ring had no room or the dedup no memory; their targets stay
    /// unanswered for the next pass.
    replies_deferred: u64,
    closed: u64,
    unreachable_count: u64,
    /// Of these, targets that no neighbour answers for.
    neighbors_silent: u64,
    /// Resets that left from our ports and are not ours: the kernel's, or a firewall's.
    kernel_resets: u64,
};

/// One reader's two rings. Readers share nothing that is written per frame.
pub const Channel = extern struct {
    events: Positions,
    commands: Positions,
};

/// What a SYN-ACK said: all that is needed to continue its handshake later, so that nothing is kept
/// until then.
pub const HostFacts = extern struct {
    remote: Address,
    local: Address,
    remote_port: u16,
    local_port: u16,
    /// The first octet we would send; once there was a connection, where the last one's stream
    /// ended.
    sequence: u32,
    /// The first octet we expect.
    acknowledgment: u32,
    window: u16,
    /// The peer's MSS; 0 when it sent none.
    segment_size_max: u16,
    /// `no_window_scale` when the peer does not scale.
    window_scale: u8,
    time_to_live: u8,
    has_timestamps: u8,
    _padding: u8 = 0,
    /// The peer's TSval, to be echoed.
    timestamp: u32,
    /// From probe to SYN-ACK, by our echoed timestamp; `round_trip_unknown` without one.
    round_trip_ms: u32,
    _reserved: u32 = 0,

    pub const no_window_scale = 255;
    pub const round_trip_unknown = std.math.maxInt(u32);
};

/// What layer 4 says of a target. Silence is no event.
pub const Verdict = enum(u8) {
    open = 0,
    closed = 1,
    unreachable_target = 2,
};

/// Why a target is unreachable.
pub const Obstacle = enum(u8) {
    none = 0,
    /// An ICMP error says so.
    icmp = 1,
    /// A neighbour that answers no question for its link address.
    no_neighbor = 2,
};

/// What a target's answer said.
pub const Reply = extern struct {
    remote: Address,
    /// The address of ours that it was sent to.
    local: Address,
    /// Of an ICMP error: who sent it.
    responder: Address,
    /// When it was received, in microseconds since 1970.
    time_us: u64,
    /// From probe to reply; `round_trip_unknown` when that is not known.
    round_trip_us: u32,
    /// As on the wire.
    sequence: u32,
    acknowledgment: u32,
    remote_port: u16,
    local_port: u16,
    window: u16,
    /// Of the IPv4 header; 0 over IPv6.
    identification: u16,
    /// A `Verdict`.
    verdict: u8,
    /// An `Obstacle`.
    obstacle: u8,
    time_to_live: u8,
    icmp_type: u8,
    icmp_code: u8,
    options_size: u8,
    _padding: [2]u8 = @splat(0),
    /// The TCP options as on the wire.
    options: [tcp.header_size_max - tcp.header_size_min]u8,

    pub const round_trip_unknown = std.math.maxInt(u32);
};

pub const EventKind = enum(u16) {
    /// Payload: `HostFacts` of a host that was verified just now.
    host = 1,
    /// Payload: octets in order.
    data = 2,
    /// Payload: `Ended`. The last event of a connection.
    ended = 3,
    /// Payload: `Reply`. A later one about the same target says more: verdicts only upgrade.
    reply = 4,
    /// Payload: `WalkTarget`, one that raw frames do not reach.
    diverted = 5,
};

/// A target as a walk gives it to JavaScript.
pub const WalkTarget = extern struct {
    address: Address,
    port: u16,
    _padding: [6]u8 = @splat(0),
};

pub const CommandKind = enum(u16) {
    /// Payload: `Open`, then the first octets to send.
    open = 1,
    /// Payload: octets to send.
    send = 2,
    /// Payload: u32, how many more octets the peer may send.
    allow = 3,
    /// Leave with a RST; `ended` follows.
    close = 4,
    /// Payload: `HostFacts` of a host that will not be continued: it gets our RST.
    reject = 5,
};

pub const Open = extern struct {
    facts: HostFacts,
    /// From now to the end of the connection, in nanoseconds.
    deadline_ns: u64,
    receive_bytes: u32,
    /// A `Handshake`.
    handshake: u32,
};

/// How a connection starts.
pub const Handshake = enum(u32) {
    /// With the acknowledgment of the SYN-ACK that verified its host.
    continued = 0,
    /// With a SYN of its own.
    fresh = 1,
};

pub const Ended = extern struct {
    /// A `flow.EndReason`.
    reason: u32,
    /// Where our stream ended: behind everything that was sent, for `HostFacts.sequence`.
    sequence: u32,
    /// Octets of Ethernet frames.
    bytes_sent: u64,
    bytes_received: u64,
};

comptime {
    std.debug.assert(@sizeOf(HostFacts) == 64);
    std.debug.assert(@sizeOf(Reply) == 128);
    std.debug.assert(@sizeOf(Open) == 80);
    std.debug.assert(@sizeOf(Ended) == 24);
}

/// Adds to a counter; the sender and the readers share them.
pub fn count(counter: *u64, amount: u64) void {
    _ = @atomicRmw(u64, counter, .Add, amount, .monotonic);
}

/// Takes back what was counted before.
pub fn discount(counter: *u64, amount: u64) void {
    _ = @atomicRmw(u64, counter, .Sub, amount, .monotonic);
}
