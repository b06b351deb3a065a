//! The world's end of the cable: frames in by a ring, frames out in batches.

const std = @import("std");
const linux = std.os.linux;
const call = @import("../src/sys/call.zig");
const ethernet = @import("../src/wire/ethernet.zig");
const packet_socket = @import("../src/sys/packet_socket.zig");
const Transmitter = @import("../src/sys/transmitter.zig").Transmitter;
const Counters = @import("counters.zig").Counters;

/// Frames that leave together.
const batch_size = 128;
/// How often 100 us are waited for a full device queue.
const patience = 100;

pub const Cable = struct {
    ring: packet_socket.ReceiveRing,
    transmitter: Transmitter,
    counters: *Counters,

    pub fn open(
        allocator: std.mem.Allocator,
        interface_name: [:0]const u8,
        counters: *Counters,
    ) !Cable {
        const interface_index = std.c.if_nametoindex(interface_name);
        if (interface_index <= 0) return error.NoInterface;
        var ring: packet_socket.ReceiveRing = try .open(.{
            .interface_index = @intCast(interface_index),
        });
        errdefer ring.deinit();
        return .{
            .ring = ring,
            .transmitter = try .init(allocator, @intCast(interface_index), .{
                .batch_size = batch_size,
            }),
            .counters = counters,
        };
    }

    pub fn deinit(cable: *Cable, allocator: std.mem.Allocator) void {
        cable.ring.deinit();
        cable.transmitter.deinit(allocator);
    }

    /// Sends an untagged frame, with a VLAN tag put into it unless that is 0 (IEEE 802.1Q, 9.3).
    /// It may wait for `flush`.
    pub fn send(cable: *Cable, vlan: u12, frame: []const u8) void {
        if (cable.transmitter.isFull()) cable.flush();
        const slot = cable.transmitter.slot();
        if (vlan == 0) {
            @memcpy(slot[0..frame.len], frame);
            return cable.transmitter.commit(frame.len);
        }
        const tag_offset = ethernet.offset.ether_type;
        @memcpy(slot[0..tag_offset], frame[0..tag_offset]);
        std.mem.writeInt(u16, slot[tag_offset..][0..2], ethernet.tag_protocols[0], .big);
        std.mem.writeInt(u16, slot[tag_offset + 2 ..][0..2], vlan, .big);
        @memcpy(
            slot[tag_offset + ethernet.tag_size ..][0 .. frame.len - tag_offset],
            frame[tag_offset..],
        );
        cable.transmitter.commit(frame.len + ethernet.tag_size);
    }

    pub fn flush(cable: *Cable) void {
        const offered = cable.transmitter.pending;
        if (offered == 0) return;
        var sent: Transmitter.Sent = .{};
        // A cable that is down swallows frames, as any does.
        cable.transmitter.flush(&sent, patience) catch cable.transmitter.discard();
        cable.counters.frames_sent += sent.frames;
        cable.counters.octets_sent += sent.octets;
        cable.counters.frames_unsent += offered - sent.frames;
    }

    /// Frames that the ring had no room for go into the counters.
    pub fn countMissed(cable: *Cable) void {
        cable.counters.frames_missed += cable.ring.takeDropCount();
    }

    /// Returns when a frame or `other` can be read, or at the deadline (monotonic, in ns); whether
    /// it is `other`, or the end of it.
    pub fn wait(cable: *Cable, other: linux.fd_t, now: u64, deadline: ?u64) bool {
        var descriptors = [_]linux.pollfd{
            .{ .fd = cable.ring.socket, .events = linux.POLL.IN, .revents = 0 },
            .{ .fd = other, .events = linux.POLL.IN, .revents = 0 },
        };
        const rest = if (deadline) |at| at -| now else std.time.ns_per_s;
        var timeout: linux.timespec = .{
            .sec = @intCast(rest / std.time.ns_per_s),
            .nsec = @intCast(rest % std.time.ns_per_s),
        };
        const count = linux.ppoll(&descriptors, descriptors.len, &timeout, null);
        // Interrupted by a signal: nothing is known of either.
        if (linux.errno(count) != .SUCCESS) return false;
        // An interface that went down is reported for ever until somebody asks.
        if (descriptors[0].revents & linux.POLL.ERR != 0) cable.ring.clearError();
        return descriptors[1].revents != 0;
    }
};
