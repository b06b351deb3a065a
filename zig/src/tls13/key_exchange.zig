//! The client's half of a key exchange in TLS 1.3 (RFC 8446, 4.2.8): shares from a seed of our own,
//! and what a server's share and that seed agree on.
//!
//! Nothing here runs in constant time for secrecy's sake: the keys open certificates that the
//! server shows to everybody.

const std = @import("std");
const MlKem768 = std.crypto.kem.ml_kem.MLKem768;
const P256 = std.crypto.ecc.P256;
const P384 = std.crypto.ecc.P384;
const X25519 = std.crypto.dh.X25519;
const assert = std.debug.assert;

/// NamedGroup (RFC 8446, 4.2.7; IANA TLS Supported Groups).
pub const Group = enum(u32) {
    secp256r1 = 23,
    secp384r1 = 24,
    x25519 = 29,
    /// draft-ietf-tls-ecdhe-mlkem, 4: ML-KEM's part comes before X25519's, everywhere.
    x25519_mlkem768 = 4588,
};

/// Octets that any private key is made from; a group takes what it needs from the start.
pub const secret_bytes = MlKem768.seed_length + X25519.secret_length;

/// Octets of the longest share that a client sends.
pub const share_bytes_max = MlKem768.PublicKey.encoded_length + X25519.public_length;

/// Octets of the longest secret that two shares agree on.
pub const agreed_bytes_max = MlKem768.shared_length + X25519.shared_length;

pub const Secret = [secret_bytes]u8;

/// The server's share is not one of its group, or agrees on nothing.
pub const ShareError = error{InvalidShare};

/// Our scalar is 0 or not below the curve's order.
pub const SecretError = error{InvalidArgument};

/// What the server gets to see of `secret`, in the front of `buffer`.
pub fn publicShare(
    group: Group,
    secret: *const Secret,
    buffer: *[share_bytes_max]u8,
) SecretError![]const u8 {
    switch (group) {
        .secp256r1 => return curveShare(P256, secret, buffer),
        .secp384r1 => return curveShare(P384, secret, buffer),
        .x25519 => return put(buffer, &try x25519Share(secret[0..X25519.secret_length])),
        .x25519_mlkem768 => {
            const seed = secret[0..MlKem768.seed_length];
            const pair = MlKem768.KeyPair.generateDeterministic(seed.*) catch
                return error.InvalidArgument;
            const x25519 = try x25519Share(secret[MlKem768.seed_length..]);
            return put(buffer, &(pair.public_key.toBytes() ++ x25519));
        },
    }
}

/// What `secret` and the server's share agree on (RFC 8446, 7.4.2), in the front of `buffer`.
pub fn agree(
    group: Group,
    secret: *const Secret,
    share: []const u8,
    buffer: *[agreed_bytes_max]u8,
) ShareError![]const u8 {
    switch (group) {
        .secp256r1 => return curveAgree(P256, secret, share, buffer),
        .secp384r1 => return curveAgree(P384, secret, share, buffer),
        .x25519 => {
            const agreed = try x25519Agree(secret[0..X25519.secret_length], share);
            return put(buffer, &agreed);
        },
        .x25519_mlkem768 => {
            const seed = secret[0..MlKem768.seed_length];
            const split = MlKem768.ciphertext_length;
            if (share.len < split) return error.InvalidShare;
            const x25519 = try x25519Agree(secret[MlKem768.seed_length..], share[split..]);
            const pair = MlKem768.KeyPair.generateDeterministic(seed.*) catch unreachable;
            const agreed = pair.secret_key.decaps(share[0..split]) catch return error.InvalidShare;
            return put(buffer, &(agreed ++ x25519));
        },
    }
}

fn x25519Share(secret: *const [X25519.secret_length]u8) SecretError![X25519.public_length]u8 {
    return X25519.recoverPublicKey(secret.*) catch error.InvalidArgument;
}

/// A share of small order agrees on zeros, which is refused (RFC 8446, 7.4.2).
fn x25519Agree(
    secret: *const [X25519.secret_length]u8,
    share: []const u8,
) ShareError![X25519.shared_length]u8 {
    if (share.len != X25519.public_length) return error.InvalidShare;
    return X25519.scalarmult(secret.*, share[0..X25519.public_length].*) catch
        error.InvalidShare;
}

fn curveShare(
    comptime Curve: type,
    secret: *const Secret,
    buffer: *[share_bytes_max]u8,
) SecretError![]const u8 {
    const scalar = secret[0..Curve.scalar.encoded_length];
    Curve.scalar.rejectNonCanonical(scalar.*, .big) catch return error.InvalidArgument;
    const point = Curve.basePoint.mul(scalar.*, .big) catch return error.InvalidArgument;
    return put(buffer, &point.toUncompressedSec1());
}

/// Shares are uncompressed points (RFC 8446, 4.2.8.2); what is agreed on is the X coordinate.
fn curveAgree(
    comptime Curve: type,
    secret: *const Secret,
    share: []const u8,
    buffer: *[agreed_bytes_max]u8,
) ShareError![]const u8 {
    const scalar_bytes = Curve.scalar.encoded_length;
    if (share.len != 1 + 2 * Curve.Fe.encoded_length or share[0] != 4) return error.InvalidShare;
    const point = Curve.fromSec1(share) catch return error.InvalidShare;
    const product = point.mulPublic(secret[0..scalar_bytes].*, .big) catch
        return error.InvalidShare;
    return put(buffer, &product.affineCoordinates().x.toBytes(.big));
}

fn put(buffer: []u8, octets: []const u8) []const u8 {
    assert(octets.len <= buffer.len);
    @memcpy(buffer[0..octets.len], octets);
    return buffer[0..octets.len];
}
