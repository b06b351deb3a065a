test {
    _ = @import("lab/tcp_server.zig");
    _ = @import("lab/refusal.zig");
    _ = @import("lab/syn_cookie.zig");
    _ = @import("lab/tcp/round_trip.zig");
    _ = @import("lab/tcp/request_pool.zig");
}
