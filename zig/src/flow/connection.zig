//! One flow from its handshake to its end: puts the two halves together, and is the only place that
//! sends.
//!
//! Most functions take a `world`: `now` in nanoseconds, `configuration`, `pool`, `device` and
//! `sink`, the latter three by pointer (see `FlowTable`).

const std = @import("std");
const Address = @import("../wire/address.zig").Address;
const ethernet = @import("../wire/ethernet.zig");
const tcp = @import("../wire/tcp.zig");
const send_half = @import("send_half.zig");
const receive_half = @import("receive_half.zig");
const opening_facts = @import("opening.zig");
const Key = @import("key.zig").Key;
const SendHalf = send_half.SendHalf;
const ReceiveHalf = receive_half.ReceiveHalf;
const SequenceNumber = tcp.SequenceNumber;
const Configuration = opening_facts.Configuration;
const Handshake = @import("handshake.zig").Handshake;
const Opening = opening_facts.Opening;
const SynAck = opening_facts.SynAck;
const timestampOf = opening_facts.timestampOf;

/// Why a flow ended. The same words as the transport's.
pub const EndReason = enum(u8) {
    /// `close` was called.
    closed,
    /// The peer sent its FIN, and everything before it was delivered.
    end,
    /// The peer reset the connection, or refused it.
    reset,
    /// The deadline passed, or the peer stopped acknowledging.
    timeout,
    /// The peer sent clearly more than it was allowed (`receive_half.beyond_max`).
    overflow,
    /// An ICMP error said that the path is broken.
    @"unreachable",
    /// Never the end of a flow: what the caller reports for one that `open` had no room for.
    exhausted,
};

/// In octets of Ethernet frames, header included, FCS not.
pub const Counters = struct { bytes_sent: u64 = 0, bytes_received: u64 = 0 };

pub const Connection = struct {
    user: u64,
    local: Address,
    key: Key,
    deadline: u64,
    counters: Counters = .{},
    /// Null once the peer has answered a SYN of ours.
    handshake: ?Handshake = null,
    sender: SendHalf,
    receiver: ReceiveHalf,

    /// Sends nothing yet: `start` does. TooLong: the first bytes are more than the buffer holds.
    pub fn init(
        buffer: *[send_half.buffer_size]u8,
        configuration: Configuration,
        opening: Opening,
    ) error{TooLong}!Connection {
        var connection: Connection = .{
            .user = opening.user,
            .local = opening.local,
            .key = opening.key(),
            .deadline = opening.deadline_ns,
            .sender = .init(buffer, opening.sequence),
            .receiver = .init(opening.receive_bytes),
        };
        try connection.sender.queue(opening.first_bytes);
        if (opening.syn_ack) |syn_ack| connection.meet(configuration, syn_ack);
        return connection;
    }

    /// Takes what the SYN-ACK says of the peer.
    fn meet(connection: *Connection, configuration: Configuration, syn_ack: SynAck) void {
        const options = syn_ack.options;
        const remote = connection.key.remote;
        // Without the option, RFC 9293 (3.7.1) grants no more than every host must take.
        const default_size: u16 = if (remote.isIpv4()) 536 else 1220;
        const peer_size = options.maximum_segment_size orelse default_size;
        const link_size = configuration.maximum_segment_size - (ipHeaderSize(remote) - 20);
        // In every segment once the SYN-ACK has them, so payloads are that much smaller (RFC 6691).
        const option_size: u32 = if (options.timestamps == null) 0 else 12;
        // Scaling takes both sides (RFC 7323, 2.2).
        const is_scaled = options.window_scale != null;
        connection.sender.meet(.{
            .acknowledgment = syn_ack.acknowledgment,
            .window = syn_ack.window,
            .window_scale = options.window_scale,
            .segment_size_max = @min(peer_size, link_size),
            .option_size = option_size,
        });
        connection.receiver.meet(.{
            .next = syn_ack.acknowledgment,
            .window_shift = if (is_scaled) @intCast(configuration.window_scale orelse 0) else 0,
            .segment_size = link_size - option_size,
            .timestamp = if (options.timestamps) |timestamps| timestamps.value else null,
        });
    }

    /// Answers the SYN-ACK, with the first bytes where there are some and the peer can take them.
    pub fn start(connection: *Connection, world: anytype) void {
        if (connection.pump(world) == 0) connection.acknowledge(world);
    }

    /// Sends a SYN: the first bytes wait for its answer.
    pub fn startAnew(connection: *Connection, world: anytype) void {
        const sequence = connection.sender.next().add(std.math.maxInt(u32)); // One before.
        connection.handshake = .init(world.now, sequence);
        connection.synchronize(world, false);
    }

    pub fn send(connection: *Connection, world: anytype, bytes: []const u8) error{TooLong}!void {
        try connection.sender.queue(bytes);
        if (connection.handshake == null) _ = connection.pump(world);
    }

    pub fn allow(connection: *Connection, world: anytype, bytes: u64) void {
        if (connection.handshake != null) return connection.receiver.allow(bytes);
        const window_before = connection.receiver.windowField();
        connection.receiver.allow(bytes);
        if (connection.receiver.windowField() != window_before) connection.acknowledge(world);
    }

    /// What a segment does; the reason when it ends the flow.
    pub fn process(connection: *Connection, world: anytype, segment: tcp.Segment) ?EndReason {
        if (connection.handshake != null) return connection.processAnswer(world, segment);
        const receiver = &connection.receiver;
        if (segment.flags.reset) {
            return if (receiver.acceptsReset(segment.sequence)) .reset else null;
        }
        if (segment.flags.synchronize) {
            // The SYN-ACK again: our answer to it was lost. Or a challenge (RFC 5961, 4), which
            // wants the same acknowledgment.
            if (receiver.mayChallenge(world.now)) connection.sendAgain(world);
            return null;
        }
        if (!segment.flags.acknowledge) return null;

        const fit = receiver.inspect(segment);
        if (fit != .fits) {
            connection.answer(world, receiver.reject(segment, fit));
            return if (receiver.isOverrun()) .overflow else null;
        }
        switch (connection.sender.acknowledge(world.now, segment, echoOf(world, segment))) {
            .accepted => {},
            .opened => connection.sendAgain(world),
            .refused => {
                connection.answer(world, .challenge);
                return null;
            },
        }
        const wanted = receiver.take(world.pool, segment, world.sink, connection.user);
        if (receiver.isFinished()) return .end;
        if (receiver.isOverrun()) return .overflow;
        if (connection.pump(world) == 0) connection.answer(world, wanted);
        return null;
    }

    /// As `process`, while a SYN of ours waits for its answer.
    fn processAnswer(connection: *Connection, world: anytype, segment: tcp.Segment) ?EndReason {
        const handshake = &connection.handshake.?;
        switch (handshake.meaningOf(segment)) {
            .nothing => {},
            .refused => return .reset,
            .old => if (handshake.meetOld(world.now, segment)) {
                connection.transmit(world, .{ .sequence = segment.acknowledgment, .reset = true });
            },
            .answered => {
                if (handshake.roundTrip(world.now)) |round_trip_ns| {
                    connection.sender.timeout.measured(round_trip_ns);
                }
                connection.handshake = null;
                connection.meet(world.configuration, .{
                    .acknowledgment = segment.sequence.add(1),
                    .window = segment.window,
                    .options = segment.options,
                });
                connection.start(world);
            },
        }
        return null;
    }

    /// The earliest time at which `expire` has something to do.
    pub fn expiresAt(connection: *const Connection) u64 {
        const never = std.math.maxInt(u64);
        if (connection.handshake) |handshake| {
            return @min(connection.deadline, handshake.expires_at);
        }
        return @min(
            connection.deadline,
            connection.sender.expires_at orelse never,
            connection.receiver.acknowledge_at orelse never,
        );
    }

    /// Does what is due; the reason when that ends the flow.
    pub fn expire(connection: *Connection, world: anytype) ?EndReason {
        if (connection.deadline <= world.now) return .timeout;
        if (connection.handshake) |*handshake| {
            if (handshake.expires_at > world.now) return null;
            if (handshake.expire(world.now) == .given_up) return .timeout;
            connection.synchronize(world, true);
            return null;
        }
        const sender = &connection.sender;
        if (isDue(sender.expires_at, world.now)) switch (sender.expire(world.now)) {
            .given_up => return .timeout,
            .retransmit => connection.sendAgain(world),
            .probe => connection.transmit(world, .{ .sequence = sender.probePosition() }),
        };
        if (isDue(connection.receiver.acknowledge_at, world.now)) connection.acknowledge(world);
        return null;
    }

    /// Tells the peer that the flow is over, unless it said so or is gone. Before its SYN-ACK has
    /// come it may know of the flow as well.
    pub fn leave(connection: *Connection, world: anytype, reason: EndReason) void {
        switch (reason) {
            .closed, .end, .timeout, .overflow => connection.transmit(world, .{
                .sequence = connection.sender.next(),
                .reset = true,
            }),
            .reset, .@"unreachable" => {},
            .exhausted => unreachable,
        }
    }

    /// Whether a segment of ours with that sequence number can be on its way: what an ICMP error
    /// has to quote to be believed (RFC 5927, 4.1).
    pub fn mayHaveSent(connection: *const Connection, sequence: SequenceNumber) bool {
        return connection.sender.probePosition().atOrBefore(sequence) and
            sequence.atOrBefore(connection.sender.next());
    }

    fn isDue(at: ?u64, now: u64) bool {
        return at != null and at.? <= now;
    }

    /// The round trip that a segment's timestamp echo shows.
    fn echoOf(world: anytype, segment: tcp.Segment) ?u64 {
        const timestamps = segment.options.timestamps orelse return null;
        const current = timestampOf(world.now, world.configuration.timestamp_offset);
        return @as(u64, current -% timestamps.echo) * std.time.ns_per_ms;
    }

    fn answer(connection: *Connection, world: anytype, wanted: receive_half.Answer) void {
        const receiver = &connection.receiver;
        switch (wanted) {
            .never => {},
            .later => receiver.acknowledgeLater(world.now),
            .now => connection.acknowledge(world),
            .challenge => if (receiver.mayChallenge(world.now)) connection.acknowledge(world),
        }
    }

    /// Sends what is new and the peer can take; how many segments that were.
    fn pump(connection: *Connection, world: anytype) usize {
        var count: usize = 0;
        while (connection.sender.takeNew(world.now)) |chunk| : (count += 1) {
            connection.transmitChunk(world, chunk);
        }
        connection.sender.schedule(world.now);
        return count;
    }

    /// Sends everything unacknowledged again, or the acknowledgment alone when there is nothing.
    fn sendAgain(connection: *Connection, world: anytype) void {
        var offset: u32 = 0;
        while (connection.sender.chunkAgain(offset)) |chunk| {
            connection.transmitChunk(world, chunk);
            offset += @intCast(chunk.octets.len);
        }
        if (offset == 0) connection.acknowledge(world);
        connection.sender.restart(world.now);
    }

    fn synchronize(connection: *Connection, world: anytype, is_again: bool) void {
        connection.counters.bytes_sent += world.device.synchronize(.{
            .local = connection.local,
            .key = connection.key,
            .sequence = connection.handshake.?.sequence,
            .timestamp = timestampOf(world.now, world.configuration.timestamp_offset),
            .is_again = is_again,
        });
    }

    fn acknowledge(connection: *Connection, world: anytype) void {
        connection.transmit(world, .{ .sequence = connection.sender.next() });
    }

    fn transmitChunk(connection: *Connection, world: anytype, chunk: send_half.Chunk) void {
        connection.transmit(world, .{
            .sequence = chunk.sequence,
            .push = chunk.push,
            .payload = chunk.octets,
        });
    }

    const Outgoing = struct {
        sequence: SequenceNumber,
        push: bool = false,
        reset: bool = false,
        payload: []const u8 = &.{},
    };

    fn transmit(connection: *Connection, world: anytype, outgoing: Outgoing) void {
        const receiver = &connection.receiver;
        const segment: tcp.Segment = .{
            .source_port = connection.key.local_port,
            .destination_port = connection.key.remote_port,
            .sequence = outgoing.sequence,
            .acknowledgment = receiver.next,
            .flags = .{
                .acknowledge = connection.handshake == null,
                .push = outgoing.push,
                .reset = outgoing.reset,
            },
            .window = if (outgoing.reset) 0 else receiver.windowField(),
            .options = .{ .timestamps = if (receiver.recent_timestamp) |recent| .{
                .value = timestampOf(world.now, world.configuration.timestamp_offset),
                .echo = recent,
            } else null },
            .payload = outgoing.payload,
        };
        const packet_size = ipHeaderSize(connection.key.remote) + segment.size();
        connection.counters.bytes_sent += ethernet.header_size + packet_size;
        receiver.acknowledgmentSent();
        world.device.transmit(connection.local, connection.key.remote, segment);
    }

    fn ipHeaderSize(remote: Address) u16 {
        return if (remote.isIpv4()) 20 else 40;
    }
};
