//! Runs the tests of every pure file: `zig test src/tests.zig`.

test {
    _ = @import("wire/address.zig");
    _ = @import("wire/arp.zig");
    _ = @import("wire/checksum.zig");
    _ = @import("wire/ethernet.zig");
    _ = @import("wire/icmpv4.zig");
    _ = @import("wire/ip.zig");
    _ = @import("wire/ipv4.zig");
    _ = @import("wire/tcp.zig");
    _ = @import("answered.zig");
    _ = @import("bucket.zig");
    _ = @import("cookie.zig");
    _ = @import("filter.zig");
    _ = @import("fuzz.zig");
    _ = @import("permutation.zig");
    _ = @import("target_set.zig");
}
