//! AF_PACKET sockets (packet(7)): one kind to transmit whole frames, one to receive them through a
//! TPACKET_V3 ring.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const Instruction = @import("../filter.zig").Instruction;

/// The sizes in the kernel's ABI (include/uapi/linux/if_packet.h); Zig's own declaration of the
/// block header is used.
const BlockDescriptor = linux.tpacket_block_desc;
const FrameHeader = linux.tpacket3_hdr;

/// ETH_P_ALL in network order: tagged frames and ICMP errors are wanted too, the filter chooses.
const every_protocol = std.mem.nativeToBig(u16, 0x0003);

/// Sends frames past the queueing discipline, and receives nothing.
pub fn openTransmit(interface_index: u32) call.Error!linux.fd_t {
    const socket = try openUnbound();
    errdefer close(socket);
    try bind(socket, interface_index, 0);
    try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.QDISC_BYPASS, @as(c_int, 1));
    return socket;
}

/// Sends and receives ARP frames only (ETH_P_ARP).
pub fn openArp(interface_index: u32) call.Error!linux.fd_t {
    const socket = try openUnbound();
    errdefer close(socket);
    try bind(socket, interface_index, std.mem.nativeToBig(u16, 0x0806));
    return socket;
}

/// Protocol 0: it receives nothing until it is bound with another.
fn openUnbound() call.Error!linux.fd_t {
    const kind = linux.SOCK.RAW | linux.SOCK.CLOEXEC;
    return call.descriptor(linux.socket(linux.AF.PACKET, kind, 0));
}

pub fn close(socket: linux.fd_t) void {
    _ = linux.close(socket);
}

fn bind(socket: linux.fd_t, interface_index: u32, protocol: u16) call.Error!void {
    const address: linux.sockaddr.ll = .{
        .protocol = protocol,
        .ifindex = @intCast(interface_index),
        .hatype = 0,
        .pkttype = 0,
        .halen = 0,
        .addr = @splat(0),
    };
    _ = try call.check(linux.bind(socket, @ptrCast(&address), @sizeOf(linux.sockaddr.ll)));
}

/// Lets through only what the program does (SO_ATTACH_FILTER, socket(7)).
pub fn attachFilter(socket: linux.fd_t, program: []const Instruction) call.Error!void {
    const FilterProgram = extern struct { length: c_ushort, instructions: [*]const Instruction };
    try call.setOption(socket, linux.SOL.SOCKET, linux.SO.ATTACH_FILTER, FilterProgram{
        .length = @intCast(program.len),
        .instructions = program.ptr,
    });
}

/// A received frame, valid until its block is released.
pub const Frame = struct {
    octets: []const u8,
    /// Octets that were on the wire, of which `octets` may be a prefix.
    wire_size: u32,
    /// The identifier of the VLAN tag that the kernel took out of the frame (IEEE 802.1Q, 9.6): of
    /// the outer one, since any other is still in `octets`. 0 when there was none.
    vlan: u12,
    checksum: Checksum,

    /// What the kernel knows of the checksum of the transport layer.
    pub const Checksum = enum {
        /// Nothing.
        unverified,
        /// The device or the kernel found it right.
        right,
        /// A sender on this machine has left it to a device that the frame never met: it covers
        /// the pseudo header only.
        partial,
    };
};

/// Memory shared with the kernel, cut into blocks that the kernel fills with frames and hands over
/// one by one.
pub const ReceiveRing = struct {
    socket: linux.fd_t,
    memory: []align(std.heap.page_size_min) u8,
    block_next: u32 = 0,

    /// A block holds at least one GRO super-frame of 64 KiB. At low rates each block is handed over
    /// nearly empty after `retire_timeout_ms`, so it is the count that says for how long the reader
    /// may be kept off its processor: 320 ms here.
    const block_size = 128 * 1024;
    const block_count = 160;
    /// How long a block that is not full stays with the kernel. It bounds what a reply waits for
    /// its reader.
    const retire_timeout_ms = 2;

    /// Takes in what the program lets through, and every frame without one.
    pub fn open(interface_index: u32, program: ?[]const Instruction) call.Error!ReceiveRing {
        // Bound only when everything is set: no frame slips past the filter into the ring.
        const socket = try openUnbound();
        errdefer close(socket);
        const version: c_int = @intFromEnum(linux.tpacket_versions.V3);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.VERSION, version);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.IGNORE_OUTGOING, @as(c_int, 1));
        if (program) |instructions| try attachFilter(socket, instructions);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.RX_RING, linux.tpacket_req3{
            .block_size = block_size,
            .block_nr = block_count,
            .frame_size = 2048,
            .frame_nr = block_size / 2048 * block_count,
            .retire_blk_tov = retire_timeout_ms,
            .sizeof_priv = 0,
            .feature_req_word = 0,
        });
        const size = block_size * block_count;
        const access: linux.PROT = .{ .READ = true, .WRITE = true };
        const mapped = linux.mmap(null, size, access, .{ .TYPE = .SHARED }, socket, 0);
        const address = try call.check(mapped);
        const memory: [*]align(std.heap.page_size_min) u8 = @ptrFromInt(address);
        errdefer _ = linux.munmap(memory, size);
        try bind(socket, interface_index, every_protocol);
        return .{ .socket = socket, .memory = memory[0..size] };
    }

    pub fn deinit(ring: *ReceiveRing) void {
        _ = linux.munmap(ring.memory.ptr, ring.memory.len);
        close(ring.socket);
    }

    /// The next block that the kernel has handed over; give it back with `Block.release`.
    pub fn take(ring: *ReceiveRing) ?Block {
        const start = &ring.memory[ring.block_next * block_size];
        const descriptor: *BlockDescriptor = @ptrCast(@alignCast(start));
        const status: *u32 = @ptrCast(&descriptor.hdr.bh1.block_status);
        if (@atomicLoad(u32, status, .acquire) & status_user == 0) return null;
        ring.block_next = (ring.block_next + 1) % block_count;
        return .{
            .status = status,
            .octets = @as([*]const u8, @ptrCast(descriptor))[0..block_size],
            .frame_count = descriptor.hdr.bh1.num_pkts,
            .offset = descriptor.hdr.bh1.offset_to_first_pkt,
        };
    }

    /// Forgets that the interface went down: until then poll(2) returns at once.
    pub fn clearError(ring: *const ReceiveRing) void {
        var code: u32 = undefined;
        var size: linux.socklen_t = @sizeOf(u32);
        const place: [*]u8 = @ptrCast(&code);
        _ = linux.getsockopt(ring.socket, linux.SOL.SOCKET, linux.SO.ERROR, place, &size);
    }

    /// Frames that found no room since the last call: the kernel clears the count on reading.
    pub fn takeDropCount(ring: *const ReceiveRing) u32 {
        var raw: linux.tpacket_stats_v3 = undefined;
        var size: linux.socklen_t = @sizeOf(linux.tpacket_stats_v3);
        const option = linux.PACKET.STATISTICS;
        const place: [*]u8 = @ptrCast(&raw);
        const result = linux.getsockopt(ring.socket, linux.SOL.PACKET, option, place, &size);
        return if (linux.errno(result) == .SUCCESS) raw.drops else 0;
    }
};

/// TP_STATUS_KERNEL and TP_STATUS_USER of include/uapi/linux/if_packet.h: whose a block is.
const status_kernel: u32 = 0;
const status_user: u32 = 1 << 0;
/// TP_STATUS_CSUMNOTREADY, TP_STATUS_VLAN_VALID and TP_STATUS_CSUM_VALID of the same file: what is
/// known of a frame.
const status_checksum_partial: u32 = 1 << 3;
const status_vlan_valid: u32 = 1 << 4;
const status_checksum_valid: u32 = 1 << 7;

pub const Block = struct {
    status: *u32,
    octets: []const u8,
    frame_count: u32,
    offset: u32,

    pub fn next(block: *Block) ?Frame {
        if (block.frame_count == 0) return null;
        block.frame_count -= 1;
        const header: *const FrameHeader = @ptrCast(@alignCast(&block.octets[block.offset]));
        const start = block.offset + header.mac;
        const frame: Frame = .{
            .octets = block.octets[start..][0..header.snaplen],
            .wire_size = header.len,
            .vlan = vlanOf(header),
            .checksum = checksumOf(header.status),
        };
        block.offset += header.next_offset;
        return frame;
    }

    pub fn release(block: *Block) void {
        @atomicStore(u32, block.status, status_kernel, .release);
    }
};

fn vlanOf(header: *const FrameHeader) u12 {
    if (header.status & status_vlan_valid == 0) return 0;
    // Priority and drop eligibility stand above the identifier.
    return @truncate(header.variant.hv1.vlan_tci);
}

fn checksumOf(status: u32) Frame.Checksum {
    if (status & status_checksum_partial != 0) return .partial;
    return if (status & status_checksum_valid != 0) .right else .unverified;
}

test "a block's frames with what the kernel says of each" {
    const cases = [_]struct { status: u32, tag: u32, vlan: u12, checksum: Frame.Checksum }{
        .{ .status = 0x01, .tag = 0x0064, .vlan = 0, .checksum = .unverified },
        .{ .status = 0x91, .tag = 0xf064, .vlan = 100, .checksum = .right },
        .{ .status = 0x59, .tag = 0x0fff, .vlan = 4095, .checksum = .partial },
    };
    const stride = 64;
    var octets: [16 + cases.len * stride]u8 align(16) = @splat(0);
    for (cases, 0..) |case, index| {
        const place = octets[16 + index * stride ..][0..stride];
        const header: *FrameHeader = @ptrCast(@alignCast(place));
        header.* = std.mem.zeroes(FrameHeader);
        header.next_offset = stride;
        header.snaplen = 3;
        header.len = 1514;
        header.status = case.status;
        header.mac = @sizeOf(FrameHeader) + 2;
        header.variant.hv1.vlan_tci = case.tag;
        place[header.mac..][0..3].* = .{ 'a', 'b', 'c' };
    }
    var status = status_user;
    var block: Block = .{
        .status = &status,
        .octets = &octets,
        .frame_count = cases.len,
        .offset = 16,
    };
    for (cases) |case| {
        try std.testing.expectEqualDeep(Frame{
            .octets = "abc",
            .wire_size = 1514,
            .vlan = case.vlan,
            .checksum = case.checksum,
        }, block.next().?);
    }
    try std.testing.expectEqual(null, block.next());
    block.release();
    try std.testing.expectEqual(status_kernel, status);
}
