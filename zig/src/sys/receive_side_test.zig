//! What strangers' frames do to this host, against the real kernel: guards, the watch for resets,
//! rings, and the search for a neighbour.

const std = @import("std");
const linux = std.os.linux;
const Framing = @import("../hop.zig").Framing;
const Guard = @import("guard.zig").Guard;
const Heard = @import("../neighbors.zig").Heard;
const IsolatedWire = isolated_wire.IsolatedWire;
const ReceiveRing = @import("packet_socket.zig").ReceiveRing;
const ResetWatch = @import("reset_watch.zig").ResetWatch;
const call = @import("call.zig");
const clock = @import("clock.zig");
const ethernet = @import("../wire/ethernet.zig");
const filter = @import("../filter.zig");
const ip = @import("../wire/ip.zig");
const isolated_wire = @import("isolated_wire.zig");
const neighbor = @import("neighbor.zig");
const neighbors = @import("../neighbors.zig");
const tcp = @import("../wire/tcp.zig");

const framings = [_]Framing{ .ethernet, .none };

fn acknowledgedSyn(local_port: u16, remote_port: u16) tcp.Segment {
    return .{
        .source_port = remote_port,
        .destination_port = local_port,
        .sequence = .fromInt(7_000_000),
        .acknowledgment = .fromInt(1),
        .flags = .{ .synchronize = true, .acknowledge = true },
        .window = 1024,
    };
}

fn packetOf(framing: Framing, frame: []const u8) ?ip.View {
    return switch (framing) {
        .ethernet => ip.View.parseFrame(frame),
        .none => ip.View.parse(frame) catch null,
    };
}

/// The source port of the kernel's next reset.
fn nextReset(wire: *IsolatedWire) !u16 {
    while (true) {
        var buffer: [2048]u8 = undefined;
        const packet = packetOf(wire.framing, try wire.receive(&buffer)) orelse continue;
        if (packet.protocol != tcp.protocol) continue;
        const view: tcp.View = try .init(packet.payload);
        if (view.flags().reset) return view.sourcePort();
    }
}

/// Gives CAP_NET_ADMIN away, for this process.
fn dropNetAdmin() !void {
    const Header = extern struct { version: u32, process: c_int };
    const Sets = extern struct { effective: u32, permitted: u32, inheritable: u32 };
    var header: Header = .{ .version = 0x2008_0522, .process = 0 };
    var sets: [2]Sets = undefined;
    _ = try call.check(linux.syscall2(.capget, @intFromPtr(&header), @intFromPtr(&sets)));
    const admin = @as(u32, 1) << 12;
    sets[0].effective &= ~admin;
    sets[0].permitted &= ~admin;
    _ = try call.check(linux.syscall2(.capset, @intFromPtr(&header), @intFromPtr(&sets)));
}

fn resetsWithAndWithoutGuards(wire: *IsolatedWire) !void {
    const open_port = 50000;
    const has_link_header = wire.framing == .ethernet;
    const ports: @import("../port_window.zig").PortWindow = .{ .first = open_port, .count = 3 };
    const watch: ResetWatch = try .open(wire.interface_index, ports, has_link_header);
    const elsewhere: ResetWatch = try .open(
        wire.interface_index,
        .{ .first = open_port + 3, .count = 100 },
        has_link_header,
    );
    _ = try Guard.open(open_port + 1);
    try dropNetAdmin();
    // With one lock only, on kernels that want CAP_NET_ADMIN for the other.
    _ = try Guard.open(open_port + 2);

    for (0..2) |family| {
        // The kernel answers in order: had it reset a guarded port, that would come first.
        for ([_]u8{ 255, 64, 1 }) |time_to_live| {
            try wire.sendSegment(family, time_to_live, acknowledgedSyn(open_port + 1, 443));
        }
        for ([_]u8{ 254, 64, 1 }) |time_to_live| {
            try wire.sendSegment(family, time_to_live, acknowledgedSyn(open_port + 2, 443));
        }
        try std.testing.expectEqual(0, watch.take());
        for (0..3) |_| {
            try wire.sendSegment(family, 64, acknowledgedSyn(open_port, 443));
            try std.testing.expectEqual(open_port, try nextReset(wire));
        }
        try std.testing.expectEqual(3, watch.take());
        try std.testing.expectEqual(0, watch.take());
        try std.testing.expectEqual(0, elsewhere.take());
    }
}

test "a guarded port draws no reset, of either family; a bare one does, and is counted" {
    for (framings) |framing| try isolated_wire.run(framing, resetsWithAndWithoutGuards);
}

fn watchCountsMoreThanItKeeps(wire: *IsolatedWire) !void {
    const watch: ResetWatch = try .open(
        wire.interface_index,
        .{ .first = 50000, .count = 1 },
        wire.framing == .ethernet,
    );
    const segment_count = 400;
    for (0..segment_count) |_| {
        try wire.sendSegment(0, 64, acknowledgedSyn(50000, 443));
        _ = try nextReset(wire);
    }
    try std.testing.expectEqual(segment_count, watch.take());
}

test "resets are counted beyond what the watch's buffer keeps" {
    try isolated_wire.run(.ethernet, watchCountsMoreThanItKeeps);
}

fn programFor(
    wire: *const IsolatedWire,
    buffer: *[filter.instruction_count_max]filter.Instruction,
) []const filter.Instruction {
    return filter.generate(.{
        .addresses = &.{ .of(isolated_wire.locals[0]), .of(isolated_wire.locals[1]) },
        .port_first = 50000,
        .port_last = 50001,
        .has_link_header = wire.framing == .ethernet,
        .neighbors = wire.framing == .ethernet,
    }, buffer);
}

/// Of each flow (its remote port) which ring it came to, and how often.
const Arrivals = struct {
    rings: [flow_count]?usize = @splat(null),
    counts: [flow_count]u32 = @splat(0),

    const flow_count = 64;
    const remote_port_first = 1000;
};

fn takeAll(wire: *IsolatedWire, rings: []ReceiveRing, arrivals: *Arrivals, count: u32) !void {
    var taken: u32 = 0;
    while (taken < count) {
        var descriptors: [3]linux.pollfd = undefined;
        for (rings, descriptors[0..rings.len]) |ring, *descriptor| {
            descriptor.* = .{ .fd = ring.socket, .events = linux.POLL.IN, .revents = 0 };
        }
        if (try call.check(linux.poll(&descriptors, rings.len, 2_000)) == 0) return error.Timeout;
        for (rings, 0..) |*ring, number| {
            var block = ring.take() orelse continue;
            defer block.release();
            while (block.next()) |frame| {
                const age_us = @as(u32, @truncate(clock.realTimeUs())) -% frame.time_us;
                try std.testing.expect(age_us < 10 * std.time.us_per_s);
                const packet = packetOf(wire.framing, frame.octets) orelse
                    return error.TestUnexpectedResult;
                const view: tcp.View = try .init(packet.payload);
                const flow = view.sourcePort() - Arrivals.remote_port_first;
                const expected = arrivals.rings[flow] orelse number;
                try std.testing.expectEqual(expected, number);
                arrivals.rings[flow] = number;
                arrivals.counts[flow] += 1;
                taken += 1;
            }
        }
    }
    for (rings) |*ring| try std.testing.expectEqual(0, ring.takeDropCount());
}

fn ringsShareFrames(wire: *IsolatedWire) !void {
    _ = try Guard.open(50000);
    var instructions: [filter.instruction_count_max]filter.Instruction = undefined;
    const program = programFor(wire, &instructions);
    for (1..4) |ring_count| {
        var rings: [3]ReceiveRing = undefined;
        for (0..ring_count) |number| {
            rings[number] = try .open(.{
                .interface_index = wire.interface_index,
                .program = program,
                .memory_size = ReceiveRing.memory_size_min + number,
                .fanout = if (number == 0) .first else .{ .beside = &rings[0] },
                .all_groups = wire.framing == .ethernet,
            });
            const size = rings[number].memory.len;
            try std.testing.expectEqual(ReceiveRing.memory_size_min, size);
        }
        defer for (rings[0..ring_count]) |*ring| ring.deinit();
        // Another run on the same interface: it takes nothing away.
        var stranger: ReceiveRing = try .open(.{
            .interface_index = wire.interface_index,
            .program = program,
            .fanout = .first,
        });
        defer stranger.deinit();
        var arrivals: [2]Arrivals = @splat(.{});
        const rounds = 3;
        for (0..2) |family| {
            for (0..rounds) |_| {
                for (0..Arrivals.flow_count) |flow| {
                    const port: u16 = @intCast(Arrivals.remote_port_first + flow);
                    try wire.sendSegment(family, 64, acknowledgedSyn(50000, port));
                    // Neither for us: another port, and no port of ours at all.
                    try wire.sendSegment(family, 64, acknowledgedSyn(40000, port));
                }
            }
            const sent = rounds * Arrivals.flow_count;
            try takeAll(wire, rings[0..ring_count], &arrivals[family], sent);
            for (arrivals[family].counts) |count| try std.testing.expectEqual(rounds, count);
            for (0..ring_count) |number| {
                const part = std.mem.count(?usize, &arrivals[family].rings, &.{number});
                try std.testing.expect(part > Arrivals.flow_count / ring_count / 3);
            }
            var of_stranger: Arrivals = .{};
            try takeAll(wire, (&stranger)[0..1], &of_stranger, sent);
        }
    }
}

test "rings beside each other share frames by flow, and leave another run's alone" {
    for (framings) |framing| try isolated_wire.run(framing, ringsShareFrames);
}

/// Answers questions for the peer's addresses in a VLAN, from the other end of the wire.
const Responder = struct {
    wire: *IsolatedWire,
    vlan: u12,
    /// So many are left without an answer.
    silent_count: u32,

    fn run(responder: Responder) !void {
        var questions: u32 = 0;
        while (true) {
            var buffer: [2048]u8 = undefined;
            const frame = try responder.wire.receive(&buffer);
            const question = switch (Heard.parse(frame) orelse continue) {
                .asked => |question| question,
                .advertised => continue,
            };
            questions += 1;
            if (questions <= responder.silent_count) continue;
            const is_tagged = (try ethernet.View.init(frame)).payload_offset > 14;
            if (is_tagged != (responder.vlan != 0)) return error.WrongTag;
            const size = neighbors.emitAnswer(.{
                .interface_index = 0,
                .framing = .ethernet,
                .vlan = responder.vlan,
                .local_hardware = isolated_wire.peer_hardware,
                .mtu = 1500,
            }, question, &buffer);
            return responder.wire.send(buffer[0..size]);
        }
    }
};

fn neighborAnswers(wire: *IsolatedWire) !void {
    for (isolated_wire.locals, isolated_wire.peers) |local, peer| {
        for ([_]u12{ 0, 100 }) |vlan| {
            const responder: Responder = .{
                .wire = wire,
                .vlan = vlan,
                .silent_count = if (vlan == 0) 0 else 1,
            };
            const thread: std.Thread = try .spawn(.{}, Responder.run, .{responder});
            defer thread.join();
            const found = try neighbor.resolve(.{
                .interface_index = wire.interface_index,
                .local = local,
                .local_hardware = isolated_wire.local_hardware,
                .neighbor = peer,
                .vlan = vlan,
            }) orelse return error.TestUnexpectedResult;
            const source: neighbor.Source = if (peer.isIpv4()) .arp else .ndp;
            try std.testing.expectEqual(source, found.source);
            try std.testing.expectEqual(isolated_wire.peer_hardware, found.hardware_address);
        }
    }
}

test "a neighbour of either family is found, in a VLAN too" {
    try isolated_wire.run(.ethernet, neighborAnswers);
}

fn largestProgramPasses(wire: *IsolatedWire) !void {
    var prefixes: [filter.prefix_count_max]filter.Prefix = undefined;
    for (&prefixes, 0..) |*prefix, number| {
        const network = isolated_wire.locals[1].toInt() + (prefixes.len - 1 - number) * 2;
        // Only the last one has our address.
        prefix.* = .{ .address = .fromInt(network), .length = 127 };
    }
    var instructions: [filter.instruction_count_max]filter.Instruction = undefined;
    var ring: ReceiveRing = try .open(.{
        .interface_index = wire.interface_index,
        .program = filter.generate(.{
            .addresses = &prefixes,
            .port_first = 50000,
            .port_last = 50001,
            .has_link_header = wire.framing == .ethernet,
            .neighbors = wire.framing == .ethernet,
        }, &instructions),
        .memory_size = ReceiveRing.memory_size_min,
    });
    defer ring.deinit();
    try wire.sendSegment(0, 64, acknowledgedSyn(50000, Arrivals.remote_port_first));
    try wire.sendSegment(1, 64, acknowledgedSyn(50000, Arrivals.remote_port_first));
    var arrivals: Arrivals = .{};
    try takeAll(wire, (&ring)[0..1], &arrivals, 1);
    try std.testing.expectEqual(1, arrivals.counts[0]);
}

test "the kernel takes the largest program there is" {
    for (framings) |framing| try isolated_wire.run(framing, largestProgramPasses);
}
