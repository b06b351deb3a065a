//! bare: the sender's way to the kernel with nothing before it: the same frames over and over, as
//! fast as they go.
//!
//!     bare INTERFACE measured|messages|ring|xdp FRAME_SIZE [FRAME_COUNT]
//!
//! It sends until it is killed, or until FRAME_COUNT frames have left: then it writes one line of
//! JSON, `{"method":"ring","frames":1000,"octets":74000}`, with the method in use at the end.

const std = @import("std");
const clock = @import("../src/sys/clock.zig");
const ethernet = @import("../src/wire/ethernet.zig");
const transmitter_file = @import("../src/sys/transmitter.zig");
const Method = transmitter_file.Method;
const Transmitter = transmitter_file.Transmitter;

/// As the sweep's.
const batch_size = 64;
/// Times 100 us.
const patience = 5_000;

/// Nobody's, and locally administered (IEEE 802, 8.4).
const header: ethernet.Header = .{
    .destination = .{ 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 },
    .source = .{ 0x02, 0x00, 0x00, 0x00, 0x00, 0x02 },
    .type = .ipv4,
};

const Arguments = struct {
    interface: [:0]const u8,
    method: Method,
    frame_size: usize,
    frame_count: u64,

    fn parse(words: []const [:0]const u8) error{Usage}!Arguments {
        if (words.len < 3 or words.len > 4) return error.Usage;
        const arguments: Arguments = .{
            .interface = words[0],
            .method = std.meta.stringToEnum(Method, words[1]) orelse return error.Usage,
            .frame_size = std.fmt.parseInt(usize, words[2], 10) catch return error.Usage,
            .frame_count = if (words.len < 4)
                std.math.maxInt(u64)
            else
                std.fmt.parseInt(u64, words[3], 10) catch return error.Usage,
        };
        const size = arguments.frame_size;
        const is_frame = size >= ethernet.header_size and size <= Transmitter.frame_size_max;
        return if (is_frame) arguments else error.Usage;
    }
};

fn run(init: std.process.Init) !void {
    const words = try init.minimal.args.toSlice(init.arena.allocator());
    const arguments: Arguments = try .parse(words[@min(1, words.len)..]);
    const interface_index = std.c.if_nametoindex(arguments.interface);
    if (interface_index <= 0) return error.NoInterface;
    clock.sharpenSleep();
    var transmitter: Transmitter =
        try .init(init.gpa, @intCast(interface_index), .{
            .batch_size = batch_size,
            .slot_size = arguments.frame_size,
            .method = arguments.method,
        });
    defer transmitter.deinit(init.gpa);
    @memset(transmitter.slots, 0);
    for (transmitter.frames) |frame| header.emit(frame.base[0..arguments.frame_size]);
    var frames: u64 = 0;
    var octets: u64 = 0;
    while (frames < arguments.frame_count) {
        const count = @min(batch_size, arguments.frame_count - frames);
        for (0..count) |_| transmitter.commit(arguments.frame_size);
        var sent: Transmitter.Sent = .{};
        try transmitter.flush(&sent, patience);
        frames += sent.frames;
        octets += sent.octets;
    }
    var buffer: [128]u8 = undefined;
    var output = std.Io.File.stdout().writerStreaming(init.io, &buffer);
    try output.interface.print("{f}\n", .{std.json.fmt(.{
        .method = transmitter.method(),
        .frames = frames,
        .octets = octets,
    }, .{})});
    try output.interface.flush();
}

pub fn main(init: std.process.Init) u8 {
    run(init) catch |err| {
        const message = switch (err) {
            error.Usage => "usage: bare INTERFACE measured|messages|ring|xdp FRAME_SIZE " ++
                "[FRAME_COUNT]",
            error.NoPermission => "Cannot open a packet socket: CAP_NET_RAW is missing",
            error.NoInterface => "Cannot send through the interface: it doesn't exist",
            else => @errorName(err),
        };
        std.debug.print("{s}\n", .{message});
        return if (err == error.Usage) 2 else 1;
    };
    return 0;
}
