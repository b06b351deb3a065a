test { _ = @import("receive_test.zig"); _ = @import("receive_fuzz.zig"); }
