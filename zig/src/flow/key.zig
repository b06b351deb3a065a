//! What tells flows apart.

const Address = @import("../wire/address.zig").Address;

/// The local address is the same for all of a run, so it is not part of it.
pub const Key = extern struct {
    remote: Address,
    remote_port: u16,
    local_port: u16,
};
