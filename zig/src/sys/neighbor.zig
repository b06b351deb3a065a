//! The link address of a next hop: from the kernel's table, else by our own ARP (RFC 826) or
//! Neighbor Discovery (RFC 4861).

const std = @import("std");
const linux = std.os.linux;
const Address = @import("../wire/address.zig").Address;
const HardwareAddress = @import("../wire/ethernet.zig").HardwareAddress;
const Link = @import("../hop.zig").Link;
const call = @import("call.zig");
const clock = @import("clock.zig");
const filter = @import("../filter.zig");
const neighbors = @import("../neighbors.zig");
const netlink = @import("netlink.zig");
const packet_socket = @import("packet_socket.zig");

pub const Source = enum(u32) { kernel_table = 0, arp = 1, ndp = 2 };

pub const Resolution = struct { hardware_address: HardwareAddress, source: Source };

/// Both addresses are of one family.
pub const Query = struct {
    interface_index: u32,
    local: Address,
    local_hardware: HardwareAddress,
    neighbor: Address,
    /// The VLAN to ask in; 0: without a tag.
    vlan: u12 = 0,
    /// Whether to ask even for what the kernel's table knows.
    is_anew: bool = false,
};

/// As often as the kernel asks, and as long between the questions (arp(7): mcast_solicit,
/// retrans_time_ms).
const question_count = 3;
const question_interval_ns = std.time.ns_per_s;

/// Null when nobody answered for the address.
pub fn resolve(query: Query) netlink.Error!?Resolution {
    // The kernel's table is about the link without tags.
    if (query.vlan == 0 and !query.is_anew) {
        if (try netlink.neighbor(query.interface_index, query.neighbor)) |known| {
            return .{ .hardware_address = known, .source = .kernel_table };
        }
    }
    const hardware = try ask(query) orelse return null;
    return .{
        .hardware_address = hardware,
        .source = if (query.neighbor.isIpv4()) .arp else .ndp,
    };
}

fn ask(query: Query) call.Error!?HardwareAddress {
    const link: Link = .{
        .interface_index = query.interface_index,
        .framing = .ethernet,
        .vlan = query.vlan,
        .local_hardware = query.local_hardware,
        .mtu = 0, // A question fits into every link.
    };
    var instructions: [filter.instruction_count_max]filter.Instruction = undefined;
    // Of these rules only the last one matters: no connection has port 0.
    const socket = try packet_socket.openTap(query.interface_index, filter.generate(.{
        .addresses = &.{.of(query.local)},
        .port_first = 0,
        .port_last = 0,
        .neighbors = true,
    }, &instructions));
    defer packet_socket.close(socket);
    var buffer: [neighbors.frame_size_max]u8 = undefined;
    const size = neighbors.emitQuestion(link, query.local, query.neighbor, &buffer);
    for (0..question_count) |_| {
        _ = try call.check(linux.sendto(socket, &buffer, size, 0, null, 0));
        const deadline_ns = clock.now() + question_interval_ns;
        while (try hear(socket, deadline_ns)) |heard| switch (heard) {
            .advertised => |told| if (told.address.eql(query.neighbor)) return told.hardware,
            .asked => {},
        };
    }
    return null;
}

/// What is said next before the deadline; null at the deadline.
fn hear(socket: linux.fd_t, deadline_ns: u64) call.Error!?neighbors.Heard {
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
        return neighbors.Heard.parse(buffer[0..size]) orelse continue;
    }
}
