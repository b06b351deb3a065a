test { _ = @import("lab/tcp/capacity_test.zig"); _ = @import("lab/responder.zig"); }
