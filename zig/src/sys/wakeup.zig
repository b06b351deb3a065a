//! Something a thread can poll for beside its sockets (eventfd(2)).

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");

pub const Wakeup = struct {
    descriptor: linux.fd_t,

    pub fn open() call.Error!Wakeup {
        const flags = linux.EFD.CLOEXEC | linux.EFD.NONBLOCK;
        return .{ .descriptor = try call.descriptor(linux.eventfd(0, flags)) };
    }

    pub fn close(wakeup: Wakeup) void {
        _ = linux.close(wakeup.descriptor);
    }

    /// Makes the descriptor readable. Any thread may call it.
    pub fn signal(wakeup: Wakeup) void {
        const one: u64 = 1;
        // A counter that is full wakes just as well.
        _ = linux.write(wakeup.descriptor, std.mem.asBytes(&one), @sizeOf(u64));
    }

    /// Makes the descriptor wait for the next signal.
    pub fn clear(wakeup: Wakeup) void {
        var value: u64 = undefined;
        _ = linux.read(wakeup.descriptor, std.mem.asBytes(&value), @sizeOf(u64));
    }
};
