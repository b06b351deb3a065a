//! One exchange with one host, from the SYN to the last octet that is wanted of it. It decides and
//! does not send: time, ports and frames are the client's (`client.zig`).
//!
//! Nothing is repeated: what a lossless cable loses, an overloaded world has dropped, and that is
//! to be counted and not to be healed.

const std = @import("std");
const Address = @import("../../src/wire/address.zig").Address;
const tcp = @import("../../src/wire/tcp.zig");
const Flight = @import("flight.zig").Flight;
const hello = @import("hello.zig");

pub const Purpose = enum {
    /// SYN, SYN-ACK; the host hears no more.
    syn,
    /// A TLS 1.2 capture: SYN, SYN-ACK, ClientHello, the server's flight, RST.
    tls,
};

/// A segment of the client's, but for what is the same in all of an exchange.
pub const Message = struct {
    sequence: tcp.SequenceNumber,
    acknowledgment: tcp.SequenceNumber,
    flags: tcp.Flags,
    options: tcp.Options = .{},
    payload: []const u8 = &.{},
};

pub const Outcome = enum {
    /// It goes on.
    progress,
    /// The host said what was wanted.
    complete,
    /// The host reset or closed it, or said something else.
    failed,
    /// The segment does not belong to it; nothing has changed.
    ignored,
};

pub const Reaction = struct {
    outcome: Outcome,
    reply: ?Message = null,
};

pub const Exchange = struct {
    /// Idle: its port waits for its next turn.
    state: enum { idle, opening, receiving } = .idle,
    remote: Address = undefined,
    local_port: u16 = 0,
    /// When it last came a step further; nanoseconds on the client's clock.
    step_at: u64 = 0,
    send_next: tcp.SequenceNumber = .fromInt(0),
    receive_next: tcp.SequenceNumber = .fromInt(0),
    /// Segments with data since the last acknowledgment.
    unacknowledged_count: u8 = 0,
    /// Of the server's stream.
    octet_count: u32 = 0,
    flight: Flight = .{},

    const options: tcp.Options = .{
        .maximum_segment_size = 1460,
        .selective_acknowledgment_permitted = true,
    };

    /// The SYN.
    pub fn begin(
        exchange: *Exchange,
        remote: Address,
        local_port: u16,
        initial: tcp.SequenceNumber,
        now: u64,
    ) Message {
        std.debug.assert(exchange.state == .idle);
        exchange.* = .{
            .state = .opening,
            .remote = remote,
            .local_port = local_port,
            .step_at = now,
            .send_next = initial.add(1),
        };
        return .{
            .sequence = initial,
            .acknowledgment = .fromInt(0),
            .flags = .{ .synchronize = true },
            .options = options,
        };
    }

    /// The RST that ends it, where the host holds state for it.
    pub fn farewell(exchange: *const Exchange) ?Message {
        if (exchange.state != .receiving) return null;
        return exchange.message(.{ .reset = true, .acknowledge = true }, &.{});
    }

    /// A segment from the host's address and port to this exchange's port.
    pub fn receive(
        exchange: *Exchange,
        purpose: Purpose,
        segment: tcp.View,
        now: u64,
    ) Reaction {
        const reaction = switch (exchange.state) {
            .idle => Reaction{ .outcome = .ignored },
            .opening => exchange.receiveOpening(purpose, segment),
            .receiving => exchange.receiveData(segment),
        };
        if (reaction.outcome == .progress) exchange.step_at = now;
        return reaction;
    }

    fn receiveOpening(exchange: *Exchange, purpose: Purpose, segment: tcp.View) Reaction {
        const flags = segment.flags();
        // RFC 9293, 3.10.7.3: whatever does not acknowledge the SYN is not for us.
        if (!flags.acknowledge or segment.acknowledgment() != exchange.send_next) {
            return .{ .outcome = .ignored };
        }
        if (flags.reset) return .{ .outcome = .failed };
        if (!flags.synchronize) return .{ .outcome = .ignored };
        if (purpose == .syn) return .{ .outcome = .complete };
        exchange.state = .receiving;
        exchange.receive_next = segment.sequence().add(1);
        const reply = exchange.message(.{ .acknowledge = true, .push = true }, &hello.record);
        exchange.send_next = exchange.send_next.add(hello.record.len);
        return .{ .outcome = .progress, .reply = reply };
    }

    fn receiveData(exchange: *Exchange, segment: tcp.View) Reaction {
        const flags = segment.flags();
        const payload = segment.payload();
        if (segment.sequence() != exchange.receive_next) {
            // Out of order or again: say where we are (RFC 9293, 3.10.7.4).
            if (flags.reset or payload.len == 0) return .{ .outcome = .ignored };
            return .{ .outcome = .ignored, .reply = exchange.acknowledgment() };
        }
        if (flags.reset) return .{ .outcome = .failed };
        // The host heard the hello.
        if (payload.len == 0 and !flags.finish) return .{ .outcome = .progress };
        exchange.receive_next = exchange.receive_next.add(@intCast(payload.len));
        exchange.octet_count +|= @intCast(payload.len);
        switch (exchange.flight.push(payload)) {
            .complete => return .{ .outcome = .complete, .reply = exchange.farewell() },
            .wrong => return .{ .outcome = .failed, .reply = exchange.farewell() },
            .incomplete => {},
        }
        if (flags.finish) return .{ .outcome = .failed, .reply = exchange.farewell() };
        exchange.unacknowledged_count += 1;
        // At least every second segment (RFC 9293, 3.8.6.3), and at once where the host has no more
        // to send until it is heard.
        if (exchange.unacknowledged_count < 2 and !flags.push) return .{ .outcome = .progress };
        exchange.unacknowledged_count = 0;
        return .{ .outcome = .progress, .reply = exchange.acknowledgment() };
    }

    fn acknowledgment(exchange: *const Exchange) Message {
        return exchange.message(.{ .acknowledge = true }, &.{});
    }

    fn message(exchange: *const Exchange, flags: tcp.Flags, payload: []const u8) Message {
        return .{
            .sequence = exchange.send_next,
            .acknowledgment = exchange.receive_next,
            .flags = flags,
            .payload = payload,
        };
    }
};

const test_remote: Address = .fromIpv4(.{ 192, 0, 2, 1 });

const test_flight = [_]u8{ 22, 3, 3, 0, 21 } ++
    [_]u8{ 2, 0, 0, 2, 3, 3 } ++ // ServerHello
    [_]u8{ 11, 0, 0, 7, 0, 0, 4, 0, 0, 1, 'a' } ++ // Certificate
    [_]u8{ 14, 0, 0, 0 }; // ServerHelloDone

const TestHost = struct {
    exchange: Exchange = .{},
    purpose: Purpose,
    buffer: [tcp.header_size_max + 64]u8 = undefined,

    fn begin(host: *TestHost) Message {
        return host.exchange.begin(test_remote, 20_000, .fromInt(0xffff_ffff), 7);
    }

    fn say(
        host: *TestHost,
        sequence: u32,
        acknowledgment: u32,
        flags: tcp.Flags,
        payload: []const u8,
    ) !Reaction {
        const segment: tcp.Segment = .{
            .source_port = 443,
            .destination_port = 20_000,
            .sequence = .fromInt(sequence),
            .acknowledgment = .fromInt(acknowledgment),
            .flags = flags,
            .window = 65_535,
            .payload = payload,
        };
        segment.emit(&host.buffer, test_remote, test_remote);
        const view: tcp.View = try .init(host.buffer[0..segment.size()]);
        return host.exchange.receive(host.purpose, view, 9);
    }
};

const test_accepted: tcp.Flags = .{ .synchronize = true, .acknowledge = true };
const test_data: tcp.Flags = .{ .acknowledge = true };

test "a SYN is answered by what acknowledges it and by nothing else" {
    var host: TestHost = .{ .purpose = .syn };
    const opening = host.begin();
    try std.testing.expectEqual(tcp.Flags{ .synchronize = true }, opening.flags);
    try std.testing.expectEqual(0xffff_ffff, opening.sequence.toInt());
    const ignored: Reaction = .{ .outcome = .ignored };
    try std.testing.expectEqual(ignored, try host.say(5, 1, test_accepted, &.{}));
    try std.testing.expectEqual(ignored, try host.say(5, 0, test_data, &.{}));
    try std.testing.expectEqual(ignored, try host.say(5, 0, .{ .reset = true }, &.{}));
    const complete: Reaction = .{ .outcome = .complete };
    try std.testing.expectEqual(complete, try host.say(5, 0, test_accepted, &.{}));
}

test "a refused SYN failed" {
    for ([_]Purpose{ .syn, .tls }) |purpose| {
        var host: TestHost = .{ .purpose = purpose };
        _ = host.begin();
        const reaction = try host.say(0, 0, .{ .reset = true, .acknowledge = true }, &.{});
        try std.testing.expectEqual(Reaction{ .outcome = .failed }, reaction);
    }
}

test "a capture: hello with the first ACK, every second segment acknowledged, RST at the end" {
    var host: TestHost = .{ .purpose = .tls };
    _ = host.begin();
    try std.testing.expectEqual(null, host.exchange.farewell());
    const opened = try host.say(1000, 0, test_accepted, &.{});
    try std.testing.expectEqualDeep(Reaction{ .outcome = .progress, .reply = .{
        .sequence = .fromInt(0),
        .acknowledgment = .fromInt(1001),
        .flags = .{ .acknowledge = true, .push = true },
        .payload = &hello.record,
    } }, opened);
    try std.testing.expectEqual(9, host.exchange.step_at);

    const end = hello.record.len;
    const heard = try host.say(1001, end, test_data, &.{});
    try std.testing.expectEqual(Reaction{ .outcome = .progress }, heard);
    const first = try host.say(1001, end, test_data, test_flight[0..4]);
    try std.testing.expectEqual(Reaction{ .outcome = .progress }, first);
    const acknowledged: Message = .{
        .sequence = .fromInt(end),
        .acknowledgment = .fromInt(1009),
        .flags = .{ .acknowledge = true },
    };
    const second = try host.say(1005, end, test_data, test_flight[4..8]);
    try std.testing.expectEqualDeep(
        Reaction{ .outcome = .progress, .reply = acknowledged },
        second,
    );
    // Out of order, and a repetition.
    for ([_]u32{ 1012, 1001 }) |sequence| {
        try std.testing.expectEqualDeep(
            Reaction{ .outcome = .ignored, .reply = acknowledged },
            try host.say(sequence, end, test_data, "abcd"),
        );
    }
    const last = try host.say(1009, end, test_data, test_flight[8..]);
    try std.testing.expectEqualDeep(Reaction{ .outcome = .complete, .reply = .{
        .sequence = .fromInt(end),
        .acknowledgment = .fromInt(1001 + test_flight.len),
        .flags = .{ .reset = true, .acknowledge = true },
    } }, last);
    try std.testing.expectEqual(test_flight.len, host.exchange.octet_count);
}

test "a pushed segment is acknowledged at once" {
    var host: TestHost = .{ .purpose = .tls };
    _ = host.begin();
    _ = try host.say(1000, 0, test_accepted, &.{});
    const flags: tcp.Flags = .{ .acknowledge = true, .push = true };
    const reaction = try host.say(1001, hello.record.len, flags, test_flight[0..4]);
    try std.testing.expectEqual(1005, reaction.reply.?.acknowledgment.toInt());
}

test "a capture that the host ends, or fills with something else, failed" {
    const Ending = struct { flags: tcp.Flags, payload: []const u8, is_reset: bool };
    for ([_]Ending{
        .{ .flags = .{ .reset = true }, .payload = &.{}, .is_reset = false },
        .{ .flags = .{ .finish = true, .acknowledge = true }, .payload = &.{}, .is_reset = true },
        .{ .flags = test_data, .payload = "HTTP/1.1", .is_reset = true },
    }) |ending| {
        var host: TestHost = .{ .purpose = .tls };
        _ = host.begin();
        _ = try host.say(1000, 0, test_accepted, &.{});
        const reaction = try host.say(1001, hello.record.len, ending.flags, ending.payload);
        try std.testing.expectEqual(.failed, reaction.outcome);
        try std.testing.expectEqual(ending.is_reset, reaction.reply != null);
    }
}
