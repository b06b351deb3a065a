//! Between whom a packet travels.

const Address = @import("../src/wire/address.zig").Address;
const HardwareAddress = @import("../src/wire/ethernet.zig").HardwareAddress;

pub const Route = struct {
    /// The client, and where its frames came from on the cable.
    peer: Address,
    peer_hardware: HardwareAddress,
    /// The host, as the client addressed it.
    host: Address,
    prefix_index: u16,
};
