//! Frames handed to the kernel through memory shared with it (packet(7), PACKET_TX_RING): one
//! system call sends all that wait there, and none is needed per frame to say where it lies.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const packet_socket = @import("packet_socket.zig");
const send_buffer = @import("send_buffer.zig");

/// struct tpacket2_hdr of include/uapi/linux/if_packet.h. Version 2 rather than 3: the header is
/// smaller, and version 3 has nothing for sending that it lacks.
const FrameHeader = extern struct {
    status: u32,
    /// In octets, of what follows the header.
    size: u32,
    captured_size: u32,
    mac: u16,
    net: u16,
    second: u32,
    nanosecond: u32,
    vlan_control: u16,
    vlan_protocol: u16,
    padding: [4]u8,
};

/// struct virtio_net_hdr of include/uapi/linux/virtio_net.h, in this host's byte order.
const OffloadHeader = extern struct {
    flags: u8 = 0,
    segmentation: u8 = 0,
    /// In octets: how much of the frame the kernel copies. It refers to the rest where that lies.
    copied_size: u16,
    segment_size: u16 = 0,
    checksum_start: u16 = 0,
    checksum_offset: u16 = 0,
};

comptime {
    std.debug.assert(@sizeOf(FrameHeader) == 32);
    std.debug.assert(@sizeOf(OffloadHeader) == 10);
}

/// TP_STATUS_AVAILABLE, TP_STATUS_SEND_REQUEST and TP_STATUS_WRONG_FORMAT of if_packet.h. Between
/// the first two lies TP_STATUS_SENDING: the kernel has taken the frame, and a device holds it.
const status_available: u32 = 0;
const status_send_request: u32 = 1 << 0;
const status_wrong_format: u32 = 1 << 2;

pub const TransmitRing = struct {
    socket: linux.fd_t,
    memory: []align(std.heap.page_size_min) u8,
    /// The place that the kernel looks at next.
    next: usize = 0,

    /// In octets, headers included.
    const place_size = 2048;
    /// Several batches: a device may hold frames of one while the next is written.
    const place_count = 512;
    const block_size = 64 * 1024;
    const octets_offset = @sizeOf(FrameHeader) + @sizeOf(OffloadHeader);
    /// In octets.
    pub const frame_size_max = place_size - octets_offset;

    pub fn open(interface_index: u32) call.Error!TransmitRing {
        const socket = try packet_socket.openTransmit(interface_index);
        errdefer packet_socket.close(socket);
        send_buffer.grow(socket);
        const version: c_int = @intFromEnum(linux.tpacket_versions.V2);
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.VERSION, version);
        // Without this header the kernel copies the link's header only and lets the frame refer to
        // the ring for the rest. Then it costs more (a reference to a page for each frame), and a
        // host that forwards the frame (a container's) may say that the place is free while the
        // frame still waits in a queue: what is written next would change it under way.
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.VNET_HDR, @as(c_int, 1));
        // struct tpacket_req.
        const Request = extern struct {
            block_size: c_uint,
            block_count: c_uint,
            frame_size: c_uint,
            frame_count: c_uint,
        };
        const size = place_size * place_count;
        try call.setOption(socket, linux.SOL.PACKET, linux.PACKET.TX_RING, Request{
            .block_size = block_size,
            .block_count = size / block_size,
            .frame_size = place_size,
            .frame_count = place_count,
        });
        const access: linux.PROT = .{ .READ = true, .WRITE = true };
        const mapped = linux.mmap(null, size, access, .{ .TYPE = .SHARED }, socket, 0);
        const memory: [*]align(std.heap.page_size_min) u8 =
            @ptrFromInt(try call.check(mapped));
        return .{ .socket = socket, .memory = memory[0..size] };
    }

    pub fn close(ring: *TransmitRing) void {
        _ = linux.munmap(ring.memory.ptr, ring.memory.len);
        packet_socket.close(ring.socket);
    }

    /// Sends frames in order. Returns how many of them the kernel took, at least one; an error
    /// means that it took none. Frames that it did not take are not in the ring afterwards.
    pub fn send(ring: *TransmitRing, frames: []const std.posix.iovec) call.Error!usize {
        const written = ring.write(frames);
        if (written == 0) return error.Busy;
        const result = linux.sendto(ring.socket, "", 0, linux.MSG.DONTWAIT, null, 0);
        // The result does not say how many: on an error after the first frame it is the error
        // (tpacket_snd in net/packet/af_packet.c). The places do: a frame that was refused has its
        // request back, as have those that follow it.
        const taken = written - ring.recall(written);
        ring.next = (ring.next + taken) % place_count;
        if (taken > 0) return taken;
        _ = try call.check(result);
        return error.Busy;
    }

    /// Returns how many frames found a free place.
    fn write(ring: *TransmitRing, frames: []const std.posix.iovec) usize {
        for (frames[0..@min(frames.len, place_count)], 0..) |frame, index| {
            const place = ring.at(index);
            const header: *FrameHeader = @ptrCast(place);
            if (@atomicLoad(u32, &header.status, .acquire) != status_available) return index;
            const offload: OffloadHeader = .{ .copied_size = @intCast(frame.len) };
            place[@sizeOf(FrameHeader)..octets_offset].* = std.mem.toBytes(offload);
            @memcpy(place[octets_offset..][0..frame.len], frame.base);
            header.size = @intCast(@sizeOf(OffloadHeader) + frame.len);
            @atomicStore(u32, &header.status, status_send_request, .release);
        }
        return @min(frames.len, place_count);
    }

    /// Takes back those of the last `count` frames written that the kernel left; returns how many.
    fn recall(ring: *TransmitRing, count: usize) usize {
        var recalled: usize = 0;
        while (recalled < count) : (recalled += 1) {
            const header: *FrameHeader = @ptrCast(ring.at(count - 1 - recalled));
            const status = @atomicLoad(u32, &header.status, .acquire);
            if (status != status_send_request and status != status_wrong_format) break;
            @atomicStore(u32, &header.status, status_available, .release);
        }
        return recalled;
    }

    /// The place that the kernel looks at after `offset` others.
    fn at(ring: *TransmitRing, offset: usize) *align(16) [place_size]u8 {
        const index = (ring.next + offset) % place_count;
        return @alignCast(ring.memory[index * place_size ..][0..place_size]);
    }
};
