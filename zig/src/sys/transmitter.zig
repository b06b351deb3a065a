//! Whole frames to one interface, in batches (sendmmsg(2)). The frames live in slots that are
//! filled in place.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const packet_socket = @import("packet_socket.zig");
const ethernet = @import("../wire/ethernet.zig");
const path = @import("../path.zig");

pub const Transmitter = struct {
    socket: linux.fd_t,
    slots: []Slot,
    vectors: []std.posix.iovec,
    messages: []linux.mmsghdr,
    /// Filled slots that wait for `flush`.
    pending: usize = 0,

    /// In octets: an Ethernet frame of the usual MTU with two tags.
    pub const frame_size_max = 1522;
    pub const Slot = [1536]u8;

    comptime {
        std.debug.assert(frame_size_max <= @sizeOf(Slot));
        std.debug.assert(ethernet.header_size + path.mtu_max <= frame_size_max);
    }

    /// How a flush went: the world may take fewer frames than it was offered.
    pub const Sent = struct { frames: u32 = 0, octets: u64 = 0 };

    pub fn init(
        allocator: std.mem.Allocator,
        interface_index: u32,
        batch_size: usize,
    ) !Transmitter {
        const socket = try packet_socket.openTransmit(interface_index);
        errdefer packet_socket.close(socket);
        const slots = try allocator.alloc(Slot, batch_size);
        errdefer allocator.free(slots);
        const vectors = try allocator.alloc(std.posix.iovec, batch_size);
        errdefer allocator.free(vectors);
        const messages = try allocator.alloc(linux.mmsghdr, batch_size);
        for (slots, vectors, messages) |*place, *vector, *message| {
            vector.* = .{ .base = place, .len = 0 };
            message.* = .{ .hdr = std.mem.zeroes(linux.msghdr), .len = 0 };
            message.hdr.iov = @ptrCast(vector);
            message.hdr.iovlen = 1;
        }
        return .{ .socket = socket, .slots = slots, .vectors = vectors, .messages = messages };
    }

    pub fn deinit(transmitter: *Transmitter, allocator: std.mem.Allocator) void {
        packet_socket.close(transmitter.socket);
        allocator.free(transmitter.slots);
        allocator.free(transmitter.vectors);
        allocator.free(transmitter.messages);
    }

    pub fn isFull(transmitter: *const Transmitter) bool {
        return transmitter.pending == transmitter.slots.len;
    }

    /// The next free slot. It keeps what the last frame left there, so a template needs to be
    /// written only once.
    pub fn slot(transmitter: *Transmitter) *Slot {
        std.debug.assert(!transmitter.isFull());
        return &transmitter.slots[transmitter.pending];
    }

    pub fn commit(transmitter: *Transmitter, frame_size: usize) void {
        std.debug.assert(frame_size <= frame_size_max);
        transmitter.vectors[transmitter.pending].len = frame_size;
        transmitter.pending += 1;
    }

    /// Sends what is pending, in order, and empties the slots. A full device queue is waited for,
    /// `patience` times 100 us; frames that were not sent are not counted, and the error says why
    /// none followed them.
    pub fn flush(transmitter: *Transmitter, sent: *Sent, patience: u32) call.Error!void {
        defer transmitter.pending = 0;
        var done: usize = 0;
        var refusals: u32 = 0;
        while (done < transmitter.pending) {
            const rest = transmitter.messages[done..transmitter.pending];
            const result = linux.sendmmsg(transmitter.socket, rest.ptr, @intCast(rest.len), 0);
            const taken = call.check(result) catch |err| {
                if (err != error.Busy or refusals == patience) return err;
                refusals += 1;
                const pause: linux.timespec = .{ .sec = 0, .nsec = 100 * std.time.ns_per_us };
                _ = linux.nanosleep(&pause, null);
                continue;
            };
            for (transmitter.vectors[done..][0..taken]) |vector| sent.octets += vector.len;
            sent.frames += @intCast(taken);
            done += taken;
        }
    }
};
