//! Ethernet II frames (IEEE 802.3, 3.2) with any VLAN tags (IEEE 802.1Q, 9.3) in front of the type.

const std = @import("std");

/// An address of this layer, in the order of transmission.
pub const HardwareAddress = [6]u8;

pub const broadcast: HardwareAddress = @splat(0xff);

/// What a frame carries (IANA IEEE 802 numbers).
pub const EtherType = enum(u16) {
    ipv4 = 0x0800,
    arp = 0x0806,
    ipv6 = 0x86dd,
    _,
};

/// Offsets in octets from the start of the frame.
pub const offset = struct {
    pub const destination = 0;
    pub const source = 6;
    pub const ether_type = 12;
};

/// In octets, without tags and without the frame check sequence.
pub const header_size = 14;
/// In octets: tag protocol identifier and control information (IEEE 802.1Q, 9.3).
pub const tag_size = 4;
/// The tag protocol identifiers: 802.1Q and 802.1ad (service tag).
pub const tag_protocols = [_]u16{ 0x8100, 0x88a8 };
/// Two tags are the most that 802.1ad stacks; a frame with more is not ours.
pub const tag_count_max = 2;
/// In octets, without the frame check sequence: the shortest frame (IEEE 802.3, 4A.4.2).
pub const frame_size_min = 60;
/// In octets: what a frame takes of the link beside its own octets: preamble and start delimiter 8,
/// frame check sequence 4, gap 12 (IEEE 802.3, 3.1.1 and 4A.4.2).
pub const overhead_size = 8 + 4 + 12;

/// The octets of link time a frame of `frame_size` octets (without frame check sequence) takes.
pub fn linkSize(frame_size: u32) u32 {
    return @max(frame_size, frame_size_min) + overhead_size;
}

/// A frame in place: its header and tags are known to lie within the octets.
pub const View = struct {
    octets: []const u8,
    /// Where the payload starts, in octets.
    payload_offset: usize,

    /// Truncated: the frame ends within its header or its tags.
    pub fn init(octets: []const u8) error{Truncated}!View {
        var view: View = .{ .octets = octets, .payload_offset = header_size };
        if (octets.len < header_size) return error.Truncated;
        for (0..tag_count_max) |_| {
            const found = @intFromEnum(view.etherType());
            if (std.mem.findScalar(u16, &tag_protocols, found) == null) break;
            view.payload_offset += tag_size;
            if (octets.len < view.payload_offset) return error.Truncated;
        }
        return view;
    }

    pub fn destination(view: View) HardwareAddress {
        return view.octets[offset.destination..][0..6].*;
    }

    pub fn source(view: View) HardwareAddress {
        return view.octets[offset.source..][0..6].*;
    }

    /// The type behind the tags.
    pub fn etherType(view: View) EtherType {
        const octets = view.octets[view.payload_offset - 2 ..];
        return @enumFromInt(std.mem.readInt(u16, octets[0..2], .big));
    }

    /// What follows the header and the tags; short frames end in padding.
    pub fn payload(view: View) []const u8 {
        return view.octets[view.payload_offset..];
    }
};

/// The VLAN identifier of a frame's outermost tag (IEEE 802.1Q, 9.6); 0 when it has none.
pub fn vlanOf(frame: []const u8) u12 {
    if (frame.len < header_size + tag_size) return 0;
    const found = std.mem.readInt(u16, frame[offset.ether_type..][0..2], .big);
    if (std.mem.findScalar(u16, &tag_protocols, found) == null) return 0;
    // Priority and drop eligibility stand above the identifier.
    return @truncate(std.mem.readInt(u16, frame[header_size..][0..2], .big));
}

/// A header as it is meant, without its tags.
pub const Header = struct {
    destination: HardwareAddress,
    source: HardwareAddress,
    type: EtherType,

    pub fn parse(view: View) Header {
        return .{
            .destination = view.destination(),
            .source = view.source(),
            .type = view.etherType(),
        };
    }

    /// Writes `header_size` octets.
    pub fn emit(header: Header, buffer: []u8) void {
        std.debug.assert(buffer.len >= header_size);
        buffer[offset.destination..][0..6].* = header.destination;
        buffer[offset.source..][0..6].* = header.source;
        std.mem.writeInt(u16, buffer[offset.ether_type..][0..2], @intFromEnum(header.type), .big);
    }

    /// Writes `header_size + tag_size` octets, with an 802.1Q tag of the lowest priority.
    pub fn emitTagged(header: Header, vlan: u12, buffer: []u8) void {
        std.debug.assert(buffer.len >= header_size + tag_size);
        const tagged: Header = .{
            .destination = header.destination,
            .source = header.source,
            .type = @enumFromInt(tag_protocols[0]),
        };
        tagged.emit(buffer);
        std.mem.writeInt(u16, buffer[header_size..][0..2], vlan, .big);
        std.mem.writeInt(u16, buffer[header_size + 2 ..][0..2], @intFromEnum(header.type), .big);
    }
};

const test_addresses = [_]u8{ 0x02, 0, 0, 0, 0, 0x01, 0x02, 0, 0, 0, 0, 0x02 };

test "an untagged frame" {
    const octets = test_addresses ++ [_]u8{ 0x08, 0x00, 0x45 };
    const view: View = try .init(&octets);
    try std.testing.expectEqual(HardwareAddress{ 2, 0, 0, 0, 0, 1 }, view.destination());
    try std.testing.expectEqual(HardwareAddress{ 2, 0, 0, 0, 0, 2 }, view.source());
    try std.testing.expectEqual(EtherType.ipv4, view.etherType());
    try std.testing.expectEqualSlices(u8, &.{0x45}, view.payload());
    try std.testing.expectEqual(0, vlanOf(&octets));

    var buffer: [header_size]u8 = undefined;
    Header.parse(view).emit(&buffer);
    try std.testing.expectEqualSlices(u8, octets[0..header_size], &buffer);
}

test "tags are skipped: one, two, and no more" {
    const tag = [_]u8{ 0x81, 0x00, 0x00, 0x64 };
    const service_tag = [_]u8{ 0x88, 0xa8, 0x00, 0x64 };
    const end = [_]u8{ 0x08, 0x06, 0x99 };
    const one: View = try .init(&(test_addresses ++ tag ++ end));
    try std.testing.expectEqual(EtherType.arp, one.etherType());
    try std.testing.expectEqualSlices(u8, &.{0x99}, one.payload());
    const two: View = try .init(&(test_addresses ++ service_tag ++ tag ++ end));
    try std.testing.expectEqual(EtherType.arp, two.etherType());
    try std.testing.expectEqualSlices(u8, &.{0x99}, two.payload());
    const three: View = try .init(&(test_addresses ++ tag ++ tag ++ tag ++ end));
    try std.testing.expectEqual(@as(EtherType, @enumFromInt(0x8100)), three.etherType());
}

test "a tagged header is emitted octet by octet" {
    const header: Header = .{
        .destination = .{ 2, 0, 0, 0, 0, 1 },
        .source = .{ 2, 0, 0, 0, 0, 2 },
        .type = .ipv6,
    };
    var buffer: [header_size + tag_size + 1]u8 = @splat(0xee);
    header.emitTagged(0xabc, &buffer);
    try std.testing.expectEqual(0xabc, vlanOf(&buffer));
    const expected = test_addresses ++ [_]u8{ 0x81, 0x00, 0x0a, 0xbc, 0x86, 0xdd, 0xee };
    try std.testing.expectEqualSlices(u8, &expected, &buffer);
}

test "a frame that ends in its header is truncated" {
    const octets = test_addresses ++ [_]u8{ 0x81, 0x00, 0x00, 0x64, 0x08, 0x00 };
    for (0..octets.len) |size| {
        try std.testing.expectError(error.Truncated, View.init(octets[0..size]));
    }
    const view: View = try .init(&octets);
    try std.testing.expectEqual(@as(usize, 0), view.payload().len);
}

test "short frames take the link as long as the shortest one" {
    try std.testing.expectEqual(@as(u32, 84), linkSize(54));
    try std.testing.expectEqual(@as(u32, 1538), linkSize(1514));
}
