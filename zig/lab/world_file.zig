//! Reads a world file: lines of a key and its values, first about the world, then about one prefix
//! after another. `test/lab/worlds/internet.world` shows every key.

const std = @import("std");
const address_text = @import("address_text.zig");
const Diagnosis = @import("diagnosis.zig").Diagnosis;
const Echo = @import("diagnosis.zig").Echo;
const world = @import("world.zig");
const World = world.World;
const Error = @import("world_file/line.zig").Error;
const Line = @import("world_file/line.zig").Line;
const prefix_keys = @import("world_file/prefix_keys.zig");
const section = @import("world_file/section.zig");
const vocabulary = @import("world_file/vocabulary.zig");
const world_keys = @import("world_file/world_keys.zig");

/// In octets.
pub const size_max = 1024 * 1024;

/// Reads the text of the file that is called `name`. Everything in the world is allocated and
/// nothing is freed, also on errors: pass an arena. The text may go afterwards.
pub fn parse(
    allocator: std.mem.Allocator,
    name: []const u8,
    text: []const u8,
    diagnosis: *Diagnosis,
) error{
    /// The diagnosis says why.
    InvalidWorld,
    OutOfMemory,
}!World {
    if (text.len > size_max) return diagnosis.refuse(
        error.InvalidWorld,
        "Cannot read {f}: it has {d} octets; keep a world below {d}",
        .{ Echo.name(name), text.len, size_max },
    );
    var file: File = .{ .allocator = allocator };
    // Editors of some systems begin a file with a byte order mark.
    const marked = std.mem.cutPrefix(u8, text, "\u{feff}") orelse text;
    var lines = std.mem.splitScalar(u8, marked, '\n');
    var line_number: u32 = 0;
    while (lines.next()) |ended| {
        line_number += 1;
        const content = std.mem.cutSuffix(u8, ended, "\r") orelse ended;
        var line: Line = .init(allocator, diagnosis, name, line_number, content);
        if (!std.unicode.utf8ValidateSlice(content)) {
            return line.refuse("it is not UTF-8; save the file as UTF-8", .{});
        }
        try file.readLine(&line);
    }
    if (file.prefixes.items.len == 0) return diagnosis.refuse(
        error.InvalidWorld,
        "Cannot read {f}: it has no prefix; add a line like \"{s}\"",
        .{ Echo.name(name), prefix_example },
    );
    try file.refuseOverlap(name, diagnosis);
    return file.finish();
}

const prefix_example = "prefix 10.32.0.0/16";

const File = struct {
    allocator: std.mem.Allocator,
    world: section.Reader(world_keys.WorldSection, world_keys.keys) = .{
        .section = .{ .values = .{ .prefixes = &.{} } },
    },
    prefixes: std.ArrayList(OpenedPrefix) = .empty,

    const OpenedPrefix = struct {
        line: u32,
        reader: section.Reader(prefix_keys.PrefixSection, prefix_keys.keys),

        fn values(opened: *const OpenedPrefix) *const world.Prefix {
            return &opened.reader.section.values;
        }

        fn isBefore(_: void, a: OpenedPrefix, b: OpenedPrefix) bool {
            return a.values().first.toInt() < b.values().first.toInt();
        }

        pub fn format(
            opened: *const OpenedPrefix,
            writer: *std.Io.Writer,
        ) std.Io.Writer.Error!void {
            try address_text.format(opened.values().first, writer);
            try writer.print("/{d}", .{opened.values().length});
        }
    };

    fn readLine(file: *File, line: *Line) Error!void {
        line.key = line.next() orelse return;
        if (std.mem.eql(u8, line.key, "prefix")) return file.openPrefix(line);
        const opened = file.prefixes.items;
        if (opened.len == 0) {
            if (try file.world.read(line)) return;
            if (section.find(prefix_keys.keys, line.key) != null) return line.refuse(
                "{s} is about a prefix; write it below a line like \"{s}\"",
                .{ line.key, prefix_example },
            );
            return line.refuse("unknown key {f}; a world has {s}, and then each prefix", .{
                Echo.word(line.key), comptime vocabulary.list(world_keys.keys),
            });
        }
        if (try opened[opened.len - 1].reader.read(line)) return;
        if (section.find(world_keys.keys, line.key) != null) return line.refuse(
            "{s} is about the world; write it before the first prefix, on line {d}",
            .{ line.key, opened[0].line },
        );
        return line.refuse("unknown key {f}; a prefix has {s}", .{
            Echo.word(line.key), comptime vocabulary.list(prefix_keys.keys),
        });
    }

    fn openPrefix(file: *File, line: *Line) Error!void {
        line.example = prefix_example;
        const word = try line.expect("addresses");
        const prefix = address_text.parsePrefix(word) catch |err| return switch (err) {
            error.NotAPrefix => line.refuseForm("{f} is no prefix of IPv4 or IPv6", .{
                Echo.word(word),
            }),
            error.BitsBehindLength => line.refuseForm(
                "prefix {s} has bits set behind its length",
                .{word},
            ),
            error.HoldsMapped => line.refuse(
                "prefix {s} holds IPv4-mapped addresses; write IPv4 as in \"{s}\"",
                .{ word, prefix_example },
            ),
        };
        try line.expectEnd();
        if (file.prefixes.items.len == world.prefix_count_max) return line.refuse(
            "there are more than {d} prefixes; merge some",
            .{world.prefix_count_max},
        );
        try file.prefixes.append(file.allocator, .{
            .line = line.number,
            .reader = .{ .section = .{ .values = .{
                .first = prefix.first,
                .last = prefix.last,
                .length = prefix.length,
            } } },
        });
    }

    /// Sorts the prefixes.
    fn refuseOverlap(file: *File, name: []const u8, diagnosis: *Diagnosis) Error!void {
        const prefixes = file.prefixes.items;
        std.mem.sort(OpenedPrefix, prefixes, {}, OpenedPrefix.isBefore);
        for (prefixes[0 .. prefixes.len - 1], prefixes[1..]) |*a, *b| {
            if (a.values().last.toInt() < b.values().first.toInt()) continue;
            const earlier, const later = if (a.line < b.line) .{ a, b } else .{ b, a };
            return diagnosis.refuse(
                error.InvalidWorld,
                "Cannot read {f}, line {d}: prefix {f} overlaps {f} of line {d}",
                .{ Echo.name(name), later.line, later, earlier, earlier.line },
            );
        }
    }

    fn finish(file: *File) Error!World {
        const prefixes = try file.allocator.alloc(world.Prefix, file.prefixes.items.len);
        for (prefixes, file.prefixes.items) |*prefix, *opened| {
            prefix.* = opened.values().*;
            const rules = opened.reader.section.rules.items;
            if (rules.len > 0) prefix.ports = rules;
        }
        var finished = file.world.section.values;
        finished.prefixes = prefixes;
        return finished;
    }
};

test {
    _ = @import("world_file/reading_test.zig");
    _ = @import("world_file/refusal_test.zig");
    _ = @import("world_file/mutation_test.zig");
}
