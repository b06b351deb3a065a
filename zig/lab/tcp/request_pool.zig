//! Room for requests that came in parts: buffers of one size, a fixed number of them, and no page of
//! memory before it is written.

const std = @import("std");
const pages = @import("../pages.zig");

pub const RequestPool = struct {
    buffers: [][size_max]u8,
    /// The numbers of buffers that were given back; the first `spare_count` of them.
    spare: []u16,
    spare_count: u16,
    /// Those from here on were never taken.
    untouched: u16,

    /// What a client may say before the service has understood it, in octets.
    pub const size_max = 16 * 1024;
    /// No buffer.
    pub const none = std.math.maxInt(u16);

    pub fn init(count: u16) !RequestPool {
        const buffers = try pages.map([size_max]u8, count);
        errdefer pages.unmap([size_max]u8, buffers);
        return .{
            .buffers = buffers,
            .spare = try pages.map(u16, count),
            .spare_count = 0,
            .untouched = 0,
        };
    }

    pub fn deinit(pool: *RequestPool) void {
        pages.unmap([size_max]u8, pool.buffers);
        pages.unmap(u16, pool.spare);
        pool.* = undefined;
    }

    pub fn take(pool: *RequestPool) ?u16 {
        if (pool.spare_count > 0) {
            pool.spare_count -= 1;
            return pool.spare[pool.spare_count];
        }
        if (pool.untouched == pool.buffers.len) return null;
        pool.untouched += 1;
        return pool.untouched - 1;
    }

    pub fn give(pool: *RequestPool, number: u16) void {
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
