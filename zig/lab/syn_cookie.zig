//! SYN cookies (Bernstein, 1996; RFC 4987, 3.6): the server's initial sequence number says what the
//! client's SYN offered, so that the handshake can be completed by a server that remembers nothing.

const std = @import("std");
const tcp = @import("../src/wire/tcp.zig");
const Key = @import("tcp/key.zig").Key;

const SipHash = std.crypto.auth.siphash.SipHash64(1, 3);

/// What of an offer the sequence number has room for.
pub const Offered = packed struct(u7) {
    segment_size_class: u2,
    /// `no_window_scale` when the client offered none.
    window_scale: u4,
    has_timestamps: bool,

    const no_window_scale = 15;
    /// In octets. The greatest that is not above what the client takes is remembered.
    const segment_sizes = [_]u16{ 536, 1220, 1440, 1460 };

    pub fn init(segment_size: u16, window_scale: ?u4, has_timestamps: bool) Offered {
        var class: u2 = 0;
        while (class < segment_sizes.len - 1 and segment_sizes[class + 1] <= segment_size) {
            class += 1;
        }
        if (window_scale) |scale| std.debug.assert(scale != no_window_scale);
        return .{
            .segment_size_class = class,
            .window_scale = window_scale orelse no_window_scale,
            .has_timestamps = has_timestamps,
        };
    }

    pub fn segmentSize(offered: Offered) u16 {
        return segment_sizes[offered.segment_size_class];
    }

    pub fn windowScale(offered: Offered) ?u4 {
        return if (offered.window_scale == no_window_scale) null else offered.window_scale;
    }
};

pub const SynCookie = struct {
    secret: [SipHash.key_length]u8,

    /// The server's initial sequence number for a SYN with this sequence number.
    pub fn encode(
        cookie: *const SynCookie,
        key: *const Key,
        client: tcp.SequenceNumber,
        offered: Offered,
    ) tcp.SequenceNumber {
        return .fromInt(cookie.hash(key, client) ^ @as(u7, @bitCast(offered)));
    }

    /// What the client offered, if `server` is the number it was given for a SYN with `client`.
    pub fn verify(
        cookie: *const SynCookie,
        key: *const Key,
        client: tcp.SequenceNumber,
        server: tcp.SequenceNumber,
    ) ?Offered {
        const difference = cookie.hash(key, client) ^ server.toInt();
        if (difference >> @bitSizeOf(Offered) != 0) return null;
        return @bitCast(@as(u7, @truncate(difference)));
    }

    /// The client's number is hashed along, so that a segment from the middle of an old stream does
    /// not open a new one.
    fn hash(cookie: *const SynCookie, key: *const Key, client: tcp.SequenceNumber) u32 {
        var octets: [@sizeOf(Key) + 4]u8 = undefined;
        octets[0..@sizeOf(Key)].* = std.mem.asBytes(key).*;
        std.mem.writeInt(u32, octets[@sizeOf(Key)..], client.toInt(), .little);
        return @truncate(SipHash.toInt(&octets, &cookie.secret));
    }
};

const test_cookie: SynCookie = .{ .secret = "0123456789abcdef".* };
const test_key: Key = .{
    .peer = .fromIpv4(.{ 192, 0, 2, 1 }),
    .host = .fromIpv4(.{ 198, 51, 100, 7 }),
    .peer_port = 40000,
    .host_port = 443,
};

test "every offer comes back" {
    for (0..1 << @bitSizeOf(Offered)) |bits| {
        const offered: Offered = @bitCast(@as(u7, @intCast(bits)));
        const number = test_cookie.encode(&test_key, .fromInt(77), offered);
        try std.testing.expectEqual(
            offered,
            test_cookie.verify(&test_key, .fromInt(77), number),
        );
    }
}

test "another connection, another SYN and another secret prove nothing" {
    const number = test_cookie.encode(&test_key, .fromInt(77), .init(1460, 7, true));
    var key = test_key;
    key.host_port = 444;
    try std.testing.expectEqual(null, test_cookie.verify(&key, .fromInt(77), number));
    try std.testing.expectEqual(null, test_cookie.verify(&test_key, .fromInt(78), number));
    const other: SynCookie = .{ .secret = @splat(0) };
    try std.testing.expectEqual(null, other.verify(&test_key, .fromInt(77), number));
    for (@bitSizeOf(Offered)..32) |bit| {
        const flipped = number.toInt() ^ @as(u32, 1) << @intCast(bit);
        const proof = test_cookie.verify(&test_key, .fromInt(77), .fromInt(flipped));
        try std.testing.expectEqual(null, proof);
    }
}

test "a segment size is rounded down, never up" {
    const cases = [_][2]u16{
        .{ 0, 536 },     .{ 1219, 536 },  .{ 1220, 1220 },   .{ 1400, 1220 },
        .{ 1440, 1440 }, .{ 1459, 1440 }, .{ 65_535, 1460 },
    };
    for (cases) |case| {
        const offered: Offered = .init(case[0], null, false);
        try std.testing.expectEqual(case[1], offered.segmentSize());
        try std.testing.expectEqual(null, offered.windowScale());
    }
    try std.testing.expectEqual(14, Offered.init(536, 14, false).windowScale());
}
