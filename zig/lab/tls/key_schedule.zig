//! The secrets of TLS 1.3 (RFC 8446, 7.1), as far as a server's first flight needs them: no
//! pre-shared key, and nothing after the handshake.

const std = @import("std");
const fromHex = @import("test_client.zig").fromHex;

pub fn KeySchedule(comptime Hash: type) type {
    return struct {
        const Hmac = std.crypto.auth.hmac.Hmac(Hash);
        const Hkdf = std.crypto.kdf.hkdf.Hkdf(Hmac);

        /// A secret, or a transcript's hash.
        pub const Digest = [Hash.digest_length]u8;

        const zeros: Digest = @splat(0);

        pub fn hash(octets: []const u8) Digest {
            var digest: Digest = undefined;
            Hash.hash(octets, &digest, .{});
            return digest;
        }

        pub fn earlySecret() Digest {
            return Hkdf.extract(&zeros, &zeros);
        }

        /// From the secret that the key exchange gave.
        pub fn handshakeSecret(shared: []const u8) Digest {
            const salt = deriveSecret(earlySecret(), "derived", hash(""));
            return Hkdf.extract(&salt, shared);
        }

        /// Derive-Secret; the messages come hashed.
        pub fn deriveSecret(
            secret: Digest,
            comptime label: []const u8,
            transcript_hash: Digest,
        ) Digest {
            return expandLabel(secret, label, &transcript_hash, Hash.digest_length);
        }

        /// HKDF-Expand-Label. The context has at most the size of a hash.
        pub fn expandLabel(
            secret: Digest,
            comptime label: []const u8,
            context: []const u8,
            comptime size: u16,
        ) [size]u8 {
            std.debug.assert(context.len <= Hash.digest_length);
            const prefixed = "tls13 " ++ label;
            var info: [2 + 1 + prefixed.len + 1 + Hash.digest_length]u8 = undefined;
            std.mem.writeInt(u16, info[0..2], size, .big);
            info[2] = prefixed.len;
            info[3..][0..prefixed.len].* = prefixed.*;
            info[3 + prefixed.len] = @intCast(context.len);
            const context_start = 3 + prefixed.len + 1;
            @memcpy(info[context_start..][0..context.len], context);
            var expanded: [size]u8 = undefined;
            Hkdf.expand(&expanded, info[0 .. context_start + context.len], secret);
            return expanded;
        }

        /// verify_data of a Finished message (RFC 8446, 4.4.4).
        pub fn verifyData(traffic_secret: Digest, transcript_hash: Digest) Digest {
            const key = expandLabel(traffic_secret, "finished", "", Hash.digest_length);
            var data: Digest = undefined;
            Hmac.create(&data, &transcript_hash, &key);
            return data;
        }
    };
}

test "the secrets of RFC 8448, 3" {
    const Schedule = KeySchedule(std.crypto.hash.sha2.Sha256);
    const early = Schedule.earlySecret();
    try std.testing.expectEqual(
        fromHex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"),
        early,
    );
    try std.testing.expectEqual(
        fromHex("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"),
        Schedule.deriveSecret(early, "derived", Schedule.hash("")),
    );
    const shared =
        fromHex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    const handshake = Schedule.handshakeSecret(&shared);
    try std.testing.expectEqual(
        fromHex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"),
        handshake,
    );
    const hellos =
        fromHex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8");
    const traffic = Schedule.deriveSecret(handshake, "s hs traffic", hellos);
    try std.testing.expectEqual(
        fromHex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"),
        traffic,
    );
    try std.testing.expectEqual(
        fromHex("3fce516009c21727d0f2e4e86ee403bc"),
        Schedule.expandLabel(traffic, "key", "", 16),
    );
    try std.testing.expectEqual(
        fromHex("5d313eb2671276ee13000b30"),
        Schedule.expandLabel(traffic, "iv", "", 12),
    );
    try std.testing.expectEqual(
        fromHex("008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8"),
        Schedule.expandLabel(traffic, "finished", "", 32),
    );
}
