//! Octets for tests, as specifications print them.

const std = @import("std");

/// The octets that pairs of hexadecimal digits stand for; line ends may lie between pairs.
pub fn octets(comptime text: []const u8) [octetCount(text)]u8 {
    @setEvalBranchQuota(100_000);
    var result: [octetCount(text)]u8 = undefined;
    var digits = std.mem.tokenizeScalar(u8, text, '\n');
    var filled: usize = 0;
    while (digits.next()) |line| {
        const written = std.fmt.hexToBytes(result[filled..], line) catch unreachable;
        filled += written.len;
    }
    return result;
}

fn octetCount(comptime text: []const u8) usize {
    @setEvalBranchQuota(100_000);
    return (text.len - std.mem.count(u8, text, "\n")) / 2;
}
