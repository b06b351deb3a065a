//! What comes off the cable and what goes back, octet by octet: frames in hexadecimal digits, with
//! blanks for the reader, a cable that keeps what it gets, and a clock that only moves when told.
//! The scanner is 02:00:00:00:00:09, 10.99.0.1 and fd99::1.

const std = @import("std");
const ethernet = @import("../src/wire/ethernet.zig");
const packet_socket = @import("../src/sys/packet_socket.zig");
const ChainStore = @import("chain_store.zig").ChainStore;
const Counters = @import("counters.zig").Counters;
const Internet = @import("internet.zig").Internet;
const packet = @import("packet.zig");
const slot_ns = @import("delay_line.zig").slot_ns;
const share_all = @import("weighted.zig").share_all;
const world_types = @import("world.zig");
const Prefix = world_types.Prefix;

const ms = std.time.ns_per_ms;

const chains: ChainStore = .{
    .chains = &.{.{ .certificates = &.{"leaf"}, .key = .ecdsa }},
    .lines = &.{},
};

const ports: []const world_types.PortRule = &.{
    .{ .ports = &.{.{ .first = 443, .last = 443 }}, .states = .only(.open), .service = .tls },
    .{ .ports = &.{.{ .first = 81, .last = 81 }}, .states = .only(.closed) },
    .{ .ports = &.{.{ .first = 82, .last = 82 }}, .states = .only(.silent) },
    .{ .ports = &.{.{ .first = 83, .last = 83 }}, .states = .only(.unreachable_port) },
};

const prefix_4: Prefix = .{
    .first = .fromIpv4(.{ 198, 51, 100, 0 }),
    .last = .fromIpv4(.{ 198, 51, 100, 255 }),
    .length = 24,
    .ports = ports,
    .window = .only(8192),
    .options = .only(.mss),
};

const prefix_6: Prefix = prefix: {
    var prefix = prefix_4;
    prefix.first = .fromInt(0x2001_0db8 << 96);
    prefix.last = .fromInt((0x2001_0db8 << 96) + 0xffff);
    prefix.length = 112;
    break :prefix prefix;
};

const in_4 = "02005e005301 020000000009 0800 ";
const out_4 = "020000000009 02005e005301 0800 ";
const in_6 = "02005e005301 020000000009 86dd ";
const out_6 = "020000000009 02005e005301 86dd ";
const scanner_6 = "fd990000000000000000000000000001 ";
const gateway_6 = "fd990000000000000000000000000002 ";
const host_6 = "20010db8000000000000000000000007 ";

const synchronize_header_4 = "4500002c 0000 4000 4006 062e 0a630001 c6336407 ";
const synchronize_443_4 = "9c40 01bb 000003e8 00000000 6002 4000 81a4 0000 020405b4";
const synchronize_81_4 = "9c40 0051 000003e8 00000000 6002 4000 830e 0000 020405b4";
const synchronize_82_4 = "9c40 0052 000003e8 00000000 6002 4000 830d 0000 020405b4";
const synchronize_83_4 = "9c40 0053 000003e8 00000000 6002 4000 830c 0000 020405b4";
const reset_81_4 = out_4 ++ "45000028 0000 4000 4006 0632 c6336407 0a630001" ++
    "0051 9c40 00000000 000003e9 5014 0000 dab7 0000";
/// The host's sequence number is a cookie, and so is the checksum what it is.
const accepted_4 = out_4 ++ "4500002c 0000 4000 4006 062e c6336407 0a630001" ++
    "01bb 9c40 ........ 000003e9 6012 2000 .... 0000 020405b4";

const synchronize_header_6 = "60000000 0018 06 40" ++ scanner_6 ++ host_6;
const synchronize_443_6 = "9c40 01bb 000003e8 00000000 6002 4000 8ae8 0000 020405b4";
const synchronize_81_6 = "9c40 0051 000003e8 00000000 6002 4000 8c52 0000 020405b4";
const synchronize_82_6 = "9c40 0052 000003e8 00000000 6002 4000 8c51 0000 020405b4";
const synchronize_83_6 = "9c40 0053 000003e8 00000000 6002 4000 8c50 0000 020405b4";

const echo_4 = in_4 ++ "45000021 0000 4000 4001 063e 0a630001 c6336407" ++
    "0800 f81e 0007 0009 70696e6721";
const echoed_4 = out_4 ++ "45000021 0000 4000 4001 063e c6336407 0a630001" ++
    "0000 001f 0007 0009 70696e6721";

const Cable = struct {
    sent: [8]Sent = undefined,
    sent_count: usize = 0,

    const Sent = struct {
        vlan: u12,
        size: usize,
        octets: [packet.frame_size_max]u8,
    };

    pub fn send(cable: *Cable, vlan: u12, frame: []const u8) void {
        const sent = &cable.sent[cable.sent_count];
        cable.sent_count += 1;
        sent.vlan = vlan;
        sent.size = frame.len;
        @memcpy(sent.octets[0..frame.len], frame);
    }
};

const Lab = struct {
    arena: std.heap.ArenaAllocator,
    prefix: [1]Prefix,
    world: world_types.World,
    counters: Counters,
    cable: Cable,
    internet: Internet(Cable),
    now: u64,
    looked_at: usize,
    frame_count: u64,
    octet_count: u64,

    fn create(prefix: Prefix) !*Lab {
        const lab = try std.testing.allocator.create(Lab);
        errdefer std.testing.allocator.destroy(lab);
        lab.* = .{
            .arena = .init(std.testing.allocator),
            .prefix = .{prefix},
            .world = .{ .prefixes = &lab.prefix, .chain_count = 1, .connection_count_max = 16 },
            .counters = .{},
            .cable = .{},
            .internet = undefined,
            .now = 1000 * ms,
            .looked_at = 0,
            .frame_count = 0,
            .octet_count = 0,
        };
        errdefer lab.arena.deinit();
        try lab.internet.init(lab.arena.allocator(), .{
            .world = &lab.world,
            .chains = &chains,
            .cable = &lab.cable,
            .counters = &lab.counters,
            .now = lab.now,
        });
        return lab;
    }

    fn destroy(lab: *Lab) void {
        lab.internet.deinit(lab.arena.allocator());
        lab.arena.deinit();
        std.testing.allocator.destroy(lab);
    }

    fn feed(lab: *Lab, digits: []const u8) void {
        lab.feedWith(.{}, digits);
    }

    const Circumstances = struct {
        vlan: u12 = 0,
        checksum: packet_socket.Frame.Checksum = .unverified,
        /// Which octet is not what the digits say.
        wrong_octet: ?usize = null,
    };

    fn feedWith(lab: *Lab, circumstances: Circumstances, digits: []const u8) void {
        var buffer: [1600]u8 = undefined;
        var compact: [2 * buffer.len]u8 = undefined;
        const compacted = withoutBlanks(&compact, digits);
        const octets = std.fmt.hexToBytes(&buffer, compacted) catch unreachable;
        if (circumstances.wrong_octet) |index| octets[index] ^= 0x01;
        lab.frame_count += 1;
        lab.octet_count += octets.len;
        lab.internet.receive(lab.now, .{
            .octets = octets,
            .wire_size = @intCast(octets.len),
            .vlan = circumstances.vlan,
            .checksum = circumstances.checksum,
        });
    }

    /// Lets time pass, with a tick whenever the hosts ask for one.
    fn wait(lab: *Lab, nanoseconds: u64) void {
        const end = lab.now + nanoseconds;
        while (lab.internet.nextDeadline()) |deadline| {
            if (deadline > end) break;
            lab.now = @max(lab.now, deadline);
            lab.internet.tick(lab.now);
        }
        lab.now = end;
    }

    /// The next frame that was sent and not looked at: any digit where a dot is.
    fn expect(lab: *Lab, digits: []const u8) !void {
        try lab.expectIn(0, digits);
    }

    fn expectIn(lab: *Lab, vlan: u12, digits: []const u8) !void {
        try std.testing.expect(lab.looked_at < lab.cable.sent_count);
        const sent = &lab.cable.sent[lab.looked_at];
        lab.looked_at += 1;
        var compact: [2 * packet.frame_size_max]u8 = undefined;
        const expected = withoutBlanks(&compact, digits);
        var actual: [2 * packet.frame_size_max]u8 = undefined;
        var writer: std.Io.Writer = .fixed(&actual);
        try writer.printHex(sent.octets[0..sent.size], .lower);
        for (expected, 0..) |digit, index| {
            if (digit == '.' and index < writer.end) actual[index] = '.';
        }
        try std.testing.expectEqualStrings(expected, writer.buffered());
        try std.testing.expectEqual(vlan, sent.vlan);
        if (lab.looked_at == lab.cable.sent_count) {
            lab.looked_at = 0;
            lab.cable.sent_count = 0;
        }
    }

    /// No frame was sent that was not looked at; what was counted is this, and the frames received.
    fn expectCounters(lab: *Lab, counted: Counters) !void {
        try std.testing.expectEqual(0, lab.cable.sent_count);
        var expected = counted;
        expected.frames_received = lab.frame_count;
        expected.octets_received = lab.octet_count;
        try std.testing.expectEqual(expected, lab.counters);
    }
};

fn withoutBlanks(buffer: []u8, digits: []const u8) []const u8 {
    const removed = std.mem.replace(u8, digits, " ", "", buffer);
    return buffer[0 .. digits.len - removed];
}

test "the gateway answers ARP, a host behind it does not" {
    const lab: *Lab = try .create(prefix_4);
    defer lab.destroy();
    const request = "ffffffffffff 020000000009 0806 0001 0800 06 04 0001" ++
        "020000000009 0a630001 000000000000";
    lab.feed(request ++ "0a630002");
    try lab.expect("020000000009 02005e005301 0806 0001 0800 06 04 0002" ++
        "02005e005301 0a630002 020000000009 0a630001");
    lab.feed(request ++ "c6336407");
    try lab.expectCounters(.{ .neighbor_requests = 2 });
}

test "the gateway answers neighbor solicitations" {
    const lab: *Lab = try .create(prefix_6);
    defer lab.destroy();
    const solicitation = "3333ff000002 020000000009 86dd" ++
        "60000000 0020 3a ff" ++ scanner_6 ++ "ff0200000000000000000001ff000002" ++
        "87 00 7c5d 00000000" ++ gateway_6 ++ "01 01 020000000009";
    lab.feed(solicitation);
    try lab.expect(out_6 ++ "60000000 0020 3a ff" ++ gateway_6 ++ scanner_6 ++
        "88 00 e9ce e0000000" ++ gateway_6 ++ "02 01 02005e005301");
    lab.feedWith(.{ .wrong_octet = 57 }, solicitation);
    try lab.expectCounters(.{ .neighbor_requests = 1, .checksum_wrong = 1 });
}

test "a host answers echoes of either version" {
    const lab: *Lab = try .create(prefix_4);
    defer lab.destroy();
    lab.feed(echo_4);
    try lab.expect(echoed_4);
    // Of UDP it has no port.
    const datagram = "4500001c 0000 4000 4011 0633 0a630001 c6336407 9c40 0035 0008 0000";
    lab.feed(in_4 ++ datagram);
    try lab.expect(out_4 ++ "45000038 0000 4000 4001 0627 c6336407 0a630001" ++
        "0303 607f 00000000" ++ datagram);
    try lab.expectCounters(.{ .other_received = 2, .unreachable_sent = 1 });

    const lab_6: *Lab = try .create(prefix_6);
    defer lab_6.destroy();
    lab_6.feed(in_6 ++ "60000000 000d 3a 40" ++ scanner_6 ++ host_6 ++
        "8000 547c 0007 0009 70696e6721");
    try lab_6.expect(out_6 ++ "60000000 000d 3a 40" ++ host_6 ++ scanner_6 ++
        "8100 537c 0007 0009 70696e6721");
    try lab_6.expectCounters(.{ .other_received = 1 });
}

test "each port answers a SYN as its state says" {
    const lab: *Lab = try .create(prefix_4);
    defer lab.destroy();
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_443_4);
    try lab.expect(accepted_4);
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_81_4);
    try lab.expect(reset_81_4);
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_82_4);
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_83_4);
    try lab.expect(out_4 ++ "45000048 0000 4000 4001 0617 c6336407 0a630001" ++
        "0303 31ba 00000000" ++ synchronize_header_4 ++ synchronize_83_4);
    try lab.expectCounters(.{
        .synchronize_received = 4,
        .synchronize_sent = 1,
        .reset_sent = 1,
        .unreachable_sent = 1,
    });
    // Nobody answers the SYN-ACK: it comes again after a second.
    lab.wait(999 * ms);
    try std.testing.expectEqual(0, lab.cable.sent_count);
    lab.wait(100 * ms);
    try lab.expect(accepted_4);
}

test "each port answers a SYN as its state says, over IPv6" {
    const lab: *Lab = try .create(prefix_6);
    defer lab.destroy();
    lab.feed(in_6 ++ synchronize_header_6 ++ synchronize_443_6);
    try lab.expect(out_6 ++ "60000000 0018 06 40" ++ host_6 ++ scanner_6 ++
        "01bb 9c40 ........ 000003e9 6012 2000 .... 0000 020405a0");
    lab.feed(in_6 ++ synchronize_header_6 ++ synchronize_81_6);
    try lab.expect(out_6 ++ "60000000 0014 06 40" ++ host_6 ++ scanner_6 ++
        "0051 9c40 00000000 000003e9 5014 0000 e3fb 0000");
    lab.feed(in_6 ++ synchronize_header_6 ++ synchronize_82_6);
    lab.feed(in_6 ++ synchronize_header_6 ++ synchronize_83_6);
    try lab.expect(out_6 ++ "60000000 0048 3a 40" ++ host_6 ++ scanner_6 ++
        "0104 6ce4 00000000" ++ synchronize_header_6 ++ synchronize_83_6);
    try lab.expectCounters(.{
        .synchronize_received = 4,
        .synchronize_sent = 1,
        .reset_sent = 1,
        .unreachable_sent = 1,
    });
}

test "other segments to a closed port" {
    const lab: *Lab = try .create(prefix_4);
    defer lab.destroy();
    // Data and a FIN, which acknowledge 77.
    lab.feed(in_4 ++ "4500002b 0000 4000 4006 062f 0a630001 c6336407" ++
        "9c40 0051 000003e8 0000004d 5019 4000 d600 0000 616263");
    try lab.expect(out_4 ++ "45000028 0000 4000 4006 0632 c6336407 0a630001" ++
        "0051 9c40 0000004d 00000000 5004 0000 de63 0000");
    // A reset is not answered.
    lab.feed(in_4 ++ "45000028 0000 4000 4006 0632 0a630001 c6336407" ++
        "9c40 0051 000003e8 00000000 5004 0000 dac8 0000");
    try lab.expectCounters(.{
        .finish_received = 1,
        .data_received = 1,
        .data_octets_received = 3,
        .reset_received = 1,
        .reset_sent = 1,
    });
}

test "where no host is, nobody answers or the router before it does" {
    var prefix = prefix_4;
    prefix.hosts = 0;
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_443_4);
    lab.feed(echo_4);
    try lab.expectCounters(.{ .synchronize_received = 1, .other_received = 1 });

    prefix.absent = .only(.unreachable_host);
    const told: *Lab = try .create(prefix);
    defer told.destroy();
    told.feed(in_4 ++ synchronize_header_4 ++ synchronize_443_4);
    try told.expect(out_4 ++ "45000048 0000 4000 4001 25ed 0a630002 0a630001" ++
        "0301 31bc 00000000" ++ synchronize_header_4 ++ synchronize_443_4);
    try told.expectCounters(.{ .synchronize_received = 1, .unreachable_sent = 1 });

    var prefix_of_6 = prefix_6;
    prefix_of_6.hosts = 0;
    prefix_of_6.absent = .only(.unreachable_host);
    const told_6: *Lab = try .create(prefix_of_6);
    defer told_6.destroy();
    told_6.feed(in_6 ++ synchronize_header_6 ++ synchronize_443_6);
    try told_6.expect(out_6 ++ "60000000 0048 3a 40" ++ gateway_6 ++ scanner_6 ++
        "0103 9d09 00000000" ++ synchronize_header_6 ++ synchronize_443_6);
    try told_6.expectCounters(.{ .synchronize_received = 1, .unreachable_sent = 1 });
}

test "only frames with the prefix's VLAN tag, and no other, are its own" {
    var prefix = prefix_4;
    prefix.vlan = 100;
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feedWith(.{ .vlan = 100 }, echo_4);
    try lab.expectIn(100, echoed_4);
    lab.feedWith(.{ .vlan = 101 }, echo_4);
    lab.feed(echo_4);
    // The kernel takes out the outer tag of two.
    const tagged = "02005e005301 020000000009 8100 0064";
    lab.feedWith(.{ .vlan = 100 }, tagged ++ echo_4[in_4.len - 5 ..]);
    lab.feedWith(.{ .vlan = 100 }, tagged ++ "0806");
    try lab.expectCounters(.{ .misdirected = 4, .other_received = 1 });
}

test "a frame to another hardware address is not the host's" {
    const lab: *Lab = try .create(prefix_4);
    defer lab.destroy();
    lab.feedWith(.{ .wrong_octet = 5 }, in_4 ++ synchronize_header_4 ++ synchronize_443_4);
    lab.feed("ffffffffffff 020000000009 0800" ++ synchronize_header_4 ++ synchronize_443_4);
    try lab.expectCounters(.{ .misdirected = 2 });
}

test "a wrong checksum is not answered, unless nobody has finished it" {
    const lab: *Lab = try .create(prefix_4);
    defer lab.destroy();
    const frame = in_4 ++ synchronize_header_4 ++ synchronize_81_4;
    const time_to_live = ethernet.header_size + 8;
    const window = ethernet.header_size + 20 + 14;
    lab.feedWith(.{ .wrong_octet = time_to_live }, frame);
    lab.feedWith(.{ .wrong_octet = time_to_live, .checksum = .partial }, frame);
    lab.feedWith(.{ .wrong_octet = window }, frame);
    lab.feedWith(.{ .wrong_octet = ethernet.header_size + 20 + 8 }, echo_4);
    try lab.expectCounters(.{ .checksum_wrong = 4 });
    lab.feedWith(.{ .wrong_octet = window, .checksum = .partial }, frame);
    try lab.expect(reset_81_4);
    try lab.expectCounters(.{ .checksum_wrong = 4, .synchronize_received = 1, .reset_sent = 1 });
}

test "what is no packet, or for nobody" {
    const lab: *Lab = try .create(prefix_4);
    defer lab.destroy();
    lab.feed("02005e005301 020000000009 08");
    lab.feed(in_4);
    lab.feed(in_4 ++ synchronize_header_4 ++ "9c40 01bb 000003e8 00000000 6002 4000 81a4");
    // ICMP of one version in a packet of the other.
    lab.feed(in_4 ++ "45000021 0000 4000 403a 0605 0a630001 c6336407" ++
        "8000 547c 0007 0009 70696e6721");
    lab.feed(in_6 ++ "60000000 000d 01 40" ++ scanner_6 ++ host_6 ++
        "0800 f81e 0007 0009 70696e6721");
    try lab.expectCounters(.{ .malformed = 5 });

    // To 203.0.113.7, and of no type that is known.
    lab.feed(in_4 ++ "4500002c 0000 4000 4006 f460 0a630001 cb007107" ++
        "9c40 01bb 000003e8 00000000 6002 4000 6fd7 0000 020405b4");
    lab.feed("02005e005301 020000000009 88cc 0000");
    try lab.expectCounters(.{ .malformed = 5, .outside = 2 });
    // The gateway's own address takes everything, and is no host.
    lab.feed(in_4 ++ "45000021 0000 4000 4001 2614 0a630001 0a630002" ++
        "0800 f81e 0007 0009 70696e6721");
    try lab.expectCounters(.{ .malformed = 5, .outside = 2 });
}

test "the router before a narrow path says how much it takes" {
    var prefix = prefix_4;
    prefix.mtu = 600;
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feed(in_4 ++ "45000258 0000 4000 4001 0407 0a630001 c6336407" ++
        "0800 f7ef 0007 0009" ++ "00" ** 572);
    try lab.expect(out_4 ++ "45000258 0000 4000 4001 0407 c6336407 0a630001" ++
        "0000 ffef 0007 0009" ++ "00" ** 572);
    try lab.expectCounters(.{ .other_received = 1 });
    const start_4 = "45000259 0000 4000 4001 0406 0a630001 c6336407 0800 f7ef 0007 0009";
    lab.feed(in_4 ++ start_4 ++ "00" ** 573);
    try lab.expect(out_4 ++ "4500021c 0000 4000 4001 2419 0a630002 0a630001" ++
        "0304 faa3 0000 0258" ++ start_4 ++ "00" ** (512 - 28));
    try lab.expectCounters(.{ .other_received = 2, .oversized = 1, .unreachable_sent = 1 });

    var prefix_of_6 = prefix_6;
    prefix_of_6.mtu = 1280;
    const lab_6: *Lab = try .create(prefix_of_6);
    defer lab_6.destroy();
    const start_6 = "60000000 04d9 3a 40" ++ scanner_6 ++ host_6 ++ "8000 4f81 0007 0009";
    lab_6.feed(in_6 ++ start_6 ++ "00" ** 1233);
    try lab_6.expect(out_6 ++ "60000000 0208 3a 40" ++ gateway_6 ++ scanner_6 ++
        "0200 6180 00000500" ++ start_6 ++ "00" ** (512 - 48));
    try lab_6.expectCounters(.{ .other_received = 1, .oversized = 1, .unreachable_sent = 1 });
}

test "an answer comes a round trip later, and no sooner" {
    var prefix = prefix_4;
    prefix.round_trip = .only(.{ .first_ns = 50 * ms, .last_ns = 50 * ms });
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_81_4);
    lab.wait(25 * ms - 1);
    try lab.expectCounters(.{ .synchronize_received = 1 });
    // It reaches the host with the next slot of the delay line.
    lab.wait(1 + slot_ns);
    try lab.expectCounters(.{ .synchronize_received = 1, .reset_sent = 1 });
    lab.wait(25 * ms - slot_ns - 1);
    try std.testing.expectEqual(0, lab.cable.sent_count);
    lab.wait(1 + 2 * slot_ns);
    try lab.expect(reset_81_4);
    try lab.expectCounters(.{ .synchronize_received = 1, .reset_sent = 1 });
    try std.testing.expectEqual(null, lab.internet.nextDeadline());
}

test "what is lost on the way is counted where it was lost" {
    var prefix = prefix_4;
    prefix.forward.loss = share_all;
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_81_4);
    try lab.expectCounters(.{ .synchronize_received = 1 });
    try std.testing.expectEqual(1, lab.internet.path.counters.get(.forward).lost);
    try std.testing.expectEqual(0, lab.internet.path.counters.get(.back).lost);

    prefix.forward.loss = 0;
    prefix.back.loss = share_all;
    const answered: *Lab = try .create(prefix);
    defer answered.destroy();
    answered.feed(in_4 ++ synchronize_header_4 ++ synchronize_81_4);
    try answered.expectCounters(.{ .synchronize_received = 1, .reset_sent = 1 });
    try std.testing.expectEqual(0, answered.internet.path.counters.get(.forward).lost);
    try std.testing.expectEqual(1, answered.internet.path.counters.get(.back).lost);
}

test "what is doubled on both ways comes back four times" {
    var prefix = prefix_4;
    prefix.forward.duplication = share_all;
    prefix.back.duplication = share_all;
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_81_4);
    for (0..4) |_| try lab.expect(reset_81_4);
    try lab.expectCounters(.{ .synchronize_received = 1, .reset_sent = 2 });
    try std.testing.expectEqual(1, lab.internet.path.counters.get(.forward).duplicated);
    try std.testing.expectEqual(2, lab.internet.path.counters.get(.back).duplicated);
}

test "an answer from elsewhere has the neighbor's address" {
    var prefix = prefix_4;
    prefix.elsewhere = share_all;
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feed(in_4 ++ synchronize_header_4 ++ synchronize_81_4);
    try lab.expect(out_4 ++ "45000028 0000 4000 4006 0631 c6336408 0a630001" ++
        "0051 9c40 00000000 000003e9 5014 0000 dab6 0000");
    try lab.expectCounters(.{ .synchronize_received = 1, .reset_sent = 1 });
}

test "neighbors are asked for and spoken to at an address of their own" {
    var prefix = prefix_4;
    prefix.on_link = true;
    const lab: *Lab = try .create(prefix);
    defer lab.destroy();
    lab.feed("ffffffffffff 020000000009 0806 0001 0800 06 04 0001" ++
        "020000000009 0a630001 000000000000 c6336407");
    const hardware = lab.cable.sent[0].octets[ethernet.offset.source..][0..6].*;
    try lab.expect("020000000009 ............ 0806 0001 0800 06 04 0002" ++
        "............ c6336407 020000000009 0a630001");
    const digits = std.fmt.bytesToHex(hardware, .lower);
    var frame = echo_4.*;
    // The gateway does not carry it.
    lab.feed(&frame);
    try lab.expectCounters(.{ .neighbor_requests = 1, .misdirected = 1 });
    frame[0..digits.len].* = digits;
    lab.feed(&frame);
    var reply = echoed_4.*;
    reply[13..][0..digits.len].* = digits;
    try lab.expect(&reply);
    try lab.expectCounters(.{ .neighbor_requests = 1, .misdirected = 1, .other_received = 1 });
}
