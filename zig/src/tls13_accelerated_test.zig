//! What only holds where the build has linked the object of `tls13_accelerated.zig`.

const std = @import("std");
const tls13 = @import("tls13.zig");

test "the object for newer processors is linked" {
    try std.testing.expect(tls13.openRecordAccelerated != null);
}
