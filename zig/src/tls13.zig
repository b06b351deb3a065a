//! The cryptography of TLS 1.3 that it takes to read a server's certificate (RFC 8446): a key
//! exchange, the keys of the server's handshake records, and opening these. Pure; whatever a server
//! sends ends in octets or in a refusal.

const std = @import("std");
const key_exchange = @import("tls13/key_exchange.zig");
const key_schedule = @import("tls13/key_schedule.zig");
const processor = @import("tls13/processor.zig");
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

    fn Aead(comptime suite: Suite) type {
        return switch (suite) {
            .aes_128_gcm_sha256 => std.crypto.aead.aes_gcm.Aes128Gcm,
            .aes_256_gcm_sha384 => std.crypto.aead.aes_gcm.Aes256Gcm,
            .chacha20_poly1305_sha256 => std.crypto.aead.chacha_poly.ChaCha20Poly1305,
        };
    }

    fn Schedule(comptime suite: Suite) type {
        return switch (suite) {
            .aes_128_gcm_sha256, .chacha20_poly1305_sha256 => key_schedule.Sha256Schedule,
            .aes_256_gcm_sha384 => key_schedule.Sha384Schedule,
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
    switch (suite) {
        inline else => |known| {
            const key = keys.key[0..known.Aead().key_length];
            known.Schedule().serverHandshakeKeys(agreed, transcript, key, &keys.iv);
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
    const accelerated = if (processor.hasAes()) openRecordAccelerated else null;
    const open = accelerated orelse &openRecordHere;
    if (!open(suite, keys, sequence, record.ptr, record.len)) return error.AuthenticationFailed;
}

/// `openRecordHere` of `tls13_accelerated.zig`; null where that object is not linked, as in the
/// tests of one file.
pub const openRecordAccelerated = @extern(
    ?*const @TypeOf(openRecordHere),
    .{ .name = accelerated_name, .linkage = .weak, .visibility = .hidden },
);

pub const accelerated_name = "margay_tls13_open_accelerated";

/// `openRecord` with the instructions of the processor that this file is compiled for. The record
/// has room for a tag.
pub fn openRecordHere(
    suite: Suite,
    keys: *const RecordKeys,
    sequence: u64,
    record: [*]u8,
    record_length: usize,
) callconv(.c) bool {
    assert(record_length >= record_header_bytes + tag_bytes);
    const header = record[0..record_header_bytes];
    const payload = record[record_header_bytes .. record_length - tag_bytes];
    const tag = record[record_length - tag_bytes ..][0..tag_bytes].*;
    var nonce = keys.iv;
    const mixed = std.mem.readInt(u64, nonce[4..], .big) ^ sequence;
    std.mem.writeInt(u64, nonce[4..], mixed, .big);
    switch (suite) {
        inline else => |known| {
            const Aead = known.Aead();
            const key = keys.key[0..Aead.key_length].*;
            Aead.decrypt(payload, payload, tag, header, nonce, key) catch return false;
        },
    }
    return true;
}

const octets = @import("tls13/test_octets.zig").octets;
const testing = std.testing;

/// RFC 8448, 3, "Simple 1-RTT Handshake".
const example = struct {
    /// The private key, which X25519 clamps (RFC 7748, 5) before it is multiplied with.
    const secret = octets("48af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5045") ++
        [_]u8{0} ** 64;
    const server_share =
        octets("c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f");
    /// ClientHello and ServerHello, their record headers aside.
    const transcript = octets(
        \\010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024d
        \\ece7000006130113031302010000910000000b0009000006736572766572ff0100010000
        \\0a00140012001d0017001800190100010101020103010400230000003300260024001d00
        \\2099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b00
        \\03020304000d0020001e0403050306030203080408050806040105010601020104020502
        \\06020202002d00020101001c00024001020000560303a6af06a4121860dc5e6e60249cd3
        \\4c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d0020c9828876
        \\112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304
    );
    const record = octets(
        \\17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fc
        \\f40aa40aa2b8ea73f848a7ca07612ef9f945cb960b4068905123ea78b111b429ba9191cd
        \\05d2a389280f526134aadc7fc78c4b729df828b5ecf7b13bd9aefb0e57f271585b8ea9bb
        \\355c7c79020716cfb9b1183ef3ab20e37d57a6b9d7477609aee6e122a4cf51427325250c
        \\7d0e509289444c9b3a648f1d71035d2ed65b0e3cdd0cbae8bf2d0b227812cbb360987255
        \\cc744110c453baa4fcd610928d809810e4b7ed1a8fd991f06aa6248204797e36a6a73b70
        \\a2559c09ead686945ba246ab66e5edd8044b4c6de3fcf2a89441ac66272fd8fb330ef819
        \\0579b3684596c960bd596eea520a56a8d650f563aad27409960dca63d3e688611ea5e22f
        \\4415cf9538d51a200c27034272968a264ed6540c84838d89f72c24461aad6d26f59ecaba
        \\9acbbb317b66d902f4f292a36ac1b639c637ce343117b659622245317b49eeda0c6258f1
        \\00d7d961ffb138647e92ea330faeea6dfa31c7a84dc3bd7e1b7a6c7178af36879018e3f2
        \\52107f243d243dc7339d5684c8b0378bf30244da8c87c843f5e56eb4c5e8280a2b48052c
        \\f93b16499a66db7cca71e4599426f7d461e66f99882bd89fc50800becca62d6c74116dbd
        \\2972fda1fa80f85df881edbe5a37668936b335583b599186dc5c6918a396fa48a181d6b6
        \\fa4f9d62d513afbb992f2b992f67f8afe67f76913fa388cb5630c8ca01e0c65d11c66a1e
        \\2ac4c85977b7c7a6999bbf10dc35ae69f5515614636c0b9b68c19ed2e31c0b3b66763038
        \\ebba42f3b38edc0399f3a9f23faa63978c317fc9fa66a73f60f0504de93b5b845e275592
        \\c12335ee340bbc4fddd502784016e4b3be7ef04dda49f4b440a30cb5d2af939828fd4ae3
        \\794e44f94df5a631ede42c1719bfdabf0253fe5175be898e750edc53370d2b
    );
    /// EncryptedExtensions, Certificate, CertificateVerify and Finished, then their content type.
    const inner_plaintext = octets(
        \\080000240022000a00140012001d00170018001901000101010201030104001c00024001
        \\000000000b0001b9000001b50001b0308201ac30820115a003020102020102300d06092a
        \\864886f70d01010b0500300e310c300a06035504031303727361301e170d313630373330
        \\3031323335395a170d3236303733303031323335395a300e310c300a0603550403130372
        \\736130819f300d06092a864886f70d010101050003818d0030818902818100b4bb498f82
        \\79303d980836399b36c6988c0c68de55e1bdb826d3901a2461eafd2de49a91d015abbc9a
        \\95137ace6c1af19eaa6af98c7ced43120998e187a80ee0ccb0524b1b018c3e0b63264d44
        \\9a6d38e22a5fda430846748030530ef0461c8ca9d9efbfae8ea6d1d03e2bd193eff0ab9a
        \\8002c47428a6d35a8d88d79f7f1e3f0203010001a31a301830090603551d130402300030
        \\0b0603551d0f0404030205a0300d06092a864886f70d01010b05000381810085aad2a0e5
        \\b9276b908c65f73a7267170618a54c5f8a7b337d2df7a594365417f2eae8f8a58c8f8172
        \\f9319cf36b7fd6c55b80f21a03015156726096fd335e5e67f2dbf102702e608ccae6bec1
        \\fc63a42a99be5c3eb7107c3c54e9b9eb2bd5203b1c3b84e0a8b2f759409ba3eac9d91d40
        \\2dcc0cc8f8961229ac9187b42b4de100000f000084080400805a747c5d88fa9bd2e55ab0
        \\85a61015b7211f824cd484145ab3ff52f1fda8477b0b7abc90db78e2d33a5c141a078653
        \\fa6bef780c5ea248eeaaa785c4f394cab6d30bbe8d4859ee511f602957b15411ac027671
        \\459e46445c9ea58c181e818e95b8c3fb0bf3278409d3be152a3da5043e063dda65cdf5ae
        \\a20d53dfacd42f74f3140000209b9b141d906337fbd2cbdce71df4deda4ab42c309572cb
        \\7fffee5454b78f071816
    );
};

fn exampleKeys() !RecordKeys {
    const share = &example.server_share;
    const transcript = &example.transcript;
    const suite: Suite = .aes_128_gcm_sha256;
    return serverHandshakeKeys(suite, .x25519, &example.secret, share, transcript);
}

test "the keys of RFC 8448" {
    const keys = try exampleKeys();
    try testing.expectEqual(0x1301, keys.suite);
    try testing.expectEqual(octets("3fce516009c21727d0f2e4e86ee403bc"), keys.key[0..16].*);
    try testing.expectEqual(octets("5d313eb2671276ee13000b30"), keys.iv);
}

test "the record of RFC 8448 opens, by either code" {
    const keys = try exampleKeys();
    for ([_]bool{ false, true }) |is_portable| {
        var record = example.record;
        if (is_portable) {
            const suite: Suite = .aes_128_gcm_sha256;
            try testing.expect(openRecordHere(suite, &keys, 0, &record, record.len));
        } else {
            try openRecord(.aes_128_gcm_sha256, &keys, 0, &record);
        }
        const payload = record[record_header_bytes .. record.len - tag_bytes];
        try testing.expectEqualSlices(u8, &example.inner_plaintext, payload);
    }
}

test "a record that was changed, or is another one, does not open" {
    const keys = try exampleKeys();
    const suite: Suite = .aes_128_gcm_sha256;
    for ([_]usize{ 0, 1, 4, 5, 100, example.record.len - 1 }) |index| {
        var record = example.record;
        record[index] ^= 1;
        try testing.expectError(error.AuthenticationFailed, openRecord(suite, &keys, 0, &record));
    }
    var record = example.record;
    try testing.expectError(error.AuthenticationFailed, openRecord(suite, &keys, 1, &record));
    for (record_header_bytes..record_header_bytes + tag_bytes + 1) |length| {
        record = example.record;
        const cut = record[0..length];
        try testing.expectError(error.AuthenticationFailed, openRecord(suite, &keys, 0, cut));
    }
}

test "every suite opens what it sealed, whatever the record's number, by either code" {
    inline for (comptime std.enums.values(Suite)) |suite| {
        const Aead = suite.Aead();
        const keys: RecordKeys = .{
            .suite = @intFromEnum(suite),
            .iv = octets("000102030405060708090a0b"),
            .key = @splat(0x5a),
        };
        // The iv with the number mixed into its last 8 octets.
        const nonce = octets("000102037a4d4c6f6e6d6a6f");
        const number = 0x7e48_4a68_6664_6064;
        for ([_]usize{ 1, 15, 16, 17, 255, 4096, 16385 }) |length| {
            var buffer: [record_header_bytes + 16385 + tag_bytes]u8 = undefined;
            for ([_]bool{ false, true }) |is_portable| {
                const record = buffer[0 .. record_header_bytes + length + tag_bytes];
                const payload = record[record_header_bytes..][0..length];
                record[0..record_header_bytes].* = .{ 23, 3, 3, 0x12, 0x34 };
                for (payload, 0..) |*octet, index| octet.* = @truncate(index * 7);
                const tag = record[record.len - tag_bytes ..][0..tag_bytes];
                const key = keys.key[0..Aead.key_length].*;
                Aead.encrypt(payload, tag, payload, record[0..record_header_bytes], nonce, key);
                if (is_portable) {
                    const is_open = openRecordHere(suite, &keys, number, record.ptr, record.len);
                    try testing.expect(is_open);
                } else {
                    try openRecord(suite, &keys, number, record);
                }
                for (payload, 0..) |octet, index| {
                    try testing.expectEqual(@as(u8, @truncate(index * 7)), octet);
                }
            }
        }
    }
}

test {
    _ = key_exchange;
    _ = key_schedule;
}
