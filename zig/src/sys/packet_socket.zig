//! AF_PACKET sockets (packet(7)): one kind to transmit whole frames, one to receive them through a
//! TPACKET_V3 ring.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const Instruction = @import("../bpf.zig").Instruction;

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

/// Receives what the program lets through, in both directions, and sends.
pub fn openTap(interface_index: u32, program: []const Instruction) call.Error!linux.fd_t {
    const socket = try openUnbound();
    errdefer close(socket);
    try attachFilter(socket, program);
    try bind(socket, interface_index, every_protocol);
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
    /// When the kernel received it: the low 32 bits of CLOCK_REALTIME in microseconds, which come
    /// round every 71 minutes.
    time_us: u32 = 0,

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
    block_next: usize = 0,

    pub const Options = struct {
        interface_index: u32,
        /// Takes in what it lets through, and every frame without one.
        program: ?[]const Instruction = null,
        /// In octets: cut into whole blocks, and never less than `memory_size_min`.
        memory_size: usize = memory_size_default,
        /// Alone, a ring gets every frame.
        fanout: ?Fanout = null,
        /// Takes in frames to every group of the link (PACKET_MR_ALLMULTI), such as questions for
        /// IPv6 addresses that are not this host's: without it the device drops them.
        all_groups: bool = false,
    };

    /// Rings of one interface that share its frames (PACKET_FANOUT_HASH): both directions of a
    /// connection always go to the same one, ICMP errors about it to any.
    pub const Fanout = union(enum) {
        first,
        /// A ring opened as `first`.
        beside: *const ReceiveRing,
    };

    /// A block holds at least one GRO super-frame of 64 KiB. At low rates each block is handed over
    /// nearly empty after `retire_timeout_ms`, so it is the count that says for how long the reader
    /// may be kept off its processor: 320 ms by default. Larger blocks would only make it fewer.
    const block_size = 128 * 1024;
    /// One to read, one that the kernel fills, and two between them.
    const block_count_min = 4;
    /// How long a block that is not full stays with the kernel. It bounds what a reply waits for
    /// its reader.
    const retire_timeout_ms = 2;
    pub const memory_size_default = 160 * block_size;
    pub const memory_size_min = block_count_min * block_size;

    /// With `Fanout`, every ring of the group is to be open before a frame matters: each one that
    /// joins changes which frames go where.
    pub fn open(options: Options) call.Error!ReceiveRing {
        // Bound only when everything is set: no frame slips past the filter into the ring.
        const socket = try openUnbound();
        errdefer close(socket);
        const version: c_int = @intFromEnum(linux.tpacket_versions.V3);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.VERSION, version);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.IGNORE_OUTGOING, @as(c_int, 1));
        if (options.program) |instructions| try attachFilter(socket, instructions);
        const block_count = @max(options.memory_size / block_size, block_count_min);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.RX_RING, linux.tpacket_req3{
            .block_size = block_size,
            .block_nr = @intCast(block_count),
            .frame_size = 2048,
            .frame_nr = @intCast(block_size / 2048 * block_count),
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
        try bind(socket, options.interface_index, every_protocol);
        if (options.fanout) |fanout| try joinFanout(socket, fanout);
        if (options.all_groups) try joinAllGroups(socket, options.interface_index);
        return .{ .socket = socket, .memory = memory[0..size] };
    }

    /// The socket must be bound. The kernel picks the number of a new group, since two runs that
    /// picked the same would take each other's frames.
    fn joinFanout(socket: linux.fd_t, fanout: Fanout) call.Error!void {
        const kind = linux.PACKET.FANOUT_HASH | linux.PACKET.FANOUT_FLAG_IGNORE_OUTGOING;
        const group: u32 = switch (fanout) {
            .first => @as(u32, linux.PACKET.FANOUT_FLAG_UNIQUEID) << 16,
            .beside => |ring| try fanoutGroup(ring.socket),
        };
        const argument: u32 = group | @as(u32, kind) << 16;
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.FANOUT, argument);
    }

    fn fanoutGroup(socket: linux.fd_t) call.Error!u16 {
        // The kind and its flags stand above the number.
        var value: u32 = 0;
        var size: linux.socklen_t = @sizeOf(u32);
        const place: [*]u8 = @ptrCast(&value);
        const option = linux.PACKET.FANOUT;
        const result = linux.getsockopt(socket, linux.SOL.PACKET, option, place, &size);
        _ = try call.check(result);
        return @truncate(value);
    }

    fn joinAllGroups(socket: linux.fd_t, interface_index: u32) call.Error!void {
        // `struct packet_mreq` (linux/if_packet.h).
        const Membership = extern struct {
            interface_index: c_int,
            kind: c_ushort = 2, // PACKET_MR_ALLMULTI
            address_size: c_ushort = 0,
            address: [8]u8 = @splat(0),
        };
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.ADD_MEMBERSHIP, Membership{
            .interface_index = @intCast(interface_index),
        });
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
        ring.block_next = (ring.block_next + 1) % (ring.memory.len / block_size);
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

    /// Frames that found no room since the last call.
    pub fn takeDropCount(ring: *const ReceiveRing) u32 {
        return takeStatistics(ring.socket).drops;
    }
};

/// How many frames passed the filter since the last call, and how many of these found no room: the
/// kernel clears the counts on reading. Both are 0 if it does not tell.
pub fn takeStatistics(socket: linux.fd_t) Statistics {
    // Only a TPACKET_V3 socket has the third number.
    var raw: linux.tpacket_stats_v3 = .{ .packets = 0, .drops = 0, .freeze_q_cnt = 0 };
    var size: linux.socklen_t = @sizeOf(linux.tpacket_stats_v3);
    const option = linux.PACKET.STATISTICS;
    const place: [*]u8 = @ptrCast(&raw);
    const result = linux.getsockopt(socket, linux.SOL.PACKET, option, place, &size);
    if (linux.errno(result) != .SUCCESS) return .{ .total = 0, .drops = 0 };
    return .{ .total = raw.packets, .drops = raw.drops };
}

/// In frames.
pub const Statistics = struct { total: u32, drops: u32 };

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
            .time_us = header.sec *% std.time.us_per_s +% header.nsec / std.time.ns_per_us,
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
        header.sec = 1_700_000_000;
        header.nsec = 999_999_999;
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
            .time_us = @truncate(1_700_000_000_999_999),
        }, block.next().?);
    }
    try std.testing.expectEqual(null, block.next());
    block.release();
    try std.testing.expectEqual(status_kernel, status);
}
