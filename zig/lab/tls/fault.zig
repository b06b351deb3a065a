//! What a host does wrong with its flight, on purpose.

const std = @import("std");
const Behavior = @import("../world.zig").Behavior;
const Builder = @import("builder.zig").Builder;
const code_points = @import("code_points.zig");
const record = @import("record.zig");
const service = @import("../service.zig");

pub const Fault = enum {
    none,
    /// A length in clear lies.
    wrong_lengths,
    /// A message in clear goes on in record after record.
    endless_records,

    pub fn of(behavior: Behavior) Fault {
        return switch (behavior) {
            .wrong_lengths => .wrong_lengths,
            .endless_records => .endless_records,
            else => .none,
        };
    }
};

/// Ends the response's head, which `head` writes, with the header of a message whose length is the
/// largest that can be said, and has records full of it follow for ever.
pub fn appendEndless(
    head: *Builder,
    response: *service.Response,
    handshake_type: code_points.HandshakeType,
) void {
    head.append(&record.header(.handshake, code_points.handshake_header_size));
    head.int(u8, handshake_type);
    head.int(u24, std.math.maxInt(u24));
    response.pieces = .{ &.{}, &endless_record };
    response.is_endless = true;
}

const endless_record = record.header(.handshake, record.fragment_size_max) ++
    @as([record.fragment_size_max]u8, @splat(0));
