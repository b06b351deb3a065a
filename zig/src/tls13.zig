//! The cryptography of TLS 1.3 that it takes to read a server's certificate (RFC 8446): a key
//! exchange, the keys of the server's handshake records, and opening these. Pure; whatever a server
//! sends ends in octets or in a refusal.

const std = @import("std");
const Aes128Gcm = std.crypto.aead.aes_gcm.Aes128Gcm;
const Aes256Gcm = std.crypto.aead.aes_gcm.Aes256Gcm;
const ChaCha20Poly1305 = std.crypto.aead.chacha_poly.ChaCha20Poly1305;
const key_exchange = @import("tls13/key_exchange.zig");
const key_schedule = @import("tls13/key_schedule.zig");
const assert = std.debug.assert;

pub const Group = key_exchange.Group;
pub const Secret = key_exchange.Secret;
pub const publicShare = key_exchange.publicShare;
pub const share_bytes_max = key_exchange.share_bytes_max;

/// CipherSuite (RFC 8446, B.4).
pub const Suite = enum(u32) {
    aes_128_gcm_sha256 = 0x1301,
    aes_256_gcm_sha384 = 0x1302,
    chacha20_poly1305_sha256 = 0x1303,

    fn keyBytes(suite: Suite) usize {
        return switch (suite) {
            .aes_128_gcm_sha256 => Aes128Gcm.key_length,
            .aes_256_gcm_sha384 => Aes256Gcm.key_length,
            .chacha20_poly1305_sha256 => ChaCha20Poly1305.key_length,
        };
    }
};

/// What protects one direction of a handshake.
pub const RecordKeys = extern struct {
    /// A `Suite`.
    suite: u32,
    /// What the sequence number is mixed into for each record's nonce (RFC 8446, 5.3).
    iv: [12]u8,
    /// As long as the suite's cipher takes; the rest is not used.
    key: [32]u8,
};

/// Octets before a record's payload: type, version, length (RFC 8446, 5.1).
pub const record_header_bytes = 5;

/// Octets at a record's end that prove it, of every suite.
pub const tag_bytes = 16;

/// The keys of the server's handshake records. `transcript` is the messages from ClientHello to
/// ServerHello (RFC 8446, 4.4.1).
pub fn serverHandshakeKeys(
    suite: Suite,
    group: Group,
    secret: *const Secret,
    share: []const u8,
    transcript: []const u8,
) key_exchange.ShareError!RecordKeys {
    var buffer: [key_exchange.agreed_bytes_max]u8 = undefined;
    const agreed = try key_exchange.agree(group, secret, share, &buffer);
    var keys: RecordKeys = .{ .suite = @intFromEnum(suite), .iv = undefined, .key = @splat(0) };
    const key = keys.key[0..suite.keyBytes()];
    switch (suite) {
        inline else => |known| {
            const Schedule = switch (known) {
                .aes_256_gcm_sha384 => key_schedule.Sha384Schedule,
                .aes_128_gcm_sha256, .chacha20_poly1305_sha256 => key_schedule.Sha256Schedule,
            };
            Schedule.serverHandshakeKeys(agreed, transcript, key, &keys.iv);
        },
    }
    return keys;
}

/// Opens a record in place (RFC 8446, 5.2): its payload, tag aside, becomes the TLSInnerPlaintext.
/// On an error the payload is void.
pub fn openRecord(
    suite: Suite,
    keys: *const RecordKeys,
    sequence: u64,
    record: []u8,
) error{AuthenticationFailed}!void {
    assert(record.len >= record_header_bytes);
    if (record.len < record_header_bytes + tag_bytes) return error.AuthenticationFailed;
    const header = record[0..record_header_bytes];
    const payload = record[record_header_bytes .. record.len - tag_bytes];
    const tag = record[record.len - tag_bytes ..][0..tag_bytes].*;
    var nonce = keys.iv;
    const mixed = std.mem.readInt(u64, nonce[4..], .big) ^ sequence;
    std.mem.writeInt(u64, nonce[4..], mixed, .big);
    switch (suite) {
        inline else => |known| {
            const Aead = switch (known) {
                .aes_128_gcm_sha256 => Aes128Gcm,
                .aes_256_gcm_sha384 => Aes256Gcm,
                .chacha20_poly1305_sha256 => ChaCha20Poly1305,
            };
            const key = keys.key[0..Aead.key_length].*;
            try Aead.decrypt(payload, payload, tag, header, nonce, key);
        },
    }
}
