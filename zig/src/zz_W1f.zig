test { _ = @import("receive_fuzz.zig"); }
