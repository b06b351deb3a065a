//! Frames handed to the kernel through an AF_XDP socket in copy mode
//! (Documentation/networking/af_xdp.rst): the shortest way there is from user space to any Ethernet
//! device. No program is loaded, and nothing is received.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const send_buffer = @import("send_buffer.zig");

const Descriptor = linux.xdp_desc;

/// XDP_MAX_TX_SKB_BUDGET of include/uapi/linux/if_xdp.h: how many frames one call sends.
const option_budget = 9;

/// Frames that are with the kernel at most, a power of two.
const chunk_count = 512;
const chunk_size = 2048;
/// No frame lies there: the kernel steps over such a descriptor.
const address_none = std.math.maxInt(u64);

pub const XdpSocket = struct {
    socket: linux.fd_t,
    /// What the descriptors refer to, in chunks.
    chunks: []align(std.heap.page_size_min) u8,
    /// What is to be sent.
    requests: Ring,
    /// The addresses of chunks whose frames the device is done with.
    completions: Ring,
    /// Descriptors that the kernel has dealt with, and those that it may look at, modulo 2^32.
    settled: u32 = 0,
    offered: u32 = 0,
    /// Chunks that hold no frame, those that became free first in front.
    free: FreeChunks = .{},

    /// In octets.
    pub const frame_size_max = chunk_size;

    /// NoPermission, InUse (by another AF_XDP socket on each of the device's queues) and any other
    /// error: this host or this interface takes no such socket. Only for interfaces with Ethernet
    /// headers: the kernel does not say of such a frame which protocol it carries, and devices
    /// without link headers drop what they cannot tell.
    pub fn open(interface_index: u32) call.Error!XdpSocket {
        const kind = linux.SOCK.RAW | linux.SOCK.CLOEXEC;
        const socket = try call.descriptor(linux.socket(linux.AF.XDP, kind, 0));
        errdefer _ = linux.close(socket);
        send_buffer.grow(socket);
        const chunks = try mapMemory(-1, chunk_count * chunk_size, 0);
        errdefer unmapMemory(chunks);
        var region = std.mem.zeroes(linux.xdp_umem_reg);
        region.addr = @intFromPtr(chunks.ptr);
        region.len = chunks.len;
        region.chunk_size = chunk_size;
        try call.setOption(socket, linux.SOL.XDP, linux.XDP.UMEM_REG, region);
        const count: u32 = chunk_count;
        // The kernel wants this ring of every socket; it stays empty.
        try call.setOption(socket, linux.SOL.XDP, linux.XDP.UMEM_FILL_RING, @as(u32, 1));
        try call.setOption(socket, linux.SOL.XDP, linux.XDP.UMEM_COMPLETION_RING, count);
        try call.setOption(socket, linux.SOL.XDP, linux.XDP.TX_RING, count);
        // Kernels that have this option (since 6.17) also say after each call how far they came.
        // Without that nobody knows which frames left when a call fails half way.
        try call.setOption(socket, linux.SOL.XDP, option_budget, count);
        var offsets: linux.xdp_mmap_offsets = undefined;
        var size: linux.socklen_t = @sizeOf(linux.xdp_mmap_offsets);
        const place: [*]u8 = @ptrCast(&offsets);
        const option = linux.XDP.MMAP_OFFSETS;
        _ = try call.check(linux.getsockopt(socket, linux.SOL.XDP, option, place, &size));
        var requests: Ring =
            try .map(socket, linux.XDP.PGOFF_TX_RING, offsets.tx, @sizeOf(Descriptor));
        errdefer requests.unmap();
        var completions: Ring =
            try .map(socket, linux.XDP.UMEM_PGOFF_COMPLETION_RING, offsets.cr, @sizeOf(u64));
        errdefer completions.unmap();
        try bindToFreeQueue(socket, interface_index);
        return .{
            .socket = socket,
            .chunks = chunks,
            .requests = requests,
            .completions = completions,
        };
    }

    pub fn close(xdp: *XdpSocket) void {
        _ = linux.close(xdp.socket);
        xdp.completions.unmap();
        xdp.requests.unmap();
        unmapMemory(xdp.chunks);
    }

    /// Sends frames in order. Returns how many of them the kernel took, at least one; an error
    /// means that it took none. Frames that it did not take are left nowhere.
    pub fn send(xdp: *XdpSocket, frames: []const std.posix.iovec) call.Error!usize {
        xdp.reclaim();
        const count: u32 = @intCast(@min(frames.len, xdp.free.count));
        if (count == 0) return error.Busy;
        xdp.write(frames[0..count]);
        const result = linux.sendto(xdp.socket, "", 0, linux.MSG.DONTWAIT, null, 0);

        const consumer = @atomicLoad(u32, xdp.requests.consumer, .acquire);
        const progress: i32 = @bitCast(consumer -% xdp.settled);
        const reported: u32 = @min(@max(progress, 0), count);
        // EBUSY: the device refused a frame, which is settled without having left, and that is the
        // last that the kernel looked at. Settled frames are reported only if one has left
        // (__xsk_generic_xmit in net/xdp/xsk.c).
        const is_refused = linux.errno(result) == .BUSY;
        const settled = if (is_refused) @max(reported, 1) else reported;
        const taken = if (is_refused) settled - 1 else settled;
        xdp.free.take(settled);
        xdp.settle(settled, count);
        if (taken > 0) return taken;
        if (!is_refused) _ = try call.check(result);
        return error.Busy;
    }

    /// Puts frames behind the last descriptor that is settled.
    fn write(xdp: *XdpSocket, frames: []const std.posix.iovec) void {
        for (frames, 0..) |frame, index| {
            const address = @as(usize, xdp.free.at(@intCast(index))) * chunk_size;
            @memcpy(xdp.chunks[address..][0..frame.len], frame.base);
            xdp.request(xdp.settled +% @as(u32, @intCast(index))).* = .{
                .addr = address,
                .len = @intCast(frame.len),
                .options = 0,
            };
        }
        const end = xdp.settled +% @as(u32, @intCast(frames.len));
        if (@as(i32, @bitCast(end -% xdp.offered)) > 0) xdp.offered = end;
        @atomicStore(u32, xdp.requests.producer, xdp.offered, .release);
    }

    /// Goes behind the descriptors that are settled. The kernel knows of those that follow, which
    /// cannot be undone: they are emptied, and used again.
    fn settle(xdp: *XdpSocket, settled: u32, count: u32) void {
        for (settled..count) |index| {
            xdp.request(xdp.settled +% @as(u32, @intCast(index))).addr = address_none;
        }
        xdp.settled +%= settled;
        const consumer = @atomicLoad(u32, xdp.requests.consumer, .acquire);
        // It has stepped over empty ones.
        if (@as(i32, @bitCast(consumer -% xdp.settled)) > 0) xdp.settled = consumer;
    }

    fn request(xdp: *XdpSocket, index: u32) *Descriptor {
        const descriptors: [*]Descriptor = @ptrCast(@alignCast(xdp.requests.entries));
        return &descriptors[index % chunk_count];
    }

    /// Takes back the chunks that the device is done with.
    fn reclaim(xdp: *XdpSocket) void {
        const producer = @atomicLoad(u32, xdp.completions.producer, .acquire);
        var consumer = xdp.completions.consumer.*;
        const addresses: [*]const u64 = @ptrCast(@alignCast(xdp.completions.entries));
        while (consumer != producer) : (consumer +%= 1) {
            xdp.free.put(@intCast(addresses[consumer % chunk_count] / chunk_size));
        }
        @atomicStore(u32, xdp.completions.consumer, consumer, .release);
    }
};

/// A queue of chunks. It starts with all of them.
const FreeChunks = struct {
    chunks: [chunk_count]u16 = std.simd.iota(u16, chunk_count),
    first: u32 = 0,
    count: u32 = chunk_count,

    fn at(free: *const FreeChunks, index: u32) u16 {
        std.debug.assert(index < free.count);
        return free.chunks[(free.first + index) % chunk_count];
    }

    fn take(free: *FreeChunks, count: u32) void {
        std.debug.assert(count <= free.count);
        free.first = (free.first + count) % chunk_count;
        free.count -= count;
    }

    fn put(free: *FreeChunks, chunk: u16) void {
        std.debug.assert(free.count < chunk_count);
        free.chunks[(free.first + free.count) % chunk_count] = chunk;
        free.count += 1;
    }
};

/// A ring shared with the kernel, of `chunk_count` entries.
const Ring = struct {
    memory: []align(std.heap.page_size_min) u8,
    producer: *u32,
    consumer: *u32,
    entries: [*]u8,

    fn map(
        socket: linux.fd_t,
        page_offset: i64,
        offsets: linux.xdp_ring_offset,
        entry_size: usize,
    ) call.Error!Ring {
        const size = offsets.desc + chunk_count * entry_size;
        const memory = try mapMemory(socket, size, page_offset);
        return .{
            .memory = memory,
            .producer = @ptrCast(@alignCast(memory[offsets.producer..])),
            .consumer = @ptrCast(@alignCast(memory[offsets.consumer..])),
            .entries = memory[offsets.desc..].ptr,
        };
    }

    fn unmap(ring: *Ring) void {
        unmapMemory(ring.memory);
    }
};

/// Of a socket, or of nobody (-1).
fn mapMemory(
    socket: linux.fd_t,
    size: usize,
    page_offset: i64,
) call.Error![]align(std.heap.page_size_min) u8 {
    const access: linux.PROT = .{ .READ = true, .WRITE = true };
    const kind: linux.MAP = if (socket < 0)
        .{ .TYPE = .PRIVATE, .ANONYMOUS = true }
    else
        .{ .TYPE = .SHARED };
    const mapped = linux.mmap(null, size, access, kind, socket, page_offset);
    const memory: [*]align(std.heap.page_size_min) u8 = @ptrFromInt(try call.check(mapped));
    return memory[0..size];
}

fn unmapMemory(memory: []align(std.heap.page_size_min) u8) void {
    _ = linux.munmap(memory.ptr, memory.len);
}

/// One such socket is allowed on each queue of a device: the first free one is taken.
fn bindToFreeQueue(socket: linux.fd_t, interface_index: u32) call.Error!void {
    var queue: u32 = 0;
    while (true) : (queue += 1) {
        const address: linux.sockaddr.xdp = .{
            .flags = linux.XDP.COPY,
            .ifindex = interface_index,
            .queue_id = queue,
            .shared_umem_fd = 0,
        };
        const result = linux.bind(socket, @ptrCast(&address), @sizeOf(linux.sockaddr.xdp));
        // Behind the last queue it is EINVAL.
        if (linux.errno(result) == .BUSY) continue;
        if (linux.errno(result) == .INVAL and queue > 0) return error.InUse;
        _ = try call.check(result);
        return;
    }
}

test "free chunks go out in the order in which they came back" {
    var free: FreeChunks = .{};
    try std.testing.expectEqual(0, free.at(0));
    try std.testing.expectEqual(chunk_count - 1, free.at(chunk_count - 1));
    free.take(chunk_count - 1);
    free.put(7);
    free.put(3);
    try std.testing.expectEqual(chunk_count - 1, free.at(0));
    try std.testing.expectEqual(7, free.at(1));
    try std.testing.expectEqual(3, free.at(2));
    free.take(2);
    try std.testing.expectEqual(1, free.count);
    try std.testing.expectEqual(3, free.at(0));
}
