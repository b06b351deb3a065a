//! The exchanges that can be under way, and the ports that tell them apart.

const std = @import("std");
const Exchange = @import("exchange.zig").Exchange;

/// The ports that exchanges leave from.
pub const port_first = 16_384;
pub const port_last = port_first + (port_count - 1);
const port_count = 49_152;

/// How many exchanges may be under way.
pub const size_max = port_count;

/// An exchange's port says which it is, by its remainder. Each time it begins anew it has the next
/// port of those that are its own, so that a late segment of the last time is not taken for one of
/// this.
pub const Roster = struct {
    exchanges: []Exchange,
    /// Which exchanges are idle, the longest idle first, from `idle_first` on and around.
    idle: []u16,
    idle_first: usize = 0,
    idle_count: usize,

    pub fn init(allocator: std.mem.Allocator, size: u16) !Roster {
        std.debug.assert(size > 0 and size <= size_max);
        const exchanges = try allocator.alloc(Exchange, size);
        errdefer allocator.free(exchanges);
        const idle = try allocator.alloc(u16, size);
        for (exchanges, idle, 0..) |*exchange, *entry, index| {
            exchange.* = .{ .local_port = @intCast(port_first + index) };
            entry.* = @intCast(index);
        }
        return .{ .exchanges = exchanges, .idle = idle, .idle_count = size };
    }

    pub fn deinit(roster: *Roster, allocator: std.mem.Allocator) void {
        allocator.free(roster.exchanges);
        allocator.free(roster.idle);
    }

    /// The longest idle exchange, to be begun from `portAfter` its last port; null when all are
    /// under way.
    pub fn take(roster: *Roster) ?*Exchange {
        if (roster.idle_count == 0) return null;
        const exchange = &roster.exchanges[roster.idle[roster.idle_first]];
        roster.idle_first = (roster.idle_first + 1) % roster.idle.len;
        roster.idle_count -= 1;
        std.debug.assert(exchange.state == .idle);
        return exchange;
    }

    /// The exchange has ended.
    pub fn release(roster: *Roster, exchange: *Exchange) void {
        std.debug.assert(exchange.state != .idle);
        std.debug.assert(roster.idle_count < roster.idle.len);
        exchange.state = .idle;
        const index: u16 = @intCast(exchange - roster.exchanges.ptr);
        roster.idle[(roster.idle_first + roster.idle_count) % roster.idle.len] = index;
        roster.idle_count += 1;
    }

    /// The exchange under way from this port.
    pub fn find(roster: *const Roster, port: u16) ?*Exchange {
        if (port < port_first) return null;
        const exchange = &roster.exchanges[(port - port_first) % roster.exchanges.len];
        const is_under_way = exchange.state != .idle and exchange.local_port == port;
        return if (is_under_way) exchange else null;
    }

    pub fn portAfter(roster: *const Roster, port: u16) u16 {
        const next = port + roster.exchanges.len;
        const index = (port - port_first) % roster.exchanges.len;
        return @intCast(if (next <= port_last) next else port_first + index);
    }
};

test "an exchange is found by its port while it is under way, and has another one the next time" {
    const allocator = std.testing.allocator;
    var roster: Roster = try .init(allocator, 3);
    defer roster.deinit(allocator);
    var ports: [3]u16 = undefined;
    for (&ports) |*port| {
        const exchange = roster.take().?;
        port.* = roster.portAfter(exchange.local_port);
        _ = exchange.begin(.fromIpv4(.{ 192, 0, 2, 1 }), port.*, .fromInt(7), 0);
        try std.testing.expectEqual(exchange, roster.find(port.*));
    }
    try std.testing.expectEqual(null, roster.take());
    try std.testing.expectEqual(null, roster.find(ports[1] + 3));
    try std.testing.expectEqual(null, roster.find(443));

    const ended = roster.find(ports[1]).?;
    roster.release(ended);
    try std.testing.expectEqual(null, roster.find(ports[1]));
    try std.testing.expectEqual(ended, roster.take());
    try std.testing.expectEqual(ports[1] + 3, roster.portAfter(ended.local_port));
}

test "an exchange's ports stay its own, up to the last port there is" {
    const allocator = std.testing.allocator;
    for ([_]u16{ 1, 7, 4096, size_max }) |size| {
        var roster: Roster = try .init(allocator, size);
        defer roster.deinit(allocator);
        const index = size / 2;
        const first: u16 = @intCast(port_first + @as(u32, index));
        var port = first;
        var turn_count: u32 = 0;
        while (turn_count == 0 or port != first) : (turn_count += 1) {
            port = roster.portAfter(port);
            try std.testing.expect(port >= port_first);
            try std.testing.expectEqual(index, (port - port_first) % size);
        }
        const own_count = (@as(u32, port_last) - first) / size + 1;
        try std.testing.expectEqual(own_count, turn_count);
    }
}
