//! Many exchanges at once with the hosts of a prefix, as fast as they answer.

const std = @import("std");
const linux = std.os.linux;
const clock = @import("../../src/sys/clock.zig");
const filter = @import("../../src/filter.zig");
const Hop = @import("../../src/hop.zig").Hop;
const ip = @import("../../src/wire/ip.zig");
const packet_socket = @import("../../src/sys/packet_socket.zig");
const tcp = @import("../../src/wire/tcp.zig");
const Transmitter = @import("../../src/sys/transmitter.zig").Transmitter;
const exchange_file = @import("exchange.zig");
const Exchange = exchange_file.Exchange;
const Message = exchange_file.Message;
const Purpose = exchange_file.Purpose;
const roster_file = @import("roster.zig");
const Roster = roster_file.Roster;
const Walk = @import("walk.zig").Walk;

/// Frames that leave together.
const batch_size = 128;
/// How often 100 us are waited for a full device queue.
const patience = 100;
/// After this time without a step an exchange is lost.
const step_timeout_ns = std.time.ns_per_s;
/// How often lost ones are looked for.
const sweep_interval_ns = 10 * std.time.ns_per_ms;
/// How long at most nothing is done when nothing comes.
const wait_ms_max = 2;

pub const Options = struct {
    purpose: Purpose,
    /// It has one source.
    hop: Hop,
    targets: Walk,
    /// On every host.
    port: u16,
    /// How many exchanges are under way at once, at most `roster.size_max`.
    window_size: u16,
    seed: u64,
};

pub const Counts = struct {
    /// Exchanges that were begun.
    sent: u64 = 0,
    /// Those that were completed, that failed, and that stopped before they did either. What is
    /// missing to `sent` was under way at the end.
    answered: u64 = 0,
    failed: u64 = 0,
    lost: u64 = 0,
    /// Of the servers' streams, of answered exchanges.
    octets: u64 = 0,
    /// Segments that belonged to no exchange, or not to the one whose port they came to.
    unexpected: u64 = 0,
    /// Frames that the cable did not take, and that found no room in our ring.
    frames_unsent: u64 = 0,
    frames_missed: u64 = 0,
};

pub const Client = struct {
    options: Options,
    targets: Walk,
    random: std.Random.DefaultPrng,
    ring: packet_socket.ReceiveRing,
    transmitter: Transmitter,
    roster: Roster,
    counts: Counts = .{},

    pub fn init(allocator: std.mem.Allocator, options: Options) !Client {
        var instructions: [filter.instruction_count_max]filter.Instruction = undefined;
        const program = filter.generate(.{
            .addresses = &.{.of(options.hop.sources[0])},
            .port_first = roster_file.port_first,
            .port_last = roster_file.port_last,
        }, &instructions);
        var roster: Roster = try .init(allocator, options.window_size);
        errdefer roster.deinit(allocator);
        var ring: packet_socket.ReceiveRing = try .open(.{
            .interface_index = options.hop.link.interface_index,
            .program = program,
        });
        errdefer ring.deinit();
        const transmitter: Transmitter =
            try .init(allocator, options.hop.link.interface_index, .{ .batch_size = batch_size });
        return .{
            .options = options,
            .targets = options.targets,
            .random = .init(options.seed),
            .ring = ring,
            .transmitter = transmitter,
            .roster = roster,
        };
    }

    pub fn deinit(client: *Client, allocator: std.mem.Allocator) void {
        client.transmitter.deinit(allocator);
        client.ring.deinit();
        client.roster.deinit(allocator);
    }

    /// Until `deadline` (monotonic, in ns). What is under way then is dropped.
    pub fn run(client: *Client, deadline: u64) !void {
        var now = clock.now();
        var sweep_at = now + sweep_interval_ns;
        while (now < deadline) : (now = clock.now()) {
            const received = try client.receiveBlock(now);
            const begun = try client.beginBatch(now);
            try client.flush();
            if (now >= sweep_at) {
                try client.expire(now);
                sweep_at = now + sweep_interval_ns;
            }
            if (!received and begun == 0) client.wait();
        }
        client.counts.frames_missed += client.ring.takeDropCount();
        try client.abandonAll();
    }

    /// As many exchanges as may be begun now and fit into a batch; returns how many.
    fn beginBatch(client: *Client, now: u64) !usize {
        for (0..batch_size) |begun_count| {
            const exchange = client.roster.take() orelse return begun_count;
            const local_port = client.roster.portAfter(exchange.local_port);
            const initial: tcp.SequenceNumber = .fromInt(client.random.random().int(u32));
            const opening = exchange.begin(client.targets.next(), local_port, initial, now);
            try client.send(exchange, opening);
            client.counts.sent += 1;
        }
        return batch_size;
    }

    /// Reads what the kernel has handed over; false when that is nothing.
    fn receiveBlock(client: *Client, now: u64) !bool {
        var block = client.ring.take() orelse return false;
        defer block.release();
        while (block.next()) |frame| try client.receive(frame.octets, now);
        return true;
    }

    fn receive(client: *Client, frame: []const u8, now: u64) !void {
        const packet = ip.View.parseFrame(frame) orelse return;
        if (packet.protocol != tcp.protocol) return;
        const segment = tcp.View.init(packet.payload) catch return;
        const exchange = client.find(packet, segment) orelse {
            client.counts.unexpected += 1;
            return;
        };
        const reaction = exchange.receive(client.options.purpose, segment, now);
        if (reaction.reply) |reply| try client.send(exchange, reply);
        switch (reaction.outcome) {
            .progress => {},
            .ignored => client.counts.unexpected += 1,
            .complete => {
                client.counts.answered += 1;
                client.counts.octets += exchange.octet_count;
                client.roster.release(exchange);
            },
            .failed => {
                client.counts.failed += 1;
                client.roster.release(exchange);
            },
        }
    }

    /// The exchange under way that the segment speaks to.
    fn find(client: *Client, packet: ip.View, segment: tcp.View) ?*Exchange {
        const exchange = client.roster.find(segment.destinationPort()) orelse return null;
        const is_meant = segment.sourcePort() == client.options.port and
            exchange.remote.eql(packet.source);
        return if (is_meant) exchange else null;
    }

    /// Gives up what has not come a step further for too long.
    fn expire(client: *Client, now: u64) !void {
        for (client.roster.exchanges) |*exchange| {
            if (exchange.state == .idle or now - exchange.step_at < step_timeout_ns) continue;
            try client.abandon(exchange);
            client.counts.lost += 1;
        }
    }

    fn abandonAll(client: *Client) !void {
        for (client.roster.exchanges) |*exchange| {
            if (exchange.state != .idle) try client.abandon(exchange);
        }
        try client.flush();
    }

    fn abandon(client: *Client, exchange: *Exchange) !void {
        if (exchange.farewell()) |reset| try client.send(exchange, reset);
        client.roster.release(exchange);
    }

    /// It may wait for `flush`.
    fn send(client: *Client, exchange: *const Exchange, message: Message) !void {
        if (client.transmitter.isFull()) try client.flush();
        const segment: tcp.Segment = .{
            .source_port = exchange.local_port,
            .destination_port = client.options.port,
            .sequence = message.sequence,
            .acknowledgment = message.acknowledgment,
            .flags = message.flags,
            .window = std.math.maxInt(u16),
            .options = message.options,
            .payload = message.payload,
        };
        const hop = client.options.hop;
        const size = hop.emit(
            hop.sources[0],
            exchange.remote,
            hop.next_hardware,
            segment,
            client.transmitter.slot(),
        );
        client.transmitter.commit(size);
    }

    fn flush(client: *Client) !void {
        const offered = client.transmitter.pending;
        if (offered == 0) return;
        var sent: Transmitter.Sent = .{};
        client.transmitter.flush(&sent, patience) catch |err| {
            // A world that is overloaded does not take every frame.
            if (err != error.Busy) return err;
            client.transmitter.discard();
        };
        client.counts.frames_unsent += offered - sent.frames;
    }

    /// Until the kernel hands frames over.
    fn wait(client: *Client) void {
        var descriptors = [_]linux.pollfd{
            .{ .fd = client.ring.socket, .events = linux.POLL.IN, .revents = 0 },
        };
        _ = linux.poll(&descriptors, descriptors.len, wait_ms_max);
    }
};
