//! Keys about the path to a prefix: what stands behind them is for both directions, or behind
//! `forward` and `back` for each.

const std = @import("std");
const Direction = @import("../path.zig").Direction;
const Leg = @import("../world.zig").Leg;
const Echo = @import("../diagnosis.zig").Echo;
const Error = @import("line.zig").Error;
const Line = @import("line.zig").Line;

/// Reads what is said of one direction.
pub const LegReader = fn (line: *Line, leg: *Leg) Error!void;

pub fn reader(
    comptime Section: type,
    comptime readLeg: LegReader,
) *const fn (line: *Line, section: *Section) Error!void {
    return struct {
        fn read(line: *Line, section: *Section) Error!void {
            try readLegs(readLeg, line, &section.values.forward, &section.values.back);
        }
    }.read;
}

fn readLegs(comptime readLeg: LegReader, line: *Line, forward: *Leg, back: *Leg) Error!void {
    const words = line.words;
    if (directionOf(line.words.peek()) == null) {
        try readLeg(line, forward);
        line.words = words;
        return readLeg(line, back);
    }
    var said: std.EnumSet(Direction) = .empty;
    while (line.next()) |word| {
        const direction = directionOf(word) orelse return line.refuseForm(
            "{s} does not go on with {f}",
            .{ line.key, Echo.word(word) },
        );
        if (said.contains(direction)) return line.refuseForm("{s} says {t} twice", .{
            line.key, direction,
        });
        said.insert(direction);
        try readLeg(line, switch (direction) {
            .forward => forward,
            .back => back,
        });
    }
}

fn directionOf(word: ?[]const u8) ?Direction {
    return std.meta.stringToEnum(Direction, word orelse return null);
}

pub fn readLoss(line: *Line, leg: *Leg) Error!void {
    leg.loss = try line.expectShare();
}

pub fn readDuplication(line: *Line, leg: *Leg) Error!void {
    leg.duplication = try line.expectShare();
}

pub fn readReordering(line: *Line, leg: *Leg) Error!void {
    leg.reordering = try line.expectShare();
    try expectWord(line, "by");
    leg.reordering_ns = try line.expectTime();
}

pub fn readBandwidth(line: *Line, leg: *Leg) Error!void {
    leg.rate = try line.expectRate();
    try expectWord(line, "queue");
    leg.queue_ns = try line.expectTime();
}

fn expectWord(line: *Line, comptime word: []const u8) Error!void {
    if (!line.take(word)) return line.refuseForm("{s} lacks the word {s}", .{ line.key, word });
}
