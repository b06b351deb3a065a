//! What marks an answer as an answer to this run's probe, without memory of the probe: a keyed hash
//! over the address and the port asked, in the sequence number and in the choice of the address and
//! the port of ours that it comes from.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const PortWindow = @import("port_window.zig").PortWindow;
const SequenceNumber = @import("wire/tcp.zig").SequenceNumber;

/// What the hash chooses of a probe.
pub const Question = struct {
    sequence: SequenceNumber,
    /// Independent of the sequence number: its two halves choose the port and the address.
    choice: u32,

    /// So many source addresses can be told apart by half of `choice`.
    pub const source_count_max = 1 << 16;

    /// Which of `port_count` source ports the probe leaves from, from 0.
    pub inline fn portIndex(question: Question, port_count: u16) u16 {
        std.debug.assert(port_count > 0);
        return @intCast((question.choice >> 16) * @as(u32, port_count) >> 16);
    }

    /// Which of `source_count` source addresses it leaves from, from 0.
    pub inline fn sourceIndex(question: Question, source_count: u32) u16 {
        std.debug.assert(source_count > 0 and source_count <= source_count_max);
        return @intCast(@as(u64, question.choice & 0xffff) * source_count >> 16);
    }

    /// Whether the probe left from there, if it chose among these addresses and ports. With the
    /// sequence number (an acknowledgment is one more: RFC 9293, 3.10.7.3) this is all that an
    /// answer, or an ICMP error's quote, has to repeat.
    pub fn isFrom(
        question: Question,
        address: Address,
        port: u16,
        sources: []const Address,
        ports: PortWindow,
    ) bool {
        return port == ports.first + question.portIndex(ports.count) and
            address.eql(sources[question.sourceIndex(@intCast(sources.len))]);
    }
};

pub const Cookie = struct {
    start: State,

    /// `key` is random, one per run.
    pub fn init(key: [16]u8) Cookie {
        return .{ .start = .init(key) };
    }

    /// The probe to one target: the hash of its address (4 octets of IPv4, 16 of IPv6) and its port
    /// (2), in network byte order. Messages of two sizes never agree, since the hash is also one of
    /// their size; the short one saves a quarter of the work.
    pub inline fn of(cookie: *const Cookie, address: Address, port: u16) Question {
        var state = cookie.start;
        if (address.isIpv4()) {
            const ipv4 = std.mem.readInt(u32, &address.ipv4(), .little);
            state.compress(@as(u64, @byteSwap(port)) << 32 | ipv4 | sizeWord(4 + 2));
        } else {
            state.compress(std.mem.readInt(u64, address.octets[0..8], .little));
            state.compress(std.mem.readInt(u64, address.octets[8..16], .little));
            state.compress(@byteSwap(port) | sizeWord(16 + 2));
        }
        const hash = state.finish();
        return .{
            .sequence = @enumFromInt(@as(u32, @truncate(hash))),
            .choice = @intCast(hash >> 32),
        };
    }

    /// The last word of a message: its size stands above what is left of it.
    fn sizeWord(message_size: u8) u64 {
        return @as(u64, message_size) << 56;
    }
};

/// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) word by word, so
/// that the key is taken in once, and messages need not be written down.
const State = struct {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,

    /// The paper's 2.1: the key, and "somepseudorandomlygeneratedbytes".
    fn init(key: [16]u8) State {
        const low = std.mem.readInt(u64, key[0..8], .little);
        const high = std.mem.readInt(u64, key[8..16], .little);
        return .{
            .v0 = low ^ 0x736f6d6570736575,
            .v1 = high ^ 0x646f72616e646f6d,
            .v2 = low ^ 0x6c7967656e657261,
            .v3 = high ^ 0x7465646279746573,
        };
    }

    /// The paper's 2.2; a message's words are little-endian.
    inline fn compress(state: *State, word: u64) void {
        state.v3 ^= word;
        inline for (0..2) |_| state.round();
        state.v0 ^= word;
    }

    /// The paper's 2.3.
    inline fn finish(state: *State) u64 {
        state.v2 ^= 0xff;
        inline for (0..4) |_| state.round();
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
    }

    /// The paper's figure 2.1.
    inline fn round(state: *State) void {
        const rotl = std.math.rotl;
        state.v0 +%= state.v1;
        state.v1 = rotl(u64, state.v1, 13) ^ state.v0;
        state.v0 = rotl(u64, state.v0, 32);
        state.v2 +%= state.v3;
        state.v3 = rotl(u64, state.v3, 16) ^ state.v2;
        state.v0 +%= state.v3;
        state.v3 = rotl(u64, state.v3, 21) ^ state.v0;
        state.v2 +%= state.v1;
        state.v1 = rotl(u64, state.v1, 17) ^ state.v2;
        state.v2 = rotl(u64, state.v2, 32);
    }
};

const test_key = [_]u8{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
const test_cookie: Cookie = .init(test_key);
const test_destination: Address = .fromIpv4(.{ 198, 51, 100, 7 });
const test_sources = [_]Address{
    .fromIpv4(.{ 192, 0, 2, 1 }),
    .fromIpv4(.{ 192, 0, 2, 2 }),
    .fromIpv4(.{ 192, 0, 2, 3 }),
};

test "the hash is SipHash-2-4 of address and port, for both families" {
    const SipHash = std.crypto.auth.siphash.SipHash64(2, 4);
    var random = std.Random.DefaultPrng.init(1);
    for (0..10_000) |number| {
        var key: [16]u8 = undefined;
        random.random().bytes(&key);
        var message: [18]u8 = undefined;
        random.random().bytes(&message);
        if (number % 2 == 0) message[0..12].* = Address.fromIpv4(@splat(0)).octets[0..12].*;
        const cookie: Cookie = .init(key);
        const port = std.mem.readInt(u16, message[16..18], .big);
        const address: Address = .{ .octets = message[0..16].* };
        const question = cookie.of(address, port);
        const hash = SipHash.toInt(message[if (address.isIpv4()) 12 else 0..], &key);
        try std.testing.expectEqual(@as(u32, @truncate(hash)), question.sequence.toInt());
        try std.testing.expectEqual(@as(u32, @intCast(hash >> 32)), question.choice);
    }
}

test "SipHash-2-4: the vector of the paper's appendix A" {
    // Octets 00 to 0e: one whole word, and seven octets with the size on top.
    var state: State = .init(test_key);
    state.compress(0x0706050403020100);
    state.compress(0x0f0e0d0c0b0a0908);
    try std.testing.expectEqual(@as(u64, 0xa129ca6149be45e5), state.finish());
}

test "a probe is from one address and one port of all" {
    const ports: PortWindow = try .init(65_535 - 255, 256);
    for (0..100) |number| {
        const destination: Address = .fromInt(test_destination.toInt() + number);
        const question = test_cookie.of(destination, 443);
        var count: u32 = 0;
        for (test_sources) |source| {
            for (0..1 << 16) |port| {
                if (!question.isFrom(source, @intCast(port), &test_sources, ports)) continue;
                count += 1;
                try std.testing.expect(ports.contains(@intCast(port)));
                const index = question.sourceIndex(test_sources.len);
                try std.testing.expect(source.eql(test_sources[index]));
            }
        }
        try std.testing.expectEqual(1, count);
        const other: Address = .fromIpv4(.{ 192, 0, 2, 4 });
        const port = ports.first + question.portIndex(ports.count);
        try std.testing.expect(!question.isFrom(other, port, &test_sources, ports));
    }
}

test "another key, address or port asks another question" {
    const question = test_cookie.of(test_destination, 443);
    var other_key = test_key;
    other_key[15] ^= 1;
    const others = [_]Question{
        Cookie.init(other_key).of(test_destination, 443),
        test_cookie.of(test_destination, 444),
        test_cookie.of(.fromInt(test_destination.toInt() ^ 1), 443),
        // The same octets, of the other family.
        test_cookie.of(.fromInt(test_destination.toInt() & 0xffff_ffff), 443),
    };
    for (others) |other| {
        try std.testing.expect(question.sequence != other.sequence);
        try std.testing.expect(question.choice != other.choice);
    }
}

test "source ports and addresses: the ends are used, and nothing outside" {
    const lowest: Question = .{ .sequence = .fromInt(0), .choice = 0 };
    const highest: Question = .{ .sequence = .fromInt(0), .choice = 0xffff_ffff };
    for ([_]u16{ 1, 3, 64, std.math.maxInt(u16) }) |count| {
        try std.testing.expectEqual(0, lowest.portIndex(count));
        try std.testing.expectEqual(count - 1, highest.portIndex(count));
        try std.testing.expectEqual(0, lowest.sourceIndex(count));
        try std.testing.expectEqual(count - 1, highest.sourceIndex(count));
    }
    try std.testing.expectEqual(65535, highest.sourceIndex(Question.source_count_max));
}

test "source ports and addresses are used evenly and independently" {
    var counts: [8][8]u32 = @splat(@splat(0));
    for (0..64_000) |number| {
        const destination: Address = .fromInt(test_destination.toInt() + number);
        const question = test_cookie.of(destination, 443);
        counts[question.portIndex(8)][question.sourceIndex(8)] += 1;
    }
    for (counts) |row| {
        for (row) |count| try std.testing.expect(count > 850 and count < 1150);
    }
}
