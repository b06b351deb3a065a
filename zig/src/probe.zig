//! The SYN that asks a target whether it is open: built once as a template, then copied and patched
//! per target.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const HardwareAddress = @import("wire/ethernet.zig").HardwareAddress;
const Hop = @import("hop.zig").Hop;
const Sum = @import("wire/checksum.zig").Sum;
const ethernet = @import("wire/ethernet.zig");
const hop_file = @import("hop.zig");
const ipv4 = @import("wire/ipv4.zig");
const ipv6 = @import("wire/ipv6.zig");
const tcp = @import("wire/tcp.zig");

/// Whose SYN a probe looks like. Servers and firewalls answer by it, and what a SYN offers decides
/// what its connection may use.
pub const Preset = enum(u32) {
    /// net/ipv4/tcp_output.c, tcp_options_write: maximum segment size, SACK permitted, timestamps,
    /// window scale 7 (tcp_select_initial_window, from the 6 MiB of tcp_rmem).
    linux = 0,
    /// Windows 10 and 11, as p0f.fp (p0f 3.09) has it of Windows 7 and 8 but for the window:
    /// maximum segment size, window scale 8, SACK permitted.
    windows = 1,
    /// FreeBSD, sys/netinet/tcp_output.c, tcp_addoptions: maximum segment size, window scale 6,
    /// SACK permitted, timestamps.
    bsd = 2,
    /// The maximum segment size alone, as ZMap's tcp_synscan module sends it.
    mss = 3,
    none = 4,

    /// As on the wire; the values of the maximum segment size and the timestamps are zero.
    fn octets(preset: Preset) []const u8 {
        const segment_size = [_]u8{ 2, 4, 0, 0 };
        const timestamps = [_]u8{ 8, 10, 0, 0, 0, 0, 0, 0, 0, 0 };
        return switch (preset) {
            .linux => &(segment_size ++ .{ 4, 2 } ++ timestamps ++ .{ 1, 3, 3, 7 }),
            .windows => &(segment_size ++ .{ 1, 3, 3, 8, 1, 1, 4, 2 }),
            .bsd => &(segment_size ++ .{ 1, 3, 3, 6, 4, 2 } ++ timestamps),
            .mss => &segment_size,
            .none => &.{},
        };
    }

    /// What a SYN of it offers the peer.
    pub fn offer(preset: Preset, segment_size_max: u16) tcp.Options {
        var options: tcp.Options = .parse(preset.octets());
        if (options.maximum_segment_size) |*segment_size| segment_size.* = segment_size_max;
        return options;
    }

    /// As on the wire: a SYN's window is never scaled (RFC 7323, 2.2).
    fn window(preset: Preset, segment_size_max: u16) u16 {
        const size_max = std.math.maxInt(u16);
        return switch (preset) {
            // As many whole segments as 64 KiB hold (tcp_select_initial_window).
            .linux, .windows => @intCast(@min(65536 / @as(u32, segment_size_max) *
                segment_size_max, size_max)),
            .bsd, .mss, .none => size_max,
        };
    }

    /// From the start of the options to the timestamp's value, in octets.
    fn timestampOffset(preset: Preset) ?u8 {
        return switch (preset) {
            .linux => 8,
            .bsd => 12,
            .windows, .mss, .none => null,
        };
    }
};

/// The probes from one of our addresses through one hop.
pub const Template = struct {
    octets: [copy_size]u8,
    /// In octets, of the frame.
    size: u8,
    shape: Shape,
    /// From the start of the segment; null where there is none to write.
    timestamp_offset: ?u8,
    /// Of the IPv4 header and of the segment with its pseudo header, as far as all probes share
    /// them: every field that differs is zero.
    packet_sum: u64,
    segment_sum: u64,

    /// In octets: the largest frame of a probe.
    pub const frame_size_max =
        hop_file.link_header_size_max + ipv6.header_size + tcp.header_size_min + options_size_max;
    const options_size_max = 20;
    /// What `write` copies: whole registers, more than any frame.
    pub const copy_size = std.mem.alignForward(usize, frame_size_max, 16);

    pub fn init(hop: Hop, source: Address, preset: Preset) Template {
        const options = preset.octets();
        const segment_size = tcp.header_size_min + options.len;
        var template: Template = .{
            .octets = @splat(0),
            .size = @intCast(hop.frameSize(segment_size)),
            .shape = .of(hop),
            .timestamp_offset = if (preset.timestampOffset()) |offset|
                tcp.offset.options + offset
            else
                null,
            .packet_sum = 0,
            .segment_sum = 0,
        };
        const remote: Address = if (hop.isIpv4()) .fromIpv4(@splat(0)) else .fromInt(0);
        const segment_offset = hop.emitHeaders(
            source,
            remote,
            hop.next_hardware,
            @intCast(segment_size),
            &template.octets,
        );
        std.debug.assert(segment_offset == template.shape.segmentOffset());

        const segment = template.octets[segment_offset..][0..segment_size];
        const segment_size_max = hop.segmentSizeMax();
        segment[tcp.offset.header_size] = @intCast(segment_size / 4 << 4);
        segment[tcp.offset.flags] = @bitCast(tcp.Flags{ .synchronize = true });
        put(u16, segment, tcp.offset.window, preset.window(segment_size_max));
        @memcpy(segment[tcp.offset.options..], options);
        if (preset != .none) put(u16, segment, tcp.offset.options + 2, segment_size_max);
        var segment_sum: Sum = .{};
        segment_sum.addPseudoHeader(source, remote, tcp.protocol, @intCast(segment_size));
        segment_sum.addOctets(segment);
        template.segment_sum = segment_sum.total;

        if (hop.isIpv4()) {
            const packet = template.octets[template.shape.packetOffset()..segment_offset];
            put(u16, packet, ipv4.offset.checksum, 0);
            var packet_sum: Sum = .{};
            packet_sum.addOctets(packet);
            template.packet_sum = packet_sum.total;
        }
        return template;
    }

    pub const Fields = struct {
        /// Of the hop's family.
        remote: Address,
        local_port: u16,
        remote_port: u16,
        sequence: tcp.SequenceNumber,
        /// Left out where the preset has no timestamps.
        timestamp: u32,
    };

    /// Writes the frame of one probe, `size` octets, into `slot`, which has room for `copy_size`:
    /// what follows the frame is overwritten.
    pub inline fn write(template: *const Template, slot: []u8, fields: Fields) void {
        const frame = slot[0..copy_size];
        frame.* = template.octets;
        switch (template.shape) {
            inline else => |shape| template.patch(shape, frame, fields),
        }
    }

    /// Has a frame that was written go to a neighbour. Not for links without header.
    pub inline fn direct(slot: []u8, neighbor: HardwareAddress) void {
        slot[ethernet.offset.destination..][0..neighbor.len].* = neighbor;
    }

    /// `shape` is known when this is compiled, so that every place in the frame is.
    inline fn patch(
        template: *const Template,
        comptime shape: Shape,
        frame: *[copy_size]u8,
        fields: Fields,
    ) void {
        const packet = frame[comptime shape.packetOffset()..];
        const segment = frame[comptime shape.segmentOffset()..];
        var segment_sum: Sum = .{ .total = template.segment_sum };
        if (comptime shape.isIpv4()) {
            const remote = fields.remote.ipv4();
            packet[ipv4.offset.destination..][0..4].* = remote;
            var packet_sum: Sum = .{ .total = template.packet_sum };
            packet_sum.addOctets(&remote);
            put(u16, packet, ipv4.offset.checksum, packet_sum.finish());
            segment_sum.addOctets(&remote);
        } else {
            packet[ipv6.offset.destination..][0..16].* = fields.remote.octets;
            segment_sum.addOctets(&fields.remote.octets);
        }
        put(u16, segment, tcp.offset.source_port, fields.local_port);
        put(u16, segment, tcp.offset.destination_port, fields.remote_port);
        put(u32, segment, tcp.offset.sequence, fields.sequence.toInt());
        segment_sum.total += @as(u32, fields.local_port) + fields.remote_port;
        segment_sum.total += fields.sequence.toInt();
        if (template.timestamp_offset) |offset| {
            put(u32, segment, offset, fields.timestamp);
            segment_sum.total += fields.timestamp;
        }
        put(u16, segment, tcp.offset.checksum, segment_sum.finish());
    }
};

/// Which headers stand in front of a probe's segment.
const Shape = enum {
    ipv4_bare,
    ipv4_untagged,
    ipv4_tagged,
    ipv6_bare,
    ipv6_untagged,
    ipv6_tagged,

    fn of(hop: Hop) Shape {
        const is_tagged = hop.link.vlan != 0;
        if (hop.isIpv4()) return switch (hop.link.framing) {
            .none => .ipv4_bare,
            .ethernet => if (is_tagged) .ipv4_tagged else .ipv4_untagged,
        };
        return switch (hop.link.framing) {
            .none => .ipv6_bare,
            .ethernet => if (is_tagged) .ipv6_tagged else .ipv6_untagged,
        };
    }

    fn isIpv4(shape: Shape) bool {
        return switch (shape) {
            .ipv4_bare, .ipv4_untagged, .ipv4_tagged => true,
            .ipv6_bare, .ipv6_untagged, .ipv6_tagged => false,
        };
    }

    /// In octets from the start of the frame.
    fn packetOffset(shape: Shape) usize {
        return switch (shape) {
            .ipv4_bare, .ipv6_bare => 0,
            .ipv4_untagged, .ipv6_untagged => ethernet.header_size,
            .ipv4_tagged, .ipv6_tagged => ethernet.header_size + ethernet.tag_size,
        };
    }

    fn segmentOffset(shape: Shape) usize {
        return shape.packetOffset() + hop_file.packetHeaderSize(shape.isIpv4());
    }
};

inline fn put(comptime Int: type, octets: []u8, offset: usize, value: Int) void {
    std.mem.writeInt(Int, octets[offset..][0..@sizeOf(Int)], value, .big);
}

comptime {
    for (std.enums.values(Preset)) |preset| {
        const octets = preset.octets();
        std.debug.assert(octets.len <= Template.options_size_max);
        std.debug.assert(octets.len % 4 == 0);
        std.debug.assert(octets.len == 0 or octets[0] == 2);
        // Where the timestamps' kind and size are, their value follows.
        if (preset.timestampOffset()) |offset| {
            std.debug.assert(octets[offset - 2] == 8 and octets[offset - 1] == 10);
        } else {
            std.debug.assert(preset.offer(0).timestamps == null);
        }
    }
}

const test_source_ipv4: Address = .fromIpv4(.{ 192, 0, 2, 1 });
const test_source_ipv6: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001);

/// One hop for each shape of frames.
const test_hops = blk: {
    var hops: [6]Hop = undefined;
    for (&hops, 0..) |*hop, number| {
        hop.* = .{
            .link = .{
                .interface_index = 1,
                .framing = if (number % 3 == 0) .none else .ethernet,
                .vlan = if (number % 3 == 2) 100 else 0,
                .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
                .mtu = 1500,
            },
            .kind = if (number % 3 == 0) .bare else .gateway,
            .next_hardware = .{ 2, 0, 0, 0, 0, 2 },
            .sources = if (number < 3) &.{test_source_ipv4} else &.{test_source_ipv6},
            .time_to_live = 128,
        };
    }
    break :blk hops;
};

test "a SYN like Linux's, octet by octet" {
    const template: Template = .init(test_hops[1], test_source_ipv4, .linux);
    var slot: [Template.copy_size]u8 = undefined;
    template.write(&slot, .{
        .remote = .fromIpv4(.{ 198, 51, 100, 7 }),
        .local_port = 49152,
        .remote_port = 443,
        .sequence = .fromInt(0x12345678),
        .timestamp = 0x01020304,
    });
    const expected = [_]u8{
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, //
        0x45, 0x00, 0x00, 0x3c, 0x00, 0x00, 0x40, 0x00, // five words, 60 octets, whole
        0x80, 0x06, 0x0e, 0x80, 192, 0, 2, 1, 198, 51, 100, 7, // time to live 128, TCP, checksum
        0xc0, 0x00, 0x01, 0xbb, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, // ports, sequence
        0xa0, 0x02, 0xfa, 0xf0, 0x32, 0x65, 0x00, 0x00, // ten words, SYN, window 64240, checksum
        0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, // maximum segment size 1460, SACK permitted
        0x08, 0x0a, 0x01, 0x02, 0x03, 0x04, 0, 0, 0, 0, // timestamps
        0x01, 0x03, 0x03, 0x07, // window scale 7
    };
    try std.testing.expectEqualSlices(u8, &expected, slot[0..template.size]);
}

test "what each preset offers, and its window" {
    const Case = struct { preset: Preset, window: [2]u16, options: []const u8 };
    const cases = [_]Case{
        .{ .preset = .linux, .window = .{ 64240, 64800 }, .options = &.{
            2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7,
        } },
        .{ .preset = .windows, .window = .{ 64240, 64800 }, .options = &.{
            2, 4, 0x05, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2,
        } },
        .{ .preset = .bsd, .window = .{ 65535, 65535 }, .options = &.{
            2, 4, 0x05, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0,
        } },
        .{ .preset = .mss, .window = .{ 65535, 65535 }, .options = &.{ 2, 4, 0x05, 0xb4 } },
        .{ .preset = .none, .window = .{ 65535, 65535 }, .options = &.{} },
    };
    for (cases) |case| {
        for ([_]Hop{ test_hops[0], test_hops[3] }, case.window) |hop, window| {
            var slot: [Template.copy_size]u8 = undefined;
            const template: Template = .init(hop, hop.sources[0], case.preset);
            template.write(&slot, .{
                .remote = hop.sources[0],
                .local_port = 1,
                .remote_port = 2,
                .sequence = .fromInt(3),
                .timestamp = 0x01020304,
            });
            const segment_octets = slot[template.shape.segmentOffset()..template.size];
            const segment: tcp.View = try .init(segment_octets);
            var expected: [20]u8 = undefined;
            @memcpy(expected[0..case.options.len], case.options);
            // Over IPv6 there is less room.
            if (!hop.isIpv4() and case.preset != .none) expected[3] = 0xa0;
            const options = segment.optionOctets();
            try std.testing.expectEqualSlices(u8, expected[0..case.options.len], options);
            try std.testing.expectEqual(window, segment.window());
            var offer = case.preset.offer(hop.segmentSizeMax());
            if (offer.timestamps) |*timestamps| timestamps.value = 0x01020304;
            try std.testing.expectEqualDeep(offer, segment.options());
        }
    }
}

test "a probe that was patched equals one that is built whole, whatever its fields are" {
    var random = std.Random.DefaultPrng.init(1);
    for (test_hops) |hop| {
        for (std.enums.values(Preset)) |preset| {
            const template: Template = .init(hop, hop.sources[0], preset);
            for (0..10_000) |_| {
                const fields = randomFields(random.random(), hop.isIpv4());
                // What the last frame left in the slot is as good as noise.
                var slot: [Template.copy_size + 1]u8 = undefined;
                random.random().bytes(&slot);
                const beyond = slot[Template.copy_size];
                template.write(&slot, fields);
                var whole: [Template.copy_size]u8 = undefined;
                const size = buildWhole(hop, preset, fields, &whole);
                try std.testing.expectEqualSlices(u8, whole[0..size], slot[0..template.size]);
                try std.testing.expectEqual(beyond, slot[Template.copy_size]);
            }
        }
    }
}

test "a frame is directed to a neighbour, its tag untouched" {
    const template: Template = .init(test_hops[2], test_source_ipv4, .none);
    var slot: [Template.copy_size]u8 = undefined;
    var random = std.Random.DefaultPrng.init(1);
    template.write(&slot, randomFields(random.random(), true));
    Template.direct(&slot, .{ 6, 5, 4, 3, 2, 1 });
    const expected = [_]u8{ 6, 5, 4, 3, 2, 1, 2, 0, 0, 0, 0, 1, 0x81, 0x00, 0, 100, 0x08, 0x00 };
    try std.testing.expectEqualSlices(u8, &expected, slot[0..expected.len]);
}

/// Often all ones or all zeros, so that sums carry.
fn randomFields(random: std.Random, is_ipv4: bool) Template.Fields {
    var octets: [28]u8 = undefined;
    random.bytes(&octets);
    for (&octets) |*octet| switch (random.uintLessThan(u8, 4)) {
        0 => octet.* = 0xff,
        1 => octet.* = 0,
        else => {},
    };
    const remote: Address = if (is_ipv4)
        .fromIpv4(octets[0..4].*)
    else
        .{ .octets = octets[0..16].* };
    return .{
        .remote = remote,
        .local_port = std.mem.readInt(u16, octets[16..18], .big),
        .remote_port = std.mem.readInt(u16, octets[18..20], .big),
        .sequence = .fromInt(std.mem.readInt(u32, octets[20..24], .big)),
        .timestamp = std.mem.readInt(u32, octets[24..28], .big),
    };
}

/// The frame without a template: the options are a payload that becomes part of the header.
fn buildWhole(hop: Hop, preset: Preset, fields: Template.Fields, buffer: []u8) usize {
    const options = preset.offer(hop.segmentSizeMax());
    const octets = preset.octets();
    const size = hop.emit(hop.sources[0], fields.remote, hop.next_hardware, .{
        .source_port = fields.local_port,
        .destination_port = fields.remote_port,
        .sequence = fields.sequence,
        .acknowledgment = .fromInt(0),
        .flags = .{ .synchronize = true },
        .window = preset.window(hop.segmentSizeMax()),
        .payload = octets,
    }, buffer);
    const segment_size = tcp.header_size_min + octets.len;
    const segment = buffer[size - segment_size .. size];
    segment[tcp.offset.header_size] = @intCast(segment_size / 4 << 4);
    if (options.maximum_segment_size) |segment_size_max| {
        put(u16, segment, tcp.offset.options + 2, segment_size_max);
    }
    if (preset.timestampOffset()) |offset| {
        put(u32, segment, tcp.offset.options + offset, fields.timestamp);
    }
    put(u16, segment, tcp.offset.checksum, 0);
    var sum: Sum = .{};
    sum.addPseudoHeader(hop.sources[0], fields.remote, tcp.protocol, @intCast(segment_size));
    sum.addOctets(segment);
    put(u16, segment, tcp.offset.checksum, sum.finish());
    return size;
}
