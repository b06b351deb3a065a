//! The one result type of the boundary.

const call = @import("sys/call.zig");

/// What every export returns. JavaScript turns it into a typed error in one place.
pub const Status = enum(i32) {
    ok = 0,
    /// The caller broke the contract: a null pointer, a size that does not fit, an unknown number.
    invalid_argument = 1,
    /// The target set's parts contradict each other.
    invalid_targets = 2,
    no_permission = 3,
    /// The address or port is taken.
    in_use = 4,
    no_interface = 5,
    interface_down = 6,
    /// Nobody answered for the next hop's address.
    no_neighbor = 7,
    out_of_memory = 8,
    /// The caller's buffer is too small for the answer.
    no_space = 9,
    /// Another failure of a system call: `margay_last_code` gives its errno.
    system_call = 10,

    pub fn from(err: anyerror) Status {
        return switch (err) {
            error.NoPermission => .no_permission,
            error.InUse => .in_use,
            error.NoInterface => .no_interface,
            error.InterfaceDown => .interface_down,
            error.OutOfMemory => .out_of_memory,
            error.NoSpaceLeft => .no_space,
            error.InvalidArgument => .invalid_argument,
            error.InvalidTargets => .invalid_targets,
            else => .system_call,
        };
    }
};

/// errno of this thread's last failed call, 0 when none failed.
pub fn lastCode() u32 {
    return @intFromEnum(call.lastCode());
}
