test {
    _ = @import("lab/chain_store.zig");
    _ = @import("lab/tls/reader.zig");
    _ = @import("lab/tls/builder.zig");
    _ = @import("lab/tls/record.zig");
    _ = @import("lab/tls/alert.zig");
    _ = @import("lab/tls/client_hello.zig");
    _ = @import("lab/tls/key_schedule.zig");
    _ = @import("lab/tls/key_shares.zig");
}
test {
    _ = @import("lab/tls/server_hello.zig");
    _ = @import("lab/tls/unsigned_signature.zig");
    _ = @import("lab/tls/agreement.zig");
    _ = @import("lab/tls/flight12.zig");
    _ = @import("lab/tls/flight13.zig");
    _ = @import("lab/tls_server.zig");
    @import("std").testing.refAllDecls(@import("lab/tls_server.zig").TlsServer);
}
