//! Why something was refused, in a sentence for people.

const std = @import("std");

/// Filled by whoever returns the error that it is about.
pub const Diagnosis = struct {
    octets: [size_max]u8 = undefined,
    size: usize = 0,

    /// The longest sentence with the longest name, and some words of the file.
    const size_max = 1536;

    /// `Cannot ACTION VALUE: STATE; WAY OUT`.
    pub fn message(diagnosis: *const Diagnosis) []const u8 {
        return diagnosis.octets[0..diagnosis.size];
    }

    pub fn refuse(
        diagnosis: *Diagnosis,
        comptime refused: anytype,
        comptime format: []const u8,
        arguments: anytype,
    ) @TypeOf(refused) {
        var writer: std.Io.Writer = .fixed(&diagnosis.octets);
        // What does not fit is left out: nothing that is printed is longer than `Echo` makes it.
        writer.print(format, arguments) catch {};
        diagnosis.size = writer.end;
        return refused;
    }
};

/// A text from outside, for `{f}`: what a terminal would not show as it is becomes `\xNN`, and a
/// long text is cut.
pub const Echo = struct {
    text: []const u8,
    size_max: usize,
    is_quoted: bool,

    pub fn name(text: []const u8) Echo {
        return .{ .text = text, .size_max = 256, .is_quoted = false };
    }

    pub fn word(text: []const u8) Echo {
        return .{ .text = text, .size_max = 64, .is_quoted = true };
    }

    pub fn format(echo: Echo, writer: *std.Io.Writer) std.Io.Writer.Error!void {
        if (echo.is_quoted) try writer.writeByte('"');
        var rest = echo.text;
        while (rest.len > 0) {
            if (echo.text.len - rest.len >= echo.size_max) {
                try writer.writeAll("...");
                break;
            }
            const size = shownSize(rest);
            if (size == 0) try writer.print("\\x{x:0>2}", .{rest[0]});
            try writer.writeAll(rest[0..size]);
            rest = rest[@max(size, 1)..];
        }
        if (echo.is_quoted) try writer.writeByte('"');
    }
};

/// The size of the character that a text begins with; 0 when it is not to be shown, or none.
fn shownSize(text: []const u8) usize {
    const size = std.unicode.utf8ByteSequenceLength(text[0]) catch return 0;
    if (size > text.len) return 0;
    const codepoint = std.unicode.utf8Decode(text[0..size]) catch return 0;
    return switch (codepoint) {
        // Controls; then what is invisible, breaks lines or turns the direction of writing.
        0...0x1f, 0x7f...0x9f => 0,
        0xad, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff => 0,
        // So that an escape can be told from what looks like one.
        '"', '\\' => 0,
        else => size,
    };
}

fn expectEcho(expected: []const u8, echo: Echo) !void {
    var buffer: [1024]u8 = undefined;
    try std.testing.expectEqualStrings(expected, try std.fmt.bufPrint(&buffer, "{f}", .{echo}));
}

test "a text from outside is shown as it is, or escaped, or cut" {
    try expectEcho("\"h\u{f6}sts\"", .word("h\u{f6}sts"));
    try expectEcho("a b.world", .name("a b.world"));
    try expectEcho("\"\\x1b[31m\\x00\\x7f\"", .word("\x1b[31m\x00\x7f"));
    try expectEcho("\"\\x22\\x5cx00\"", .word("\"\\x00"));
    // Latin-1, a cut sequence, an overlong one, a surrogate half.
    try expectEcho("\"h\\xf6sts\"", .word("h\xf6sts"));
    try expectEcho("\"\\xe2\\x82\"", .word("\xe2\x82"));
    try expectEcho("\"\\xc0\\x80\\xed\\xa0\\x80\"", .word("\xc0\x80\xed\xa0\x80"));
    // NEL and right-to-left override.
    try expectEcho("\"\\xc2\\x85\\xe2\\x80\\xae\"", .word("\u{85}\u{202e}"));
    try expectEcho("\"" ++ "a" ** 64 ++ "\"", .word("a" ** 64));
    try expectEcho("\"" ++ "a" ** 64 ++ "...\"", .word("a" ** 65));
}

test "a message never outgrows its buffer" {
    var diagnosis: Diagnosis = .{};
    const refused = diagnosis.refuse(error.InvalidWorld, "Cannot read {f}: {f}{f}", .{
        Echo.name("\x00" ** 4096), Echo.word("\x00" ** 4096), Echo.word("b" ** 4096),
    });
    try std.testing.expectEqual(error.InvalidWorld, refused);
    try std.testing.expectEqualStrings(
        "Cannot read " ++ "\\x00" ** 256 ++ "...: \"" ++ "\\x00" ** 64 ++ "...\"\"" ++
            "b" ** 64 ++ "...\"",
        diagnosis.message(),
    );
    const cut = diagnosis.refuse(error.Other, "{s}", .{"c" ** 4096});
    try std.testing.expectEqual(error.Other, cut);
    try std.testing.expectEqualStrings("c" ** Diagnosis.size_max, diagnosis.message());
}
