//! What the hosts' servers answer, read by a client.

const std = @import("std");
const testing = std.testing;
const P256 = std.crypto.ecc.P256;
const P384 = std.crypto.ecc.P384;
const Sha256 = std.crypto.hash.sha2.Sha256;
const Sha384 = std.crypto.hash.sha2.Sha384;
const X25519 = std.crypto.dh.X25519;
const Aes128Gcm = std.crypto.aead.aes_gcm.Aes128Gcm;
const Aes256Gcm = std.crypto.aead.aes_gcm.Aes256Gcm;
const ChaCha20Poly1305 = std.crypto.aead.chacha_poly.ChaCha20Poly1305;
const alert = @import("alert.zig");
const chain_store = @import("../chain_store.zig");
const Chain = chain_store.Chain;
const KeyKind = chain_store.KeyKind;
const Host = @import("../host.zig").Host;
const service = @import("../service.zig");
const test_client = @import("test_client.zig");
const buildHello = test_client.buildHello;
const HelloOptions = test_client.HelloOptions;
const Stream = test_client.Stream;
const TlsServer = @import("../tls_server.zig").TlsServer;
const weighted = @import("../weighted.zig");
const world_types = @import("../world.zig");

const certificate_largest: [chain_store.certificate_size_max]u8 = @splat(0xb5);

/// By the kind of their key. The second needs more than one record.
const chains: std.EnumArray(KeyKind, Chain) = .init(.{
    .ecdsa = .{ .key = .ecdsa, .certificates = &.{ "leaf", "issuer" } },
    .rsa = .{ .key = .rsa, .certificates = &.{ "leaf of rsa", &certificate_largest, "root" } },
});
const store: chain_store.ChainStore = .{ .chains = &chains.values, .lines = &.{} };

const Facts = struct {
    key: KeyKind = .ecdsa,
    versions: world_types.TlsVersions = .tls12_or_tls13,
    behavior: world_types.Behavior = .ordinary,
    retries: bool = false,
    needs_name: bool = false,
};

/// A server, and one host of it.
const Bench = struct {
    arena: std.heap.ArenaAllocator,
    prefix: [1]world_types.Prefix,
    world: world_types.World,
    server: TlsServer,
    conversation: service.Conversation = .none,
    host: Host,

    fn init(bench: *Bench, facts: Facts) !void {
        bench.* = .{
            .arena = .init(testing.allocator),
            .prefix = .{.{
                .first = .fromIpv4(.{ 10, 0, 0, 0 }),
                .last = .fromIpv4(.{ 10, 0, 0, 255 }),
                .length = 24,
                .tls_retry = if (facts.retries) weighted.share_all else 0,
                .tls_name = if (facts.needs_name) weighted.share_all else 0,
            }},
            .world = .{ .prefixes = &bench.prefix, .chain_count = store.chains.len },
            .server = undefined,
            .host = undefined,
        };
        errdefer bench.arena.deinit();
        const allocator = bench.arena.allocator();
        bench.prefix[0].tls_versions = try only(allocator, facts.versions);
        bench.prefix[0].behavior = try only(allocator, facts.behavior);
        bench.server = try .init(allocator, &store);
        bench.server.flight_allocator = testing.allocator;
        for (0..256) |number| {
            bench.host = .at(&bench.world, 0, .fromIpv4(.{ 10, 0, 0, @intCast(number) }));
            if (bench.host.chain() == @intFromEnum(facts.key)) return;
        }
        return error.TestUnexpectedResult;
    }

    fn only(allocator: std.mem.Allocator, value: anytype) !weighted.Weighted(@TypeOf(value)) {
        const Weighted = weighted.Weighted(@TypeOf(value));
        const options = try allocator.dupe(Weighted.Option, &.{
            .{ .value = value, .share = weighted.share_all },
        });
        return .{ .options = options };
    }

    fn deinit(bench: *Bench) void {
        bench.arena.deinit();
    }

    fn answer(bench: *Bench, request: []const u8) service.Answer {
        return bench.server.answer(bench.host, 99, &bench.conversation, request);
    }

    /// The octets of a flight, which takes the whole request; the caller frees them.
    fn flight(bench: *Bench, request: []const u8) ![]u8 {
        var answered = bench.answer(request);
        defer bench.server.release(&answered.response);
        try testing.expectEqual(request.len, answered.consumed);
        try testing.expectEqual(.stay, answered.after);
        return test_client.collect(&answered.response);
    }

    fn expectAlert(bench: *Bench, description: alert.Description, request: []const u8) !void {
        const answered = bench.answer(request);
        const octets = "\x15\x03\x03\x00\x02\x02" ++ [_]u8{@intFromEnum(description)};
        try testing.expectEqualStrings(octets, answered.response.head.slice());
        try testing.expectEqual(octets.len, answered.response.size());
        try testing.expectEqual(.finish, answered.after);
        try testing.expectEqual(request.len, answered.consumed);
    }
};

const ecdhe_suites = [_]u16{ 0x1301, 0xc02b, 0xc02f };

/// What a client of TLS 1.2 asks.
const options12: HelloOptions = .{
    .suites = &ecdhe_suites,
    .groups = &.{ 25, 24, 29 },
    .others = &.{
        .{ .number = 11, .data = "\x01\x00" },
        .{ .number = 23, .data = "" },
        .{ .number = 0xff01, .data = "\x00" },
    },
};

test "a flight of TLS 1.2 has its messages in records of their own" {
    for (std.enums.values(KeyKind)) |key| {
        for ([_]world_types.TlsVersions{ .tls12, .tls12_or_tls13 }) |versions| {
            var bench: Bench = undefined;
            try bench.init(.{ .key = key, .versions = versions });
            defer bench.deinit();
            var buffer: [512]u8 = undefined;
            const octets = try bench.flight(buildHello(&buffer, options12));
            defer testing.allocator.free(octets);
            const suite: u16 = if (key == .ecdsa) 0xc02b else 0xc02f;
            try expectFlight12(octets, key, .{
                .group = 24,
                .suite = suite,
                .versions = versions,
            });
        }
    }
}

const Expected12 = struct {
    /// Null without ServerKeyExchange.
    group: ?u16,
    suite: u16,
    versions: world_types.TlsVersions = .tls12_or_tls13,
};

fn expectFlight12(octets: []const u8, key: KeyKind, expected: Expected12) !void {
    var stream: Stream = .{ .rest = octets };
    const hello_message = try stream.message(2);
    defer testing.allocator.free(hello_message);
    const hello: test_client.HelloView = try .of(hello_message);
    const has_sentinel = std.mem.endsWith(u8, hello.random, "DOWNGRD\x01");
    try testing.expectEqual(expected.versions == .tls12_or_tls13, has_sentinel);
    try testing.expectEqual(32, hello.session_id.len);
    try testing.expectEqual(expected.suite, hello.suite);

    const certificate = try stream.message(11);
    defer testing.allocator.free(certificate);
    try test_client.expectCertificates(chains.get(key).certificates, "", certificate[4..]);

    if (expected.group) |group| {
        const exchange = try stream.message(12);
        defer testing.allocator.free(exchange);
        const head = [_]u8{ 3, 0, @intCast(group), pointSize(group) };
        try testing.expectEqualSlices(u8, &head, exchange[4..8]);
        const signed = exchange[8 + pointSize(group) ..];
        const scheme = if (key == .ecdsa) "\x04\x03\x00\x46" else "\x04\x01\x01\x00";
        try testing.expectEqualStrings(scheme, signed[0..4]);
        try testing.expectEqual(@as(usize, if (key == .ecdsa) 70 else 256), signed.len - 4);
    }
    const done = try stream.message(14);
    defer testing.allocator.free(done);
    try testing.expectEqual(4, done.len);
    try testing.expectEqual(0, stream.rest.len);
}

fn pointSize(group: u16) u8 {
    return switch (group) {
        29 => 32,
        23 => 65,
        24 => 97,
        else => unreachable,
    };
}

test "a flight of TLS 1.2 answers what the client offered, and nothing else" {
    var buffer: [512]u8 = undefined;
    const all = "\xff\x01\x00\x01\x00" ++ "\x00\x0b\x00\x02\x01\x00" ++ "\x00\x17\x00\x00";
    const by_suite = options: {
        var options = options12;
        options.suites = &.{ 0xc02b, 0x00ff };
        options.others = &.{};
        break :options options;
    };
    const bare: HelloOptions = .{ .suites = &.{0xc02b} };
    for ([_]struct { HelloOptions, []const u8, u8 }{
        .{ options12, all, 24 },
        .{ by_suite, "\xff\x01\x00\x01\x00", 24 },
        // Without groups the server chooses (RFC 8422, 4).
        .{ bare, "", 23 },
    }) |case| {
        const options, const extensions, const group = case;
        var bench: Bench = undefined;
        try bench.init(.{});
        defer bench.deinit();
        const octets = try bench.flight(buildHello(&buffer, options));
        defer testing.allocator.free(octets);
        var stream: Stream = .{ .rest = octets };
        const message = try stream.message(2);
        defer testing.allocator.free(message);
        const hello: test_client.HelloView = try .of(message);
        try testing.expectEqualSlices(u8, extensions, hello.extensions);
        try expectFlight12(octets, .ecdsa, .{ .group = group, .suite = 0xc02b });
    }
}

test "a key for RSA without an exchange goes without ServerKeyExchange" {
    var bench: Bench = undefined;
    try bench.init(.{ .key = .rsa });
    defer bench.deinit();
    var buffer: [512]u8 = undefined;
    // Of its suites the client has no group for the first two.
    const request = buildHello(&buffer, .{
        .suites = &.{ 0xc02f, 0xc02b, 0x009c },
        .groups = &.{25},
    });
    const octets = try bench.flight(request);
    defer testing.allocator.free(octets);
    try expectFlight12(octets, .rsa, .{ .group = null, .suite = 0x009c });
}

test "a hello that came in parts gets the same answer, and only when it is whole" {
    var bench: Bench = undefined;
    try bench.init(.{ .versions = .tls12 });
    defer bench.deinit();
    const whole = &test_client.hello_openssl;
    for (0..whole.len) |size| {
        const answered = bench.answer(whole[0..size]);
        try testing.expectEqual(0, answered.consumed);
        try testing.expectEqual(0, answered.response.size());
        try testing.expectEqual(.stay, answered.after);
    }
    const once = try bench.flight(whole);
    defer testing.allocator.free(once);
    bench.conversation = .none;
    const again = try bench.flight(whole);
    defer testing.allocator.free(again);
    try testing.expectEqualSlices(u8, once, again);
    try expectFlight12(once, .ecdsa, .{ .group = 29, .suite = 0xc02c, .versions = .tls12 });

    bench.conversation = .none;
    const other = bench.server.answer(bench.host, 100, &bench.conversation, whole);
    try testing.expect(!std.mem.eql(u8, once[11..43], other.response.head.octets[11..43]));
    try testing.expect(!std.mem.eql(u8, once[44..76], other.response.head.octets[44..76]));
}

/// Checks a flight of TLS 1.3 whose client said these messages before it.
fn expectFlight13(
    comptime Aead: type,
    comptime Hash: type,
    octets: []const u8,
    said: []const u8,
    key: KeyKind,
    is_change_expected: bool,
    exchange: *const Exchange,
) !void {
    var stream: Stream = .{ .rest = octets };
    const hello_message = try stream.message(2);
    defer testing.allocator.free(hello_message);
    const hello: test_client.HelloView = try .of(hello_message);
    // key_share, then supported_versions.
    const size = pointSize(exchange.group);
    const head = [_]u8{ 0, 51, 0, size + 4, 0, @intCast(exchange.group), 0, size };
    try testing.expectEqualSlices(u8, &head, hello.extensions[0..8]);
    const versions = hello.extensions[8 + size ..];
    try testing.expectEqualStrings("\x00\x2b\x00\x02\x03\x04", versions);
    if (is_change_expected) try testing.expectEqualStrings("\x01", try stream.record(20));

    const transcript = try std.mem.concat(testing.allocator, u8, &.{ said, hello_message });
    defer testing.allocator.free(transcript);
    var buffer: [48]u8 = undefined;
    const shared = try exchange.shared(hello.extensions[8..][0..size], &buffer);
    const opener: test_client.Opener(Aead, Hash) = .init(shared, transcript);
    const messages = try opener.open(&stream);
    defer testing.allocator.free(messages);

    const encrypted_extensions = "\x08\x00\x00\x02\x00\x00";
    try testing.expectEqualStrings(encrypted_extensions, messages[0..encrypted_extensions.len]);
    const certificate = messages[encrypted_extensions.len..];
    try testing.expectEqual(11, certificate[0]);
    const certificate_end = 4 + test_client.sizeAt(certificate, 1);
    try testing.expectEqual(0, certificate[4]);
    const list = certificate[5..certificate_end];
    try test_client.expectCertificates(chains.get(key).certificates, "\x00\x00", list);

    const verify = certificate[certificate_end..];
    const verify_head = if (key == .ecdsa)
        "\x0f\x00\x00\x4a\x04\x03\x00\x46"
    else
        "\x0f\x00\x01\x04\x08\x04\x01\x00";
    try testing.expectEqualStrings(verify_head, verify[0..8]);
    const finished_start = messages.len - verify.len + 4 + test_client.sizeAt(verify, 1);
    const before_finished = messages[0..finished_start];
    const all = try std.mem.concat(testing.allocator, u8, &.{ transcript, before_finished });
    defer testing.allocator.free(all);
    try opener.expectFinished(all, messages[finished_start..]);
}

/// The client's side.
const Exchange = struct {
    group: u16,
    secret: []const u8,

    fn public(exchange: *const Exchange, buffer: *[97]u8) ![]const u8 {
        switch (exchange.group) {
            29 => buffer[0..32].* = try X25519.recoverPublicKey(exchange.secret[0..32].*),
            23 => buffer[0..65].* =
                (try P256.basePoint.mul(exchange.secret[0..32].*, .big)).toUncompressedSec1(),
            24 => buffer.* =
                (try P384.basePoint.mul(exchange.secret[0..48].*, .big)).toUncompressedSec1(),
            else => unreachable,
        }
        return buffer[0..pointSize(exchange.group)];
    }

    fn shared(exchange: *const Exchange, server_public: []const u8, buffer: *[48]u8) ![]const u8 {
        switch (exchange.group) {
            29 => {
                const secret = exchange.secret[0..32].*;
                buffer[0..32].* = try X25519.scalarmult(secret, server_public[0..32].*);
                return buffer[0..32];
            },
            23 => {
                const point = try P256.fromSec1(server_public);
                const product = try point.mul(exchange.secret[0..32].*, .big);
                buffer[0..32].* = product.affineCoordinates().x.toBytes(.big);
                return buffer[0..32];
            },
            24 => {
                const point = try P384.fromSec1(server_public);
                const product = try point.mul(exchange.secret[0..48].*, .big);
                buffer.* = product.affineCoordinates().x.toBytes(.big);
                return buffer;
            },
            else => unreachable,
        }
    }
};

test "the client of RFC 8448, 3 can read the flight of TLS 1.3" {
    for (std.enums.values(KeyKind)) |key| {
        var bench: Bench = undefined;
        try bench.init(.{ .key = key, .versions = .tls13 });
        defer bench.deinit();
        const octets = try bench.flight(&test_client.hello_rfc8448);
        defer testing.allocator.free(octets);
        const said = test_client.hello_rfc8448[5..];
        const exchange: Exchange = .{ .group = 29, .secret = &test_client.secret_rfc8448 };
        try expectFlight13(Aes128Gcm, Sha256, octets, said, key, false, &exchange);
    }
}

const secret_of_client: [48]u8 = @splat(0x2a);

/// With a key for one group.
fn options13(suites: []const u16, shares: []const HelloOptions.Share) HelloOptions {
    return .{
        .session_id = "the session's number of 32 bytes",
        .suites = suites,
        .versions = &.{ 0x0304, 0x0303 },
        .groups = &.{ 29, 23, 24 },
        .schemes = &.{ 0x0403, 0x0804 },
        .shares = shares,
    };
}

test "every suite with every group of TLS 1.3" {
    var bench: Bench = undefined;
    try bench.init(.{});
    defer bench.deinit();
    inline for (.{ 0x1301, 0x1302, 0x1303 }, .{
        .{ Aes128Gcm, Sha256 },
        .{ Aes256Gcm, Sha384 },
        .{ ChaCha20Poly1305, Sha256 },
    }) |suite, kinds| {
        for ([_]u16{ 29, 23, 24 }) |group| {
            const exchange: Exchange = .{ .group = group, .secret = &secret_of_client };
            var public: [97]u8 = undefined;
            var buffer: [512]u8 = undefined;
            const request = buildHello(&buffer, options13(&.{ 0xc02b, suite }, &.{
                // One that the server does not know comes first.
                .{ .group = 0x11ec, .public_key = "key" },
                .{ .group = group, .public_key = try exchange.public(&public) },
            }));
            bench.conversation = .none;
            const octets = try bench.flight(request);
            defer testing.allocator.free(octets);
            try expectFlight13(kinds[0], kinds[1], octets, request[5..], .ecdsa, true, &exchange);
        }
    }
}

test "a host that takes P-384 only asks for it, and the transcript has both hellos" {
    inline for (.{ 0x1301, 0x1302 }, .{
        .{ Aes128Gcm, Sha256 },
        .{ Aes256Gcm, Sha384 },
    }) |suite, kinds| {
        var bench: Bench = undefined;
        try bench.init(.{ .retries = true });
        defer bench.deinit();
        var public: [97]u8 = undefined;
        var buffer: [512]u8 = undefined;
        const key: [32]u8 = @splat(9);
        const first = buildHello(&buffer, options13(&.{suite}, &.{
            .{ .group = 29, .public_key = &key },
        }));
        const retry = try bench.flight(first);
        defer testing.allocator.free(retry);
        var stream: Stream = .{ .rest = retry };
        const retry_message = try stream.message(2);
        defer testing.allocator.free(retry_message);
        try testing.expectEqualStrings("\x01", try stream.record(20));
        try testing.expectEqual(0, stream.rest.len);
        const view: test_client.HelloView = try .of(retry_message);
        const digest = test_client.fromHex("cf21ad74e59a6111be1d8c021e65b891" ++
            "c2a211167abb8c5e079e09e2c8a8339c");
        try testing.expectEqualSlices(u8, &digest, view.random);
        try testing.expectEqual(suite, view.suite);
        try testing.expectEqualStrings(
            "\x00\x33\x00\x02\x00\x18" ++ "\x00\x2b\x00\x02\x03\x04",
            view.extensions,
        );

        const hash = test_client.Opener(kinds[0], kinds[1]).hash(first[5..]);
        const exchange: Exchange = .{ .group = 24, .secret = &secret_of_client };
        const second = buildHello(&buffer, options13(&.{suite}, &.{
            .{ .group = 24, .public_key = try exchange.public(&public) },
        }));
        var with_change: [600]u8 = undefined;
        const change = "\x14\x03\x03\x00\x01\x01";
        const request = try std.fmt.bufPrint(&with_change, "{s}{s}", .{ change, second });
        const octets = try bench.flight(request);
        defer testing.allocator.free(octets);
        const said = try std.mem.concat(testing.allocator, u8, &.{
            &.{ 254, 0, 0, hash.len }, &hash, retry_message, second[5..],
        });
        defer testing.allocator.free(said);
        try expectFlight13(kinds[0], kinds[1], octets, said, .ecdsa, false, &exchange);
    }
}

test "a client without a key for a common group is asked for one, once" {
    var bench: Bench = undefined;
    try bench.init(.{});
    defer bench.deinit();
    var buffer: [512]u8 = undefined;
    const request = buildHello(&buffer, options13(&.{0x1301}, &.{}));
    const retry = try bench.flight(request);
    defer testing.allocator.free(retry);
    var stream: Stream = .{ .rest = retry };
    const message = try stream.message(2);
    defer testing.allocator.free(message);
    const view: test_client.HelloView = try .of(message);
    try testing.expectEqualStrings("\x00\x33\x00\x02\x00\x1d", view.extensions[0..6]);
    try bench.expectAlert(.illegal_parameter, request);
}

test "a second hello must keep the suite and the version" {
    var bench: Bench = undefined;
    try bench.init(.{});
    defer bench.deinit();
    var buffer: [512]u8 = undefined;
    const key: [32]u8 = @splat(9);
    const shares = [_]HelloOptions.Share{.{ .group = 29, .public_key = &key }};
    const retry = try bench.flight(buildHello(&buffer, options13(&.{0x1301}, &.{})));
    testing.allocator.free(retry);
    const request = buildHello(&buffer, options13(&.{0x1302}, &shares));
    try bench.expectAlert(.illegal_parameter, request);
    try bench.expectAlert(.illegal_parameter, buildHello(&buffer, options12));
}

test "every refusal has its alert" {
    const with_bad_key = options13(&.{0x1301}, &.{.{ .group = 23, .public_key = "short" }});
    var without_schemes = with_bad_key;
    without_schemes.schemes = null;
    var other_schemes = with_bad_key;
    other_schemes.schemes = &.{0x0804};
    var other_suites = with_bad_key;
    other_suites.suites = &.{0xc02b};
    var other_groups = with_bad_key;
    other_groups.groups = &.{25};
    other_groups.shares = &.{};
    var older_versions = options12;
    older_versions.versions = &.{ 0x0302, 0x0301 };
    var without_groups = options12;
    without_groups.groups = &.{25};
    var compressed = options12;
    compressed.compressions = "\x01";
    for ([_]struct { Facts, HelloOptions, alert.Description }{
        .{ .{ .versions = .tls13 }, options12, .protocol_version },
        .{ .{}, older_versions, .protocol_version },
        .{ .{}, .{ .suites = &ecdhe_suites, .legacy_version = 0x0302 }, .protocol_version },
        .{ .{}, .{ .suites = &.{ 0xc02f, 0x1301 } }, .handshake_failure },
        .{ .{}, .{ .suites = &.{ 0x009c, 0x009e } }, .handshake_failure },
        .{ .{ .key = .rsa }, .{ .suites = &.{0xc02b} }, .handshake_failure },
        .{ .{}, without_groups, .handshake_failure },
        .{ .{}, compressed, .illegal_parameter },
        .{ .{ .needs_name = true }, options12, .unrecognized_name },
        .{ .{}, with_bad_key, .illegal_parameter },
        .{ .{}, without_schemes, .missing_extension },
        .{ .{}, other_schemes, .handshake_failure },
        .{ .{}, other_suites, .handshake_failure },
        .{ .{}, other_groups, .handshake_failure },
    }) |case| {
        const facts, const options, const description = case;
        var bench: Bench = undefined;
        try bench.init(facts);
        defer bench.deinit();
        var buffer: [512]u8 = undefined;
        try bench.expectAlert(description, buildHello(&buffer, options));
    }
}

test "a server of TLS 1.2 does not know of a list of versions; one with both goes by it" {
    var buffer: [512]u8 = undefined;
    var options = options12;
    options.versions = &.{0x0304};
    const request = buildHello(&buffer, options);
    var bench: Bench = undefined;
    try bench.init(.{ .versions = .tls12 });
    defer bench.deinit();
    const octets = try bench.flight(request);
    defer testing.allocator.free(octets);
    try expectFlight12(octets, .ecdsa, .{ .group = 24, .suite = 0xc02b, .versions = .tls12 });

    var bench_of_both: Bench = undefined;
    try bench_of_both.init(.{});
    defer bench_of_both.deinit();
    // It is TLS 1.3 that lacks something here.
    try bench_of_both.expectAlert(.missing_extension, request);
}

test "a host that needs a name answers when it gets one" {
    var bench: Bench = undefined;
    try bench.init(.{ .needs_name = true });
    defer bench.deinit();
    var buffer: [512]u8 = undefined;
    var options = options12;
    options.server_name = "host.example";
    const octets = try bench.flight(buildHello(&buffer, options));
    defer testing.allocator.free(octets);
    try expectFlight12(octets, .ecdsa, .{ .group = 24, .suite = 0xc02b });
}

test "what follows the flight ends the connection" {
    var bench: Bench = undefined;
    try bench.init(.{});
    defer bench.deinit();
    try bench.expectAlert(.decrypt_error, "\x16\x03\x03\x00\x05\x10\x00\x00\x01\x00" ++
        "\x14\x03\x03\x00\x01\x01");
    // In TLS 1.3 it is encrypted.
    const encrypted = "\x17\x03\x03\x00\x01\x00";
    try bench.expectAlert(.bad_record_mac, "\x14\x03\x03\x00\x01\x01" ++ encrypted);
    for ([_]struct { []const u8, service.After }{
        .{ "\x15\x03\x03\x00\x02\x02\x33", .finish },
        .{ "GET / HTTP/1.1\r\n\r\n", .reset },
    }) |case| {
        const request, const after = case;
        const answered = bench.answer(request);
        try testing.expectEqual(request.len, answered.consumed);
        try testing.expectEqual(0, answered.response.size());
        try testing.expectEqual(after, answered.after);
    }
}

test "a flight is answered by no second hello" {
    for ([_]world_types.TlsVersions{ .tls12, .tls13 }) |versions| {
        var bench: Bench = undefined;
        try bench.init(.{ .versions = versions });
        defer bench.deinit();
        testing.allocator.free(try bench.flight(&test_client.hello_openssl));
        try bench.expectAlert(.unexpected_message, &test_client.hello_openssl);
    }
}

test "records without end follow the hello of a host that sends them" {
    var bench: Bench = undefined;
    try bench.init(.{ .behavior = .endless_records });
    defer bench.deinit();
    var buffer: [512]u8 = undefined;
    const answered = bench.answer(buildHello(&buffer, options12));
    try testing.expect(answered.response.is_endless);
    const octets = try testing.allocator.alloc(u8, 200_000);
    defer testing.allocator.free(octets);
    answered.response.read(0, octets);
    var stream: Stream = .{ .rest = octets };
    testing.allocator.free(try stream.message(2));
    const first = try stream.record(22);
    try testing.expectEqualStrings("\x0b\xff\xff\xff", first[0..4]);
    for (0..8) |_| try testing.expectEqual(1 << 14, (try stream.record(22)).len);
    // And a gigabyte later they still begin where records do.
    const hello_size: u32 = answered.response.head.size;
    answered.response.read(hello_size + 65_000 * (5 + (1 << 14)), octets);
    var later: Stream = .{ .rest = octets };
    try testing.expectEqual(1 << 14, (try later.record(22)).len);
}

test "in TLS 1.3 it is the hello that has no end" {
    var bench: Bench = undefined;
    try bench.init(.{ .behavior = .endless_records, .versions = .tls13 });
    defer bench.deinit();
    const answered = bench.answer(&test_client.hello_openssl);
    try testing.expect(answered.response.is_endless);
    const octets = try testing.allocator.alloc(u8, 200_000);
    defer testing.allocator.free(octets);
    answered.response.read(0, octets);
    var stream: Stream = .{ .rest = octets };
    try testing.expectEqualStrings("\x02\xff\xff\xff", try stream.record(22));
    for (0..8) |_| try testing.expectEqual(1 << 14, (try stream.record(22)).len);
}

test "the lengths of a ServerHello of TLS 1.3 lie in each of four ways" {
    var bench: Bench = undefined;
    try bench.init(.{ .behavior = .wrong_lengths, .versions = .tls13 });
    defer bench.deinit();
    var honest: Bench = undefined;
    try honest.init(.{ .versions = .tls13 });
    defer honest.deinit();
    const request = &test_client.hello_openssl;
    var seen: [4]u32 = @splat(0);
    for (0..100) |entropy| {
        honest.conversation = .none;
        var told = honest.server.answer(honest.host, entropy, &honest.conversation, request);
        defer honest.server.release(&told.response);
        const truth = told.response.owned.?;
        bench.conversation = .none;
        var answered = bench.server.answer(bench.host, entropy, &bench.conversation, request);
        defer bench.server.release(&answered.response);
        const octets = try test_client.collect(&answered.response);
        defer testing.allocator.free(octets);
        // With the session id of 32 octets; what is false is told in place of what is true.
        const claims = [_]struct { usize, []const u8 }{
            .{ 6, "\xff\xff\xff" },
            .{ 43, "\xff" },
            .{ 79, &.{ truth[79], truth[80] + 1 } },
        };
        const lie = for (claims, 0..) |claim, index| {
            const place, const claimed = claim;
            if (!std.mem.eql(u8, claimed, octets[place..][0..claimed.len])) continue;
            try testing.expectEqualSlices(u8, truth[0..place], octets[0..place]);
            const end = place + claimed.len;
            try testing.expectEqualSlices(u8, truth[end..], octets[end..]);
            break index;
        } else empty: {
            try testing.expectEqualStrings("\x16\x03\x03\x00\x00", octets[0..5]);
            try testing.expectEqualSlices(u8, truth, octets[5..]);
            break :empty 3;
        };
        seen[lie] += 1;
    }
    for (seen) |count| try testing.expect(count > 5);
}

test "the lengths of a Certificate message lie in each of four ways" {
    for (std.enums.values(KeyKind)) |key| {
        var bench: Bench = undefined;
        try bench.init(.{ .behavior = .wrong_lengths, .key = key });
        defer bench.deinit();
        var honest: Bench = undefined;
        try honest.init(.{ .key = key });
        defer honest.deinit();
        var buffer: [512]u8 = undefined;
        const request = buildHello(&buffer, options12);
        const truth = try honest.flight(request);
        defer testing.allocator.free(truth);
        var seen: [4]u32 = @splat(0);
        for (0..100) |entropy| {
            bench.conversation = .none;
            const answered = bench.server.answer(bench.host, entropy, &bench.conversation, request);
            const octets = try test_client.collect(&answered.response);
            defer testing.allocator.free(octets);
            const hello_size = 5 + (@as(usize, octets[3]) << 8 | octets[4]);
            seen[try lieOf(octets[hello_size..], truth[hello_size..])] += 1;
        }
        for (seen) |count| try testing.expect(count > 5);
    }
}

/// Which one it is; all else must be as in truth.
fn lieOf(octets: []const u8, truth: []const u8) !usize {
    const empty_record = "\x16\x03\x03\x00\x00";
    if (std.mem.startsWith(u8, octets, empty_record)) {
        try testing.expectEqualSlices(u8, truth, octets[empty_record.len..]);
        return 3;
    }
    try testing.expectEqualSlices(u8, truth[15..], octets[15..]);
    try testing.expectEqualSlices(u8, truth[0..6], octets[0..6]);
    const message_size = test_client.sizeAt(octets, 6);
    const list_size = test_client.sizeAt(octets, 9);
    const certificate_size = test_client.sizeAt(octets, 12);
    if (message_size == (1 << 24) - 1) return 0;
    try testing.expectEqual(test_client.sizeAt(truth, 6), message_size);
    if (list_size + 3 > message_size) {
        try testing.expectEqual(test_client.sizeAt(truth, 12), certificate_size);
        return 1;
    }
    try testing.expectEqual(test_client.sizeAt(truth, 9), list_size);
    try testing.expect(certificate_size + 3 > list_size);
    return 2;
}

test "mutated hellos get an answer that fits, from every kind of host" {
    var prng: std.Random.DefaultPrng = .init(5246);
    const random = prng.random();
    var flights: u32 = 0;
    for (std.enums.values(world_types.TlsVersions)) |versions| {
        var bench: Bench = undefined;
        try bench.init(.{ .key = .rsa, .versions = versions, .needs_name = versions == .tls12 });
        defer bench.deinit();
        const count: u32 = if (versions == .tls12) 50_000 else 4_000;
        for (0..count) |_| {
            var stream = test_client.hello_openssl;
            for (0..random.intRangeAtMost(u8, 1, 4)) |_| {
                stream[random.uintLessThan(usize, stream.len)] = random.int(u8);
            }
            bench.conversation = .none;
            var answered = bench.answer(&stream);
            defer bench.server.release(&answered.response);
            try testing.expect(answered.consumed <= stream.len);
            if (answered.consumed == 0) {
                try testing.expectEqual(0, answered.response.size());
                try testing.expectEqual(.stay, answered.after);
            }
            flights += @intFromBool(answered.response.size() > 1_000);
        }
    }
    try testing.expect(flights > 1_000);
}
