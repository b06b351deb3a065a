//! The server's side of a key exchange. One key per group serves all hosts and connections, made
//! from a fixed seed: nothing that the lab says is secret, and the same request always gets the
//! same answer.

const std = @import("std");
const P256 = std.crypto.ecc.P256;
const P384 = std.crypto.ecc.P384;
const X25519 = std.crypto.dh.X25519;
const Group = @import("code_points.zig").Group;

pub const KeyShares = struct {
    x25519_public: [X25519.public_length]u8,
    /// Uncompressed points (RFC 8446, 4.2.8.2).
    secp256r1_public: [point_size_p256]u8,
    secp384r1_public: [point_size_p384]u8,

    pub const public_size_max = point_size_p384;
    /// Of a shared secret, in octets.
    pub const shared_size_max = 48;

    const point_size_p256 = 65;
    const point_size_p384 = 97;

    /// Both are below the orders of their groups.
    const secret_32: [32]u8 = @splat(0x4c);
    const secret_48: [48]u8 = @splat(0x4c);

    pub fn init() KeyShares {
        // A multiple of a generator that is less than its order is never the identity.
        const x25519 = X25519.recoverPublicKey(secret_32) catch unreachable;
        const p256 = P256.basePoint.mulPublic(secret_32, .big) catch unreachable;
        const p384 = P384.basePoint.mulPublic(secret_48, .big) catch unreachable;
        return .{
            .x25519_public = x25519,
            .secp256r1_public = p256.toUncompressedSec1(),
            .secp384r1_public = p384.toUncompressedSec1(),
        };
    }

    pub fn public(shares: *const KeyShares, group: Group) []const u8 {
        return switch (group) {
            .x25519 => &shares.x25519_public,
            .secp256r1 => &shares.secp256r1_public,
            .secp384r1 => &shares.secp384r1_public,
        };
    }
};

/// What both sides know after the exchange (RFC 8446, 7.4.2), written into the buffer; null when
/// the client's key is none.
pub fn shared(
    group: Group,
    client_public: []const u8,
    buffer: *[KeyShares.shared_size_max]u8,
) ?[]const u8 {
    return switch (group) {
        .x25519 => {
            if (client_public.len != X25519.public_length) return null;
            const key = client_public[0..X25519.public_length].*;
            buffer[0..32].* = X25519.scalarmult(KeyShares.secret_32, key) catch return null;
            return buffer[0..32];
        },
        .secp256r1 => {
            if (client_public.len != KeyShares.point_size_p256) return null;
            const point = P256.fromSec1(client_public) catch return null;
            const product = point.mulPublic(KeyShares.secret_32, .big) catch return null;
            buffer[0..32].* = product.affineCoordinates().x.toBytes(.big);
            return buffer[0..32];
        },
        .secp384r1 => {
            if (client_public.len != KeyShares.point_size_p384) return null;
            const point = P384.fromSec1(client_public) catch return null;
            const product = point.mulPublic(KeyShares.secret_48, .big) catch return null;
            buffer.* = product.affineCoordinates().x.toBytes(.big);
            return buffer;
        },
    };
}

test "both sides come to the same secret" {
    const server: KeyShares = .init();
    var buffer: [KeyShares.shared_size_max]u8 = undefined;

    const secret_x25519: [32]u8 = @splat(0x11);
    const public_x25519 = try X25519.recoverPublicKey(secret_x25519);
    try std.testing.expectEqualSlices(
        u8,
        &try X25519.scalarmult(secret_x25519, server.x25519_public),
        shared(.x25519, &public_x25519, &buffer).?,
    );
    const secret_p256: [32]u8 = @splat(0x22);
    const public_p256 = (try P256.basePoint.mul(secret_p256, .big)).toUncompressedSec1();
    const product_p256 = try (try P256.fromSec1(&server.secp256r1_public)).mul(secret_p256, .big);
    try std.testing.expectEqualSlices(
        u8,
        &product_p256.affineCoordinates().x.toBytes(.big),
        shared(.secp256r1, &public_p256, &buffer).?,
    );
    const secret_p384: [48]u8 = @splat(0x33);
    const public_p384 = (try P384.basePoint.mul(secret_p384, .big)).toUncompressedSec1();
    const product_p384 = try (try P384.fromSec1(&server.secp384r1_public)).mul(secret_p384, .big);
    try std.testing.expectEqualSlices(
        u8,
        &product_p384.affineCoordinates().x.toBytes(.big),
        shared(.secp384r1, &public_p384, &buffer).?,
    );
}

test "what is no key of its group gives no secret" {
    var buffer: [KeyShares.shared_size_max]u8 = undefined;
    const zeros: [KeyShares.public_size_max]u8 = @splat(0);
    const off_curve = [_]u8{4} ++ zeros[1..];
    try std.testing.expectEqual(null, shared(.x25519, zeros[0..32], &buffer));
    try std.testing.expectEqual(null, shared(.x25519, off_curve[0..31], &buffer));
    inline for (.{ Group.secp256r1, Group.secp384r1 }, .{ 65, 97 }) |group, size| {
        try std.testing.expectEqual(null, shared(group, zeros[0..size], &buffer));
        try std.testing.expectEqual(null, shared(group, off_curve[0..size], &buffer));
        // The point at infinity, and a compressed one.
        try std.testing.expectEqual(null, shared(group, zeros[0..1], &buffer));
        const compressed = [_]u8{2} ++ zeros[0 .. size / 2];
        try std.testing.expectEqual(null, shared(group, compressed, &buffer));
    }
}
