//! What keeps the kernel from answering SYN-ACKs with RST: for each source port an ordinary listening TCP socket whose
//! classic BPF filter drops everything (SO_ATTACH_FILTER, socket(7)). The kernel finds a listener and stays silent; the
//! AF_PACKET tap has already seen the frame. It needs no privilege, reserves the port, and ends with the process.

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
        const socket = try call.descriptor(linux.socket(linux.AF.INET, linux.SOCK.STREAM | linux.SOCK.CLOEXEC, 0));
        errdefer _ = linux.close(socket);
        // Before listen: a socket that listens unfiltered for an instant would answer. SO_REUSEPORT stays off, because
        // an unfiltered socket beside this one would leak resets.
        try packet_socket.attachFilter(socket, &drop_all);
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
