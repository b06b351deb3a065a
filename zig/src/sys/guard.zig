//! What keeps the kernel from answering SYN-ACKs with RST: for each source port an ordinary
//! listening TCP socket that drops whatever reaches it. The kernel finds a listener and stays
//! silent; the AF_PACKET tap has already seen the frame. The socket also reserves the port, and it
//! ends with the process.
//!
//! Two locks are put on it. IP_MINTTL (ip(7), RFC 5082) drops every packet whose time to live is
//! below 255, which is every packet that a router has forwarded; it takes no privilege. A classic
//! BPF filter (SO_ATTACH_FILTER, socket(7)) drops everything, also from a neighbour that starts at
//! 255; newer kernels want CAP_NET_ADMIN for it on TCP sockets.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const Instruction = @import("../filter.zig").Instruction;
const packet_socket = @import("packet_socket.zig");

/// Keeps no octet of any packet.
const drop_all = [_]Instruction{.{ .code = .@"return", .operand = 0 }};

pub const Guard = struct {
    socket: linux.fd_t,

    /// `error.InUse` when another socket has the port.
    pub fn open(port: u16) call.Error!Guard {
        const kind = linux.SOCK.STREAM | linux.SOCK.CLOEXEC;
        const socket = try call.descriptor(linux.socket(linux.AF.INET, kind, 0));
        errdefer _ = linux.close(socket);
        // Before listen: a socket that listens unlocked for an instant would answer. SO_REUSEPORT
        // stays off, because an unlocked socket beside this one would leak resets.
        try call.setOption(socket, linux.IPPROTO.IP, linux.IP.MINTTL, @as(c_int, 255));
        packet_socket.attachFilter(socket, &drop_all) catch |err| {
            if (err != error.NoPermission) return err;
        };
        const address: linux.sockaddr.in = .{ .port = std.mem.nativeToBig(u16, port), .addr = 0 };
        _ = try call.check(linux.bind(socket, @ptrCast(&address), @sizeOf(linux.sockaddr.in)));
        _ = try call.check(linux.listen(socket, 1));
        return .{ .socket = socket };
    }

    pub fn close(guard: Guard) void {
        _ = linux.close(guard.socket);
    }
};

test "a guarded port is taken" {
    // Any free port will do; the first of the dynamic range (RFC 6335, 6) that binds is taken.
    var port: u16 = 49152;
    const guard = while (port < 49252) : (port += 1) {
        break Guard.open(port) catch continue;
    } else return error.SkipZigTest;
    defer guard.close();
    try std.testing.expectError(error.InUse, Guard.open(port));
}
