//! What a server picks from a client's hello: version, suite and group, each the client's first
//! that the server has too.

const std = @import("std");
const ClientHello = @import("client_hello.zig").ClientHello;
const code_points = @import("code_points.zig");
const Group = code_points.Group;
const KeyKind = @import("../chain_store.zig").KeyKind;
const contains = @import("reader.zig").contains;
const Reader = @import("reader.zig").Reader;
const TlsVersions = @import("../world.zig").TlsVersions;

pub const Version = enum { tls12, tls13 };

/// Null when there is none in common.
pub fn agreeVersion(hello: *const ClientHello, versions: TlsVersions) ?Version {
    // A server of TLS 1.2 does not know supported_versions.
    const has_list = versions != .tls12 and hello.extensions.supported_versions != null;
    if (!has_list) {
        if (versions == .tls13) return null;
        return if (hello.legacy_version >= code_points.Version.tls12) .tls12 else null;
    }
    if (hello.offersVersion(code_points.Version.tls13)) return .tls13;
    if (versions == .tls13) return null;
    return if (hello.offersVersion(code_points.Version.tls12)) .tls12 else null;
}

pub const Agreement12 = struct {
    suite: u16,
    /// Of the ServerKeyExchange; null without one.
    group: ?Group,
};

const KeyExchange = enum { ecdhe_ecdsa, ecdhe_rsa, rsa };

/// RFC 5246, 5288, 5289, 7905 and 8422: with AES in GCM, ChaCha20, and AES in CBC.
fn keyExchangeOf(suite: u16) ?KeyExchange {
    return switch (suite) {
        0xc02b, 0xc02c, 0xcca9, 0xc023, 0xc024, 0xc009, 0xc00a => .ecdhe_ecdsa,
        0xc02f, 0xc030, 0xcca8, 0xc027, 0xc028, 0xc013, 0xc014 => .ecdhe_rsa,
        0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035 => .rsa,
        else => null,
    };
}

/// Null when no suite of TLS 1.2 fits the client, its groups and the chain's key.
pub fn agree12(hello: *const ClientHello, key: KeyKind) ?Agreement12 {
    const group: ?Group = if (hello.extensions.supported_groups) |groups|
        firstGroup(groups)
    else
        // The client leaves the choice to the server (RFC 8422, 4).
        .secp256r1;
    var suites: Reader = .{ .rest = hello.cipher_suites };
    while (suites.int(u16)) |suite| {
        const exchange = keyExchangeOf(suite) orelse continue;
        const key_wanted: KeyKind = if (exchange == .ecdhe_ecdsa) .ecdsa else .rsa;
        if (key != key_wanted) continue;
        if (exchange == .rsa) return .{ .suite = suite, .group = null };
        if (group != null) return .{ .suite = suite, .group = group };
    }
    return null;
}

fn firstGroup(groups: []const u8) ?Group {
    var reader: Reader = .{ .rest = groups };
    while (reader.int(u16)) |number| return std.enums.fromInt(Group, number) orelse continue;
    return null;
}

/// RFC 8446, B.4.
pub const Suite13 = enum(u16) {
    aes_128_gcm_sha256 = 0x1301,
    aes_256_gcm_sha384 = 0x1302,
    chacha20_poly1305_sha256 = 0x1303,

    pub fn Hash(comptime suite: Suite13) type {
        return switch (suite) {
            .aes_128_gcm_sha256, .chacha20_poly1305_sha256 => std.crypto.hash.sha2.Sha256,
            .aes_256_gcm_sha384 => std.crypto.hash.sha2.Sha384,
        };
    }

    pub fn Aead(comptime suite: Suite13) type {
        return switch (suite) {
            .aes_128_gcm_sha256 => std.crypto.aead.aes_gcm.Aes128Gcm,
            .aes_256_gcm_sha384 => std.crypto.aead.aes_gcm.Aes256Gcm,
            .chacha20_poly1305_sha256 => std.crypto.aead.chacha_poly.ChaCha20Poly1305,
        };
    }
};

pub const Agreement13 = struct {
    suite: Suite13,
    group: Group,
    /// Null when the client has the group, but sent no key for it: it is asked to.
    client_public: ?[]const u8,
};

pub const Refusal = error{
    /// Nothing in common.
    HandshakeFailure,
    /// One that a hello of TLS 1.3 must have (RFC 8446, 9.2).
    MissingExtension,
};

/// `only_group` is the one that the server takes; null for all that it knows.
pub fn agree13(
    hello: *const ClientHello,
    only_group: ?Group,
    key: KeyKind,
) Refusal!Agreement13 {
    const extensions = &hello.extensions;
    const groups = extensions.supported_groups orelse return error.MissingExtension;
    const schemes = extensions.signature_algorithms orelse return error.MissingExtension;
    if (extensions.key_share == null) return error.MissingExtension;

    if (!contains(schemes, @intFromEnum(scheme13(key)))) return error.HandshakeFailure;
    const suite = firstSuite(hello.cipher_suites) orelse return error.HandshakeFailure;
    var shares = hello.shares();
    while (shares.next()) |share| {
        const group = std.enums.fromInt(Group, share.group) orelse continue;
        if (group != only_group orelse group) continue;
        return .{ .suite = suite, .group = group, .client_public = share.public_key };
    }
    const group = only_group orelse firstGroup(groups) orelse return error.HandshakeFailure;
    if (!contains(groups, @intFromEnum(group))) return error.HandshakeFailure;
    return .{ .suite = suite, .group = group, .client_public = null };
}

fn firstSuite(suites: []const u8) ?Suite13 {
    var reader: Reader = .{ .rest = suites };
    while (reader.int(u16)) |number| return std.enums.fromInt(Suite13, number) orelse continue;
    return null;
}

/// What a key signs with in TLS 1.3.
pub fn scheme13(key: KeyKind) code_points.SignatureScheme {
    return switch (key) {
        .ecdsa => .ecdsa_secp256r1_sha256,
        .rsa => .rsa_pss_rsae_sha256,
    };
}
