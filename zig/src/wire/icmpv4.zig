//! ICMP for IPv4: RFC 792; what may stand in its errors, RFC 1122, 3.2.2. Errors, which quote the
//! packet that they are about, and echoes.

const std = @import("std");
const checksum_of = @import("checksum.zig").of;
const ip = @import("ip.zig");
const ipv4 = @import("ipv4.zig");

/// The IP protocol number of ICMP (IANA protocol numbers).
pub const protocol = 1;

/// Offsets in octets from the start of the message (RFC 792).
pub const offset = struct {
    pub const message_type = 0;
    pub const code = 1;
    pub const checksum = 2;
    /// Of an error; where it says nothing there, it is zero.
    pub const parameter = 4;
    /// Of an echo.
    pub const identifier = 4;
    pub const sequence = 6;
    pub const quote = 8;
    pub const data = 8;
};

/// In octets, of an error before its quote, and of an echo before its data.
pub const header_size = 8;

/// In octets: the most that an error quotes, so that it fits into 576 octets (RFC 1812, 4.3.2.3).
pub const quote_size_max = 576 - ipv4.header_size_min - header_size;

pub const MessageType = enum(u8) {
    echo_reply = 0,
    unreachable_destination = 3,
    echo_request = 8,
    time_exceeded = 11,
    parameter_problem = 12,
    _,
};

/// Codes of `unreachable_destination` (RFC 792).
pub const unreachable_code = struct {
    pub const host = 1;
    pub const protocol = 2;
    pub const port = 3;
    pub const fragmentation_needed = 4;
};

/// A message in place: its header is known to lie within the octets.
pub const View = struct {
    octets: []const u8,

    pub fn init(octets: []const u8) error{Truncated}!View {
        if (octets.len < header_size) return error.Truncated;
        return .{ .octets = octets };
    }

    pub fn messageType(view: View) MessageType {
        return @enumFromInt(view.octets[offset.message_type]);
    }

    pub fn code(view: View) u8 {
        return view.octets[offset.code];
    }

    pub fn checksumIsRight(view: View) bool {
        return checksum_of(view.octets) == 0;
    }

    /// Of an error: the pointer of a parameter problem in the upper eight bits (RFC 792); in the
    /// lower sixteen the MTU, in octets, of the hop that a fragmentation needed is about, zero from
    /// a router that does not tell (RFC 1191, 4).
    pub fn parameter(view: View) u32 {
        return std.mem.readInt(u32, view.octets[offset.parameter..][0..4], .big);
    }

    /// The quoted packet of an error; null for other messages, and when less is quoted than RFC 792
    /// demands.
    pub fn quote(view: View) ?ip.Quote {
        switch (view.messageType()) {
            .unreachable_destination, .time_exceeded, .parameter_problem => {},
            else => return null,
        }
        const quoted = ip.Quote.parse(view.octets[offset.quote..]) orelse return null;
        return if (quoted.source.isIpv4()) quoted else null;
    }
};

/// An error as it is meant (the simulated network sends them).
pub const Message = struct {
    message_type: MessageType,
    code: u8,
    /// See `View.parameter`.
    parameter: u32 = 0,
    /// The IP header of the packet it is about, and at least eight octets of its payload.
    quote: []const u8,

    /// In octets, header included.
    pub fn size(message: Message) usize {
        return header_size + message.quote.len;
    }

    /// Writes `size` octets, checksum included. The quote must not overlap the buffer.
    pub fn emit(message: Message, buffer: []u8) void {
        std.debug.assert(buffer.len >= message.size());
        const octets = buffer[0..message.size()];
        octets[offset.message_type] = @intFromEnum(message.message_type);
        octets[offset.code] = message.code;
        std.mem.writeInt(u32, octets[offset.parameter..][0..4], message.parameter, .big);
        @memcpy(octets[offset.quote..], message.quote);
        writeChecksum(octets);
    }
};

/// An echo request or reply as it is meant.
pub const Echo = struct {
    kind: Kind,
    identifier: u16,
    sequence: u16,
    data: []const u8,

    pub const Kind = enum { request, reply };

    /// Null for other messages.
    pub fn parse(view: View) ?Echo {
        const kind: Kind = switch (view.messageType()) {
            .echo_request => .request,
            .echo_reply => .reply,
            else => return null,
        };
        if (view.code() != 0) return null;
        return .{
            .kind = kind,
            .identifier = std.mem.readInt(u16, view.octets[offset.identifier..][0..2], .big),
            .sequence = std.mem.readInt(u16, view.octets[offset.sequence..][0..2], .big),
            .data = view.octets[offset.data..],
        };
    }

    /// In octets, header included.
    pub fn size(echo: Echo) usize {
        return header_size + echo.data.len;
    }

    /// Writes `size` octets, checksum included. The data must not overlap the buffer.
    pub fn emit(echo: Echo, buffer: []u8) void {
        std.debug.assert(buffer.len >= echo.size());
        const octets = buffer[0..echo.size()];
        const message_type: MessageType = switch (echo.kind) {
            .request => .echo_request,
            .reply => .echo_reply,
        };
        octets[offset.message_type] = @intFromEnum(message_type);
        octets[offset.code] = 0;
        std.mem.writeInt(u16, octets[offset.identifier..][0..2], echo.identifier, .big);
        std.mem.writeInt(u16, octets[offset.sequence..][0..2], echo.sequence, .big);
        @memcpy(octets[offset.data..], echo.data);
        writeChecksum(octets);
    }
};

fn writeChecksum(octets: []u8) void {
    std.mem.writeInt(u16, octets[offset.checksum..][0..2], 0, .big);
    std.mem.writeInt(u16, octets[offset.checksum..][0..2], checksum_of(octets), .big);
}

const test_quote = [_]u8{
    0x45, 0x00, 0x00, 0x3c, 0x12, 0x34, 0x40, 0x00, 0x01, 0x06, 0x00, 0x00, // header of a SYN
    192,  0,    2,    1,    198,  51,   100,  7,
    0xc0, 0x00, 0x01, 0xbb, 0x12, 0x34, 0x56, 0x78, // ports, sequence
};

const test_message = [_]u8{ 0x03, 0x01, 0x4d, 0xe3, 0, 0, 0, 0 } ++ test_quote;

test "an unreachable quotes the probe" {
    const view: View = try .init(&test_message);
    try std.testing.expectEqual(MessageType.unreachable_destination, view.messageType());
    try std.testing.expectEqual(@as(u8, 1), view.code());
    try std.testing.expect(view.checksumIsRight());
    const quote = view.quote().?;
    try std.testing.expect(quote.source.eql(.fromIpv4(.{ 192, 0, 2, 1 })));
    try std.testing.expect(quote.destination.eql(.fromIpv4(.{ 198, 51, 100, 7 })));
    try std.testing.expectEqual(@as(u8, 6), quote.protocol);
    try std.testing.expectEqual(@as(u16, 49152), quote.sourcePort());
    try std.testing.expectEqual(@as(u16, 443), quote.destinationPort());
    try std.testing.expectEqual(@as(u32, 0x12345678), quote.sequence().toInt());

    var buffer: [test_message.len]u8 = undefined;
    const message: Message = .{
        .message_type = .unreachable_destination,
        .code = 1,
        .quote = &test_quote,
    };
    message.emit(&buffer);
    try std.testing.expectEqualSlices(u8, &test_message, &buffer);
}

test "fragmentation needed says what the next hop takes" {
    const expected = [_]u8{ 0x03, 0x04, 0x48, 0x68, 0, 0, 0x05, 0x78 } ++ test_quote;
    const view: View = try .init(&expected);
    try std.testing.expectEqual(@as(u32, 1400), view.parameter());
    try std.testing.expect(view.checksumIsRight());
    try std.testing.expect(view.quote() != null);

    var buffer: [expected.len + 1]u8 = @splat(0xee);
    const message: Message = .{
        .message_type = .unreachable_destination,
        .code = unreachable_code.fragmentation_needed,
        .parameter = 1400,
        .quote = &test_quote,
    };
    message.emit(&buffer);
    try std.testing.expectEqualSlices(u8, &(expected ++ .{0xee}), &buffer);
}

test "echoes parse and are emitted octet by octet" {
    const request = [_]u8{ 0x08, 0x00, 0x21, 0x68, 0x12, 0x34, 0x00, 0x01, 'a', 'b', 'c' };
    const reply = [_]u8{ 0x00, 0x00, 0x29, 0x68, 0x12, 0x34, 0x00, 0x01, 'a', 'b', 'c' };
    for ([_][]const u8{ &request, &reply }, [_]Echo.Kind{ .request, .reply }) |octets, kind| {
        const view: View = try .init(octets);
        try std.testing.expect(view.checksumIsRight());
        const expected: Echo = .{
            .kind = kind,
            .identifier = 0x1234,
            .sequence = 1,
            .data = "abc",
        };
        const echo = Echo.parse(view).?;
        try std.testing.expectEqualDeep(expected, echo);

        var buffer: [request.len + 1]u8 = @splat(0xee);
        echo.emit(&buffer);
        try std.testing.expectEqualSlices(u8, octets, buffer[0..echo.size()]);
        try std.testing.expectEqual(@as(u8, 0xee), buffer[request.len]);
    }
    const view: View = try .init(request[0..header_size]);
    try std.testing.expectEqual(@as(usize, 0), Echo.parse(view).?.data.len);
    try std.testing.expect(!view.checksumIsRight());

    try std.testing.expectEqual(null, Echo.parse(try .init(&test_message)));
    var other_code = request;
    other_code[offset.code] = 1;
    try std.testing.expectEqual(null, Echo.parse(try .init(&other_code)));
}

test "a quoted packet of version 6 is no quote" {
    const header = [_]u8{ 0x60, 0, 0, 0, 0, 20, 6, 64 } ++ [_]u8{0x20} ** 32;
    const octets = test_message[0..header_size].* ++ header ++ test_quote[20..].*;
    try std.testing.expect(ip.Quote.parse(octets[offset.quote..]) != null);
    try std.testing.expectEqual(null, (try View.init(&octets)).quote());
}

test "an echo, a short quote and a quoted later fragment are no quotes" {
    var octets = test_message;
    octets[offset.message_type] = 8;
    try std.testing.expectEqual(null, (try View.init(&octets)).quote());
    octets[offset.message_type] = 11;
    try std.testing.expect((try View.init(&octets)).quote() != null);
    for (header_size..octets.len) |size| {
        try std.testing.expectEqual(null, (try View.init(octets[0..size])).quote());
    }
    for (0..header_size) |size| {
        try std.testing.expectError(error.Truncated, View.init(octets[0..size]));
    }
    octets[offset.quote + 7] = 1;
    try std.testing.expectEqual(null, (try View.init(&octets)).quote());
}
