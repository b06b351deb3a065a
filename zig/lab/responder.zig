//! responder: the simulated Internet behind one end of the lab's cable.
//!
//!     responder describe WORLD
//!     responder truth WORLD CHAINS [PREFIX...]
//!     responder run INTERFACE WORLD CHAINS
//!
//! `describe` writes the world as one JSON object, `truth` what there is to be found as NDJSON.
//! `run` answers for all of the world's prefixes. It writes `ready` when it listens; then each line
//! on stdin is a command (`counters` writes one JSON object), and the end of stdin, SIGTERM or
//! SIGINT ends it. Exit status: 0 done, 1 failed, 2 bad usage or bad world.

const std = @import("std");
const linux = std.os.linux;
const call = @import("../src/sys/call.zig");
const clock = @import("../src/sys/clock.zig");
const Cable = @import("cable.zig").Cable;
const ChainStore = @import("chain_store.zig").ChainStore;
const Counters = @import("counters.zig").Counters;
const describe = @import("describe.zig").describe;
const Diagnosis = @import("diagnosis.zig").Diagnosis;
const Internet = @import("internet.zig").Internet;
const truth = @import("truth.zig");
const World = @import("world.zig").World;
const world_file = @import("world_file.zig");

const usage =
    \\usage: responder describe WORLD
    \\       responder truth WORLD CHAINS [PREFIX...]
    \\       responder run INTERFACE WORLD CHAINS
;

/// 65,536 chains of 5 certificates come to less.
const chains_size_max = 1024 * 1024 * 1024;
const output_buffer_size = 256 * 1024;
/// Blocks of the ring that are read before timers get their turn.
const blocks_per_turn_max = 16;

const Command = enum { describe, truth, run };

/// What this process was started with, and how it speaks.
const Program = struct {
    init: std.process.Init,
    arguments: []const [:0]const u8,
    output: *std.Io.Writer,

    const Failure = error{ Usage, Refused, Failed };

    fn allocator(program: Program) std.mem.Allocator {
        return program.init.arena.allocator();
    }

    /// The caller frees it with the general allocator.
    fn readFile(program: Program, path: [:0]const u8, size_max: usize) Failure![]u8 {
        // What reaches the limit is refused.
        const limit: std.Io.Limit = .limited(size_max + 1);
        const folder: std.Io.Dir = .cwd();
        const gpa = program.init.gpa;
        return folder.readFileAlloc(program.init.io, path, gpa, limit) catch |err| {
            switch (err) {
                error.StreamTooLong => std.debug.print(
                    "Cannot read {s}: it has more than {d} octets\n",
                    .{ path, size_max },
                ),
                else => std.debug.print("Cannot read {s}: {s}\n", .{ path, switch (err) {
                    error.FileNotFound => "no such file",
                    error.IsDir => "it is a folder",
                    error.AccessDenied => "permission denied",
                    else => @errorName(err),
                } }),
            }
            return error.Refused;
        };
    }

    fn readWorld(program: Program, path: [:0]const u8) Failure!World {
        const text = try program.readFile(path, world_file.size_max);
        defer program.init.gpa.free(text);
        var diagnosis: Diagnosis = .{};
        return world_file.parse(program.allocator(), path, text, &diagnosis) catch |err| {
            switch (err) {
                error.InvalidWorld => std.debug.print("{s}\n", .{diagnosis.message()}),
                error.OutOfMemory => std.debug.print("Cannot read {s}: out of memory\n", .{path}),
            }
            return error.Refused;
        };
    }

    /// The text is that of the file.
    fn readChains(
        program: Program,
        world: *const World,
        path: [:0]const u8,
        text: []const u8,
    ) Failure!ChainStore {
        var diagnosis: Diagnosis = .{};
        const store = ChainStore.load(program.allocator(), path, text, &diagnosis) catch |err| {
            switch (err) {
                error.InvalidChains => std.debug.print("{s}\n", .{diagnosis.message()}),
                error.OutOfMemory => std.debug.print("Cannot read {s}: out of memory\n", .{path}),
            }
            return error.Refused;
        };
        if (store.chains.len == world.chain_count) return store;
        std.debug.print(
            "Cannot use {s}: it has {d} chains, and the world {d}; make it from this world\n",
            .{ path, store.chains.len, world.chain_count },
        );
        return error.Refused;
    }

    fn execute(program: Program) !void {
        const arguments = program.arguments;
        if (arguments.len < 1) return error.Usage;
        const command = std.meta.stringToEnum(Command, arguments[0]) orelse return error.Usage;
        switch (command) {
            .describe => {
                if (arguments.len != 2) return error.Usage;
                try describe(&try program.readWorld(arguments[1]), program.output);
            },
            .truth => {
                if (arguments.len < 3) return error.Usage;
                const world = try program.readWorld(arguments[1]);
                const text = try program.readFile(arguments[2], chains_size_max);
                defer program.init.gpa.free(text);
                const chains = try program.readChains(&world, arguments[2], text);
                try program.writeTruth(&world, &chains, arguments[3..]);
            },
            .run => {
                if (arguments.len != 4) return error.Usage;
                const world = try program.readWorld(arguments[2]);
                const text = try program.readFile(arguments[3], chains_size_max);
                var chains = try program.readChains(&world, arguments[3], text);
                // Nobody asks for the lines: the largest of three copies of a chain.
                chains.lines = &.{};
                program.init.gpa.free(text);
                try program.run(&world, &chains, arguments[1]);
            },
        }
        try program.output.flush();
    }

    fn writeTruth(
        program: Program,
        world: *const World,
        chains: *const ChainStore,
        prefixes: []const [:0]const u8,
    ) !void {
        var diagnosis: Diagnosis = .{};
        const ranges = truth.select(program.allocator(), world, prefixes, &diagnosis) catch |err| {
            if (err != error.InvalidPrefix) return err;
            std.debug.print("{s}\n", .{diagnosis.message()});
            return error.Refused;
        };
        try truth.write(world, chains.lines, ranges, program.output);
    }

    fn run(
        program: Program,
        world: *const World,
        chains: *const ChainStore,
        interface: [:0]const u8,
    ) !void {
        const arena = program.allocator();
        catchSignals();
        clock.sharpenSleep();
        var counters: Counters = .{};
        var cable = Cable.open(arena, interface, &counters) catch |err| {
            std.debug.print("Cannot listen on {s}: {s}\n", .{ interface, switch (err) {
                error.NoInterface => "there is no such interface",
                error.NoPermission => "CAP_NET_RAW is missing",
                else => @errorName(err),
            } });
            return error.Failed;
        };
        defer cable.deinit(arena);
        const internet = try arena.create(Internet(Cable));
        try internet.init(arena, .{
            .world = world,
            .chains = chains,
            .cable = &cable,
            .counters = &counters,
            .now = clock.now(),
        });
        try program.output.writeAll("ready\n");
        try program.output.flush();

        var control: Control = .{};
        while (!stop_requested.load(.monotonic) and !control.has_ended) {
            turn(internet, &cable);
            const deadline = internet.nextDeadline();
            if (!cable.wait(std.posix.STDIN_FILENO, clock.now(), deadline)) continue;
            control.read(std.posix.STDIN_FILENO);
            while (control.next()) |line| {
                if (!std.mem.eql(u8, line, "counters")) continue;
                cable.countMissed();
                try internet.writeCounters(program.output);
                try program.output.flush();
            }
        }
    }
};

/// Handles what has come and what is due.
fn turn(internet: *Internet(Cable), cable: *Cable) void {
    for (0..blocks_per_turn_max) |_| {
        var block = cable.ring.take() orelse break;
        const now = clock.now();
        while (block.next()) |frame| internet.receive(now, frame);
        block.release();
    }
    internet.tick(clock.now());
    cable.flush();
}

/// Lines that are read as they come.
const Control = struct {
    octets: [256]u8 = undefined,
    /// What has been read and no line has taken.
    start: usize = 0,
    end: usize = 0,
    has_ended: bool = false,

    /// Call when the descriptor can be read. A line that is too long ends the input.
    fn read(control: *Control, descriptor: linux.fd_t) void {
        const rest = control.octets[control.start..control.end];
        @memmove(control.octets[0..rest.len], rest);
        control.start = 0;
        const room = control.octets[rest.len..];
        const count = call.check(linux.read(descriptor, room.ptr, room.len)) catch 0;
        control.has_ended = count == 0;
        control.end = rest.len + count;
    }

    /// The next whole line, valid until the next `read`.
    fn next(control: *Control) ?[]const u8 {
        const rest = control.octets[control.start..control.end];
        const size = std.mem.findScalar(u8, rest, '\n') orelse return null;
        control.start += size + 1;
        return rest[0..size];
    }
};

var stop_requested: std.atomic.Value(bool) = .init(false);

fn requestStop(_: std.c.SIG) callconv(.c) void {
    stop_requested.store(true, .monotonic);
}

fn catchSignals() void {
    const action: std.posix.Sigaction = .{
        .handler = .{ .handler = requestStop },
        .mask = std.posix.sigemptyset(),
        .flags = 0,
    };
    std.posix.sigaction(.TERM, &action, null);
    std.posix.sigaction(.INT, &action, null);
}

pub fn main(init: std.process.Init) u8 {
    var buffer: [output_buffer_size]u8 = undefined;
    var output = std.Io.File.stdout().writerStreaming(init.io, &buffer);
    const arguments = init.minimal.args.toSlice(init.arena.allocator()) catch return 1;
    const program: Program = .{
        .init = init,
        .arguments = arguments[@min(1, arguments.len)..],
        .output = &output.interface,
    };
    program.execute() catch |err| switch (err) {
        error.Usage => {
            std.debug.print("{s}\n", .{usage});
            return 2;
        },
        // What was wrong has been said.
        error.Refused => return 2,
        error.Failed => return 1,
        else => {
            std.debug.print("Cannot go on: {s}\n", .{@errorName(err)});
            return 1;
        },
    };
    return 0;
}
