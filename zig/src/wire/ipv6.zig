//! IPv6 packets: RFC 8200.

const std = @import("std");
const Address = @import("address.zig").Address;

/// Offsets in octets from the start of the header (RFC 8200, 3).
pub const offset = struct {
    pub const version = 0;
    pub const payload_size = 4;
    pub const next_header = 6;
    pub const hop_limit = 7;
    pub const source = 8;
    pub const destination = 24;
};

/// In octets, without extension headers (RFC 8200, 3).
pub const header_size = 40;
/// In octets: what every link carries (RFC 8200, 5).
pub const packet_size_every_link = 1280;

/// The headers that may stand before the upper layer's and are not encrypted: RFC 8200, 4.1, and
/// IANA protocol numbers.
const extension = struct {
    const hop_by_hop = 0;
    const routing = 43;
    const fragment = 44;
    const authentication = 51;
    const destination_options = 60;
};

/// In octets: every extension header's first unit, and the whole of a fragment's.
const extension_size_min = 8;
/// Six is what a sender should use at most (RFC 8200, 4.1: each once, destination options twice); a
/// packet with more than this is not ours.
const extension_count_max = 8;

/// A packet in place: its header and its extension headers are known to lie within the octets, and
/// the octets end where the packet does.
pub const View = struct {
    octets: []const u8,
    /// IANA protocol number of the payload: what the last of the headers says comes next.
    protocol: u8,
    /// In octets: the size of the header and its extension headers.
    payload_offset: usize,
    /// Where the payload stands in the unfragmented packet's payload, in octets. Only a packet
    /// where this is zero starts with the header of `protocol`.
    fragment_offset: usize,

    pub const Error = error{ Truncated, Malformed };

    /// Cuts off what follows the packet (Ethernet's padding). A packet of which only the start is
    /// there is accepted as far as it goes, since ICMP quotes packets that way. Truncated: the
    /// octets end within the headers. Malformed: another version, a payload that ends within its
    /// extension headers (so do jumbograms, RFC 2675), too many of them, hop-by-hop options that do
    /// not come first (RFC 8200, 4.1), or an IPv4-mapped address, which no packet carries
    /// (RFC 6890, 2.2.3) and which above would pass for IPv4.
    pub fn init(octets: []const u8) Error!View {
        if (octets.len < header_size) return error.Truncated;
        if (octets[offset.version] >> 4 != 6) return error.Malformed;
        var view: View = .{
            .octets = octets,
            .protocol = octets[offset.next_header],
            .payload_offset = header_size,
            .fragment_offset = 0,
        };
        if (view.source().isIpv4() or view.destination().isIpv4()) return error.Malformed;
        view.octets = octets[0..@min(octets.len, view.totalSize())];
        for (0..extension_count_max + 1) |_| {
            if (!try view.stepOver()) return view;
        }
        return error.Malformed;
    }

    /// False when what comes next is no extension header.
    fn stepOver(view: *View) Error!bool {
        if (view.fragment_offset != 0) return false;
        const start = view.payload_offset;
        switch (view.protocol) {
            extension.hop_by_hop => if (start != header_size) return error.Malformed,
            extension.routing,
            extension.fragment,
            extension.authentication,
            extension.destination_options,
            => {},
            else => return false,
        }
        try view.reach(start + extension_size_min);
        const octets = view.octets[start..][0..extension_size_min];
        switch (view.protocol) {
            extension.fragment => {
                // The offset in units of eight octets stands above three other bits.
                view.fragment_offset = std.mem.readInt(u16, octets[2..4], .big) & ~@as(u16, 7);
                view.payload_offset += extension_size_min;
            },
            // In 32-bit words, two not counted (RFC 4302, 2.2).
            extension.authentication => view.payload_offset += (@as(usize, octets[1]) + 2) * 4,
            // In units of eight octets, the first not counted.
            else => view.payload_offset += (@as(usize, octets[1]) + 1) * 8,
        }
        try view.reach(view.payload_offset);
        view.protocol = octets[0];
        return true;
    }

    /// Fails unless the headers may end at `end`.
    fn reach(view: View, end: usize) Error!void {
        if (end > view.totalSize()) return error.Malformed;
        if (end > view.octets.len) return error.Truncated;
    }

    /// In octets, as the header states it, header included.
    pub fn totalSize(view: View) usize {
        const size = std.mem.readInt(u16, view.octets[offset.payload_size..][0..2], .big);
        return header_size + @as(usize, size);
    }

    pub fn isWhole(view: View) bool {
        return view.octets.len == view.totalSize();
    }

    pub fn hopLimit(view: View) u8 {
        return view.octets[offset.hop_limit];
    }

    pub fn source(view: View) Address {
        return .{ .octets = view.octets[offset.source..][0..16].* };
    }

    pub fn destination(view: View) Address {
        return .{ .octets = view.octets[offset.destination..][0..16].* };
    }

    pub fn payload(view: View) []const u8 {
        return view.octets[view.payload_offset..];
    }
};

/// A header without extension headers, as it is meant; neither address is IPv4.
pub const Header = struct {
    source: Address,
    destination: Address,
    /// IANA protocol number of the payload.
    next_header: u8,
    /// In octets.
    payload_size: u16,
    hop_limit: u8,

    pub fn parse(view: View) Header {
        return .{
            .source = view.source(),
            .destination = view.destination(),
            .next_header = view.protocol,
            .payload_size = @intCast(view.totalSize() - view.payload_offset),
            .hop_limit = view.hopLimit(),
        };
    }

    /// Writes `header_size` octets.
    pub fn emit(header: Header, buffer: []u8) void {
        std.debug.assert(buffer.len >= header_size);
        std.debug.assert(!header.source.isIpv4());
        std.debug.assert(!header.destination.isIpv4());
        const octets = buffer[0..header_size];
        // Traffic class and flow label: none.
        octets[offset.version..][0..4].* = .{ 6 << 4, 0, 0, 0 };
        std.mem.writeInt(u16, octets[offset.payload_size..][0..2], header.payload_size, .big);
        octets[offset.next_header] = header.next_header;
        octets[offset.hop_limit] = header.hop_limit;
        octets[offset.source..][0..16].* = header.source.octets;
        octets[offset.destination..][0..16].* = header.destination.octets;
    }
};

const test_source = [_]u8{ 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
const test_destination = [_]u8{ 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 };

const test_packet = [_]u8{
    0x60, 0x00, 0x00, 0x00, // version 6, no traffic class, no flow label
    0x00, 0x04, 0x06, 0x40, // 4 octets of payload, TCP, hop limit 64
} ++ test_source ++ test_destination ++ "abcd".*;

const test_header: Header = .{
    .source = .{ .octets = test_source },
    .destination = .{ .octets = test_destination },
    .next_header = 6,
    .payload_size = 4,
    .hop_limit = 64,
};

/// Every extension header that is stepped over, in the order of RFC 8200, 4.1.
const test_extended = [_]u8{
    0x6a, 0xbc, 0xde, 0xf0, // version 6, a traffic class and a flow label
    0x00, 0x43, 0x00, 0x40, // 67 octets, hop-by-hop options
} ++ test_source ++ test_destination ++ [_]u8{
    60, 0, 1, 4, 0, 0, 0, 0, // hop-by-hop: padding
    43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // destination options: padding
    44, 0, 59, 0, 0, 0, 0, 0, // routing, no segments left
    51, 0, 0x00, 0x01, 1, 2, 3, 4, // fragment: the first of several
    60, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9, 9, 9, // authentication
    6,   0,   1,   4, 0, 0, 0, 0, // destination options
    'a', 'b', 'c',
};

test "a packet parses without its padding and is emitted octet by octet" {
    const view: View = try .init(&(test_packet ++ @as([8]u8, @splat(0))));
    try std.testing.expectEqualDeep(test_header, Header.parse(view));
    try std.testing.expectEqualSlices(u8, "abcd", view.payload());
    try std.testing.expect(view.isWhole());
    try std.testing.expectEqual(@as(usize, 0), view.fragment_offset);

    var buffer: [header_size]u8 = @splat(0xee);
    test_header.emit(&buffer);
    try std.testing.expectEqualSlices(u8, test_packet[0..header_size], &buffer);
}

test "extension headers are stepped over" {
    const view: View = try .init(&test_extended);
    try std.testing.expectEqualSlices(u8, "abc", view.payload());
    try std.testing.expectEqual(@as(u8, 6), view.protocol);
    try std.testing.expect(view.isWhole());
    var expected = test_header;
    expected.payload_size = 3;
    try std.testing.expectEqualDeep(expected, Header.parse(view));
}

test "what comes after no known extension header is the payload" {
    // No next header, encapsulating security payload.
    for ([_]u8{ 59, 50 }) |next_header| {
        var octets = test_packet;
        octets[offset.next_header] = next_header;
        const view: View = try .init(&octets);
        try std.testing.expectEqual(next_header, view.protocol);
        try std.testing.expectEqualSlices(u8, "abcd", view.payload());
    }
}

test "a fragment says where it stands, and what it holds is no header" {
    const fragment = [_]u8{ 0, 0, 0x05, 0xa9, 1, 2, 3, 4 }; // 181 units, more fragments
    var octets = test_packet[0..header_size].* ++ fragment ++ "abcd".*;
    octets[offset.payload_size + 1] = fragment.len + 4;
    octets[offset.next_header] = extension.fragment;
    const view: View = try .init(&octets);
    try std.testing.expectEqual(@as(usize, 1448), view.fragment_offset);
    try std.testing.expectEqual(@as(u8, extension.hop_by_hop), view.protocol);
    try std.testing.expectEqualSlices(u8, "abcd", view.payload());
}

test "a packet of which only the start is there" {
    const view: View = try .init(test_packet[0..42]);
    try std.testing.expectEqualSlices(u8, "ab", view.payload());
    try std.testing.expect(!view.isWhole());
}

test "headers of which only the start is there are truncated" {
    for (0..header_size) |size| {
        try std.testing.expectError(error.Truncated, View.init(test_packet[0..size]));
    }
    const headers_size = test_extended.len - 3;
    for (0..headers_size) |size| {
        try std.testing.expectError(error.Truncated, View.init(test_extended[0..size]));
    }
    for (headers_size..test_extended.len) |size| _ = try View.init(test_extended[0..size]);
}

test "what cannot be a header is refused" {
    for (0..16) |version| {
        var octets = test_packet;
        octets[offset.version] = @intCast(version << 4);
        if (version == 6) continue;
        try std.testing.expectError(error.Malformed, View.init(&octets));
    }
    const mapped = Address.fromIpv4(.{ 192, 0, 2, 1 }).octets;
    for ([_]usize{ offset.source, offset.destination }) |place| {
        var octets = test_packet;
        octets[place..][0..16].* = mapped;
        try std.testing.expectError(error.Malformed, View.init(&octets));
    }
    // The payload ends within the extension headers, wherever that is.
    for (0..test_extended.len - 3 - header_size) |payload_size| {
        var octets = test_extended;
        octets[offset.payload_size + 1] = @intCast(payload_size);
        try std.testing.expectError(error.Malformed, View.init(&octets));
    }
    var late = test_extended;
    late[header_size] = extension.hop_by_hop;
    try std.testing.expectError(error.Malformed, View.init(&late));
}

test "so many extension headers, and no more" {
    const unit = [_]u8{ extension.destination_options, 0, 1, 4, 0, 0, 0, 0 };
    const last = [_]u8{ 6, 0, 1, 4, 0, 0, 0, 0 };
    var octets = test_packet[0..header_size].* ++ unit ** extension_count_max ++ last;
    octets[offset.next_header] = extension.destination_options;
    octets[offset.payload_size + 1] = octets.len - header_size;
    try std.testing.expectError(error.Malformed, View.init(&octets));
    octets[octets.len - unit.len - last.len ..][0..unit.len].* = last;
    const view: View = try .init(&octets);
    try std.testing.expectEqual(@as(u8, 6), view.protocol);
    try std.testing.expectEqualSlices(u8, &last, view.payload());
}

test "whatever one octet says, the payload lies within the packet" {
    for (0..test_extended.len) |index| {
        for (0..256) |value| {
            var octets = test_extended;
            octets[index] = @intCast(value);
            const view = View.init(&octets) catch continue;
            try std.testing.expect(view.payload_offset >= header_size);
            try std.testing.expect(view.payload_offset <= view.octets.len);
            try std.testing.expect(view.octets.len <= view.totalSize());
        }
    }
}
