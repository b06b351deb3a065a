//! A section of a world file: lines that one table of keys describes, each key at most once unless
//! the table says otherwise.

const std = @import("std");
const Error = @import("line.zig").Error;
const Line = @import("line.zig").Line;
const weighted_list = @import("weighted_list.zig");

pub fn Key(comptime Section: type) type {
    return struct {
        word: []const u8,
        /// A right line, for those who wrote a wrong one.
        example: []const u8,
        may_repeat: bool = false,
        /// Takes the words behind the key.
        read: *const fn (line: *Line, section: *Section) Error!void,
    };
}

pub fn find(keys: anytype, word: []const u8) ?usize {
    for (keys, 0..) |key, index| if (std.mem.eql(u8, key.word, word)) return index;
    return null;
}

/// A section while it is read.
pub fn Reader(comptime Section: type, comptime keys: []const Key(Section)) type {
    return struct {
        section: Section,
        /// Where each key stands first, 0 for nowhere.
        key_lines: [keys.len]u32 = @splat(0),

        const Self = @This();

        /// False, and nothing done, when no key of the section is the line's.
        pub fn read(reader: *Self, line: *Line) Error!bool {
            const index = find(keys, line.key) orelse return false;
            const key = keys[index];
            line.example = key.example;
            const first = &reader.key_lines[index];
            if (first.* > 0 and !key.may_repeat) return line.refuse(
                "{s} has been said on line {d}; leave out one of the two",
                .{ key.word, first.* },
            );
            if (first.* == 0) first.* = line.number;
            try key.read(line, &reader.section);
            try line.expectEnd();
            return true;
        }
    };
}

/// Readers of keys that set one field of `section.values`.
pub fn Setters(comptime Section: type) type {
    return struct {
        const Read = *const fn (line: *Line, section: *Section) Error!void;
        const Values = @FieldType(Section, "values");

        pub fn number(comptime field: []const u8, comptime min: u64, comptime max: u64) Read {
            return struct {
                fn read(line: *Line, section: *Section) Error!void {
                    @field(section.values, field) = @intCast(try line.expectNumber(min, max));
                }
            }.read;
        }

        pub fn share(comptime field: []const u8) Read {
            return struct {
                fn read(line: *Line, section: *Section) Error!void {
                    @field(section.values, field) = try line.expectShare();
                }
            }.read;
        }

        /// The word alone says it.
        pub fn flag(comptime field: []const u8) Read {
            return struct {
                fn read(_: *Line, section: *Section) Error!void {
                    @field(section.values, field) = true;
                }
            }.read;
        }

        pub fn weighted(
            comptime field: []const u8,
            comptime readValue: weighted_list.ValueReader(WeightedValue(field)),
        ) Read {
            return struct {
                fn read(line: *Line, section: *Section) Error!void {
                    @field(section.values, field) =
                        try weighted_list.read(WeightedValue(field), readValue, line);
                }
            }.read;
        }

        pub fn weightedNumber(
            comptime field: []const u8,
            comptime min: u64,
            comptime max: u64,
        ) Read {
            return weighted(field, struct {
                fn read(line: *Line, word: []const u8) Error!WeightedValue(field) {
                    return @intCast(try line.numberOf(word, min, max));
                }
            }.read);
        }

        fn WeightedValue(comptime field: []const u8) type {
            const Option = std.meta.Elem(@FieldType(@FieldType(Values, field), "options"));
            return @FieldType(Option, "value");
        }
    };
}
