//! A client for tests: it says hello, and reads what comes. It shares no parser, and no key
//! schedule, with the server that it judges.

const std = @import("std");
const testing = std.testing;
const Builder = @import("builder.zig").Builder;
const service = @import("../service.zig");

/// The hello of RFC 8448, 3: TLS 1.3 alone, with a key for x25519 and no session id.
pub const hello_rfc8448 = fromHex(
    "16030100c4010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef628302" ++
        "4dece7000006130113031302010000910000000b0009000006736572766572ff01000100000a0014" ++
        "0012001d0017001800190100010101020103010400230000003300260024001d002099381de560e4" ++
        "bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e04" ++
        "0305030603020308040805080604010501060102010402050206020202002d00020101001c000240" ++
        "01",
);

/// Its private key.
pub const secret_rfc8448 =
    fromHex("49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005");

/// What `openssl s_client` 3.0 sends when it is told a server's name.
pub const hello_openssl = fromHex(
    "160301013b01000137030370e4aa5e6a807e3fe7ca105054505423c1191d1567d3d446482541ce0c" ++
        "64bbda201bbf5719bb6c877bc459b49d6c433ba585dcce1d68250b3dee196f6871c70290003e1302" ++
        "13031301c02cc030009fcca9cca8ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039" ++
        "c009c0130033009d009c003d003c0035002f00ff010000b000000013001100000e7365727665722e" ++
        "6578616d706c65000b000403000102000a00160014001d0017001e00190018010001010102010301" ++
        "04002300000016000000170000000d002a0028040305030603080708080809080a080b0804080508" ++
        "06040105010601030303010302040205020602002b0009080304030303020301002d000201010033" ++
        "00260024001d00203ee9368b9e20bcf6a5227bc64172e3acff9f9f1382d5c352be028bb60c364178",
);

pub fn fromHex(comptime text: []const u8) [text.len / 2]u8 {
    return comptime decoded: {
        @setEvalBranchQuota(100_000);
        var result: [text.len / 2]u8 = undefined;
        _ = std.fmt.hexToBytes(&result, text) catch unreachable;
        break :decoded result;
    };
}

pub const HelloOptions = struct {
    legacy_version: u16 = 0x0303,
    session_id: []const u8 = "",
    suites: []const u16,
    compressions: []const u8 = "\x00",
    server_name: ?[]const u8 = null,
    versions: ?[]const u16 = null,
    groups: ?[]const u16 = null,
    schemes: ?[]const u16 = null,
    shares: ?[]const Share = null,
    /// Number and data, as they are.
    others: []const Extension = &.{},

    pub const Share = struct { group: u16, public_key: []const u8 };
    pub const Extension = struct { number: u16, data: []const u8 };
};

/// In one record.
pub fn buildHello(buffer: []u8, options: HelloOptions) []u8 {
    var builder: Builder = .{ .buffer = buffer };
    builder.append("\x16\x03\x01");
    const fragment = builder.open(u16);
    builder.int(u8, 1);
    const body = builder.open(u24);
    builder.int(u16, options.legacy_version);
    builder.append(&@as([32]u8, @splat(0xcc)));
    appendVector(&builder, u8, options.session_id);
    appendNumbers(&builder, u16, options.suites);
    appendVector(&builder, u8, options.compressions);
    const block = builder.open(u16);
    if (options.server_name) |name| {
        builder.int(u16, 0);
        const data = builder.open(u16);
        const names = builder.open(u16);
        builder.int(u8, 0);
        appendVector(&builder, u16, name);
        builder.close(names);
        builder.close(data);
    }
    inline for (.{ 43, 10, 13 }, .{ u8, u16, u16 }, .{ "versions", "groups", "schemes" }) |
        number,
        Length,
        field,
    | if (@field(options, field)) |numbers| {
        builder.int(u16, number);
        const data = builder.open(u16);
        appendNumbers(&builder, Length, numbers);
        builder.close(data);
    };
    if (options.shares) |shares| {
        builder.int(u16, 51);
        const data = builder.open(u16);
        const list = builder.open(u16);
        for (shares) |share| {
            builder.int(u16, share.group);
            appendVector(&builder, u16, share.public_key);
        }
        builder.close(list);
        builder.close(data);
    }
    for (options.others) |extension| {
        builder.int(u16, extension.number);
        appendVector(&builder, u16, extension.data);
    }
    builder.close(block);
    builder.close(body);
    builder.close(fragment);
    return builder.built();
}

fn appendVector(builder: *Builder, comptime Length: type, content: []const u8) void {
    const vector = builder.open(Length);
    builder.append(content);
    builder.close(vector);
}

fn appendNumbers(builder: *Builder, comptime Length: type, numbers: []const u16) void {
    const list = builder.open(Length);
    for (numbers) |number| builder.int(u16, number);
    builder.close(list);
}

/// A response's octets; the caller frees them.
pub fn collect(response: *const service.Response) ![]u8 {
    const stream = try testing.allocator.alloc(u8, response.size());
    response.read(0, stream);
    return stream;
}

/// What a server sends, from its beginning on. Everything is expected to be whole.
pub const Stream = struct {
    rest: []const u8,

    /// A record's fragment.
    pub fn record(stream: *Stream, content_type: u8) ![]const u8 {
        try testing.expect(stream.rest.len >= 5);
        try testing.expectEqual(content_type, stream.rest[0]);
        try testing.expectEqualStrings("\x03\x03", stream.rest[1..3]);
        const size = @as(usize, stream.rest[3]) << 8 | stream.rest[4];
        const size_max: usize = if (content_type == 23) (1 << 14) + 256 else 1 << 14;
        try testing.expect(size > 0 and size <= size_max);
        try testing.expect(stream.rest.len >= 5 + size);
        defer stream.rest = stream.rest[5 + size ..];
        return stream.rest[5..][0..size];
    }

    /// A handshake message in records of its own; the caller frees it.
    pub fn message(stream: *Stream, handshake_type: u8) ![]u8 {
        var joined: std.ArrayList(u8) = .empty;
        errdefer joined.deinit(testing.allocator);
        while (joined.items.len < 4 or joined.items.len < 4 + sizeAt(joined.items, 1)) {
            try joined.appendSlice(testing.allocator, try stream.record(22));
        }
        try testing.expectEqual(handshake_type, joined.items[0]);
        try testing.expectEqual(4 + sizeAt(joined.items, 1), joined.items.len);
        return joined.toOwnedSlice(testing.allocator);
    }
};

/// A number of 24 bits.
pub fn sizeAt(content: []const u8, place: usize) usize {
    const numbers = content[place..][0..3];
    return @as(usize, numbers[0]) << 16 | @as(usize, numbers[1]) << 8 | numbers[2];
}

/// Checks a list of certificates, each with `suffix` behind it.
pub fn expectCertificates(
    expected: []const []const u8,
    suffix: []const u8,
    list: []const u8,
) !void {
    try testing.expectEqual(list.len - 3, sizeAt(list, 0));
    var rest = list[3..];
    for (expected) |certificate| {
        try testing.expectEqual(certificate.len, sizeAt(rest, 0));
        try testing.expectEqualSlices(u8, certificate, rest[3..][0..certificate.len]);
        rest = rest[3 + certificate.len ..];
        try testing.expect(std.mem.startsWith(u8, rest, suffix));
        rest = rest[suffix.len..];
    }
    try testing.expectEqual(0, rest.len);
}

/// The view of a ServerHello message.
pub const HelloView = struct {
    random: []const u8,
    session_id: []const u8,
    suite: u16,
    /// The block, without its length.
    extensions: []const u8,

    pub fn of(message: []const u8) !HelloView {
        try testing.expectEqualStrings("\x03\x03", message[4..6]);
        const id_size: usize = message[38];
        const rest = message[39 + id_size ..];
        try testing.expectEqual(0, rest[2]);
        const extensions: []const u8 = if (rest.len == 3) &.{} else rest[5..];
        if (rest.len > 3) {
            const size = @as(usize, rest[3]) << 8 | rest[4];
            try testing.expectEqual(extensions.len, size);
        }
        return .{
            .random = message[6..38],
            .session_id = message[39..][0..id_size],
            .suite = @as(u16, rest[0]) << 8 | rest[1],
            .extensions = extensions,
        };
    }
};

/// A server's flight of TLS 1.3 with AEAD and hash as they were agreed on.
pub fn Opener(comptime Aead: type, comptime Hash: type) type {
    return struct {
        const Hmac = std.crypto.auth.hmac.Hmac(Hash);
        const Hkdf = std.crypto.kdf.hkdf.Hkdf(Hmac);
        const expandLabel = std.crypto.tls.hkdfExpandLabel;
        const size = Hash.digest_length;

        secret: [size]u8,

        /// From the shared secret and all messages to the ServerHello.
        pub fn init(shared: []const u8, transcript: []const u8) @This() {
            const zeros: [size]u8 = @splat(0);
            const empty_hash = std.crypto.tls.emptyHash(Hash);
            const early = Hkdf.extract("", &zeros);
            const salt = expandLabel(Hkdf, early, "derived", &empty_hash, size);
            const handshake = Hkdf.extract(&salt, shared);
            const digest = hash(transcript);
            return .{ .secret = expandLabel(Hkdf, handshake, "s hs traffic", &digest, size) };
        }

        pub fn hash(content: []const u8) [size]u8 {
            var digest: [size]u8 = undefined;
            Hash.hash(content, &digest, .{});
            return digest;
        }

        /// The handshake messages of all that remains of the stream; the caller frees them.
        pub fn open(opener: *const @This(), stream: *Stream) ![]u8 {
            const key = expandLabel(Hkdf, opener.secret, "key", "", Aead.key_length);
            const iv = expandLabel(Hkdf, opener.secret, "iv", "", Aead.nonce_length);
            var messages: std.ArrayList(u8) = .empty;
            errdefer messages.deinit(testing.allocator);
            var sequence: u8 = 0;
            while (stream.rest.len > 0) : (sequence += 1) {
                const header = stream.rest[0..5].*;
                const sealed = try stream.record(23);
                const inner_size = sealed.len - Aead.tag_length;
                var nonce = iv;
                nonce[nonce.len - 1] ^= sequence;
                var inner: [(1 << 14) + 1]u8 = undefined;
                try Aead.decrypt(
                    inner[0..inner_size],
                    sealed[0..inner_size],
                    sealed[inner_size..][0..Aead.tag_length].*,
                    &header,
                    nonce,
                    key,
                );
                try testing.expectEqual(22, inner[inner_size - 1]);
                try messages.appendSlice(testing.allocator, inner[0 .. inner_size - 1]);
            }
            return messages.toOwnedSlice(testing.allocator);
        }

        /// Checks a Finished message that follows these messages.
        pub fn expectFinished(
            opener: *const @This(),
            transcript: []const u8,
            message: []const u8,
        ) !void {
            const key = expandLabel(Hkdf, opener.secret, "finished", "", size);
            var data: [size]u8 = undefined;
            Hmac.create(&data, &hash(transcript), &key);
            try testing.expectEqualSlices(u8, &.{ 20, 0, 0, size }, message[0..4]);
            try testing.expectEqualSlices(u8, &data, message[4..]);
        }
    };
}
