//! Reads big-endian numbers and length-prefixed vectors (RFC 8446, 3) out of foreign octets. What
//! is not there is null; nothing is read beyond the end.

const std = @import("std");

pub const Reader = struct {
    rest: []const u8,

    pub fn take(reader: *Reader, size: usize) ?[]const u8 {
        if (reader.rest.len < size) return null;
        defer reader.rest = reader.rest[size..];
        return reader.rest[0..size];
    }

    pub fn int(reader: *Reader, comptime Int: type) ?Int {
        const size = @divExact(@bitSizeOf(Int), 8);
        const octets = reader.take(size) orelse return null;
        return std.mem.readInt(Int, octets[0..size], .big);
    }

    /// What a length of type `Length`, in octets, stands before.
    pub fn vector(reader: *Reader, comptime Length: type) ?[]const u8 {
        const size = reader.int(Length) orelse return null;
        return reader.take(size);
    }

    pub fn isAtEnd(reader: *const Reader) bool {
        return reader.rest.len == 0;
    }
};

/// Whether a list of big-endian 16-bit numbers has `wanted`.
pub fn contains(list: []const u8, wanted: u16) bool {
    var reader: Reader = .{ .rest = list };
    while (reader.int(u16)) |value| if (value == wanted) return true;
    return false;
}

test "numbers and vectors are read in order, and nothing beyond the end" {
    var reader: Reader = .{ .rest = &.{ 1, 0, 2, 0xaa, 0xbb, 0, 0, 1, 0xcc, 0, 2, 0xdd } };
    try std.testing.expectEqual(1, reader.int(u8));
    try std.testing.expectEqualStrings("\xaa\xbb", reader.vector(u16).?);
    try std.testing.expectEqualStrings("\xcc", reader.vector(u24).?);
    try std.testing.expectEqual(null, reader.vector(u16));
    try std.testing.expectEqualStrings("\xdd", reader.take(1).?);
    try std.testing.expect(reader.isAtEnd());
    try std.testing.expectEqual(null, reader.int(u8));
}

test "a list has what stands at its places only" {
    try std.testing.expect(contains(&.{ 0x13, 0x01, 0x13, 0x02 }, 0x1302));
    try std.testing.expect(!contains(&.{ 0x13, 0x01, 0x13, 0x02 }, 0x0113));
    try std.testing.expect(!contains(&.{0x13}, 0x13));
}
