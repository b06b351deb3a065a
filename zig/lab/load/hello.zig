//! The ClientHello that the load sends: TLS 1.2 as a browser of its time offered it, in one record.
//! It is the same every time: no server of the lab minds, and nothing here goes on to use keys.

const std = @import("std");

/// RFC 5246, 6.2.1 and 7.4.1.2.
pub const record = [_]u8{ 22, 0x03, 0x01 } ++ vector(u16, message);

const message = [_]u8{1} ++ vector(u24, version ++ random ++ no_session ++ suites ++
    no_compression ++ vector(u16, extensions));
const version = [_]u8{ 0x03, 0x03 };
const random: [32]u8 = @splat(0x5a);
const no_session = [_]u8{0};
const no_compression = vector(u8, [_]u8{0});

/// Their numbers at IANA, in the order of preference.
const suites = vector(u16, numbers(.{
    0xc02b, // ECDHE-ECDSA with AES-128-GCM-SHA256
    0xc02f, // ECDHE-RSA with AES-128-GCM-SHA256
    0xc02c, // ECDHE-ECDSA with AES-256-GCM-SHA384
    0xc030, // ECDHE-RSA with AES-256-GCM-SHA384
    0xcca9, // ECDHE-ECDSA with ChaCha20-Poly1305-SHA256
    0xcca8, // ECDHE-RSA with ChaCha20-Poly1305-SHA256
    0x009c, // RSA with AES-128-GCM-SHA256
    0x009d, // RSA with AES-256-GCM-SHA384
}));

/// RFC 6066, 3.
const server_name = vector(u16, [_]u8{0} ++ vector(u16, "lab.example".*));
/// x25519, P-256, P-384 (RFC 8422, 5.1.1).
const groups = vector(u16, numbers(.{ 0x001d, 0x0017, 0x0018 }));
/// Uncompressed (RFC 8422, 5.1.2).
const point_formats = vector(u8, [_]u8{0});
/// ECDSA with SHA-256 and SHA-384, RSA-PSS with both, RSA with both (RFC 8446, 4.2.3).
const signatures = vector(u16, numbers(.{ 0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501 }));
/// Of a first handshake (RFC 5746, 3.4).
const renegotiation = vector(u8, [_]u8{});

/// Each by its number at IANA.
const extensions = extension(0, server_name) ++
    extension(23, [_]u8{}) ++ // extended master secret: RFC 7627, 5.1
    extension(65281, renegotiation) ++
    extension(10, groups) ++
    extension(11, point_formats) ++
    extension(13, signatures);

fn extension(comptime number: u16, comptime content: anytype) [4 + content.len]u8 {
    return numbers(.{number}) ++ vector(u16, content);
}

/// The content behind its size in octets (RFC 5246, 4.3).
fn vector(comptime Size: type, comptime content: anytype) [@bitSizeOf(Size) / 8 + content.len]u8 {
    var size: [@bitSizeOf(Size) / 8]u8 = undefined;
    std.mem.writeInt(Size, &size, content.len, .big);
    return size ++ content;
}

fn numbers(comptime values: anytype) [2 * values.len]u8 {
    var octets: [2 * values.len]u8 = undefined;
    for (values, 0..) |value, index| std.mem.writeInt(u16, octets[2 * index ..][0..2], value, .big);
    return octets;
}

test "sizes stand where they belong" {
    const size = record.len;
    try std.testing.expectEqualSlices(u8, &.{ 22, 3, 1, 0, size - 5 }, record[0..5]);
    try std.testing.expectEqualSlices(u8, &.{ 1, 0, 0, size - 9, 3, 3 }, record[5..11]);
    // Behind version and random: no session, eight suites, one compression method.
    try std.testing.expectEqualSlices(u8, &.{ 0, 0, 16, 0xc0, 0x2b }, record[43..48]);
    const rest = record[62..];
    try std.testing.expectEqualSlices(u8, &.{ 1, 0, 0, rest.len - 4, 0, 0 }, rest[0..6]);
    const name = [_]u8{ 0, 16, 0, 14, 0, 0, 11 } ++ "lab.example".*;
    try std.testing.expectEqualSlices(u8, &name, rest[6..][0..name.len]);
}
