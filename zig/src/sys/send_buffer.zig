//! How much of what a socket has sent may still wait in the device.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");

/// In octets, as the kernel counts them: about 1 KiB for a small frame. A device may hold this many
/// frames before it says that they have left.
const size = 1024 * 1024;

/// As far as this process may, which is at least to what net.core.wmem_max says (socket(7)).
pub fn grow(socket: linux.fd_t) void {
    const wanted: c_int = size;
    call.setOption(socket, linux.SOL.SOCKET, linux.SO.SNDBUFFORCE, wanted) catch {
        call.setOption(socket, linux.SOL.SOCKET, linux.SO.SNDBUF, wanted) catch {};
    };
}
