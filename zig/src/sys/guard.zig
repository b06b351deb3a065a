//! What keeps the kernel from answering SYN-ACKs with RST: for each source port an ordinary
//! listening TCP socket that drops whatever reaches it. The kernel finds a listener and stays
//! silent; the AF_PACKET tap has already seen the frame. The socket also reserves the port, and it
//! ends with the process. One socket guards the port of every address of both families.
//!
//! Two locks are put on it. IP_MINTTL and IPV6_MINHOPCOUNT (ip(7), ipv6(7), RFC 5082) drop every
//! packet whose time to live is below 255, which is every packet that a router has forwarded; they
//! take no privilege. A classic BPF filter (SO_ATTACH_FILTER, socket(7)) drops everything, also
//! from a neighbour that starts at 255; newer kernels want CAP_NET_ADMIN for it on TCP sockets.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const Instruction = @import("../bpf.zig").Instruction;
const packet_socket = @import("packet_socket.zig");

/// Keeps no octet of any packet.
const drop_all = [_]Instruction{.{ .code = .@"return", .operand = 0 }};

const hop_limit_min: c_int = 255;

pub const Guard = struct {
    socket: linux.fd_t,

    /// `error.InUse` when another socket has the port, of either family.
    pub fn open(port: u16) call.Error!Guard {
        const any_ipv6: linux.sockaddr.in6 = .{
            .port = std.mem.nativeToBig(u16, port),
            .flowinfo = 0,
            .addr = @splat(0),
            .scope_id = 0,
        };
        const any_ipv4: linux.sockaddr.in = .{
            .port = std.mem.nativeToBig(u16, port),
            .addr = 0,
        };
        const both_families = openSocket(linux.AF.INET6) catch |err| {
            // A kernel without IPv6.
            if (err != error.SystemCall or call.lastCode() != .AFNOSUPPORT) return err;
            const socket = try openSocket(linux.AF.INET);
            errdefer _ = linux.close(socket);
            try lock(socket);
            return listen(socket, any_ipv4);
        };
        errdefer _ = linux.close(both_families);
        try call.setOption(both_families, linux.SOL.IPV6, linux.IPV6.V6ONLY, @as(c_int, 0));
        try call.setOption(both_families, linux.SOL.IPV6, linux.IPV6.MINHOPCOUNT, hop_limit_min);
        try lock(both_families);
        return listen(both_families, any_ipv6);
    }

    fn openSocket(family: u32) call.Error!linux.fd_t {
        return call.descriptor(linux.socket(family, linux.SOCK.STREAM | linux.SOCK.CLOEXEC, 0));
    }

    /// Before `listen`: a socket that listens unlocked for an instant would answer. SO_REUSEPORT
    /// stays off, because an unlocked socket beside this one would leak resets.
    fn lock(socket: linux.fd_t) call.Error!void {
        try call.setOption(socket, linux.IPPROTO.IP, linux.IP.MINTTL, hop_limit_min);
        packet_socket.attachFilter(socket, &drop_all) catch |err| {
            if (err != error.NoPermission) return err;
        };
    }

    fn listen(socket: linux.fd_t, address: anytype) call.Error!Guard {
        _ = try call.check(linux.bind(socket, @ptrCast(&address), @sizeOf(@TypeOf(address))));
        _ = try call.check(linux.listen(socket, 1));
        return .{ .socket = socket };
    }

    pub fn close(guard: Guard) void {
        _ = linux.close(guard.socket);
    }
};

test "a guarded port is taken, in both families" {
    // Any free port will do; the first of the dynamic range (RFC 6335, 6) that binds is taken.
    var port: u16 = 49152;
    const guard = while (port < 49252) : (port += 1) {
        break Guard.open(port) catch continue;
    } else return error.SkipZigTest;
    defer guard.close();
    try std.testing.expectError(error.InUse, Guard.open(port));
    const socket = try Guard.openSocket(linux.AF.INET);
    defer _ = linux.close(socket);
    const address: linux.sockaddr.in = .{ .port = std.mem.nativeToBig(u16, port), .addr = 0 };
    try std.testing.expectError(error.InUse, Guard.listen(socket, address));
}

test "a guarded port is not shared, whoever comes first" {
    const sharer = try Guard.openSocket(linux.AF.INET);
    defer _ = linux.close(sharer);
    try call.setOption(sharer, linux.SOL.SOCKET, linux.SO.REUSEPORT, @as(c_int, 1));
    const second = try Guard.openSocket(linux.AF.INET);
    defer _ = linux.close(second);
    try call.setOption(second, linux.SOL.SOCKET, linux.SO.REUSEPORT, @as(c_int, 1));

    var port: u16 = 49252;
    const guard = while (port < 49352) : (port += 1) {
        break Guard.open(port) catch continue;
    } else return error.SkipZigTest;
    var address: linux.sockaddr.in = .{ .port = std.mem.nativeToBig(u16, port), .addr = 0 };
    try std.testing.expectError(error.InUse, Guard.listen(sharer, address));
    guard.close();

    const other_port = port + 1;
    address.port = std.mem.nativeToBig(u16, other_port);
    const listening = Guard.listen(second, address) catch return error.SkipZigTest;
    _ = listening;
    try std.testing.expectError(error.InUse, Guard.open(other_port));
}
