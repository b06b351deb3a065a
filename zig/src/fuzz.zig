//! The entry for fuzzing: one input through every parser of foreign frames.

const std = @import("std");
const arp = @import("wire/arp.zig");
const ethernet = @import("wire/ethernet.zig");
const icmpv4 = @import("wire/icmpv4.zig");
const ip = @import("wire/ip.zig");
const ipv4 = @import("wire/ipv4.zig");
const tcp = @import("wire/tcp.zig");

/// Feeds the input to each parser as if it began there, and to all of them as a frame. Returns how
/// many steps it took: parsers called, options walked and octets handed up, for the caller to
/// compare with `stepsMax`.
pub fn one(input: []const u8) u64 {
    var steps: u64 = 0;
    steps += frame(input);
    steps += resolution(input);
    steps += packet(input);
    steps += icmp(input);
    steps += segment(input);
    return steps;
}

/// At most this many steps for an input of `size` octets: it is handed up once whole, and once more
/// for each layer that can stand in another.
pub fn stepsMax(size: u64) u64 {
    return 32 + 8 * size;
}

fn frame(octets: []const u8) u64 {
    const view = ethernet.View.init(octets) catch return 1;
    const header: ethernet.Header = .parse(view);
    return 1 + switch (header.type) {
        .ipv4 => packet(view.payload()),
        .arp => resolution(view.payload()),
        else => 0,
    };
}

fn resolution(octets: []const u8) u64 {
    const view = arp.View.init(octets) catch return 1;
    const parsed: arp.Packet = .parse(view);
    // What was parsed must be possible to say.
    var buffer: [arp.packet_size]u8 = undefined;
    parsed.emit(&buffer);
    std.debug.assert(std.mem.eql(u8, &buffer, octets[0..arp.packet_size]));
    return 1;
}

fn packet(octets: []const u8) u64 {
    const raw = ipv4.View.init(octets) catch return 1;
    std.mem.doNotOptimizeAway(raw.checksumIsRight());
    const view = ip.View.parse(octets) catch return 1;
    std.debug.assert(view.payload.len <= view.payload_size);
    std.debug.assert(view.payload.len <= octets.len);
    return 1 + view.payload.len + switch (view.protocol) {
        tcp.protocol => segment(view.payload),
        icmpv4.protocol => icmp(view.payload),
        else => 0,
    };
}

fn icmp(octets: []const u8) u64 {
    const view = icmpv4.View.init(octets) catch return 1;
    std.mem.doNotOptimizeAway(view.checksumIsRight());
    if (view.quote()) |quote| {
        std.mem.doNotOptimizeAway(quote.sourcePort());
        std.mem.doNotOptimizeAway(quote.destinationPort());
        std.mem.doNotOptimizeAway(quote.sequence());
    }
    return 1 + octets.len;
}

fn segment(octets: []const u8) u64 {
    const view = tcp.View.init(octets) catch return 1;
    var steps: u64 = 1;
    var iterator: tcp.OptionIterator = .{ .rest = view.optionOctets() };
    while (iterator.next()) |_| steps += 1;

    // What was parsed must be possible to say, and to be understood again.
    const parsed: tcp.Segment = .parse(view);
    var buffer: [tcp.header_size_max]u8 = undefined;
    var header_only = parsed;
    header_only.payload = &.{};
    header_only.emit(&buffer, .fromIpv4(@splat(0)), .fromIpv4(@splat(0)));
    const again = tcp.View.init(buffer[0..header_only.size()]) catch unreachable;
    std.debug.assert(std.meta.eql(again.options(), parsed.options));
    std.debug.assert(again.sequence() == parsed.sequence);
    return steps + parsed.payload.len;
}

test "mutated frames of every kind take bounded steps" {
    const hardware = [_]u8{ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
    const tag = [_]u8{ 0x81, 0x00, 0x00, 0x64 };
    const ip_header = [_]u8{ 0x45, 0, 0, 60, 0, 0, 0, 0, 64 };
    const addresses = [_]u8{ 0, 0, 192, 0, 2, 1, 198, 51, 100, 7 };
    const synchronize = [_]u8{
        0xc0, 0, 0x01, 0xbb, 1, 2, 3, 4,  0, 0, 0, 0, 0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0, //
        2,    4, 5,    180,  4, 2, 8, 10, 1, 2, 3, 4, 0,    0, 0,    0,    1, 3, 3, 7,
    };
    const tcp_packet = ip_header ++ .{6} ++ addresses ++ synchronize;
    const icmp_packet = ip_header ++ .{1} ++ addresses ++ .{ 3, 1, 0, 0, 0, 0, 0, 0 } ++ tcp_packet;
    const request = [_]u8{ 0, 1, 8, 0, 6, 4, 0, 1 } ++ hardware ++ hardware[0..8].*;
    const corpus = [_][]const u8{
        &(hardware ++ .{ 0x08, 0x00 } ++ tcp_packet),
        &(hardware ++ tag ++ .{ 0x08, 0x00 } ++ icmp_packet),
        &(hardware ++ .{ 0x08, 0x06 } ++ request),
        &tcp_packet,
        &icmp_packet,
        &request,
        &synchronize,
        icmp_packet[20..],
    };
    var random: std.Random.DefaultPrng = .init(1);
    for (corpus) |seed| {
        for (0..5_000) |_| {
            var buffer: [256]u8 = undefined;
            @memcpy(buffer[0..seed.len], seed);
            const size = if (random.random().boolean())
                seed.len
            else
                random.random().uintAtMost(usize, seed.len);
            for (0..random.random().uintLessThan(usize, 4)) |_| {
                buffer[random.random().uintLessThan(usize, seed.len)] = random.random().int(u8);
            }
            try std.testing.expect(one(buffer[0..size]) <= stepsMax(size));
        }
    }
}
