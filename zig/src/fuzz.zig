//! The entry for fuzzing: one input through every parser of foreign frames.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const arp = @import("wire/arp.zig");
const ethernet = @import("wire/ethernet.zig");
const icmpv4 = @import("wire/icmpv4.zig");
const icmpv6 = @import("wire/icmpv6.zig");
const ip = @import("wire/ip.zig");
const ipv4 = @import("wire/ipv4.zig");
const ipv6 = @import("wire/ipv6.zig");
const ndp = @import("wire/ndp.zig");
const tcp = @import("wire/tcp.zig");

/// In octets: longer messages of neighbor discovery are not repaired.
const discovery_size_max = 1500;

/// Of what is parsed or said without a packet around it.
const test_source: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001);
const test_destination: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0002);

/// Feeds the input to each parser as if it began there, and to all of them as a frame. Returns how
/// many steps it took: parsers called, options walked and octets handed up, for the caller to
/// compare with `stepsMax`.
pub fn one(input: []const u8) u64 {
    var steps: u64 = 0;
    steps += frame(input);
    steps += resolution(input);
    steps += packet(input);
    steps += control4(input);
    steps += control6(input, test_source, test_destination);
    steps += segment(input);
    return steps;
}

/// At most this many steps for an input of `size` octets: it is handed up once whole, once more for
/// each layer that can stand in another, and as a repaired message of neighbor discovery.
pub fn stepsMax(size: u64) u64 {
    return 32 + 9 * size;
}

fn frame(octets: []const u8) u64 {
    const view = ethernet.View.init(octets) catch return 1;
    const header: ethernet.Header = .parse(view);
    return 1 + switch (header.type) {
        .ipv4, .ipv6 => packet(view.payload()),
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
    if (ipv4.View.init(octets)) |raw| {
        std.mem.doNotOptimizeAway(raw.checksumIsRight());
    } else |_| {}
    if (ipv6.View.init(octets)) |raw| header6(raw) else |_| {}
    const view = ip.View.parse(octets) catch return 1;
    std.debug.assert(view.payload.len <= view.payload_size);
    std.debug.assert(view.payload.len <= octets.len);
    const is_ipv4 = view.source.isIpv4();
    std.debug.assert(view.destination.isIpv4() == is_ipv4);
    return 1 + view.payload.len + switch (view.protocol) {
        tcp.protocol => segment(view.payload),
        icmpv4.protocol => if (is_ipv4) control4(view.payload) else 0,
        icmpv6.protocol => if (is_ipv4) 0 else discovery(view) +
            control6(view.payload, view.source, view.destination),
        else => 0,
    };
}

/// The header without its extension headers must be possible to say, and to be understood again.
fn header6(view: ipv6.View) void {
    std.debug.assert(view.payload_offset <= view.octets.len);
    std.debug.assert(view.octets.len <= view.totalSize());
    const header: ipv6.Header = .parse(view);
    var buffer: [ipv6.header_size]u8 = undefined;
    header.emit(&buffer);
    const addresses = ipv6.offset.source;
    std.debug.assert(std.mem.eql(u8, buffer[addresses..], view.octets[addresses..][0..32]));
    std.debug.assert(buffer[ipv6.offset.hop_limit] == view.hopLimit());
    std.debug.assert(buffer[ipv6.offset.next_header] == view.protocol);
}

fn control4(octets: []const u8) u64 {
    const view = icmpv4.View.init(octets) catch return 1;
    std.mem.doNotOptimizeAway(view.checksumIsRight());
    std.mem.doNotOptimizeAway(view.parameter());
    if (view.quote()) |quote| lookAt(quote);
    if (icmpv4.Echo.parse(view)) |echo| std.debug.assert(echo.size() == octets.len);
    return 1 + octets.len;
}

fn control6(octets: []const u8, source: Address, destination: Address) u64 {
    const view = icmpv6.View.init(octets) catch return 1;
    std.mem.doNotOptimizeAway(view.checksumIsRight(source, destination));
    std.mem.doNotOptimizeAway(view.parameter());
    if (view.quote()) |quote| {
        std.debug.assert(!quote.source.isIpv4());
        lookAt(quote);
    }
    if (icmpv6.Echo.parse(view)) |echo| std.debug.assert(echo.size() == octets.len);
    return 1 + octets.len;
}

fn lookAt(quote: ip.Quote) void {
    std.mem.doNotOptimizeAway(quote.sourcePort());
    std.mem.doNotOptimizeAway(quote.destinationPort());
    std.mem.doNotOptimizeAway(quote.sequence());
}

/// A mutated message is refused for its checksum, so it is also given a right one, and the hop
/// limit of a neighbor.
fn discovery(received: ip.View) u64 {
    if (ndp.View.init(received)) |view| message(view) else |_| {}
    var buffer: [discovery_size_max]u8 = undefined;
    if (received.payload.len > buffer.len) return 1;
    const payload = buffer[0..received.payload.len];
    @memcpy(payload, received.payload);
    if (payload.len >= icmpv6.header_size) {
        icmpv6.writeChecksum(payload, received.source, received.destination);
    }
    var repaired = received;
    repaired.payload = payload;
    repaired.time_to_live = ndp.hop_limit;
    const view = ndp.View.init(repaired) catch return 1;
    message(view);
    return 1 + payload.len;
}

/// What was parsed must be possible to say, and to be understood again, whatever the addresses.
fn message(view: ndp.View) void {
    const parsed: ndp.Message = .parse(view);
    var buffer: [ndp.message_size_max]u8 = undefined;
    parsed.emit(&buffer, test_source, test_destination);
    const payload = buffer[0..parsed.size()];
    const again = ndp.View.init(.{
        .source = test_source,
        .destination = test_destination,
        .protocol = icmpv6.protocol,
        .time_to_live = ndp.hop_limit,
        .payload_size = payload.len,
        .payload = payload,
    }) catch unreachable;
    std.debug.assert(std.meta.eql(ndp.Message.parse(again), parsed));
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
    const control_packet =
        ip_header ++ .{1} ++ addresses ++ .{ 3, 1, 0, 0, 0, 0, 0, 0 } ++ tcp_packet;
    const request = [_]u8{ 0, 1, 8, 0, 6, 4, 0, 1 } ++ hardware ++ hardware[0..8].*;
    const addresses6 = test_source.octets ++ test_destination.octets;
    const tcp_packet6 = [_]u8{ 0x60, 0, 0, 0, 0, 40, 6, 64 } ++ addresses6 ++ synchronize;
    const extensions = [_]u8{ 60, 0, 1, 4, 0, 0, 0, 0, 44, 0, 1, 4, 0, 0, 0, 0 } ++
        [_]u8{ 6, 0, 0, 1, 1, 2, 3, 4 };
    const extended =
        [_]u8{ 0x60, 0, 0, 0, 0, 64, 0, 64 } ++ addresses6 ++ extensions ++ synchronize;
    const control6_start = [_]u8{ 0x60, 0, 0, 0, 0, 96, 58, 64 } ++ addresses6;
    const control_packet6 = control6_start ++ .{ 1, 4, 0, 0, 0, 0, 0, 0 } ++ tcp_packet6;
    const echo = [_]u8{ 0x60, 0, 0, 0, 0, 10, 58, 64 } ++ addresses6 ++
        .{ 128, 0, 0, 0, 0, 7, 0, 9, 1, 2 };
    const solicitation = [_]u8{ 0x60, 0, 0, 0, 0, 32, 58, 255 } ++ addresses6 ++
        .{ 135, 0, 0, 0, 0, 0, 0, 0 } ++ test_destination.octets ++ .{ 1, 1, 2, 0, 0, 0, 0, 1 };
    const advertisement = [_]u8{ 0x60, 0, 0, 0, 0, 32, 58, 255 } ++ addresses6 ++
        .{ 136, 0, 0, 0, 0x60, 0, 0, 0 } ++ test_source.octets ++ .{ 2, 1, 2, 0, 0, 0, 0, 2 };
    const corpus = [_][]const u8{
        &(hardware ++ .{ 0x08, 0x00 } ++ tcp_packet),
        &(hardware ++ tag ++ .{ 0x08, 0x00 } ++ control_packet),
        &(hardware ++ .{ 0x08, 0x06 } ++ request),
        &(hardware ++ .{ 0x86, 0xdd } ++ tcp_packet6),
        &(hardware ++ .{ 0x86, 0xdd } ++ extended),
        &(hardware ++ tag ++ .{ 0x86, 0xdd } ++ control_packet6),
        &(hardware ++ .{ 0x86, 0xdd } ++ solicitation),
        &(hardware ++ .{ 0x86, 0xdd } ++ advertisement),
        &tcp_packet6,
        &control_packet6,
        &echo,
        &solicitation,
        control_packet6[40..],
        &tcp_packet,
        &control_packet,
        &request,
        &synchronize,
        control_packet[20..],
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
