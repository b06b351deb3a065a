//! Whole frames to one interface, in batches. The frames are written into slots, and handed to the
//! kernel together by whichever method costs least on that interface.

const std = @import("std");
const call = @import("call.zig");
const clock = @import("clock.zig");
const link_state = @import("link_state.zig");
const MessageBatch = @import("message_batch.zig").MessageBatch;
const MethodTrial = @import("method_trial.zig").MethodTrial;
const TransmitRing = @import("transmit_ring.zig").TransmitRing;
const XdpSocket = @import("xdp_socket.zig").XdpSocket;

/// How frames get to the kernel. The numbers are part of the ABI.
pub const Method = enum(u32) {
    /// The first batches go by every method that the interface takes, in turn, and the rest by the
    /// one that was fastest.
    measured = 0,
    /// sendmmsg(2).
    messages = 1,
    /// A ring shared with the kernel (packet(7), PACKET_TX_RING).
    ring = 2,
    /// An AF_XDP socket in copy mode. Ethernet only, and one on each queue of a device.
    xdp = 3,
};

const Carrier = union(enum) { messages: MessageBatch, ring: TransmitRing, xdp: XdpSocket };

/// How long a device whose queue is full is left alone.
const refusal_nap_ns = 100 * std.time.ns_per_us;

pub const Transmitter = struct {
    /// Where each frame is written, one behind the other.
    slots: []align(slot_alignment) u8,
    slot_size: usize,
    /// Where each slot's frame lies and how long it is.
    frames: []std.posix.iovec,
    interface_index: u32,
    /// What is open: one, or those that are compared.
    carriers: [MethodTrial.way_count_max]Carrier = undefined,
    carrier_count: usize = 0,
    /// Null when it is known which one is used.
    trial: ?MethodTrial = null,
    chosen: usize = 0,
    /// The first slot that holds a frame which was not sent.
    first: usize = 0,
    /// Filled slots that wait for `flush`.
    pending: usize = 0,

    /// In octets: an Ethernet frame of the usual MTU with two tags.
    pub const frame_size_max = 1522;
    /// A cache line: the slots of small frames together stay in the nearest cache.
    const slot_alignment = 64;

    comptime {
        std.debug.assert(frame_size_max <= TransmitRing.frame_size_max);
        std.debug.assert(frame_size_max <= XdpSocket.frame_size_max);
    }

    /// How a flush went: the world may take fewer frames than it was offered.
    pub const Sent = struct { frames: u32 = 0, octets: u64 = 0 };

    pub const Options = struct {
        /// Frames that can wait for a flush.
        batch_size: usize,
        /// In octets: what is written into a slot at the most.
        slot_size: usize = frame_size_max,
        method: Method = .messages,
    };

    /// Fails when the interface does not take the method; every interface takes `measured`.
    pub fn init(
        allocator: std.mem.Allocator,
        interface_index: u32,
        options: Options,
    ) !Transmitter {
        const slot_size = std.mem.alignForward(usize, options.slot_size, slot_alignment);
        const slots = try allocator.alignedAlloc(
            u8,
            .fromByteUnits(slot_alignment),
            options.batch_size * slot_size,
        );
        errdefer allocator.free(slots);
        const frames = try allocator.alloc(std.posix.iovec, options.batch_size);
        errdefer allocator.free(frames);
        for (frames, 0..) |*frame, number| {
            frame.* = .{ .base = slots[number * slot_size ..].ptr, .len = 0 };
        }
        var transmitter: Transmitter = .{
            .slots = slots,
            .slot_size = slot_size,
            .frames = frames,
            .interface_index = interface_index,
        };
        errdefer transmitter.close(allocator);
        if (options.method != .measured) {
            try transmitter.open(allocator, options.method);
            return transmitter;
        }
        try transmitter.open(allocator, .messages);
        transmitter.open(allocator, .ring) catch {};
        const is_ethernet = try link_state.isEthernet(interface_index);
        if (is_ethernet) transmitter.open(allocator, .xdp) catch {};
        transmitter.trial = .{ .way_count = transmitter.carrier_count };
        return transmitter;
    }

    pub fn deinit(transmitter: *Transmitter, allocator: std.mem.Allocator) void {
        transmitter.close(allocator);
        allocator.free(transmitter.frames);
        allocator.free(transmitter.slots);
    }

    fn open(transmitter: *Transmitter, allocator: std.mem.Allocator, wanted: Method) !void {
        const index = transmitter.interface_index;
        transmitter.carriers[transmitter.carrier_count] = switch (wanted) {
            .measured => unreachable,
            .messages => .{ .messages = try .init(allocator, index, transmitter.frames) },
            .ring => .{ .ring = try .open(index) },
            .xdp => .{ .xdp = try .open(index) },
        };
        transmitter.carrier_count += 1;
    }

    fn close(transmitter: *Transmitter, allocator: std.mem.Allocator) void {
        for (transmitter.carriers[0..transmitter.carrier_count]) |*carrier| switch (carrier.*) {
            .messages => |*batch| batch.deinit(allocator),
            .ring => |*ring| ring.close(),
            .xdp => |*xdp| xdp.close(),
        };
    }

    /// How frames go: `measured` while that is still being found out.
    pub fn method(transmitter: *const Transmitter) Method {
        if (transmitter.trial != null) return .measured;
        return switch (transmitter.carriers[transmitter.chosen]) {
            .messages => .messages,
            .ring => .ring,
            .xdp => .xdp,
        };
    }

    /// No slot is left: `flush` or `discard` first.
    pub fn isFull(transmitter: *const Transmitter) bool {
        return transmitter.first + transmitter.pending == transmitter.frames.len;
    }

    /// The next free slot. It keeps what the last frame left there, so a template needs to be
    /// written only once.
    pub fn slot(transmitter: *Transmitter) []u8 {
        std.debug.assert(!transmitter.isFull());
        const start = (transmitter.first + transmitter.pending) * transmitter.slot_size;
        return transmitter.slots[start..][0..transmitter.slot_size];
    }

    /// The frame that was written into `slot` is complete: it waits for `flush`.
    pub fn commit(transmitter: *Transmitter, frame_size: usize) void {
        std.debug.assert(frame_size > 0 and frame_size <= transmitter.slot_size);
        transmitter.frames[transmitter.first + transmitter.pending].len = frame_size;
        transmitter.pending += 1;
    }

    /// Sends what is pending, in order, and adds to `sent` exactly what left. A device whose queue
    /// is full is waited for, `patience` times 100 us; a link that is down is not (InterfaceDown).
    ///
    /// An error says why no more left. The rest is still pending then: a later flush goes on from
    /// there, and `discard` drops it.
    pub fn flush(transmitter: *Transmitter, sent: *Sent, patience: u32) call.Error!void {
        var refusals: u32 = 0;
        while (transmitter.pending > 0) {
            const taken = transmitter.send() catch |err| {
                if (err != error.Busy) return err;
                // A device whose cable is pulled refuses frames as a busy one does.
                if (!try link_state.isRunning(transmitter.interface_index))
                    return error.InterfaceDown;
                if (transmitter.trial) |*trial| {
                    if (trial.way_count > 1 and trial.refuse()) {
                        transmitter.strike(trial.way());
                        continue;
                    }
                }
                if (refusals == patience) return err;
                refusals += 1;
                clock.sleepUntil(clock.now() + refusal_nap_ns);
                continue;
            };
            for (transmitter.frames[transmitter.first..][0..taken]) |frame| {
                sent.octets += frame.len;
            }
            sent.frames += @intCast(taken);
            transmitter.first += taken;
            transmitter.pending -= taken;
        }
        transmitter.first = 0;
    }

    /// Starts the trial again without one of the methods. Devices that look at what the kernel says
    /// of a frame's protocol (ipvlan) refuse what comes from an AF_XDP socket, which says nothing.
    fn strike(transmitter: *Transmitter, way: usize) void {
        const last = transmitter.trial.?.way_count - 1;
        std.mem.swap(Carrier, &transmitter.carriers[way], &transmitter.carriers[last]);
        transmitter.trial = .{ .way_count = last };
    }

    /// Drops what is pending, and frees its slots.
    pub fn discard(transmitter: *Transmitter) void {
        transmitter.first = 0;
        transmitter.pending = 0;
    }

    /// Returns how many frames left, at least one.
    fn send(transmitter: *Transmitter) call.Error!usize {
        const trial = if (transmitter.trial) |*trial|
            trial
        else
            return transmitter.sendBy(transmitter.chosen);
        const start = clock.now();
        const taken = try transmitter.sendBy(trial.way());
        if (trial.note(taken, clock.now() - start)) |winner| {
            // The others stay open: closing them would hold the sender up for the kernel's sake.
            transmitter.chosen = winner;
            transmitter.trial = null;
        }
        return taken;
    }

    fn sendBy(transmitter: *Transmitter, index: usize) call.Error!usize {
        const frames = transmitter.frames[transmitter.first..][0..transmitter.pending];
        return switch (transmitter.carriers[index]) {
            .messages => |*batch| batch.send(transmitter.first, transmitter.pending),
            .ring => |*ring| ring.send(frames),
            .xdp => |*xdp| xdp.send(frames),
        };
    }
};
