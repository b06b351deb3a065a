//! An exact set of target indexes whose memory follows what is in it, for any number of threads.
//! Its containers are those of Roaring bitmaps (Lemire and others, "Roaring Bitmaps: Implementation
//! of an Optimized Software Library", Software: Practice and Experience 48(4), 2018): sorted arrays
//! where indexes are rare, bitmaps where they are dense. So the worst case is one bit for each
//! possible index, and a sparse set costs little more than two octets for each of its own.

const std = @import("std");
const Container = @import("index_container.zig").Container;
const SpinLock = @import("spin_lock.zig").SpinLock;

/// Any thread may call any function at any time, but `init` and `deinit`. The allocator must allow
/// that, too.
pub const IndexSet = struct {
    allocator: std.mem.Allocator,
    index_count: u64,
    /// In octets, as asked of the allocator.
    memory_max: u64,
    memory_used: std.atomic.Value(u64),
    member_count: std.atomic.Value(u64),
    shards: []Shard,

    /// So many that a handful of threads seldom meets in one.
    const shard_count = 256;
    const shard_bits = std.math.log2_int(u32, shard_count);

    /// For indexes from 0 to `index_count - 1`. `memory_max` bounds `memoryUsed`, in octets.
    pub fn init(
        allocator: std.mem.Allocator,
        index_count: u64,
        memory_max: ?usize,
    ) error{OutOfMemory}!IndexSet {
        const shards = try allocator.alloc(Shard, shard_count);
        @memset(shards, .{});
        var set: IndexSet = .{
            .allocator = allocator,
            .index_count = index_count,
            .memory_max = memory_max orelse std.math.maxInt(u64),
            .memory_used = .init(0),
            .member_count = .init(0),
            .shards = shards,
        };
        errdefer allocator.free(shards);
        try set.reserve(@sizeOf(Shard) * shard_count);
        return set;
    }

    pub fn deinit(set: *IndexSet) void {
        for (set.shards) |*shard| {
            for (shard.slots) |*slot| slot.container.deinit(set.allocator);
            set.allocator.free(shard.slots);
        }
        set.allocator.free(set.shards);
        set.* = undefined;
    }

    /// True when the index was not in the set. OutOfMemory, also beyond `memory_max`: the set is as
    /// it was.
    pub fn insert(set: *IndexSet, index: u64) error{OutOfMemory}!bool {
        std.debug.assert(index < set.index_count);
        const shard = set.shardOf(index);
        shard.lock.lock();
        defer shard.lock.unlock();
        const container = shard.find(numberOf(index)) orelse try set.addContainer(shard, index);
        const low: u16 = @truncate(index);
        if (container.contains(low)) return false;
        if (container.isFull()) try set.grow(container);
        container.insert(low);
        _ = set.member_count.fetchAdd(1, .monotonic);
        return true;
    }

    /// True when the index was in the set.
    pub fn remove(set: *IndexSet, index: u64) bool {
        std.debug.assert(index < set.index_count);
        const shard = set.shardOf(index);
        shard.lock.lock();
        defer shard.lock.unlock();
        const container = shard.find(numberOf(index)) orelse return false;
        if (!container.remove(@truncate(index))) return false;
        _ = set.member_count.fetchSub(1, .monotonic);
        return true;
    }

    pub fn contains(set: *const IndexSet, index: u64) bool {
        std.debug.assert(index < set.index_count);
        const shard = set.shardOf(index);
        shard.lock.lock();
        defer shard.lock.unlock();
        const container = shard.find(numberOf(index)) orelse return false;
        return container.contains(@truncate(index));
    }

    /// How many indexes are in the set.
    pub fn count(set: *const IndexSet) u64 {
        return set.member_count.load(.monotonic);
    }

    /// In octets, without what the allocator itself needs.
    pub fn memoryUsed(set: *const IndexSet) u64 {
        return set.memory_used.load(.monotonic);
    }

    fn shardOf(set: *const IndexSet, index: u64) *Shard {
        return &set.shards[@intCast(numberOf(index) % shard_count)];
    }

    /// Of an index's container.
    fn numberOf(index: u64) u64 {
        return index >> @bitSizeOf(u16);
    }

    fn addContainer(set: *IndexSet, shard: *Shard, index: u64) error{OutOfMemory}!*Container {
        if (shard.isCrowded()) {
            const slots = try set.allocate(Slot, shard.slotCountNext());
            set.release(Slot, shard.rehash(slots));
        }
        return shard.add(numberOf(index));
    }

    fn grow(set: *IndexSet, container: *Container) error{OutOfMemory}!void {
        const growth = container.growthSize();
        try set.reserve(growth);
        errdefer set.giveBack(growth);
        try container.grow(set.allocator);
    }

    fn allocate(set: *IndexSet, comptime Item: type, item_count: usize) error{OutOfMemory}![]Item {
        const size = @sizeOf(Item) * item_count;
        try set.reserve(size);
        errdefer set.giveBack(size);
        return set.allocator.alloc(Item, item_count);
    }

    fn release(set: *IndexSet, comptime Item: type, items: []Item) void {
        set.allocator.free(items);
        set.giveBack(@sizeOf(Item) * items.len);
    }

    fn reserve(set: *IndexSet, size: u64) error{OutOfMemory}!void {
        const before = set.memory_used.fetchAdd(size, .monotonic);
        if (before + size <= set.memory_max) return;
        set.giveBack(size);
        return error.OutOfMemory;
    }

    fn giveBack(set: *IndexSet, size: u64) void {
        _ = set.memory_used.fetchSub(size, .monotonic);
    }
};

/// The containers whose numbers leave the same remainder, in a hash table of its own (open
/// addressing): what no answer touches needs no memory, however large the set is.
const Shard = struct {
    /// Protects everything else here. Alone on its cache line, so that threads in different shards
    /// do not disturb each other.
    lock: SpinLock align(std.atomic.cache_line) = .{},
    slot_count_used: u32 = 0,
    slots: []Slot = &.{},

    const slot_count_min = 4;

    fn find(shard: *const Shard, number: u64) ?*Container {
        if (shard.slots.len == 0) return null;
        const slot = shard.slotFor(number);
        return if (slot.isFree()) null else &slot.container;
    }

    /// Three quarters full: longer chains cost more than memory.
    fn isCrowded(shard: *const Shard) bool {
        return @as(usize, shard.slot_count_used) * 4 >= shard.slots.len * 3;
    }

    fn slotCountNext(shard: *const Shard) usize {
        return @max(slot_count_min, shard.slots.len * 2);
    }

    /// Moves over into the larger table; returns the smaller one.
    fn rehash(shard: *Shard, slots: []Slot) []Slot {
        const slots_before = shard.slots;
        @memset(slots, .{});
        shard.slots = slots;
        for (slots_before) |*slot| {
            if (!slot.isFree()) shard.slotFor(slot.key - 1).* = slot.*;
        }
        return slots_before;
    }

    /// There is room, and the number is not in the table.
    fn add(shard: *Shard, number: u64) *Container {
        const slot = shard.slotFor(number);
        std.debug.assert(slot.isFree());
        slot.key = number + 1;
        shard.slot_count_used += 1;
        return &slot.container;
    }

    /// Where the number is, or belongs.
    fn slotFor(shard: *const Shard, number: u64) *Slot {
        const mask = shard.slots.len - 1;
        // Multiplicative hashing (Knuth, volume 3, 6.4) by 2^64 divided by the golden ratio: rows
        // of neighbouring numbers fall far from each other. The remainder that makes the shard is
        // the same for all.
        const hash = (number >> IndexSet.shard_bits) *% 0x9e37_79b9_7f4a_7c15;
        var position: usize = @intCast(hash >> 32 & mask);
        while (!shard.slots[position].isFree() and shard.slots[position].key != number + 1) {
            position = (position + 1) & mask;
        }
        return &shard.slots[position];
    }
};

const Slot = struct {
    /// The container's number and 1; 0 when the slot is free.
    key: u64 = 0,
    container: Container = .{},

    fn isFree(slot: *const Slot) bool {
        return slot.key == 0;
    }
};

comptime {
    std.debug.assert(@sizeOf(Shard) == std.atomic.cache_line);
    std.debug.assert(@sizeOf(Slot) == 24);
}

const test_index_count = 1 << 26;

/// The share of a full IPv4 sweep on one port, whose limits are given in octets.
fn testLimit(full_size_max: u64) u64 {
    return full_size_max / ((1 << 32) / test_index_count);
}

test "it equals a list of booleans, over several containers" {
    var set: IndexSet = try .init(std.testing.allocator, 300_000, null);
    defer set.deinit();
    const model = try std.testing.allocator.alloc(bool, 300_000);
    defer std.testing.allocator.free(model);
    @memset(model, false);
    var count: u64 = 0;
    var random: std.Random.DefaultPrng = .init(1);
    for (0..200_000) |_| {
        const index = random.random().uintLessThan(usize, model.len);
        try std.testing.expectEqual(model[index], set.contains(index));
        if (random.random().uintLessThan(u8, 4) == 0) {
            try std.testing.expectEqual(model[index], set.remove(index));
            if (model[index]) count -= 1;
            model[index] = false;
        } else {
            try std.testing.expectEqual(!model[index], try set.insert(index));
            if (!model[index]) count += 1;
            model[index] = true;
        }
        try std.testing.expectEqual(count, set.count());
    }
    for (model, 0..) |expected, index| {
        try std.testing.expectEqual(expected, set.contains(index));
    }
}

test "memory is what the allocator was asked for" {
    var counting: std.testing.FailingAllocator = .init(std.testing.allocator, .{});
    var set: IndexSet = try .init(counting.allocator(), 1 << 48, null);
    defer set.deinit();
    try std.testing.expect(counting.allocated_bytes <= 64 << 10);
    var random: std.Random.DefaultPrng = .init(1);
    for (0..100_000) |_| {
        _ = try set.insert(random.random().uintLessThan(u64, 1 << 30));
        const held = counting.allocated_bytes - counting.freed_bytes;
        try std.testing.expectEqual(held, set.memoryUsed());
    }
}

test "a sweep that everything answers costs under 540 MiB on full IPv4, in whatever order" {
    for ([_]bool{ false, true }) |is_shuffled| {
        var set: IndexSet = try .init(std.testing.allocator, test_index_count, null);
        defer set.deinit();
        for (0..test_index_count) |step| {
            // An odd factor permutes the numbers below a power of two.
            const index = if (is_shuffled) step *% 0x9e37_79b1 % test_index_count else step;
            try std.testing.expect(try set.insert(index));
        }
        try std.testing.expectEqual(test_index_count, set.count());
        try std.testing.expect(set.memoryUsed() < testLimit(540 << 20));
    }
}

test "a sweep that one in a hundred answers costs under 110 MiB on full IPv4" {
    var set: IndexSet = try .init(std.testing.allocator, test_index_count, null);
    defer set.deinit();
    var random: std.Random.DefaultPrng = .init(1);
    while (set.count() < test_index_count / 100) {
        _ = try set.insert(random.random().uintLessThan(u64, test_index_count));
    }
    try std.testing.expect(set.memoryUsed() < testLimit(110 << 20));
}

test "the ends of the largest set" {
    const index_count = (1 << 63) + 29;
    var set: IndexSet = try .init(std.testing.allocator, index_count, null);
    defer set.deinit();
    for ([_]u64{ 0, 1 << 16, 1 << 62, index_count - 1 }) |index| {
        try std.testing.expect(!set.contains(index));
        try std.testing.expect(try set.insert(index));
        try std.testing.expect(set.contains(index));
        try std.testing.expect(!try set.insert(index));
    }
    try std.testing.expect(!set.contains(1));
    try std.testing.expect(!set.contains(index_count - 2));
    try std.testing.expectEqual(4, set.count());
}

test "beyond its memory an insert fails and changes nothing" {
    const memory_max = 100_000;
    var set: IndexSet = try .init(std.testing.allocator, 1 << 32, memory_max);
    defer set.deinit();
    var index: u64 = 0;
    while (set.insert(index << 12)) |is_new| : (index += 1) {
        try std.testing.expect(is_new);
    } else |err| try std.testing.expectEqual(error.OutOfMemory, err);
    try std.testing.expect(set.memoryUsed() > memory_max * 9 / 10);
    try std.testing.expect(set.memoryUsed() <= memory_max);
    try std.testing.expectEqual(index, set.count());
    try std.testing.expect(!set.contains(index << 12));
    try std.testing.expectError(error.OutOfMemory, set.insert(index << 12));
    for (0..index) |inserted| try std.testing.expect(set.contains(inserted << 12));
    // What needs no memory still works.
    try std.testing.expect(set.remove(0));
    try std.testing.expect(try set.insert(0));

    const none = IndexSet.init(std.testing.allocator, 1, 1);
    try std.testing.expectError(error.OutOfMemory, none);
}

test "when the allocator fails, nothing is lost, and the count of memory stays right" {
    for (0..40) |fail_index| {
        var failing: std.testing.FailingAllocator =
            .init(std.testing.allocator, .{ .fail_index = fail_index });
        var set = IndexSet.init(failing.allocator(), 1 << 32, null) catch continue;
        defer set.deinit();
        var inserted: u64 = 0;
        for (0..100) |number| {
            const index = number * 40_000_003;
            const is_new = set.insert(index) catch {
                try std.testing.expect(!set.contains(index));
                continue;
            };
            try std.testing.expect(is_new);
            inserted += 1;
        }
        try std.testing.expectEqual(inserted, set.count());
        const held = failing.allocated_bytes - failing.freed_bytes;
        try std.testing.expectEqual(held, set.memoryUsed());
    }
}

test "threads that insert the same indexes: each is new once" {
    var set: IndexSet = try .init(std.heap.c_allocator, 1 << 20, null);
    defer set.deinit();
    var new_counts: [4]u64 = @splat(0);
    var threads: [4]std.Thread = undefined;
    for (&threads, &new_counts, 0..) |*thread, *new_count, seed| {
        thread.* = try .spawn(.{}, testInsertAll, .{ &set, seed, new_count });
    }
    for (threads) |thread| thread.join();
    var new_count: u64 = 0;
    for (new_counts) |own| new_count += own;
    try std.testing.expectEqual(1 << 17, new_count);
    try std.testing.expectEqual(1 << 17, set.count());
    for (0..1 << 17) |number| try std.testing.expect(set.contains(number * 8));
}

/// In an order of its own; what it has inserted it must find.
fn testInsertAll(set: *IndexSet, seed: u64, new_count: *u64) void {
    for (0..1 << 17) |step| {
        const number = (step *% (2 * seed + 0x9e37_79b1)) % (1 << 17);
        if (set.insert(number * 8) catch unreachable) new_count.* += 1;
        std.debug.assert(set.contains(number * 8));
    }
}
