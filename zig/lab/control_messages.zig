//! What hosts and routers say by ICMP: RFC 792 and RFC 4443, one as the other.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const icmpv4 = @import("../src/wire/icmpv4.zig");
const icmpv6 = @import("../src/wire/icmpv6.zig");
const ip = @import("../src/wire/ip.zig");
const ipv6 = @import("../src/wire/ipv6.zig");

/// IANA protocol number.
const udp_protocol = 17;

/// In octets, of a quote: more than any scanner's probe, and it fits into every MTU.
const quote_size_max = 512;
/// In octets, of an echo's data: what fits into a frame of the usual MTU, whichever IP.
const echo_data_size_max = 1500 - ipv6.header_size - icmpv6.header_size;

/// The quotes start with the IP header of the packet that the error is about.
pub const Message = union(enum) {
    port_unreachable: []const u8,
    protocol_unreachable: []const u8,
    host_unreachable: []const u8,
    packet_too_big: struct { quote: []const u8, mtu: u16 },
    echo_reply: struct { identifier: u16, sequence: u16, data: []const u8 },

    /// Whether the host itself says it, or a router before it.
    pub fn isFromHost(message: Message) bool {
        return switch (message) {
            .port_unreachable, .protocol_unreachable, .echo_reply => true,
            .host_unreachable, .packet_too_big => false,
        };
    }

    pub fn isError(message: Message) bool {
        return message != .echo_reply;
    }

    /// In octets, header included; the same in both versions.
    pub fn size(message: Message) usize {
        return icmpv4.header_size + switch (message) {
            .port_unreachable, .protocol_unreachable, .host_unreachable => |quoted| cut(quoted).len,
            .packet_too_big => |too_big| cut(too_big.quote).len,
            .echo_reply => |echo| echo.data.len,
        };
    }

    /// Writes `size` octets, in the version of the addresses.
    pub fn emit(message: Message, buffer: []u8, source: Address, destination: Address) void {
        if (source.isIpv4()) {
            message.emitVersion4(buffer);
        } else {
            message.emitVersion6(buffer, source, destination);
        }
    }

    fn emitVersion4(message: Message, buffer: []u8) void {
        const code = icmpv4.unreachable_code;
        const unreachable_destination: icmpv4.Message = switch (message) {
            .echo_reply => |echo| {
                const reply: icmpv4.Echo = .{
                    .kind = .reply,
                    .identifier = echo.identifier,
                    .sequence = echo.sequence,
                    .data = echo.data,
                };
                return reply.emit(buffer);
            },
            .port_unreachable => |quoted| .{
                .message_type = .unreachable_destination,
                .code = code.port,
                .quote = cut(quoted),
            },
            .protocol_unreachable => |quoted| .{
                .message_type = .unreachable_destination,
                .code = code.protocol,
                .quote = cut(quoted),
            },
            .host_unreachable => |quoted| .{
                .message_type = .unreachable_destination,
                .code = code.host,
                .quote = cut(quoted),
            },
            .packet_too_big => |too_big| .{
                .message_type = .unreachable_destination,
                .code = code.fragmentation_needed,
                .parameter = too_big.mtu,
                .quote = cut(too_big.quote),
            },
        };
        unreachable_destination.emit(buffer);
    }

    fn emitVersion6(message: Message, buffer: []u8, source: Address, destination: Address) void {
        const code = icmpv6.unreachable_code;
        const failure: icmpv6.Message = switch (message) {
            .echo_reply => |echo| {
                const reply: icmpv6.Echo = .{
                    .kind = .reply,
                    .identifier = echo.identifier,
                    .sequence = echo.sequence,
                    .data = echo.data,
                };
                return reply.emit(buffer, source, destination);
            },
            .port_unreachable => |quoted| .{
                .message_type = .unreachable_destination,
                .code = code.port,
                .quote = cut(quoted),
            },
            // "Unrecognized next header", pointing at the one of a packet without extensions.
            .protocol_unreachable => |quoted| .{
                .message_type = .parameter_problem,
                .code = 1,
                .parameter = ipv6.offset.next_header,
                .quote = cut(quoted),
            },
            .host_unreachable => |quoted| .{
                .message_type = .unreachable_destination,
                .code = code.address,
                .quote = cut(quoted),
            },
            .packet_too_big => |too_big| .{
                .message_type = .packet_too_big,
                .code = 0,
                .parameter = too_big.mtu,
                .quote = cut(too_big.quote),
            },
        };
        failure.emit(buffer, source, destination);
    }
};

pub fn protocolFor(address: Address) u8 {
    return if (address.isIpv4()) icmpv4.protocol else icmpv6.protocol;
}

/// What a host says to a packet that is not TCP: an echo comes back, another ICMP message needs no
/// answer, no port of UDP is open, and other protocols there are none (RFC 1122, 3.2.2.1). `octets`
/// start with the IP header of `packet`.
pub fn replyTo(packet: ip.View, octets: []const u8) ?Message {
    switch (packet.protocol) {
        icmpv4.protocol => {
            const message = icmpv4.View.init(packet.payload) catch return null;
            return replyToEcho(icmpv4.Echo.parse(message) orelse return null);
        },
        icmpv6.protocol => {
            const message = icmpv6.View.init(packet.payload) catch return null;
            return replyToEcho(icmpv6.Echo.parse(message) orelse return null);
        },
        udp_protocol => return .{ .port_unreachable = octets },
        else => return .{ .protocol_unreachable = octets },
    }
}

/// `echo` is of either version.
fn replyToEcho(echo: anytype) ?Message {
    if (echo.kind != .request or echo.data.len > echo_data_size_max) return null;
    return .{ .echo_reply = .{
        .identifier = echo.identifier,
        .sequence = echo.sequence,
        .data = echo.data,
    } };
}

fn cut(quoted: []const u8) []const u8 {
    return quoted[0..@min(quoted.len, quote_size_max)];
}

test "an echo comes back in either version, a reply does not" {
    const data: [3]u8 = .{ 1, 2, 3 };
    const request: icmpv4.Echo = .{
        .kind = .request,
        .identifier = 7,
        .sequence = 9,
        .data = &data,
    };
    var payload: [11]u8 = undefined;
    request.emit(&payload);
    const packet: ip.View = .{
        .source = .fromIpv4(.{ 192, 0, 2, 1 }),
        .destination = .fromIpv4(.{ 192, 0, 2, 2 }),
        .protocol = icmpv4.protocol,
        .time_to_live = 64,
        .payload_size = payload.len,
        .payload = &payload,
    };
    const reply = replyTo(packet, &.{}).?;
    var emitted: [11]u8 = undefined;
    try std.testing.expectEqual(emitted.len, reply.size());
    reply.emit(&emitted, packet.destination, packet.source);
    const parsed = icmpv4.Echo.parse(try .init(&emitted)).?;
    try std.testing.expectEqual(.reply, parsed.kind);
    try std.testing.expectEqual(7, parsed.identifier);
    try std.testing.expectEqualSlices(u8, &data, parsed.data);
    var answered = packet;
    answered.payload = &emitted;
    try std.testing.expectEqual(null, replyTo(answered, &.{}));
}

test "an error's quote is cut to what fits, and its parameter is the path's MTU" {
    const quoted: [1400]u8 = @splat(0x45);
    const message: Message = .{ .packet_too_big = .{ .quote = &quoted, .mtu = 1300 } };
    var buffer: [1500]u8 = undefined;
    const version4: Address = .fromIpv4(.{ 192, 0, 2, 1 });
    message.emit(&buffer, version4, version4);
    const view4: icmpv4.View = try .init(buffer[0..message.size()]);
    try std.testing.expect(view4.checksumIsRight());
    try std.testing.expectEqual(1300, view4.parameter());
    const version6: Address = .fromInt(0x2001_0db8 << 96);
    message.emit(&buffer, version6, version6);
    const view6: icmpv6.View = try .init(buffer[0..message.size()]);
    try std.testing.expect(view6.checksumIsRight(version6, version6));
    try std.testing.expectEqual(1300, view6.parameter());
    try std.testing.expectEqual(.packet_too_big, view6.messageType());
}
