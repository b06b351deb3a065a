//! Which of 65,536 indexes are in a set.

const std = @import("std");

/// A sorted array that grows gently, and, when it is as large as a bitmap, a bitmap in the same
/// memory. Not for several threads at once.
pub const Container = struct {
    /// `capacity` sorted numbers, of which `count` are in use; or the words of a bitmap.
    memory: [*]align(8) u16 = undefined,
    count: u32 = 0,
    capacity: u16 = 0,
    is_bitmap: bool = false,

    /// An array of so many numbers is as large as a bitmap: 8 KiB.
    const capacity_max = 65_536 / @bitSizeOf(u16);
    /// Together with the eight octets by which glibc heads a block, 32 octets.
    const capacity_min = 12;
    /// At least 1.5 standard deviations of the place of the middle number of evenly spread ones
    /// (half the root of their number); cache lines hold 32.
    const window_reach = 48;
    const bitmap_word_count = 65_536 / @bitSizeOf(u64);

    pub fn deinit(container: *Container, allocator: std.mem.Allocator) void {
        allocator.free(container.memory[0..container.capacity]);
        container.* = undefined;
    }

    /// Whether the next new number needs `grow` first.
    pub fn isFull(container: *const Container) bool {
        return !container.is_bitmap and container.count == container.capacity;
    }

    /// By how many octets `grow` would grow it.
    pub fn growthSize(container: *const Container) u64 {
        return (container.capacityNext() - container.capacity) * @sizeOf(u16);
    }

    /// Makes room for at least one more number. On an error nothing has changed.
    pub fn grow(container: *Container, allocator: std.mem.Allocator) error{OutOfMemory}!void {
        std.debug.assert(container.isFull());
        if (container.capacity == capacity_max) return container.becomeBitmap();
        const before: []align(8) u16 = container.memory[0..container.capacity];
        const after = try allocator.realloc(before, container.capacityNext());
        container.memory = after.ptr;
        container.capacity = @intCast(after.len);
    }

    pub fn contains(container: *const Container, number: u16) bool {
        if (container.is_bitmap) return container.words()[number / 64] & bitOf(number) != 0;
        const position = container.positionOf(number);
        return position < container.count and container.memory[position] == number;
    }

    /// The number must not be in it, and it must not be full.
    pub fn insert(container: *Container, number: u16) void {
        std.debug.assert(!container.isFull());
        if (container.is_bitmap) {
            container.words()[number / 64] |= bitOf(number);
        } else {
            const position = container.positionOf(number);
            const behind = container.memory[position..container.count];
            @memmove(container.memory[position + 1 ..][0..behind.len], behind);
            container.memory[position] = number;
        }
        container.count += 1;
    }

    /// Whether it was there. What was allocated stays: the number will hardly be the last one.
    pub fn remove(container: *Container, number: u16) bool {
        if (!container.contains(number)) return false;
        if (container.is_bitmap) {
            container.words()[number / 64] &= ~bitOf(number);
        } else {
            const position = container.positionOf(number);
            const behind = container.memory[position + 1 .. container.count];
            @memmove(container.memory[position..][0..behind.len], behind);
        }
        container.count -= 1;
        return true;
    }

    /// An eighth more, in steps of 16 octets, which is how glibc cuts its memory.
    fn capacityNext(container: *const Container) u16 {
        if (container.capacity == 0) return capacity_min;
        const step = @max(8, container.capacity / 64 * 8);
        return @min(capacity_max, container.capacity + step);
    }

    fn becomeBitmap(container: *Container) void {
        const numbers: [capacity_max]u16 = container.memory[0..capacity_max].*;
        @memset(container.memory[0..capacity_max], 0);
        container.is_bitmap = true;
        for (numbers) |number| container.words()[number / 64] |= bitOf(number);
    }

    /// Of the first number in the array that is not smaller.
    fn positionOf(container: *const Container, number: u16) u32 {
        var low, var size = container.windowOf(number);
        while (size > 1) {
            const half = size / 2;
            if (container.memory[low + half - 1] < number) low += half;
            size -= half;
        }
        return low + @intFromBool(size == 1 and container.memory[low] < number);
    }

    /// Where in the array to search: first and length. In a sweep the numbers are spread evenly, so
    /// that a number's place is known but for the deviation of chance, and two or three cache lines
    /// are read instead of one for each step of a search through everything.
    fn windowOf(container: *const Container, number: u16) struct { u32, u32 } {
        const guess = container.count * number >> @bitSizeOf(u16);
        const low = guess -| window_reach;
        const high = @min(guess + window_reach, container.count);
        const begins_before = low == 0 or container.memory[low - 1] < number;
        const ends_behind = high == container.count or container.memory[high] >= number;
        if (begins_before and ends_behind) return .{ low, high - low };
        return .{ 0, container.count };
    }

    fn words(container: *const Container) *[bitmap_word_count]u64 {
        return @ptrCast(container.memory);
    }

    fn bitOf(number: u16) u64 {
        return @as(u64, 1) << @truncate(number);
    }
};

/// A container with room for what comes next.
fn testInsert(container: *Container, allocator: std.mem.Allocator, number: u16) !bool {
    if (container.contains(number)) return false;
    if (container.isFull()) try container.grow(allocator);
    container.insert(number);
    return true;
}

test "it equals a list of booleans, from empty to full and back" {
    const allocator = std.testing.allocator;
    var container: Container = .{};
    defer container.deinit(allocator);
    const model = try allocator.alloc(bool, 65_536);
    defer allocator.free(model);
    @memset(model, false);
    var random: std.Random.DefaultPrng = .init(1);
    var count: u32 = 0;
    for (0..200_000) |step| {
        const number = random.random().int(u16);
        // More goes in than out.
        if (random.random().uintLessThan(u8, 4) == 0) {
            try std.testing.expectEqual(model[number], container.remove(number));
            if (model[number]) count -= 1;
            model[number] = false;
        } else {
            const is_new = try testInsert(&container, allocator, number);
            try std.testing.expectEqual(!model[number], is_new);
            if (!model[number]) count += 1;
            model[number] = true;
        }
        try std.testing.expectEqual(count, container.count);
        if (step == 1000 or step == 5000 or step == 6000 or step == 199_999) {
            for (model, 0..) |expected, other| {
                try std.testing.expectEqual(expected, container.contains(@intCast(other)));
            }
        }
    }
    for (0..65_536) |number| _ = try testInsert(&container, allocator, @intCast(number));
    try std.testing.expectEqual(65_536, container.count);
    for (0..65_536) |number| try std.testing.expect(container.remove(@intCast(number)));
    try std.testing.expectEqual(0, container.count);
    try std.testing.expect(!container.contains(0));
}

test "numbers in ascending and in descending order, through the turn into a bitmap" {
    const allocator = std.testing.allocator;
    for ([_]bool{ false, true }) |is_descending| {
        var container: Container = .{};
        defer container.deinit(allocator);
        for (0..5000) |step| {
            const number: u16 = @intCast(if (is_descending) 65_535 - step else step);
            try std.testing.expect(try testInsert(&container, allocator, number));
            try std.testing.expect(!try testInsert(&container, allocator, number));
            try std.testing.expectEqual(step >= 4096, container.is_bitmap);
            const next: u16 = if (is_descending) number - 1 else number + 1;
            try std.testing.expect(!container.contains(next));
        }
    }
}

test "it grows by what it says, to no more than a bitmap, and little beyond what it holds" {
    var counting: std.testing.FailingAllocator = .init(std.testing.allocator, .{});
    var container: Container = .{};
    defer container.deinit(counting.allocator());
    var said: u64 = 0;
    for (0..65_536) |number| {
        if (container.isFull()) said += container.growthSize();
        _ = try testInsert(&container, counting.allocator(), @intCast(number));
        const held = counting.allocated_bytes - counting.freed_bytes;
        try std.testing.expectEqual(said, held);
        try std.testing.expect(held <= 8192);
        try std.testing.expect(held <= 2 * container.count + @max(24, container.count / 4));
    }
    try std.testing.expectEqual(8192, said);
}
