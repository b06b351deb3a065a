//! Frames on their way: each is kept until its time, and comes out in the order of time. A calendar
//! queue (R. Brown, "Calendar queues", CACM 31(10), 1988) of fixed width over slabs of fixed size:
//! adding and taking cost the same however many frames there are, and nothing is allocated after
//! `init`. It is mapped rather than allocated: memory is touched only as it is used.

const std = @import("std");
const Direction = @import("path.zig").Direction;
const pages = @import("../src/sys/pages.zig");

/// The width of a slot in nanoseconds: a frame comes out at the first slot that begins when it is
/// due or after it, so never early and by less than this too late. It is below what a round trip
/// through the cable varies by, and wide enough that at the highest rates frames come out in
/// batches. A power of two, as a division is slow.
pub const slot_ns = 32_768;

/// Slots of the wheel, 8.6 s all together. They are the bits of three levels of words: what is
/// below a word that is zero need not be looked at.
const slot_count = word_bits * word_bits * word_bits;
const word_bits = 64;

const none = std.math.maxInt(u32);

pub const DelayLine = struct {
    small: Slab(small_size_max),
    large: Slab(large_size_max),
    slots: []List,
    occupied: Occupied,
    /// Frames at or beyond this tick, in the order of adding. Half a turn ahead or more.
    far: List = .{},
    far_first_tick: u64 = none_tick,
    /// The wheel holds what is before it.
    limit_tick: u64,
    /// No frame of the wheel is before it, and what is added to the past is put here.
    elapsed_tick: u64,
    /// What `next` returned last.
    taken: u32 = none,

    /// In octets: a segment without data, whatever its options.
    pub const small_size_max = 128;
    /// In octets: any frame of the usual MTU.
    pub const large_size_max = 1600;

    const none_tick = std.math.maxInt(u64);

    pub const Tag = extern struct { direction: Direction, prefix_index: u16 };

    pub const Item = struct {
        tag: Tag,
        /// Valid until the next call of `next`.
        octets: []const u8,
    };

    pub const Options = struct {
        /// How many frames of up to `small_size_max` octets it holds, and how many larger ones.
        small_count_max: u32,
        large_count_max: u32,
        /// In nanoseconds of the caller's clock.
        now: u64,
    };

    /// OutOfMemory: not even the address space is there.
    pub fn init(options: Options) error{OutOfMemory}!DelayLine {
        std.debug.assert(@as(u64, options.small_count_max) + options.large_count_max < none);
        var small: Slab(small_size_max) = try .init(options.small_count_max);
        errdefer small.deinit();
        var large: Slab(large_size_max) = try .init(options.large_count_max);
        errdefer large.deinit();
        const slots = try pages.map(List, slot_count);
        errdefer pages.unmap(List, slots);
        const now_tick = options.now / slot_ns;
        return .{
            .small = small,
            .large = large,
            .slots = slots,
            .occupied = try .init(),
            .limit_tick = now_tick + slot_count,
            .elapsed_tick = now_tick,
        };
    }

    pub fn deinit(line: *DelayLine) void {
        line.small.deinit();
        line.large.deinit();
        pages.unmap(List, line.slots);
        line.occupied.deinit();
        line.* = undefined;
    }

    /// Keeps a copy of the frame until `at`. False when there is no room, or the frame is larger
    /// than `large_size_max`.
    pub fn add(line: *DelayLine, at: u64, tag: Tag, octets: []const u8) bool {
        const index = line.allocate(octets.len) orelse return false;
        const header = line.headerOf(index);
        const due_tick = at / slot_ns + @intFromBool(at % slot_ns != 0);
        header.tick = @max(due_tick, line.elapsed_tick);
        header.tag = tag;
        header.size = @intCast(octets.len);
        @memcpy(line.octetsOf(index)[0..octets.len], octets);
        if (header.tick < line.limit_tick) {
            line.appendToSlot(index, header.tick);
        } else {
            line.appendToFar(index, header.tick);
        }
        return true;
    }

    /// A frame that is due at `now`, the earliest first, and of the same slot what was added
    /// first. Call until null; frames may be added between the calls.
    pub fn next(line: *DelayLine, now: u64) ?Item {
        line.releaseTaken();
        const now_tick = now / slot_ns;
        while (true) {
            const tick = line.firstTick() orelse {
                line.advance(@max(line.elapsed_tick, @min(now_tick, line.far_first_tick)));
                if (line.occupied.isEmpty()) return null;
                continue;
            };
            if (tick > now_tick) {
                line.advance(@max(line.elapsed_tick, now_tick));
                return null;
            }
            line.advance(tick);
            return line.take(tick);
        }
    }

    /// When `next` has something to return; null when there is nothing.
    pub fn nextDeadline(line: *const DelayLine) ?u64 {
        const tick = line.firstTick() orelse line.far_first_tick;
        return if (tick == none_tick) null else tick *| slot_ns;
    }

    fn take(line: *DelayLine, tick: u64) Item {
        const slot = slotOf(tick);
        const list = &line.slots[slot];
        const index = list.first;
        const header = line.headerOf(index);
        if (index == list.last) {
            line.occupied.clear(slot);
        } else {
            list.first = header.next;
            // It was written long ago and is wanted soon.
            @prefetch(line.headerOf(header.next), .{});
        }
        line.taken = index;
        return .{ .tag = header.tag, .octets = line.octetsOf(index)[0..header.size] };
    }

    /// The tick of the earliest frame of the wheel.
    fn firstTick(line: *const DelayLine) ?u64 {
        const elapsed_slot = slotOf(line.elapsed_tick);
        const slot = line.occupied.firstFrom(elapsed_slot) orelse return null;
        return line.elapsed_tick + (slot -% elapsed_slot) % slot_count;
    }

    /// Moves the wheel on, and with it what it can hold: half a turn at a time, so that a frame
    /// that is far ahead is looked at only once in each.
    fn advance(line: *DelayLine, tick: u64) void {
        std.debug.assert(tick >= line.elapsed_tick);
        line.elapsed_tick = tick;
        if (line.limit_tick -| tick > slot_count / 2) return;
        line.limit_tick = tick + slot_count;
        if (line.far_first_tick >= line.limit_tick) return;
        // In the order of adding, and before anything else can be added to the same slots.
        var rest = line.far;
        line.far_first_tick = none_tick;
        while (true) {
            const index = rest.first;
            const header = line.headerOf(index);
            const is_last = index == rest.last;
            rest.first = header.next;
            if (header.tick < line.limit_tick) {
                line.appendToSlot(index, header.tick);
            } else {
                line.appendToFar(index, header.tick);
            }
            if (is_last) return;
        }
    }

    fn appendToSlot(line: *DelayLine, index: u32, tick: u64) void {
        std.debug.assert(tick >= line.elapsed_tick and tick < line.limit_tick);
        const slot = slotOf(tick);
        line.append(&line.slots[slot], index, line.occupied.has(slot));
        line.occupied.set(slot);
    }

    fn appendToFar(line: *DelayLine, index: u32, tick: u64) void {
        line.append(&line.far, index, line.far_first_tick != none_tick);
        line.far_first_tick = @min(line.far_first_tick, tick);
    }

    fn append(line: *DelayLine, list: *List, index: u32, has_others: bool) void {
        if (has_others) line.headerOf(list.last).next = index else list.first = index;
        list.last = index;
    }

    fn allocate(line: *DelayLine, size: usize) ?u32 {
        if (size <= small_size_max) return line.small.allocate();
        if (size > large_size_max) return null;
        const index = line.large.allocate() orelse return null;
        return line.small.countMax() + index;
    }

    fn releaseTaken(line: *DelayLine) void {
        const index = line.taken;
        if (index == none) return;
        line.taken = none;
        const small_count_max = line.small.countMax();
        if (index < small_count_max) return line.small.free(index);
        line.large.free(index - small_count_max);
    }

    fn headerOf(line: *const DelayLine, index: u32) *Header {
        const small_count_max = line.small.countMax();
        if (index < small_count_max) return &line.small.records[index].header;
        return &line.large.records[index - small_count_max].header;
    }

    fn octetsOf(line: *const DelayLine, index: u32) []u8 {
        const small_count_max = line.small.countMax();
        if (index < small_count_max) return &line.small.records[index].octets;
        return &line.large.records[index - small_count_max].octets;
    }

    fn slotOf(tick: u64) u32 {
        return @intCast(tick % slot_count);
    }
};

/// Records linked by `Header.next`. Whether it holds any is known elsewhere; when it holds none,
/// nothing here means anything.
const List = extern struct { first: u32 = 0, last: u32 = 0 };

const Header = extern struct {
    tick: u64,
    /// Of a list's last record it means nothing.
    next: u32,
    tag: DelayLine.Tag,
    /// In octets.
    size: u16,
};

/// Room for frames of one size. A freed record is the first to be used again, so that what is
/// touched stays as small as what is used at once.
fn Slab(comptime size_max: usize) type {
    return struct {
        records: []Record,
        free_first: u32 = none,
        /// Records from here on have never been used.
        used_count: u32 = 0,

        const Self = @This();
        const Record = extern struct { header: Header, octets: [size_max]u8 };

        fn init(record_count: u32) error{OutOfMemory}!Self {
            return .{ .records = try pages.map(Record, record_count) };
        }

        fn deinit(slab: *Self) void {
            pages.unmap(Record, slab.records);
        }

        fn countMax(slab: *const Self) u32 {
            return @intCast(slab.records.len);
        }

        fn allocate(slab: *Self) ?u32 {
            const index = slab.free_first;
            if (index != none) {
                slab.free_first = slab.records[index].header.next;
                return index;
            }
            if (slab.used_count == slab.records.len) return null;
            slab.used_count += 1;
            return slab.used_count - 1;
        }

        fn free(slab: *Self, index: u32) void {
            slab.records[index].header.next = slab.free_first;
            slab.free_first = index;
        }
    };
}

/// Which slots hold frames: one bit for each, and above it one for each word that is not zero.
const Occupied = struct {
    top: u64 = 0,
    middle: [word_bits]u64 = @splat(0),
    bottom: []u64,

    fn init() error{OutOfMemory}!Occupied {
        return .{ .bottom = try pages.map(u64, slot_count / word_bits) };
    }

    fn deinit(occupied: *Occupied) void {
        pages.unmap(u64, occupied.bottom);
    }

    fn isEmpty(occupied: *const Occupied) bool {
        return occupied.top == 0;
    }

    fn has(occupied: *const Occupied, slot: u32) bool {
        return occupied.bottom[slot / word_bits] & bit(slot) != 0;
    }

    fn set(occupied: *Occupied, slot: u32) void {
        const word = slot / word_bits;
        occupied.bottom[word] |= bit(slot);
        occupied.middle[word / word_bits] |= bit(word);
        occupied.top |= bit(word / word_bits);
    }

    fn clear(occupied: *Occupied, slot: u32) void {
        const word = slot / word_bits;
        occupied.bottom[word] &= ~bit(slot);
        if (occupied.bottom[word] != 0) return;
        occupied.middle[word / word_bits] &= ~bit(word);
        if (occupied.middle[word / word_bits] != 0) return;
        occupied.top &= ~bit(word / word_bits);
    }

    /// The first occupied slot from `slot` on, all the way round.
    fn firstFrom(occupied: *const Occupied, slot: u32) ?u32 {
        const word = slot / word_bits;
        const group = word / word_bits;
        if (firstBit(occupied.bottom[word] & ~below(slot))) |found| {
            return word * word_bits + found;
        }
        const words = occupied.middle[group] & ~below(word) & ~bit(word);
        if (firstBit(words)) |found| return occupied.firstInWord(group * word_bits + found);
        const groups = occupied.top & ~below(group) & ~bit(group);
        if (firstBit(groups)) |found| return occupied.firstInGroup(found);
        // Round: what is left is before `slot`.
        return occupied.firstInGroup(firstBit(occupied.top) orelse return null);
    }

    fn firstInGroup(occupied: *const Occupied, group: u32) u32 {
        return occupied.firstInWord(group * word_bits + firstBit(occupied.middle[group]).?);
    }

    fn firstInWord(occupied: *const Occupied, word: u32) u32 {
        return word * word_bits + firstBit(occupied.bottom[word]).?;
    }

    fn firstBit(word: u64) ?u32 {
        return if (word == 0) null else @ctz(word);
    }

    fn bit(index: u32) u64 {
        return @as(u64, 1) << @intCast(index % word_bits);
    }

    /// The bits before that of `index` in its word.
    fn below(index: u32) u64 {
        return bit(index) - 1;
    }
};

const ms = std.time.ns_per_ms;
const second = std.time.ns_per_s;
/// In the middle of a slot.
const start = 1000 * slot_ns + slot_ns / 2;
const test_tag: DelayLine.Tag = .{ .direction = .back, .prefix_index = 4095 };

fn testLine() !DelayLine {
    return .init(.{ .small_count_max = 4, .large_count_max = 2, .now = start });
}

fn expectNext(expected: []const u8, line: *DelayLine, now: u64) !void {
    const item = line.next(now) orelse return error.TestUnexpectedResult;
    try std.testing.expectEqualStrings(expected, item.octets);
    try std.testing.expectEqual(test_tag, item.tag);
}

test "a frame comes out in the first slot after its time, with its tag" {
    var line = try testLine();
    defer line.deinit();
    try std.testing.expectEqual(null, line.nextDeadline());
    try std.testing.expect(line.add(start + 50 * ms, test_tag, "later"));
    try std.testing.expect(line.add(start + 10 * ms, test_tag, "sooner"));
    const due = line.nextDeadline().?;
    try std.testing.expect(due >= start + 10 * ms and due < start + 10 * ms + slot_ns);
    try std.testing.expectEqual(null, line.next(due - 1));
    try expectNext("sooner", &line, due);
    try std.testing.expectEqual(null, line.next(due));
    try expectNext("later", &line, line.nextDeadline().?);
    try std.testing.expectEqual(null, line.nextDeadline());
    try std.testing.expectEqual(null, line.next(start + second));
}

test "a time on a slot's edge is met exactly, one in the past at once" {
    var line = try testLine();
    defer line.deinit();
    const edge = 1010 * slot_ns;
    try std.testing.expect(line.add(edge, test_tag, "edge"));
    try std.testing.expectEqual(edge, line.nextDeadline());
    try std.testing.expectEqual(null, line.next(edge - 1));
    try std.testing.expect(line.add(0, test_tag, "past"));
    try expectNext("past", &line, edge - 1);
    try expectNext("edge", &line, edge);
}

test "frames of one slot come out in the order of adding, those of many in that of time" {
    const options: DelayLine.Options = .{
        .small_count_max = 100,
        .large_count_max = 0,
        .now = start,
    };
    var line: DelayLine = try .init(options);
    defer line.deinit();
    for (0..100) |index| {
        const at = start + (if (index < 50) @as(u64, 20) else 10) * ms + index;
        try std.testing.expect(line.add(at, test_tag, &.{@intCast(index)}));
    }
    for (50..100) |index| try expectNext(&.{@intCast(index)}, &line, start + second);
    for (0..50) |index| try expectNext(&.{@intCast(index)}, &line, start + second);
    try std.testing.expectEqual(null, line.next(start + second));
}

test "a returned frame is left alone until the next call, whatever is added" {
    var line: DelayLine = try .init(.{ .small_count_max = 2, .large_count_max = 0, .now = start });
    defer line.deinit();
    try std.testing.expect(line.add(start, test_tag, "first"));
    const item = line.next(start + ms).?;
    try std.testing.expect(line.add(start, test_tag, "second"));
    try std.testing.expect(!line.add(start, test_tag, "third"));
    try std.testing.expectEqualStrings("first", item.octets);
    try expectNext("second", &line, start + ms);
    try std.testing.expect(line.add(start, test_tag, "third"));
    try expectNext("third", &line, start + ms);
}

test "the sizes have room of their own, and what is too large is refused" {
    var line = try testLine();
    defer line.deinit();
    const octets: [DelayLine.large_size_max + 1]u8 = @splat(7);
    try std.testing.expect(!line.add(start, test_tag, &octets));
    for (0..2) |_| try std.testing.expect(line.add(start, test_tag, octets[0..1600]));
    try std.testing.expect(!line.add(start, test_tag, octets[0..129]));
    for (0..4) |_| try std.testing.expect(line.add(start, test_tag, octets[0..128]));
    try std.testing.expect(!line.add(start, test_tag, ""));
    for ([_]usize{ 1600, 1600, 128, 128, 128, 128 }) |size| {
        try expectNext(octets[0..size], &line, start + ms);
    }
    // All of it can be used again.
    try std.testing.expectEqual(null, line.next(start + ms));
    for (0..2) |_| try std.testing.expect(line.add(start, test_tag, octets[0..129]));
    for (0..4) |_| try std.testing.expect(line.add(start, test_tag, ""));
    try expectNext(octets[0..129], &line, start + ms);
}

test "frames beyond the wheel come out in time, however long nobody looks" {
    var line = try testLine();
    defer line.deinit();
    const hour = 3600 * second;
    try std.testing.expect(line.add(std.math.maxInt(u64), test_tag, "never"));
    try std.testing.expect(line.add(start + 20 * second, test_tag, "twenty"));
    try std.testing.expect(line.add(start + 9 * second, test_tag, "nine"));
    try std.testing.expect(line.add(start + second, test_tag, "one"));
    try expectNext("one", &line, line.nextDeadline().?);
    const due = line.nextDeadline().?;
    try std.testing.expect(due >= start + 9 * second and due < start + 9 * second + slot_ns);
    try std.testing.expectEqual(null, line.next(due - 1));
    // Added when it is near, after one that was added when it was far.
    try std.testing.expect(line.add(start + 9 * second, test_tag, "nine again"));
    try expectNext("nine", &line, start + hour);
    try expectNext("nine again", &line, start + hour);
    try expectNext("twenty", &line, start + hour);
    try std.testing.expectEqual(null, line.next(start + hour));
    try std.testing.expect(line.nextDeadline().? > std.math.maxInt(u64) - slot_ns);
}

test "against a model: every frame once, in order, never early and never left behind" {
    const Model = struct { at: u64, number: u32 };
    const count_max = 500;
    var line: DelayLine = try .init(.{
        .small_count_max = count_max / 2,
        .large_count_max = count_max / 2,
        .now = start,
    });
    defer line.deinit();
    var model: [count_max]Model = undefined;
    var model_count: usize = 0;
    var random_state: std.Random.DefaultPrng = .init(1);
    const random = random_state.random();
    var now: u64 = start;
    var number: u32 = 0;
    var octets: [200]u8 = @splat(0);
    var far_count: u32 = 0;
    while (number < 200_000) {
        // Bursts with delays from nothing to several turns of the wheel.
        for (0..random.uintLessThan(u32, 40)) |_| {
            const delay = random.int(u64) >> @intCast(random.intRangeAtMost(u6, 28, 63));
            const size: usize = if (random.boolean()) 4 else octets.len;
            std.mem.writeInt(u32, octets[0..4], number, .little);
            if (!line.add(now + delay, test_tag, octets[0..size])) continue;
            model[model_count] = .{ .at = now + delay, .number = number };
            model_count += 1;
            number += 1;
            if (delay > slot_count * slot_ns) far_count += 1;
        }
        now += random.int(u64) >> @intCast(random.intRangeAtMost(u6, 30, 60));
        var last: Model = .{ .at = 0, .number = 0 };
        while (line.next(now)) |item| {
            const found = std.mem.readInt(u32, item.octets[0..4], .little);
            const index = for (model[0..model_count], 0..) |entry, index| {
                if (entry.number == found) break index;
            } else return error.TestUnexpectedResult;
            const entry = model[index];
            std.mem.copyForwards(Model, model[index..], model[index + 1 .. model_count]);
            model_count -= 1;
            try std.testing.expect(entry.at <= now);
            // In the order of slots, and in a slot that of adding.
            const slot = (entry.at + slot_ns - 1) / slot_ns;
            const last_slot = (last.at + slot_ns - 1) / slot_ns;
            try std.testing.expect(slot >= last_slot);
            if (slot == last_slot) try std.testing.expect(entry.number > last.number);
            last = entry;
        }
        var first: u64 = std.math.maxInt(u64);
        for (model[0..model_count]) |entry| {
            try std.testing.expect(entry.at > now - now % slot_ns);
            first = @min(first, entry.at);
        }
        if (model_count == 0) {
            try std.testing.expectEqual(null, line.nextDeadline());
        } else {
            const expected = (first + slot_ns - 1) / slot_ns * slot_ns;
            try std.testing.expectEqual(expected, line.nextDeadline());
        }
    }
    try std.testing.expect(far_count > 1000);
}
