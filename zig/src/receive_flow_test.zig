//! A reader's connections that start with a SYN of their own, frame by frame: what leaves and comes
//! back is looked at as it stands on the link.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Answer = @import("receive_answer.zig").Answer;
const Hop = @import("hop.zig").Hop;
const Stage = @import("receive_stage.zig").Stage;
const Target = @import("target_set.zig").Target;
const buffer_size = @import("receive_answer.zig").buffer_size;
const flow = @import("flow.zig");
const icmpv4 = @import("wire/icmpv4.zig");
const ip = @import("wire/ip.zig");
const shared = @import("shared.zig");
const targets = @import("receive_stage.zig").targets;
const tcp = @import("wire/tcp.zig");

const expectEqual = std.testing.expectEqual;

const router: Address = .fromIpv4(.{ 198, 18, 0, 1 });
const neighbor_hardware = [_]u8{ 2, 0, 0, 0, 0, 0xaa };
/// From the end of one stream to the start of the next.
const stream_distance = 0x1_0000;

/// A verified host, and the answer that verified it.
const Found = struct {
    facts: shared.HostFacts,
    answer: Answer,

    /// What the host sends next, in acknowledgment of what a stream has come to.
    fn says(found: Found, flags: tcp.Flags, acknowledgment: tcp.SequenceNumber) Answer {
        var answer = found.answer;
        answer.segment.flags = flags;
        answer.segment.acknowledgment = acknowledgment;
        return answer;
    }
};

fn start(stage: *Stage) !void {
    try stage.init(std.testing.allocator, .{ .manner = .hand_over, .flow_count = 1 });
    errdefer stage.deinit();
    const neighbors = [_]Target{ targets.neighbor, targets.neighbor_ipv6 };
    for (neighbors) |target| {
        try stage.neighbors.wait(.{
            .address = target.address,
            .port = target.port,
            .hop = 2,
            .index = 0,
        });
        _ = stage.neighbors.next(0).?.ask;
    }
    for (neighbors) |target| stage.neighbors.learn(target.address, neighbor_hardware);
}

fn find(stage: *Stage, target: Target) Found {
    var buffer: [buffer_size]u8 = undefined;
    const answer: Answer = .synAck(stage, target);
    stage.read(answer.link, answer.emit(&buffer));
    return .{ .facts = stage.takeHost().?, .answer = answer };
}

fn open(stage: *Stage, facts: shared.HostFacts) void {
    const command: shared.Open = .{
        .facts = facts,
        .deadline_ns = 10 * std.time.ns_per_s,
        .receive_bytes = 4096,
        .handshake = @intFromEnum(shared.Handshake.fresh),
    };
    stage.command(.open, std.mem.asBytes(&command) ++ "hello");
    // Whoever sends need not wait for its turn on the wire.
    stage.command(.send, "");
}

fn read(stage: *Stage, answer: Answer) void {
    var buffer: [buffer_size]u8 = undefined;
    stage.read(answer.link, answer.emit(&buffer));
}

/// A segment that a reader has sent to a target.
fn takeSegment(stage: *Stage, answer: Answer) !tcp.Segment {
    const frame = stage.takeSent(answer.link).?;
    const packet = switch (answer.link.framing) {
        .ethernet => ip.View.parseFrame(frame).?,
        .none => try ip.View.parse(frame),
    };
    try expectEqual(answer.remote, packet.destination);
    try expectEqual(answer.local, packet.source);
    return .parse(try .init(packet.payload));
}

test "over every kind of hop: the run's SYN, the answer to the SYN-ACK, and our reset" {
    var stage: Stage = undefined;
    try start(&stage);
    defer stage.deinit();
    for (targets.all) |target| {
        const found = find(&stage, target);
        var facts = found.facts;
        for (0..2) |_| {
            open(&stage, facts);
            const first: tcp.SequenceNumber = .fromInt(facts.sequence +% stream_distance);
            try expectSyn(&stage, target, found.answer, first.add(std.math.maxInt(u32)));

            const establishing: tcp.Flags = .{ .synchronize = true, .acknowledge = true };
            read(&stage, found.says(establishing, first));
            const hello = try takeSegment(&stage, found.answer);
            try std.testing.expectEqualStrings("hello", hello.payload);
            try expectEqual(first, hello.sequence);
            try expectEqual(found.answer.segment.sequence.add(1), hello.acknowledgment);

            stage.command(.close, "");
            const reset = try takeSegment(&stage, found.answer);
            try expectEqual(tcp.Flags{ .acknowledge = true, .reset = true }, reset.flags);
            const ended = stage.takeEnded().?;
            try expectEqual(@intFromEnum(flow.EndReason.closed), ended.reason);
            try expectEqual(first.add("hello".len).toInt(), ended.sequence);
            facts.sequence = ended.sequence;
        }
    }
    // One for each target; the SYN-ACKs that answered a flow are no news.
    try expectEqual(targets.all.len, stage.control.hosts_verified);
    try expectEqual(0, stage.control.replies_forged);
}

/// The frame that a probe of the stage's preset is, with that sequence number.
fn expectSyn(stage: *Stage, target: Target, answer: Answer, sequence: tcp.SequenceNumber) !void {
    const way = &stage.ways[stage.hop_table.find(target.address).hop];
    const hardware = if (way.hop.kind == .on_link) neighbor_hardware else way.hop.next_hardware;
    var expected: [buffer_size]u8 = undefined;
    const size = way.hop.emit(answer.local, target.address, hardware, .{
        .source_port = answer.segment.destination_port,
        .destination_port = target.port,
        .sequence = sequence,
        .acknowledgment = .fromInt(0),
        .flags = .{ .synchronize = true },
        .window = 65535,
        .options = .{ .maximum_segment_size = way.hop.segmentSizeMax() },
    }, &expected);
    const sent = stage.takeSent(answer.link).?;
    try std.testing.expectEqualSlices(u8, expected[0..size], sent);
}

test "a SYN that is sent again is one more probe to the rate" {
    var stage: Stage = undefined;
    try start(&stage);
    defer stage.deinit();
    const probes = &stage.control.budget.probes;
    probes.setRate(1);
    const found = find(&stage, targets.ipv4);
    open(&stage, found.facts);
    const first = try takeSegment(&stage, found.answer);
    // Admission has paid for the first one.
    try expectEqual(0, probes.arrival);
    const receiver = &stage.readers[0].receiver;
    receiver.now += std.time.ns_per_s + std.time.ns_per_ms; // The timer rounds up.
    receiver.flows.tick(receiver.now);
    try expectEqual(first.sequence, (try takeSegment(&stage, found.answer)).sequence);
    try expectEqual(receiver.now + std.time.ns_per_s, probes.readyAt());
    stage.command(.close, "");
    _ = stage.takeEnded();
}

test "an ICMP error about the SYN, and a refusal, end the connection" {
    var stage: Stage = undefined;
    try start(&stage);
    defer stage.deinit();
    var found = find(&stage, targets.ipv4);
    var first: tcp.SequenceNumber = .fromInt(found.facts.sequence +% stream_distance);
    open(&stage, found.facts);
    var buffer: [buffer_size]u8 = undefined;
    const code = icmpv4.unreachable_code.host;
    const about_syn = found.says(.{}, first).refuse(router, 3, code);
    stage.read(found.answer.link, about_syn.emit(&buffer));
    const ended = stage.takeEnded().?;
    try expectEqual(@intFromEnum(flow.EndReason.@"unreachable"), ended.reason);

    found.facts.sequence = ended.sequence;
    first = .fromInt(ended.sequence +% stream_distance);
    open(&stage, found.facts);
    read(&stage, found.says(.{ .reset = true, .acknowledge = true }, first));
    const refusal = stage.takeEnded().?;
    try expectEqual(@intFromEnum(flow.EndReason.reset), refusal.reason);
    // Neither is a verdict: the target is open, and is told of once.
    try expectEqual(0, stage.control.unreachable_count);
    try expectEqual(0, stage.control.closed);
}

test "a host that a connection is open to is not opened again" {
    var stage: Stage = undefined;
    try stage.init(std.testing.allocator, .{ .manner = .hand_over, .flow_count = 2 });
    defer stage.deinit();
    const found = find(&stage, targets.ipv4);
    open(&stage, found.facts);
    var command: shared.Open = .{
        .facts = found.facts,
        .deadline_ns = 0,
        .receive_bytes = 0,
        .handshake = @intFromEnum(shared.Handshake.fresh),
    };
    command.facts.sequence +%= 77;
    const receiver = &stage.readers[0].receiver;
    const kind = @intFromEnum(shared.CommandKind.open);
    receiver.obey(.{ .kind = kind, .connection = 1, .payload = std.mem.asBytes(&command) });
    receiver.obey(.{
        .kind = @intFromEnum(shared.CommandKind.send),
        .connection = 1,
        .payload = "",
    });
    const record = stage.readers[0].consumer.peek().?;
    try expectEqual(1, record.connection);
    const ended = std.mem.bytesToValue(shared.Ended, record.payload[0..@sizeOf(shared.Ended)]);
    try expectEqual(@intFromEnum(flow.EndReason.exhausted), ended.reason);
    try expectEqual(command.facts.sequence, ended.sequence);
    _ = try takeSegment(&stage, found.answer);
    try expectEqual(null, stage.takeSent(found.answer.link));
}

test "a connection that is closed before its turn has sent nothing" {
    var stage: Stage = undefined;
    try start(&stage);
    defer stage.deinit();
    const found = find(&stage, targets.ipv4);
    const command: shared.Open = .{
        .facts = found.facts,
        .deadline_ns = std.time.ns_per_s,
        .receive_bytes = 4096,
        .handshake = @intFromEnum(shared.Handshake.fresh),
    };
    stage.command(.open, std.mem.asBytes(&command));
    stage.command(.close, "");
    const ended = stage.takeEnded().?;
    try expectEqual(@intFromEnum(flow.EndReason.closed), ended.reason);
    try expectEqual(found.facts.sequence, ended.sequence);
    try expectEqual(null, stage.takeSent(found.answer.link));
    try expectEqual(0, stage.control.resets_sent);
}
