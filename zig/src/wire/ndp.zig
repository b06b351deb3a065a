//! Neighbor Discovery for IPv6 over Ethernet, as far as it does what ARP does: solicitations and
//! advertisements of neighbors, RFC 4861; the option's size on Ethernet, RFC 2464, 6.

const std = @import("std");
const Address = @import("address.zig").Address;
const HardwareAddress = @import("ethernet.zig").HardwareAddress;
const icmpv6 = @import("icmpv6.zig");
const ip = @import("ip.zig");

/// Offsets in octets from the start of the ICMPv6 message (RFC 4861, 4.3 and 4.4).
pub const offset = struct {
    /// Of an advertisement.
    pub const flags = 4;
    pub const target = 8;
    pub const options = 24;
};

/// In octets, without options.
pub const message_size_min = 24;
/// In octets: with the link-layer address.
pub const message_size_max = message_size_min + option_unit;

/// What every message is sent with: one that crossed a router has less (RFC 4861, 7.1).
pub const hop_limit = 255;

/// In octets: what the size of an option counts in, and the whole of a link-layer address's
/// (RFC 4861, 4.6; RFC 2464, 6).
const option_unit = 8;

/// Option types (RFC 4861, 4.6).
const option_type = struct {
    const source_hardware = 1;
    const target_hardware = 2;
};

pub const Kind = enum {
    solicitation,
    advertisement,

    fn messageType(kind: Kind) icmpv6.MessageType {
        return switch (kind) {
            .solicitation => .neighbor_solicitation,
            .advertisement => .neighbor_advertisement,
        };
    }

    /// The type of the option that says where the sender is.
    fn hardwareOption(kind: Kind) u8 {
        return switch (kind) {
            .solicitation => option_type.source_hardware,
            .advertisement => option_type.target_hardware,
        };
    }
};

/// Of an advertisement, from the lowest bit (RFC 4861, 4.4).
pub const Flags = packed struct(u8) {
    reserved: u5 = 0,
    override: bool = false,
    solicited: bool = false,
    router: bool = false,
};

/// A message in place, known to be whole, right and valid.
pub const View = struct {
    octets: []const u8,
    kind: Kind,

    /// Truncated: the capture cut it. Unsupported: no IPv6, or another message. Malformed: RFC
    /// 4861, 7.1.1 and 7.1.2 have it discarded.
    pub const Error = error{ Truncated, Unsupported, Malformed };

    pub fn init(packet: ip.View) Error!View {
        if (packet.protocol != icmpv6.protocol or packet.source.isIpv4()) return error.Unsupported;
        const message: icmpv6.View = try .init(packet.payload);
        const view: View = .{
            .octets = packet.payload,
            .kind = switch (message.messageType()) {
                .neighbor_solicitation => .solicitation,
                .neighbor_advertisement => .advertisement,
                else => return error.Unsupported,
            },
        };
        if (packet.payload.len < packet.payload_size) return error.Truncated;
        if (packet.time_to_live != hop_limit) return error.Malformed;
        if (!message.checksumIsRight(packet.source, packet.destination)) return error.Malformed;
        if (message.code() != 0) return error.Malformed;
        if (view.octets.len < message_size_min) return error.Malformed;
        if (isMulticast(view.target())) return error.Malformed;
        if (!view.optionsAreWhole()) return error.Malformed;
        switch (view.kind) {
            .solicitation => if (isUnspecified(packet.source)) {
                // Someone asks whether the address is free (RFC 4862, 5.4.2).
                const group = solicitedNode(view.target());
                if (!packet.destination.eql(group)) return error.Malformed;
                if (view.findOption(option_type.source_hardware) != null) return error.Malformed;
            },
            .advertisement => if (isMulticast(packet.destination)) {
                if (view.flags().solicited) return error.Malformed;
            },
        }
        return view;
    }

    /// Of an advertisement; a solicitation has none.
    pub fn flags(view: View) Flags {
        return switch (view.kind) {
            .solicitation => .{},
            .advertisement => @bitCast(view.octets[offset.flags]),
        };
    }

    /// Whose link-layer address is asked for or told.
    pub fn target(view: View) Address {
        return .{ .octets = view.octets[offset.target..][0..16].* };
    }

    /// The sender's own in a solicitation, the target's in an advertisement; null when it does not
    /// say, or in another size than Ethernet's.
    pub fn hardware(view: View) ?HardwareAddress {
        const option = view.findOption(view.kind.hardwareOption()) orelse return null;
        if (option.len != option_unit) return null;
        return option[2..option_unit].*;
    }

    /// Whether every option has a size, and ends before the message does.
    fn optionsAreWhole(view: View) bool {
        var rest = view.octets[offset.options..];
        while (rest.len > 0) {
            if (rest.len < option_unit) return false;
            const size = @as(usize, rest[1]) * option_unit;
            if (size == 0 or size > rest.len) return false;
            rest = rest[size..];
        }
        return true;
    }

    /// The first option of a type, its type and size included; the options must be whole.
    fn findOption(view: View, wanted: u8) ?[]const u8 {
        var rest = view.octets[offset.options..];
        while (rest.len > 0) {
            const size = @as(usize, rest[1]) * option_unit;
            if (rest[0] == wanted) return rest[0..size];
            rest = rest[size..];
        }
        return null;
    }
};

/// A message as it is meant. Its packet has the hop limit `hop_limit`.
pub const Message = struct {
    kind: Kind,
    /// None in a solicitation.
    flags: Flags = .{},
    target: Address,
    /// See `View.hardware`.
    hardware: ?HardwareAddress,

    pub fn parse(view: View) Message {
        return .{
            .kind = view.kind,
            .flags = view.flags(),
            .target = view.target(),
            .hardware = view.hardware(),
        };
    }

    /// In octets.
    pub fn size(message: Message) usize {
        return if (message.hardware == null) message_size_min else message_size_max;
    }

    /// Writes `size` octets, checksum included.
    pub fn emit(message: Message, buffer: []u8, source: Address, destination: Address) void {
        std.debug.assert(buffer.len >= message.size());
        std.debug.assert(!isMulticast(message.target));
        std.debug.assert(message.kind == .advertisement or message.flags == Flags{});
        const octets = buffer[0..message.size()];
        @memset(octets[0..offset.target], 0);
        octets[icmpv6.offset.message_type] = @intFromEnum(message.kind.messageType());
        octets[offset.flags] = @bitCast(message.flags);
        octets[offset.target..][0..16].* = message.target.octets;
        if (message.hardware) |hardware| {
            const option = octets[offset.options..][0..option_unit];
            option[0] = message.kind.hardwareOption();
            option[1] = 1;
            option[2..].* = hardware;
        }
        icmpv6.writeChecksum(octets, source, destination);
    }
};

/// The group that every holder of the address listens to: RFC 4291, 2.7.1.
pub fn solicitedNode(address: Address) Address {
    const prefix = [_]u8{ 0xff, 0x02 } ++ [_]u8{0} ** 9 ++ [_]u8{ 0x01, 0xff };
    return .{ .octets = prefix ++ address.octets[13..16].* };
}

/// RFC 4291, 2.7.
fn isMulticast(address: Address) bool {
    return address.octets[0] == 0xff;
}

/// RFC 4291, 2.5.2.
fn isUnspecified(address: Address) bool {
    return address.toInt() == 0;
}

const test_asker: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001);
const test_target: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0002);
const test_group: Address = .fromInt(0xff02_0000_0000_0000_0000_0001_ff00_0002);
const test_unspecified: Address = .fromInt(0);

const test_solicitation = [_]u8{
    0x87, 0x00, 0x1c, 0x27, 0, 0, 0, 0, //
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, // target
    0x01, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, // source link-layer address
};

/// Duplicate address detection: from the unspecified address, without an option.
const test_detection = [_]u8{ 0x87, 0x00, 0x4c, 0xeb } ++ test_solicitation[4..24].*;

const test_advertisement = [_]u8{
    0x88, 0x00, 0x8a, 0x71, 0x60, 0, 0, 0, // solicited, override
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, // target
    0x02, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, // target link-layer address
};

fn testPacket(source: Address, destination: Address, payload: []const u8) ip.View {
    return .{
        .source = source,
        .destination = destination,
        .protocol = icmpv6.protocol,
        .time_to_live = 255,
        .payload_size = payload.len,
        .payload = payload,
    };
}

/// Refused with a right checksum, so for another reason.
fn expectMalformed(source: Address, destination: Address, octets: []const u8) !void {
    var buffer: [64]u8 = undefined;
    const payload = buffer[0..octets.len];
    @memcpy(payload, octets);
    icmpv6.writeChecksum(payload, source, destination);
    const packet = testPacket(source, destination, payload);
    try std.testing.expectError(error.Malformed, View.init(packet));
}

test "solicitations and advertisements parse and are emitted octet by octet" {
    const cases = [_]struct { packet: ip.View, message: Message }{
        .{ .packet = testPacket(test_asker, test_group, &test_solicitation), .message = .{
            .kind = .solicitation,
            .target = test_target,
            .hardware = .{ 2, 0, 0, 0, 0, 1 },
        } },
        .{ .packet = testPacket(test_unspecified, test_group, &test_detection), .message = .{
            .kind = .solicitation,
            .target = test_target,
            .hardware = null,
        } },
        .{ .packet = testPacket(test_target, test_asker, &test_advertisement), .message = .{
            .kind = .advertisement,
            .flags = .{ .solicited = true, .override = true },
            .target = test_target,
            .hardware = .{ 2, 0, 0, 0, 0, 2 },
        } },
    };
    for (cases) |case| {
        const packet = case.packet;
        try std.testing.expectEqualDeep(case.message, Message.parse(try .init(packet)));

        var buffer: [message_size_max + 1]u8 = @splat(0xee);
        try std.testing.expectEqual(packet.payload.len, case.message.size());
        case.message.emit(&buffer, packet.source, packet.destination);
        try std.testing.expectEqualSlices(u8, packet.payload, buffer[0..packet.payload.len]);
        try std.testing.expectEqual(@as(u8, 0xee), buffer[packet.payload.len]);
    }
}

test "the group of a target" {
    try std.testing.expectEqual(test_group, solicitedNode(test_target));
    const address: Address = .fromInt(0x4037_0000_0000_0000_0001_0800_200e_8c6c);
    const group: Address = .fromInt(0xff02_0000_0000_0000_0000_0001_ff0e_8c6c);
    try std.testing.expectEqual(group, solicitedNode(address)); // The example of RFC 4291, 2.7.1.
}

test "what is not sent by a neighbor as the RFC says is refused" {
    const right = testPacket(test_asker, test_group, &test_solicitation);
    var packet = right;
    packet.time_to_live = 254;
    try std.testing.expectError(error.Malformed, View.init(packet));
    for (0..test_solicitation.len) |index| {
        var octets = test_solicitation;
        octets[index] ^= 0x10;
        packet = testPacket(test_asker, test_group, &octets);
        const expected: View.Error = if (index == 0) error.Unsupported else error.Malformed;
        try std.testing.expectError(expected, View.init(packet));
    }
    var other_code = test_solicitation;
    other_code[icmpv6.offset.code] = 1;
    try expectMalformed(test_asker, test_group, &other_code);
    for ([_][]const u8{ &test_solicitation, &test_advertisement }) |octets| {
        var to_group = octets[0..32].*;
        to_group[offset.target] = 0xff;
        try expectMalformed(test_asker, test_asker, &to_group);
        for (8..message_size_max) |size| {
            if (size == message_size_min) continue;
            try expectMalformed(test_asker, test_asker, octets[0..size]);
        }
    }
    // Duplicate address detection goes to the group, and has no address to tell.
    try expectMalformed(test_unspecified, test_target, &test_detection);
    try expectMalformed(test_unspecified, test_group, &test_solicitation);
    // Nobody has asked for what is told to everybody.
    try expectMalformed(test_target, test_group, &test_advertisement);
}

test "other packets, and messages that were cut" {
    const right = testPacket(test_asker, test_group, &test_solicitation);
    var packet = right;
    packet.protocol = 1;
    try std.testing.expectError(error.Unsupported, View.init(packet));
    packet = right;
    packet.source = .fromIpv4(.{ 192, 0, 2, 1 });
    packet.destination = .fromIpv4(.{ 192, 0, 2, 2 });
    try std.testing.expectError(error.Unsupported, View.init(packet));
    for (0..test_solicitation.len) |size| {
        packet = right;
        packet.payload = test_solicitation[0..size];
        try std.testing.expectError(error.Truncated, View.init(packet));
    }
}

test "options: unknown ones are stepped over, those without a size or an end are refused" {
    const unknown = [_]u8{ 14, 1, 1, 2, 3, 4, 5, 6 };
    const long = [_]u8{ 1, 2 } ++ [_]u8{9} ** 14;
    const head = test_solicitation[0..24].*;
    const known = test_solicitation[24..32].*;
    const cases = [_]struct { octets: []const u8, hardware: ?HardwareAddress }{
        .{ .octets = &(head ++ unknown ++ known), .hardware = .{ 2, 0, 0, 0, 0, 1 } },
        .{ .octets = &(head ++ known ++ unknown), .hardware = .{ 2, 0, 0, 0, 0, 1 } },
        .{ .octets = &(head ++ unknown), .hardware = null },
        .{ .octets = &(head ++ long), .hardware = null },
        .{ .octets = &(head ++ test_advertisement[24..32].*), .hardware = null },
    };
    for (cases) |case| {
        var buffer: [64]u8 = undefined;
        const payload = buffer[0..case.octets.len];
        @memcpy(payload, case.octets);
        icmpv6.writeChecksum(payload, test_asker, test_group);
        const view: View = try .init(testPacket(test_asker, test_group, payload));
        try std.testing.expectEqual(case.hardware, view.hardware());
    }
    var octets = head ++ known ++ unknown;
    for ([_]u8{ 0, 2, 255 }) |size| {
        octets[33] = size;
        try expectMalformed(test_asker, test_group, &octets);
    }
}
