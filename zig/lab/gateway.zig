//! The router between the scanner and every prefix that is not on its link: the lab's own end of
//! the cable.

const Address = @import("../src/wire/address.zig").Address;
const HardwareAddress = @import("../src/wire/ethernet.zig").HardwareAddress;

/// 10.99.0.2 and fd99::2; the scanner is 10.99.0.1/30 and fd99::1/64.
pub const ipv4: Address = .fromIpv4(.{ 10, 99, 0, 2 });
pub const ipv6: Address = .{ .octets = .{ 0xfd, 0x99 } ++ .{0} ** 13 ++ .{2} };

/// Locally administered, and not the interface's own: the kernel at the world's end of the cable
/// then takes no frame for its own, and stays silent.
pub const hardware: HardwareAddress = .{ 0x02, 0x00, 0x5e, 0x00, 0x53, 0x01 };

pub const time_to_live = 64;

/// The gateway's address in another address's family.
pub fn addressFor(address: Address) Address {
    return if (address.isIpv4()) ipv4 else ipv6;
}
