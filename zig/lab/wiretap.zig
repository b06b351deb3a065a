//! wiretap: what crosses the lab's cable, counted by something that is not margay.
//!
//!     wiretap INTERFACE SECONDS|until-SIGTERM OUTPUT [--prefix a.b.c.d/n]
//!
//! It listens on the *world's* end of the cable, because frames sent with PACKET_QDISC_BYPASS are
//! shown to no tap on the interface that sends them. So what arrives here is what the scanner sent
//! ("sent"), and what leaves here is what the scanner gets ("received").
//!
//! It writes "ready" to stdout once the tap is in place, and a JSON object to OUTPUT at the end:
//! `start_ns` (CLOCK_REALTIME), `bins_sent` and `bins_received` (octets of Ethernet frames without
//! preamble and checksum, one bin per millisecond since `start_ns`), `frames_*`, `resets_*`,
//! `oversized` (frames longer than a full Ethernet frame, which offloading would cut later),
//! `stray` (sent frames that are neither ARP nor IPv4 to the prefix) and `drops` (frames the kernel
//! could not hand to us, PACKET_STATISTICS: any but 0 makes the rest a lower bound).

const std = @import("std");
const linux = std.os.linux;
const assert = std.debug.assert;

/// The tap ends by itself after this time, so that a forgotten one is bounded too.
const duration_seconds_max = 600;
const bin_count_max = duration_seconds_max * std.time.ms_per_s;
/// Ethernet header (14) and an MTU of 1500.
const frame_size_full = 1514;

const ring_frame_size = 256;
const ring_block_size = 256 * 1024;
const ring_block_count = 128;
const ring_frame_count = ring_block_size / ring_frame_size * ring_block_count;
const ring_size = ring_block_size * ring_block_count;

comptime {
    // The headers must fit behind the ring's own: Ethernet, the longest IPv4 header, TCP's flags.
    assert(ring_frame_size - (@sizeOf(RingHeader) + 64) >= 14 + 60 + 14);
    assert(@sizeOf(RingHeader) == 32);
    assert(ring_block_size % ring_frame_size == 0);
}

/// `struct tpacket_req` of linux/if_packet.h.
const RingRequest = extern struct {
    block_size: u32,
    block_count: u32,
    frame_size: u32,
    frame_count: u32,
};

/// `struct tpacket2_hdr` of linux/if_packet.h; a `sockaddr_ll` follows it.
const RingHeader = extern struct {
    status: u32,
    length: u32,
    length_captured: u32,
    link_offset: u16,
    network_offset: u16,
    seconds: u32,
    nanoseconds: u32,
    vlan_control: u16,
    vlan_protocol: u16,
    padding: [4]u8,
};

/// TP_STATUS_KERNEL and TP_STATUS_USER: who owns a slot of the ring.
const status_kernel: u32 = 0;
const status_user: u32 = 1;

const Prefix = struct {
    network: u32,
    mask: u32,

    const everything: Prefix = .{ .network = 0, .mask = 0 };

    fn parse(text: []const u8) error{InvalidPrefix}!Prefix {
        const slash = std.mem.indexOfScalar(u8, text, '/') orelse return error.InvalidPrefix;
        const address = std.Io.net.Ip4Address.parse(text[0..slash], 0) catch
            return error.InvalidPrefix;
        const length = std.fmt.parseInt(u6, text[slash + 1 ..], 10) catch
            return error.InvalidPrefix;
        if (length > 32) return error.InvalidPrefix;
        const mask: u32 = if (length == 0) 0 else ~@as(u32, 0) << @intCast(32 - length);
        return .{ .network = std.mem.readInt(u32, &address.bytes, .big) & mask, .mask = mask };
    }

    fn contains(prefix: Prefix, address: u32) bool {
        return address & prefix.mask == prefix.network;
    }
};

const Direction = enum { sent, received };

const FrameKind = struct {
    /// A TCP segment with RST set.
    reset: bool = false,
    /// Neither ARP nor IPv4 to the prefix.
    outside: bool = false,

    /// Any bytes are allowed; what is too short to be read is `outside`.
    fn of(frame: []const u8, prefix: Prefix) FrameKind {
        if (frame.len < 14) return .{ .outside = true };
        switch (std.mem.readInt(u16, frame[12..14], .big)) {
            linux.ETH.P.ARP => return .{},
            linux.ETH.P.IP => {},
            else => return .{ .outside = true },
        }
        const packet = frame[14..];
        if (packet.len < 20) return .{ .outside = true };
        const outside = !prefix.contains(std.mem.readInt(u32, packet[16..20], .big));
        const header_size = @as(usize, packet[0] & 0x0f) * 4;
        const fragment_offset = std.mem.readInt(u16, packet[6..8], .big) & 0x1fff;
        const tcp = packet[9] == 6 and fragment_offset == 0 and packet.len >= header_size + 14;
        return .{
            .outside = outside,
            .reset = tcp and packet[header_size + 13] & 0x04 != 0,
        };
    }
};

/// One direction's counters. The bins are 2.4 MB each, of which only what is used becomes resident.
const Tally = struct {
    bins: [bin_count_max]u32 = @splat(0),
    bins_used: usize = 0,
    frames: u64 = 0,
    resets: u64 = 0,

    fn add(tally: *Tally, bin: usize, length: u32, kind: FrameKind) void {
        assert(bin < bin_count_max);
        tally.bins[bin] +|= length;
        tally.bins_used = @max(tally.bins_used, bin + 1);
        tally.frames += 1;
        if (kind.reset) tally.resets += 1;
    }
};

const Tap = struct {
    prefix: Prefix,
    start_ns: u64,
    oversized: u64 = 0,
    stray: u64 = 0,
    sent: Tally = .{},
    received: Tally = .{},

    fn add(tap: *Tap, direction: Direction, time_ns: u64, length: u32, frame: []const u8) void {
        const elapsed_ms = (time_ns -| tap.start_ns) / std.time.ns_per_ms;
        const bin = @min(elapsed_ms, bin_count_max - 1);
        const kind: FrameKind = .of(frame, tap.prefix);
        if (length > frame_size_full) tap.oversized += 1;
        switch (direction) {
            .sent => {
                tap.sent.add(bin, length, kind);
                if (kind.outside) tap.stray += 1;
            },
            .received => tap.received.add(bin, length, kind),
        }
    }

    fn write(tap: *const Tap, drops: u32, writer: *std.Io.Writer) std.Io.Writer.Error!void {
        try writer.print("{{\"start_ns\":{d}", .{tap.start_ns});
        inline for (.{ "sent", "received" }) |name| {
            const tally = &@field(tap, name);
            try writer.print(",\"frames_{s}\":{d},\"resets_{s}\":{d},\"bins_{s}\":[", .{
                name, tally.frames, name, tally.resets, name,
            });
            for (tally.bins[0..tally.bins_used], 0..) |octets, index| {
                if (index > 0) try writer.writeByte(',');
                try writer.print("{d}", .{octets});
            }
            try writer.writeByte(']');
        }
        try writer.print(",\"oversized\":{d},\"stray\":{d},\"drops\":{d}}}\n", .{
            tap.oversized, tap.stray, drops,
        });
    }
};

/// A TPACKET_V2 ring on one interface. A ring and not `recvmmsg`, because a socket's buffer is
/// bounded by the host's rmem_max inside a user namespace, and the ring is not.
const Ring = struct {
    socket: i32,
    memory: [*]align(4096) u8,
    next: usize = 0,

    fn open(interface: [*:0]const u8) error{ NoSuchInterface, NotPermitted, NoRing }!Ring {
        const index = std.c.if_nametoindex(interface);
        if (index == 0) return error.NoSuchInterface;
        const socket = std.c.socket(linux.AF.PACKET, linux.SOCK.RAW | linux.SOCK.CLOEXEC, 0);
        if (socket < 0) return error.NotPermitted;
        errdefer _ = std.c.close(socket);

        const version: u32 = @intFromEnum(linux.tpacket_versions.V2);
        const enable: u32 = 1;
        const request: RingRequest = .{
            .block_size = ring_block_size,
            .block_count = ring_block_count,
            .frame_size = ring_frame_size,
            .frame_count = ring_frame_count,
        };
        try set_option(socket, linux.SOL.PACKET, linux.PACKET.VERSION, std.mem.asBytes(&version));
        // Frames are stamped where they enter the kernel, not where we read them.
        const timestamps = linux.SO.TIMESTAMPNS_OLD;
        try set_option(socket, linux.SOL.SOCKET, timestamps, std.mem.asBytes(&enable));
        try set_option(socket, linux.SOL.PACKET, linux.PACKET.RX_RING, std.mem.asBytes(&request));
        const memory = std.posix.mmap(
            null,
            ring_size,
            .{ .READ = true, .WRITE = true },
            .{ .TYPE = .SHARED },
            socket,
            0,
        ) catch return error.NoRing;

        const address: linux.sockaddr.ll = .{
            .protocol = std.mem.nativeToBig(u16, linux.ETH.P.ALL),
            .ifindex = index,
            .hatype = 0,
            .pkttype = 0,
            .halen = 0,
            .addr = @splat(0),
        };
        if (std.c.bind(socket, @ptrCast(&address), @sizeOf(linux.sockaddr.ll)) != 0) {
            return error.NoSuchInterface;
        }
        return .{ .socket = socket, .memory = memory.ptr };
    }

    fn set_option(socket: i32, level: i32, option: u32, value: []const u8) error{NoRing}!void {
        if (std.c.setsockopt(socket, level, option, value.ptr, @intCast(value.len)) != 0) {
            return error.NoRing;
        }
    }

    /// Counts every frame that is in the ring now.
    fn drain(ring: *Ring, tap: *Tap) void {
        // Bounded by the ring's length, so that a flood cannot keep us from seeing the end.
        for (0..ring_frame_count) |_| {
            const slot = ring.memory + ring.next * ring_frame_size;
            const header: *RingHeader = @ptrCast(@alignCast(slot));
            if (@atomicLoad(u32, &header.status, .acquire) & status_user == 0) return;
            const link: *const linux.sockaddr.ll =
                @ptrCast(@alignCast(slot + @sizeOf(RingHeader)));
            const direction: Direction =
                if (link.pkttype == linux.PACKET.OUTGOING) .received else .sent;
            const time_ns = @as(u64, header.seconds) * std.time.ns_per_s + header.nanoseconds;
            const frame = slot[header.link_offset..][0..header.length_captured];
            tap.add(direction, time_ns, header.length, frame);
            @atomicStore(u32, &header.status, status_kernel, .release);
            ring.next = (ring.next + 1) % ring_frame_count;
        }
    }

    /// Waits until a frame may be there, a signal came, or a moment has passed.
    fn wait(ring: *const Ring) void {
        var descriptors = [_]std.c.pollfd{
            .{ .fd = ring.socket, .events = linux.POLL.IN, .revents = 0 },
        };
        _ = std.c.poll(&descriptors, descriptors.len, 20);
    }

    /// How many frames found the ring full since the last call.
    fn drops(ring: *const Ring) u32 {
        var statistics = extern struct { packets: u32, drops: u32 }{ .packets = 0, .drops = 0 };
        var size: std.c.socklen_t = @sizeOf(@TypeOf(statistics));
        const status = std.c.getsockopt(
            ring.socket,
            linux.SOL.PACKET,
            linux.PACKET.STATISTICS,
            &statistics,
            &size,
        );
        assert(status == 0);
        return statistics.drops;
    }
};

const Arguments = struct {
    interface: [:0]const u8,
    duration_ns: u64,
    output: [:0]const u8,
    prefix: Prefix = .everything,

    fn parse(iterator: anytype) error{ Usage, InvalidPrefix }!Arguments {
        const interface = iterator.next() orelse return error.Usage;
        const duration = iterator.next() orelse return error.Usage;
        var arguments: Arguments = .{
            .interface = interface,
            .duration_ns = duration_seconds_max * std.time.ns_per_s,
            .output = iterator.next() orelse return error.Usage,
        };
        if (!std.mem.eql(u8, duration, "until-SIGTERM")) {
            const seconds = std.fmt.parseInt(u64, duration, 10) catch return error.Usage;
            if (seconds == 0 or seconds > duration_seconds_max) return error.Usage;
            arguments.duration_ns = seconds * std.time.ns_per_s;
        }
        if (iterator.next()) |option| {
            if (!std.mem.eql(u8, option, "--prefix")) return error.Usage;
            arguments.prefix = try .parse(iterator.next() orelse return error.Usage);
        }
        if (iterator.next() != null) return error.Usage;
        return arguments;
    }
};

var stop_requested: std.atomic.Value(bool) = .init(false);

fn request_stop(_: std.c.SIG) callconv(.c) void {
    stop_requested.store(true, .release);
}

fn now_ns() u64 {
    var time: std.c.timespec = undefined;
    const status = std.c.clock_gettime(.REALTIME, &time);
    assert(status == 0);
    return @as(u64, @intCast(time.sec)) * std.time.ns_per_s + @as(u64, @intCast(time.nsec));
}

/// Too large for the stack.
var cable_tap: Tap = .{ .prefix = .everything, .start_ns = 0 };

fn run(init: std.process.Init) !void {
    var iterator = init.minimal.args.iterate();
    _ = iterator.skip();
    const arguments: Arguments = try .parse(&iterator);

    const action: std.posix.Sigaction = .{
        .handler = .{ .handler = request_stop },
        .mask = std.posix.sigemptyset(),
        .flags = 0,
    };
    std.posix.sigaction(.TERM, &action, null);
    std.posix.sigaction(.INT, &action, null);

    var ring: Ring = try .open(arguments.interface);
    const tap = &cable_tap;
    tap.prefix = arguments.prefix;
    tap.start_ns = now_ns();
    try std.Io.File.stdout().writeStreamingAll(init.io, "ready\n");

    while (!stop_requested.load(.acquire) and now_ns() - tap.start_ns < arguments.duration_ns) {
        ring.wait();
        ring.drain(tap);
    }
    ring.drain(tap);

    const file = try std.Io.Dir.cwd().createFile(init.io, arguments.output, .{});
    defer file.close(init.io);
    var buffer: [64 * 1024]u8 = undefined;
    var writer = file.writer(init.io, &buffer);
    try tap.write(ring.drops(), &writer.interface);
    try writer.interface.flush();
}

pub fn main(init: std.process.Init) u8 {
    run(init) catch |err| {
        const message = switch (err) {
            error.Usage => "usage: wiretap " ++
                "INTERFACE SECONDS|until-SIGTERM OUTPUT [--prefix a.b.c.d/n]",
            error.InvalidPrefix => "Cannot read the prefix: expected a.b.c.d/n",
            error.NoSuchInterface => "Cannot tap the interface: it doesn't exist",
            error.NotPermitted => "Cannot open a packet socket: CAP_NET_RAW is missing",
            error.NoRing => "Cannot set up the packet ring: the kernel refused it",
            else => @errorName(err),
        };
        std.debug.print("{s}\n", .{message});
        return if (err == error.Usage) 2 else 1;
    };
    return 0;
}

const testing = std.testing;

/// Ethernet, IPv4 10.99.0.1 to 10.50.0.7, TCP 40000 to 443 with RST.
const reset_frame = [_]u8{
    0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, //
    0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00, //
    0x0a, 0x63, 0x00, 0x01, 0x0a, 0x32, 0x00, 0x07, //
    0x9c, 0x40, 0x01, 0xbb, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, //
    0x50, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

test "a prefix holds its addresses and no others" {
    const prefix: Prefix = try .parse("10.50.0.0/16");
    try testing.expect(prefix.contains(0x0a320000));
    try testing.expect(prefix.contains(0x0a32ffff));
    try testing.expect(!prefix.contains(0x0a330000));
    try testing.expect((try Prefix.parse("0.0.0.0/0")).contains(0xffffffff));
    try testing.expect(!(try Prefix.parse("10.50.0.1/32")).contains(0x0a320002));
    for ([_][]const u8{ "", "10.50.0.0", "10.50.0.0/33", "10.50.0/16", "10.50.0.0/x" }) |text| {
        try testing.expectError(error.InvalidPrefix, Prefix.parse(text));
    }
}

test "a frame's kind" {
    const inside: Prefix = try .parse("10.50.0.0/16");
    const elsewhere: Prefix = try .parse("10.51.0.0/16");
    try testing.expectEqual(FrameKind{ .reset = true }, FrameKind.of(&reset_frame, inside));
    try testing.expectEqual(
        FrameKind{ .reset = true, .outside = true },
        FrameKind.of(&reset_frame, elsewhere),
    );
    var acknowledgement = reset_frame;
    acknowledgement[14 + 20 + 13] = 0x10;
    try testing.expectEqual(FrameKind{}, FrameKind.of(&acknowledgement, inside));
    var arp = reset_frame;
    arp[12..14].* = .{ 0x08, 0x06 };
    try testing.expectEqual(FrameKind{}, FrameKind.of(&arp, elsewhere));
    var ipv6 = reset_frame;
    ipv6[12..14].* = .{ 0x86, 0xdd };
    try testing.expectEqual(FrameKind{ .outside = true }, FrameKind.of(&ipv6, inside));
    // A later fragment has no TCP header: what stands in its place is data.
    var fragment = reset_frame;
    fragment[14 + 7] = 0x10;
    try testing.expectEqual(FrameKind{}, FrameKind.of(&fragment, inside));
    for (0..14 + 20) |length| {
        const kind: FrameKind = .of(reset_frame[0..length], inside);
        try testing.expectEqual(FrameKind{ .outside = true }, kind);
    }
}

test "frames land in the millisecond and the direction they belong to" {
    const counted = try testing.allocator.create(Tap);
    defer testing.allocator.destroy(counted);
    counted.* = .{ .prefix = try .parse("10.51.0.0/16"), .start_ns = 1_000_000_000 };
    counted.add(.sent, 1_000_000_000, 54, &reset_frame);
    counted.add(.sent, 1_002_999_999, 54, &reset_frame);
    counted.add(.received, 1_001_000_000, 2000, reset_frame[0..40]);
    // A stamp from before the start belongs to the start.
    counted.add(.sent, 999_999_999, 60, &reset_frame);
    var buffer: [512]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    try counted.write(5, &writer);
    try testing.expectEqualStrings(
        \\{"start_ns":1000000000,"frames_sent":3,"resets_sent":3,"bins_sent":[114,0,54],
    ++
        \\"frames_received":1,"resets_received":0,"bins_received":[0,2000],
    ++
        \\"oversized":1,"stray":3,"drops":5}
    ++ "\n", writer.buffered());
}
