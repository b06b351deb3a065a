//! The words that stand for one kind of value.

const std = @import("std");
const nameOf = @import("../names.zig").nameOf;
const Echo = @import("../diagnosis.zig").Echo;
const Error = @import("line.zig").Error;
const Line = @import("line.zig").Line;

pub fn Word(comptime Value: type) type {
    return struct { word: []const u8, value: Value };
}

/// Every value of an enumeration by its name.
pub fn all(comptime Enumeration: type) []const Word(Enumeration) {
    comptime {
        @setEvalBranchQuota(10_000);
        var words: []const Word(Enumeration) = &.{};
        for (std.enums.values(Enumeration)) |value| {
            words = words ++ .{Word(Enumeration){ .word = nameOf(value), .value = value }};
        }
        return words;
    }
}

pub fn find(words: anytype, wanted: []const u8) ?@TypeOf(words[0].value) {
    for (words) |entry| if (std.mem.eql(u8, entry.word, wanted)) return entry.value;
    return null;
}

/// The words in their order, with commas.
pub fn list(comptime words: anytype) []const u8 {
    comptime {
        var text: []const u8 = "";
        for (words, 0..) |entry, index| {
            text = text ++ (if (index > 0) ", " else "") ++ entry.word;
        }
        return text;
    }
}

/// Reads one of the words.
pub fn reader(
    comptime Value: type,
    comptime words: []const Word(Value),
) fn (line: *Line, word: []const u8) Error!Value {
    return struct {
        fn read(line: *Line, word: []const u8) Error!Value {
            return find(words, word) orelse line.refuse("{s} {f} is unknown; there are {s}", .{
                line.key, Echo.word(word), comptime list(words),
            });
        }
    }.read;
}
