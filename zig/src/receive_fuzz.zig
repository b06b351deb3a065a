//! Any frames to two readers that share what they know, with what must always hold.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Answer = @import("receive_answer.zig").Answer;
const Heard = @import("neighbors.zig").Heard;
const Link = @import("hop.zig").Link;
const Manner = @import("receive.zig").Manner;
const Stage = @import("receive_stage.zig").Stage;
const Target = @import("target_set.zig").Target;
const buffer_size = @import("receive_answer.zig").buffer_size;
const ip = @import("wire/ip.zig");
const links = @import("receive_stage.zig").links;
const shared = @import("shared.zig");
const sources = @import("receive_stage.zig").sources;
const stamp_us = @import("receive_stage.zig").stamp_us;
const targets = @import("receive_stage.zig").targets;
const tcp = @import("wire/tcp.zig");

/// An input is an octet that chooses the readers' manner, then frames, each behind one of these and
/// its size in two octets. What ends within a frame is that much of it.
const Instruction = packed struct(u8) {
    link: u2,
    reader: u1,
    /// The kernel took the tagged link's tag out of the frame.
    is_tag_taken_out: bool,
    /// JavaScript takes what was told so far: until then the rings may fill.
    is_followed_by_taking: bool,
    _: u3,
};
const header_size = 3;

/// At least as many as there are targets.
const target_count_max = 2048;

/// What must be true of everything that is told of a target.
const Model = struct {
    stage: *Stage,
    /// By target: told to have answered, and to be unreachable.
    answered: [target_count_max]bool = @splat(false),
    unreachable_targets: [target_count_max]bool = @splat(false),
    counters: [counter_names.len]u64 = @splat(0),
    steps: u64 = 0,

    const counter_names = .{
        "hosts_verified",    "closed",           "replies_forged", "replies_outside",
        "replies_duplicate", "replies_deferred", "resets_sent",
    };

    fn check(condition: bool) void {
        if (!condition) @panic("the reader broke its word");
    }

    fn read(model: *Model, instruction: Instruction, octets: []const u8) void {
        const link = links.all[instruction.link % links.all.len];
        const receiver = &model.stage.readers[instruction.reader].receiver;
        const frame_count = receiver.tally.frames;
        receiver.readFrame(&link, .{
            .octets = octets,
            .wire_size = @intCast(octets.len),
            .vlan = if (instruction.is_tag_taken_out) links.tagged.vlan else 0,
            .checksum = .unverified,
            .time_us = stamp_us,
        });
        check(receiver.tally.frames == frame_count + 1);
        model.steps += 1;
        model.checkCounters();
        model.checkSent(instruction.reader);
        if (instruction.is_followed_by_taking) model.takeEvents();
    }

    /// They only grow, and say as much as the sets that all readers share.
    fn checkCounters(model: *Model) void {
        const stage = model.stage;
        inline for (counter_names, &model.counters) |name, *before| {
            const value = @field(stage.control, name);
            check(value >= before.* and value <= before.* + 1);
            before.* = value;
        }
        check(stage.answered.count() == stage.control.hosts_verified + stage.control.closed);
        check(stage.unreachable_targets.count() == stage.control.unreachable_count);
    }

    /// One frame draws one at the most: a reset in the name of a probe, or where an address is that
    /// only we know of.
    fn checkSent(model: *Model, reader: usize) void {
        var sent_count: u32 = 0;
        for (&model.stage.readers[reader].inlets) |*inlet| {
            while (model.stage.takeSentOf(reader, inlet.link)) |frame| {
                sent_count += 1;
                model.checkFrame(inlet.link, frame);
            }
        }
        check(sent_count <= 1);
    }

    fn checkFrame(model: *Model, link: Link, frame: []const u8) void {
        if (link.framing == .ethernet) {
            if (Heard.parse(frame)) |heard| {
                for (sources.unowned) |address| {
                    if (address.eql(heard.advertised.address)) return;
                }
                return check(false);
            }
        }
        const packet = switch (link.framing) {
            .ethernet => ip.View.parseFrame(frame).?,
            .none => ip.View.parse(frame) catch unreachable,
        };
        check(packet.protocol == tcp.protocol);
        const view = tcp.View.init(packet.payload) catch unreachable;
        check(@as(u8, @bitCast(view.flags())) == @as(u8, @bitCast(tcp.Flags{ .reset = true })));
        const target: Target = .{ .address = packet.destination, .port = view.destinationPort() };
        const is_answered = model.stage.answered.contains(model.stage.indexOf(target));
        const probed: Answer = .synAck(model.stage, target);
        // One that has not answered is reset for what it says of an old connection, not of ours.
        check(is_answered or view.sequence() != probed.segment.acknowledgment);
        check(probed.local.eql(packet.source));
        check(probed.segment.destination_port == view.sourcePort());
    }

    fn takeEvents(model: *Model) void {
        const stage = model.stage;
        for (&stage.readers) |*reader| {
            while (reader.consumer.peek()) |record| {
                const kind: shared.EventKind = @enumFromInt(record.kind);
                switch (kind) {
                    .reply => model.checkReply(payloadOf(shared.Reply, record.payload)),
                    .host => model.checkHost(payloadOf(shared.HostFacts, record.payload)),
                    else => check(false),
                }
                reader.consumer.pop(record);
                model.steps += 1;
            }
        }
    }

    fn payloadOf(comptime Payload: type, octets: []const u8) Payload {
        check(octets.len == @sizeOf(Payload));
        return std.mem.bytesToValue(Payload, octets);
    }

    fn checkReply(model: *Model, reply: shared.Reply) void {
        const target: Target = .{ .address = reply.remote, .port = reply.remote_port };
        const index: usize = @intCast(model.stage.indexOf(target));
        const probed: Answer = .synAck(model.stage, target);
        check(reply.local_port == probed.segment.destination_port);
        check(reply.options_size <= reply.options.len);
        const verdict: shared.Verdict = @enumFromInt(reply.verdict);
        if (verdict == .unreachable_target) {
            check(!model.unreachable_targets[index]);
            model.unreachable_targets[index] = true;
            return;
        }
        check(reply.local.eql(probed.local));
        check(reply.acknowledgment == probed.segment.acknowledgment.toInt());
        model.noteAnswer(index);
    }

    fn checkHost(model: *Model, facts: shared.HostFacts) void {
        const target: Target = .{ .address = facts.remote, .port = facts.remote_port };
        const probed: Answer = .synAck(model.stage, target);
        check(facts.local.eql(probed.local));
        check(facts.local_port == probed.segment.destination_port);
        check(facts.sequence == probed.segment.acknowledgment.toInt());
        model.noteAnswer(@intCast(model.stage.indexOf(target)));
    }

    fn noteAnswer(model: *Model, index: usize) void {
        check(!model.answered[index]);
        model.answered[index] = true;
    }

    /// Everything was taken: what was told is what is known.
    fn finish(model: *Model) void {
        model.takeEvents();
        const stage = model.stage;
        for (0..stage.set.count) |index| {
            check(model.answered[index] == stage.answered.contains(index));
            // What answered later is not unreachable any more.
            const is_unreachable = stage.unreachable_targets.contains(index);
            check(is_unreachable == (model.unreachable_targets[index] and !model.answered[index]));
        }
    }
};

/// Returns how many steps it took: frames read and events taken, at most two for each frame.
pub fn one(input: []const u8) u64 {
    if (input.len == 0) return 0;
    prepare() catch @panic("no memory");
    kept.setManner(@enumFromInt(input[0] % std.enums.values(Manner).len));
    var model: Model = .{ .stage = &kept };
    var rest = input[1..];
    while (rest.len >= header_size) {
        const instruction: Instruction = @bitCast(rest[0]);
        const size = std.mem.readInt(u16, rest[1..3], .big);
        const octets = rest[header_size..];
        const frame = octets[0..@min(size, octets.len)];
        model.read(instruction, frame);
        rest = octets[frame.len..];
    }
    model.finish();
    return model.steps;
}

/// At most this many steps for an input of `size` octets.
pub fn stepsMax(size: u64) u64 {
    return 2 * (size / header_size);
}

/// A stage costs more to make than an input to run: it is kept from one to the next.
var kept: Stage = undefined;
var is_made = false;

/// Clears the stage, and asks the neighbours, so that their answers are heard.
fn prepare() !void {
    if (is_made) try kept.clear() else try kept.init(std.heap.c_allocator, .{});
    is_made = true;
    std.debug.assert(kept.set.count <= target_count_max);
    for ([_]Target{ targets.neighbor, targets.neighbor_ipv6 }, 0..) |target, number| {
        try kept.neighbors.wait(.{
            .address = target.address,
            .port = target.port,
            .hop = 2,
            .index = number,
        });
        _ = kept.neighbors.next(0);
    }
}

/// Writes an input of one frame; returns its size in octets.
fn instruct(instruction: Instruction, frame: []const u8, buffer: []u8) usize {
    buffer[0] = @bitCast(instruction);
    std.mem.writeInt(u16, buffer[1..3], @intCast(frame.len), .big);
    @memcpy(buffer[header_size..][0..frame.len], frame);
    return header_size + frame.len;
}

test "mutated answers of every kind keep the readers' word" {
    var stage: Stage = undefined;
    try stage.init(std.testing.allocator, .{});
    defer stage.deinit();
    var random: std.Random.DefaultPrng = .init(1);
    const source = random.random();
    const router: Address = .fromIpv4(.{ 198, 18, 0, 1 });
    for (0..2_000) |_| {
        var input: [1 + 4 * (header_size + buffer_size)]u8 = undefined;
        input[0] = source.int(u8);
        var size: usize = 1;
        const first = source.uintLessThan(usize, targets.all.len);
        for (0..4) |_| {
            // Of one target mostly, so that verdicts meet.
            const other = source.uintLessThan(usize, targets.all.len);
            const target = targets.all[if (source.boolean()) first else other];
            const open: Answer = .synAck(&stage, target);
            var buffer: [buffer_size]u8 = undefined;
            const frame = switch (source.uintLessThan(u8, 3)) {
                0 => open.emit(&buffer),
                1 => Answer.reset(&stage, target).emit(&buffer),
                else => if (target.address.isIpv4())
                    open.refuse(router, 3, 1).emit(&buffer)
                else
                    open.refuse(target.address, 1, 3).emit(&buffer),
            };
            for (0..source.uintLessThan(usize, 3)) |_| {
                frame[source.uintLessThan(usize, frame.len)] = source.int(u8);
            }
            const link: u2 = for (links.all, 0..) |link, number| {
                if (std.meta.eql(link, open.link)) break @intCast(number);
            } else unreachable;
            size += instruct(.{
                .link = link,
                .reader = source.int(u1),
                .is_tag_taken_out = source.uintLessThan(u8, 8) == 0,
                .is_followed_by_taking = source.boolean(),
                ._ = 0,
            }, frame, input[size..]);
        }
        try std.testing.expect(one(input[0..size]) <= stepsMax(size));
    }
}
