//! User-space TCP (RFC 9293) for verified hosts: from the SYN-ACK that answered a stateless SYN, or
//! from a SYN of its own, to our own reset. Pure: time and device are parameters, nothing is
//! allocated after `init`, and one thread owns a table.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const tcp = @import("wire/tcp.zig");
const pages = @import("sys/pages.zig");
const connection_file = @import("flow/connection.zig");
const opening_file = @import("flow/opening.zig");
const send_half = @import("flow/send_half.zig");
const Connection = connection_file.Connection;
const Index = @import("flow/index.zig").Index;
const Key = @import("flow/key.zig").Key;
const Pool = @import("flow/reassembly.zig").Pool;
const TimerWheel = @import("flow/timer_wheel.zig").TimerWheel;

pub const Configuration = opening_file.Configuration;
pub const Counters = connection_file.Counters;
pub const EndReason = connection_file.EndReason;
pub const Opening = opening_file.Opening;
pub const Syn = opening_file.Syn;
pub const SynAck = opening_file.SynAck;
pub const timestampOf = opening_file.timestampOf;

/// In octets: what the peer has not acknowledged yet of all that was given to `open` and `send`.
pub const send_buffer_size = send_half.buffer_size;

/// Names one flow for ever: when its place in the table is used again, the generation differs.
pub const FlowId = packed struct(u64) { index: u32, generation: u32 };

const none = std.math.maxInt(u32);

/// How a flow ended.
pub const Ending = struct {
    reason: EndReason,
    /// The position behind everything that was sent: a later flow with the same ports starts beyond
    /// it, so that the peer takes no segment of one for one of the other.
    sequence: tcp.SequenceNumber,
    counters: Counters = .{},
};

/// Where a connection lives.
const Place = struct {
    generation: u32 = 0,
    /// The next free place, while this one is free.
    next_free: u32,
    connection: ?Connection = null,
};

/// The `Device` has `transmit(local: Address, remote: Address, segment: tcp.Segment) void`, where
/// the payload is only valid during the call, and `synchronize(syn: Syn) usize`, which sends a SYN
/// and returns the octets of its frame. The `Sink` has `data(user: u64, bytes: []const u8) bool`,
/// which takes all of the bytes or refuses them (they are then not acknowledged, and the peer sends
/// them again), and `ended(user: u64, ending: Ending) void`, called once for each flow that was
/// opened. Neither may call the table.
pub fn FlowTable(comptime Device: type, comptime Sink: type) type {
    return struct {
        configuration: Configuration,
        device: Device,
        sink: Sink,
        places: []Place,
        buffers: [][send_buffer_size]u8,
        free_head: u32,
        flow_count: u32,
        index: Index(Key),
        pool: Pool,
        wheel: TimerWheel,

        const Table = @This();

        const World = struct {
            now: u64,
            configuration: Configuration,
            pool: *Pool,
            device: *Device,
            sink: *Sink,
        };

        pub fn init(
            allocator: std.mem.Allocator,
            now: u64,
            configuration: Configuration,
            device: Device,
            sink: Sink,
        ) !Table {
            std.debug.assert((configuration.window_scale orelse 0) <= 14); // RFC 7323, 2.3.
            std.debug.assert(configuration.maximum_segment_size >= 536);
            const flow_count_max = configuration.flow_count_max;
            const places = try allocator.alloc(Place, flow_count_max);
            errdefer allocator.free(places);
            const buffers = try pages.map([send_buffer_size]u8, flow_count_max);
            errdefer pages.unmap([send_buffer_size]u8, buffers);
            var index: Index(Key) = try .init(allocator, flow_count_max);
            errdefer index.deinit(allocator);
            var pool: Pool = try .init(allocator, configuration.block_count);
            errdefer pool.deinit(allocator);
            const wheel: TimerWheel = try .init(allocator, flow_count_max, now);
            for (places, 1..) |*place, next| {
                place.* = .{ .next_free = if (next < places.len) @intCast(next) else none };
            }
            return .{
                .configuration = configuration,
                .device = device,
                .sink = sink,
                .places = places,
                .buffers = buffers,
                .free_head = 0,
                .flow_count = 0,
                .index = index,
                .pool = pool,
                .wheel = wheel,
            };
        }

        /// Ends no flow: call `closeAll` first.
        pub fn deinit(table: *Table, allocator: std.mem.Allocator) void {
            table.wheel.deinit(allocator);
            table.pool.deinit(allocator);
            table.index.deinit(allocator);
            pages.unmap([send_buffer_size]u8, table.buffers);
            allocator.free(table.places);
            table.* = undefined;
        }

        pub const OpenError = error{
            /// As many flows as the table holds are open.
            TableFull,
            /// A flow with these ports and this remote address is open.
            AlreadyOpen,
            /// The first bytes are more than `send_buffer_size`.
            TooLong,
        };

        /// Continues the handshake: the acknowledgment of the SYN-ACK leaves with the first bytes.
        /// Without a SYN-ACK, a SYN leaves.
        pub fn open(table: *Table, now: u64, opening: Opening) OpenError!FlowId {
            if (table.index.find(opening.key()) != null) return error.AlreadyOpen;
            if (table.free_head == none) return error.TableFull;
            const index = table.free_head;
            const place = &table.places[index];
            place.connection = try .init(&table.buffers[index], table.configuration, opening);
            table.free_head = place.next_free;
            table.flow_count += 1;
            table.index.insert(index, opening.key());
            const connection = &place.connection.?;
            if (opening.syn_ack == null) {
                connection.startAnew(table.world(now));
            } else {
                connection.start(table.world(now));
            }
            table.rearm(index);
            return .{ .index = index, .generation = place.generation };
        }

        /// Queues bytes behind those already sent; ignored when the flow has ended. TooLong: the
        /// peer has not acknowledged enough of what went before, and none of these bytes were
        /// taken.
        pub fn send(table: *Table, now: u64, id: FlowId, bytes: []const u8) error{TooLong}!void {
            const connection = table.lookUp(id) orelse return;
            try connection.send(table.world(now), bytes);
            table.rearm(id.index);
        }

        /// Lets the peer send that many octets more, and tells it; ignored when the flow has ended.
        pub fn allow(table: *Table, now: u64, id: FlowId, bytes: u64) void {
            const connection = table.lookUp(id) orelse return;
            connection.allow(table.world(now), bytes);
            table.rearm(id.index);
        }

        /// Leaves with a reset; ignored when the flow has ended.
        pub fn close(table: *Table, now: u64, id: FlowId) void {
            if (table.lookUp(id) != null) table.end(now, id.index, .closed);
        }

        /// Leaves every flow with a reset.
        pub fn closeAll(table: *Table, now: u64) void {
            for (table.places, 0..) |*place, index| {
                if (place.connection != null) table.end(now, @intCast(index), .closed);
            }
        }

        /// Takes a segment to one of our ports, of a frame of that many octets; false when it
        /// belongs to no flow. Total: any segment is allowed.
        pub fn receive(
            table: *Table,
            now: u64,
            remote: Address,
            segment: tcp.Segment,
            frame_size: usize,
        ) bool {
            const index = table.index.find(.{
                .remote = remote,
                .remote_port = segment.source_port,
                .local_port = segment.destination_port,
            }) orelse return false;
            const connection = &table.places[index].connection.?;
            connection.counters.bytes_received += frame_size;
            if (connection.process(table.world(now), segment)) |reason| {
                table.end(now, index, reason);
            } else {
                table.rearm(index);
            }
            return true;
        }

        /// Takes an ICMP error that quotes a segment of ours; false when that is of no flow, or not
        /// one that the flow can have sent of late. RFC 9293 (3.9.2.2) would have an open
        /// connection sit some of these errors out: a scanner takes the hint and moves on.
        pub fn reportUnreachable(
            table: *Table,
            now: u64,
            remote: Address,
            remote_port: u16,
            local_port: u16,
            sequence: tcp.SequenceNumber,
        ) bool {
            const index = table.index.find(.{
                .remote = remote,
                .remote_port = remote_port,
                .local_port = local_port,
            }) orelse return false;
            if (!table.places[index].connection.?.mayHaveSent(sequence)) return false;
            table.end(now, index, .@"unreachable");
            return true;
        }

        /// Does what is due at `now`.
        pub fn tick(table: *Table, now: u64) void {
            while (table.wheel.next(now)) |index| {
                if (table.places[index].connection.?.expire(table.world(now))) |reason| {
                    table.end(now, index, reason);
                } else {
                    table.rearm(index);
                }
            }
        }

        /// When to call `tick` next, null while nothing is open. Calling it later only delays.
        pub fn nextDeadline(table: *const Table) ?u64 {
            return table.wheel.nextDeadline();
        }

        fn lookUp(table: *Table, id: FlowId) ?*Connection {
            if (id.index >= table.places.len) return null;
            const place = &table.places[id.index];
            if (place.generation != id.generation) return null;
            return if (place.connection) |*connection| connection else null;
        }

        fn world(table: *Table, now: u64) World {
            return .{
                .now = now,
                .configuration = table.configuration,
                .pool = &table.pool,
                .device = &table.device,
                .sink = &table.sink,
            };
        }

        /// Sets the flow's one timer to the earliest of what it waits for.
        fn rearm(table: *Table, index: u32) void {
            table.wheel.set(index, table.places[index].connection.?.expiresAt());
        }

        /// Ends an open flow and frees its place before the sink hears of it.
        fn end(table: *Table, now: u64, index: u32, reason: EndReason) void {
            const place = &table.places[index];
            const connection = &place.connection.?;
            connection.leave(table.world(now), reason);
            connection.receiver.held.clear(&table.pool);
            const user = connection.user;
            const ending: Ending = .{
                .reason = reason,
                .sequence = connection.sender.next(),
                .counters = connection.counters,
            };
            table.wheel.cancel(index);
            table.index.remove(index);
            place.* = .{ .generation = place.generation +% 1, .next_free = table.free_head };
            table.free_head = index;
            table.flow_count -= 1;
            table.sink.ended(user, ending);
        }
    };
}

test {
    _ = @import("flow/connection.zig");
    _ = @import("flow/fuzz.zig");
    _ = @import("flow/handshake.zig");
    _ = @import("flow/index.zig");
    _ = @import("flow/opening.zig");
    _ = @import("flow/reassembly.zig");
    _ = @import("flow/receive_half.zig");
    _ = @import("flow/retransmission_timeout.zig");
    _ = @import("flow/send_half.zig");
    _ = @import("flow/timer_wheel.zig");
    _ = @import("flow/handshake_test.zig");
    _ = @import("flow/lifecycle_test.zig");
    _ = @import("flow/receiving_test.zig");
    _ = @import("flow/sending_test.zig");
    _ = @import("flow/simulation_test.zig");
}
