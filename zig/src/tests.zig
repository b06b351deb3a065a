//! Names every file with tests, so that `zig build test` runs them all.

test {
    _ = @import("wire/address.zig");
    _ = @import("wire/arp.zig");
    _ = @import("wire/checksum.zig");
    _ = @import("wire/ethernet.zig");
    _ = @import("wire/icmpv4.zig");
    _ = @import("wire/icmpv6.zig");
    _ = @import("wire/ip.zig");
    _ = @import("wire/ipv4.zig");
    _ = @import("wire/ipv6.zig");
    _ = @import("wire/ndp.zig");
    _ = @import("wire/tcp.zig");
    _ = @import("answered.zig");
    _ = @import("bucket.zig");
    _ = @import("cookie.zig");
    _ = @import("filter.zig");
    _ = @import("fuzz.zig");
    _ = @import("permutation.zig");
    _ = @import("target_set.zig");
    _ = @import("flow.zig");
    _ = @import("opening_queue.zig");
    _ = @import("path.zig");
    _ = @import("plane.zig");
    _ = @import("probe.zig");
    _ = @import("receive.zig");
    _ = @import("ring.zig");
    _ = @import("root.zig");
    _ = @import("sweep.zig");
    _ = @import("sys/call.zig");
    _ = @import("sys/event_counter.zig");
    _ = @import("sys/guard.zig");
    _ = @import("sys/netlink.zig");
    _ = @import("sys/packet_socket.zig");
}
