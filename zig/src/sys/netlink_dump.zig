//! Dump requests over rtnetlink (rtnetlink(7)) and what their answers are made of: messages, each a
//! fixed head and attributes. No privilege is needed.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const Address = @import("../wire/address.zig").Address;

// linux/netlink.h, linux/rtnetlink.h
const message_done = 3;
const message_error = 2;
const flag_request = 0x001;
const flag_dump = 0x300;
/// Without NLA_F_NESTED and its like.
const attribute_type_mask = 0x3fff;

pub const Error = call.Error || error{NoSpaceLeft};

const Header = extern struct { length: u32, type: u16, flags: u16, sequence: u32, port: u32 };

/// 0.0.0.0 or ::, which say that there is no address.
pub fn unspecified(family: u8) Address {
    return if (family == linux.AF.INET) Address.fromIpv4(@splat(0)) else .{ .octets = @splat(0) };
}

/// In bits of the 128-bit address.
pub fn prefixLength(family: u8, length: u8) u32 {
    return if (family == linux.AF.INET) @as(u32, length) + 96 else length;
}

/// Copies an interface's name, which keeps a NUL at its end.
pub fn copyName(name: *[16]u8, value: []const u8) void {
    const size = @min(value.len, name.len - 1);
    @memcpy(name[0..size], value[0..size]);
}

pub const Attribute = struct {
    type: u16,
    value: []const u8,

    pub fn number(attribute: Attribute) u32 {
        if (attribute.value.len < 4) return 0;
        return std.mem.readInt(u32, attribute.value[0..4], @import("builtin").cpu.arch.endian());
    }

    pub fn address(attribute: Attribute) ?Address {
        return switch (attribute.value.len) {
            4 => Address.fromIpv4(attribute.value[0..4].*),
            16 => .{ .octets = attribute.value[0..16].* },
            else => null,
        };
    }
};

pub const AttributeIterator = struct {
    rest: []const u8,

    pub fn next(iterator: *AttributeIterator) ?Attribute {
        if (iterator.rest.len < 4) return null;
        const endian = @import("builtin").cpu.arch.endian();
        const length = std.mem.readInt(u16, iterator.rest[0..2], endian);
        if (length < 4 or length > iterator.rest.len) return null;
        const attribute: Attribute = .{
            .type = std.mem.readInt(u16, iterator.rest[2..4], endian) & attribute_type_mask,
            .value = iterator.rest[4..length],
        };
        const size = std.mem.alignForward(usize, length, 4);
        iterator.rest = iterator.rest[@min(size, iterator.rest.len)..];
        return attribute;
    }
};

pub fn Message(comptime Head: type) type {
    return struct {
        head: Head,
        rest: []const u8,

        pub fn attributes(message: @This()) AttributeIterator {
            return .{ .rest = message.rest };
        }
    };
}

/// One dump request and its answer, message by message.
pub const Dump = struct {
    socket: linux.fd_t,
    buffer: [32 * 1024]u8 align(4),
    unread: []const u8,

    pub fn start(dump: *Dump, request: u16, family: u8, comptime Head: type) call.Error!void {
        const kind = linux.SOCK.RAW | linux.SOCK.CLOEXEC;
        dump.socket = try call.descriptor(linux.socket(linux.AF.NETLINK, kind, 0));
        errdefer dump.end();
        dump.unread = &.{};
        const Request = extern struct { header: Header, head: Head };
        var message = std.mem.zeroes(Request);
        message.header = .{
            .length = @sizeOf(Request),
            .type = request,
            .flags = flag_request | flag_dump,
            .sequence = 1,
            .port = 0,
        };
        message.head.family = family;
        const octets = std.mem.asBytes(&message);
        _ = try call.check(linux.sendto(dump.socket, octets, octets.len, 0, null, 0));
    }

    pub fn end(dump: *Dump) void {
        _ = linux.close(dump.socket);
    }

    pub fn next(dump: *Dump, comptime Head: type) call.Error!?Message(Head) {
        while (true) {
            if (dump.unread.len < @sizeOf(Header)) {
                const buffer = &dump.buffer;
                const received = linux.recvfrom(dump.socket, buffer, buffer.len, 0, null, null);
                const size = try call.check(received);
                dump.unread = buffer[0..size];
                if (size < @sizeOf(Header)) return null;
            }
            const header = std.mem.bytesToValue(Header, dump.unread[0..@sizeOf(Header)]);
            if (header.length < @sizeOf(Header) or header.length > dump.unread.len) return null;
            const body = dump.unread[@sizeOf(Header)..header.length];
            const size = std.mem.alignForward(usize, header.length, 4);
            dump.unread = dump.unread[@min(size, dump.unread.len)..];
            if (header.type == message_done) return null;
            if (header.type == message_error) {
                // The first field is the result of a call: 0, or a negative errno.
                if (body.len < @sizeOf(i32)) return null;
                const code = std.mem.bytesToValue(i32, body[0..@sizeOf(i32)]);
                _ = try call.check(@bitCast(@as(isize, code)));
                return null;
            }
            if (body.len < @sizeOf(Head)) continue;
            return .{
                .head = std.mem.bytesToValue(Head, body[0..@sizeOf(Head)]),
                .rest = body[@sizeOf(Head)..],
            };
        }
    }
};

test "what the kernel refuses is an error and not an empty list" {
    const no_request = 0xfff0;
    const Head = extern struct { family: u8, _padding: [3]u8 };
    var dump: Dump = undefined;
    try dump.start(no_request, linux.AF.INET, Head);
    defer dump.end();
    try std.testing.expectError(error.SystemCall, dump.next(Head));
    try std.testing.expectEqual(linux.E.OPNOTSUPP, call.lastCode());
}
