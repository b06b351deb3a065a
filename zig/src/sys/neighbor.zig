//! The link address of a next hop: from the kernel's table, else by our own ARP (RFC 826).

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const clock = @import("clock.zig");
const netlink = @import("netlink.zig");
const packet_socket = @import("packet_socket.zig");
const arp = @import("../wire/arp.zig");
const ethernet = @import("../wire/ethernet.zig");
const Address = @import("../wire/address.zig").Address;

pub const Source = enum(u32) { kernel_table = 0, arp = 1 };

pub const Resolution = struct { hardware_address: ethernet.HardwareAddress, source: Source };

pub const Query = struct {
    interface_index: u32,
    local: Address,
    local_hardware: ethernet.HardwareAddress,
    neighbor: Address,
};

/// As often as the kernel asks, and as long between the questions (arp(7): mcast_solicit,
/// retrans_time_ms).
const request_count = 3;
const request_interval_ms = 1000;

/// Null when nobody answered for the address.
pub fn resolve(query: Query) netlink.Error!?Resolution {
    if (try netlink.neighbor(query.interface_index, query.neighbor)) |known| {
        return .{ .hardware_address = known, .source = .kernel_table };
    }
    const asked = try ask(query) orelse return null;
    return .{ .hardware_address = asked, .source = .arp };
}

fn ask(query: Query) call.Error!?ethernet.HardwareAddress {
    const socket = try packet_socket.openArp(query.interface_index);
    defer packet_socket.close(socket);
    var frame: [ethernet.frame_size_min]u8 = @splat(0);
    const header: ethernet.Header = .{
        .destination = ethernet.broadcast,
        .source = query.local_hardware,
        .type = .arp,
    };
    header.emit(&frame);
    const request: arp.Packet = .{
        .operation = .request,
        .sender_hardware = query.local_hardware,
        .sender = query.local,
        .target = query.neighbor,
    };
    request.emit(frame[ethernet.header_size..]);

    for (0..request_count) |_| {
        _ = try call.check(linux.sendto(socket, &frame, frame.len, 0, null, 0));
        const deadline_ns = clock.now() + request_interval_ms * std.time.ns_per_ms;
        while (try receive(socket, deadline_ns)) |reply| {
            if (reply.operation != .reply) continue;
            if (reply.sender.eql(query.neighbor)) return reply.sender_hardware;
        }
    }
    return null;
}

/// The next ARP packet before the deadline; null at the deadline.
fn receive(socket: linux.fd_t, deadline_ns: u64) call.Error!?arp.Packet {
    while (true) {
        const now = clock.now();
        if (now >= deadline_ns) return null;
        var poll = [_]linux.pollfd{.{ .fd = socket, .events = linux.POLL.IN, .revents = 0 }};
        const wait_ms: i32 = @intCast((deadline_ns - now) / std.time.ns_per_ms + 1);
        const ready = call.check(linux.poll(&poll, 1, wait_ms)) catch |err| {
            if (err == error.Busy) continue;
            return err;
        };
        if (ready == 0) continue;
        var buffer: [256]u8 = undefined;
        const size = try call.check(linux.recvfrom(socket, &buffer, buffer.len, 0, null, null));
        const frame = ethernet.View.init(buffer[0..size]) catch continue;
        if (frame.etherType() != .arp) continue;
        return .parse(arp.View.init(frame.payload()) catch continue);
    }
}
