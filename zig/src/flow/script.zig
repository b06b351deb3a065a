//! A scripted peer for tests: a clock that only moves when told, literal segments in and out.

const std = @import("std");
const flow = @import("../flow.zig");
const Address = @import("../wire/address.zig").Address;
const tcp = @import("../wire/tcp.zig");

pub const local: Address = .fromIpv4(.{ 192, 0, 2, 1 });
pub const remote: Address = .fromIpv4(.{ 198, 51, 100, 7 });
pub const local_port = 40000;
pub const remote_port = 443;

/// A segment of the script's one flow, in either direction, with what most of them share.
pub const Literal = struct {
    sequence: u32,
    acknowledgment: u32 = 0,
    flags: tcp.Flags = .{ .acknowledge = true },
    window: u16 = 4096,
    options: tcp.Options = .{},
    payload: []const u8 = &.{},
};

/// What most openings share: we go on at 1000, the peer at 5000.
pub const default_opening: flow.Opening = .{
    .user = 7,
    .local = local,
    .local_port = local_port,
    .remote = remote,
    .remote_port = remote_port,
    .sequence = .fromInt(1000),
    .syn_ack = .{
        .acknowledgment = .fromInt(5000),
        .window = 4096,
        .options = .{ .maximum_segment_size = 1460 },
    },
    .first_bytes = "hello",
    .deadline_ns = 100 * std.time.ns_per_s,
    .receive_bytes = 4096,
};

/// As the scripted device sends SYNs.
pub const syn_window = 64240;
pub const syn_frame_size = 74;

pub const default_configuration: flow.Configuration = .{ .flow_count_max = 2, .block_count = 4 };

/// Keeps what the flow sends until the script has looked at it.
const Device = struct {
    const segment_count_max = 64;

    segments: [segment_count_max]tcp.Segment = undefined,
    payloads: [segment_count_max][flow.send_buffer_size]u8 = undefined,
    count: usize = 0,
    looked_at: usize = 0,
    /// SYNs that were sent before.
    again_count: usize = 0,

    pub fn transmit(device: *Device, from: Address, to: Address, segment: tcp.Segment) void {
        std.debug.assert(from.eql(local) and to.eql(remote));
        const payload = device.payloads[device.count][0..segment.payload.len];
        @memcpy(payload, segment.payload);
        device.segments[device.count] = segment;
        device.segments[device.count].payload = payload;
        device.count += 1;
    }

    /// Kept as a segment whose options hold only what differs between SYNs.
    pub fn synchronize(device: *Device, syn: flow.Syn) usize {
        device.again_count += @intFromBool(syn.is_again);
        device.transmit(syn.local, syn.key.remote, .{
            .source_port = syn.key.local_port,
            .destination_port = syn.key.remote_port,
            .sequence = syn.sequence,
            .acknowledgment = .fromInt(0),
            .flags = .{ .synchronize = true },
            .window = syn_window,
            .options = .{ .timestamps = .{ .value = syn.timestamp, .echo = 0 } },
        });
        return syn_frame_size;
    }
};

const Ended = struct { user: u64, ending: flow.Ending };

const Sink = struct {
    stream: [1 << 17]u8 = undefined,
    size: usize = 0,
    looked_at: usize = 0,
    refuses: bool = false,
    ended_flows: [4]Ended = undefined,
    ended_count: usize = 0,

    pub fn data(sink: *Sink, user: u64, bytes: []const u8) bool {
        std.debug.assert(user == default_opening.user and bytes.len > 0);
        if (sink.refuses) return false;
        @memcpy(sink.stream[sink.size..][0..bytes.len], bytes);
        sink.size += bytes.len;
        return true;
    }

    pub fn ended(sink: *Sink, user: u64, ending: flow.Ending) void {
        sink.ended_flows[sink.ended_count] = .{ .user = user, .ending = ending };
        sink.ended_count += 1;
    }
};

pub const Table = flow.FlowTable(Device, Sink);

pub const Script = struct {
    table: Table,
    now: u64,
    id: flow.FlowId,

    /// An open flow whose first segment the script has not looked at yet. The caller destroys it.
    pub fn create(opening: flow.Opening) !*Script {
        const script = try std.testing.allocator.create(Script);
        errdefer std.testing.allocator.destroy(script);
        script.now = std.time.ns_per_s;
        const allocator = std.testing.allocator;
        script.table = try .init(allocator, script.now, default_configuration, .{}, .{});
        script.id = try script.table.open(script.now, opening);
        return script;
    }

    /// An open flow behind its first segment.
    pub fn createStarted() !*Script {
        const script = try create(default_opening);
        try script.expectSent(.{ .sequence = 1000, .acknowledgment = 5000, .payload = "hello" });
        return script;
    }

    pub fn destroy(script: *Script) void {
        script.table.closeAll(script.now);
        std.debug.assert(script.table.pool.free_count == default_configuration.block_count);
        script.table.deinit(std.testing.allocator);
        std.testing.allocator.destroy(script);
    }

    /// Lets time pass, with a tick at each time the table asks for.
    pub fn wait(script: *Script, milliseconds: u64) void {
        const end = script.now + milliseconds * std.time.ns_per_ms;
        while (script.table.nextDeadline()) |deadline| {
            if (deadline > end) break;
            script.now = @max(script.now, deadline);
            script.table.tick(script.now);
        }
        script.now = end;
    }

    /// A segment from the peer.
    pub fn feed(script: *Script, literal: Literal) !void {
        const segment = toSegment(literal, remote_port, local_port);
        const frame_size = 14 + 20 + segment.size();
        try std.testing.expect(script.table.receive(script.now, remote, segment, frame_size));
    }

    /// The next segment that the flow sent and the script has not looked at.
    pub fn expectSent(script: *Script, literal: Literal) !void {
        const device = &script.table.device;
        try std.testing.expect(device.looked_at < device.count);
        const expected = toSegment(literal, local_port, remote_port);
        const actual = device.segments[device.looked_at];
        try std.testing.expectEqualStrings(expected.payload, actual.payload);
        try std.testing.expectEqualDeep(expected, actual);
        device.looked_at += 1;
        if (device.looked_at == device.count) {
            device.looked_at = 0;
            device.count = 0;
        }
    }

    pub fn expectNothingSent(script: *Script) !void {
        try std.testing.expectEqual(0, script.table.device.count - script.table.device.looked_at);
    }

    /// All that the sink took since the script last looked.
    pub fn expectData(script: *Script, expected: []const u8) !void {
        const sink = &script.table.sink;
        try std.testing.expectEqualStrings(expected, sink.stream[sink.looked_at..sink.size]);
        sink.looked_at = sink.size;
    }

    pub fn expectOpen(script: *Script) !void {
        try std.testing.expectEqual(0, script.table.sink.ended_count);
    }

    /// The flow has ended, for this reason, once, and nothing is left of it.
    pub fn expectEnded(script: *Script, reason: flow.EndReason) !void {
        const sink = &script.table.sink;
        try std.testing.expectEqual(1, sink.ended_count);
        try std.testing.expectEqual(reason, sink.ended_flows[0].ending.reason);
        try std.testing.expectEqual(default_opening.user, sink.ended_flows[0].user);
        try std.testing.expectEqual(0, script.table.flow_count);
        try std.testing.expectEqual(null, script.table.nextDeadline());
        try std.testing.expectEqual(4, script.table.pool.free_count);
        try script.expectNothingSent();
    }

    fn toSegment(literal: Literal, source_port: u16, destination_port: u16) tcp.Segment {
        return .{
            .source_port = source_port,
            .destination_port = destination_port,
            .sequence = .fromInt(literal.sequence),
            .acknowledgment = .fromInt(literal.acknowledgment),
            .flags = literal.flags,
            .window = literal.window,
            .options = literal.options,
            .payload = literal.payload,
        };
    }
};
