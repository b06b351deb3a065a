//! Writes big-endian numbers and length-prefixed vectors (RFC 8446, 3) into a buffer that must be
//! large enough.

const std = @import("std");

pub const Builder = struct {
    buffer: []u8,
    size: usize = 0,

    pub fn built(builder: *const Builder) []u8 {
        return builder.buffer[0..builder.size];
    }

    pub fn append(builder: *Builder, octets: []const u8) void {
        @memcpy(builder.reserve(octets.len), octets);
    }

    /// The next octets, for the caller to fill.
    pub fn reserve(builder: *Builder, size: usize) []u8 {
        defer builder.size += size;
        return builder.buffer[builder.size..][0..size];
    }

    /// A number, or an enumeration's.
    pub fn int(builder: *Builder, comptime Int: type, value: anytype) void {
        const number: Int = switch (@typeInfo(@TypeOf(value))) {
            .@"enum" => @intFromEnum(value),
            else => @intCast(value),
        };
        const size = @divExact(@bitSizeOf(Int), 8);
        std.mem.writeInt(Int, builder.reserve(size)[0..size], number, .big);
    }

    /// Leaves room for a length, in octets, of all that comes until `close`.
    pub fn open(builder: *Builder, comptime Length: type) Vector(Length) {
        _ = builder.reserve(@divExact(@bitSizeOf(Length), 8));
        return .{ .start = builder.size };
    }

    pub fn close(builder: *Builder, vector: anytype) void {
        const Length = @TypeOf(vector).Length;
        const size = @divExact(@bitSizeOf(Length), 8);
        const length: Length = @intCast(builder.size - vector.start);
        std.mem.writeInt(Length, builder.buffer[vector.start - size ..][0..size], length, .big);
    }

    fn Vector(comptime LengthType: type) type {
        return struct {
            /// Of what follows the length.
            start: usize,

            const Length = LengthType;
        };
    }
};

test "vectors nest, and their lengths are filled in" {
    var buffer: [16]u8 = undefined;
    var builder: Builder = .{ .buffer = &buffer };
    const outer = builder.open(u24);
    builder.int(u16, enum(u16) { value = 0x1234 }.value);
    const inner = builder.open(u8);
    builder.append("ab");
    builder.close(inner);
    builder.close(outer);
    builder.int(u8, 9);
    try std.testing.expectEqualStrings("\x00\x00\x05\x12\x34\x02ab\x09", builder.built());
}
