//! For tests: an interface in a network namespace of its own whose other end the test holds, so it
//! sees what a real kernel sends and sends what the kernel receives (a tap or tun device,
//! Documentation/networking/tuntap.rst). Needs no privilege but that of opening /dev/net/tun.

const std = @import("std");
const linux = std.os.linux;
const Address = @import("../wire/address.zig").Address;
const Framing = @import("../hop.zig").Framing;
const HardwareAddress = @import("../wire/ethernet.zig").HardwareAddress;
const Hop = @import("../hop.zig").Hop;
const call = @import("call.zig");
const clock = @import("clock.zig");
const tcp = @import("../wire/tcp.zig");

/// The kernel's end, and ours.
pub const local_hardware: HardwareAddress = .{ 2, 0, 0, 0, 0, 1 };
pub const peer_hardware: HardwareAddress = .{ 2, 0, 0, 0, 0, 2 };
pub const locals = [_]Address{
    .fromIpv4(.{ 192, 0, 2, 1 }),
    .fromInt(0x2001_0db8 << 96 | 1),
};
pub const peers = [_]Address{
    .fromIpv4(.{ 192, 0, 2, 2 }),
    .fromInt(0x2001_0db8 << 96 | 2),
};

const exit_skipped = 77;

/// Runs the test in a child process with a wire of its own. Skipped where that is not allowed.
pub fn run(framing: Framing, body: *const fn (wire: *IsolatedWire) anyerror!void) !void {
    const child: linux.pid_t = std.c.fork();
    if (child == 0) {
        var wire = IsolatedWire.open(framing) catch |err| {
            const is_missing = call.lastCode() == .NOENT;
            if (err == error.NoPermission or is_missing) linux.exit_group(exit_skipped);
            std.debug.print("No wire: {t}, code {t}\n", .{ err, call.lastCode() });
            linux.exit_group(1);
        };
        body(&wire) catch |err| {
            std.debug.print("{t} with framing {t}\n", .{ err, framing });
            linux.exit_group(1);
        };
        linux.exit_group(0);
    }
    var status: u32 = 0;
    _ = try call.check(linux.waitpid(child, &status, 0));
    if (linux.W.IFEXITED(status) and linux.W.EXITSTATUS(status) == exit_skipped) {
        return error.SkipZigTest;
    }
    try std.testing.expectEqual(0, status);
}

pub const IsolatedWire = struct {
    framing: Framing,
    device: linux.fd_t,
    interface_index: u32,

    const interface_name = "wire0";

    fn open(framing: Framing) call.Error!IsolatedWire {
        _ = try call.check(linux.unshare(linux.CLONE.NEWUSER | linux.CLONE.NEWNET));
        const flags: linux.O = .{ .ACCMODE = .RDWR, .CLOEXEC = true };
        const device = try call.descriptor(linux.open("/dev/net/tun", flags, 0));
        const kind: u16 = switch (framing) {
            .ethernet => 0x0002, // IFF_TAP
            .none => 0x0001, // IFF_TUN
        };
        try control(device, 0x4004_54ca, kind | 0x1000); // TUNSETIFF, IFF_NO_PI

        const socket = try call.descriptor(linux.socket(linux.AF.INET, linux.SOCK.DGRAM, 0));
        defer _ = linux.close(socket);
        if (framing == .ethernet) {
            const ethernet_type = 1; // ARPHRD_ETHER
            const address: linux.sockaddr =
                .{ .family = ethernet_type, .data = local_hardware ++ [_]u8{0} ** 8 };
            try control(socket, linux.SIOCSIFHWADDR, address);
        }
        try control(socket, linux.SIOCSIFADDR, ipv4SocketAddress(locals[0].ipv4()));
        try control(socket, linux.SIOCSIFNETMASK, ipv4SocketAddress(.{ 255, 255, 255, 0 }));
        // Without ARP the kernel asks nobody before it answers, nor whether its address is free.
        try control(socket, linux.SIOCSIFFLAGS, linux.IFF{ .UP = true, .NOARP = true });
        const interface_index: u32 = @intCast(std.c.if_nametoindex(interface_name));
        const ipv6_socket = try call.descriptor(
            linux.socket(linux.AF.INET6, linux.SOCK.DGRAM, 0),
        );
        defer _ = linux.close(ipv6_socket);
        // `struct in6_ifreq` (linux/ipv6.h).
        const Ipv6Request = extern struct { address: Address, length: u32, interface_index: u32 };
        const request: Ipv6Request =
            .{ .address = locals[1], .length = 64, .interface_index = interface_index };
        const asked = linux.ioctl(ipv6_socket, linux.SIOCSIFADDR, @intFromPtr(&request));
        _ = try call.check(asked);
        try awaitAddress(ipv6_socket);
        return .{ .framing = framing, .device = device, .interface_index = interface_index };
    }

    /// An IPv6 address is of use a moment after it was set; until then nothing can be bound to it.
    fn awaitAddress(socket: linux.fd_t) call.Error!void {
        const address: linux.sockaddr.in6 =
            .{ .port = 0, .flowinfo = 0, .addr = locals[1].octets, .scope_id = 0 };
        const deadline_ns = clock.now() + 2 * std.time.ns_per_s;
        while (true) {
            const bound = linux.bind(socket, @ptrCast(&address), @sizeOf(linux.sockaddr.in6));
            _ = call.check(bound) catch |err| {
                if (clock.now() > deadline_ns) return err;
                clock.sleepUntil(clock.now() + std.time.ns_per_ms);
                continue;
            };
            return;
        }
    }

    /// `struct ifreq` (netdevice(7)) with the octets of `value`.
    fn control(descriptor: linux.fd_t, request: u32, value: anytype) call.Error!void {
        var octets: [40]u8 align(8) = @splat(0);
        octets[0..interface_name.len].* = interface_name.*;
        const content = std.mem.asBytes(&value);
        @memcpy(octets[16..][0..content.len], content);
        _ = try call.check(linux.ioctl(descriptor, request, @intFromPtr(&octets)));
    }

    fn ipv4SocketAddress(octets: [4]u8) linux.sockaddr.in {
        return .{ .port = 0, .addr = @bitCast(octets) };
    }

    /// What the kernel receives.
    pub fn send(wire: *IsolatedWire, frame: []const u8) !void {
        const size = try call.check(linux.write(wire.device, frame.ptr, frame.len));
        try std.testing.expectEqual(frame.len, size);
    }

    /// A segment from the peer of the family.
    pub fn sendSegment(
        wire: *IsolatedWire,
        family: usize,
        time_to_live: u8,
        segment: tcp.Segment,
    ) !void {
        const hop: Hop = .{
            .link = .{
                .interface_index = wire.interface_index,
                .framing = wire.framing,
                .vlan = 0,
                .local_hardware = peer_hardware,
                .mtu = 1500,
            },
            .kind = .on_link,
            .next_hardware = @splat(0),
            .sources = peers[family..][0..1],
            .time_to_live = time_to_live,
        };
        var buffer: [1536]u8 = undefined;
        const size = hop.emit(peers[family], locals[family], local_hardware, segment, &buffer);
        try wire.send(buffer[0..size]);
    }

    /// What the kernel sends next. Fails when that is nothing for two seconds.
    pub fn receive(wire: *IsolatedWire, buffer: []u8) ![]u8 {
        const events = linux.POLL.IN;
        var poll = [_]linux.pollfd{.{ .fd = wire.device, .events = events, .revents = 0 }};
        if (try call.check(linux.poll(&poll, 1, 2_000)) == 0) return error.Timeout;
        const size = try call.check(linux.read(wire.device, buffer.ptr, buffer.len));
        return buffer[0..size];
    }
};
