//! load: a bare client that measures a world, by frames past the kernel of the host it runs on.
//!
//!     load syn|tls INTERFACE GATEWAY_MAC SOURCE_ADDRESS PREFIX PORT SECONDS [--window N]
//!
//! `syn` counts SYNs that are answered by a SYN-ACK, `tls` captures of a TLS 1.2 server's first
//! flight; N of them are under way at once, so that a world is never asked faster than it answers.
//! All is IPv4, in one thread, and goes to PREFIX alone.
//!
//! Frames come from a hardware address that is nobody's: those that come back are another host's to
//! this kernel, which drops them without a word where it would send RSTs. So the world has to
//! answer to the address that a frame came from, or know it: nobody here answers to ARP.
//!
//! It writes one line of JSON at the end: the fields of `client.Counts`, `seconds`, and
//! `cpu_seconds` (of this process, the kernel's part included).

const std = @import("std");
const linux = std.os.linux;
const clock = @import("../src/sys/clock.zig");
const ethernet = @import("../src/wire/ethernet.zig");
const hop_file = @import("../src/hop.zig");
const Address = @import("../src/wire/address.zig").Address;
const Client = @import("load/client.zig").Client;
const Counts = @import("load/client.zig").Counts;
const Purpose = @import("load/exchange.zig").Purpose;
const window_size_max = @import("load/roster.zig").size_max;
const Walk = @import("load/walk.zig").Walk;

/// Locally administered (IEEE 802, 8.4): no interface of the lab has it.
pub const own_hardware: ethernet.HardwareAddress = .{ 0x02, 'l', 'o', 'a', 'd', 0x01 };

const seconds_max = 60;

const Arguments = struct {
    purpose: Purpose,
    interface: [:0]const u8,
    gateway_hardware: ethernet.HardwareAddress,
    source: Address,
    targets: Walk,
    port: u16,
    duration_ns: u64,
    window_size: u16,

    const Error = error{
        Usage,
        InvalidHardwareAddress,
        InvalidSource,
        InvalidPrefix,
        InvalidPort,
        InvalidDuration,
        InvalidWindow,
    };

    fn parse(iterator: anytype) Error!Arguments {
        const purpose = std.meta.stringToEnum(Purpose, iterator.next() orelse return error.Usage);
        var arguments: Arguments = .{
            .purpose = purpose orelse return error.Usage,
            .interface = iterator.next() orelse return error.Usage,
            .gateway_hardware = try parseHardware(iterator.next() orelse return error.Usage),
            .source = try parseAddress(iterator.next() orelse return error.Usage),
            .targets = try .parse(iterator.next() orelse return error.Usage),
            .port = try parsePort(iterator.next() orelse return error.Usage),
            .duration_ns = try parseDuration(iterator.next() orelse return error.Usage),
            .window_size = switch (purpose.?) {
                .syn => 4096,
                .tls => 256,
            },
        };
        if (iterator.next()) |option| {
            if (!std.mem.eql(u8, option, "--window")) return error.Usage;
            arguments.window_size = try parseWindow(iterator.next() orelse return error.Usage);
        }
        if (iterator.next() != null) return error.Usage;
        return arguments;
    }

    /// Six octets in hexadecimal, with colons between them.
    fn parseHardware(text: []const u8) Error!ethernet.HardwareAddress {
        var hardware: ethernet.HardwareAddress = undefined;
        var parts = std.mem.splitScalar(u8, text, ':');
        for (&hardware) |*octet| {
            const part = parts.next() orelse return error.InvalidHardwareAddress;
            if (part.len != 2) return error.InvalidHardwareAddress;
            octet.* = std.fmt.parseInt(u8, part, 16) catch return error.InvalidHardwareAddress;
        }
        return if (parts.next() == null) hardware else error.InvalidHardwareAddress;
    }

    fn parseAddress(text: []const u8) Error!Address {
        const parsed = std.Io.net.Ip4Address.parse(text, 0) catch return error.InvalidSource;
        return .fromIpv4(parsed.bytes);
    }

    fn parsePort(text: []const u8) Error!u16 {
        const port = std.fmt.parseInt(u16, text, 10) catch return error.InvalidPort;
        return if (port > 0) port else error.InvalidPort;
    }

    fn parseDuration(text: []const u8) Error!u64 {
        const seconds = std.fmt.parseInt(u64, text, 10) catch return error.InvalidDuration;
        if (seconds == 0 or seconds > seconds_max) return error.InvalidDuration;
        return seconds * std.time.ns_per_s;
    }

    fn parseWindow(text: []const u8) Error!u16 {
        const size = std.fmt.parseInt(u16, text, 10) catch return error.InvalidWindow;
        return if (size > 0 and size <= window_size_max) size else error.InvalidWindow;
    }
};

fn run(init: std.process.Init) !void {
    var iterator = init.minimal.args.iterate();
    _ = iterator.skip();
    const arguments: Arguments = try .parse(&iterator);
    const interface_index = std.c.if_nametoindex(arguments.interface);
    if (interface_index <= 0) return error.NoInterface;

    const started_at = clock.now();
    var client: Client = try .init(init.gpa, .{
        .purpose = arguments.purpose,
        .hop = .{
            .link = .{
                .interface_index = @intCast(interface_index),
                .framing = .ethernet,
                .vlan = 0,
                .local_hardware = own_hardware,
                .mtu = hop_file.mtu_max,
            },
            .kind = .gateway,
            .next_hardware = arguments.gateway_hardware,
            .sources = &.{arguments.source},
        },
        .targets = arguments.targets,
        .port = arguments.port,
        .window_size = arguments.window_size,
        // Another one each time, so that a world that remembers the last load sees new exchanges.
        .seed = started_at,
    });
    defer client.deinit(init.gpa);

    const cpu_before = cpuSeconds();
    const begun_at = clock.now();
    try client.run(begun_at + arguments.duration_ns);
    const elapsed_ns = clock.now() - begun_at;
    const cpu_seconds = cpuSeconds() - cpu_before;

    var buffer: [1024]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    const seconds = @as(f64, @floatFromInt(elapsed_ns)) / std.time.ns_per_s;
    try writeResult(&writer, client.counts, seconds, cpu_seconds);
    try std.Io.File.stdout().writeStreamingAll(init.io, writer.buffered());
}

fn writeResult(
    writer: *std.Io.Writer,
    counts: Counts,
    seconds: f64,
    cpu_seconds: f64,
) std.Io.Writer.Error!void {
    try writer.writeByte('{');
    inline for (std.meta.fields(Counts)) |field| {
        try writer.print("\"{s}\":{d},", .{ field.name, @field(counts, field.name) });
    }
    try writer.print("\"seconds\":{d:.6},\"cpu_seconds\":{d:.6}}}\n", .{ seconds, cpu_seconds });
}

/// What this process has used so far, in user mode and in the kernel.
fn cpuSeconds() f64 {
    var usage: linux.rusage = undefined;
    const result = linux.getrusage(linux.rusage.SELF, &usage);
    std.debug.assert(linux.errno(result) == .SUCCESS);
    var total: f64 = 0;
    for ([_]linux.timeval{ usage.utime, usage.stime }) |time| {
        total += @floatFromInt(time.sec);
        total += @as(f64, @floatFromInt(time.usec)) / std.time.us_per_s;
    }
    return total;
}

pub fn main(init: std.process.Init) u8 {
    run(init) catch |err| {
        const message = switch (err) {
            error.Usage => "usage: load syn|tls " ++
                "INTERFACE GATEWAY_MAC SOURCE_ADDRESS PREFIX PORT SECONDS [--window N]",
            error.InvalidHardwareAddress => "Cannot read the gateway: expected aa:bb:cc:dd:ee:ff",
            error.InvalidSource => "Cannot read the source address: expected a.b.c.d",
            error.InvalidPrefix => "Cannot read the prefix: expected a.b.c.d/n, n from 8 to 32",
            error.InvalidPort => "Cannot read the port: expected 1 to 65535",
            error.InvalidDuration => std.fmt.comptimePrint(
                "Cannot read the duration: expected 1 to {d} seconds",
                .{seconds_max},
            ),
            error.InvalidWindow => std.fmt.comptimePrint(
                "Cannot read the window: expected 1 to {d} exchanges",
                .{window_size_max},
            ),
            error.NoInterface => "Cannot use the interface: it doesn't exist",
            error.InterfaceDown => "Cannot use the interface: it is down",
            error.NoPermission => "Cannot open a packet socket: CAP_NET_RAW is missing",
            else => @errorName(err),
        };
        std.debug.print("{s}\n", .{message});
        return switch (err) {
            error.Usage,
            error.InvalidHardwareAddress,
            error.InvalidSource,
            error.InvalidPrefix,
            error.InvalidPort,
            error.InvalidDuration,
            error.InvalidWindow,
            => 2,
            else => 1,
        };
    };
    return 0;
}

const TestIterator = struct {
    rest: []const [:0]const u8,

    fn next(iterator: *TestIterator) ?[:0]const u8 {
        if (iterator.rest.len == 0) return null;
        defer iterator.rest = iterator.rest[1..];
        return iterator.rest[0];
    }
};

test "arguments" {
    const words = [_][:0]const u8{
        "tls",         "scanner0", "02:00:5e:00:00:Ff", "10.99.0.1",
        "10.0.0.0/12", "443",      "3",                 "--window",
        "64",
    };
    var iterator: TestIterator = .{ .rest = &words };
    const arguments: Arguments = try .parse(&iterator);
    try std.testing.expectEqual(Purpose.tls, arguments.purpose);
    try std.testing.expectEqual([6]u8{ 2, 0, 0x5e, 0, 0, 0xff }, arguments.gateway_hardware);
    try std.testing.expectEqual([4]u8{ 10, 99, 0, 1 }, arguments.source.ipv4());
    try std.testing.expectEqual(64, arguments.window_size);
    try std.testing.expectEqual(3 * std.time.ns_per_s, arguments.duration_ns);

    const Wrong = struct { index: usize, word: [:0]const u8, reason: Arguments.Error };
    for ([_]Wrong{
        .{ .index = 0, .word = "udp", .reason = error.Usage },
        .{ .index = 2, .word = "02:00:5e:00:00", .reason = error.InvalidHardwareAddress },
        .{ .index = 2, .word = "02:00:5e:00:00:1", .reason = error.InvalidHardwareAddress },
        .{ .index = 2, .word = "02:00:5e:00:00:01:02", .reason = error.InvalidHardwareAddress },
        .{ .index = 3, .word = "fd99::1", .reason = error.InvalidSource },
        .{ .index = 5, .word = "0", .reason = error.InvalidPort },
        .{ .index = 6, .word = "61", .reason = error.InvalidDuration },
        .{ .index = 7, .word = "--rate", .reason = error.Usage },
        .{ .index = 8, .word = "49153", .reason = error.InvalidWindow },
    }) |wrong| {
        var changed = words;
        changed[wrong.index] = wrong.word;
        var changed_iterator: TestIterator = .{ .rest = &changed };
        try std.testing.expectError(wrong.reason, Arguments.parse(&changed_iterator));
    }
    var short: TestIterator = .{ .rest = words[0..6] };
    try std.testing.expectError(error.Usage, Arguments.parse(&short));
}

test "the result is one line of JSON" {
    var buffer: [1024]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    try writeResult(&writer, .{ .sent = 7, .answered = 5 }, 1.5, 0.25);
    try std.testing.expectStringEndsWith(writer.buffered(), "}\n");
    const Result = struct { sent: u64, answered: u64, lost: u64, seconds: f64, cpu_seconds: f64 };
    const parsed = try std.json.parseFromSlice(Result, std.testing.allocator, writer.buffered(), .{
        .ignore_unknown_fields = true,
    });
    defer parsed.deinit();
    try std.testing.expectEqual(
        Result{ .sent = 7, .answered = 5, .lost = 0, .seconds = 1.5, .cpu_seconds = 0.25 },
        parsed.value,
    );
}

test {
    _ = @import("load/client.zig");
    _ = @import("load/exchange.zig");
    _ = @import("load/flight.zig");
    _ = @import("load/hello.zig");
    _ = @import("load/roster.zig");
    _ = @import("load/walk.zig");
}
