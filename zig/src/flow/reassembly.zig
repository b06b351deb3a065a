//! Octets that arrived before those in front of them: held in blocks of one pool that all flows
//! share.

const std = @import("std");
const pages = @import("../sys/pages.zig");
const SequenceNumber = @import("../wire/tcp.zig").SequenceNumber;

/// In octets: the payload of a full segment on Ethernet.
pub const block_size = 1460;

/// How many blocks one queue may take from the pool, so that one peer cannot take them all: a
/// super-frame of 64 KiB needs 45 of them.
pub const queue_block_count_max = 64;

const none = std.math.maxInt(u32);

const Block = struct {
    start: SequenceNumber,
    size: u16,
    next: u32,

    fn end(block: Block) SequenceNumber {
        return block.start.add(block.size);
    }
};

pub const Pool = struct {
    blocks: []Block,
    octets: [][block_size]u8,
    free_head: u32,
    free_count: u32,

    pub fn init(allocator: std.mem.Allocator, block_count: u32) !Pool {
        const blocks = try allocator.alloc(Block, block_count);
        errdefer allocator.free(blocks);
        const octets = try pages.map([block_size]u8, block_count);
        var pool: Pool = .{
            .blocks = blocks,
            .octets = octets,
            .free_head = none,
            .free_count = 0,
        };
        // From the last, so that the first are used first and memory nobody needs is never touched.
        var index = block_count;
        while (index > 0) {
            index -= 1;
            pool.release(index);
        }
        return pool;
    }

    pub fn deinit(pool: *Pool, allocator: std.mem.Allocator) void {
        allocator.free(pool.blocks);
        pages.unmap([block_size]u8, pool.octets);
        pool.* = undefined;
    }

    fn acquire(pool: *Pool) ?u32 {
        const index = pool.free_head;
        if (index == none) return null;
        pool.free_head = pool.blocks[index].next;
        pool.free_count -= 1;
        return index;
    }

    fn release(pool: *Pool, index: u32) void {
        pool.blocks[index].next = pool.free_head;
        pool.free_head = index;
        pool.free_count += 1;
    }
};

/// The held octets of one flow: blocks in the order of the stream, none overlapping another.
pub const Queue = struct {
    head: u32 = none,
    block_count: u16 = 0,

    pub fn isEmpty(queue: Queue) bool {
        return queue.head == none;
    }

    /// Keeps those octets of `payload` that are not held yet, as far as there is room: what does
    /// not fit is dropped, and the peer sends it again. Where two segments disagree, the first one
    /// stays.
    pub fn hold(queue: *Queue, pool: *Pool, start: SequenceNumber, payload: []const u8) void {
        var rest = payload;
        var rest_start = start;
        var link = &queue.head;
        while (rest.len > 0) {
            var gap = rest.len;
            if (link.* != none) {
                const block = &pool.blocks[link.*];
                const until_block = rest_start.distance(block.start);
                if (until_block <= 0) {
                    const covered: usize = @intCast(@max(rest_start.distance(block.end()), 0));
                    const skipped = @min(covered, rest.len);
                    rest = rest[skipped..];
                    rest_start = rest_start.add(@intCast(skipped));
                    link = &block.next;
                    continue;
                }
                gap = @min(gap, @as(usize, @intCast(until_block)));
            }
            if (queue.block_count == queue_block_count_max) return;
            const index = pool.acquire() orelse return;
            queue.block_count += 1;
            const size = @min(gap, block_size);
            @memcpy(pool.octets[index][0..size], rest[0..size]);
            pool.blocks[index] = .{ .start = rest_start, .size = @intCast(size), .next = link.* };
            link.* = index;
            link = &pool.blocks[index].next;
            rest = rest[size..];
            rest_start = rest_start.add(@intCast(size));
        }
    }

    /// The held octets that go on at `position`, null when those are missing. Releases what lies
    /// before it, so the caller only moves the position. Valid until the next call.
    pub fn continueAt(queue: *Queue, pool: *Pool, position: SequenceNumber) ?[]const u8 {
        while (queue.head != none) {
            const block = pool.blocks[queue.head];
            const passed = block.start.distance(position);
            if (passed < 0) return null;
            if (passed < block.size) return pool.octets[queue.head][@intCast(passed)..block.size];
            queue.releaseHead(pool);
        }
        return null;
    }

    pub fn clear(queue: *Queue, pool: *Pool) void {
        while (queue.head != none) queue.releaseHead(pool);
    }

    fn releaseHead(queue: *Queue, pool: *Pool) void {
        const index = queue.head;
        queue.head = pool.blocks[index].next;
        queue.block_count -= 1;
        pool.release(index);
    }
};

test "gaps are filled, overlaps kept once, and the order of the stream restored" {
    var pool: Pool = try .init(std.testing.allocator, 8);
    defer pool.deinit(std.testing.allocator);
    var queue: Queue = .{};
    const base: SequenceNumber = .fromInt(0xffff_fffe); // The stream wraps in the middle.
    queue.hold(&pool, base.add(6), "ghi");
    queue.hold(&pool, base.add(2), "cd");
    queue.hold(&pool, base.add(6), "GHI");
    try std.testing.expectEqual(null, queue.continueAt(&pool, base));
    queue.hold(&pool, base.add(1), "bCDefGHIjk");
    try std.testing.expectEqual(5, queue.block_count);

    var stream: [10]u8 = undefined;
    var size: usize = 0;
    while (queue.continueAt(&pool, base.add(1 + @as(u32, @intCast(size))))) |octets| {
        @memcpy(stream[size..][0..octets.len], octets);
        size += octets.len;
    }
    try std.testing.expectEqualStrings("bcdefghijk", stream[0..size]);
    try std.testing.expect(queue.isEmpty());
    try std.testing.expectEqual(8, pool.free_count);
}

test "a position inside a block gives its rest; clear gives all blocks back" {
    var pool: Pool = try .init(std.testing.allocator, 4);
    defer pool.deinit(std.testing.allocator);
    var queue: Queue = .{};
    queue.hold(&pool, .fromInt(10), "abc");
    queue.hold(&pool, .fromInt(20), "xyz");
    try std.testing.expectEqualStrings("c", queue.continueAt(&pool, .fromInt(12)).?);
    queue.clear(&pool);
    try std.testing.expectEqual(4, pool.free_count);
    try std.testing.expectEqual(0, queue.block_count);
}

test "a super-frame takes several blocks, an empty pool drops what is left" {
    var pool: Pool = try .init(std.testing.allocator, 3);
    defer pool.deinit(std.testing.allocator);
    var queue: Queue = .{};
    const payload: [4 * block_size]u8 = @splat('a');
    queue.hold(&pool, .fromInt(0), &payload);
    try std.testing.expectEqual(0, pool.free_count);
    var position: SequenceNumber = .fromInt(0);
    while (queue.continueAt(&pool, position)) |octets| {
        position = position.add(@intCast(octets.len));
    }
    try std.testing.expectEqual(3 * block_size, position.toInt());
}

test "one queue cannot take the whole pool" {
    var pool: Pool = try .init(std.testing.allocator, queue_block_count_max + 1);
    defer pool.deinit(std.testing.allocator);
    var queue: Queue = .{};
    for (0..queue_block_count_max + 1) |index| {
        queue.hold(&pool, .fromInt(@intCast(index * 2)), "a");
    }
    try std.testing.expectEqual(1, pool.free_count);
    queue.clear(&pool);
}
