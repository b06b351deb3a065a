//! What tells connections apart.

const std = @import("std");
const Address = @import("../../src/wire/address.zig").Address;

pub const Key = extern struct {
    peer: Address,
    host: Address,
    peer_port: u16,
    host_port: u16,

    comptime {
        std.debug.assert(@sizeOf(Key) == 36); // No padding: hashes read the octets.
    }
};
