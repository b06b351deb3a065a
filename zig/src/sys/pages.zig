//! Memory straight from the kernel: all zeros, and a page of it costs nothing until it is touched.
//! `Allocator.alloc` touches all of what it returns wherever Zig's safety checks are on.

const std = @import("std");
const linux = std.os.linux;

/// More than the machine has can be mapped, as long as it is not touched (MAP_NORESERVE, mmap(2)).
/// Give it back with `unmap`.
pub fn map(comptime Element: type, count: usize) error{OutOfMemory}![]Element {
    comptime std.debug.assert(@alignOf(Element) <= std.heap.page_size_min);
    if (count == 0) return &.{};
    const mapped = linux.mmap(
        null,
        @sizeOf(Element) * count,
        .{ .READ = true, .WRITE = true },
        .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .NORESERVE = true },
        -1,
        0,
    );
    if (linux.errno(mapped) != .SUCCESS) return error.OutOfMemory;
    const elements: [*]Element = @ptrFromInt(mapped);
    return elements[0..count];
}

pub fn unmap(comptime Element: type, memory: []Element) void {
    if (memory.len == 0) return;
    _ = linux.munmap(@ptrCast(memory.ptr), @sizeOf(Element) * memory.len);
}

test "what is mapped is zero, and not there until it is touched" {
    const page_size = std.heap.page_size_min;
    const page_count = 1024;
    const memory = try map(u8, page_count * page_size);
    defer unmap(u8, memory);
    const touched = 7;
    memory[touched * page_size] = 1;
    var residence: [page_count]u8 = undefined;
    const result = linux.mincore(memory.ptr, memory.len, &residence);
    try std.testing.expectEqual(.SUCCESS, linux.errno(result));
    for (residence, 0..) |flags, page| {
        try std.testing.expectEqual(@as(u8, @intFromBool(page == touched)), flags & 1);
    }
    for (memory, 0..) |octet, index| {
        try std.testing.expectEqual(@as(u8, @intFromBool(index == touched * page_size)), octet);
    }
    try std.testing.expectEqual(0, (try map(u64, 0)).len);
}
