//! Any sequence of calls and segments against a small table, with what must always hold.

const std = @import("std");
const flow = @import("../flow.zig");
const Address = @import("../wire/address.zig").Address;
const tcp = @import("../wire/tcp.zig");

const flow_count_max = 2;
const block_count = 6;
/// Ports the peer may use: one more than there is room for.
const port_count = flow_count_max + 1;
const opened_count_max = 64;

const local: Address = .fromIpv4(.{ 192, 0, 2, 1 });
const remote: Address = .fromIpv4(.{ 198, 51, 100, 7 });
const client_start: tcp.SequenceNumber = .fromInt(0xffff_ff00);
const server_start: tcp.SequenceNumber = .fromInt(0xffff_f000);

/// The peer's stream: the octet at a position tells the position, modulo a prime, so that a payload
/// from anywhere in it is a slice of this.
const stream_period = 251;
const stream = stream: {
    var period: [stream_period]u8 = undefined;
    for (&period, 0..) |*octet, position| octet.* = position;
    break :stream period ** ((1 << 16) / stream_period + 2);
};

/// What the model knows of a flow that was opened.
const Opened = struct {
    is_open: bool,
    delivered: u64,
    /// In octets: what the peer was allowed in all.
    allowed: u64,
    window_shift: u4,
    local_port: u16,
    /// The peer has answered the flow's SYN, or an earlier one.
    is_established: bool,
    has_sent_syn: bool = false,
    /// Where the peer's stream starts.
    peer_start: tcp.SequenceNumber = server_start,
    /// In octets: how far into our stream the flow has sent.
    sent: u32 = 0,

    /// Learns from a SYN-ACK what the flow does.
    fn hear(opened: *Opened, segment: tcp.Segment) void {
        const flags = segment.flags;
        if (opened.is_established or flags.reset) return;
        if (!flags.synchronize or !flags.acknowledge) return;
        if (segment.acknowledgment != client_start) return;
        opened.is_established = true;
        opened.peer_start = segment.sequence.add(1);
        opened.window_shift = if (segment.options.window_scale == null) 0 else 7;
    }
};

const Model = struct {
    flows: [opened_count_max]Opened = undefined,
    flow_count: usize = 0,
    refuses: bool = false,

    fn check(condition: bool) void {
        if (!condition) @panic("the flow table broke its word");
    }

    fn findOpen(model: *Model, local_port: u16) ?*Opened {
        for (model.flows[0..model.flow_count]) |*opened| {
            if (opened.is_open and opened.local_port == local_port) return opened;
        }
        return null;
    }
};

const Device = struct {
    model: *Model,

    pub fn transmit(device: *Device, from: Address, to: Address, segment: tcp.Segment) void {
        Model.check(from.eql(local) and to.eql(remote));
        const opened = device.model.findOpen(segment.source_port) orelse
            @panic("a segment of no open flow");
        if (segment.flags.reset) Model.check(segment.window == 0);
        // Before the peer has said where its stream starts, there is nothing to acknowledge.
        Model.check(segment.flags.acknowledge == opened.is_established);
        if (!opened.is_established) return Model.check(segment.flags.reset);
        // Exactly what was delivered is acknowledged, and never more than allowed is granted.
        const acknowledged = opened.peer_start.distance(segment.acknowledgment);
        Model.check(acknowledged == opened.delivered);
        const window = @as(u64, segment.window) << opened.window_shift;
        Model.check(opened.delivered + window <= opened.allowed);
        const end = client_start.distance(segment.sequence.add(@intCast(segment.payload.len)));
        opened.sent = @max(opened.sent, @as(u32, @intCast(@max(end, 0))));
    }

    pub fn synchronize(device: *Device, syn: flow.Syn) usize {
        Model.check(syn.local.eql(local) and syn.key.remote.eql(remote));
        const opened = device.model.findOpen(syn.key.local_port) orelse
            @panic("a SYN of no open flow");
        Model.check(!opened.is_established);
        Model.check(syn.sequence.add(1) == client_start);
        Model.check(syn.is_again == opened.has_sent_syn);
        opened.has_sent_syn = true;
        return 74;
    }
};

const Sink = struct {
    model: *Model,

    pub fn data(sink: *Sink, user: u64, bytes: []const u8) bool {
        const opened = &sink.model.flows[user];
        Model.check(opened.is_open and opened.is_established and bytes.len > 0);
        if (sink.model.refuses) return false;
        const expected = stream[opened.delivered % stream_period ..][0..bytes.len];
        Model.check(std.mem.eql(u8, expected, bytes));
        opened.delivered += bytes.len;
        Model.check(opened.delivered <= opened.allowed);
        return true;
    }

    pub fn ended(sink: *Sink, user: u64, ending: flow.Ending) void {
        const opened = &sink.model.flows[user];
        Model.check(opened.is_open);
        Model.check(ending.reason != .exhausted and ending.counters.bytes_sent > 0);
        // A retransmission of what was acknowledged meanwhile is the only way to be behind.
        Model.check(ending.sequence == client_start.add(opened.sent));
        opened.is_open = false;
    }
};

/// Reads the input as instructions; past its end there are only zeros.
const Reader = struct {
    input: []const u8,

    fn take(reader: *Reader, comptime Integer: type) Integer {
        const size = @divExact(@bitSizeOf(Integer), 8);
        var octets: [size]u8 = @splat(0);
        const available = @min(size, reader.input.len);
        @memcpy(octets[0..available], reader.input[0..available]);
        reader.input = reader.input[available..];
        return std.mem.readInt(Integer, &octets, .little);
    }
};

const Table = flow.FlowTable(Device, Sink);

const Machine = struct {
    table: Table,
    model: *Model,
    now: u64 = 0,
    ids: [4]flow.FlowId = @splat(.{ .index = 0, .generation = 1 << 31 }),
    /// Which opened flow an id belongs to.
    users: [4]usize = @splat(opened_count_max),

    fn step(machine: *Machine, reader: *Reader) void {
        const instruction = reader.take(u8);
        const slot = instruction >> 6;
        switch (instruction % 16) {
            0 => machine.open(reader, slot),
            1 => {
                const size = reader.take(u16) % (flow.send_buffer_size + 2);
                machine.table.send(machine.now, machine.ids[slot], stream[0..size]) catch {};
            },
            2 => {
                const bytes: u64 = reader.take(u16);
                // The model knows before the window says so.
                const user = machine.users[slot];
                if (user < opened_count_max) machine.model.flows[user].allowed += bytes;
                machine.table.allow(machine.now, machine.ids[slot], bytes);
            },
            3 => machine.table.close(machine.now, machine.ids[slot]),
            4 => machine.model.refuses = !machine.model.refuses,
            5 => _ = machine.table.reportUnreachable(
                machine.now,
                remote,
                443,
                reader.take(u8) % port_count,
                client_start.add(reader.take(u16)),
            ),
            6, 7 => {
                machine.now += @as(u64, reader.take(u16)) * 256 * std.time.ns_per_us;
                machine.table.tick(machine.now);
                if (machine.table.nextDeadline()) |at| Model.check(at > machine.now);
            },
            8 => machine.answer(reader),
            else => machine.receive(reader),
        }
        Model.check(machine.table.flow_count <= flow_count_max);
        Model.check((machine.table.flow_count > 0) == (machine.table.nextDeadline() != null));
    }

    fn open(machine: *Machine, reader: *Reader, slot: usize) void {
        const model = machine.model;
        if (model.flow_count == opened_count_max) return;
        const choices = reader.take(u8);
        const receive_bytes = reader.take(u16);
        const is_fresh = choices & 4 != 0;
        const local_port: u16 = choices % port_count;
        // The device hears of the flow within `open`, so the model has to know it before.
        const user = model.flow_count;
        const is_taken = model.findOpen(local_port) != null;
        model.flows[user] = .{
            .is_open = !is_taken,
            .delivered = 0,
            .allowed = receive_bytes,
            .window_shift = if (choices & 1 != 0) 7 else 0,
            .local_port = local_port,
            .is_established = !is_fresh,
        };
        model.flow_count += 1;
        machine.ids[slot] = machine.table.open(machine.now, .{
            .user = user,
            .local = local,
            .local_port = local_port,
            .remote = remote,
            .remote_port = 443,
            .sequence = client_start,
            .syn_ack = if (is_fresh) null else .{
                .acknowledgment = server_start,
                .window = reader.take(u16),
                .options = takeOptions(reader, choices),
            },
            .first_bytes = stream[0 .. reader.take(u16) % (flow.send_buffer_size + 2)],
            .deadline_ns = machine.now + @as(u64, reader.take(u16)) * std.time.ns_per_ms,
            .receive_bytes = receive_bytes,
        }) catch {
            model.flow_count -= 1;
            return;
        };
        Model.check(!is_taken);
        machine.users[slot] = user;
    }

    fn takeOptions(reader: *Reader, choices: u8) tcp.Options {
        return .{
            .maximum_segment_size = reader.take(u16),
            .window_scale = if (choices & 1 != 0) reader.take(u8) else null,
            .timestamps = if (choices & 2 != 0) .{ .value = 1000, .echo = 0 } else null,
        };
    }

    /// A SYN-ACK that answers a flow's SYN, or repeats the one that did.
    fn answer(machine: *Machine, reader: *Reader) void {
        const choices = reader.take(u8);
        machine.deliver(.{
            .source_port = 443,
            .destination_port = choices % port_count,
            .sequence = server_start.add(reader.take(u16)),
            .acknowledgment = client_start,
            .flags = .{ .synchronize = true, .acknowledge = true },
            .window = reader.take(u16),
            .options = takeOptions(reader, choices),
        });
    }

    fn deliver(machine: *Machine, segment: tcp.Segment) void {
        // The model knows before the flow answers.
        if (machine.model.findOpen(segment.destination_port)) |opened| opened.hear(segment);
        _ = machine.table.receive(machine.now, remote, segment, 34 + segment.size());
    }

    /// A segment that mostly fits the flow it meets, so that inputs get far.
    fn receive(machine: *Machine, reader: *Reader) void {
        const shape: Shape = @bitCast(reader.take(u8));
        const port: u16 = reader.take(u8) % port_count;
        const opened = machine.model.findOpen(port);
        const delivered: u64 = if (opened) |known| known.delivered else 0;
        const sent: u32 = if (opened) |known| known.sent else 0;
        const position = switch (shape.place) {
            .next => delivered,
            .ahead => delivered + reader.take(u8),
            .behind => delivered -| reader.take(u8),
            .far => delivered + reader.take(u16),
        };
        const size: usize = if (shape.is_large) reader.take(u16) else reader.take(u8);
        const start = if (opened) |known| known.peer_start else server_start;
        machine.deliver(.{
            .source_port = 443,
            .destination_port = port,
            .sequence = start.add(if (shape.is_wild) reader.take(u32) else @intCast(position)),
            .acknowledgment = client_start.add(reader.take(u16) % (sent + 2)),
            .flags = @bitCast(if (shape.has_any_flags) reader.take(u8) else 0x10),
            .window = reader.take(u16),
            .options = .{ .timestamps = if (shape.has_timestamps) .{
                .value = 999 + @as(u32, reader.take(u8) % 4),
                .echo = reader.take(u8),
            } else null },
            // A position anywhere carries no octets of the stream.
            .payload = stream[position % stream_period ..][0..if (shape.is_wild) 0 else size],
        });
    }

    const Shape = packed struct(u8) {
        place: enum(u2) { next, ahead, behind, far },
        is_large: bool,
        has_timestamps: bool,
        has_any_flags: bool,
        is_wild: bool,
        unused: u2,
    };
};

/// Total: any input. Returns how many instructions it held, at most one for each octet.
pub fn fuzzOne(input: []const u8) u64 {
    var memory: [64 * 1024]u8 = undefined;
    var allocator: std.heap.FixedBufferAllocator = .init(&memory);
    var model: Model = .{};
    var machine: Machine = .{
        .model = &model,
        .table = Table.init(
            allocator.allocator(),
            0,
            .{ .flow_count_max = flow_count_max, .block_count = block_count },
            .{ .model = &model },
            .{ .model = &model },
        ) catch unreachable, // The memory is enough for the two counts above.
    };
    var reader: Reader = .{ .input = input };
    var instruction_count: u64 = 0;
    while (reader.input.len > 0) : (instruction_count += 1) machine.step(&reader);
    machine.table.closeAll(machine.now);
    for (model.flows[0..model.flow_count]) |opened| Model.check(!opened.is_open);
    Model.check(machine.table.flow_count == 0);
    Model.check(machine.table.nextDeadline() == null);
    Model.check(machine.table.pool.free_count == block_count);
    return instruction_count;
}

test "random inputs break nothing" {
    var random_state: std.Random.DefaultPrng = .init(1);
    const random = random_state.random();
    var input: [600]u8 = undefined;
    for (0..20_000) |_| {
        random.bytes(&input);
        const size = random.uintAtMost(usize, input.len);
        try std.testing.expect(fuzzOne(input[0..size]) <= size);
    }
}
