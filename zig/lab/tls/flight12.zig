//! The server's first flight in TLS 1.2 (RFC 5246, 7.3): ServerHello, Certificate,
//! ServerKeyExchange (RFC 8422, 5.4), ServerHelloDone, each in records of its own. All but the
//! ServerHello is made once, so that an answer copies a hundred octets and allocates nothing.

const std = @import("std");
const Agreement12 = @import("agreement.zig").Agreement12;
const appendEndless = @import("fault.zig").appendEndless;
const Builder = @import("builder.zig").Builder;
const Chain = @import("../chain_store.zig").Chain;
const ClientHello = @import("client_hello.zig").ClientHello;
const code_points = @import("code_points.zig");
const Fault = @import("fault.zig").Fault;
const Group = code_points.Group;
const KeyKind = @import("../chain_store.zig").KeyKind;
const KeyShares = @import("key_shares.zig").KeyShares;
const record = @import("record.zig");
const ServerHello = @import("server_hello.zig").ServerHello;
const service = @import("../service.zig");
const unsigned_signature = @import("unsigned_signature.zig");

pub const Flight12 = struct {
    /// By chain: its Certificate message in records.
    certificates: []const []const u8,
    /// ServerKeyExchange and ServerHelloDone.
    tails: std.EnumArray(KeyKind, std.EnumArray(Group, []const u8)),

    pub const Request = struct {
        hello: *const ClientHello,
        agreement: Agreement12,
        chain_index: u32,
        key: KeyKind,
        /// Whether the server would have spoken TLS 1.3 too.
        is_downgrade: bool,
        fault: Fault,
        random: std.Random,
    };

    /// Nothing is freed: pass an arena.
    pub fn init(
        allocator: std.mem.Allocator,
        chains: []const Chain,
        key_shares: *const KeyShares,
    ) error{OutOfMemory}!Flight12 {
        const certificates = try allocator.alloc([]const u8, chains.len);
        for (certificates, chains) |*records, chain| {
            records.* = try certificateRecords(allocator, chain);
        }
        var tails: @FieldType(Flight12, "tails") = undefined;
        for (std.enums.values(KeyKind)) |key| {
            for (std.enums.values(Group)) |group| {
                const public_key = key_shares.public(group);
                tails.getPtr(key).set(group, try tailRecords(allocator, key, group, public_key));
            }
        }
        return .{ .certificates = certificates, .tails = tails };
    }

    pub fn answer(flight: *const Flight12, request: *const Request) service.Response {
        var response: service.Response = .{};
        var builder: Builder = .{ .buffer = &response.head.octets };
        appendHello(&builder, request);
        const certificate = flight.certificates[request.chain_index];
        response.pieces = .{ certificate, if (request.agreement.group) |group|
            flight.tails.get(request.key).get(group)
        else
            &server_hello_done };
        switch (request.fault) {
            .none => {},
            .wrong_lengths => {
                const lie = request.random.enumValue(Lie);
                response.pieces[0] = certificate[appendLie(&builder, lie, certificate)..];
            },
            .endless_records => appendEndless(&builder, &response, .certificate),
        }
        response.head.size = @intCast(builder.size);
        return response;
    }
};

/// The end of the random of a server that has been talked down from TLS 1.3 (RFC 8446, 4.1.3).
const downgrade_sentinel = "DOWNGRD\x01";

fn appendHello(builder: *Builder, request: *const Flight12.Request) void {
    var random: [code_points.random_size]u8 = undefined;
    request.random.bytes(&random);
    if (request.is_downgrade) {
        random[random.len - downgrade_sentinel.len ..][0..downgrade_sentinel.len].* =
            downgrade_sentinel.*;
    }
    var session_id: [code_points.session_id_size_max]u8 = undefined;
    request.random.bytes(&session_id);
    const offered = &request.hello.extensions;
    const hello: ServerHello = .{
        .random = random,
        .session_id = &session_id,
        .cipher_suite = request.agreement.suite,
        .extensions = .{ .tls12 = .{
            .renegotiation_info = request.hello.offersRenegotiationInfo(),
            .extended_master_secret = offered.extended_master_secret != null,
            .ec_point_formats = request.agreement.group != null and
                offered.ec_point_formats != null,
        } },
    };
    builder.int(u8, code_points.ContentType.handshake);
    builder.int(u16, code_points.Version.tls12);
    const fragment = builder.open(u16);
    hello.append(builder);
    builder.close(fragment);
}

/// A message without a body, in its record.
const server_hello_done = record.header(.handshake, code_points.handshake_header_size) ++
    [_]u8{ @intFromEnum(code_points.HandshakeType.server_hello_done), 0, 0, 0 };

/// RFC 5246, 7.4.2.
fn certificateRecords(allocator: std.mem.Allocator, chain: Chain) error{OutOfMemory}![]u8 {
    var list_size: usize = 0;
    for (chain.certificates) |certificate| list_size += 3 + certificate.len;
    const message_size = code_points.handshake_header_size + 3 + list_size;
    const message = try allocator.alloc(u8, message_size);
    defer allocator.free(message);
    var builder: Builder = .{ .buffer = message };
    builder.int(u8, code_points.HandshakeType.certificate);
    const body = builder.open(u24);
    const list = builder.open(u24);
    for (chain.certificates) |octets| {
        const certificate = builder.open(u24);
        builder.append(octets);
        builder.close(certificate);
    }
    builder.close(list);
    builder.close(body);
    std.debug.assert(builder.size == message_size);

    const records = try allocator.alloc(u8, record.sizeInRecords(message_size));
    var records_builder: Builder = .{ .buffer = records };
    record.appendMessage(&records_builder, message);
    return records;
}

/// RFC 8422, 5.4.
fn tailRecords(
    allocator: std.mem.Allocator,
    key: KeyKind,
    group: Group,
    public_key: []const u8,
) error{OutOfMemory}![]u8 {
    const header_size = code_points.handshake_header_size + 4;
    const size_max = header_size + KeyShares.public_size_max + unsigned_signature.size_max;
    var message_buffer: [size_max]u8 = undefined;
    var message: Builder = .{ .buffer = &message_buffer };
    message.int(u8, code_points.HandshakeType.server_key_exchange);
    const body = message.open(u24);
    const curve_type_named = 3;
    message.int(u8, curve_type_named);
    message.int(u16, group);
    const point = message.open(u8);
    message.append(public_key);
    message.close(point);
    unsigned_signature.append(&message, switch (key) {
        .ecdsa => .ecdsa_secp256r1_sha256,
        .rsa => .rsa_pkcs1_sha256,
    });
    message.close(body);

    const size = record.sizeInRecords(message.size) + server_hello_done.len;
    var builder: Builder = .{ .buffer = try allocator.alloc(u8, size) };
    record.appendMessage(&builder, message.built());
    builder.append(&server_hello_done);
    return builder.built();
}

/// How a Certificate message is wrong.
const Lie = enum {
    /// The list claims more than the message has.
    list_too_long,
    /// The first certificate claims more than the list has.
    certificate_too_long,
    /// A record without octets comes before it.
    record_empty,
    /// The message claims more than will ever come.
    message_too_long,
};

/// Writes the false beginning of a Certificate message, and returns how much of the true one's
/// records it stands for.
fn appendLie(builder: *Builder, lie: Lie, records: []const u8) usize {
    const message_start = record.header_size;
    const list_start = message_start + code_points.handshake_header_size;
    const certificate_start = list_start + 3;
    const end = certificate_start + 3;
    const list_size = std.mem.readInt(u24, records[list_start..][0..3], .big);
    if (lie == .record_empty) {
        builder.append(&record.header(.handshake, 0));
        return 0;
    }
    const start = builder.reserve(end);
    @memcpy(start, records[0..end]);
    const place: usize, const claimed: u24 = switch (lie) {
        .list_too_long => .{ list_start, list_size + 1 },
        .certificate_too_long => .{ certificate_start, list_size },
        .message_too_long => .{ message_start + 1, std.math.maxInt(u24) },
        .record_empty => unreachable,
    };
    std.mem.writeInt(u24, start[place..][0..3], claimed, .big);
    return end;
}
