//! Octets in a signature's place: of the size and shape of a real one, but nothing is signed, so
//! that no answer costs a private key's work. A client that leaves at the Certificate message does
//! not look at it; one that goes on ends the handshake here.

const std = @import("std");
const Builder = @import("builder.zig").Builder;
const SignatureScheme = @import("code_points.zig").SignatureScheme;
const Reader = @import("reader.zig").Reader;

/// Scheme, length and signature (RFC 5246, 4.7; RFC 8446, 4.4.3).
pub fn append(builder: *Builder, scheme: SignatureScheme) void {
    builder.int(u16, scheme);
    const signature = builder.open(u16);
    switch (scheme) {
        // Two integers of 256 bits in DER (RFC 3279, 2.2.3).
        .ecdsa_secp256r1_sha256 => {
            builder.append(&.{ 0x30, 2 * (2 + number.len) });
            for (0..2) |_| {
                builder.append(&.{ 0x02, number.len });
                builder.append(&number);
            }
        },
        // One of the modulus' size, 2048 bits.
        .rsa_pkcs1_sha256, .rsa_pss_rsae_sha256 => builder.append(&(number ** 8)),
    }
    builder.close(signature);
}

/// With scheme and length, in octets.
pub const size_max = 2 + 2 + 256;

const number: [32]u8 = @splat(0x4c);

test "signatures have the sizes of real ones" {
    for ([_]struct { SignatureScheme, usize }{
        .{ .ecdsa_secp256r1_sha256, 70 },
        .{ .rsa_pkcs1_sha256, 256 },
        .{ .rsa_pss_rsae_sha256, 256 },
    }) |case| {
        const scheme, const size = case;
        var buffer: [size_max]u8 = undefined;
        var builder: Builder = .{ .buffer = &buffer };
        append(&builder, scheme);
        var reader: Reader = .{ .rest = builder.built() };
        try std.testing.expectEqual(@intFromEnum(scheme), reader.int(u16));
        try std.testing.expectEqual(size, reader.vector(u16).?.len);
        try std.testing.expect(reader.isAtEnd());
    }
}

test "a signature for an elliptic curve is a sequence of two integers" {
    var buffer: [size_max]u8 = undefined;
    var builder: Builder = .{ .buffer = &buffer };
    append(&builder, .ecdsa_secp256r1_sha256);
    var outer: Reader = .{ .rest = builder.built()[4..] };
    try std.testing.expectEqual(0x30, outer.int(u8));
    var sequence: Reader = .{ .rest = outer.vector(u8).? };
    for (0..2) |_| {
        try std.testing.expectEqual(0x02, sequence.int(u8));
        try std.testing.expectEqual(32, sequence.vector(u8).?.len);
    }
    try std.testing.expect(outer.isAtEnd() and sequence.isAtEnd());
}
