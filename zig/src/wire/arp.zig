//! ARP for IPv4 over Ethernet: RFC 826.

const std = @import("std");
const Address = @import("address.zig").Address;
const HardwareAddress = @import("ethernet.zig").HardwareAddress;

/// Offsets in octets (RFC 826, packet format).
pub const offset = struct {
    pub const hardware_type = 0;
    pub const protocol_type = 2;
    pub const hardware_size = 4;
    pub const protocol_size = 5;
    pub const operation = 6;
    pub const sender_hardware = 8;
    pub const sender = 14;
    pub const target_hardware = 18;
    pub const target = 24;
};

/// In octets, for these two address types.
pub const packet_size = 28;

/// Ethernet (IANA ARP hardware types), IPv4 (its EtherType), and their address sizes in octets.
const prologue = [_]u8{ 0x00, 0x01, 0x08, 0x00, 6, 4 };

pub const Operation = enum(u16) { request = 1, reply = 2, _ };

/// A packet in place, known to be whole and to be about IPv4 over Ethernet.
pub const View = struct {
    octets: []const u8,

    /// Unsupported: another hardware or protocol than IPv4 over Ethernet.
    pub fn init(octets: []const u8) error{ Truncated, Unsupported }!View {
        if (octets.len < packet_size) return error.Truncated;
        if (!std.mem.startsWith(u8, octets, &prologue)) return error.Unsupported;
        return .{ .octets = octets };
    }

    pub fn operation(view: View) Operation {
        return @enumFromInt(std.mem.readInt(u16, view.octets[offset.operation..][0..2], .big));
    }

    pub fn senderHardware(view: View) HardwareAddress {
        return view.octets[offset.sender_hardware..][0..6].*;
    }

    pub fn sender(view: View) Address {
        return .fromIpv4(view.octets[offset.sender..][0..4].*);
    }

    pub fn targetHardware(view: View) HardwareAddress {
        return view.octets[offset.target_hardware..][0..6].*;
    }

    pub fn target(view: View) Address {
        return .fromIpv4(view.octets[offset.target..][0..4].*);
    }
};

/// A packet as it is meant; both protocol addresses are IPv4.
pub const Packet = struct {
    operation: Operation,
    sender_hardware: HardwareAddress,
    sender: Address,
    /// Zero in a request: it is what is asked for.
    target_hardware: HardwareAddress = @splat(0),
    target: Address,

    pub fn parse(view: View) Packet {
        return .{
            .operation = view.operation(),
            .sender_hardware = view.senderHardware(),
            .sender = view.sender(),
            .target_hardware = view.targetHardware(),
            .target = view.target(),
        };
    }

    /// Writes `packet_size` octets.
    pub fn emit(packet: Packet, buffer: []u8) void {
        std.debug.assert(buffer.len >= packet_size);
        std.debug.assert(packet.sender.isIpv4());
        std.debug.assert(packet.target.isIpv4());
        buffer[0..prologue.len].* = prologue;
        const operation = @intFromEnum(packet.operation);
        std.mem.writeInt(u16, buffer[offset.operation..][0..2], operation, .big);
        buffer[offset.sender_hardware..][0..6].* = packet.sender_hardware;
        buffer[offset.sender..][0..4].* = packet.sender.ipv4();
        buffer[offset.target_hardware..][0..6].* = packet.target_hardware;
        buffer[offset.target..][0..4].* = packet.target.ipv4();
    }
};

const test_request = [_]u8{
    0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, // Ethernet, IPv4, request
    0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 192, 0, 2, 1, // sender
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 192, 0, 2, 254, // target
};

test "a request parses and is emitted octet by octet" {
    const expected: Packet = .{
        .operation = .request,
        .sender_hardware = .{ 2, 0, 0, 0, 0, 1 },
        .sender = .fromIpv4(.{ 192, 0, 2, 1 }),
        .target = .fromIpv4(.{ 192, 0, 2, 254 }),
    };
    // As received: padded to the shortest Ethernet frame.
    const view: View = try .init(&(test_request ++ @as([18]u8, @splat(0))));
    try std.testing.expectEqualDeep(expected, Packet.parse(view));

    var buffer: [packet_size]u8 = undefined;
    expected.emit(&buffer);
    try std.testing.expectEqualSlices(u8, &test_request, &buffer);
}

test "what is not IPv4 over Ethernet is refused" {
    for (0..packet_size) |size| {
        try std.testing.expectError(error.Truncated, View.init(test_request[0..size]));
    }
    for (0..prologue.len) |index| {
        var octets = test_request;
        octets[index] ^= 0x10;
        try std.testing.expectError(error.Unsupported, View.init(&octets));
    }
}
