//! Frames handed to the kernel by sendmmsg(2): many in one system call, each copied by the kernel
//! before the call returns.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const packet_socket = @import("packet_socket.zig");
const send_buffer = @import("send_buffer.zig");

pub const MessageBatch = struct {
    socket: linux.fd_t,
    /// One for each of the frames that `init` was given, and naming it.
    messages: []linux.mmsghdr,

    /// `frames` says where the frames lie; it is read at each `send` and must stay where it is.
    pub fn init(
        allocator: std.mem.Allocator,
        interface_index: u32,
        frames: []std.posix.iovec,
    ) !MessageBatch {
        const socket = try packet_socket.openTransmit(interface_index);
        errdefer packet_socket.close(socket);
        send_buffer.grow(socket);
        const messages = try allocator.alloc(linux.mmsghdr, frames.len);
        for (messages, frames) |*message, *frame| {
            message.* = .{ .hdr = std.mem.zeroes(linux.msghdr), .len = 0 };
            message.hdr.iov = @ptrCast(frame);
            message.hdr.iovlen = 1;
        }
        return .{ .socket = socket, .messages = messages };
    }

    pub fn deinit(batch: *MessageBatch, allocator: std.mem.Allocator) void {
        packet_socket.close(batch.socket);
        allocator.free(batch.messages);
    }

    /// Sends `count` of the frames, from the frame `first` on, in order. Returns how many of them
    /// the kernel took, at least one; an error means that it took none.
    pub fn send(batch: *MessageBatch, first: usize, count: usize) call.Error!usize {
        const messages = batch.messages[first..][0..count];
        // Without waiting: a device that never gives its buffers back must not hold this thread.
        const flags = linux.MSG.DONTWAIT;
        const result = linux.sendmmsg(batch.socket, messages.ptr, @intCast(count), flags);
        return call.check(result);
    }
};
