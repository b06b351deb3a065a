//! A client's hello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2), read from its stream of records. Total:
//! any octets are answered, in time and memory that their number bounds.

const std = @import("std");
const alert = @import("alert.zig");
const code_points = @import("code_points.zig");
const contains = @import("reader.zig").contains;
const Reader = @import("reader.zig").Reader;
const record = @import("record.zig");
const request_size_max = @import("../service.zig").request_size_max;

/// A view: the octets are the stream's, or the buffer's that it was joined in.
pub const ClientHello = struct {
    /// With the handshake header, as transcripts hash it.
    message: []const u8,
    legacy_version: u16,
    /// Up to 32 octets.
    session_id: []const u8,
    /// Big-endian numbers of 16 bits; so are the lists below.
    cipher_suites: []const u8,
    offers_null_compression: bool,
    extensions: Extensions,

    pub const Extensions = struct {
        server_name: ?[]const u8 = null,
        ec_point_formats: ?[]const u8 = null,
        extended_master_secret: ?[]const u8 = null,
        renegotiation_info: ?[]const u8 = null,
        /// Lists, without the length before them.
        supported_groups: ?[]const u8 = null,
        signature_algorithms: ?[]const u8 = null,
        supported_versions: ?[]const u8 = null,
        /// KeyShareEntry after KeyShareEntry (RFC 8446, 4.2.8); `Shares` reads them.
        key_share: ?[]const u8 = null,
    };

    /// Stands in the suites for an empty renegotiation_info (RFC 5746, 3.3).
    const renegotiation_suite = 0x00ff;

    pub fn offersVersion(hello: *const ClientHello, version: u16) bool {
        const versions = hello.extensions.supported_versions orelse return false;
        return contains(versions, version);
    }

    pub fn offersRenegotiationInfo(hello: *const ClientHello) bool {
        if (hello.extensions.renegotiation_info != null) return true;
        return contains(hello.cipher_suites, renegotiation_suite);
    }

    pub fn shares(hello: *const ClientHello) Shares {
        return .{ .reader = .{ .rest = hello.extensions.key_share orelse &.{} } };
    }

    pub const Shares = struct {
        reader: Reader,

        pub const Share = struct { group: u16, public_key: []const u8 };

        /// Null after the last one, and at one that is cut short.
        pub fn next(entries: *Shares) ?Share {
            const group = entries.reader.int(u16) orelse return null;
            const public_key = entries.reader.vector(u16) orelse return null;
            return .{ .group = group, .public_key = public_key };
        }
    };

    /// A handshake message's body; null when it is malformed.
    fn parse(message: []const u8) ?ClientHello {
        var reader: Reader = .{ .rest = message[code_points.handshake_header_size..] };
        const legacy_version = reader.int(u16) orelse return null;
        _ = reader.take(code_points.random_size) orelse return null;
        const session_id = reader.vector(u8) orelse return null;
        if (session_id.len > code_points.session_id_size_max) return null;
        const cipher_suites = reader.vector(u16) orelse return null;
        if (cipher_suites.len == 0 or cipher_suites.len % 2 != 0) return null;
        const compressions = reader.vector(u8) orelse return null;
        if (compressions.len == 0) return null;
        return .{
            .message = message,
            .legacy_version = legacy_version,
            .session_id = session_id,
            .cipher_suites = cipher_suites,
            .offers_null_compression = std.mem.findScalar(u8, compressions, 0) != null,
            .extensions = parseExtensions(&reader) orelse return null,
        };
    }

    fn parseExtensions(reader: *Reader) ?Extensions {
        var extensions: Extensions = .{};
        // A hello of the TLS 1.0 age ends before them.
        if (reader.isAtEnd()) return extensions;
        var block: Reader = .{ .rest = reader.vector(u16) orelse return null };
        if (!reader.isAtEnd()) return null;
        while (!block.isAtEnd()) {
            const number = block.int(u16) orelse return null;
            const data = block.vector(u16) orelse return null;
            const extension_type: code_points.ExtensionType = @enumFromInt(number);
            const place, const value = switch (extension_type) {
                .server_name => .{ &extensions.server_name, data },
                .ec_point_formats => .{ &extensions.ec_point_formats, data },
                .extended_master_secret => .{ &extensions.extended_master_secret, data },
                .renegotiation_info => .{ &extensions.renegotiation_info, data },
                .supported_groups => .{ &extensions.supported_groups, list(u16, data) },
                .signature_algorithms => .{ &extensions.signature_algorithms, list(u16, data) },
                .supported_versions => .{ &extensions.supported_versions, list(u8, data) },
                .key_share => .{ &extensions.key_share, list(u16, data) },
                _ => continue,
            };
            // Not more than once each (RFC 8446, 4.2).
            if (place.* != null) return null;
            place.* = value orelse return null;
        }
        return extensions;
    }

    /// An extension that is one list.
    fn list(comptime Length: type, data: []const u8) ?[]const u8 {
        var reader: Reader = .{ .rest = data };
        const octets = reader.vector(Length) orelse return null;
        return if (reader.isAtEnd()) octets else null;
    }
};

pub const Reading = union(enum) {
    /// The octets so far can be a hello's beginning.
    incomplete,
    hello: struct {
        hello: ClientHello,
        /// The size of its records.
        consumed: usize,
    },
    /// Something else, or a broken hello; it deserves this alert.
    refused: alert.Description,
    /// The client ends the connection.
    alert,
    /// This is no TLS.
    foreign,
};

/// Reads what a client has sent so far. Records that mean nothing before its hello
/// (RFC 8446, 5) are skipped. `joined` holds a hello that came in several records.
pub fn read(stream: []const u8, joined: *[request_size_max]u8) Reading {
    if (stream.len > 0 and stream[0] & version2_bit != 0) return readVersion2(stream);
    var records: record.RecordReader = .{ .stream = stream };
    var joined_size: usize = 0;
    while (true) {
        const found = switch (records.next()) {
            .record => |found| found,
            .incomplete => {
                if (stream.len < request_size_max) return .incomplete;
                return .{ .refused = .record_overflow };
            },
            .overflow => return .{ .refused = .record_overflow },
            .foreign => return if (records.offset == 0) .foreign else refused_message,
        };
        const fragment = found.fragment;
        switch (found.content_type) {
            .handshake => if (fragment.len == 0) return refused_message,
            .alert => return .alert,
            // Nobody here has keys to read it.
            .application_data => return .{ .refused = .bad_record_mac },
            .change_cipher_spec => {
                if (joined_size > 0 or !std.mem.eql(u8, fragment, "\x01")) return refused_message;
                continue;
            },
        }
        if (joined_size + fragment.len > joined.len) return .{ .refused = .decode_error };
        const message = if (joined_size == 0 and isWhole(fragment)) fragment else joined: {
            @memcpy(joined[joined_size..][0..fragment.len], fragment);
            joined_size += fragment.len;
            break :joined joined[0..joined_size];
        };
        switch (@as(code_points.HandshakeType, @enumFromInt(message[0]))) {
            .client_hello => {},
            // It answers our flight, whose keys and signature lead nowhere.
            .client_key_exchange => return .{ .refused = .decrypt_error },
            else => return refused_message,
        }
        if (message.len < code_points.handshake_header_size) continue;
        const size = messageSize(message);
        if (size > request_size_max) return .{ .refused = .decode_error };
        if (message.len < size) continue;
        if (message.len > size) return refused_message;
        const hello = ClientHello.parse(message) orelse return .{ .refused = .decode_error };
        return .{ .hello = .{ .hello = hello, .consumed = records.offset } };
    }
}

const refused_message: Reading = .{ .refused = .unexpected_message };

/// With its header, in octets.
fn messageSize(message: []const u8) usize {
    const body_size = std.mem.readInt(u24, message[1..4], .big);
    return code_points.handshake_header_size + @as(usize, body_size);
}

fn isWhole(message: []const u8) bool {
    if (message.len < code_points.handshake_header_size) return false;
    return message.len == messageSize(message);
}

/// In the first octet of a record of SSL 2.0, which has a length of 15 bits and then the message's
/// type (RFC 5246, E.2).
const version2_bit = 0x80;

fn readVersion2(stream: []const u8) Reading {
    if (stream.len < 3) return .incomplete;
    if (stream[2] != @intFromEnum(code_points.HandshakeType.client_hello)) return .foreign;
    return .{ .refused = .protocol_version };
}
