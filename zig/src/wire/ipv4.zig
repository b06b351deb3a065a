//! IPv4 packets: RFC 791.

const std = @import("std");
const Address = @import("address.zig").Address;
const checksum_of = @import("checksum.zig").of;

/// Offsets in octets from the start of the header (RFC 791, 3.1).
pub const offset = struct {
    pub const version_and_header_size = 0;
    pub const total_size = 2;
    pub const identification = 4;
    /// Three flags, then the fragment's offset in units of eight octets.
    pub const fragment = 6;
    pub const time_to_live = 8;
    pub const protocol = 9;
    pub const checksum = 10;
    pub const source = 12;
    pub const destination = 16;
};

/// In octets, without options (RFC 791, 3.1).
pub const header_size_min = 20;

/// The flag "don't fragment" in the fragment field (RFC 791, 3.1).
const fragment_do_not = 0x4000;
/// The bits of the fragment field that hold the offset, in units of eight octets.
pub const fragment_offset_mask = 0x1fff;

/// A packet in place: its header is known to lie within the octets, and the octets end where the
/// packet does.
pub const View = struct {
    octets: []const u8,

    /// Cuts off what follows the packet (Ethernet's padding). A packet of which only the start is
    /// there is accepted as far as it goes, since ICMP quotes packets that way. Truncated: the
    /// header, by the size it states, is shorter than its fixed part or longer than the octets.
    /// Malformed: another version, or a total size that ends in the header.
    pub fn init(octets: []const u8) error{ Truncated, Malformed }!View {
        if (octets.len < header_size_min) return error.Truncated;
        if (octets[offset.version_and_header_size] >> 4 != 4) return error.Malformed;
        const whole: View = .{ .octets = octets };
        if (whole.headerSize() < header_size_min) return error.Truncated;
        if (whole.headerSize() > octets.len) return error.Truncated;
        if (whole.totalSize() < whole.headerSize()) return error.Malformed;
        return .{ .octets = octets[0..@min(octets.len, whole.totalSize())] };
    }

    /// In octets, options included.
    pub fn headerSize(view: View) usize {
        return @as(usize, view.octets[offset.version_and_header_size] & 0x0f) * 4;
    }

    /// In octets, as the header states it.
    pub fn totalSize(view: View) usize {
        return std.mem.readInt(u16, view.octets[offset.total_size..][0..2], .big);
    }

    pub fn isWhole(view: View) bool {
        return view.octets.len == view.totalSize();
    }

    pub fn identification(view: View) u16 {
        return std.mem.readInt(u16, view.octets[offset.identification..][0..2], .big);
    }

    /// Where the payload stands in the unfragmented packet's payload, in octets. Only a packet
    /// where this is zero starts with the header of the next protocol.
    pub fn fragmentOffset(view: View) usize {
        const field = std.mem.readInt(u16, view.octets[offset.fragment..][0..2], .big);
        return @as(usize, field & fragment_offset_mask) * 8;
    }

    pub fn timeToLive(view: View) u8 {
        return view.octets[offset.time_to_live];
    }

    pub fn protocol(view: View) u8 {
        return view.octets[offset.protocol];
    }

    pub fn source(view: View) Address {
        return .fromIpv4(view.octets[offset.source..][0..4].*);
    }

    pub fn destination(view: View) Address {
        return .fromIpv4(view.octets[offset.destination..][0..4].*);
    }

    pub fn checksumIsRight(view: View) bool {
        return checksum_of(view.octets[0..view.headerSize()]) == 0;
    }

    pub fn payload(view: View) []const u8 {
        return view.octets[view.headerSize()..];
    }
};

/// A header without options of an unfragmented packet, as it is meant; both addresses are IPv4.
pub const Header = struct {
    source: Address,
    destination: Address,
    protocol: u8,
    /// In octets.
    payload_size: u16,
    time_to_live: u8,
    identification: u16 = 0,

    pub fn parse(view: View) Header {
        return .{
            .source = view.source(),
            .destination = view.destination(),
            .protocol = view.protocol(),
            .payload_size = @intCast(view.totalSize() - view.headerSize()),
            .time_to_live = view.timeToLive(),
            .identification = view.identification(),
        };
    }

    /// Writes `header_size_min` octets, checksum included; the packet is not to be fragmented.
    pub fn emit(header: Header, buffer: []u8) void {
        std.debug.assert(buffer.len >= header_size_min);
        std.debug.assert(header.payload_size <= std.math.maxInt(u16) - header_size_min);
        std.debug.assert(header.source.isIpv4());
        std.debug.assert(header.destination.isIpv4());
        const octets = buffer[0..header_size_min];
        octets[offset.version_and_header_size] = 4 << 4 | header_size_min / 4;
        octets[1] = 0; // Differentiated services and congestion notification: none.
        const total_size = header_size_min + header.payload_size;
        std.mem.writeInt(u16, octets[offset.total_size..][0..2], total_size, .big);
        std.mem.writeInt(u16, octets[offset.identification..][0..2], header.identification, .big);
        std.mem.writeInt(u16, octets[offset.fragment..][0..2], fragment_do_not, .big);
        octets[offset.time_to_live] = header.time_to_live;
        octets[offset.protocol] = header.protocol;
        std.mem.writeInt(u16, octets[offset.checksum..][0..2], 0, .big);
        octets[offset.source..][0..4].* = header.source.ipv4();
        octets[offset.destination..][0..4].* = header.destination.ipv4();
        std.mem.writeInt(u16, octets[offset.checksum..][0..2], checksum_of(octets), .big);
    }
};

const test_packet = [_]u8{
    0x45, 0x00, 0x00, 0x18, // version 4, five words, 24 octets
    0x12, 0x34, 0x40, 0x00, // identification, don't fragment
    0x40, 0x06, 0x3c, 0x70, // time to live 64, TCP, checksum
    192, 0, 2, 1, // source
    198, 51,  100, 7, // destination
    'a', 'b', 'c', 'd',
};

const test_header: Header = .{
    .source = .fromIpv4(.{ 192, 0, 2, 1 }),
    .destination = .fromIpv4(.{ 198, 51, 100, 7 }),
    .protocol = 6,
    .payload_size = 4,
    .time_to_live = 64,
    .identification = 0x1234,
};

test "a packet parses without its padding and is emitted octet by octet" {
    const view: View = try .init(&(test_packet ++ @as([22]u8, @splat(0))));
    try std.testing.expectEqualDeep(test_header, Header.parse(view));
    try std.testing.expectEqualSlices(u8, "abcd", view.payload());
    try std.testing.expect(view.isWhole());
    try std.testing.expect(view.checksumIsRight());
    try std.testing.expectEqual(@as(usize, 0), view.fragmentOffset());

    var buffer: [header_size_min]u8 = undefined;
    test_header.emit(&buffer);
    try std.testing.expectEqualSlices(u8, test_packet[0..header_size_min], &buffer);
}

test "options are stepped over" {
    const octets = [_]u8{
        0x46, 0x00, 0x00, 0x19, 0, 0, 0, 0, 0x40, 0x06, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7,
        0x01, 0x01, 0x01, 0x00, // a word of options
        'x',
    };
    const view: View = try .init(&octets);
    try std.testing.expectEqualSlices(u8, "x", view.payload());
    try std.testing.expectError(error.Truncated, View.init(octets[0..23]));
}

test "a fragment says where it stands" {
    var octets = test_packet;
    octets[offset.fragment..][0..2].* = .{ 0x20, 0x03 }; // more fragments, three units
    const view: View = try .init(&octets);
    try std.testing.expectEqual(@as(usize, 24), view.fragmentOffset());
}

test "a packet of which only the start is there" {
    const view: View = try .init(test_packet[0..22]);
    try std.testing.expectEqualSlices(u8, "ab", view.payload());
    try std.testing.expect(!view.isWhole());
}

test "what cannot be a header is refused" {
    for (0..header_size_min) |size| {
        try std.testing.expectError(error.Truncated, View.init(test_packet[0..size]));
    }
    var octets = test_packet;
    octets[0] = 0x65;
    try std.testing.expectError(error.Malformed, View.init(&octets));
    octets[0] = 0x44;
    try std.testing.expectError(error.Truncated, View.init(&octets));
    octets[0] = 0x45;
    octets[offset.total_size..][0..2].* = .{ 0, 19 };
    try std.testing.expectError(error.Malformed, View.init(&octets));
}
