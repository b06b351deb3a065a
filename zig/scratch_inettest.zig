test { _ = @import("lab/internet_test.zig"); }
