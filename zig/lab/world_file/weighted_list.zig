//! `VALUE [SHARE] VALUE [SHARE]...`: what is left of 100 % goes to the one value without a share.

const std = @import("std");
const weighted = @import("../weighted.zig");
const Echo = @import("../diagnosis.zig").Echo;
const Error = @import("line.zig").Error;
const Line = @import("line.zig").Line;

/// Reads one word as a value.
pub fn ValueReader(comptime Value: type) type {
    return fn (line: *Line, word: []const u8) Error!Value;
}

/// Takes all the words that the line still has.
pub fn read(
    comptime Value: type,
    comptime readValue: ValueReader(Value),
    line: *Line,
) Error!weighted.Weighted(Value) {
    var options: std.ArrayList(weighted.Weighted(Value).Option) = .empty;
    var stated: u64 = 0;
    var remainder: ?struct { index: usize, word: []const u8 } = null;
    while (line.next()) |word| {
        const value = try readValue(line, word);
        const share = try line.nextShare();
        if (share) |given| {
            stated += given;
        } else {
            if (remainder) |earlier| return line.refuse(
                "neither {f} nor {f} of {s} has a share: only one value may take what remains",
                .{ Echo.word(earlier.word), Echo.word(word), line.key },
            );
            remainder = .{ .index = options.items.len, .word = word };
        }
        try options.append(line.allocator, .{ .value = value, .share = share orelse 0 });
    }
    if (options.items.len == 0) _ = try line.expect("value");
    if (stated > weighted.share_all) {
        return line.refuse("shares of {s} add up to {d}%: more than 100%", .{
            line.key, percent(stated),
        });
    }
    if (remainder) |one| {
        options.items[one.index].share = @intCast(weighted.share_all - stated);
    } else if (stated < weighted.share_all) {
        return line.refuse(
            "shares of {s} add up to {d}%: less than 100%; a value without a share takes the rest",
            .{ line.key, percent(stated) },
        );
    }
    return .{ .options = try options.toOwnedSlice(line.allocator) };
}

fn percent(parts: u64) f64 {
    return @as(f64, @floatFromInt(parts)) / (weighted.share_all / 100);
}
