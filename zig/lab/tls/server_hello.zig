//! The server's hello (RFC 8446, 4.1.3; RFC 5246, 7.4.1.3), as a handshake message.

const std = @import("std");
const Builder = @import("builder.zig").Builder;
const code_points = @import("code_points.zig");
const fromHex = @import("test_client.zig").fromHex;

pub const ServerHello = struct {
    random: [code_points.random_size]u8,
    session_id: []const u8,
    cipher_suite: u16,
    extensions: Extensions,

    pub const Extensions = union(enum) {
        tls12: Extensions12,
        tls13: Extensions13,
    };

    /// Which of the client's are answered.
    pub const Extensions12 = struct {
        renegotiation_info: bool,
        extended_master_secret: bool,
        ec_point_formats: bool,
    };

    pub const Extensions13 = struct {
        group: code_points.Group,
        /// Null in a HelloRetryRequest, which only says the group.
        public_key: ?[]const u8,
    };

    /// With a session id and a key of 32 and 97 octets.
    pub const size_max = 187;

    pub fn append(hello: *const ServerHello, builder: *Builder) void {
        builder.int(u8, code_points.HandshakeType.server_hello);
        const body = builder.open(u24);
        builder.int(u16, code_points.Version.tls12);
        builder.append(&hello.random);
        const session_id = builder.open(u8);
        builder.append(hello.session_id);
        builder.close(session_id);
        builder.int(u16, hello.cipher_suite);
        const compression_null = 0;
        builder.int(u8, compression_null);
        const block_start = builder.size;
        const block = builder.open(u16);
        switch (hello.extensions) {
            .tls12 => |extensions| append12(extensions, builder),
            .tls13 => |extensions| append13(extensions, builder),
        }
        builder.close(block);
        // A client that sent no extensions may not know that there are any.
        if (builder.size == block.start) builder.size = block_start;
        builder.close(body);
    }

    fn append12(extensions: Extensions12, builder: *Builder) void {
        if (extensions.renegotiation_info) appendExtension(builder, .renegotiation_info, &.{0});
        if (extensions.ec_point_formats) {
            const formats_uncompressed = [_]u8{ 1, 0 };
            appendExtension(builder, .ec_point_formats, &formats_uncompressed);
        }
        if (extensions.extended_master_secret) {
            appendExtension(builder, .extended_master_secret, &.{});
        }
    }

    fn append13(extensions: Extensions13, builder: *Builder) void {
        builder.int(u16, code_points.ExtensionType.key_share);
        const data = builder.open(u16);
        builder.int(u16, extensions.group);
        if (extensions.public_key) |octets| {
            const public_key = builder.open(u16);
            builder.append(octets);
            builder.close(public_key);
        }
        builder.close(data);
        const version: [2]u8 = @bitCast(std.mem.nativeToBig(u16, code_points.Version.tls13));
        appendExtension(builder, .supported_versions, &version);
    }

    fn appendExtension(
        builder: *Builder,
        extension_type: code_points.ExtensionType,
        octets: []const u8,
    ) void {
        builder.int(u16, extension_type);
        const data = builder.open(u16);
        builder.append(octets);
        builder.close(data);
    }
};

/// The random that makes a hello a HelloRetryRequest: the SHA-256 of its name (RFC 8446, 4.1.3).
pub const retry_random: [code_points.random_size]u8 = random: {
    @setEvalBranchQuota(100_000);
    var digest: [code_points.random_size]u8 = undefined;
    std.crypto.hash.sha2.Sha256.hash("HelloRetryRequest", &digest, .{});
    break :random digest;
};

fn expectHello(expected: []const u8, hello: ServerHello) !void {
    var buffer: [ServerHello.size_max]u8 = undefined;
    var builder: Builder = .{ .buffer = &buffer };
    hello.append(&builder);
    try std.testing.expectEqualSlices(u8, expected, builder.built());
}

test "the hello of RFC 8448, 3" {
    const public_key =
        fromHex("c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f");
    try expectHello(
        &fromHex("020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2" ++
            "692800130100002e00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd6" ++
            "9b1b04e751f0f002b00020304"),
        .{
            .random = fromHex("a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928"),
            .session_id = "",
            .cipher_suite = 0x1301,
            .extensions = .{ .tls13 = .{ .group = .x25519, .public_key = &public_key } },
        },
    );
}

test "a retry names a group alone; the random is that of RFC 8446, 4.1.3" {
    const random = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
    try expectHello(
        &fromHex("020000360303" ++ random ++ "02616213020000" ++ "0c00330002" ++
            "0018002b00020304"),
        .{
            .random = retry_random,
            .session_id = "ab",
            .cipher_suite = 0x1302,
            .extensions = .{ .tls13 = .{ .group = .secp384r1, .public_key = null } },
        },
    );
}

test "a hello of TLS 1.2 without extensions has no block of them" {
    const random: [32]u8 = @splat(0xee);
    const head = "\x02\x00\x00\x28\x03\x03" ++ random ++ "\x02id\xc0\x2f\x00";
    try expectHello(head, .{
        .random = random,
        .session_id = "id",
        .cipher_suite = 0xc02f,
        .extensions = .{ .tls12 = .{
            .renegotiation_info = false,
            .extended_master_secret = false,
            .ec_point_formats = false,
        } },
    });
}
