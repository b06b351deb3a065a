//! ICMP for IPv6: RFC 4443. Errors, which quote the packet that they are about, and echoes.

const std = @import("std");
const Address = @import("address.zig").Address;
const Sum = @import("checksum.zig").Sum;
const ip = @import("ip.zig");
const ipv6 = @import("ipv6.zig");

/// The IP protocol number of ICMPv6 (IANA protocol numbers).
pub const protocol = 58;

/// Offsets in octets from the start of the message (RFC 4443, 2.1, 3 and 4).
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

/// In octets: the most that an error quotes, since it must fit into every link (RFC 4443, 2.4).
pub const quote_size_max = ipv6.packet_size_every_link - ipv6.header_size - header_size;

/// IANA ICMPv6 type numbers.
pub const MessageType = enum(u8) {
    unreachable_destination = 1,
    packet_too_big = 2,
    time_exceeded = 3,
    parameter_problem = 4,
    echo_request = 128,
    echo_reply = 129,
    neighbor_solicitation = 135,
    neighbor_advertisement = 136,
    _,
};

/// Codes of `unreachable_destination` (RFC 4443, 3.1).
pub const unreachable_code = struct {
    pub const address = 3;
    pub const port = 4;
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

    /// Only a whole message can be right. Both addresses are IPv6.
    pub fn checksumIsRight(view: View, source: Address, destination: Address) bool {
        return checksumOf(view.octets, source, destination) == 0;
    }

    /// Of an error: the MTU, in octets, of the hop that a packet too big is about, and the pointer
    /// of a parameter problem (RFC 4443, 3.2 and 3.4).
    pub fn parameter(view: View) u32 {
        return std.mem.readInt(u32, view.octets[offset.parameter..][0..4], .big);
    }

    /// The quoted packet of an error; null for other messages, and when less is quoted than tells
    /// whose it was.
    pub fn quote(view: View) ?ip.Quote {
        switch (view.messageType()) {
            .unreachable_destination, .packet_too_big, .time_exceeded, .parameter_problem => {},
            else => return null,
        }
        const quoted = ip.Quote.parse(view.octets[offset.quote..]) orelse return null;
        return if (quoted.source.isIpv4()) null else quoted;
    }
};

/// An error as it is meant (the simulated network sends them).
pub const Message = struct {
    message_type: MessageType,
    code: u8,
    /// See `View.parameter`.
    parameter: u32 = 0,
    /// As much of the packet it is about as there is, up to `quote_size_max`.
    quote: []const u8,

    /// In octets, header included.
    pub fn size(message: Message) usize {
        return header_size + message.quote.len;
    }

    /// Writes `size` octets, checksum included. The quote must not overlap the buffer.
    pub fn emit(message: Message, buffer: []u8, source: Address, destination: Address) void {
        std.debug.assert(buffer.len >= message.size());
        std.debug.assert(message.quote.len <= quote_size_max);
        const octets = buffer[0..message.size()];
        octets[offset.message_type] = @intFromEnum(message.message_type);
        octets[offset.code] = message.code;
        std.mem.writeInt(u32, octets[offset.parameter..][0..4], message.parameter, .big);
        @memcpy(octets[offset.quote..], message.quote);
        writeChecksum(octets, source, destination);
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
    pub fn emit(echo: Echo, buffer: []u8, source: Address, destination: Address) void {
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
        writeChecksum(octets, source, destination);
    }
};

/// Completes a message whose other octets are written.
pub fn writeChecksum(octets: []u8, source: Address, destination: Address) void {
    std.mem.writeInt(u16, octets[offset.checksum..][0..2], 0, .big);
    const checksum = checksumOf(octets, source, destination);
    std.mem.writeInt(u16, octets[offset.checksum..][0..2], checksum, .big);
}

/// With the pseudo header, which ICMP for IPv4 does not sum (RFC 4443, 2.3).
fn checksumOf(octets: []const u8, source: Address, destination: Address) u16 {
    std.debug.assert(!source.isIpv4());
    std.debug.assert(!destination.isIpv4());
    var sum: Sum = .{};
    sum.addPseudoHeader(source, destination, protocol, @intCast(octets.len));
    sum.addOctets(octets);
    return sum.finish();
}

const test_client: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001);
const test_host: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0002);
const test_router: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_00ff);

const test_quote = [_]u8{
    0x60, 0x00, 0x00, 0x00, 0x00, 0x14, 0x06, 0x40, // header of a segment
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, //
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, //
    0xc0, 0x00, 0x01, 0xbb, 0x12, 0x34, 0x56, 0x78, // ports, sequence
};

const test_too_big = [_]u8{ 0x02, 0x00, 0xaf, 0x71, 0, 0, 0x05, 0x78 } ++ test_quote;
const test_unreachable = [_]u8{ 0x01, 0x04, 0xb5, 0xe5, 0, 0, 0, 0 } ++ test_quote;

test "an unreachable and a packet too big quote what was sent" {
    const messages = [_]Message{
        .{
            .message_type = .unreachable_destination,
            .code = unreachable_code.port,
            .quote = &test_quote,
        },
        .{ .message_type = .packet_too_big, .code = 0, .parameter = 1400, .quote = &test_quote },
    };
    for ([_][]const u8{ &test_unreachable, &test_too_big }, messages) |octets, message| {
        const view: View = try .init(octets);
        try std.testing.expectEqual(message.message_type, view.messageType());
        try std.testing.expectEqual(message.code, view.code());
        try std.testing.expectEqual(message.parameter, view.parameter());
        try std.testing.expect(view.checksumIsRight(test_router, test_client));
        const quote = view.quote().?;
        try std.testing.expect(quote.source.eql(test_client));
        try std.testing.expect(quote.destination.eql(test_host));
        try std.testing.expectEqual(@as(u8, 6), quote.protocol);
        try std.testing.expectEqual(@as(u16, 49152), quote.sourcePort());
        try std.testing.expectEqual(@as(u16, 443), quote.destinationPort());
        try std.testing.expectEqual(@as(u32, 0x12345678), quote.sequence().toInt());

        var buffer: [test_too_big.len + 1]u8 = @splat(0xee);
        message.emit(&buffer, test_router, test_client);
        try std.testing.expectEqualSlices(u8, octets, buffer[0..message.size()]);
        try std.testing.expectEqual(@as(u8, 0xee), buffer[test_too_big.len]);
    }
}

test "the checksum covers every octet and both addresses" {
    for (0..test_too_big.len) |index| {
        var octets = test_too_big;
        octets[index] ^= 0x10;
        const view: View = try .init(&octets);
        try std.testing.expect(!view.checksumIsRight(test_router, test_client));
    }
    const view: View = try .init(&test_too_big);
    try std.testing.expect(!view.checksumIsRight(test_host, test_client));
    try std.testing.expect(!view.checksumIsRight(test_router, test_host));
    const cut: View = try .init(test_too_big[0 .. test_too_big.len - 1]);
    try std.testing.expect(!cut.checksumIsRight(test_router, test_client));
}

test "echoes parse and are emitted octet by octet" {
    const request = [_]u8{ 0x80, 0x00, 0x4d, 0xad, 0x12, 0x34, 0x00, 0x01, 'a', 'b', 'c' };
    const reply = [_]u8{ 0x81, 0x00, 0x4c, 0xad, 0x12, 0x34, 0x00, 0x01, 'a', 'b', 'c' };
    for ([_][]const u8{ &request, &reply }, [_]Echo.Kind{ .request, .reply }) |octets, kind| {
        const view: View = try .init(octets);
        // The sum is the same in both directions.
        try std.testing.expect(view.checksumIsRight(test_client, test_host));
        const expected: Echo = .{
            .kind = kind,
            .identifier = 0x1234,
            .sequence = 1,
            .data = "abc",
        };
        const echo = Echo.parse(view).?;
        try std.testing.expectEqualDeep(expected, echo);

        var buffer: [request.len + 1]u8 = @splat(0xee);
        echo.emit(&buffer, test_client, test_host);
        try std.testing.expectEqualSlices(u8, octets, buffer[0..echo.size()]);
        try std.testing.expectEqual(@as(u8, 0xee), buffer[request.len]);
    }
    const view: View = try .init(request[0..header_size]);
    try std.testing.expectEqual(@as(usize, 0), Echo.parse(view).?.data.len);
    try std.testing.expect(!view.checksumIsRight(test_client, test_host));

    try std.testing.expectEqual(null, Echo.parse(try .init(&test_too_big)));
    var other_code = request;
    other_code[offset.code] = 1;
    try std.testing.expectEqual(null, Echo.parse(try .init(&other_code)));
}

test "only errors quote, and only packets of version 6 whose start is there" {
    for (0..256) |message_type| {
        var octets = test_too_big;
        octets[offset.message_type] = @intCast(message_type);
        const view: View = try .init(&octets);
        const is_error = message_type >= 1 and message_type <= 4;
        try std.testing.expectEqual(is_error, view.quote() != null);
    }
    for (header_size..test_too_big.len) |size| {
        try std.testing.expectEqual(null, (try View.init(test_too_big[0..size])).quote());
    }
    for (0..header_size) |size| {
        try std.testing.expectError(error.Truncated, View.init(test_too_big[0..size]));
    }
    const header_ipv4 = [_]u8{
        0x45, 0x00, 0x00, 0x3c, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7,
    };
    const octets = test_too_big[0..header_size].* ++ header_ipv4 ++ test_quote[40..].*;
    try std.testing.expect(ip.Quote.parse(octets[offset.quote..]) != null);
    try std.testing.expectEqual(null, (try View.init(&octets)).quote());
}
