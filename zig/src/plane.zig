//! One run's packet plane: the sender's and the reader's threads with everything they own.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const HardwareAddress = @import("wire/ethernet.zig").HardwareAddress;
const Answered = @import("answered.zig").Answered;
const Cookie = @import("cookie.zig").Cookie;
const Guard = @import("sys/guard.zig").Guard;
const Permutation = @import("permutation.zig").Permutation;
const Receiver = @import("receive.zig").Receiver;
const ReceiveRing = @import("sys/packet_socket.zig").ReceiveRing;
const Sweep = @import("sweep.zig").Sweep;
const TargetSet = @import("target_set.zig").TargetSet;
const Transmitter = @import("sys/transmitter.zig").Transmitter;
const Wakeup = @import("sys/wakeup.zig").Wakeup;
const filter = @import("filter.zig");
const path = @import("path.zig");
const ring = @import("ring.zig");
const shared = @import("shared.zig");
const sweep_batch_size = @import("sweep.zig").batch_size;
const target_set = @import("target_set.zig");

/// The parts of a target set in flat arrays, as they cross the boundary. Copied: nothing is kept.
pub const Targets = extern struct {
    intervals: [*]const target_set.Interval,
    ports: [*]const u16,
    groups: [*]const target_set.Group,
    interval_count: u32,
    port_count: u32,
    group_count: u32,
    _padding: u32 = 0,

    /// InvalidTargets: there are none, or the parts contradict each other.
    pub fn build(
        targets: Targets,
        allocator: std.mem.Allocator,
    ) error{ OutOfMemory, InvalidTargets }!TargetSet {
        if (targets.group_count == 0) return error.InvalidTargets;
        return TargetSet.init(
            allocator,
            targets.intervals[0..targets.interval_count],
            targets.ports[0..targets.port_count],
            targets.groups[0..targets.group_count],
        ) catch |err| switch (err) {
            error.OutOfMemory => error.OutOfMemory,
            else => error.InvalidTargets,
        };
    }
};

/// The part of the permutation that one walk covers.
pub const Order = extern struct {
    seed: u64,
    shard_index: u32,
    shard_count: u32,

    /// InvalidArgument: there is no such shard.
    pub fn walk(order: Order, target_count: u64) error{InvalidArgument}!Permutation.Walk {
        if (order.shard_index >= order.shard_count) return error.InvalidArgument;
        const permutation: Permutation = .init(target_count, order.seed);
        return permutation.walk(order.shard_index, order.shard_count);
    }
};

pub const Config = extern struct {
    targets: Targets,
    order: Order,
    control: *shared.Control,
    /// The rings' memory; the sizes are powers of two, in octets.
    events: [*]align(ring.alignment) u8,
    commands: [*]align(ring.alignment) u8,
    events_size: u64,
    commands_size: u64,
    /// The run's secret behind its cookies.
    cookie_key: [16]u8,
    local: Address,
    local_hardware: HardwareAddress,
    gateway_hardware: HardwareAddress,
    interface_index: u32,
    mtu: u32,
    source_port_first: u16,
    source_port_count: u16,
    /// 0 leaves the source ports unguarded: the kernel then resets what it does not know. For tests
    /// only.
    guarded: u32,
    flow_capacity: u32,
    retries: u32,
    targets_max: u64,
    cooldown_ns: u64,
    queue_max: u64,
};

pub const Plane = struct {
    allocator: std.mem.Allocator,
    control: *shared.Control,
    targets: TargetSet,
    answered: Answered,
    unreachable_targets: Answered,
    guards: []Guard,
    ring: ReceiveRing,
    probes: Transmitter,
    replies: Transmitter,
    wakeup: Wakeup,
    sweep: Sweep,
    receiver: Receiver,
    quit: std.atomic.Value(bool) = .init(false),
    threads: [2]?std.Thread = @splat(null),

    /// Reserves everything a run needs; nothing is sent before `start`. The address must not change
    /// afterwards.
    pub fn init(plane: *Plane, allocator: std.mem.Allocator, config: *const Config) !void {
        const route: path.Path = .{
            .local = config.local,
            .local_hardware = config.local_hardware,
            .gateway_hardware = config.gateway_hardware,
            .mtu = try path.Path.usableMtu(config.mtu),
        };
        const ports: path.PortWindow =
            try .init(config.source_port_first, config.source_port_count);
        const event_room = Receiver.eventRoom(config.flow_capacity);
        if (config.flow_capacity == 0 or config.events_size < event_room) {
            return error.InvalidArgument;
        }
        plane.allocator = allocator;
        plane.control = config.control;
        plane.quit = .init(false);
        plane.threads = @splat(null);

        plane.targets = try config.targets.build(allocator);
        errdefer plane.targets.deinit(allocator);
        const walk = try config.order.walk(plane.targets.count);
        plane.answered = try Answered.init(allocator, plane.targets.count);
        errdefer plane.answered.deinit();
        plane.unreachable_targets = try Answered.init(allocator, plane.targets.count);
        errdefer plane.unreachable_targets.deinit();

        // Before any frame is read or sent: the kernel must not see an answer on an unguarded port.
        const guard_count = if (config.guarded != 0) ports.count else 0;
        plane.guards = try openGuards(allocator, ports.first, guard_count);
        errdefer closeGuards(allocator, plane.guards);
        var instructions: [filter.instruction_count_max]filter.Instruction = undefined;
        plane.ring = try ReceiveRing.open(config.interface_index, filter.generate(.{
            .addresses = &.{route.local},
            .port_first = ports.first,
            .port_last = ports.last(),
        }, &instructions));
        errdefer plane.ring.deinit();
        plane.probes = try Transmitter.init(allocator, config.interface_index, sweep_batch_size);
        errdefer plane.probes.deinit(allocator);
        plane.replies = try Transmitter.init(
            allocator,
            config.interface_index,
            Receiver.reply_batch_size,
        );
        errdefer plane.replies.deinit(allocator);
        plane.wakeup = try Wakeup.open();
        errdefer plane.wakeup.close();

        const cookie: Cookie = .{ .key = config.cookie_key };
        try plane.receiver.init(allocator, .{
            .control = plane.control,
            .events = .init(&plane.control.events, config.events[0..config.events_size]),
            .commands = .init(&plane.control.commands, config.commands[0..config.commands_size]),
            .targets = &plane.targets,
            .answered = &plane.answered,
            .unreachable_targets = &plane.unreachable_targets,
            .cookie = cookie,
            .route = route,
            .ports = ports,
            .ring = &plane.ring,
            .transmitter = &plane.replies,
            .wakeup = plane.wakeup,
            .quit = &plane.quit,
        }, config.flow_capacity);
        errdefer plane.receiver.deinit(allocator);

        plane.sweep = .{
            .control = plane.control,
            .plan = .{
                .targets_max = config.targets_max,
                .retries = config.retries,
                .cooldown_ns = config.cooldown_ns,
                .queue_max = config.queue_max,
            },
            .targets = &plane.targets,
            .walk = walk,
            .answered = &plane.answered,
            .cookie = cookie,
            .local = route.local,
            .ports = ports,
            .template = .init(route),
            .transmitter = &plane.probes,
            .quit = &plane.quit,
        };
    }

    /// Starts the reader, then the sender: no reply finds nobody listening.
    pub fn start(plane: *Plane) !void {
        plane.threads[0] = try std.Thread.spawn(.{}, Receiver.run, .{&plane.receiver});
        plane.threads[1] = try std.Thread.spawn(.{}, Sweep.run, .{&plane.sweep});
    }

    /// Ends both threads and releases everything.
    pub fn deinit(plane: *Plane) void {
        plane.quit.store(true, .release);
        plane.wakeup.signal();
        for (plane.threads) |thread| if (thread) |it| it.join();
        plane.receiver.deinit(plane.allocator);
        plane.wakeup.close();
        plane.replies.deinit(plane.allocator);
        plane.probes.deinit(plane.allocator);
        plane.ring.deinit();
        closeGuards(plane.allocator, plane.guards);
        plane.unreachable_targets.deinit();
        plane.answered.deinit();
        plane.targets.deinit(plane.allocator);
    }
};

fn openGuards(allocator: std.mem.Allocator, port_first: u16, port_count: u16) ![]Guard {
    const guards = try allocator.alloc(Guard, port_count);
    var opened: usize = 0;
    errdefer {
        for (guards[0..opened]) |guard| guard.close();
        allocator.free(guards);
    }
    while (opened < guards.len) : (opened += 1) {
        guards[opened] = try Guard.open(port_first + @as(u16, @intCast(opened)));
    }
    return guards;
}

fn closeGuards(allocator: std.mem.Allocator, guards: []Guard) void {
    for (guards) |guard| guard.close();
    allocator.free(guards);
}

test "a walk of no shard, and targets that are none, are refused" {
    const order: Order = .{ .seed = 1, .shard_index = 1, .shard_count = 2 };
    var walk = try order.walk(1000);
    try std.testing.expect(walk.next() != null);
    for ([_]u32{ 0, 1 }) |shard_count| {
        const wrong: Order = .{ .seed = 1, .shard_index = 1, .shard_count = shard_count };
        try std.testing.expectError(error.InvalidArgument, wrong.walk(1000));
    }
    const nothing: Targets = .{
        .intervals = &.{},
        .ports = &.{},
        .groups = &.{},
        .interval_count = 0,
        .port_count = 0,
        .group_count = 0,
    };
    try std.testing.expectError(error.InvalidTargets, nothing.build(std.testing.allocator));
}
