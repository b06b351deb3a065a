//! What a closed port answers.

const std = @import("std");
const tcp = @import("../src/wire/tcp.zig");

/// The reset that answers a segment for which there is no connection (RFC 9293, 3.10.7.1); null
/// when the segment is a reset itself.
pub fn refusal(segment: tcp.Segment) ?tcp.Segment {
    if (segment.flags.reset) return null;
    const is_acknowledging = segment.flags.acknowledge;
    return .{
        .source_port = segment.destination_port,
        .destination_port = segment.source_port,
        .sequence = if (is_acknowledging) segment.acknowledgment else .fromInt(0),
        .acknowledgment = if (is_acknowledging)
            .fromInt(0)
        else
            segment.sequence.add(segment.sequenceCount()),
        .flags = .{ .reset = true, .acknowledge = !is_acknowledging },
        .window = 0,
    };
}

const test_segment: tcp.Segment = .{
    .source_port = 40000,
    .destination_port = 443,
    .sequence = .fromInt(0xffff_fffe),
    .acknowledgment = .fromInt(7000),
    .flags = .{},
    .window = 1024,
    .payload = "abc",
};

test "a segment that acknowledges is reset at the number it acknowledges" {
    var segment = test_segment;
    segment.flags = .{ .acknowledge = true, .finish = true };
    try std.testing.expectEqualDeep(tcp.Segment{
        .source_port = 443,
        .destination_port = 40000,
        .sequence = .fromInt(7000),
        .acknowledgment = .fromInt(0),
        .flags = .{ .reset = true },
        .window = 0,
    }, refusal(segment));
}

test "one that does not is acknowledged with all it takes" {
    var segment = test_segment;
    segment.flags = .{ .synchronize = true, .finish = true };
    try std.testing.expectEqualDeep(tcp.Segment{
        .source_port = 443,
        .destination_port = 40000,
        .sequence = .fromInt(0),
        .acknowledgment = .fromInt(3),
        .flags = .{ .reset = true, .acknowledge = true },
        .window = 0,
    }, refusal(segment));
}

test "a reset is never answered" {
    var segment = test_segment;
    segment.flags = .{ .reset = true, .acknowledge = true };
    try std.testing.expectEqual(null, refusal(segment));
}
