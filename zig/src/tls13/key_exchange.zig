//! The client's half of a key exchange in TLS 1.3 (RFC 8446, 4.2.8): shares of a secret of our own,
//! and what a server's share and that secret agree on.
//!
//! What it protects is a certificate that the server shows to everybody. So nothing here takes the
//! same time for every secret, and a multiplication costs as much as its scalar is long: a short
//! one, of the caller's choice, saves nine tenths of it.

const std = @import("std");
const Curve25519 = std.crypto.ecc.Curve25519;
const MlKem768 = std.crypto.kem.ml_kem.MLKem768;
const P256 = std.crypto.ecc.P256;
const P384 = std.crypto.ecc.P384;
const assert = std.debug.assert;

/// NamedGroup (RFC 8446, 4.2.7; IANA TLS Supported Groups).
pub const Group = enum(u32) {
    secp256r1 = 23,
    secp384r1 = 24,
    x25519 = 29,
    /// draft-ietf-tls-ecdhe-mlkem, 4: ML-KEM's part comes before X25519's, everywhere.
    x25519_mlkem768 = 4588,
};

/// Octets of a point and of a scalar of X25519 (RFC 7748, 5).
const x25519_bytes = 32;

/// Octets that any private key is made from; a group takes what it needs from the start.
pub const secret_bytes = MlKem768.seed_length + x25519_bytes;

/// Octets of the longest share that a client sends.
pub const share_bytes_max = MlKem768.PublicKey.encoded_length + x25519_bytes;

/// Octets of the longest secret that two shares agree on.
pub const agreed_bytes_max = MlKem768.shared_length + x25519_bytes;

/// The scalar: big-endian for secp256r1 and secp384r1, little-endian and not clamped for x25519,
/// where it must be a multiple of 8. Before the latter, X25519MLKEM768 has the seed d || z of
/// ML-KEM-768 (FIPS 203, 7.1).
pub const Secret = [secret_bytes]u8;

/// The server's share is none of its group, or agrees on nothing.
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
        .secp256r1 => return weierstrassShare(P256, secret, buffer),
        .secp384r1 => return weierstrassShare(P384, secret, buffer),
        .x25519 => return put(buffer, &try x25519Share(secret[0..x25519_bytes])),
        .x25519_mlkem768 => {
            const pair = mlKemPair(secret);
            const x25519 = try x25519Share(secret[MlKem768.seed_length..]);
            return put(buffer, &(pair.public_key.toBytes() ++ x25519));
        },
    }
}

/// What `secret` and the server's share agree on (RFC 8446, 7.4), in the front of `buffer`.
pub fn agree(
    group: Group,
    secret: *const Secret,
    share: []const u8,
    buffer: *[agreed_bytes_max]u8,
) ShareError![]const u8 {
    switch (group) {
        .secp256r1 => return weierstrassAgree(P256, secret, share, buffer),
        .secp384r1 => return weierstrassAgree(P384, secret, share, buffer),
        .x25519 => return put(buffer, &try x25519Agree(secret[0..x25519_bytes], share)),
        .x25519_mlkem768 => {
            const split = MlKem768.ciphertext_length;
            if (share.len < split) return error.InvalidShare;
            const x25519 = try x25519Agree(secret[MlKem768.seed_length..], share[split..]);
            const pair = mlKemPair(secret);
            const agreed = pair.secret_key.decaps(share[0..split]) catch return error.InvalidShare;
            return put(buffer, &(agreed ++ x25519));
        },
    }
}

fn mlKemPair(secret: *const Secret) MlKem768.KeyPair {
    // Every seed makes a key (FIPS 203, 7.1).
    return MlKem768.KeyPair.generateDeterministic(secret[0..MlKem768.seed_length].*) catch
        unreachable;
}

fn x25519Share(secret: *const [x25519_bytes]u8) SecretError![x25519_bytes]u8 {
    return x25519Multiply(secret, Curve25519.basePoint) orelse error.InvalidArgument;
}

/// A share of small order agrees on zeros, which is refused (RFC 8446, 7.4.2).
fn x25519Agree(
    secret: *const [x25519_bytes]u8,
    share: []const u8,
) ShareError![x25519_bytes]u8 {
    if (share.len != x25519_bytes) return error.InvalidShare;
    const point = Curve25519.fromBytes(share[0..x25519_bytes].*);
    return x25519Multiply(secret, point) orelse error.InvalidShare;
}

/// The Montgomery ladder of RFC 7748, 5, from the highest bit that is set; null when the product
/// is 0.
fn x25519Multiply(scalar: *const [x25519_bytes]u8, point: Curve25519) ?[x25519_bytes]u8 {
    const Fe = Curve25519.Fe;
    const bits = std.mem.readInt(u256, scalar, .little);
    var x2 = Fe.one;
    var z2 = Fe.zero;
    var x3 = point.x;
    var z3 = Fe.one;
    var position: u16 = 256 - @as(u16, @clz(bits));
    while (position > 0) {
        position -= 1;
        const is_set = bits >> @intCast(position) & 1 == 1;
        if (is_set) {
            std.mem.swap(Fe, &x2, &x3);
            std.mem.swap(Fe, &z2, &z3);
        }
        const a = x2.add(z2);
        const b = x2.sub(z2);
        const aa = a.sq();
        const bb = b.sq();
        const e = aa.sub(bb);
        const da = x3.sub(z3).mul(a);
        const cb = x3.add(z3).mul(b);
        x3 = da.add(cb).sq();
        z3 = point.x.mul(da.sub(cb).sq());
        x2 = aa.mul(bb);
        z2 = e.mul(bb.add(e.mul32(121666)));
        if (is_set) {
            std.mem.swap(Fe, &x2, &x3);
            std.mem.swap(Fe, &z2, &z3);
        }
    }
    const product = x2.mul(z2.invert());
    return if (product.isZero()) null else product.toBytes();
}

fn weierstrassShare(
    comptime Curve: type,
    secret: *const Secret,
    buffer: *[share_bytes_max]u8,
) SecretError![]const u8 {
    const scalar = secret[0..Curve.scalar.encoded_length];
    Curve.scalar.rejectNonCanonical(scalar.*, .big) catch return error.InvalidArgument;
    const point = weierstrassMultiply(Curve, scalar, Curve.basePoint);
    point.rejectIdentity() catch return error.InvalidArgument;
    return put(buffer, &point.toUncompressedSec1());
}

/// Shares are uncompressed points (RFC 8446, 4.2.8.2); what is agreed on is the X coordinate.
fn weierstrassAgree(
    comptime Curve: type,
    secret: *const Secret,
    share: []const u8,
    buffer: *[agreed_bytes_max]u8,
) ShareError![]const u8 {
    const uncompressed = 4;
    if (share.len != 1 + 2 * Curve.Fe.encoded_length) return error.InvalidShare;
    if (share[0] != uncompressed) return error.InvalidShare;
    const point = Curve.fromSec1(share) catch return error.InvalidShare;
    const scalar = secret[0..Curve.scalar.encoded_length];
    const product = weierstrassMultiply(Curve, scalar, point);
    product.rejectIdentity() catch return error.InvalidShare;
    return put(buffer, &product.affineCoordinates().x.toBytes(.big));
}

/// Doubles and adds, from the highest bit that is set.
fn weierstrassMultiply(comptime Curve: type, scalar: []const u8, point: Curve) Curve {
    var product = Curve.identityElement;
    var is_started = false;
    for (scalar) |octet| {
        for (0..8) |shift| {
            const is_set = octet << @intCast(shift) & 0x80 != 0;
            if (is_started) product = product.dbl();
            if (is_set) product = product.add(point);
            is_started = is_started or is_set;
        }
    }
    return product;
}

fn put(buffer: []u8, result: []const u8) []const u8 {
    assert(result.len <= buffer.len);
    @memcpy(buffer[0..result.len], result);
    return buffer[0..result.len];
}

const octets = @import("test_octets.zig").octets;
const testing = std.testing;

fn secretOf(scalar: []const u8) Secret {
    var secret: Secret = @splat(0);
    @memcpy(secret[0..scalar.len], scalar);
    return secret;
}

fn expectShare(group: Group, scalar: []const u8, share: []const u8) !void {
    var buffer: [share_bytes_max]u8 = undefined;
    try testing.expectEqualSlices(u8, share, try publicShare(group, &secretOf(scalar), &buffer));
}

fn expectAgreed(group: Group, scalar: []const u8, share: []const u8, agreed: []const u8) !void {
    var buffer: [agreed_bytes_max]u8 = undefined;
    try testing.expectEqualSlices(u8, agreed, try agree(group, &secretOf(scalar), share, &buffer));
}

fn expectRefused(group: Group, share: []const u8) !void {
    var scalar: Secret = @splat(0);
    scalar[0] = 8;
    scalar[31] = 8;
    scalar[47] = 8;
    scalar[MlKem768.seed_length] = 8;
    var buffer: [agreed_bytes_max]u8 = undefined;
    try testing.expectError(error.InvalidShare, agree(group, &scalar, share, &buffer));
}

/// As RFC 7748, 5 has it.
fn clamped(scalar: [x25519_bytes]u8) [x25519_bytes]u8 {
    var result = scalar;
    Curve25519.scalar.clamp(&result);
    return result;
}

test "x25519: RFC 7748, 5.2" {
    try expectAgreed(
        .x25519,
        &clamped(octets("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")),
        &octets("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
        &octets("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
    );
    // Here the highest bit of the share is set, which does not count.
    try expectAgreed(
        .x25519,
        &clamped(octets("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d")),
        &octets("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
        &octets("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"),
    );
}

test "x25519: RFC 7748, 6.1" {
    const alice =
        clamped(octets("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
    const bob_share = octets("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    try expectShare(
        .x25519,
        &alice,
        &octets("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
    );
    try expectAgreed(
        .x25519,
        &alice,
        &bob_share,
        &octets("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"),
    );
}

test "x25519: a short scalar agrees with what the library's own code makes of it" {
    const short = octets("b8a7c90e05000000000000000000000000000000000000000000000000000000");
    var buffer: [share_bytes_max]u8 = undefined;
    const share = (try publicShare(.x25519, &secretOf(&short), &buffer))[0..x25519_bytes].*;
    try testing.expectEqual((try Curve25519.basePoint.mul(short)).toBytes(), share);
    const server = octets("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const server_share = try std.crypto.dh.X25519.recoverPublicKey(server);
    const agreed = try std.crypto.dh.X25519.scalarmult(server, share);
    try expectAgreed(.x25519, &short, &server_share, &agreed);
}

test "x25519: shares of small order and of a wrong length are refused" {
    inline for (.{
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "",
        "09",
        "09000000000000000000000000000000000000000000000000000000000000",
        "090000000000000000000000000000000000000000000000000000000000000000",
    }) |share| try expectRefused(.x25519, &octets(share));
}

test "secp256r1: NIST CAVP, ECC CDH primitive, P-256, count 0" {
    const scalar = octets("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534");
    try expectShare(.secp256r1, &scalar, &octets(
        \\04ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230
        \\28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141
    ));
    try expectAgreed(.secp256r1, &scalar, &octets(
        \\04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287
        \\db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac
    ), &octets("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"));
}

test "secp384r1: NIST CAVP, ECC CDH primitive, P-384, count 0" {
    const scalar = octets(
        \\3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b1
        \\5618b6818a661774ad463b205da88cf699ab4d43c9cf98a1
    );
    try expectShare(.secp384r1, &scalar, &octets(
        \\049803807f2f6d2fd966cdd0290bd410c0190352fbec7ff624
        \\7de1302df86f25d34fe4a97bef60cff548355c015dbb3e5f
        \\ba26ca69ec2f5b5d9dad20cc9da711383a9dbe34ea3fa5a2
        \\af75b46502629ad54dd8b7d73a8abb06a3a3be47d650cc99
    ));
    try expectAgreed(.secp384r1, &scalar, &octets(
        \\04a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e76459
        \\2efda27fe7513272734466b400091adbf2d68c58e0c50066
        \\ac68f19f2e1cb879aed43a9969b91a0839c4c38a49749b66
        \\1efedf243451915ed0905a32b060992b468c64766fc8437a
    ), &octets(
        \\5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f4
        \\0ba7fcead493b457e5621e766c40a2e3d4d6a04b25e533f1
    ));
}

test "curves: points that are not on them, not canonical, compressed, at infinity or cut" {
    inline for (.{ P256, P384 }, .{ Group.secp256r1, Group.secp384r1 }) |Curve, group| {
        const base = Curve.basePoint.toUncompressedSec1();
        var beside = base;
        beside[beside.len - 1] ^= 1;
        try expectRefused(group, &beside);
        var too_high = base;
        @memset(too_high[1..][0..Curve.Fe.encoded_length], 0xff);
        try expectRefused(group, &too_high);
        try expectRefused(group, &([_]u8{4} ++ [_]u8{0} ** (base.len - 1)));
        try expectRefused(group, &Curve.basePoint.toCompressedSec1());
        try expectRefused(group, &.{0});
        try expectRefused(group, &.{});
        try expectRefused(group, base[0 .. base.len - 1]);
        try expectRefused(group, &(base ++ [_]u8{0}));
        var hybrid = base;
        hybrid[0] = 6;
        try expectRefused(group, &hybrid);
    }
}

test "secrets that are no scalar are refused" {
    var buffer: [share_bytes_max]u8 = undefined;
    for (std.enums.values(Group)) |group| {
        const zero: Secret = @splat(0);
        try testing.expectError(error.InvalidArgument, publicShare(group, &zero, &buffer));
    }
    const high: Secret = @splat(0xff);
    try testing.expectError(error.InvalidArgument, publicShare(.secp256r1, &high, &buffer));
    try testing.expectError(error.InvalidArgument, publicShare(.secp384r1, &high, &buffer));
}

test "X25519MLKEM768: both sides agree, and the parts stand in the draft's order" {
    var secret: Secret = undefined;
    for (&secret, 0..) |*octet, index| octet.* = @truncate(index * 5);
    secret[MlKem768.seed_length] = 8;
    var buffer: [share_bytes_max]u8 = undefined;
    const share = try publicShare(.x25519_mlkem768, &secret, &buffer);
    try testing.expectEqual(1216, share.len);

    const server = octets("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const public = try MlKem768.PublicKey.fromBytes(share[0..1184]);
    const encapsulated = public.encapsDeterministic(&server);
    const server_x25519 = try std.crypto.dh.X25519.recoverPublicKey(server);
    const agreed_x25519 = try std.crypto.dh.X25519.scalarmult(server, share[1184..][0..32].*);

    const server_share = encapsulated.ciphertext ++ server_x25519;
    try testing.expectEqual(1120, server_share.len);
    try expectAgreed(
        .x25519_mlkem768,
        &secret,
        &server_share,
        &(encapsulated.shared_secret ++ agreed_x25519),
    );
    try expectRefused(.x25519_mlkem768, server_share[0..1119]);
    try expectRefused(.x25519_mlkem768, server_share[0..1087]);
    try expectRefused(.x25519_mlkem768, &(encapsulated.ciphertext ++ [_]u8{0} ** 32));
}
