//! The key schedule of TLS 1.3 as far as the server's handshake records (RFC 8446, 7.1 and 7.3),
//! without a pre-shared key.

const std = @import("std");
const HmacSha256 = std.crypto.auth.hmac.sha2.HmacSha256;
const HmacSha384 = std.crypto.auth.hmac.sha2.HmacSha384;
const Sha256 = std.crypto.hash.sha2.Sha256;
const Sha384 = std.crypto.hash.sha2.Sha384;

pub const Sha256Schedule = Schedule(Sha256, HmacSha256);
pub const Sha384Schedule = Schedule(Sha384, HmacSha384);

fn Schedule(comptime Hash: type, comptime Hmac: type) type {
    return struct {
        const Hkdf = std.crypto.kdf.hkdf.Hkdf(Hmac);
        const Secret = [Hkdf.prk_length]u8;

        /// The salt of the handshake secret: the same for every handshake, since nothing is shared
        /// before.
        const salt: Secret = salt: {
            @setEvalBranchQuota(1_000_000);
            const zeros: Secret = @splat(0);
            const early_secret = Hkdf.extract(&zeros, &zeros);
            var empty_hash: Secret = undefined;
            Hash.hash("", &empty_hash, .{});
            break :salt expandLabel(early_secret, "derived", &empty_hash, Hkdf.prk_length);
        };

        /// Writes key, a pointer to an array, and nonce base of what the server sends after its
        /// ServerHello. `agreed` comes from the key exchange; `transcript` is the messages from
        /// ClientHello to ServerHello.
        pub fn serverHandshakeKeys(
            agreed: []const u8,
            transcript: []const u8,
            key: anytype,
            iv: *[12]u8,
        ) void {
            var transcript_hash: Secret = undefined;
            Hash.hash(transcript, &transcript_hash, .{});
            const secret = Hkdf.extract(&salt, agreed);
            const traffic_secret =
                expandLabel(secret, "s hs traffic", &transcript_hash, Hkdf.prk_length);
            key.* = expandLabel(traffic_secret, "key", "", key.len);
            iv.* = expandLabel(traffic_secret, "iv", "", 12);
        }

        /// HKDF-Expand-Label (RFC 8446, 7.1).
        fn expandLabel(
            secret: Secret,
            comptime label: []const u8,
            context: []const u8,
            comptime length: u16,
        ) [length]u8 {
            return std.crypto.tls.hkdfExpandLabel(Hkdf, secret, label, context, length);
        }
    };
}
