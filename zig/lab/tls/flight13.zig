//! The server's first flight in TLS 1.3 (RFC 8446, 2): a HelloRetryRequest, or ServerHello and
//! then, encrypted, EncryptedExtensions, Certificate, CertificateVerify and Finished.

const std = @import("std");
const agreement = @import("agreement.zig");
const Suite13 = agreement.Suite13;
const Builder = @import("builder.zig").Builder;
const chain_store = @import("../chain_store.zig");
const Chain = chain_store.Chain;
const ClientHello = @import("client_hello.zig").ClientHello;
const code_points = @import("code_points.zig");
const Group = code_points.Group;
const KeySchedule = @import("key_schedule.zig").KeySchedule;
const record = @import("record.zig");
const server_hello = @import("server_hello.zig");
const ServerHello = server_hello.ServerHello;
const service = @import("../service.zig");
const unsigned_signature = @import("unsigned_signature.zig");

/// What an answer needs room for while it is made: the messages that are encrypted.
pub const Scratch = [messages_size_max]u8;

const messages_size_max = encrypted_extensions.len +
    (code_points.handshake_header_size + 1 + 3) +
    chain_store.certificate_count_max * (3 + chain_store.certificate_size_max + 2) +
    (code_points.handshake_header_size + unsigned_signature.size_max) +
    (code_points.handshake_header_size + digest_size_max);

const digest_size_max = 48;

/// A message of an empty list.
const encrypted_extensions = [_]u8{
    @intFromEnum(code_points.HandshakeType.encrypted_extensions), 0, 0, 2, 0, 0,
};

pub const Request = struct {
    hello: *const ClientHello,
    suite: Suite13,
    group: Group,
    /// The server's key, and what came of the exchange.
    server_public: []const u8,
    shared: []const u8,
    chain: Chain,
    /// The hash of the first hello when this one is the second.
    first_hello_hash: ?*const [digest_size_max]u8,
    random: [code_points.random_size]u8,
};

/// Asks for a key of the group, and remembers the hello by its hash.
pub fn retry(
    hello: *const ClientHello,
    suite: Suite13,
    group: Group,
    conversation: *service.Conversation,
) service.Response {
    var response: service.Response = .{};
    var builder: Builder = .{ .buffer = &response.head.octets };
    const message_start = record.header_size;
    builder.size = message_start;
    appendRetry(&builder, hello, suite, group);
    const size: u16 = @intCast(builder.size - message_start);
    response.head.octets[0..message_start].* = record.header(.handshake, size);
    if (hello.session_id.len > 0) builder.append(&record.change_cipher_spec);
    response.head.size = @intCast(builder.size);

    conversation.* = .{ .retried = .{
        .suite = @intFromEnum(suite),
        .first_hello_hash = @splat(0),
    } };
    switch (suite) {
        inline else => |known| {
            const digest = KeySchedule(known.Hash()).hash(hello.message);
            conversation.retried.first_hello_hash[0..digest.len].* = digest;
        },
    }
    return response;
}

fn appendRetry(builder: *Builder, hello: *const ClientHello, suite: Suite13, group: Group) void {
    const message: ServerHello = .{
        .random = server_hello.retry_random,
        .session_id = hello.session_id,
        .cipher_suite = @intFromEnum(suite),
        .extensions = .{ .tls13 = .{ .group = group, .public_key = null } },
    };
    message.append(builder);
}

/// The whole flight; the caller frees it.
pub fn build(
    allocator: std.mem.Allocator,
    scratch: *Scratch,
    request: *const Request,
) error{OutOfMemory}![]u8 {
    return switch (request.suite) {
        inline else => |suite| Flight(suite).build(allocator, scratch, request),
    };
}

/// How a ServerHello is wrong.
const Lie = enum {
    /// The message claims more than will ever come.
    message_too_long,
    /// The session id claims more than the message has.
    session_id_too_long,
    /// The extensions claim more than the message has.
    extensions_too_long,
    /// A record without octets comes before it.
    record_empty,
};

/// Has a flight lie about one length of its ServerHello, the only message that is in clear.
pub fn falsify(response: *service.Response, random: std.Random) void {
    const flight = response.owned.?;
    const body_start = record.header_size + code_points.handshake_header_size;
    const session_id_start = body_start + 2 + code_points.random_size;
    const suite_start = session_id_start + 1 + flight[session_id_start];
    const extensions_start = suite_start + 2 + 1;
    switch (random.enumValue(Lie)) {
        .message_too_long => {
            const place = flight[record.header_size + 1 ..][0..3];
            std.mem.writeInt(u24, place, std.math.maxInt(u24), .big);
        },
        .session_id_too_long => flight[session_id_start] = std.math.maxInt(u8),
        .extensions_too_long => {
            const place = flight[extensions_start..][0..2];
            std.mem.writeInt(u16, place, std.mem.readInt(u16, place, .big) + 1, .big);
        },
        .record_empty => {
            response.head.octets[0..record.header_size].* = record.header(.handshake, 0);
            response.head.size = record.header_size;
        },
    }
}

fn Flight(comptime suite: Suite13) type {
    return struct {
        const Hash = suite.Hash();
        const Aead = suite.Aead();
        const Schedule = KeySchedule(Hash);

        fn build(
            allocator: std.mem.Allocator,
            scratch: *Scratch,
            request: *const Request,
        ) error{OutOfMemory}![]u8 {
            var hello_buffer: [ServerHello.size_max]u8 = undefined;
            var hello: Builder = .{ .buffer = &hello_buffer };
            const message: ServerHello = .{
                .random = request.random,
                .session_id = request.hello.session_id,
                .cipher_suite = @intFromEnum(suite),
                .extensions = .{ .tls13 = .{
                    .group = request.group,
                    .public_key = request.server_public,
                } },
            };
            message.append(&hello);

            var transcript = startTranscript(request);
            transcript.update(request.hello.message);
            transcript.update(hello.built());
            const handshake_secret = Schedule.handshakeSecret(request.shared);
            const traffic_secret =
                Schedule.deriveSecret(handshake_secret, "s hs traffic", peek(&transcript));
            var messages: Builder = .{ .buffer = scratch };
            appendMessages(&messages, request.chain, traffic_secret, &transcript);

            // The first hello has been answered with one already.
            const is_compatible = request.hello.session_id.len > 0 and
                request.first_hello_hash == null;
            const size = record.sizeInRecords(hello.size) +
                (if (is_compatible) record.change_cipher_spec.len else 0) +
                protectedSize(messages.size);
            const octets = try allocator.alloc(u8, size);
            var builder: Builder = .{ .buffer = octets };
            record.appendMessage(&builder, hello.built());
            if (is_compatible) builder.append(&record.change_cipher_spec);
            appendProtected(&builder, messages.built(), traffic_secret);
            std.debug.assert(builder.size == size);
            return octets;
        }

        /// RFC 8446, 4.4.1.
        fn startTranscript(request: *const Request) Hash {
            var transcript: Hash = .init(.{});
            const first_hello_hash = request.first_hello_hash orelse return transcript;
            var buffer: [ServerHello.size_max]u8 = undefined;
            var builder: Builder = .{ .buffer = &buffer };
            builder.int(u8, code_points.HandshakeType.message_hash);
            builder.int(u24, Hash.digest_length);
            builder.append(first_hello_hash[0..Hash.digest_length]);
            transcript.update(builder.built());
            builder.size = 0;
            appendRetry(&builder, request.hello, suite, request.group);
            transcript.update(builder.built());
            return transcript;
        }

        fn peek(transcript: *const Hash) Schedule.Digest {
            var copy = transcript.*;
            return copy.finalResult();
        }

        /// All that is encrypted.
        fn appendMessages(
            builder: *Builder,
            chain: Chain,
            traffic_secret: Schedule.Digest,
            transcript: *Hash,
        ) void {
            builder.append(&encrypted_extensions);
            appendCertificate(builder, chain);
            builder.int(u8, code_points.HandshakeType.certificate_verify);
            const body = builder.open(u24);
            unsigned_signature.append(builder, agreement.scheme13(chain.key));
            builder.close(body);
            transcript.update(builder.built());
            builder.int(u8, code_points.HandshakeType.finished);
            builder.int(u24, Hash.digest_length);
            builder.append(&Schedule.verifyData(traffic_secret, peek(transcript)));
        }

        /// In records, in octets.
        fn protectedSize(size: usize) usize {
            const count = std.math.divCeil(usize, size, record.fragment_size_max) catch unreachable;
            return size + count * (record.header_size + 1 + Aead.tag_length);
        }

        /// RFC 8446, 5.2 and 5.3.
        fn appendProtected(
            builder: *Builder,
            messages: []const u8,
            traffic_secret: Schedule.Digest,
        ) void {
            const key = Schedule.expandLabel(traffic_secret, "key", "", Aead.key_length);
            const iv = Schedule.expandLabel(traffic_secret, "iv", "", Aead.nonce_length);
            var rest = messages;
            var sequence: u64 = 0;
            while (rest.len > 0) : (sequence += 1) {
                const fragment = rest[0..@min(rest.len, record.fragment_size_max)];
                rest = rest[fragment.len..];
                const inner_size = fragment.len + 1;
                const header =
                    record.header(.application_data, @intCast(inner_size + Aead.tag_length));
                builder.append(&header);
                const inner = builder.reserve(inner_size);
                @memcpy(inner[0..fragment.len], fragment);
                inner[fragment.len] = @intFromEnum(code_points.ContentType.handshake);
                const tag = builder.reserve(Aead.tag_length)[0..Aead.tag_length];
                Aead.encrypt(inner, tag, inner, &header, nonceOf(iv, sequence), key);
            }
        }

        fn nonceOf(iv: [Aead.nonce_length]u8, sequence: u64) [Aead.nonce_length]u8 {
            var nonce = iv;
            const end = nonce[Aead.nonce_length - 8 ..];
            std.mem.writeInt(u64, end, std.mem.readInt(u64, end, .big) ^ sequence, .big);
            return nonce;
        }
    };
}

/// RFC 8446, 4.4.2.
fn appendCertificate(builder: *Builder, chain: Chain) void {
    builder.int(u8, code_points.HandshakeType.certificate);
    const body = builder.open(u24);
    const context_none = 0;
    builder.int(u8, context_none);
    const list = builder.open(u24);
    for (chain.certificates) |octets| {
        const certificate = builder.open(u24);
        builder.append(octets);
        builder.close(certificate);
        const extensions_none = 0;
        builder.int(u16, extensions_none);
    }
    builder.close(list);
    builder.close(body);
}
