//! What arrived and what left, counted by something that is not margay.

const std = @import("std");

pub const Counters = struct {
    /// Frames and their octets (Ethernet, without preamble and checksum).
    frames_received: u64 = 0,
    octets_received: u64 = 0,
    frames_sent: u64 = 0,
    octets_sent: u64 = 0,
    /// Frames that the ring had no room for; any but 0 makes the rest lower bounds.
    frames_missed: u64 = 0,
    /// Frames that the cable did not take.
    frames_unsent: u64 = 0,

    /// ARP requests and neighbor solicitations.
    neighbor_requests: u64 = 0,
    /// IP packets to no prefix of the world, nor to its gateway.
    outside: u64 = 0,
    /// Frames for a prefix, but without its VLAN tag or with another, or to a wrong hardware
    /// address.
    misdirected: u64 = 0,
    /// Frames that no header could be read of, and fragments.
    malformed: u64 = 0,
    /// Packets with a wrong checksum, of IP or of what it carries.
    checksum_wrong: u64 = 0,
    /// Packets longer than the path takes.
    oversized: u64 = 0,
    /// Packets that a delay line had no room for, in either direction.
    undelayed: u64 = 0,

    /// As they arrived, before the path lost any.
    synchronize_received: u64 = 0,
    reset_received: u64 = 0,
    finish_received: u64 = 0,
    /// TCP segments with data, and its octets.
    data_received: u64 = 0,
    data_octets_received: u64 = 0,
    /// Packets of other protocols than TCP, neighbor discovery aside.
    other_received: u64 = 0,

    /// As the hosts sent them, before the path lost any.
    synchronize_sent: u64 = 0,
    reset_sent: u64 = 0,
    unreachable_sent: u64 = 0,
};

/// Writes the unsigned fields of a struct as the members of a JSON object, without its braces.
pub fn writeMembers(value: anytype, writer: *std.Io.Writer) std.Io.Writer.Error!void {
    inline for (std.meta.fields(@TypeOf(value)), 0..) |field, index| {
        if (index > 0) try writer.writeByte(',');
        try writer.print("\"{s}\":{d}", .{ field.name, @field(value, field.name) });
    }
}

test "counters are members of a JSON object" {
    var buffer: [1024]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    const counters: Counters = .{ .outside = 7 };
    try writer.writeByte('{');
    try writeMembers(counters, &writer);
    try writer.writeByte('}');
    const Parsed = struct { outside: u64, frames_received: u64 };
    const parsed = try std.json.parseFromSlice(Parsed, std.testing.allocator, writer.buffered(), .{
        .ignore_unknown_fields = true,
    });
    defer parsed.deinit();
    try std.testing.expectEqual(7, parsed.value.outside);
    try std.testing.expectEqual(0, parsed.value.frames_received);
}
