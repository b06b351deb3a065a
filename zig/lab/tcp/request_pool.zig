//! Room for requests that came in parts: a fixed number of buffers of one size, and no page of
//! memory before it is written.

const std = @import("std");
const pages = @import("../../src/sys/pages.zig");
const request_size_max = @import("../service.zig").request_size_max;

/// No buffer.
const none = std.math.maxInt(u16);

/// What a client has said and no answer has taken yet. It has a buffer while there is any of it.
pub const Request = struct {
    number: u16 = none,
    size: u16 = 0,

    /// Valid until the request changes.
    pub fn octets(request: Request, pool: *const RequestPool) []const u8 {
        if (request.size == 0) return &.{};
        return pool.buffers[request.number][0..request.size];
    }

    /// Full: the request is too long, or all buffers are taken.
    pub fn append(request: *Request, pool: *RequestPool, added: []const u8) error{Full}!void {
        if (added.len == 0) return;
        if (added.len > request_size_max - request.size) return error.Full;
        if (request.number == none) request.number = pool.take() orelse return error.Full;
        @memcpy(pool.buffers[request.number][request.size..][0..added.len], added);
        request.size += @intCast(added.len);
    }

    /// Forgets the first octets.
    pub fn drop(request: *Request, pool: *RequestPool, count: usize) void {
        if (count == request.size) return request.clear(pool);
        const buffer = &pool.buffers[request.number];
        const rest = buffer[count..request.size];
        @memmove(buffer[0..rest.len], rest);
        request.size = @intCast(rest.len);
    }

    pub fn clear(request: *Request, pool: *RequestPool) void {
        if (request.number != none) pool.give(request.number);
        request.* = .{};
    }
};

pub const RequestPool = struct {
    buffers: [][request_size_max]u8,
    /// The numbers of buffers that were given back; the first `spare_count` of them.
    spare: []u16,
    spare_count: u16,
    /// Those from here on were never taken.
    untouched: u16,

    pub fn init(count: u16) !RequestPool {
        const buffers = try pages.map([request_size_max]u8, count);
        errdefer pages.unmap([request_size_max]u8, buffers);
        return .{
            .buffers = buffers,
            .spare = try pages.map(u16, count),
            .spare_count = 0,
            .untouched = 0,
        };
    }

    pub fn deinit(pool: *RequestPool) void {
        pages.unmap([request_size_max]u8, pool.buffers);
        pages.unmap(u16, pool.spare);
        pool.* = undefined;
    }

    fn take(pool: *RequestPool) ?u16 {
        if (pool.spare_count > 0) {
            pool.spare_count -= 1;
            return pool.spare[pool.spare_count];
        }
        if (pool.untouched == pool.buffers.len) return null;
        pool.untouched += 1;
        return pool.untouched - 1;
    }

    fn give(pool: *RequestPool, number: u16) void {
        pool.spare[pool.spare_count] = number;
        pool.spare_count += 1;
    }

    pub fn takenCount(pool: *const RequestPool) u16 {
        return pool.untouched - pool.spare_count;
    }
};

test "as many buffers as there are, each once" {
    var pool: RequestPool = try .init(3);
    defer pool.deinit();
    for (0..2) |_| {
        var is_taken: [3]bool = @splat(false);
        for (0..3) |_| is_taken[pool.take().?] = true;
        try std.testing.expectEqual([_]bool{ true, true, true }, is_taken);
        try std.testing.expectEqual(null, pool.take());
        for (0..3) |number| pool.give(@intCast(number));
        try std.testing.expectEqual(0, pool.takenCount());
    }
}

test "a request grows, shrinks from its beginning, and gives its buffer back" {
    var pool: RequestPool = try .init(1);
    defer pool.deinit();
    var request: Request = .{};
    try std.testing.expectEqualStrings("", request.octets(&pool));
    try request.append(&pool, "");
    try std.testing.expectEqual(0, pool.takenCount());
    try request.append(&pool, "he");
    try request.append(&pool, "llo");
    try std.testing.expectEqualStrings("hello", request.octets(&pool));
    request.drop(&pool, 1);
    try std.testing.expectEqualStrings("ello", request.octets(&pool));
    request.drop(&pool, 0);
    var other: Request = .{};
    try std.testing.expectError(error.Full, other.append(&pool, "x"));
    const rest: [request_size_max - 3]u8 = @splat(0);
    try std.testing.expectError(error.Full, request.append(&pool, &rest));
    try request.append(&pool, rest[1..]);
    request.drop(&pool, request_size_max);
    try std.testing.expectEqual(0, pool.takenCount());
    try other.append(&pool, "x");
    other.clear(&pool);
    other.clear(&pool);
    try std.testing.expectEqual(0, pool.takenCount());
}
