//! Follows a TLS 1.2 server's first flight (RFC 5246, 7.3) without keeping it: which messages come,
//! and whether the sizes inside the Certificate message agree with each other.

const std = @import("std");

/// What the octets so far mean.
pub const Progress = enum {
    /// More has to come.
    incomplete,
    /// ServerHelloDone, after a ServerHello and a Certificate whose sizes agree.
    complete,
    /// Anything else: an alert, no TLS, other messages, sizes that lie.
    wrong,
};

/// RFC 5246, 6.2.1.
const record_type_handshake = 22;
const record_header_size = 5;
/// In octets (RFC 5246, 6.2.1).
const record_size_max = 1 << 14;

/// RFC 5246, 7.4; CertificateStatus: RFC 6066, 8.
const MessageType = enum(u8) {
    server_hello = 2,
    certificate = 11,
    server_key_exchange = 12,
    server_hello_done = 14,
    certificate_status = 22,
    _,
};
const message_header_size = 4;
/// In octets of a vector's size (RFC 5246, 7.4.2).
const size_size = 3;

pub const Flight = struct {
    record_header: Gathered(record_header_size) = .{},
    /// Octets of the record that are still to come.
    record_rest: u16 = 0,

    message_header: Gathered(message_header_size) = .{},
    message_type: MessageType = @enumFromInt(0),
    /// Octets of the message that are still to come.
    message_rest: u24 = 0,
    has_hello: bool = false,
    has_certificate: bool = false,

    size: Gathered(size_size) = .{},
    /// Whether the size of the Certificate message's list has been read.
    in_list: bool = false,
    /// Octets of the certificate that are still to come.
    certificate_rest: u24 = 0,

    /// Takes the next octets of the stream. After anything but `incomplete` there is no more to
    /// learn; what follows a ServerHelloDone is not looked at.
    pub fn push(flight: *Flight, octets: []const u8) Progress {
        var rest = octets;
        while (rest.len > 0) {
            if (flight.record_rest == 0) {
                const header = flight.record_header.take(&rest) orelse continue;
                if (header[0] != record_type_handshake or header[1] != 3) return .wrong;
                flight.record_rest = std.mem.readInt(u16, header[3..5], .big);
                // A record of handshake messages is never empty (RFC 5246, 6.2.1).
                if (flight.record_rest == 0 or flight.record_rest > record_size_max) return .wrong;
                continue;
            }
            const count = @min(rest.len, flight.record_rest);
            const progress = flight.pushFragment(rest[0..count]);
            if (progress != .incomplete) return progress;
            flight.record_rest -= @intCast(count);
            rest = rest[count..];
        }
        return .incomplete;
    }

    fn pushFragment(flight: *Flight, octets: []const u8) Progress {
        var rest = octets;
        while (rest.len > 0) {
            if (flight.message_rest == 0) {
                const header = flight.message_header.take(&rest) orelse continue;
                flight.message_type = @enumFromInt(header[0]);
                flight.message_rest = std.mem.readInt(u24, header[1..4], .big);
                const progress = flight.beginMessage();
                if (progress != .incomplete) return progress;
                continue;
            }
            const count = @min(rest.len, flight.message_rest);
            flight.message_rest -= @intCast(count);
            if (flight.message_type == .certificate) {
                if (!flight.pushCertificates(rest[0..count])) return .wrong;
            }
            rest = rest[count..];
        }
        return .incomplete;
    }

    fn beginMessage(flight: *Flight) Progress {
        switch (flight.message_type) {
            .server_hello => {
                if (flight.has_hello) return .wrong;
                flight.has_hello = true;
            },
            .certificate => {
                if (!flight.has_hello or flight.has_certificate) return .wrong;
                // The list's size and one certificate of one octet.
                if (flight.message_rest < size_size + size_size + 1) return .wrong;
                flight.has_certificate = true;
            },
            .certificate_status, .server_key_exchange => {
                if (!flight.has_certificate) return .wrong;
            },
            .server_hello_done => {
                const is_right = flight.has_certificate and flight.message_rest == 0;
                return if (is_right) .complete else .wrong;
            },
            _ => return .wrong,
        }
        return .incomplete;
    }

    /// Octets of the Certificate message, of which `message_rest` more follow. False: a size
    /// disagrees with the one around it.
    fn pushCertificates(flight: *Flight, octets: []const u8) bool {
        var rest = octets;
        while (rest.len > 0) {
            if (flight.certificate_rest > 0) {
                const count = @min(rest.len, flight.certificate_rest);
                flight.certificate_rest -= @intCast(count);
                rest = rest[count..];
                continue;
            }
            const field = flight.size.take(&rest) orelse break;
            const size = std.mem.readInt(u24, field, .big);
            const available = flight.message_rest + rest.len;
            if (!flight.in_list) {
                if (size != available) return false;
                flight.in_list = true;
            } else {
                if (size == 0 or size > available) return false;
                flight.certificate_rest = size;
            }
        }
        const is_inside = flight.certificate_rest > 0 or flight.size.count > 0;
        return flight.message_rest > 0 or !is_inside;
    }
};

/// A few octets that may come in pieces.
fn Gathered(comptime size: u8) type {
    return struct {
        octets: [size]u8 = undefined,
        count: u8 = 0,

        /// Takes what is missing from the front of `rest`; all of them once they are there, and
        /// the next call begins anew.
        fn take(gathered: *@This(), rest: *[]const u8) ?*const [size]u8 {
            const count = @min(rest.len, size - gathered.count);
            @memcpy(gathered.octets[gathered.count..][0..count], rest.*[0..count]);
            rest.* = rest.*[count..];
            gathered.count += @intCast(count);
            if (gathered.count < size) return null;
            gathered.count = 0;
            return &gathered.octets;
        }
    };
}

const test_hello = [_]u8{ 2, 0, 0, 2, 3, 3 };
/// Two certificates, of three octets and of two.
const test_certificate = [_]u8{ 11, 0, 0, 14, 0, 0, 11, 0, 0, 3, 'a', 'b', 'c', 0, 0, 2, 'd', 'e' };
const test_key_exchange = [_]u8{ 12, 0, 0, 1, 0 };
const test_done = [_]u8{ 14, 0, 0, 0 };

fn testRecord(comptime content: anytype) [record_header_size + content.len]u8 {
    return [_]u8{ 22, 3, 3, 0, content.len } ++ content;
}

fn testProgress(stream: []const u8) Progress {
    var flight: Flight = .{};
    return flight.push(stream);
}

test "a flight is complete at its last octet, however it is cut" {
    const stream = testRecord(test_hello) ++ testRecord(test_certificate) ++
        testRecord(test_key_exchange) ++ testRecord(test_done);
    for (0..stream.len) |size| {
        var flight: Flight = .{};
        try std.testing.expectEqual(.incomplete, flight.push(stream[0..size]));
        try std.testing.expectEqual(.complete, flight.push(stream[size..]));
    }
    var flight: Flight = .{};
    for (stream[0 .. stream.len - 1]) |octet| {
        try std.testing.expectEqual(.incomplete, flight.push(&.{octet}));
    }
    try std.testing.expectEqual(.complete, flight.push(stream[stream.len - 1 ..]));
}

test "messages share records and spread over them" {
    const messages = test_hello ++ test_certificate ++ test_done;
    try std.testing.expectEqual(.complete, testProgress(&testRecord(messages)));
    const spread = testRecord(messages[0..9].*) ++ testRecord(messages[9..].*);
    try std.testing.expectEqual(.complete, testProgress(&spread));
}

test "sizes that lie are wrong" {
    const certificates = [_][]const u8{
        // A list longer than the message, and one that ends before it.
        &testRecord([_]u8{ 11, 0, 0, 7, 0, 0, 5, 0, 0, 1, 'a' }),
        &testRecord([_]u8{ 11, 0, 0, 7, 0, 0, 3, 0, 0, 1, 'a' }),
        // A certificate longer than the list, an empty one, and half a size at the end.
        &testRecord([_]u8{ 11, 0, 0, 7, 0, 0, 4, 0, 0, 2, 'a' }),
        &testRecord([_]u8{ 11, 0, 0, 7, 0, 0, 4, 0, 0, 0, 'a' }),
        &testRecord([_]u8{ 11, 0, 0, 9, 0, 0, 6, 0, 0, 1, 'a', 0, 0 }),
        // No certificate at all.
        &testRecord([_]u8{ 11, 0, 0, 3, 0, 0, 0 }),
        // A record without content, and one that is too long.
        &.{ 22, 3, 3, 0, 0 },
        &.{ 22, 3, 3, 0x40, 1 },
    };
    for (certificates) |wrong| {
        var flight: Flight = .{};
        try std.testing.expectEqual(.incomplete, flight.push(&testRecord(test_hello)));
        try std.testing.expectEqual(.wrong, flight.push(wrong));
    }
}

test "what is no flight is wrong" {
    const alert = [_]u8{ 21, 3, 3, 0, 2, 2, 40 };
    try std.testing.expectEqual(.wrong, testProgress(&alert));
    try std.testing.expectEqual(.wrong, testProgress("HTTP/1.1 400 Bad Request\r\n"));
    try std.testing.expectEqual(.wrong, testProgress(&testRecord(test_certificate)));
    try std.testing.expectEqual(.wrong, testProgress(&testRecord(test_hello ++ test_done)));
    try std.testing.expectEqual(.wrong, testProgress(&testRecord(test_hello ++ test_hello)));
}

test "every octet may be any other, and the cut never matters" {
    const stream = testRecord(test_hello) ++ testRecord(test_certificate) ++ testRecord(test_done);
    for (0..stream.len) |place| {
        for (0..256) |value| {
            var changed = stream;
            changed[place] = @intCast(value);
            var flight: Flight = .{};
            var progress: Progress = .incomplete;
            for (changed) |octet| {
                progress = flight.push(&.{octet});
                if (progress != .incomplete) break;
            }
            try std.testing.expectEqual(progress, testProgress(&changed));
        }
    }
}
