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

    pub fn open(interface_index: u32, program: []const Instruction) call.Error!ReceiveRing {
        // Bound only when everything is set: no frame slips past the filter into the ring.
        const socket = try openUnbound();
        errdefer close(socket);
        const version: c_int = @intFromEnum(linux.tpacket_versions.V3);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.VERSION, version);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.IGNORE_OUTGOING, @as(c_int, 1));
        try attachFilter(socket, program);
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

/// TP_STATUS_USER and TP_STATUS_KERNEL of include/uapi/linux/if_packet.h.
const status_user: u32 = 1;
const status_kernel: u32 = 0;

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
        };
        block.offset += header.next_offset;
        return frame;
    }

    pub fn release(block: *Block) void {
        @atomicStore(u32, block.status, status_kernel, .release);
    }
};
