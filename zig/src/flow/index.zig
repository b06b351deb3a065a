//! Finds the entry of a table by its key, such as a flow by what a segment says of it: a chained
//! hash over preallocated entries.

const std = @import("std");

const none = std.math.maxInt(u32);

/// `Key` has no padding: its octets are what is hashed and compared.
pub fn Index(comptime Key: type) type {
    comptime std.debug.assert(std.meta.hasUniqueRepresentation(Key));
    return struct {
        heads: []u32,
        keys: []Key,
        next: []u32,

        const Self = @This();

        /// Holds the numbers below `entry_count`.
        pub fn init(allocator: std.mem.Allocator, entry_count: usize) !Self {
            std.debug.assert(entry_count > 0 and entry_count < none);
            const heads = try allocator.alloc(u32, try std.math.ceilPowerOfTwo(usize, entry_count));
            errdefer allocator.free(heads);
            const keys = try allocator.alloc(Key, entry_count);
            errdefer allocator.free(keys);
            const next = try allocator.alloc(u32, entry_count);
            @memset(heads, none);
            return .{ .heads = heads, .keys = keys, .next = next };
        }

        pub fn deinit(index: *Self, allocator: std.mem.Allocator) void {
            allocator.free(index.heads);
            allocator.free(index.keys);
            allocator.free(index.next);
            index.* = undefined;
        }

        pub fn find(index: *const Self, key: Key) ?u32 {
            var entry = index.headOf(key).*;
            while (entry != none) : (entry = index.next[entry]) {
                if (eql(index.keys[entry], key)) return entry;
            }
            return null;
        }

        pub fn insert(index: *Self, entry: u32, key: Key) void {
            std.debug.assert(index.find(key) == null);
            const head = index.headOf(key);
            index.keys[entry] = key;
            index.next[entry] = head.*;
            head.* = entry;
        }

        /// The entry must be in the index.
        pub fn remove(index: *Self, entry: u32) void {
            var link = index.headOf(index.keys[entry]);
            while (link.* != entry) link = &index.next[link.*];
            link.* = index.next[entry];
        }

        fn eql(a: Key, b: Key) bool {
            return std.mem.eql(u8, std.mem.asBytes(&a), std.mem.asBytes(&b));
        }

        fn headOf(index: *const Self, key: Key) *u32 {
            const hash = std.hash.Wyhash.hash(0, std.mem.asBytes(&key));
            return &index.heads[hash & (index.heads.len - 1)];
        }
    };
}

const TestKey = extern struct { remote: [16]u8, remote_port: u16, local_port: u16 };

test "entries of one chain are found and removed without losing each other" {
    var index: Index(TestKey) = try .init(std.testing.allocator, 5);
    defer index.deinit(std.testing.allocator);
    var keys: [5]TestKey = undefined;
    for (&keys, 0..) |*key, number| {
        key.* = .{
            .remote = @splat(7),
            .remote_port = 443,
            .local_port = @intCast(40000 + number),
        };
    }
    // Every order of removal crosses head, middle and end of a chain: five keys share eight heads.
    for (0..5) |first_removed| {
        for (keys, 0..) |key, entry| index.insert(@intCast(entry), key);
        for (0..5) |step| {
            const removed = (first_removed + step * 2) % 5;
            try std.testing.expectEqual(@as(u32, @intCast(removed)), index.find(keys[removed]));
            index.remove(@intCast(removed));
            try std.testing.expectEqual(null, index.find(keys[removed]));
        }
    }
    var other = keys[0];
    other.remote_port = 444;
    index.insert(0, keys[0]);
    try std.testing.expectEqual(null, index.find(other));
}
