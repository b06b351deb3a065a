//! Where connections are kept: found by their key, woken by their timer, nothing allocated after
//! `init`, and no page of memory touched before it is needed.

const std = @import("std");
const Index = @import("../../src/flow/index.zig").Index(Key);
const TimerWheel = @import("../../src/flow/timer_wheel.zig").TimerWheel;
const pages = @import("../../src/sys/pages.zig");
const Route = @import("../route.zig").Route;
const Connection = @import("connection.zig").Connection;
const Dialogue = @import("connection.zig").Dialogue;
const Key = @import("key.zig").Key;

pub const ConnectionTable = struct {
    allocator: std.mem.Allocator,
    connections: []Connection,
    dialogues: []Dialogue,
    index: Index,
    wheel: TimerWheel,
    /// The numbers of entries that were given back; the first `spare_count` of them.
    spare: []u32,
    spare_count: u32,
    /// Entries from here on were never used.
    untouched: u32,

    pub fn init(allocator: std.mem.Allocator, count_max: u32, now: u64) !ConnectionTable {
        std.debug.assert(count_max > 0);
        const connections = try pages.map(Connection, count_max);
        errdefer pages.unmap(Connection, connections);
        const dialogues = try pages.map(Dialogue, count_max);
        errdefer pages.unmap(Dialogue, dialogues);
        const spare = try pages.map(u32, count_max);
        errdefer pages.unmap(u32, spare);
        var index: Index = try .init(allocator, count_max);
        errdefer index.deinit(allocator);
        return .{
            .allocator = allocator,
            .connections = connections,
            .dialogues = dialogues,
            .index = index,
            .wheel = try .init(allocator, count_max, now),
            .spare = spare,
            .spare_count = 0,
            .untouched = 0,
        };
    }

    pub fn deinit(table: *ConnectionTable) void {
        table.wheel.deinit(table.allocator);
        table.index.deinit(table.allocator);
        pages.unmap(u32, table.spare);
        pages.unmap(Dialogue, table.dialogues);
        pages.unmap(Connection, table.connections);
        table.* = undefined;
    }

    pub fn count(table: *const ConnectionTable) u32 {
        return table.untouched - table.spare_count;
    }

    pub fn find(table: *const ConnectionTable, key: Key) ?u32 {
        return table.index.find(key);
    }

    /// An entry under a key that none has, for the caller to fill; null when all are taken.
    pub fn insert(table: *ConnectionTable, key: Key) ?u32 {
        const number = table.take() orelse return null;
        table.index.insert(number, key);
        return number;
    }

    pub fn remove(table: *ConnectionTable, number: u32) void {
        table.index.remove(number);
        table.wheel.cancel(number);
        table.connections[number].state = .free;
        table.spare[table.spare_count] = number;
        table.spare_count += 1;
    }

    pub fn keyOf(table: *const ConnectionTable, number: u32) Key {
        return table.index.keys[number];
    }

    pub fn routeOf(table: *const ConnectionTable, number: u32) Route {
        const connection = &table.connections[number];
        const key = table.keyOf(number);
        return .{
            .peer = key.peer,
            .peer_hardware = connection.peer_hardware,
            .host = key.host,
            .prefix_index = connection.prefix_index,
        };
    }

    /// Has `nextDue` return the entry at `deadline`. A deadline that moves away, as they do with
    /// every segment, costs nothing: the timer finds out when it fires.
    pub fn setDeadline(table: *ConnectionTable, number: u32, deadline: u64) void {
        const connection = &table.connections[number];
        connection.deadline = deadline;
        if (deadline >= connection.timer_at) return;
        connection.timer_at = deadline;
        table.wheel.set(number, deadline);
    }

    /// An entry whose deadline has come. Call until null; the caller sets a new one, or removes it.
    pub fn nextDue(table: *ConnectionTable, now: u64) ?u32 {
        while (table.wheel.next(now)) |number| {
            const connection = &table.connections[number];
            std.debug.assert(connection.state != .free);
            connection.timer_at = std.math.maxInt(u64);
            if (connection.deadline <= now) return number;
            table.setDeadline(number, connection.deadline);
        }
        return null;
    }

    pub fn nextDeadline(table: *const ConnectionTable) ?u64 {
        return table.wheel.nextDeadline();
    }

    fn take(table: *ConnectionTable) ?u32 {
        if (table.spare_count > 0) {
            table.spare_count -= 1;
            return table.spare[table.spare_count];
        }
        if (table.untouched == table.connections.len) return null;
        table.untouched += 1;
        return table.untouched - 1;
    }
};
