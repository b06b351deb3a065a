//! `50ms`, or `20ms..200ms` for all times between.

const std = @import("std");
const RoundTrip = @import("../world.zig").RoundTrip;
const Echo = @import("../diagnosis.zig").Echo;
const Error = @import("line.zig").Error;
const Line = @import("line.zig").Line;
const number = @import("number.zig");

pub fn read(line: *Line, word: []const u8) Error!RoundTrip {
    const first_text, const last_text = std.mem.cut(u8, word, "..") orelse .{ word, word };
    const first = number.time(first_text) orelse return refuse(line, word);
    const last = number.time(last_text) orelse return refuse(line, word);
    if (first > last) return line.refuseForm("{s} {f} ends before it begins", .{
        line.key, Echo.word(word),
    });
    return .{ .first_ns = first, .last_ns = last };
}

fn refuse(line: *Line, word: []const u8) Error {
    return line.refuseForm("{s} {f} is no time from 0 to 10s and no range of them", .{
        line.key, Echo.word(word),
    });
}
