test { _ = @import("receive_test.zig"); }
