//! A single-producer, single-consumer ring of variable-length records in memory shared with
//! JavaScript. Each side owns one position and reads the other's, so no lock and no system call is
//! needed. Positions only grow, round 2^32: JavaScript has atomic words of 32 bits without a heap
//! object for each.

const std = @import("std");
const assert = std.debug.assert;

/// How far each side has come, in octets since the start, modulo 2^32.
pub const Positions = extern struct {
    written: u32 = 0,
    read: u32 = 0,

    /// Octets that wait to be read, or a few more: for whoever is neither side.
    pub fn unread(positions: *const Positions) u32 {
        // In this order, so that what is read meanwhile cannot seem to be more than what is written.
        const read = @atomicLoad(u32, &positions.read, .acquire);
        return @atomicLoad(u32, &positions.written, .monotonic) -% read;
    }
};

/// Stands before each record. Records are padded to `alignment` and never wrap: a record of kind
/// `skip` fills the end.
pub const RecordHeader = extern struct {
    /// In octets, of what follows this header.
    payload_size: u32,
    kind: u16,
    _padding: u16 = 0,
    /// The connection the record is about; 0 where there is none.
    connection: u32,
    _reserved: u32 = 0,
};

pub const alignment = 16;
/// Beyond it a full ring could not be told from an empty one.
const capacity_max = 1 << 31;
pub const kind_skip = 0;

comptime {
    assert(@sizeOf(RecordHeader) == alignment);
}

/// Octets that a record with this payload takes in the ring.
pub fn recordSize(payload_size: usize) usize {
    return @sizeOf(RecordHeader) + std.mem.alignForward(usize, payload_size, alignment);
}

pub const Producer = struct {
    positions: *Positions,
    octets: []align(alignment) u8,

    pub fn init(positions: *Positions, octets: []align(alignment) u8) Producer {
        assert(std.math.isPowerOfTwo(octets.len) and octets.len <= capacity_max);
        return .{ .positions = positions, .octets = octets };
    }

    /// Writes one record, unless fewer than `headroom` octets would remain free behind it. False
    /// when there is no room.
    pub fn push(
        producer: *Producer,
        kind: u16,
        connection: u32,
        parts: []const []const u8,
        headroom: usize,
    ) bool {
        assert(kind != kind_skip);
        var payload_size: usize = 0;
        for (parts) |part| payload_size += part.len;
        const size = recordSize(payload_size);

        const capacity = producer.octets.len;
        const written = producer.positions.written;
        const used = written -% @atomicLoad(u32, &producer.positions.read, .acquire);
        assert(used <= capacity);
        const start = written % capacity;
        const skipped = if (start + size > capacity) capacity - start else 0;
        if (used + skipped + size + headroom > capacity) return false;

        if (skipped > 0) producer.put(start, .{
            .payload_size = @intCast(skipped - @sizeOf(RecordHeader)),
            .kind = kind_skip,
            .connection = 0,
        });
        const offset = (start + skipped) % capacity;
        producer.put(offset, .{
            .payload_size = @intCast(payload_size),
            .kind = kind,
            .connection = connection,
        });
        var end = offset + @sizeOf(RecordHeader);
        for (parts) |part| {
            @memcpy(producer.octets[end..][0..part.len], part);
            end += part.len;
        }
        const position = written +% @as(u32, @intCast(skipped + size));
        @atomicStore(u32, &producer.positions.written, position, .release);
        return true;
    }

    fn put(producer: *Producer, offset: usize, header: RecordHeader) void {
        const slot: *RecordHeader = @ptrCast(@alignCast(&producer.octets[offset]));
        slot.* = header;
    }
};

pub const Record = struct { kind: u16, connection: u32, payload: []const u8 };

pub const Consumer = struct {
    positions: *Positions,
    octets: []align(alignment) const u8,

    pub fn init(positions: *Positions, octets: []align(alignment) const u8) Consumer {
        assert(std.math.isPowerOfTwo(octets.len) and octets.len <= capacity_max);
        return .{ .positions = positions, .octets = octets };
    }

    /// The oldest unread record, valid until `pop`.
    pub fn peek(consumer: *Consumer) ?Record {
        while (true) {
            const read = consumer.positions.read;
            if (read == @atomicLoad(u32, &consumer.positions.written, .acquire)) return null;
            const offset = read % consumer.octets.len;
            const header: *const RecordHeader = @ptrCast(@alignCast(&consumer.octets[offset]));
            if (header.kind == kind_skip) {
                consumer.advance(header.payload_size);
                continue;
            }
            const payload = consumer.octets[offset + @sizeOf(RecordHeader) ..];
            return .{
                .kind = header.kind,
                .connection = header.connection,
                .payload = payload[0..header.payload_size],
            };
        }
    }

    pub fn pop(consumer: *Consumer, record: Record) void {
        consumer.advance(record.payload.len);
    }

    fn advance(consumer: *Consumer, payload_size: usize) void {
        const position = consumer.positions.read +% @as(u32, @intCast(recordSize(payload_size)));
        @atomicStore(u32, &consumer.positions.read, position, .release);
    }
};

test "records of every size come out as they went in, over many turns and the positions' end" {
    const start = 0 -% @as(u32, 4096);
    var positions: Positions = .{ .written = start, .read = start };
    var memory: [256]u8 align(alignment) = undefined;
    var producer = Producer.init(&positions, &memory);
    var consumer = Consumer.init(&positions, &memory);
    var content: [100]u8 = undefined;
    for (&content, 0..) |*octet, index| octet.* = @intCast(index);

    var size: usize = 0;
    for (0..1000) |turn| {
        size = (size + 7) % content.len;
        const parts = [_][]const u8{ content[0 .. size / 2], content[size / 2 .. size] };
        try std.testing.expect(producer.push(3, @intCast(turn), &parts, 0));
        const record = consumer.peek().?;
        try std.testing.expectEqual(@as(u32, @intCast(turn)), record.connection);
        try std.testing.expectEqualSlices(u8, content[0..size], record.payload);
        consumer.pop(record);
        try std.testing.expect(consumer.peek() == null);
    }
}

test "a full ring refuses, headroom is kept, and nothing unread is overwritten" {
    var positions: Positions = .{};
    var memory: [128]u8 align(alignment) = undefined;
    var producer = Producer.init(&positions, &memory);
    var consumer = Consumer.init(&positions, &memory);
    try std.testing.expect(producer.push(1, 1, &.{"a" ** 48}, 0));
    try std.testing.expect(!producer.push(1, 2, &.{"b" ** 48}, 16));
    try std.testing.expect(producer.push(1, 2, &.{"b" ** 48}, 0));
    try std.testing.expect(!producer.push(1, 3, &.{}, 0));
    const first = consumer.peek().?;
    try std.testing.expectEqualStrings("a" ** 48, first.payload);
    consumer.pop(first);
    try std.testing.expect(producer.push(1, 3, &.{}, 0));
    consumer.pop(consumer.peek().?);
    try std.testing.expectEqual(@as(u32, 3), consumer.peek().?.connection);
}
