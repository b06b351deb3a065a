//! Hellos of clients, whole, in pieces and broken.

const std = @import("std");
const testing = std.testing;
const client_hello = @import("client_hello.zig");
const Reading = client_hello.Reading;
const request_size_max = @import("../service.zig").request_size_max;
const test_client = @import("test_client.zig");
const hello_openssl = test_client.hello_openssl;

const header_size = 5;

var joined: [request_size_max]u8 = undefined;

fn read(stream: []const u8) Reading {
    return client_hello.read(stream, &joined);
}

test "the fields of OpenSSL's hello" {
    const found = read(&hello_openssl).hello;
    const hello = found.hello;
    try testing.expectEqual(hello_openssl.len, found.consumed);
    try testing.expectEqualSlices(u8, hello_openssl[header_size..], hello.message);
    try testing.expectEqual(0x0303, hello.legacy_version);
    try testing.expectEqualSlices(u8, hello_openssl[44..76], hello.session_id);
    try testing.expectEqual(62, hello.cipher_suites.len);
    try testing.expectEqualStrings("\x13\x02\x13\x03", hello.cipher_suites[0..4]);
    try testing.expect(hello.offers_null_compression);
    try testing.expect(hello.offersVersion(0x0304) and !hello.offersVersion(0x0300));
    // By its suite.
    try testing.expect(hello.offersRenegotiationInfo());
    const extensions = hello.extensions;
    try testing.expectEqual(null, extensions.renegotiation_info);
    try testing.expectEqualStrings("\x00\x11\x00\x00\x0eserver.example", extensions.server_name.?);
    try testing.expectEqualStrings("\x03\x00\x01\x02", extensions.ec_point_formats.?);
    try testing.expectEqualStrings("", extensions.extended_master_secret.?);
    try testing.expectEqual(20, extensions.supported_groups.?.len);
    try testing.expectEqual(40, extensions.signature_algorithms.?.len);
    var shares = hello.shares();
    const share = shares.next().?;
    try testing.expectEqual(29, share.group);
    try testing.expectEqualSlices(u8, hello_openssl[hello_openssl.len - 32 ..], share.public_key);
    try testing.expectEqual(null, shares.next());
}

test "a hello is awaited to its last octet, and what follows is left" {
    for ([_][]const u8{ &hello_openssl, &test_client.hello_rfc8448 }) |whole| {
        for (0..whole.len) |size| try testing.expectEqual(.incomplete, read(whole[0..size]));
        try testing.expectEqual(whole.len, read(whole).hello.consumed);
    }
    const followed = hello_openssl ++ "\x14\x03\x03";
    try testing.expectEqual(hello_openssl.len, read(followed).hello.consumed);
}

test "a hello in records of any size is the same hello" {
    const message = hello_openssl[header_size..];
    for (1..message.len) |size| {
        var buffer: [message.len * (header_size + 1)]u8 = undefined;
        var stream: std.ArrayList(u8) = .initBuffer(&buffer);
        var rest: []const u8 = message;
        while (rest.len > 0) {
            const fragment = rest[0..@min(size, rest.len)];
            rest = rest[fragment.len..];
            var header = "\x16\x03\x01\x00\x00".*;
            std.mem.writeInt(u16, header[3..5], @intCast(fragment.len), .big);
            stream.appendSliceAssumeCapacity(&header);
            stream.appendSliceAssumeCapacity(fragment);
        }
        try testing.expectEqual(.incomplete, read(stream.items[0 .. stream.items.len - 1]));
        const found = read(stream.items).hello;
        try testing.expectEqual(stream.items.len, found.consumed);
        try testing.expectEqualSlices(u8, message, found.hello.message);
    }
}

test "a hello cut short inside is malformed at every place" {
    // The record and the message have the right sizes, so only what is inside them is wrong; but
    // a hello may end before its extensions (RFC 5246, 7.4.1.2).
    const body_start = header_size + 4;
    const no_extensions: client_hello.ClientHello.Extensions = .{};
    const extensions_start = body_start + 2 + 32 + 33 + 64 + 2;
    for (body_start..hello_openssl.len) |end| {
        var stream = hello_openssl;
        std.mem.writeInt(u16, stream[3..5], @intCast(end - header_size), .big);
        std.mem.writeInt(u24, stream[6..9], @intCast(end - body_start), .big);
        const reading = read(stream[0..end]);
        if (end == extensions_start) {
            try testing.expectEqualDeep(no_extensions, reading.hello.hello.extensions);
        } else {
            try testing.expectEqual(Reading{ .refused = .decode_error }, reading);
        }
    }
}

test "what is no hello is told by what it is" {
    const huge_message = "\x16\x03\x01\x00\x04\x01\xff\xff\xff";
    // Half of what is read.
    const record_half = "\x16\x03\x01\x20\x00\x01\x00\x3f\xfc" ++ "\x00" ** ((1 << 13) - 4);
    const interrupted = "\x16\x03\x01\x00\x01\x01" ++ "\x14\x03\x03\x00\x01\x01";
    const record_small = "\x16\x03\x01\x00\x01\x00";
    const record_unfinished = "\x16\x03\x01\x20\x00" ++ "\x00" ** ((1 << 13) - 10);
    for ([_]struct { []const u8, Reading }{
        .{ "", .incomplete },
        .{ "GET / HTTP/1.1\r\n", .foreign },
        .{ "\x16\x02\x00", .foreign },
        // SSL 2.0: incomplete, its hello, something else.
        .{ "\x80\x2e", .incomplete },
        .{ "\x80\x2e\x01\x00\x02", .{ .refused = .protocol_version } },
        .{ "\x80\x2e\x04", .foreign },
        .{ "\x15\x03\x03\x00\x02\x02\x33", .alert },
        .{ "\x17\x03\x03\x00\x01\x00", .{ .refused = .bad_record_mac } },
        .{ "\x16\x03\x01\x00\x00", .{ .refused = .unexpected_message } },
        .{ "\x16\x03\x01\x40\x01", .{ .refused = .record_overflow } },
        // ClientKeyExchange, and Finished.
        .{ "\x16\x03\x03\x00\x05\x10\x00\x00\x01\x00", .{ .refused = .decrypt_error } },
        .{ "\x16\x03\x03\x00\x04\x14\x00\x00\x00", .{ .refused = .unexpected_message } },
        .{ "\x14\x03\x03\x00\x01\x02", .{ .refused = .unexpected_message } },
        .{ "\x14\x03\x03\x00\x01\x01", .incomplete },
        .{ "\x14\x03\x03\x00\x01\x01GET", .{ .refused = .unexpected_message } },
        // Another record in the middle of a message; two messages in one record.
        .{ interrupted, .{ .refused = .unexpected_message } },
        .{ "\x16\x03\x01\x00\x05\x01\x00\x00\x00\x01", .{ .refused = .unexpected_message } },
        .{ huge_message, .{ .refused = .decode_error } },
        .{ record_half, .incomplete },
        // Of the largest size, but empty inside; larger than it said; and without an end.
        .{ record_half ++ record_half, .{ .refused = .decode_error } },
        .{ record_half ++ record_small ++ record_half, .{ .refused = .decode_error } },
        .{ record_half ++ record_unfinished, .{ .refused = .record_overflow } },
    }) |case| {
        const stream, const expected = case;
        try testing.expectEqual(expected, read(stream));
    }
    const after_change = "\x14\x03\x03\x00\x01\x01" ++ hello_openssl;
    try testing.expectEqual(after_change.len, read(after_change).hello.consumed);
}

test "an extension that comes twice, or is not one list, is malformed" {
    var buffer: [512]u8 = undefined;
    const list_short = "\x00\x02\x00";
    const list_long = "\x00\x02\x00\x17\x00";
    for ([_][]const test_client.HelloOptions.Extension{
        &.{ .{ .number = 23, .data = "" }, .{ .number = 23, .data = "" } },
        &.{.{ .number = 10, .data = list_short }},
        &.{.{ .number = 10, .data = list_long }},
        &.{.{ .number = 43, .data = "" }},
        &.{.{ .number = 51, .data = "\x00" }},
    }) |others| {
        const stream = test_client.buildHello(&buffer, .{ .suites = &.{0xc02f}, .others = others });
        try testing.expectEqual(Reading{ .refused = .decode_error }, read(stream));
    }
    // Ones that say nothing to the server may come as they like.
    const unknown: test_client.HelloOptions.Extension = .{ .number = 0x1234, .data = "\x07" };
    const others = [_]test_client.HelloOptions.Extension{ unknown, unknown };
    const stream = test_client.buildHello(&buffer, .{ .suites = &.{0xc02f}, .others = &others });
    try testing.expectEqual(stream.len, read(stream).hello.consumed);
}

test "mutated hellos are read in bounds, and what is decided stays so when more comes" {
    var prng: std.Random.DefaultPrng = .init(8446);
    const random = prng.random();
    var counts: [std.enums.values(std.meta.Tag(Reading)).len]u32 = @splat(0);
    for (0..200_000) |_| {
        var stream = hello_openssl;
        for (0..random.intRangeAtMost(u8, 1, 6)) |_| {
            // Half of them where a mistake reaches farther.
            const end = if (random.boolean()) header_size + 6 else stream.len;
            stream[random.uintLessThan(usize, end)] = switch (random.uintLessThan(u8, 3)) {
                0 => random.int(u8),
                1 => 0xff,
                else => random.uintLessThan(u8, 24),
            };
        }
        const whole = read(&stream);
        counts[@intFromEnum(whole)] += 1;
        if (whole == .hello) {
            try testing.expect(whole.hello.consumed <= stream.len);
            var shares = whole.hello.hello.shares();
            while (shares.next()) |share| try testing.expect(share.public_key.len <= stream.len);
        }
        const part = read(stream[0..random.uintLessThan(usize, stream.len)]);
        if (part != .incomplete) {
            try testing.expectEqual(std.meta.activeTag(whole), std.meta.activeTag(part));
        }
    }
    for (counts) |count| try testing.expect(count > 100);
}
