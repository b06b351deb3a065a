//! Counts the TCP resets that leave this host from our source ports. Our own frames pass no tap
//! (PACKET_QDISC_BYPASS, packet(7)), so whatever is seen is the kernel's, because a port is not
//! guarded, or a firewall's (`reject with tcp reset`): it closes what the scan has just opened.

const std = @import("std");
const linux = std.os.linux;
const PortWindow = @import("../port_window.zig").PortWindow;
const bpf = @import("../bpf.zig");
const call = @import("call.zig");
const ethernet = @import("../wire/ethernet.zig");
const filter = @import("../filter.zig");
const ipv4 = @import("../wire/ipv4.zig");
const ipv6 = @import("../wire/ipv6.zig");
const packet_socket = @import("packet_socket.zig");
const tcp = @import("../wire/tcp.zig");

pub const ResetWatch = struct {
    socket: linux.fd_t,

    /// Nobody reads the socket: its filter chooses and its statistics count. What it keeps of
    /// frames until its buffer is full is the least possible.
    pub fn open(
        interface_index: u32,
        ports: PortWindow,
        has_link_header: bool,
    ) call.Error!ResetWatch {
        var instructions: [instruction_count_max]bpf.Instruction = undefined;
        const program = generate(ports, has_link_header, &instructions);
        const socket = try packet_socket.openTap(interface_index, program);
        errdefer packet_socket.close(socket);
        // The kernel raises it to its minimum.
        try call.setOption(socket, linux.SOL.SOCKET, linux.SO.RCVBUF, @as(c_int, 1));
        return .{ .socket = socket };
    }

    pub fn close(watch: ResetWatch) void {
        packet_socket.close(watch.socket);
    }

    /// How many since the last call.
    pub fn take(watch: ResetWatch) u32 {
        return packet_socket.takeStatistics(watch.socket).total;
    }
};

const instruction_count_max = 48;
const Label = enum { next, ipv4, ipv6, tcp, drop };
const Assembler = bpf.Assembler(Label, instruction_count_max);

/// Passes one octet of each outgoing TCP segment with RST from a port of the window. Packets with
/// IPv6 extension headers are no resets of a host's TCP, nor are fragments.
fn generate(
    ports: PortWindow,
    has_link_header: bool,
    buffer: *[instruction_count_max]bpf.Instruction,
) []const bpf.Instruction {
    var assembler: Assembler = .{ .instructions = buffer };
    // First of all: every frame that comes in goes through here.
    assembler.add(.load_octet_absolute, bpf.packet_type_offset);
    assembler.branch(.jump_equal, linux.PACKET.OUTGOING, .next, .drop);
    // X is where the IP header begins.
    if (has_link_header) {
        assembler.add(.load_index, ethernet.header_size);
        assembler.add(.load_half_absolute, ethernet.offset.ether_type);
        assembler.branch(.jump_equal, @intFromEnum(ethernet.EtherType.ipv4), .ipv4, .next);
        assembler.branch(.jump_equal, @intFromEnum(ethernet.EtherType.ipv6), .ipv6, .drop);
    } else {
        assembler.add(.load_index, 0);
        assembler.add(.load_octet_absolute, 0);
        assembler.add(.and_with, 0xf0);
        assembler.branch(.jump_equal, 4 << 4, .ipv4, .next);
        assembler.branch(.jump_equal, 6 << 4, .ipv6, .drop);
    }

    assembler.place(.ipv4);
    assembler.add(.load_octet_indexed, ipv4.offset.protocol);
    assembler.branch(.jump_equal, tcp.protocol, .next, .drop);
    assembler.add(.load_half_indexed, ipv4.offset.fragment);
    assembler.branch(.jump_any_bit, ipv4.fragment_offset_mask, .drop, .next);
    filter.stepOverIpv4Header(&assembler);
    assembler.goTo(.tcp);

    assembler.place(.ipv6);
    assembler.add(.load_octet_indexed, ipv6.offset.next_header);
    assembler.branch(.jump_equal, tcp.protocol, .next, .drop);
    assembler.add(.load_index, ipv6.header_size + @as(u32, if (has_link_header)
        ethernet.header_size
    else
        0));

    assembler.place(.tcp);
    assembler.add(.load_half_indexed, tcp.offset.source_port);
    assembler.branch(.jump_greater_equal, ports.first, .next, .drop);
    assembler.branch(.jump_greater, ports.last(), .drop, .next);
    assembler.add(.load_octet_indexed, tcp.offset.flags);
    const reset: u8 = @bitCast(tcp.Flags{ .reset = true });
    assembler.branch(.jump_any_bit, reset, .next, .drop);
    assembler.add(.@"return", 1);
    assembler.place(.drop);
    assembler.add(.@"return", 0);
    return assembler.finish();
}

const test_packet_ipv4 = [_]u8{
    0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7,
} ++ test_segment;
const test_packet_ipv6 = [_]u8{ 0x60, 0, 0, 0, 0, 20, 6, 64 } ++ [_]u8{0x20} ** 32 ++ test_segment;
/// From port 50000 to 443, RST.
const test_segment = [_]u8{
    0xc3, 0x50, 0x01, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x04, 0, 0, 0, 0, 0, 0,
};
const test_hardware = [_]u8{ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

fn testCounts(packet: []const u8, packet_type: u8) bool {
    const ports: PortWindow = .{ .first = 50000, .count = 256 };
    var buffer: [instruction_count_max]bpf.Instruction = undefined;
    var frame: [128]u8 = undefined;
    frame[0..test_hardware.len].* = test_hardware;
    frame[test_hardware.len..][0..2].* = if (packet[0] >> 4 == 4) .{ 0x08, 0 } else .{ 0x86, 0xdd };
    @memcpy(frame[ethernet.header_size..][0..packet.len], packet);
    const with_header = frame[0 .. ethernet.header_size + packet.len];
    const counts = bpf.run(generate(ports, true, &buffer), with_header, packet_type) == 1;
    const counts_bare = bpf.run(generate(ports, false, &buffer), packet, packet_type) == 1;
    std.debug.assert(counts == counts_bare);
    return counts;
}

test "resets that leave from our ports count, and nothing else does" {
    inline for (.{ test_packet_ipv4, test_packet_ipv6 }) |right| {
        const segment_offset = right.len - test_segment.len;
        for (0..8) |packet_type| {
            const expected = packet_type == linux.PACKET.OUTGOING;
            try std.testing.expectEqual(expected, testCounts(&right, @intCast(packet_type)));
        }
        for (0..256) |flags| {
            var packet = right;
            packet[segment_offset + tcp.offset.flags] = @intCast(flags);
            const expected = flags & 0x04 != 0;
            try std.testing.expectEqual(expected, testCounts(&packet, linux.PACKET.OUTGOING));
        }
        for ([_]u16{ 49999, 50000, 50255, 50256 }) |port| {
            var packet = right;
            std.mem.writeInt(u16, packet[segment_offset..][0..2], port, .big);
            const expected = port == 50000 or port == 50255;
            try std.testing.expectEqual(expected, testCounts(&packet, linux.PACKET.OUTGOING));
        }
        const protocol_offset = if (right[0] >> 4 == 4)
            ipv4.offset.protocol
        else
            ipv6.offset.next_header;
        var other = right;
        other[protocol_offset] = 17;
        try std.testing.expect(!testCounts(&other, linux.PACKET.OUTGOING));
    }
    var fragment = test_packet_ipv4;
    fragment[ipv4.offset.fragment + 1] = 1;
    try std.testing.expect(!testCounts(&fragment, linux.PACKET.OUTGOING));
}
