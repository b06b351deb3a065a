//! What a reader makes of frames, without a socket: each one is written here or spoilt here, and
//! what it changes is looked at.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Answer = @import("receive_answer.zig").Answer;
const Heard = @import("neighbors.zig").Heard;
const Link = @import("hop.zig").Link;
const Manner = @import("receive.zig").Manner;
const Options = @import("receive_stage.zig").Options;
const Stage = @import("receive_stage.zig").Stage;
const Target = @import("target_set.zig").Target;
const buffer_size = @import("receive_answer.zig").buffer_size;
const emitAnswer = @import("neighbors.zig").emitAnswer;
const emitQuestion = @import("neighbors.zig").emitQuestion;
const ethernet = @import("wire/ethernet.zig");
const ip = @import("wire/ip.zig");
const ipv4 = @import("wire/ipv4.zig");
const ipv6 = @import("wire/ipv6.zig");
const links = @import("receive_stage.zig").links;
const ports = @import("receive_stage.zig").ports;
const receive_stage = @import("receive_stage.zig");
const shared = @import("shared.zig");
const sources = @import("receive_stage.zig").sources;
const stamp_us = @import("receive_stage.zig").stamp_us;
const targets = @import("receive_stage.zig").targets;
const tcp = @import("wire/tcp.zig");

const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;

const router: Address = .fromIpv4(.{ 198, 18, 0, 1 });
const router_ipv6: Address = .fromInt(0x2001_0db8_ffff << 80 | 1);

/// The SYN-ACK of `targets.ipv4`, whose cookie follows from the stage's key.
const syn_ack = [_]u8{
    0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x08, 0x00, //
    0x45, 0x00, 0x00, 0x3c, 0x12, 0x34, 0x40, 0x00, 0x39, 0x06, 0x43, 0x4c, // TTL 57, TCP
    198, 51, 100, 7, 192, 0, 2, 1, //
    0x01, 0xbb, 0x80, 0x99, 0x90, 0x00, 0x00, 0x00, 0x2a, 0x97, 0xc0, 0x83, // ports, numbers
    0xa0, 0x12, 0xfe, 0x88, 0x4f, 0xa7, 0x00, 0x00, // ten words, SYN-ACK, window 65160
} ++ syn_ack_options;
const syn_ack_options = [_]u8{
    0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, 0x08, 0x0a, // segment size 1460, SACK, timestamps
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x01, 0x03, 0x03, 0x07, // scale 7
};

/// The same of `targets.ipv6`, behind hop-by-hop options, a routing header with nothing left, a
/// fragment header of a packet that is whole, and destination options.
const syn_ack_ipv6 = [_]u8{
    0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x86, 0xdd, //
    0x60, 0x00, 0x00, 0x00, 0x00, 0x48, 0x00, 0x39, // 72 octets, hop limit 57
    0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, //
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, //
    0x2b, 0x00, 0x01, 0x04, 0, 0, 0, 0, 0x2c, 0x00, 0x00, 0x00, 0, 0, 0, 0, //
    0x3c, 0x00, 0x00, 0x00, 0x11, 0x22, 0x33, 0x44, 0x06, 0x00, 0x01, 0x04, 0, 0, 0, 0, //
    0x01, 0xbb, 0x80, 0x7e, 0x90, 0x00, 0x00, 0x00, 0x8e, 0x14, 0x2c, 0x2d, // ports, numbers
    0xa0, 0x12, 0xfe, 0x88, 0x11, 0x5c, 0x00, 0x00, //
} ++ syn_ack_options;

fn start(stage: *Stage, options: Options) !void {
    try stage.init(std.testing.allocator, options);
}

/// Counters by name; those that are not named are 0, but for what every frame counts.
fn expectCounters(stage: *const Stage, expected: anytype) !void {
    inline for (counter_names) |name| {
        const value = if (@hasField(@TypeOf(expected), name)) @field(expected, name) else 0;
        std.testing.expectEqual(value, @field(stage.control, name)) catch |err| {
            std.debug.print("{s}\n", .{name});
            return err;
        };
    }
}

const counter_names = .{
    "hosts_verified",  "closed",            "unreachable_count", "replies_forged",
    "replies_outside", "replies_duplicate", "replies_deferred",  "resets_sent",
    "frames_received", "bytes_received",
};

/// Nothing but counters has changed since the stage was made.
fn expectNothingLearned(stage: *Stage) !void {
    for (&stage.readers) |*reader| try expectEqual(null, reader.consumer.peek());
    try expectEqual(0, stage.answered.count());
    try expectEqual(0, stage.unreachable_targets.count());
    try expectEqual(0, stage.deferred.count());
    try expectEqual(0, stage.round_trips.count());
    for (links.all) |link| try expectEqual(null, stage.takeSent(link));
}

fn replyWithOptions(reply: shared.Reply, options: []const u8) shared.Reply {
    var whole = reply;
    whole.options_size = @intCast(options.len);
    @memcpy(whole.options[0..options.len], options);
    return whole;
}

const open_reply: shared.Reply = replyWithOptions(.{
    .remote = targets.ipv4.address,
    .local = sources.ipv4[0],
    .responder = .{ .octets = @splat(0) },
    .time_us = receive_stage.time_us,
    .round_trip_us = shared.Reply.round_trip_unknown,
    .sequence = 0x9000_0000,
    .acknowledgment = 0x2a97_c083,
    .remote_port = 443,
    .local_port = 0x8099,
    .window = 65160,
    .identification = 0x1234,
    .verdict = @intFromEnum(shared.Verdict.open),
    .obstacle = @intFromEnum(shared.Obstacle.none),
    .time_to_live = 57,
    .icmp_type = 0,
    .icmp_code = 0,
    .options_size = 0,
    .options = @splat(0),
}, &syn_ack_options);

const open_reply_ipv6: shared.Reply = reply: {
    var reply = open_reply;
    reply.remote = targets.ipv6.address;
    reply.local = sources.ipv6[1];
    reply.acknowledgment = 0x8e14_2c2d;
    reply.local_port = 0x807e;
    reply.identification = 0;
    break :reply reply;
};

test "a SYN-ACK with the right cookie is open, once" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    stage.read(links.plain, &syn_ack);
    try expectEqual(open_reply, stage.takeReply().?);
    try expect(stage.answered.contains(stage.indexOf(targets.ipv4)));
    try expectEqual(stage.readers[0].receiver.now, stage.control.answered_at);
    try expectCounters(&stage, .{ .hosts_verified = 1 });
    try expect(stage.readers[0].receiver.has_news);

    for (0..3) |_| stage.read(links.plain, &syn_ack);
    try expectEqual(null, stage.takeReply());
    try expectCounters(&stage, .{ .hosts_verified = 1, .replies_duplicate = 3 });
    try expectEqual(4, stage.readers[0].receiver.tally.frames);
    try expectEqual(4 * syn_ack.len, stage.readers[0].receiver.tally.octets);
    // It was asked to leave connections alone.
    try expectEqual(null, stage.takeSent(links.plain));
}

test "over IPv6 behind extension headers, too" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    stage.read(links.plain, &syn_ack_ipv6);
    try expectEqual(open_reply_ipv6, stage.takeReply().?);
    stage.read(links.plain, &syn_ack_ipv6);
    try expectEqual(null, stage.takeReply());
    try expectCounters(&stage, .{ .hosts_verified = 1, .replies_duplicate = 1 });
}

test "a super-frame is one answer, and counts the headers that were taken off" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    // 44 segments of 1,460 octets, of which the last is not full.
    const payload_size = 43 * 1460 + 7;
    var frame: [syn_ack.len + payload_size]u8 = @splat('x');
    frame[0..syn_ack.len].* = syn_ack;
    const total_size = frame.len - ethernet.header_size;
    std.mem.writeInt(u16, frame[ethernet.header_size + 2 ..][0..2], total_size, .big);
    stage.read(links.plain, &frame);
    try expectEqual(open_reply, stage.takeReply().?);
    try expectEqual(null, stage.takeReply());
    try expectEqual(1, stage.readers[0].receiver.tally.frames);
    try expectEqual(frame.len + 43 * 54, stage.readers[0].receiver.tally.octets);
}

test "a frame that fills its link is no super-frame, with or without a tag" {
    const link_sizes = [_]usize{ 0, ethernet.tag_size };
    for ([_]Link{ links.plain, links.tagged }, link_sizes) |link, tag_size| {
        var stage: Stage = undefined;
        try start(&stage, .{});
        defer stage.deinit();
        var frame: [ethernet.header_size + ethernet.tag_size + 1500]u8 = @splat('x');
        const size = ethernet.header_size + tag_size + link.mtu;
        _ = link.emitHeader(link.local_hardware, .ipv4, &frame);
        stage.read(link, frame[0..size]);
        try expectEqual(size, stage.readers[0].receiver.tally.octets);
    }
}

test "every kind of hop: open, with what the cookie chose of it" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    for (targets.all) |target| {
        var buffer: [buffer_size]u8 = undefined;
        const answer: Answer = .synAck(&stage, target);
        stage.read(answer.link, answer.emit(&buffer));
        const reply = stage.takeReply().?;
        try expectEqual(target.address, reply.remote);
        try expectEqual(answer.local, reply.local);
        try expectEqual(answer.segment.destination_port, reply.local_port);
        try expectEqual(answer.segment.acknowledgment.toInt(), reply.acknowledgment);
        try expectEqual(@intFromEnum(shared.Verdict.open), reply.verdict);
    }
    try expectCounters(&stage, .{ .hosts_verified = targets.all.len });
}

test "a reset is closed" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    for ([_]Target{ targets.ipv4, targets.ipv6 }) |target| {
        var buffer: [buffer_size]u8 = undefined;
        const answer: Answer = .reset(&stage, target);
        const frame = answer.emit(&buffer);
        for (0..2) |_| stage.read(answer.link, frame);
        const reply = stage.takeReply().?;
        try expectEqual(@intFromEnum(shared.Verdict.closed), reply.verdict);
        try expectEqual(target.address, reply.remote);
        try expectEqual(0, reply.sequence);
        try expectEqual(0, reply.window);
        try expectEqual(0, reply.options_size);
        try expectEqual(57, reply.time_to_live);
        try expectEqual(null, stage.takeReply());
    }
    try expectCounters(&stage, .{ .closed = 2, .replies_duplicate = 2 });
}

test "a segment that answers no SYN is nothing" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    const kinds = [_]tcp.Flags{
        .{},
        .{ .acknowledge = true },
        .{ .synchronize = true },
        .{ .reset = true },
        .{ .synchronize = true, .reset = true },
        .{ .finish = true, .acknowledge = true },
        .{ .push = true, .urgent = true, .acknowledge = true },
    };
    for (kinds) |flags| {
        var buffer: [buffer_size]u8 = undefined;
        var answer: Answer = .synAck(&stage, targets.ipv4);
        answer.segment.flags = flags;
        stage.read(answer.link, answer.emit(&buffer));
    }
    try expectNothingLearned(&stage);
    try expectCounters(&stage, .{});
}

const Case = struct { target: Target, responder: Address, type: u8, code: u8 };
const errors = [_]Case{
    .{ .target = targets.ipv4, .responder = router, .type = 3, .code = 1 },
    .{ .target = targets.ipv4, .responder = router, .type = 3, .code = 13 },
    .{ .target = targets.ipv4, .responder = targets.ipv4.address, .type = 3, .code = 3 },
    .{ .target = targets.ipv4, .responder = router, .type = 11, .code = 0 },
    .{ .target = targets.ipv4, .responder = router, .type = 12, .code = 0 },
    .{ .target = targets.ipv6, .responder = router_ipv6, .type = 1, .code = 0 },
    .{ .target = targets.ipv6, .responder = targets.ipv6.address, .type = 1, .code = 4 },
    .{ .target = targets.ipv6, .responder = router_ipv6, .type = 3, .code = 0 },
    .{ .target = targets.ipv6, .responder = router_ipv6, .type = 4, .code = 1 },
    .{ .target = targets.tagged, .responder = router, .type = 3, .code = 0 },
    .{ .target = targets.bare, .responder = router, .type = 3, .code = 0 },
};

test "an ICMP error says that a target is unreachable, why, and who says so" {
    for (errors) |case| {
        var stage: Stage = undefined;
        try start(&stage, .{});
        defer stage.deinit();
        var buffer: [buffer_size]u8 = undefined;
        const probed: Answer = .synAck(&stage, case.target);
        const frame = probed.refuse(case.responder, case.type, case.code).emit(&buffer);
        for (0..2) |_| stage.read(probed.link, frame);
        try expectEqual(shared.Reply{
            .remote = case.target.address,
            .local = probed.local,
            .responder = case.responder,
            .time_us = receive_stage.time_us,
            .round_trip_us = shared.Reply.round_trip_unknown,
            .sequence = 0,
            .acknowledgment = 0,
            .remote_port = 443,
            .local_port = probed.segment.destination_port,
            .window = 0,
            .identification = if (case.target.address.isIpv4()) 0x4321 else 0,
            .verdict = @intFromEnum(shared.Verdict.unreachable_target),
            .obstacle = @intFromEnum(shared.Obstacle.icmp),
            .time_to_live = 251,
            .icmp_type = case.type,
            .icmp_code = case.code,
            .options_size = 0,
            .options = @splat(0),
        }, stage.takeReply().?);
        try expectEqual(null, stage.takeReply());
        try expect(stage.unreachable_targets.contains(stage.indexOf(case.target)));
        try expectEqual(0, stage.answered.count());
        try expectCounters(&stage, .{ .unreachable_count = 1, .replies_duplicate = 1 });
    }
}

test "an error that was not sent to whom it quotes is forged" {
    for ([_]Target{ targets.ipv4, targets.ipv6 }) |target| {
        var stage: Stage = undefined;
        try start(&stage, .{});
        defer stage.deinit();
        var buffer: [buffer_size]u8 = undefined;
        const probed: Answer = .synAck(&stage, target);
        const is_ipv4 = target.address.isIpv4();
        const frame = probed.refuse(
            if (is_ipv4) router else router_ipv6,
            if (is_ipv4) 3 else 1,
            1,
        ).emit(&buffer);
        const address_end: usize = if (is_ipv4)
            ipv4.offset.destination + 4
        else
            ipv6.offset.destination + 16;
        frame[ethernet.header_size + address_end - 1] +%= 1;
        stage.read(probed.link, frame);
        try expectNothingLearned(&stage);
        try expectCounters(&stage, .{ .replies_forged = 1 });
    }
}

test "a message that is no error about a probe's fate is nothing" {
    const cases = [_]Case{
        .{ .target = targets.ipv4, .responder = router, .type = 0, .code = 0 },
        // Every link takes what a probe is (RFC 791, 3.2; RFC 8200, 5).
        .{ .target = targets.ipv4, .responder = router, .type = 3, .code = 4 },
        .{ .target = targets.ipv4, .responder = router, .type = 4, .code = 0 },
        .{ .target = targets.ipv4, .responder = router, .type = 5, .code = 1 },
        .{ .target = targets.ipv4, .responder = router, .type = 8, .code = 0 },
        .{ .target = targets.ipv6, .responder = router_ipv6, .type = 2, .code = 0 },
        .{ .target = targets.ipv6, .responder = router_ipv6, .type = 128, .code = 0 },
        .{ .target = targets.ipv6, .responder = router_ipv6, .type = 137, .code = 0 },
    };
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    for (cases) |case| {
        var buffer: [buffer_size]u8 = undefined;
        const probed: Answer = .synAck(&stage, case.target);
        stage.read(probed.link, probed.refuse(case.responder, case.type, case.code).emit(&buffer));
    }
    try expectNothingLearned(&stage);
    try expectCounters(&stage, .{});
}

test "a target that answers after all is not unreachable any more, and never becomes so again" {
    for ([_]Target{ targets.ipv4, targets.ipv6 }) |target| {
        for ([_]bool{ true, false }) |is_open| {
            var stage: Stage = undefined;
            try start(&stage, .{});
            defer stage.deinit();
            const answer: Answer = if (is_open)
                .synAck(&stage, target)
            else
                .reset(&stage, target);
            const responder = if (target.address.isIpv4()) router else router_ipv6;
            const refusal = answer.refuse(responder, if (target.address.isIpv4()) 3 else 1, 0);
            var buffer: [buffer_size]u8 = undefined;
            stage.read(answer.link, refusal.emit(&buffer));
            try expectCounters(&stage, .{ .unreachable_count = 1 });
            stage.read(answer.link, answer.emit(&buffer));
            try expectEqual(0, stage.unreachable_targets.count());
            stage.read(answer.link, refusal.emit(&buffer));
            try expectCounters(&stage, .{
                .hosts_verified = @intFromBool(is_open),
                .closed = @intFromBool(!is_open),
                .replies_duplicate = 1,
            });
            const verdict: shared.Verdict = if (is_open) .open else .closed;
            const first = stage.takeReply().?;
            try expectEqual(@intFromEnum(shared.Verdict.unreachable_target), first.verdict);
            try expectEqual(@intFromEnum(verdict), stage.takeReply().?.verdict);
            try expectEqual(null, stage.takeReply());
        }
    }
}

test "verdicts that nobody wants to hear of are only counted" {
    var stage: Stage = undefined;
    try start(&stage, .{ .report = .{} });
    defer stage.deinit();
    var buffer: [buffer_size]u8 = undefined;
    const open: Answer = .synAck(&stage, targets.ipv4);
    stage.read(open.link, open.emit(&buffer));
    const closed: Answer = .reset(&stage, targets.ipv6);
    stage.read(closed.link, closed.emit(&buffer));
    const silent: Answer = .synAck(&stage, targets.tagged);
    stage.read(silent.link, silent.refuse(router, 3, 1).emit(&buffer));
    try expectEqual(null, stage.takeReply());
    try expectCounters(&stage, .{ .hosts_verified = 1, .closed = 1, .unreachable_count = 1 });
}

/// What is wrong with an answer, and its error, and what that counts as.
const Fault = enum {
    cookie,
    port_in_window,
    port_outside_window,
    other_source,
    stranger_address,
    remote_port,

    fn put(fault: Fault, answer: *Answer) void {
        const segment = &answer.segment;
        const is_ipv4 = answer.local.isIpv4();
        const own: []const Address = if (is_ipv4) &sources.ipv4 else &sources.ipv6;
        switch (fault) {
            .cookie => segment.acknowledgment = segment.acknowledgment.add(1),
            .port_in_window => segment.destination_port =
                ports.first + (segment.destination_port - ports.first + 1) % ports.count,
            .port_outside_window => segment.destination_port = ports.first - 1,
            .other_source => answer.local = if (answer.local.eql(own[0])) own[1] else own[0],
            .stranger_address => answer.local = .fromInt(answer.local.toInt() + 77),
            .remote_port => segment.source_port = 80,
        }
    }

    fn forgedCount(fault: Fault) u64 {
        return if (fault == .port_outside_window) 0 else 1;
    }
};

test "an answer without the cookie, or to where no probe came from, is forged" {
    for ([_]Target{ targets.ipv4, targets.ipv6, targets.neighbor }) |target| {
        for (std.enums.values(Fault)) |fault| {
            var stage: Stage = undefined;
            try start(&stage, .{});
            defer stage.deinit();
            var buffer: [buffer_size]u8 = undefined;
            var open: Answer = .synAck(&stage, target);
            var closed: Answer = .reset(&stage, target);
            fault.put(&open);
            fault.put(&closed);
            const is_ipv4 = target.address.isIpv4();
            const refusal = open.refuse(
                if (is_ipv4) router else router_ipv6,
                if (is_ipv4) 3 else 1,
                1,
            );
            stage.read(open.link, open.emit(&buffer));
            stage.read(closed.link, closed.emit(&buffer));
            stage.read(open.link, refusal.emit(&buffer));
            try expectNothingLearned(&stage);
            try expectCounters(&stage, .{ .replies_forged = 3 * fault.forgedCount() });
        }
    }
}

test "an answer of a blocklisted address is outside, one of an address without route forged" {
    const outside = [_]Target{
        targets.blocked,
        .{ .address = targets.ipv4.address, .port = 8443 },
        .{ .address = .fromInt(targets.ipv6.address.toInt() + 0x1000), .port = 443 },
    };
    const unrouted = [_]Target{
        targets.unrouted,
        .{ .address = .fromIpv4(.{ 127, 0, 0, 1 }), .port = 443 },
        .{ .address = .fromIpv4(.{ 8, 8, 8, 8 }), .port = 443 },
    };
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    for (outside ++ unrouted) |target| {
        var buffer: [buffer_size]u8 = undefined;
        const is_ipv4 = target.address.isIpv4();
        const open: Answer = .synAck(&stage, target);
        stage.read(open.link, open.emit(&buffer));
        stage.read(open.link, Answer.reset(&stage, target).emit(&buffer));
        const refusal = open.refuse(
            if (is_ipv4) router else router_ipv6,
            if (is_ipv4) 3 else 1,
            1,
        );
        stage.read(open.link, refusal.emit(&buffer));
    }
    try expectNothingLearned(&stage);
    try expectCounters(&stage, .{
        .replies_outside = 3 * outside.len,
        .replies_forged = 3 * unrouted.len,
    });
}

/// One frame of every kind, each the shortest that is understood.
const Kind = enum {
    syn_ack,
    syn_ack_ipv6,
    reset,
    reset_ipv6,
    tagged,
    bare,
    icmp,
    icmp_ipv6,
    arp_answer,
    ndp_answer,
    arp_question,
    ndp_question,

    fn link(kind: Kind) Link {
        return switch (kind) {
            .tagged => links.tagged,
            .bare => links.bare,
            else => links.plain,
        };
    }

    fn emit(kind: Kind, stage: *const Stage, buffer: []u8) []const u8 {
        const ipv4_answer: Answer = .synAck(stage, targets.ipv4);
        const ipv6_answer: Answer = .synAck(stage, targets.ipv6);
        switch (kind) {
            .syn_ack => return &syn_ack,
            .syn_ack_ipv6 => return &syn_ack_ipv6,
            .reset => return Answer.reset(stage, targets.ipv4).emit(buffer),
            .reset_ipv6 => return Answer.reset(stage, targets.ipv6).emit(buffer),
            .tagged => return Answer.synAck(stage, targets.tagged).emit(buffer),
            .bare => return Answer.synAck(stage, targets.bare).emit(buffer),
            .icmp => return ipv4_answer.refuse(router, 3, 1).emit(buffer),
            .icmp_ipv6 => return ipv6_answer.refuse(router_ipv6, 1, 0).emit(buffer),
            .arp_answer => return advertise(targets.neighbor.address, buffer),
            .ndp_answer => return advertise(targets.neighbor_ipv6.address, buffer),
            .arp_question => return ask(sources.unowned[0], buffer),
            .ndp_question => return ask(sources.unowned[1], buffer),
        }
    }
};

const neighbor_hardware = [_]u8{ 2, 0, 0, 0, 0, 9 };
const neighbor_link = link: {
    var link = links.plain;
    link.local_hardware = neighbor_hardware;
    break :link link;
};

fn neighborOf(address: Address) Address {
    return (if (address.isIpv4()) targets.neighbor else targets.neighbor_ipv6).address;
}

/// The frame by which a neighbour says that an address is its own.
fn advertise(address: Address, buffer: []u8) []u8 {
    const size = emitAnswer(neighbor_link, .{
        .address = address,
        .by = if (address.isIpv4()) sources.ipv4[0] else sources.ipv6[0],
        .by_hardware = links.plain.local_hardware,
    }, buffer);
    return buffer[0..size];
}

/// The frame by which a neighbour asks where an address is.
fn ask(address: Address, buffer: []u8) []u8 {
    return buffer[0..emitQuestion(neighbor_link, neighborOf(address), address, buffer)];
}

/// The two neighbours have been asked where they are.
fn askNeighbors(stage: *Stage) !void {
    for ([_]Target{ targets.neighbor, targets.neighbor_ipv6 }, 0..) |target, number| {
        try stage.neighbors.wait(.{
            .address = target.address,
            .port = target.port,
            .hop = 2,
            .index = number,
        });
        try expectEqual(target.address, stage.neighbors.next(0).?.ask.address);
    }
}

test "a frame that is cut short anywhere is nothing, not even a forgery" {
    for (std.enums.values(Kind)) |kind| {
        var stage: Stage = undefined;
        try start(&stage, .{});
        defer stage.deinit();
        try askNeighbors(&stage);
        var buffer: [buffer_size]u8 = undefined;
        const frame = kind.emit(&stage, &buffer);
        for (0..frame.len) |size| {
            const exact = try std.testing.allocator.dupe(u8, frame[0..size]);
            defer std.testing.allocator.free(exact);
            stage.read(kind.link(), exact);
            try expectNothingLearned(&stage);
            try expectEqual(null, stage.neighbors.find(targets.neighbor.address));
            try expectEqual(null, stage.neighbors.find(targets.neighbor_ipv6.address));
        }
        try expectCounters(&stage, .{});
        stage.read(kind.link(), frame);
        const has_learned = stage.answered.count() + stage.unreachable_targets.count() > 0 or
            stage.neighbors.find(targets.neighbor.address) != null or
            stage.neighbors.find(targets.neighbor_ipv6.address) != null or
            stage.takeSent(links.plain) != null;
        try expect(has_learned);
    }
}

test "sizes that a header states about itself are believed as far as the frame goes" {
    const packet = ethernet.header_size;
    const segment = packet + ipv4.header_size_min;
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    for (0..16) |word_count| {
        // Of the TCP header: with fewer words than there are, the rest is payload.
        var frame = syn_ack;
        frame[segment + tcp.offset.header_size] = @intCast(word_count << 4);
        stage.read(links.plain, &frame);
        const is_open = word_count >= 5 and word_count <= 10;
        try expectEqual(@intFromBool(is_open), stage.answered.count());
        if (stage.takeReply()) |reply| {
            try expectEqual(4 * (word_count - 5), reply.options_size);
            const options = reply.options[0..reply.options_size];
            try std.testing.expectEqualSlices(u8, syn_ack_options[0..options.len], options);
        }
        try stage.clear();
        // Of the IPv4 header.
        frame = syn_ack;
        frame[packet] = @intCast(4 << 4 | word_count);
        stage.read(links.plain, &frame);
        try expectEqual(@intFromBool(word_count == 5), stage.answered.count());
        try stage.clear();
    }
    for (0..1 << 16) |total_size| {
        var frame = syn_ack;
        std.mem.writeInt(u16, frame[packet + 2 ..][0..2], @intCast(total_size), .big);
        stage.read(links.plain, &frame);
        try expectEqual(@intFromBool(total_size >= 60), stage.answered.count());
        if (total_size >= 60) {
            try expect(stage.answered.remove(stage.indexOf(targets.ipv4)));
            try expectEqual(open_reply, stage.takeReply().?);
        }
    }
    try stage.clear();
    for (0..1 << 16) |payload_size| {
        var frame = syn_ack_ipv6;
        std.mem.writeInt(u16, frame[packet + 4 ..][0..2], @intCast(payload_size), .big);
        stage.read(links.plain, &frame);
        try expectEqual(@intFromBool(payload_size >= 72), stage.answered.count());
        if (payload_size >= 72) {
            try expect(stage.answered.remove(stage.indexOf(targets.ipv6)));
            try expectEqual(open_reply_ipv6, stage.takeReply().?);
        }
    }
}

test "whatever one octet says, an answer is that of its target or nothing" {
    for (std.enums.values(Kind)) |kind| {
        var stage: Stage = undefined;
        try start(&stage, .{});
        defer stage.deinit();
        var buffer: [buffer_size]u8 = undefined;
        const right = kind.emit(&stage, &buffer);
        for (0..right.len) |index| {
            for (0..256) |value| {
                var octets: [buffer_size]u8 = undefined;
                const frame = octets[0..right.len];
                @memcpy(frame, right);
                frame[index] = @intCast(value);
                stage.read(kind.link(), frame);
                if (stage.takeReply()) |reply| {
                    const target: Target = .{ .address = reply.remote, .port = reply.remote_port };
                    try expect(stage.set.indexOf(target.address, target.port) != null);
                    const answer: Answer = .synAck(&stage, target);
                    try expectEqual(answer.segment.destination_port, reply.local_port);
                }
                try expectEqual(null, stage.takeReply());
                try stage.clear();
            }
        }
    }
}

test "a frame of another VLAN is ignored, and a tag is one wherever it stands" {
    var buffer: [buffer_size]u8 = undefined;
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    var answer: Answer = .synAck(&stage, targets.tagged);
    const receiver = &stage.readers[0].receiver;
    const Tagging = struct { in_frame: u12, taken_out: u12, link: Link, is_heard: bool };
    const cases = [_]Tagging{
        .{ .in_frame = 100, .taken_out = 0, .link = links.tagged, .is_heard = true },
        .{ .in_frame = 0, .taken_out = 100, .link = links.tagged, .is_heard = true },
        // The outer tag says over which VLAN it came.
        .{ .in_frame = 7, .taken_out = 100, .link = links.tagged, .is_heard = true },
        .{ .in_frame = 100, .taken_out = 7, .link = links.tagged, .is_heard = false },
        .{ .in_frame = 101, .taken_out = 0, .link = links.tagged, .is_heard = false },
        .{ .in_frame = 0, .taken_out = 101, .link = links.tagged, .is_heard = false },
        .{ .in_frame = 0, .taken_out = 0, .link = links.tagged, .is_heard = false },
        .{ .in_frame = 0, .taken_out = 0, .link = links.plain, .is_heard = true },
        .{ .in_frame = 100, .taken_out = 0, .link = links.plain, .is_heard = false },
        .{ .in_frame = 0, .taken_out = 100, .link = links.plain, .is_heard = false },
    };
    for (cases) |case| {
        answer.link.vlan = case.in_frame;
        const frame = answer.emit(&buffer);
        receiver.readFrame(&case.link, .{
            .octets = frame,
            .wire_size = @intCast(frame.len),
            .vlan = case.taken_out,
            .checksum = .unverified,
            .time_us = stamp_us,
        });
        try expectEqual(case.is_heard, stage.takeReply() != null);
        try expectEqual(1, receiver.tally.frames);
        if (!case.is_heard) try expectNothingLearned(&stage);
        try stage.clear();
    }
}

test "an answer that cannot be handed on is postponed, and counts when it comes again" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    var buffer: [buffer_size]u8 = undefined;
    // Others fill the ring.
    var filled: u8 = 100;
    while (stage.control.replies_deferred == 0) : (filled += 1) {
        const target: Target = .{ .address = .fromIpv4(.{ 198, 51, 100, filled }), .port = 80 };
        const answer: Answer = .synAck(&stage, target);
        stage.read(answer.link, answer.emit(&buffer));
    }
    const settled = stage.answered.count();
    try expectEqual(filled - 101, settled);
    try expectEqual(1, stage.deferred.count());

    const open: Answer = .synAck(&stage, targets.ipv4);
    const closed: Answer = .reset(&stage, targets.ipv6);
    const refused: Answer = .synAck(&stage, targets.tagged);
    for (0..2) |round| {
        const counted = @as(u64, 3) * round;
        stage.read(open.link, open.emit(&buffer));
        stage.read(closed.link, closed.emit(&buffer));
        stage.read(refused.link, refused.refuse(router, 3, 1).emit(&buffer));
        try expectCounters(&stage, .{
            .hosts_verified = settled,
            .replies_deferred = 4 + counted,
        });
        try expectEqual(settled, stage.answered.count());
        try expectEqual(0, stage.unreachable_targets.count());
        try expectEqual(4, stage.deferred.count());
    }

    for (0..settled) |_| try expect(stage.takeReply() != null);
    stage.read(open.link, open.emit(&buffer));
    stage.read(closed.link, closed.emit(&buffer));
    stage.read(refused.link, refused.refuse(router, 3, 1).emit(&buffer));
    try expectCounters(&stage, .{
        .hosts_verified = settled + 1,
        .closed = 1,
        .unreachable_count = 1,
        .replies_deferred = 7,
    });
    try expectEqual(targets.ipv4.address, stage.takeReply().?.remote);
    try expectEqual(targets.ipv6.address, stage.takeReply().?.remote);
    try expectEqual(targets.tagged.address, stage.takeReply().?.remote);
    try expectEqual(1, stage.deferred.count());
}

test "a round trip is that of the probe whose cookie came back" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    var buffer: [buffer_size]u8 = undefined;
    const answers = [_]Answer{
        .synAck(&stage, targets.ipv4),
        .reset(&stage, targets.ipv6),
        .synAck(&stage, targets.tagged),
    };
    for (answers, 1..) |answer, number| {
        const sequence = answer.segment.acknowledgment.add(std.math.maxInt(u32));
        stage.flights.record(sequence, stamp_us -% @as(u32, @intCast(1000 * number)));
    }
    stage.read(answers[0].link, answers[0].emit(&buffer));
    stage.read(answers[1].link, answers[1].emit(&buffer));
    stage.read(answers[2].link, answers[2].refuse(router, 3, 1).emit(&buffer));
    for (1..4) |number| try expectEqual(1000 * number, stage.takeReply().?.round_trip_us);
    try expectEqual(3, stage.round_trips.count());
    // Beside the probe itself nobody's answer has one.
    const other: Answer = .synAck(&stage, targets.bare);
    stage.read(other.link, other.emit(&buffer));
    try expectEqual(shared.Reply.round_trip_unknown, stage.takeReply().?.round_trip_us);
    try expectEqual(3, stage.round_trips.count());
}

test "an answer's time is its frame's, however the clock was set since" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    const receiver = &stage.readers[0].receiver;
    // A frame of before, of now, and of after a clock that was set back by a second.
    for ([_]i32{ -300_000_000, 0, 1_000_000 }) |offset_us| {
        receiver.readFrame(&links.plain, .{
            .octets = &syn_ack,
            .wire_size = syn_ack.len,
            .vlan = 0,
            .checksum = .unverified,
            .time_us = stamp_us +% @as(u32, @bitCast(offset_us)),
        });
        const expected = @as(i64, receive_stage.time_us) + offset_us;
        try expectEqual(@as(u64, @intCast(expected)), stage.takeReply().?.time_us);
        try stage.clear();
    }
}

test "where connections are handed over, all that continues them is told" {
    var stage: Stage = undefined;
    try start(&stage, .{ .manner = .hand_over });
    defer stage.deinit();
    const question = stage.cookie.of(targets.ipv4.address, targets.ipv4.port);
    stage.flights.record(question.sequence, stamp_us -% 7_900);
    for (0..2) |_| stage.read(links.plain, &syn_ack);
    try expectEqual(shared.HostFacts{
        .remote = targets.ipv4.address,
        .local = sources.ipv4[0],
        .remote_port = 443,
        .local_port = 0x8099,
        .sequence = 0x2a97_c083,
        .acknowledgment = 0x9000_0001,
        .window = 65160,
        .segment_size_max = 1460,
        .window_scale = 7,
        .time_to_live = 57,
        .has_timestamps = 1,
        .timestamp = 0x0102_0304,
        .round_trip_ms = 7,
    }, stage.takeHost().?);
    try expectEqual(null, stage.takeHost());
    // A SYN-ACK may come again while its turn is awaited.
    try expectEqual(null, stage.takeSent(links.plain));
    try expectCounters(&stage, .{ .hosts_verified = 1, .replies_duplicate = 1 });

    var buffer: [buffer_size]u8 = undefined;
    var plain: Answer = .synAck(&stage, targets.ipv6);
    plain.segment.options = .{};
    stage.read(plain.link, plain.emit(&buffer));
    const facts = stage.takeHost().?;
    try expectEqual(0, facts.segment_size_max);
    try expectEqual(shared.HostFacts.no_window_scale, facts.window_scale);
    try expectEqual(0, facts.has_timestamps);
    try expectEqual(0, facts.timestamp);
    try expectEqual(shared.HostFacts.round_trip_unknown, facts.round_trip_ms);
    const closed: Answer = .reset(&stage, targets.bare);
    stage.read(closed.link, closed.emit(&buffer));
    try expectEqual(@intFromEnum(shared.Verdict.closed), stage.takeReply().?.verdict);
}

/// The reset of `targets.ipv4`'s SYN-ACK: from where the probe came, with the number that it
/// acknowledged.
const our_reset = [_]u8{
    0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, //
    0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0x4e, 0x94, //
    192,  0,    2,    1,    198,  51,   100,  7,
    0x80, 0x99, 0x01, 0xbb, 0x2a, 0x97, 0xc0, 0x83, 0, 0, 0, 0, //
    0x50, 0x04, 0x00, 0x00, 0x56, 0x35, 0x00, 0x00, //
};

test "a SYN-ACK draws our reset, and its repetitions too" {
    var stage: Stage = undefined;
    try start(&stage, .{ .manner = .reset });
    defer stage.deinit();
    for (1..4) |count| {
        stage.read(links.plain, &syn_ack);
        try std.testing.expectEqualSlices(u8, &our_reset, stage.takeSent(links.plain).?);
        try expectEqual(null, stage.takeSent(links.plain));
        try expectCounters(&stage, .{
            .hosts_verified = 1,
            .replies_duplicate = count - 1,
            .resets_sent = count,
        });
    }
    // Neither a forged repetition nor what closed the port.
    var buffer: [buffer_size]u8 = undefined;
    var forged: Answer = .synAck(&stage, targets.ipv4);
    Fault.port_in_window.put(&forged);
    stage.read(forged.link, forged.emit(&buffer));
    forged = .synAck(&stage, targets.ipv4);
    Fault.other_source.put(&forged);
    stage.read(forged.link, forged.emit(&buffer));
    const closed: Answer = .reset(&stage, targets.ipv6);
    stage.read(closed.link, closed.emit(&buffer));
    stage.read(links.plain, Answer.reset(&stage, targets.ipv4).emit(&buffer));
    try expectEqual(null, stage.takeSent(links.plain));
    try expectEqual(3, stage.control.resets_sent);
}

test "what follows a lost reset draws another, at most so many in a second" {
    for (std.enums.values(Manner)) |manner| {
        var stage: Stage = undefined;
        try start(&stage, .{ .manner = manner });
        defer stage.deinit();
        stage.read(links.plain, &syn_ack);
        while (stage.takeSent(links.plain) != null) {}
        var late: Answer = .synAck(&stage, targets.ipv4);
        late.segment.flags = .{ .acknowledge = true, .push = true };
        late.segment.payload = "220 ready\r\n";
        var buffer: [buffer_size]u8 = undefined;
        const frame = late.emit(&buffer);
        var reset_count: u32 = 0;
        for (0..1000) |_| {
            stage.read(links.plain, frame);
            if (stage.takeSent(links.plain)) |octets| {
                try std.testing.expectEqualSlices(u8, &our_reset, octets);
                reset_count += 1;
            }
        }
        // The reader's clock stands still meanwhile: a tenth of a second's, and the one begun.
        const expected: u32 = if (manner == .leave) 0 else 101;
        try expectEqual(expected, reset_count);
        try expectEqual(0, stage.control.replies_duplicate);
    }
}

test "an old connection that takes our SYN for its own is reset, at most so many in a second" {
    for (std.enums.values(Manner)) |manner| {
        var stage: Stage = undefined;
        try start(&stage, .{ .manner = manner });
        defer stage.deinit();
        var challenge: Answer = .synAck(&stage, targets.ipv4);
        challenge.segment.flags = .{ .acknowledge = true };
        challenge.segment.acknowledgment = .fromInt(0x7100_0001);
        var buffer: [buffer_size]u8 = undefined;
        var reset_count: u32 = 0;
        for (0..1000) |_| {
            stage.read(links.plain, challenge.emit(&buffer));
            while (stage.takeSent(links.plain)) |octets| {
                // Where the other side says that it is: the sequence number behind IPv4's header and
                // TCP's ports.
                const sequence = std.mem.readInt(u32, octets[14 + 20 + 4 ..][0..4], .big);
                try expectEqual(0x7100_0001, sequence);
                reset_count += 1;
            }
        }
        const expected: u32 = if (manner == .leave) 0 else 101;
        try expectEqual(expected, reset_count);
        // Only to where we asked from, and to whom.
        Fault.port_in_window.put(&challenge);
        stage.read(challenge.link, challenge.emit(&buffer));
        try expectEqual(null, stage.takeSent(links.plain));
        try expectEqual(0, stage.answered.count());
        // It answers the next SYN.
        stage.read(links.plain, &syn_ack);
        try expectEqual(1, stage.answered.count());
    }
}

test "a reset leaves by the hop of its target" {
    var stage: Stage = undefined;
    try start(&stage, .{ .manner = .reset });
    defer stage.deinit();
    try askNeighbors(&stage);
    stage.neighbors.learn(targets.neighbor.address, neighbor_hardware);
    stage.neighbors.learn(targets.neighbor_ipv6.address, neighbor_hardware);
    for (targets.all) |target| {
        var buffer: [buffer_size]u8 = undefined;
        const answer: Answer = .synAck(&stage, target);
        stage.read(answer.link, answer.emit(&buffer));
        const frame = stage.takeSent(answer.link).?;
        const packet = switch (answer.link.framing) {
            .ethernet => ip.View.parseFrame(frame).?,
            .none => try ip.View.parse(frame),
        };
        try expectEqual(target.address, packet.destination);
        try expectEqual(answer.local, packet.source);
        const view: tcp.View = try .init(packet.payload);
        try expect(view.checksumIsRight(packet.source, packet.destination));
        try expectEqual(tcp.Flags{ .reset = true }, view.flags());
        try expectEqual(answer.segment.acknowledgment, view.sequence());
        if (answer.link.framing == .none) continue;
        try expectEqual(answer.link.vlan, ethernet.vlanOf(frame));
        const is_neighbor = target.address.eql(neighborOf(target.address));
        const hardware = if (is_neighbor) neighbor_hardware else receive_stage.gateway_hardware;
        try expectEqual(hardware, frame[0..6].*);
    }
    try expectCounters(&stage, .{
        .hosts_verified = targets.all.len,
        .resets_sent = targets.all.len,
    });
}

test "a neighbour that is not known gets no reset" {
    var stage: Stage = undefined;
    try start(&stage, .{ .manner = .reset });
    defer stage.deinit();
    var buffer: [buffer_size]u8 = undefined;
    const answer: Answer = .synAck(&stage, targets.neighbor);
    stage.read(answer.link, answer.emit(&buffer));
    try expectEqual(null, stage.takeSent(answer.link));
    try expectCounters(&stage, .{ .hosts_verified = 1 });
}

test "neighbours are learnt from their answers, if they were asked" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    var buffer: [buffer_size]u8 = undefined;
    for ([_]Target{ targets.neighbor, targets.neighbor_ipv6 }) |target| {
        stage.read(links.plain, advertise(target.address, &buffer));
        try expectEqual(null, stage.neighbors.find(target.address));
    }
    try askNeighbors(&stage);
    for ([_]Target{ targets.neighbor, targets.neighbor_ipv6 }) |target| {
        // Over another VLAN stands another neighbour.
        stage.read(links.tagged, advertise(target.address, &buffer));
        try expectEqual(null, stage.neighbors.find(target.address));
        stage.read(links.plain, advertise(target.address, &buffer));
        try expectEqual(neighbor_hardware, stage.neighbors.find(target.address).?);
    }
    try expectNothingLearned(&stage);
    try expectCounters(&stage, .{});
}

test "a link without link header has no neighbours, whatever its packets look like" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    try askNeighbors(&stage);
    var buffer: [buffer_size]u8 = undefined;
    // Packets that cannot be parsed, and whose source address starts like ARP's type.
    stage.read(links.bare, advertise(targets.neighbor.address, &buffer));
    stage.read(links.bare, advertise(targets.neighbor_ipv6.address, &buffer));
    stage.read(links.bare, ask(sources.unowned[0], &buffer));
    stage.read(links.bare, ask(sources.unowned[1], &buffer));
    try expectEqual(null, stage.neighbors.find(targets.neighbor.address));
    try expectEqual(null, stage.neighbors.find(targets.neighbor_ipv6.address));
    try expectNothingLearned(&stage);
}

test "questions for addresses that this host does not have are answered, and no others" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    var buffer: [buffer_size]u8 = undefined;
    for (sources.unowned) |address| {
        stage.read(links.plain, ask(address, &buffer));
        const frame = stage.takeSent(links.plain).?;
        try expectEqual(neighbor_hardware, frame[0..6].*);
        const heard = Heard.parse(frame).?.advertised;
        try expectEqual(address, heard.address);
        try expectEqual(links.plain.local_hardware, heard.hardware);
        try expectEqual(null, stage.takeSent(links.plain));
    }
    // The kernel answers for its own.
    for ([_]Address{ sources.ipv4[0], sources.ipv6[0] }) |address| {
        stage.read(links.plain, ask(address, &buffer));
    }
    try expectNothingLearned(&stage);
    try expectCounters(&stage, .{});
}

test "who takes an address that this host does not have is not contradicted" {
    var stage: Stage = undefined;
    try start(&stage, .{});
    defer stage.deinit();
    var buffer: [buffer_size]u8 = undefined;
    const address = sources.unowned[0];
    // A probe whether it is free, and the announcement that it is taken (RFC 5227, 2.1.1 and 2.3).
    for ([_]Address{ .fromIpv4(@splat(0)), address }) |sender| {
        const size = emitQuestion(neighbor_link, sender, address, &buffer);
        stage.read(links.plain, buffer[0..size]);
        try expectNothingLearned(&stage);
    }
}

test "two readers that share what they know tell of a target once" {
    var stage: Stage = undefined;
    try stage.init(std.heap.c_allocator, .{ .events_size = 1 << 16 });
    defer stage.deinit();
    var race: Race = .{ .stage = &stage };
    try race.run(.{ .answers, .answers });
    var told: [Race.target_count]u8 = @splat(0);
    for (0..2) |reader| {
        while (stage.takeReplyOf(reader)) |reply| told[reply.remote.octets[15]] += 1;
    }
    for (told) |count| try expectEqual(1, count);
    try expectCounters(&stage, .{
        .hosts_verified = Race.target_count,
        .replies_duplicate = Race.target_count,
    });
}

test "an error at one reader and an answer at the other: the target has answered" {
    for (0..20) |_| {
        var stage: Stage = undefined;
        try stage.init(std.heap.c_allocator, .{ .events_size = 1 << 16 });
        defer stage.deinit();
        var race: Race = .{ .stage = &stage };
        try race.run(.{ .errors, .answers });
        try expectEqual(Race.target_count, stage.answered.count());
        try expectEqual(Race.target_count, stage.control.hosts_verified);
        try expectEqual(0, stage.unreachable_targets.count());
        try expectEqual(0, stage.control.unreachable_count);
    }
}

/// Two readers, each in a thread of its own, that get a frame about the same target at once.
const Race = struct {
    stage: *Stage,
    /// By reader: how many of its frames it is about to read.
    positions: [2]std.atomic.Value(u32) = .{ .init(0), .init(0) },

    const target_count = 256;
    const Side = enum { answers, errors };

    fn run(race: *Race, sides: [2]Side) !void {
        var threads: [2]std.Thread = undefined;
        for (&threads, sides, 0..) |*thread, side, reader| {
            thread.* = try .spawn(.{}, readAll, .{ race, reader, side });
        }
        for (threads) |thread| thread.join();
    }

    fn readAll(race: *Race, reader: usize, side: Side) void {
        for (0..target_count) |number| {
            const address = targets.ipv6.address.toInt() & ~@as(u128, 0xff) | number;
            const target: Target = .{ .address = .fromInt(address), .port = 443 };
            const answer: Answer = .synAck(race.stage, target);
            var buffer: [buffer_size]u8 = undefined;
            const frame = switch (side) {
                .answers => answer.emit(&buffer),
                .errors => answer.refuse(router_ipv6, 1, 0).emit(&buffer),
            };
            race.positions[reader].store(@intCast(number + 1), .release);
            while (race.positions[1 - reader].load(.acquire) <= number) {
                std.Thread.yield() catch {};
            }
            race.stage.readBy(reader, answer.link, frame);
        }
    }
};
