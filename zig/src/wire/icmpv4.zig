//! ICMP for IPv4: RFC 792; what may stand in its errors, RFC 1122, 3.2.2. Errors only: they quote
//! the packet that they are about.

const std = @import("std");
const Address = @import("address.zig").Address;
const checksum_of = @import("checksum.zig").of;
const ip = @import("ip.zig");
const SequenceNumber = @import("tcp.zig").SequenceNumber;

/// The IP protocol number of ICMP (IANA protocol numbers).
pub const protocol = 1;

/// Offsets in octets from the start of the message (RFC 792).
pub const offset = struct {
    pub const message_type = 0;
    pub const code = 1;
    pub const checksum = 2;
    pub const quote = 8;
};

/// In octets, of an error message before its quote.
pub const header_size = 8;

/// In octets: what an error quotes at least behind the quoted IP header (RFC 792), which is up to
/// and with the sequence number of a TCP segment.
pub const quoted_payload_size_min = 8;

pub const MessageType = enum(u8) {
    unreachable_destination = 3,
    time_exceeded = 11,
    parameter_problem = 12,
    _,
};

/// The start of a packet that an error quotes. A stranger wrote it: it is our packet only if what
/// it repeats of it is right, the cookie included.
pub const Quote = struct {
    source: Address,
    destination: Address,
    protocol: u8,
    /// The first eight octets behind the quoted IP header.
    payload: *const [quoted_payload_size_min]u8,

    /// The first two fields of TCP and UDP.
    pub fn sourcePort(quote: Quote) u16 {
        return std.mem.readInt(u16, quote.payload[0..2], .big);
    }

    pub fn destinationPort(quote: Quote) u16 {
        return std.mem.readInt(u16, quote.payload[2..4], .big);
    }

    /// The sequence number if `protocol` is TCP.
    pub fn sequence(quote: Quote) SequenceNumber {
        return @enumFromInt(std.mem.readInt(u32, quote.payload[4..8], .big));
    }
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

    /// The quoted packet of an error; null for other messages, and when less is quoted than RFC 792
    /// demands.
    pub fn quote(view: View) ?Quote {
        switch (view.messageType()) {
            .unreachable_destination, .time_exceeded, .parameter_problem => {},
            _ => return null,
        }
        const quoted = ip.View.parse(view.octets[offset.quote..]) catch return null;
        if (quoted.payload.len < quoted_payload_size_min) return null;
        return .{
            .source = quoted.source,
            .destination = quoted.destination,
            .protocol = quoted.protocol,
            .payload = quoted.payload[0..quoted_payload_size_min],
        };
    }
};

/// An error as it is meant (the simulated network sends them).
pub const Message = struct {
    message_type: MessageType,
    code: u8,
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
        @memset(octets[0..header_size], 0);
        octets[offset.message_type] = @intFromEnum(message.message_type);
        octets[offset.code] = message.code;
        @memcpy(octets[offset.quote..], message.quote);
        std.mem.writeInt(u16, octets[offset.checksum..][0..2], checksum_of(octets), .big);
    }
};

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
