//! `port PORTS [SERVICE] STATES`: what some ports of every host do, and what answers on them.

const std = @import("std");
const world = @import("../world.zig");
const Echo = @import("../diagnosis.zig").Echo;
const Error = @import("line.zig").Error;
const Line = @import("line.zig").Line;
const number = @import("number.zig");
const PrefixSection = @import("prefix_keys.zig").PrefixSection;
const vocabulary = @import("vocabulary.zig");
const weighted_list = @import("weighted_list.zig");

pub const example = "port 443,8000-8999 tls open 90% closed";

/// All ports that no rule before names.
const other = "other";

const states: []const vocabulary.Word(world.PortState) = &.{
    .{ .word = "open", .value = .open },
    .{ .word = "closed", .value = .closed },
    .{ .word = "silent", .value = .silent },
    .{ .word = "unreachable", .value = .unreachable_port },
};

const services = vocabulary.all(world.Protocol);

pub fn read(line: *Line, prefix: *PrefixSection) Error!void {
    if (prefix.other_ports_line > 0) return line.refuse(
        "no port is left behind \"port other\" of line {d}; write it before that",
        .{prefix.other_ports_line},
    );
    const ports = try readPorts(line);
    if (ports == null) prefix.other_ports_line = line.number;
    const service = try readService(line);
    try prefix.rules.append(line.allocator, .{
        .ports = ports,
        .service = service orelse .mute,
        .states = if (service != null and line.words.peek() == null)
            .only(.open)
        else
            try weighted_list.read(world.PortState, readState, line),
    });
}

const readState = vocabulary.reader(world.PortState, states);

/// The next word, if it is no state.
fn readService(line: *Line) Error!?world.Protocol {
    const word = line.words.peek() orelse
        return line.refuseForm("port lacks its service or its state", .{});
    if (vocabulary.find(states, word) != null) return null;
    _ = line.next();
    return vocabulary.find(services, word) orelse line.refuse(
        "{f} is no service ({s}) and no state ({s}) of a port",
        .{ Echo.word(word), comptime vocabulary.list(services), comptime vocabulary.list(states) },
    );
}

/// Null for all others.
fn readPorts(line: *Line) Error!?[]const world.PortRange {
    const word = try line.expect("ports");
    if (std.mem.eql(u8, word, other)) return null;
    var ranges: std.ArrayList(world.PortRange) = .empty;
    var parts = std.mem.splitScalar(u8, word, ',');
    while (parts.next()) |part| {
        const range = parseRange(part) orelse return line.refuseForm(
            "{f} is no port from 1 to 65535 and no ascending range of them",
            .{Echo.word(part)},
        );
        try ranges.append(line.allocator, range);
    }
    return try ranges.toOwnedSlice(line.allocator);
}

fn parseRange(text: []const u8) ?world.PortRange {
    const first_text, const last_text = std.mem.cutScalar(u8, text, '-') orelse .{ text, text };
    const first = parsePort(first_text) orelse return null;
    const last = parsePort(last_text) orelse return null;
    return if (first <= last) .{ .first = first, .last = last } else null;
}

fn parsePort(text: []const u8) ?u16 {
    const port = number.whole(text, 65_535) orelse return null;
    return if (port > 0) @intCast(port) else null;
}
