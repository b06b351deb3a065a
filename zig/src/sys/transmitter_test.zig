//! The transmitter against a device of this test's own (tap or tun), in a network namespace of its
//! own: what the device was given is read back frame by frame.

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");
const transmitter_file = @import("transmitter.zig");
const Method = transmitter_file.Method;
const Transmitter = transmitter_file.Transmitter;

const batch_size = 64;
const patience = 3;

/// include/uapi/linux/if_tun.h.
const tun = struct {
    const set_interface = 0x400454ca;
    const set_carrier = 0x400454e2;
    const flag_tun: i32 = 0x0001;
    const flag_tap: i32 = 0x0002;
    const flag_no_information: i32 = 0x1000;
};

/// A network device whose other end is a file.
const Device = struct {
    file: linux.fd_t,
    name: [linux.IFNAMESIZE]u8,
    index: u32,
    kind: Kind,

    const Kind = enum { tap, tun };

    fn open(kind: Kind) !Device {
        const flags: linux.O = .{ .ACCMODE = .RDWR, .NONBLOCK = true, .CLOEXEC = true };
        const file = try call.descriptor(linux.open("/dev/net/tun", flags, 0));
        errdefer _ = linux.close(file);
        var request = std.mem.zeroes(linux.ifreq);
        request.ifru.ivalue = tun.flag_no_information |
            if (kind == .tap) tun.flag_tap else tun.flag_tun;
        _ = try call.check(linux.ioctl(file, tun.set_interface, @intFromPtr(&request)));
        const name: [*:0]const u8 = @ptrCast(&request.ifrn.name);
        const device: Device = .{
            .file = file,
            .name = request.ifrn.name,
            .index = @intCast(std.c.if_nametoindex(name)),
            .kind = kind,
        };
        try device.setUp(true);
        return device;
    }

    fn close(device: Device) void {
        _ = linux.close(device.file);
    }

    fn setUp(device: Device, is_up: bool) !void {
        const kind = linux.SOCK.DGRAM | linux.SOCK.CLOEXEC;
        const socket = try call.descriptor(linux.socket(linux.AF.UNIX, kind, 0));
        defer _ = linux.close(socket);
        var request = std.mem.zeroes(linux.ifreq);
        request.ifrn.name = device.name;
        request.ifru.flags = .{ .UP = is_up };
        _ = try call.check(linux.ioctl(socket, linux.SIOCSIFFLAGS, @intFromPtr(&request)));
    }

    fn setCarrier(device: Device, is_there: bool) !void {
        const value: c_int = @intFromBool(is_there);
        _ = try call.check(linux.ioctl(device.file, tun.set_carrier, @intFromPtr(&value)));
    }

    /// The number in the next frame of this test's; null when none is there.
    fn next(device: Device) !?u32 {
        var buffer: [2048]u8 = undefined;
        while (true) {
            const result = linux.read(device.file, &buffer, buffer.len);
            if (linux.errno(result) == .AGAIN) return null;
            const size = try call.check(result);
            const number = std.mem.readInt(u32, buffer[size_min - 4 ..][0..4], .big);
            // The kernel has things to say of its own.
            if (!std.mem.startsWith(u8, buffer[0..size], device.start())) continue;
            try std.testing.expectEqual(frameSize(number), size);
            return number;
        }
    }

    /// How this test's frames begin: on tap with an Ethernet header of the type for experiments
    /// (IEEE 802, 9.2.4), on tun with the fixed part of an IPv4 header.
    fn start(device: Device) []const u8 {
        return switch (device.kind) {
            .tap => "\x02\x00\x00\x00\x00\x01" ++ "\x02\x00\x00\x00\x00\x02" ++ "\x88\xb5",
            .tun => "\x45\x00",
        };
    }
};

const size_min = 60;

/// Sizes up to the largest frame of the devices' MTU.
fn frameSize(number: u32) usize {
    return size_min + number % 1441;
}

/// Numbered frames, sent and read back.
const Exchange = struct {
    device: Device,
    transmitter: *Transmitter,
    written: u32 = 0,
    heard: u32 = 0,
    octets: u64 = 0,
    sent: Transmitter.Sent = .{},

    fn fill(exchange: *Exchange, count: usize) void {
        for (0..count) |_| {
            const slot = exchange.transmitter.slot();
            const start = exchange.device.start();
            @memset(slot, 0);
            @memcpy(slot[0..start.len], start);
            std.mem.writeInt(u32, slot[size_min - 4 ..][0..4], exchange.written, .big);
            const size = @min(frameSize(exchange.written), 1500);
            exchange.transmitter.commit(size);
            exchange.octets += size;
            exchange.written += 1;
        }
    }

    fn flush(exchange: *Exchange) call.Error!void {
        return exchange.transmitter.flush(&exchange.sent, patience);
    }

    /// Reads what came and checks that it is what `sent` says, in order, each once.
    fn hear(exchange: *Exchange) !void {
        while (try exchange.device.next()) |number| : (exchange.heard += 1) {
            try std.testing.expectEqual(exchange.heard, number);
        }
        try std.testing.expectEqual(exchange.sent.frames, exchange.heard);
        const unsent = exchange.written - exchange.heard;
        try std.testing.expectEqual(unsent, exchange.transmitter.pending);
        if (unsent == 0) try std.testing.expectEqual(exchange.octets, exchange.sent.octets);
    }
};

fn exercise(kind: Device.Kind, method: Method) !void {
    const allocator = std.testing.allocator;
    const device: Device = try .open(kind);
    defer device.close();
    var transmitter: Transmitter = try .init(allocator, device.index, .{
        .batch_size = batch_size,
        .method = method,
    });
    defer transmitter.deinit(allocator);
    var exchange: Exchange = .{ .device = device, .transmitter = &transmitter };

    // Batches of every size, and rings that come round several times.
    for (0..40) |round| {
        exchange.fill(1 + round * 5 % batch_size);
        try exchange.flush();
        try exchange.hear();
    }

    // A queue that nobody reads fills up, in the middle of a batch as it may be.
    for (0..50) |_| {
        while (!transmitter.isFull()) exchange.fill(1);
        exchange.flush() catch |err| {
            try std.testing.expectEqual(error.Busy, err);
            break;
        };
    } else return error.NeverFull;
    try std.testing.expectError(error.Busy, exchange.flush());
    try exchange.hear();
    try exchange.flush();
    try exchange.hear();

    // A cable that is pulled, and an interface that is taken down, lose nothing.
    for ([_]*const fn (Device, bool) anyerror!void{ setCarrier, setUp }) |set| {
        try set(device, false);
        exchange.fill(10);
        for (0..600) |_| try std.testing.expectError(error.InterfaceDown, exchange.flush());
        // What waits can be added to.
        exchange.fill(3);
        try std.testing.expectError(error.InterfaceDown, exchange.flush());
        try exchange.hear();
        try set(device, true);
        try exchange.flush();
        try exchange.hear();
    }

    // Or are given up.
    try setUp(device, false);
    exchange.fill(batch_size);
    try std.testing.expect(transmitter.isFull());
    try std.testing.expectError(error.InterfaceDown, exchange.flush());
    transmitter.discard();
    try setUp(device, true);
    exchange.written -= batch_size;
    exchange.octets = exchange.sent.octets;
    exchange.fill(batch_size);
    try exchange.flush();
    try exchange.hear();
}

fn setCarrier(device: Device, is_there: bool) anyerror!void {
    return device.setCarrier(is_there);
}

fn setUp(device: Device, is_up: bool) anyerror!void {
    return device.setUp(is_up);
}

fn everyMethod() !void {
    for ([_]Method{ .messages, .ring, .xdp, .measured }) |method| {
        exercise(.tap, method) catch |err| {
            std.debug.print("tap, {t}: {t}\n", .{ method, err });
            return err;
        };
    }
    for ([_]Method{ .messages, .ring, .measured }) |method| {
        exercise(.tun, method) catch |err| {
            std.debug.print("tun, {t}: {t}\n", .{ method, err });
            return err;
        };
    }
}

/// What a child process ends with: this host allows no namespaces, or has no tun devices.
const code_skipped = 77;

test "every method sends each frame once, whatever happens to the link" {
    const child = std.c.fork();
    try std.testing.expect(child >= 0);
    if (child == 0) {
        const spaces = linux.CLONE.NEWUSER | linux.CLONE.NEWNET;
        const is_apart = linux.errno(linux.unshare(spaces)) == .SUCCESS;
        const has_devices = linux.errno(linux.access("/dev/net/tun", linux.W_OK)) == .SUCCESS;
        if (!is_apart or !has_devices) std.c._exit(code_skipped);
        everyMethod() catch |err| {
            if (@errorReturnTrace()) |trace| std.debug.dumpErrorReturnTrace(trace);
            std.debug.print("{t}\n", .{err});
            std.c._exit(1);
        };
        std.c._exit(0);
    }
    var status: c_int = undefined;
    try std.testing.expectEqual(child, std.c.waitpid(child, &status, 0));
    const code = linux.W.EXITSTATUS(@bitCast(status));
    if (code == code_skipped) return error.SkipZigTest;
    try std.testing.expectEqual(0, status);
}
