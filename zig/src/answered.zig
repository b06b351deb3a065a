//! Which targets have answered: an exact set over target indexes, whose memory follows what
//! answers.

const std = @import("std");

/// One thread inserts; any number of threads may look up at the same time.
pub const Answered = struct {
    allocator: std.mem.Allocator,
    /// Null until one of the page's targets answers.
    pages: []?[*]u64,
    /// Indexes per page, as a power of two.
    page_shift: u6,
    index_count: u64,
    answered_count: u64,

    /// Pages of 512 octets, so that silent networks cost nothing: 4,096 indexes are an IPv4 /20 on
    /// one port. Larger sets have larger pages.
    const page_shift_min = 12;
    /// Bounds what is reserved up front to 8 MiB.
    const page_count_max = 1 << 20;
    const word_shift = 6;

    /// For indexes from 0 to `index_count - 1`.
    pub fn init(allocator: std.mem.Allocator, index_count: u64) error{OutOfMemory}!Answered {
        var page_shift: u6 = page_shift_min;
        while (pageCount(index_count, page_shift) > page_count_max) page_shift += 1;
        const pages = try allocator.alloc(?[*]u64, pageCount(index_count, page_shift));
        @memset(pages, null);
        return .{
            .allocator = allocator,
            .pages = pages,
            .page_shift = page_shift,
            .index_count = index_count,
            .answered_count = 0,
        };
    }

    pub fn deinit(answered: *Answered) void {
        for (answered.pages) |page| {
            if (page) |words| answered.allocator.free(words[0..answered.pageWordCount()]);
        }
        answered.allocator.free(answered.pages);
        answered.* = undefined;
    }

    /// True when the index is new. Without memory the set stays as it was.
    pub fn insert(answered: *Answered, index: u64) error{OutOfMemory}!bool {
        std.debug.assert(index < answered.index_count);
        const page = answered.pages[answered.pageOf(index)] orelse try answered.addPage(index);
        const word = &page[answered.wordOf(index)];
        const before = word.*; // Only this thread writes.
        if (before & bitOf(index) != 0) return false;
        @atomicStore(u64, word, before | bitOf(index), .monotonic);
        @atomicStore(u64, &answered.answered_count, answered.answered_count + 1, .monotonic);
        return true;
    }

    pub fn contains(answered: *const Answered, index: u64) bool {
        std.debug.assert(index < answered.index_count);
        const entry = &answered.pages[answered.pageOf(index)];
        const page = @atomicLoad(?[*]u64, entry, .acquire) orelse return false;
        return @atomicLoad(u64, &page[answered.wordOf(index)], .monotonic) & bitOf(index) != 0;
    }

    /// How many indexes are in the set.
    pub fn count(answered: *const Answered) u64 {
        return @atomicLoad(u64, &answered.answered_count, .monotonic);
    }

    fn addPage(answered: *Answered, index: u64) error{OutOfMemory}![*]u64 {
        const words = try answered.allocator.alloc(u64, answered.pageWordCount());
        @memset(words, 0);
        // Release: who sees the page sees its zeros.
        @atomicStore(?[*]u64, &answered.pages[answered.pageOf(index)], words.ptr, .release);
        return words.ptr;
    }

    fn pageCount(index_count: u64, page_shift: u6) usize {
        const page_size = @as(u64, 1) << page_shift;
        return @intCast(index_count / page_size + @intFromBool(index_count % page_size != 0));
    }

    fn pageWordCount(answered: *const Answered) usize {
        return @as(usize, 1) << (answered.page_shift - word_shift);
    }

    fn pageOf(answered: *const Answered, index: u64) usize {
        return @intCast(index >> answered.page_shift);
    }

    fn wordOf(answered: *const Answered, index: u64) usize {
        return @intCast((index >> word_shift) & (answered.pageWordCount() - 1));
    }

    fn bitOf(index: u64) u64 {
        return @as(u64, 1) << @truncate(index);
    }
};

test "it equals a list of booleans, over several pages" {
    var answered: Answered = try .init(std.testing.allocator, 20_000);
    defer answered.deinit();
    var model: [20_000]bool = @splat(false);
    var model_count: u64 = 0;
    var random: std.Random.DefaultPrng = .init(1);
    for (0..30_000) |_| {
        const index = random.random().uintLessThan(usize, model.len);
        try std.testing.expectEqual(model[index], answered.contains(index));
        try std.testing.expectEqual(!model[index], try answered.insert(index));
        if (!model[index]) model_count += 1;
        model[index] = true;
    }
    for (model, 0..) |expected, index| {
        try std.testing.expectEqual(expected, answered.contains(index));
    }
    try std.testing.expectEqual(model_count, answered.count());
}

test "memory follows what answers" {
    var counting: std.testing.FailingAllocator = .init(std.testing.allocator, .{});
    var answered: Answered = try .init(counting.allocator(), 1 << 32);
    defer answered.deinit();
    const reserved = counting.allocated_bytes;
    try std.testing.expectEqual(@as(usize, 8 << 20), reserved);
    for (0..4096) |index| _ = try answered.insert(1 << 31 | index);
    try std.testing.expectEqual(reserved + 512, counting.allocated_bytes);
    _ = try answered.insert((1 << 32) - 1);
    try std.testing.expectEqual(reserved + 1024, counting.allocated_bytes);
}

test "a larger set has larger pages and reserves no more" {
    const index_count = (1 << 36) + 1;
    var counting: std.testing.FailingAllocator = .init(std.testing.allocator, .{});
    var answered: Answered = try .init(counting.allocator(), index_count);
    defer answered.deinit();
    try std.testing.expect(counting.allocated_bytes <= 8 << 20);
    try std.testing.expect(try answered.insert(index_count - 1));
    try std.testing.expect(answered.contains(index_count - 1));
    try std.testing.expect(!answered.contains(index_count - 2));
    try std.testing.expect(!answered.contains(0));
}

test "without memory an insert fails and changes nothing" {
    var failing: std.testing.FailingAllocator = .init(std.testing.allocator, .{ .fail_index = 1 });
    var answered: Answered = try .init(failing.allocator(), 100);
    defer answered.deinit();
    try std.testing.expectError(error.OutOfMemory, answered.insert(99));
    try std.testing.expect(!answered.contains(99));
    try std.testing.expectEqual(@as(u64, 0), answered.count());
}

test "an empty set has no pages" {
    var answered: Answered = try .init(std.testing.allocator, 0);
    defer answered.deinit();
    try std.testing.expectEqual(@as(u64, 0), answered.count());
}

test "a reader in another thread sees what was inserted before it was told" {
    const index_count = 1 << 16;
    var answered: Answered = try .init(std.testing.allocator, index_count);
    defer answered.deinit();
    var inserted: std.atomic.Value(u64) = .init(0);
    var missed: u64 = 0;
    const reader: std.Thread = try .spawn(.{}, testReader, .{ &answered, &inserted, &missed });
    for (0..index_count) |index| {
        _ = try answered.insert(index);
        inserted.store(index + 1, .release);
    }
    reader.join();
    try std.testing.expectEqual(@as(u64, 0), missed);
}

fn testReader(answered: *const Answered, inserted: *std.atomic.Value(u64), missed: *u64) void {
    while (true) {
        const end = inserted.load(.acquire);
        if (end > 0 and !answered.contains(end - 1)) missed.* += 1;
        if (end == answered.index_count) return;
    }
}
