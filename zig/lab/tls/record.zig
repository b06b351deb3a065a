//! The record layer in clear (RFC 5246, 6.2.1; RFC 8446, 5.1): records read from a client's
//! stream, and messages cut into records.

const std = @import("std");
const Builder = @import("builder.zig").Builder;
const ContentType = @import("code_points.zig").ContentType;
const Version = @import("code_points.zig").Version;

/// Content type, version and length, in octets.
pub const header_size = 5;
/// Of one record, in octets.
pub const fragment_size_max = 1 << 14;

/// What keeps the middleboxes of TLS 1.2 quiet (RFC 8446, D.4).
pub const change_cipher_spec = [_]u8{ 20, 3, 3, 0, 1, 1 };

pub const Record = struct {
    content_type: ContentType,
    fragment: []const u8,
};

/// The records that stand at the beginning of a stream.
pub const RecordReader = struct {
    stream: []const u8,
    /// Of what comes next.
    offset: usize = 0,

    pub const Reading = union(enum) {
        /// The octets so far can be a record's beginning.
        incomplete,
        record: Record,
        /// This is no TLS.
        foreign,
        /// The record claims more than a record may have.
        overflow,
    };

    pub fn next(reader: *RecordReader) Reading {
        const rest = reader.stream[reader.offset..];
        if (rest.len < 1) return .incomplete;
        const content_type = std.enums.fromInt(ContentType, rest[0]) orelse return .foreign;
        // The minor version says nothing: clients write what old servers like (RFC 5246, E.1).
        if (rest.len >= 2 and rest[1] != 3) return .foreign;
        if (rest.len < header_size) return .incomplete;
        const size = std.mem.readInt(u16, rest[3..5], .big);
        // What is encrypted is a little longer (RFC 8446, 5.2).
        const expansion: usize = if (content_type == .application_data) 256 else 0;
        if (size > fragment_size_max + expansion) return .overflow;
        if (rest.len < header_size + size) return .incomplete;
        reader.offset += header_size + size;
        return .{ .record = .{
            .content_type = content_type,
            .fragment = rest[header_size..][0..size],
        } };
    }
};

pub fn header(content_type: ContentType, fragment_size: u16) [header_size]u8 {
    var octets: [header_size]u8 = undefined;
    octets[0] = @intFromEnum(content_type);
    std.mem.writeInt(u16, octets[1..3], Version.tls12, .big);
    std.mem.writeInt(u16, octets[3..5], fragment_size, .big);
    return octets;
}

/// Of a message with its records' headers, in octets.
pub fn sizeInRecords(message_size: usize) usize {
    std.debug.assert(message_size > 0);
    const count = std.math.divCeil(usize, message_size, fragment_size_max) catch unreachable;
    return message_size + count * header_size;
}

/// Writes a handshake message as records of its own.
pub fn appendMessage(builder: *Builder, message: []const u8) void {
    std.debug.assert(message.len > 0);
    var rest = message;
    while (rest.len > 0) {
        const size: u16 = @intCast(@min(rest.len, fragment_size_max));
        builder.append(&header(.handshake, size));
        builder.append(rest[0..size]);
        rest = rest[size..];
    }
}

test "records are read one after another, and no more than is there" {
    const stream = "\x16\x03\x01\x00\x02ab" ++ change_cipher_spec ++ "\x15\x03\x03\x00\x02\x01";
    var reader: RecordReader = .{ .stream = stream };
    const first = reader.next().record;
    try std.testing.expectEqual(.handshake, first.content_type);
    try std.testing.expectEqualStrings("ab", first.fragment);
    try std.testing.expectEqualStrings("\x01", reader.next().record.fragment);
    const offset = reader.offset;
    try std.testing.expectEqual(.incomplete, reader.next());
    try std.testing.expectEqual(offset, reader.offset);
}

test "what is no record, or too long for one, is told from the first octet that shows it" {
    for ([_]struct { []const u8, std.meta.Tag(RecordReader.Reading) }{
        .{ "", .incomplete },
        .{ "G", .foreign },
        .{ "\x16", .incomplete },
        .{ "\x16\x02", .foreign },
        .{ "\x16\x03\x01\x40\x00", .incomplete },
        .{ "\x16\x03\x01\x40\x01", .overflow },
        .{ "\x17\x03\x03\x41\x00", .incomplete },
        .{ "\x17\x03\x03\x41\x01", .overflow },
    }) |case| {
        const stream, const expected = case;
        var reader: RecordReader = .{ .stream = stream };
        try std.testing.expectEqual(expected, std.meta.activeTag(reader.next()));
    }
}

test "a long message is cut into full records and what remains" {
    const message: [2 * fragment_size_max + 1]u8 = @splat('m');
    var buffer: [sizeInRecords(message.len)]u8 = undefined;
    var builder: Builder = .{ .buffer = &buffer };
    appendMessage(&builder, &message);
    try std.testing.expectEqual(buffer.len, builder.size);
    var reader: RecordReader = .{ .stream = &buffer };
    for ([_]usize{ fragment_size_max, fragment_size_max, 1 }) |size| {
        try std.testing.expectEqual(size, reader.next().record.fragment.len);
    }
    try std.testing.expectEqual(buffer.len, reader.offset);
}
