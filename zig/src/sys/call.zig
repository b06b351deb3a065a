//! Turns raw system call results into error values and keeps the code for the message.

const std = @import("std");
const linux = std.os.linux;

pub const Error = error{
    /// The caller lacks a capability (EPERM, EACCES); for raw sockets it is CAP_NET_RAW.
    NoPermission,
    /// Something else holds the address or port (EADDRINUSE).
    InUse,
    /// The interface does not exist (ENODEV, ENXIO).
    NoInterface,
    /// The interface is down (ENETDOWN).
    InterfaceDown,
    /// Try again later: a buffer is full (EAGAIN, ENOBUFS, EINTR).
    Busy,
    OutOfMemory,
    /// Any other failure: `lastCode` says which.
    SystemCall,
};

threadlocal var last_code: linux.E = .SUCCESS;

/// The errno of this thread's last failed call.
pub fn lastCode() linux.E {
    return last_code;
}

/// The result of a raw system call, or the error that is in it.
pub fn check(result: usize) Error!usize {
    const code = linux.errno(result);
    if (code == .SUCCESS) return result;
    last_code = code;
    return switch (code) {
        .PERM, .ACCES => error.NoPermission,
        .ADDRINUSE => error.InUse,
        .NODEV, .NXIO => error.NoInterface,
        .NETDOWN => error.InterfaceDown,
        .AGAIN, .NOBUFS, .INTR => error.Busy,
        .NOMEM => error.OutOfMemory,
        else => error.SystemCall,
    };
}

/// The same for a call that opens something.
pub fn descriptor(result: usize) Error!linux.fd_t {
    return @intCast(try check(result));
}

/// setsockopt(2), with the octets of `value`.
pub fn setOption(socket: linux.fd_t, level: i32, option: u32, value: anytype) Error!void {
    const octets = std.mem.asBytes(&value);
    _ = try check(linux.setsockopt(socket, level, option, octets, octets.len));
}

test "errors carry their code" {
    try std.testing.expectError(error.SystemCall, check(linux.close(-1)));
    try std.testing.expectEqual(linux.E.BADF, lastCode());
}
