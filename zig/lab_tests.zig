//! Names every file of the lab with tests, so that `zig build test` runs them all.

test {
    _ = @import("lab/address_text.zig");
    _ = @import("lab/chain_store.zig");
    _ = @import("lab/checked.zig");
    _ = @import("lab/control_messages.zig");
    _ = @import("lab/counters.zig");
    _ = @import("lab/delay_line.zig");
    _ = @import("lab/describe.zig");
    _ = @import("lab/diagnosis.zig");
    _ = @import("lab/host.zig");
    _ = @import("lab/internet_fuzz_test.zig");
    _ = @import("lab/internet_test.zig");
    _ = @import("lab/load.zig");
    _ = @import("lab/neighbor.zig");
    _ = @import("lab/path.zig");
    _ = @import("lab/plain_services.zig");
    _ = @import("lab/refusal.zig");
    _ = @import("lab/responder.zig");
    _ = @import("lab/service.zig");
    _ = @import("lab/syn_cookie.zig");
    _ = @import("lab/syn_counts.zig");
    _ = @import("lab/tcp_server.zig");
    _ = @import("lab/tls_server.zig");
    _ = @import("lab/truth.zig");
    _ = @import("lab/weighted.zig");
    _ = @import("lab/wiretap.zig");
    _ = @import("lab/world_file.zig");
}
