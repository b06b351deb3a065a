//! What marks an answer as an answer to this run's probe, without memory of the probe: a keyed hash
//! over both addresses and the port asked, in the sequence number and in the choice of source port.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const SequenceNumber = @import("wire/tcp.zig").SequenceNumber;
/// Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
const SipHash = std.crypto.auth.siphash.SipHash64(2, 4);

/// What the hash chooses of a probe.
pub const Probe = struct {
    sequence: SequenceNumber,
    source_port_hash: u32,

    /// Which of `port_count` source ports the probe leaves from, from 0.
    pub fn sourcePortIndex(probe: Probe, port_count: u16) u16 {
        std.debug.assert(port_count > 0);
        return @intCast(@as(u64, probe.source_port_hash) * port_count >> 32);
    }
};

/// What an answer says of the probe it answers. Source and destination are the probe's, so they are
/// exchanged in a TCP answer and stand as they are in an ICMP quote.
pub const Claim = struct {
    source: Address,
    destination: Address,
    destination_port: u16,
    /// The source port, counted from the first of `port_count`.
    source_port_index: u16,
    port_count: u16,
};

pub const Cookie = struct {
    /// Random, one per run.
    key: [16]u8,

    /// In octets: two addresses and a port, in network byte order, the same for both families.
    const message_size = 16 + 16 + 2;

    /// The probe from `source` to one target.
    pub fn of(
        cookie: Cookie,
        source: Address,
        destination: Address,
        destination_port: u16,
    ) Probe {
        var message: [message_size]u8 = undefined;
        message[0..16].* = source.octets;
        message[16..32].* = destination.octets;
        std.mem.writeInt(u16, message[32..34], destination_port, .big);
        const hash = SipHash.toInt(&message, &cookie.key);
        return .{
            .sequence = @enumFromInt(@as(u32, @truncate(hash))),
            .source_port_hash = @intCast(hash >> 32),
        };
    }

    /// Whether a SYN-ACK or RST answers our probe: it acknowledges its SYN (RFC 9293, 3.10.7.3).
    pub fn verify(cookie: Cookie, claim: Claim, acknowledgment: SequenceNumber) bool {
        const probe = cookie.of(claim.source, claim.destination, claim.destination_port);
        return acknowledgment == probe.sequence.add(1) and
            claim.source_port_index == probe.sourcePortIndex(claim.port_count);
    }

    /// Whether an ICMP error quotes our probe.
    pub fn verifyQuote(cookie: Cookie, claim: Claim, sequence: SequenceNumber) bool {
        return cookie.verify(claim, sequence.add(1));
    }
};

const test_cookie: Cookie = .{ .key = .{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };
const test_source: Address = .fromIpv4(.{ 192, 0, 2, 1 });
const test_destination: Address = .fromIpv4(.{ 198, 51, 100, 7 });

test "SipHash-2-4: the vector of the paper's appendix A" {
    const message = [_]u8{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 };
    const hash = SipHash.toInt(&message, &test_cookie.key);
    try std.testing.expectEqual(@as(u64, 0xa129ca6149be45e5), hash);
}

test "the layout of the hashed message is fixed" {
    const message = [_]u8{
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0,  2,   1,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 7,
        0x01, 0xbb, //
    };
    const hash = SipHash.toInt(&message, &test_cookie.key);
    const probe = test_cookie.of(test_source, test_destination, 443);
    try std.testing.expectEqual(@as(u32, @truncate(hash)), probe.sequence.toInt());
    try std.testing.expectEqual(@as(u32, @intCast(hash >> 32)), probe.source_port_hash);
}

test "only what repeats every part of the probe is verified" {
    const port_count = 256;
    const probe = test_cookie.of(test_source, test_destination, 443);
    const claim: Claim = .{
        .source = test_source,
        .destination = test_destination,
        .destination_port = 443,
        .source_port_index = probe.sourcePortIndex(port_count),
        .port_count = port_count,
    };
    const acknowledgment = probe.sequence.add(1);
    try std.testing.expect(test_cookie.verify(claim, acknowledgment));
    try std.testing.expect(test_cookie.verifyQuote(claim, probe.sequence));
    try std.testing.expect(!test_cookie.verify(claim, probe.sequence));
    try std.testing.expect(!test_cookie.verifyQuote(claim, acknowledgment));

    var other = claim;
    other.source_port_index ^= 1;
    try std.testing.expect(!test_cookie.verify(other, acknowledgment));
    other = claim;
    other.destination_port = 444;
    try std.testing.expect(!test_cookie.verify(other, acknowledgment));
    other = claim;
    std.mem.swap(Address, &other.source, &other.destination);
    try std.testing.expect(!test_cookie.verify(other, acknowledgment));
    var other_cookie = test_cookie;
    other_cookie.key[15] ^= 1;
    try std.testing.expect(!other_cookie.verify(claim, acknowledgment));
}

test "source ports: every one is used, evenly, and never one outside" {
    const cases = [_]u16{ 1, 3, 64, std.math.maxInt(u16) };
    for (cases) |port_count| {
        const lowest: Probe = .{ .sequence = .fromInt(0), .source_port_hash = 0 };
        const highest: Probe = .{ .sequence = .fromInt(0), .source_port_hash = 0xffff_ffff };
        try std.testing.expectEqual(@as(u16, 0), lowest.sourcePortIndex(port_count));
        try std.testing.expectEqual(port_count - 1, highest.sourcePortIndex(port_count));
    }
    var counts: [64]u32 = @splat(0);
    for (0..64_000) |number| {
        const destination: Address = .fromInt(test_destination.toInt() + number);
        counts[test_cookie.of(test_source, destination, 443).sourcePortIndex(64)] += 1;
    }
    for (counts) |count| try std.testing.expect(count > 850 and count < 1150);
}
