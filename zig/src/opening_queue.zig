//! Connections that JavaScript has asked for and that wait for their turn on the wire, first come,
//! first served.

const std = @import("std");
const assert = std.debug.assert;
const flow = @import("flow.zig");
const pages = @import("sys/pages.zig");
const shared = @import("shared.zig");

pub const OpeningQueue = struct {
    /// By connection number.
    openings: []Opening,
    head: u32 = none,
    tail: u32 = none,

    pub const Opening = struct {
        command: shared.Open,
        first_bytes_buffer: [flow.send_buffer_size]u8,
        first_bytes_size: u32,
        previous: u32,
        next: u32,
        is_waiting: bool,

        pub fn firstBytes(opening: *const Opening) []const u8 {
            return opening.first_bytes_buffer[0..opening.first_bytes_size];
        }
    };

    const none = std.math.maxInt(u32);

    /// `connection_count`: numbers from 0 to one below it.
    pub fn init(connection_count: u32) !OpeningQueue {
        // All zeros: none is waiting.
        return .{ .openings = try pages.map(Opening, connection_count) };
    }

    pub fn deinit(queue: *OpeningQueue) void {
        pages.unmap(Opening, queue.openings);
    }

    /// TooLong: more first bytes than a flow holds.
    pub fn push(
        queue: *OpeningQueue,
        connection: u32,
        command: shared.Open,
        first_bytes: []const u8,
    ) error{TooLong}!void {
        if (first_bytes.len > flow.send_buffer_size) return error.TooLong;
        const opening = &queue.openings[connection];
        assert(!opening.is_waiting);
        opening.command = command;
        @memcpy(opening.first_bytes_buffer[0..first_bytes.len], first_bytes);
        opening.first_bytes_size = @intCast(first_bytes.len);
        opening.previous = queue.tail;
        opening.next = none;
        opening.is_waiting = true;
        queue.linkAfter(opening.previous).* = connection;
        queue.tail = connection;
    }

    /// The connection that has waited longest.
    pub fn first(queue: *const OpeningQueue) ?u32 {
        return if (queue.head == none) null else queue.head;
    }

    /// The connection if it waits.
    pub fn find(queue: *OpeningQueue, connection: u32) ?*Opening {
        const opening = &queue.openings[connection];
        return if (opening.is_waiting) opening else null;
    }

    /// Takes a connection that waits out of the queue; what it holds stays valid until it is pushed
    /// again.
    pub fn remove(queue: *OpeningQueue, connection: u32) *const Opening {
        const opening = &queue.openings[connection];
        assert(opening.is_waiting);
        opening.is_waiting = false;
        queue.linkAfter(opening.previous).* = opening.next;
        queue.linkBefore(opening.next).* = opening.previous;
        return opening;
    }

    /// What names the one behind that connection; the first of all behind none.
    fn linkAfter(queue: *OpeningQueue, connection: u32) *u32 {
        return if (connection == none) &queue.head else &queue.openings[connection].next;
    }

    /// What names the one in front of that connection; the last of all in front of none.
    fn linkBefore(queue: *OpeningQueue, connection: u32) *u32 {
        return if (connection == none) &queue.tail else &queue.openings[connection].previous;
    }
};

test "first come, first served, and out of turn when asked" {
    var queue: OpeningQueue = try .init(4);
    defer queue.deinit();
    const command = std.mem.zeroes(shared.Open);
    for ([_]u32{ 2, 0, 3, 1 }) |connection| {
        try queue.push(connection, command, &.{@intCast(connection)});
    }
    try std.testing.expectEqual(2, queue.first().?);
    try std.testing.expectEqualSlices(u8, &.{3}, queue.remove(3).firstBytes());
    try std.testing.expect(queue.find(3) == null);
    _ = queue.remove(2);
    try queue.push(3, command, &.{});
    for ([_]u32{ 0, 1, 3 }) |connection| {
        try std.testing.expectEqual(connection, queue.first().?);
        _ = queue.remove(connection);
    }
    try std.testing.expect(queue.first() == null);
    const long: [flow.send_buffer_size + 1]u8 = @splat(0);
    try std.testing.expectError(error.TooLong, queue.push(0, command, &long));
}
