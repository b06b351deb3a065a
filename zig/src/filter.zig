//! The reader's filter, a classic BPF program: only frames that can concern the scan reach it.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const bpf = @import("bpf.zig");
const ethernet = @import("wire/ethernet.zig");
const icmpv4 = @import("wire/icmpv4.zig");
const icmpv6 = @import("wire/icmpv6.zig");
const ipv4 = @import("wire/ipv4.zig");
const ipv6 = @import("wire/ipv6.zig");
const tcp = @import("wire/tcp.zig");

pub const Instruction = bpf.Instruction;

pub const prefix_count_max = 64;

/// What an IPv6 prefix takes: a load, a mask and a comparison for each of four words, and a jump.
const instructions_per_prefix_max = 4 * 3 + 1;
/// All that does not depend on the prefixes.
const instructions_beside_prefixes_max = 96;
pub const instruction_count_max =
    instructions_beside_prefixes_max + prefix_count_max * instructions_per_prefix_max;

/// What `ipv6.View` steps over (RFC 8200, 4.1): hop-by-hop options, routing, fragment,
/// authentication, destination options.
const ipv6_extensions = [_]u8{ 0, 43, 44, 51, 60 };

/// Addresses of this host that frames leave from: one, or all of a network.
pub const Prefix = struct {
    /// The bits behind the prefix do not count.
    address: Address,
    /// In bits: at most 32 for IPv4, 128 for IPv6.
    length: u8,

    /// A single address.
    pub fn of(address: Address) Prefix {
        return .{ .address = address, .length = if (address.isIpv4()) 32 else 128 };
    }

    fn contains(prefix: Prefix, other: Prefix) bool {
        return prefix.length <= other.length and prefix.commonLength(other) == prefix.length;
    }

    /// In bits: the longest prefix that contains both; null for prefixes of two families.
    fn commonLength(a: Prefix, b: Prefix) ?u8 {
        if (a.address.isIpv4() != b.address.isIpv4()) return null;
        const size = of(a.address).length;
        const equal_bits = @clz(a.address.toInt() ^ b.address.toInt());
        return @min(equal_bits -| (128 - size), a.length, b.length);
    }
};

/// Sorts the addresses, at least one, and covers them with as few prefixes as it takes. Where more
/// than `prefix_count_max` would be needed, those next to each other are joined, with addresses
/// between them that are not ours: the reader knows better, the filter only spares it work.
pub fn summarize(addresses: []Address, buffer: *[prefix_count_max]Prefix) []const Prefix {
    std.debug.assert(addresses.len > 0);
    std.mem.sortUnstable(Address, addresses, {}, isBefore);
    var count: usize = 0;
    for (addresses) |address| {
        const prefix: Prefix = .of(address);
        if (count > 0 and buffer[count - 1].contains(prefix)) continue;
        if (count == buffer.len) {
            count = joinClosest(buffer);
            if (buffer[count - 1].contains(prefix)) continue;
        }
        buffer[count] = prefix;
        count += 1;
        // Both halves of a prefix are the prefix.
        while (count > 1) : (count -= 1) {
            const low = &buffer[count - 2];
            const high = buffer[count - 1];
            const common = low.commonLength(high) orelse break;
            if (low.length != high.length or common + 1 != low.length) break;
            low.length = common;
        }
    }
    return buffer[0..count];
}

/// Joins the two neighbours whose common prefix has the fewest addresses, and all that it has;
/// returns how many prefixes are left.
fn joinClosest(prefixes: *[prefix_count_max]Prefix) usize {
    var closest: Prefix = undefined;
    var width_min: u8 = std.math.maxInt(u8);
    for (prefixes[0 .. prefixes.len - 1], prefixes[1..]) |low, high| {
        const common = low.commonLength(high) orelse continue;
        // In bits that are free.
        const width = Prefix.of(low.address).length - common;
        if (width >= width_min) continue;
        width_min = width;
        closest = .{ .address = low.address, .length = common };
    }
    var count: usize = 0;
    var is_placed = false;
    for (prefixes) |prefix| {
        const is_joined = closest.contains(prefix);
        if (is_joined and is_placed) continue;
        prefixes[count] = if (is_joined) closest else prefix;
        is_placed = is_placed or is_joined;
        count += 1;
    }
    return count;
}

fn isBefore(_: void, a: Address, b: Address) bool {
    return a.toInt() < b.toInt();
}

/// What concerns the scan: TCP to one of our addresses and a port of our window, and ICMP errors to
/// one of our addresses, both over IPv4 and IPv6.
pub const Rules = struct {
    /// At least one, at most `prefix_count_max`.
    addresses: []const Prefix,
    port_first: u16,
    /// Included.
    port_last: u16,
    /// Frames start with an Ethernet header; without one, with the IP header (tun, WireGuard).
    has_link_header: bool = true,
    /// All ARP packets pass, and all solicitations and advertisements of neighbors: they go to
    /// groups too.
    neighbors: bool = false,
};

/// Writes the program into `buffer` and returns it. Tags in front of the type are stepped over,
/// since not every device takes them off. Of IPv4 fragments only the first passes: it has the
/// ports. Extension headers cannot be walked here: what has one passes if it is for an address of
/// ours. A frame that ends before what is asked of it does not pass: the kernel ends a program
/// there.
pub fn generate(rules: Rules, buffer: *[instruction_count_max]Instruction) []const Instruction {
    std.debug.assert(rules.addresses.len >= 1);
    std.debug.assert(rules.addresses.len <= prefix_count_max);
    std.debug.assert(rules.port_first <= rules.port_last);
    std.debug.assert(rules.has_link_header or !rules.neighbors);
    var assembler: Assembler = .{ .instructions = buffer };
    if (rules.has_link_header) {
        readEtherType(&assembler, rules.neighbors);
    } else {
        readVersion(&assembler);
    }
    readIpv4(&assembler, rules);
    readIpv6(&assembler, rules);
    return assembler.finish();
}

/// Each part of the program ends in its own `drop` and `pass`, since conditional jumps don't reach
/// far.
const Label = enum {
    next,
    tagged,
    typed,
    not_ipv6,
    ipv4,
    ipv6,
    other_prefix,
    ours,
    addressed,
    neighbor,
    tcp,
    icmp,
    drop,
    pass,
};
const Assembler = bpf.Assembler(Label, instruction_count_max);

/// Goes to the part of the packet's version, with X where the packet begins.
fn readEtherType(assembler: *Assembler, neighbors: bool) void {
    for (0..ethernet.tag_count_max + 1) |tag_count| {
        const header_size: u32 = @intCast(ethernet.header_size + tag_count * ethernet.tag_size);
        if (tag_count > 0) assembler.place(.tagged);
        assembler.add(.load_index, header_size);
        assembler.add(.load_half_absolute, header_size - 2);
        if (tag_count == ethernet.tag_count_max) break;
        for (ethernet.tag_protocols) |it| assembler.branch(.jump_equal, it, .tagged, .next);
        assembler.goTo(.typed);
    }
    assembler.place(.typed);
    assembler.branch(.jump_equal, @intFromEnum(ethernet.EtherType.ipv4), .ipv4, .next);
    assembler.branch(.jump_equal, @intFromEnum(ethernet.EtherType.ipv6), .next, .not_ipv6);
    assembler.goTo(.ipv6);
    assembler.place(.not_ipv6);
    if (neighbors) {
        assembler.branch(.jump_equal, @intFromEnum(ethernet.EtherType.arp), .pass, .drop);
    }
    end(assembler);
}

/// The same without link header.
fn readVersion(assembler: *Assembler) void {
    assembler.add(.load_index, 0);
    assembler.add(.load_octet_absolute, 0);
    assembler.add(.and_with, 0xf0);
    assembler.branch(.jump_equal, 4 << 4, .ipv4, .next);
    assembler.branch(.jump_equal, 6 << 4, .next, .drop);
    assembler.goTo(.ipv6);
    end(assembler);
}

fn readIpv4(assembler: *Assembler, rules: Rules) void {
    assembler.place(.ipv4);
    for (rules.addresses) |prefix| {
        if (!prefix.address.isIpv4()) continue;
        compare(assembler, ipv4.offset.destination, &prefix.address.ipv4(), prefix.length);
    }
    assembler.add(.@"return", 0);

    assembler.place(.ours);
    assembler.add(.load_half_indexed, ipv4.offset.fragment);
    assembler.branch(.jump_any_bit, ipv4.fragment_offset_mask, .drop, .next);
    assembler.add(.load_octet_indexed, ipv4.offset.protocol);
    assembler.branch(.jump_equal, tcp.protocol, .tcp, .next);
    assembler.branch(.jump_equal, icmpv4.protocol, .icmp, .drop);

    assembler.place(.tcp);
    stepOverIpv4Header(assembler);
    assembler.add(.load_half_indexed, tcp.offset.destination_port);
    assembler.branch(.jump_greater_equal, rules.port_first, .next, .drop);
    assembler.branch(.jump_greater, rules.port_last, .drop, .pass);

    assembler.place(.icmp);
    stepOverIpv4Header(assembler);
    assembler.add(.load_octet_indexed, icmpv4.offset.message_type);
    for ([_]icmpv4.MessageType{
        .unreachable_destination, .time_exceeded, .parameter_problem,
    }) |message_type| {
        assembler.branch(.jump_equal, @intFromEnum(message_type), .pass, .next);
    }
    end(assembler);
}

/// X moves from the IPv4 header to what follows it, options included. For any `bpf.Assembler`.
pub fn stepOverIpv4Header(assembler: anytype) void {
    assembler.add(.load_octet_indexed, ipv4.offset.version_and_header_size);
    assembler.add(.and_with, 0x0f);
    assembler.add(.shift_left, 2); // 32-bit words to octets.
    assembler.add(.add_index, 0);
    assembler.add(.move_to_index, 0);
}

fn readIpv6(assembler: *Assembler, rules: Rules) void {
    assembler.place(.ipv6);
    if (rules.neighbors) {
        assembler.add(.load_octet_indexed, ipv6.offset.next_header);
        assembler.branch(.jump_equal, icmpv6.protocol, .next, .addressed);
        assembler.add(.load_octet_indexed, ipv6.header_size + icmpv6.offset.message_type);
        for ([_]icmpv6.MessageType{
            .neighbor_solicitation, .neighbor_advertisement,
        }) |message_type| {
            assembler.branch(.jump_equal, @intFromEnum(message_type), .neighbor, .next);
        }
        assembler.goTo(.addressed);
        assembler.place(.neighbor);
        assembler.add(.@"return", bpf.whole_frame);
        assembler.place(.addressed);
    }
    for (rules.addresses) |prefix| {
        if (prefix.address.isIpv4()) continue;
        compare(assembler, ipv6.offset.destination, &prefix.address.octets, prefix.length);
    }
    assembler.add(.@"return", 0);

    assembler.place(.ours);
    assembler.add(.load_octet_indexed, ipv6.offset.next_header);
    for (ipv6_extensions) |it| assembler.branch(.jump_equal, it, .pass, .next);
    assembler.branch(.jump_equal, tcp.protocol, .tcp, .next);
    assembler.branch(.jump_equal, icmpv6.protocol, .icmp, .drop);

    assembler.place(.tcp);
    assembler.add(.load_half_indexed, ipv6.header_size + tcp.offset.destination_port);
    assembler.branch(.jump_greater_equal, rules.port_first, .next, .drop);
    assembler.branch(.jump_greater, rules.port_last, .drop, .pass);

    assembler.place(.icmp);
    assembler.add(.load_octet_indexed, ipv6.header_size + icmpv6.offset.message_type);
    for ([_]icmpv6.MessageType{
        .unreachable_destination, .packet_too_big, .time_exceeded, .parameter_problem,
    }) |message_type| {
        assembler.branch(.jump_equal, @intFromEnum(message_type), .pass, .next);
    }
    end(assembler);
}

/// Goes to `ours` when the first `length` bits of the address at `offset` of the packet are those
/// of `octets`, and on behind itself otherwise.
fn compare(assembler: *Assembler, offset: u32, octets: []const u8, length: u8) void {
    std.debug.assert(length <= octets.len * 8);
    var start: u8 = 0;
    while (start < length) : (start += 32) {
        const bits = @min(32, length - start);
        const mask: u32 = @truncate(@as(u64, 0xffff_ffff) << @intCast(32 - bits));
        const word = std.mem.readInt(u32, octets[start / 8 ..][0..4], .big);
        assembler.add(.load_word_indexed, offset + start / 8);
        if (bits < 32) assembler.add(.and_with, mask);
        assembler.branch(.jump_equal, word & mask, .next, .other_prefix);
    }
    assembler.goTo(.ours);
    assembler.place(.other_prefix);
}

/// What went nowhere is dropped.
fn end(assembler: *Assembler) void {
    assembler.place(.drop);
    assembler.add(.@"return", 0);
    assembler.place(.pass);
    assembler.add(.@"return", bpf.whole_frame);
}

fn testPasses(frame: []const u8) bool {
    var buffer: [instruction_count_max]Instruction = undefined;
    const program = generate(.{
        .addresses = &.{
            .of(.fromIpv4(.{ 192, 0, 2, 1 })),
            .of(.fromIpv4(.{ 192, 0, 2, 9 })),
            .of(.fromInt(0x2001_0db8 << 96 | 1)),
        },
        .port_first = 50000,
        .port_last = 50255,
    }, &buffer);
    return bpf.run(program, frame, 0) == bpf.whole_frame;
}

const test_hardware = [_]u8{ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
/// From 198.51.100.7 to 192.0.2.1.
const test_tcp_header = [_]u8{
    0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 198, 51, 100, 7, 192, 0, 2, 1,
};
/// From port 443 to 50000.
const test_segment = [_]u8{
    0x01, 0xbb, 0xc3, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x12, 0, 0, 0, 0, 0, 0,
};
const test_frame = test_hardware ++ .{ 0x08, 0x00 } ++ test_tcp_header ++ test_segment;
const test_unreachable = test_hardware ++ .{ 0x08, 0x00 } ++ [_]u8{
    0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 198, 51, 100, 1, 192, 0, 2, 9, 3, 1,
};
const test_ip_offset = ethernet.header_size;

test "replies to our addresses and ports pass" {
    try std.testing.expect(testPasses(&test_frame));
    for ([_]struct { port: u16, passes: bool }{
        .{ .port = 49999, .passes = false }, .{ .port = 50000, .passes = true },
        .{ .port = 50255, .passes = true },  .{ .port = 50256, .passes = false },
        .{ .port = 0, .passes = false },     .{ .port = 65535, .passes = false },
    }) |case| {
        var frame = test_frame;
        const offset = test_ip_offset + ipv4.header_size_min + tcp.offset.destination_port;
        std.mem.writeInt(u16, frame[offset..][0..2], case.port, .big);
        try std.testing.expectEqual(case.passes, testPasses(&frame));
    }
    for ([_]struct { last: u8, passes: bool }{
        .{ .last = 1, .passes = true },  .{ .last = 2, .passes = false },
        .{ .last = 9, .passes = true },  .{ .last = 8, .passes = false },
        .{ .last = 0, .passes = false },
    }) |case| {
        var frame = test_frame;
        frame[test_ip_offset + ipv4.offset.destination + 3] = case.last;
        try std.testing.expectEqual(case.passes, testPasses(&frame));
    }
}

test "of ICMP only errors pass" {
    var frame = test_unreachable;
    for (0..256) |message_type| {
        frame[test_ip_offset + ipv4.header_size_min] = @intCast(message_type);
        const expected = message_type == 3 or message_type == 11 or message_type == 12;
        try std.testing.expectEqual(expected, testPasses(&frame));
    }
}

test "other protocols and other types do not pass" {
    for (0..256) |protocol| {
        var frame = test_frame;
        frame[test_ip_offset + ipv4.offset.protocol] = @intCast(protocol);
        // The first octet of the source port is 1, no type of ICMP error.
        try std.testing.expectEqual(protocol == tcp.protocol, testPasses(&frame));
    }
    const ether_types = [_][2]u8{ .{ 0x08, 0x06 }, .{ 0x86, 0xdd }, .{ 0x00, 0x28 } };
    for (ether_types) |ether_type| {
        var frame = test_frame;
        frame[ethernet.offset.ether_type..][0..2].* = ether_type;
        try std.testing.expect(!testPasses(&frame));
    }
}

test "tags are stepped over: one, two, and no more" {
    const tag = [_]u8{ 0x81, 0x00, 0x00, 0x64 };
    const service_tag = [_]u8{ 0x88, 0xa8, 0x00, 0x64 };
    const rest = test_frame[test_hardware.len..];
    try std.testing.expect(testPasses(test_hardware ++ tag ++ rest));
    try std.testing.expect(testPasses(test_hardware ++ service_tag ++ tag ++ rest));
    try std.testing.expect(!testPasses(test_hardware ++ tag ++ tag ++ tag ++ rest));
    const unreachable_rest = test_unreachable[test_hardware.len..];
    try std.testing.expect(testPasses(test_hardware ++ tag ++ unreachable_rest));
    var other = test_frame;
    other[test_ip_offset + ipv4.offset.destination + 3] = 2;
    try std.testing.expect(!testPasses(test_hardware ++ tag ++ other[test_hardware.len..]));
}

test "options are stepped over, whatever they contain" {
    for (5..16) |word_count| {
        var header = test_tcp_header;
        header[0] = @intCast(0x40 | word_count);
        var frame: [test_frame.len + 40]u8 = @splat(0xff);
        const option_size = (word_count - 5) * 4;
        frame[0..test_ip_offset].* = test_frame[0..test_ip_offset].*;
        frame[test_ip_offset..][0..20].* = header;
        frame[test_ip_offset + 20 + option_size ..][0..20].* = test_segment;
        try std.testing.expect(testPasses(&frame));
        // The port is not where it would be without options.
        frame[test_ip_offset + 20 + option_size + tcp.offset.destination_port] = 0;
        try std.testing.expect(!testPasses(&frame));
    }
}

test "a first fragment passes, a later one does not" {
    var frame = test_frame;
    const fragment = frame[test_ip_offset + ipv4.offset.fragment ..][0..2];
    fragment.* = .{ 0x20, 0x00 };
    try std.testing.expect(testPasses(&frame));
    fragment.* = .{ 0x20, 0x01 };
    try std.testing.expect(!testPasses(&frame));
    fragment.* = .{ 0x1f, 0xff };
    try std.testing.expect(!testPasses(&frame));
}

test "a frame that ends before the port does not pass, and one that ends behind it does" {
    const needed = test_ip_offset + ipv4.header_size_min + tcp.offset.destination_port + 2;
    for (0..test_frame.len + 1) |size| {
        try std.testing.expectEqual(size >= needed, testPasses(test_frame[0..size]));
    }
}

test "as many prefixes as are allowed find room, and every jump its way" {
    var prefixes: [prefix_count_max]Prefix = undefined;
    for (&prefixes, 0..) |*prefix, number| {
        // Masked words are the longest to compare.
        const network = @as(u128, 0x2001_0db8) << 96 | @as(u128, number + 1) << 32;
        prefix.* = .{ .address = .fromInt(network), .length = 127 };
    }
    var buffer: [instruction_count_max]Instruction = undefined;
    const last = prefixes.len - 1;
    for ([_]bool{ false, true }) |neighbors| {
        for ([_]Prefix{
            prefixes[last],
            .{ .address = .fromIpv4(.{ 192, 0, 2, 0 }), .length = 31 },
        }) |it| {
            prefixes[last] = it;
            const program = generate(.{
                .addresses = &prefixes,
                .port_first = 0,
                .port_last = 65535,
                .neighbors = neighbors,
            }, &buffer);
            for (0..256) |number| {
                var frame = test_frame;
                frame[test_ip_offset + ipv4.offset.destination + 3] = @intCast(number);
                const expected = it.address.isIpv4() and number < 2;
                try std.testing.expectEqual(expected, bpf.run(program, &frame, 0) != 0);

                var ipv6_frame = test_ipv6_frame;
                ipv6_frame[test_ip_offset + ipv6.offset.destination + 11] = @intCast(number);
                const count = if (it.address.isIpv4()) last else last + 1;
                const is_ours = number >= 1 and number <= count;
                try std.testing.expectEqual(is_ours, bpf.run(program, &ipv6_frame, 0) != 0);
            }
        }
    }
}

const test_ipv6_header = [_]u8{ 0x60, 0, 0, 0, 0, 20, 6, 64 } ++
    [_]u8{ 0x20, 0x01, 0x0d, 0xb8 } ++ [_]u8{0xee} ** 12 ++
    [_]u8{ 0x20, 0x01, 0x0d, 0xb8 } ++ [_]u8{0} ** 11 ++ [_]u8{1};
const test_ipv6_frame = test_hardware ++ .{ 0x86, 0xdd } ++ test_ipv6_header ++ test_segment;

test "IPv6: replies to our addresses and ports pass, behind tags too" {
    try std.testing.expect(testPasses(&test_ipv6_frame));
    const tag = [_]u8{ 0x81, 0x00, 0x00, 0x64 };
    const rest = test_ipv6_frame[test_hardware.len..];
    try std.testing.expect(testPasses(test_hardware ++ tag ++ rest));
    try std.testing.expect(testPasses(test_hardware ++ tag ++ tag ++ rest));
    for (0..16) |index| {
        var frame = test_ipv6_frame;
        frame[test_ip_offset + ipv6.offset.destination + index] ^= 0x01;
        try std.testing.expect(!testPasses(&frame));
    }
    const needed = test_ip_offset + ipv6.header_size + tcp.offset.destination_port + 2;
    for (0..test_ipv6_frame.len + 1) |size| {
        try std.testing.expectEqual(size >= needed, testPasses(test_ipv6_frame[0..size]));
    }
    for ([_]u16{ 49999, 50256 }) |port| {
        var frame = test_ipv6_frame;
        std.mem.writeInt(u16, frame[needed - 2 ..][0..2], port, .big);
        try std.testing.expect(!testPasses(&frame));
    }
}

test "IPv6: of ICMP only errors pass, and packets with extension headers pass unseen" {
    for (0..256) |message_type| {
        var frame = test_ipv6_frame;
        frame[test_ip_offset + ipv6.offset.next_header] = icmpv6.protocol;
        frame[test_ip_offset + ipv6.header_size] = @intCast(message_type);
        const expected = message_type >= 1 and message_type <= 4;
        try std.testing.expectEqual(expected, testPasses(&frame));
    }
    for (0..256) |number| {
        const protocol: u8 = @intCast(number);
        var frame = test_ipv6_frame;
        frame[test_ip_offset + ipv6.offset.next_header] = protocol;
        const is_extension = std.mem.findScalar(u8, &ipv6_extensions, protocol) != null;
        // As an ICMPv6 message the segment starts with 1: a destination that is not reached.
        const expected = is_extension or protocol == tcp.protocol or protocol == icmpv6.protocol;
        try std.testing.expectEqual(expected, testPasses(&frame));
        // What the parser steps over is what passes: behind it stands another header.
        const packet = frame[test_ip_offset..];
        const view = ipv6.View.init(packet) catch continue;
        try std.testing.expectEqual(is_extension, view.payload_offset > ipv6.header_size);
    }
}

test "a prefix passes all of its addresses, of any length" {
    var buffer: [instruction_count_max]Instruction = undefined;
    for (0..33) |length| {
        const program = generate(.{
            .addresses = &.{.{
                .address = .fromIpv4(.{ 192, 0, 2, 1 }),
                .length = @intCast(length),
            }},
            .port_first = 50000,
            .port_last = 50000,
        }, &buffer);
        for (0..32) |bit| {
            var frame = test_frame;
            const place = test_ip_offset + ipv4.offset.destination + bit / 8;
            frame[place] ^= @as(u8, 0x80) >> @intCast(bit % 8);
            try std.testing.expectEqual(bit >= length, bpf.run(program, &frame, 0) != 0);
        }
    }
    for (0..129) |length| {
        const program = generate(.{
            .addresses = &.{.{
                .address = .fromInt(0x2001_0db8 << 96 | 1),
                .length = @intCast(length),
            }},
            .port_first = 50000,
            .port_last = 50000,
        }, &buffer);
        for (0..128) |bit| {
            var frame = test_ipv6_frame;
            const place = test_ip_offset + ipv6.offset.destination + bit / 8;
            frame[place] ^= @as(u8, 0x80) >> @intCast(bit % 8);
            try std.testing.expectEqual(bit >= length, bpf.run(program, &frame, 0) != 0);
        }
    }
}

test "without link header the packet's version decides" {
    var buffer: [instruction_count_max]Instruction = undefined;
    const program = generate(.{
        .addresses = &.{
            .of(.fromIpv4(.{ 192, 0, 2, 1 })),
            .of(.fromInt(0x2001_0db8 << 96 | 1)),
        },
        .port_first = 50000,
        .port_last = 50255,
        .has_link_header = false,
    }, &buffer);
    for ([_][]const u8{ test_frame[test_ip_offset..], test_ipv6_frame[test_ip_offset..] }) |it| {
        try std.testing.expect(bpf.run(program, it, 0) != 0);
        for (0..16) |version| {
            var packet: [64]u8 = undefined;
            @memcpy(packet[0..it.len], it);
            packet[0] = @intCast(version << 4 | (it[0] & 0x0f));
            const expected = version == it[0] >> 4;
            try std.testing.expectEqual(expected, bpf.run(program, packet[0..it.len], 0) != 0);
        }
    }
    try std.testing.expect(bpf.run(program, &test_frame, 0) == 0);
}

test "what neighbors tell and ask passes when it is wanted, whomever it is for" {
    const arp = test_hardware ++ [_]u8{ 0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0, 2 };
    var group = test_ipv6_frame;
    group[test_ip_offset + ipv6.offset.next_header] = icmpv6.protocol;
    group[test_ip_offset + ipv6.offset.destination] = 0xff;
    const tag = [_]u8{ 0x81, 0x00, 0x00, 0x64 };
    var buffer: [instruction_count_max]Instruction = undefined;
    for ([_]bool{ false, true }) |wanted| {
        const program = generate(.{
            .addresses = &.{.of(.fromIpv4(.{ 192, 0, 2, 1 }))},
            .port_first = 50000,
            .port_last = 50255,
            .neighbors = wanted,
        }, &buffer);
        try std.testing.expectEqual(wanted, bpf.run(program, &arp, 0) != 0);
        const tagged_arp = test_hardware ++ tag ++ arp[test_hardware.len..].*;
        try std.testing.expectEqual(wanted, bpf.run(program, &tagged_arp, 0) != 0);
        for (0..256) |message_type| {
            group[test_ip_offset + ipv6.header_size] = @intCast(message_type);
            const expected = wanted and (message_type == 135 or message_type == 136);
            try std.testing.expectEqual(expected, bpf.run(program, &group, 0) != 0);
        }
        try std.testing.expect(bpf.run(program, &test_frame, 0) != 0);
    }
}

test "addresses become as few prefixes as it takes" {
    var buffer: [prefix_count_max]Prefix = undefined;
    var single = [_]Address{.fromIpv4(.{ 192, 0, 2, 7 })};
    try std.testing.expectEqualSlices(Prefix, &.{.of(single[0])}, summarize(&single, &buffer));

    // A network of each family, in any order and twice, and one address beside each.
    var addresses: [4 * 256 + 2]Address = undefined;
    for (0..256) |number| {
        addresses[number] = .fromIpv4(.{ 192, 0, 2, @intCast(255 - number) });
        addresses[256 + number] = .fromIpv4(.{ 192, 0, 2, @intCast(number) });
        addresses[512 + number] = .fromInt(0x2001_0db8 << 96 | @as(u128, number));
        addresses[768 + number] = .fromInt(0x2001_0db8 << 96 | @as(u128, number));
    }
    addresses[1024] = .fromInt(0x2001_0db8 << 96 | 0x101);
    addresses[1025] = .fromIpv4(.{ 192, 0, 3, 1 });
    try std.testing.expectEqualSlices(Prefix, &.{
        .{ .address = .fromIpv4(.{ 192, 0, 2, 0 }), .length = 24 },
        .of(.fromIpv4(.{ 192, 0, 3, 1 })),
        .{ .address = .fromInt(0x2001_0db8 << 96), .length = 120 },
        .of(.fromInt(0x2001_0db8 << 96 | 0x101)),
    }, summarize(&addresses, &buffer));

    var all: [2]Address = .{ .fromIpv4(@splat(0)), .fromIpv4(@splat(255)) };
    try std.testing.expectEqual(2, summarize(&all, &buffer).len);
}

test "however many addresses there are, the prefixes contain them all, and few others" {
    var prng: std.Random.DefaultPrng = .init(0x7072_6566);
    const random = prng.random();
    for (0..50) |_| {
        var addresses: [300]Address = undefined;
        for (&addresses) |*address| {
            const number: u128 = random.int(u16);
            const base: u128 = if (random.boolean()) 0x2001_0db8 << 96 else 0xffff_c000_0000;
            address.* = .fromInt(base | number);
        }
        var buffer: [prefix_count_max]Prefix = undefined;
        const prefixes = summarize(&addresses, &buffer);
        try std.testing.expect(prefixes.len > prefix_count_max / 2);
        for (addresses) |address| {
            for (prefixes) |prefix| {
                if (prefix.contains(.of(address))) break;
            } else return error.TestUnexpectedResult;
        }
        for (prefixes[0 .. prefixes.len - 1], prefixes[1..]) |low, high| {
            try std.testing.expect(!low.contains(high) and !high.contains(low));
            try std.testing.expect(isBefore({}, low.address, high.address));
        }
    }
}
