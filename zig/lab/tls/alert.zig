//! Alerts that end a connection (RFC 8446, 6; RFC 5246, 7.2).

const std = @import("std");
const record = @import("record.zig");
const service = @import("../service.zig");

pub const Description = enum(u8) {
    unexpected_message = 10,
    bad_record_mac = 20,
    record_overflow = 22,
    handshake_failure = 40,
    illegal_parameter = 47,
    decode_error = 50,
    decrypt_error = 51,
    protocol_version = 70,
    internal_error = 80,
    missing_extension = 109,
    unrecognized_name = 112,
};

const level_fatal = 2;

/// Takes all of the request, says why, and finishes.
pub fn refusal(request_size: usize, description: Description) service.Answer {
    var answer: service.Answer = .{ .consumed = request_size, .after = .finish };
    const octets = record.header(.alert, 2) ++ [_]u8{ level_fatal, @intFromEnum(description) };
    answer.response.head.octets[0..octets.len].* = octets;
    answer.response.head.size = octets.len;
    return answer;
}

test "an alert is a record of two octets, and the last one" {
    const answer = refusal(42, .unrecognized_name);
    try std.testing.expectEqual(42, answer.consumed);
    try std.testing.expectEqual(.finish, answer.after);
    const octets = "\x15\x03\x03\x00\x02\x02\x70";
    try std.testing.expectEqualStrings(octets, answer.response.head.slice());
    try std.testing.expectEqual(octets.len, answer.response.size());
}
