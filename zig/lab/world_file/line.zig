//! One line of a world file: its words, taken one after another, and what to say when they are
//! wrong.

const std = @import("std");
const Share = @import("../weighted.zig").Share;
const Diagnosis = @import("../diagnosis.zig").Diagnosis;
const Echo = @import("../diagnosis.zig").Echo;
const number_text = @import("number.zig");

pub const Error = error{ InvalidWorld, OutOfMemory };

pub const Line = struct {
    /// Everything that the world keeps.
    allocator: std.mem.Allocator,
    diagnosis: *Diagnosis,
    file_name: []const u8,
    /// From 1.
    number: u32,
    words: std.mem.TokenIterator(u8, .any),
    /// What the line sets: its first word.
    key: []const u8 = "",
    /// A right line with this key.
    example: []const u8 = "",

    pub fn init(
        allocator: std.mem.Allocator,
        diagnosis: *Diagnosis,
        file_name: []const u8,
        number: u32,
        text: []const u8,
    ) Line {
        return .{
            .allocator = allocator,
            .diagnosis = diagnosis,
            .file_name = file_name,
            .number = number,
            .words = std.mem.tokenizeAny(u8, withoutComment(text), blanks),
        };
    }

    pub fn next(line: *Line) ?[]const u8 {
        return line.words.next();
    }

    /// The next word, when it is this one.
    pub fn take(line: *Line, word: []const u8) bool {
        const upcoming = line.words.peek() orelse return false;
        if (!std.mem.eql(u8, upcoming, word)) return false;
        _ = line.words.next();
        return true;
    }

    /// The next word; `what` says what it is.
    pub fn expect(line: *Line, what: []const u8) Error![]const u8 {
        return line.next() orelse line.refuseForm("{s} lacks its {s}", .{ line.key, what });
    }

    pub fn expectEnd(line: *Line) Error!void {
        const word = line.next() orelse return;
        return line.refuseForm("{s} does not go on with {f}", .{ line.key, Echo.word(word) });
    }

    pub fn expectNumber(line: *Line, min: u64, max: u64) Error!u64 {
        return line.numberOf(try line.expect("value"), min, max);
    }

    pub fn numberOf(line: *Line, word: []const u8, min: u64, max: u64) Error!u64 {
        if (number_text.whole(word, max)) |value| if (value >= min) return value;
        return line.refuseForm("{s} {f} is no number from {d} to {d}", .{
            line.key, Echo.word(word), min, max,
        });
    }

    pub fn expectShare(line: *Line) Error!Share {
        return line.shareOf(try line.expect("share"));
    }

    /// The next word, if it is meant as a share.
    pub fn nextShare(line: *Line) Error!?Share {
        const upcoming = line.words.peek() orelse return null;
        if (!std.mem.endsWith(u8, upcoming, "%")) return null;
        return try line.shareOf(line.next().?);
    }

    fn shareOf(line: *Line, word: []const u8) Error!Share {
        return number_text.share(word) orelse line.refuseForm(
            "{s} {f} is no share from 0% to 100% with at most 4 decimals",
            .{ line.key, Echo.word(word) },
        );
    }

    /// In nanoseconds.
    pub fn expectTime(line: *Line) Error!u64 {
        const word = try line.expect("time");
        return number_text.time(word) orelse line.refuseForm(
            "{s} {f} is no time from 0 to 10s",
            .{ line.key, Echo.word(word) },
        );
    }

    /// In bits a second.
    pub fn expectRate(line: *Line) Error!u64 {
        const word = try line.expect("rate");
        return number_text.rate(word) orelse line.refuseForm(
            "{s} {f} is no rate from 1bit to 1000Gbit",
            .{ line.key, Echo.word(word) },
        );
    }

    /// For what a look at a right line mends.
    pub fn refuseForm(
        line: *Line,
        comptime reason: []const u8,
        arguments: anytype,
    ) error{InvalidWorld} {
        return line.refuse(reason ++ "; write it like \"{s}\"", arguments ++ .{line.example});
    }

    /// For what has another way out, which the reason then names.
    pub fn refuse(
        line: *Line,
        comptime reason: []const u8,
        arguments: anytype,
    ) error{InvalidWorld} {
        const place = .{ Echo.name(line.file_name), line.number };
        return line.diagnosis.refuse(
            error.InvalidWorld,
            "Cannot read {f}, line {d}: " ++ reason,
            place ++ arguments,
        );
    }
};

const blanks = " \t";

/// A comment starts where a word could.
fn withoutComment(text: []const u8) []const u8 {
    var is_word = false;
    for (text, 0..) |character, index| {
        if (character == '#' and !is_word) return text[0..index];
        is_word = std.mem.findScalar(u8, blanks, character) == null;
    }
    return text;
}

test "a comment starts where a word could" {
    try std.testing.expectEqualStrings("", withoutComment("# seed 1"));
    try std.testing.expectEqualStrings("seed 1 ", withoutComment("seed 1 # one"));
    try std.testing.expectEqualStrings("seed 1\t", withoutComment("seed 1\t#one # two"));
    try std.testing.expectEqualStrings("seed 1#one", withoutComment("seed 1#one"));
    try std.testing.expectEqualStrings("seed 1", withoutComment("seed 1"));
}

test "words are taken one after another" {
    var diagnosis: Diagnosis = .{};
    var line: Line = .init(std.testing.allocator, &diagnosis, "a.world", 3, " loss\t 1%  x ");
    line.key = line.next().?;
    line.example = "loss 1%";
    try std.testing.expectEqualStrings("loss", line.key);
    try std.testing.expect(!line.take("2%"));
    try std.testing.expectEqual(10_000, try line.nextShare());
    try std.testing.expectEqual(null, try line.nextShare());
    try std.testing.expectError(error.InvalidWorld, line.expectEnd());
    try std.testing.expectEqualStrings(
        "Cannot read a.world, line 3: loss does not go on with \"x\"; write it like \"loss 1%\"",
        diagnosis.message(),
    );
    try std.testing.expect(!line.take("x"));
    try line.expectEnd();
}
