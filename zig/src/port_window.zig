//! The source ports that probes leave from: each is guarded, and the cookie picks one per target.

const std = @import("std");

pub const PortWindow = struct {
    first: u16,
    count: u16,

    /// InvalidArgument: no port, port 0, or ports above 65535.
    pub fn init(first: u16, count: u16) error{InvalidArgument}!PortWindow {
        const is_valid = first > 0 and count > 0 and count - 1 <= std.math.maxInt(u16) - first;
        return if (is_valid) .{ .first = first, .count = count } else error.InvalidArgument;
    }

    /// The last port of the window.
    pub fn last(window: PortWindow) u16 {
        return window.first + (window.count - 1);
    }

    pub fn contains(window: PortWindow, port: u16) bool {
        return port >= window.first and port - window.first < window.count;
    }
};

test "a window of ports holds its ends, up to the last port there is" {
    const window: PortWindow = try .init(65520, 16);
    try std.testing.expectEqual(65535, window.last());
    try std.testing.expect(window.contains(65520));
    try std.testing.expect(window.contains(65535));
    try std.testing.expect(!window.contains(65519));
    try std.testing.expect(!(try PortWindow.init(40000, 1)).contains(40001));
    for ([_][2]u16{ .{ 65520, 17 }, .{ 40000, 0 }, .{ 0, 1 }, .{ 65535, 65535 } }) |wrong| {
        try std.testing.expectError(error.InvalidArgument, PortWindow.init(wrong[0], wrong[1]));
    }
}
