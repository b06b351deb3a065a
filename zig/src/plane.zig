//! One run's packet plane: the sender's and the readers' threads with everything they own.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Flights = @import("flights.zig").Flights;
const Guard = @import("sys/guard.zig").Guard;
const Hop = @import("hop.zig").Hop;
const HopTable = @import("hop_table.zig").HopTable;
const IndexSet = @import("index_set.zig").IndexSet;
const Inlet = @import("receive.zig").Inlet;
const Link = @import("hop.zig").Link;
const Manner = @import("receive.zig").Manner;
const Neighbors = @import("neighbors.zig").Neighbors;
const Order = @import("targets.zig").Order;
const Outlet = @import("sweep.zig").Outlet;
const Permutation = @import("permutation.zig").Permutation;
const PortWindow = @import("port_window.zig").PortWindow;
const Receiver = @import("receive.zig").Receiver;
const ReceiveRing = @import("sys/packet_socket.zig").ReceiveRing;
const Report = @import("receive.zig").Report;
const ResetWatch = @import("sys/reset_watch.zig").ResetWatch;
const RoundTrips = @import("round_trips.zig").RoundTrips;
const Sweep = @import("sweep.zig").Sweep;
const TargetSet = @import("target_set.zig").TargetSet;
const Targets = @import("targets.zig").Targets;
const Transmitter = @import("sys/transmitter.zig").Transmitter;
const Wakeup = @import("sys/wakeup.zig").Wakeup;
const Way = @import("way.zig").Way;
const filter = @import("filter.zig");
const hop_table = @import("hop_table.zig");
const link_count_max = @import("receive.zig").link_count_max;
const neighbors_file = @import("neighbors.zig");
const probe = @import("probe.zig");
const ring = @import("ring.zig");
const shared = @import("shared.zig");
const tcp = @import("wire/tcp.zig");
const sweep_batch_size = @import("sweep.zig").batch_size;

/// Pointers are borrowed until the plane is closed.
pub const Config = extern struct {
    targets: Targets,
    order: Order,
    control: *shared.Control,
    /// One for each reader.
    channels: [*]shared.Channel,
    /// The rings' memory, the readers' one behind the other; the sizes are those of one, powers of
    /// two, in octets.
    events: [*]align(ring.alignment) u8,
    commands: [*]align(ring.alignment) u8,
    sender_events: [*]align(ring.alignment) u8,
    events_size: u64,
    commands_size: u64,
    sender_events_size: u64,
    hops: [*]const hop_table.HopConfig,
    routes: [*]const hop_table.RouteInterval,
    /// Of all hops.
    sources: [*]const Address,
    /// Those of `sources` that this host does not have.
    unowned: ?[*]const Address,
    hop_count: u32,
    route_count: u32,
    source_count: u32,
    unowned_count: u32,
    /// The run's secret behind its cookies.
    cookie_key: [16]u8,
    source_port_first: u16,
    source_port_count: u16,
    /// 0 leaves the source ports unguarded: the kernel then resets what it does not know. For tests
    /// only.
    guarded: u32,
    reader_count: u32,
    /// Connections of each reader at once.
    flow_capacity: u32,
    /// In octets: what the receive rings take together.
    receive_memory: u64,
    /// A `Manner`.
    manner: u32,
    report: Report,
    /// A `probe.Preset`.
    syn_options: u32,
    time_to_live: u32,
    retries: u32,
    /// Of the first pass, from `progress` on.
    targets_max: u64,
    progress: Progress,
    /// `cooldown_automatic` leaves it to the round trips seen.
    cooldown_ns: u64,
    queue_max: u64,
    /// How long an interface may take no frames before the sweep fails.
    blocked_ns_max: u64,

    pub const cooldown_automatic = std.math.maxInt(u64);
};

/// How far an earlier process had come with the same targets and order, as its `Control` said.
pub const Progress = extern struct {
    /// 0 where there was none.
    cursor: u64,
    repeat_cursor: u64,
    repeat_pass: u64,
};

/// Probes whose round trip can be told: enough for a hundred thousand a second and two seconds, in
/// as much memory as one huge page. With more, each would miss the processor's page table cache.
const flight_count = 1 << 18;

/// In octets: what is remembered of targets that routers call unreachable. Beyond it an error may
/// be told twice.
const unreachable_memory_max = 48 << 20;

pub const Plane = struct {
    allocator: std.mem.Allocator,
    /// Holds what has one size for the whole run.
    arena: std.heap.ArenaAllocator,
    control: *shared.Control,
    targets: TargetSet,
    answered: IndexSet,
    unreachable_targets: IndexSet,
    deferred: IndexSet,
    hops: HopTable,
    ways: []Way,
    links: []Link,
    neighbors: ?Neighbors,
    flights: Flights,
    round_trips: RoundTrips,
    guards: List(Guard),
    reset_watches: List(ResetWatch),
    outlets: List(Outlet),
    readers: List(Reader),
    sweep: Sweep,
    /// Where `nextSilent` is.
    silent_walk: Permutation.Walk,
    quit: std.atomic.Value(bool) = .init(false),
    sender_thread: ?std.Thread = null,

    /// A reader and what it alone uses.
    const Reader = struct {
        inlets: List(Inlet) = .empty,
        wakeup: Wakeup,
        receiver: Receiver,
        has_receiver: bool = false,
        thread: ?std.Thread = null,
    };

    fn List(comptime Item: type) type {
        return std.ArrayList(Item);
    }

    /// Reserves everything a run needs; nothing is sent before `start`. The address must not change
    /// afterwards.
    pub fn init(plane: *Plane, allocator: std.mem.Allocator, config: *const Config) !void {
        try check(config);
        const ports: PortWindow =
            try .init(config.source_port_first, config.source_port_count);
        plane.* = .{
            .allocator = allocator,
            .arena = .init(allocator),
            .control = config.control,
            .targets = undefined,
            .answered = undefined,
            .unreachable_targets = undefined,
            .deferred = undefined,
            .hops = undefined,
            .ways = undefined,
            .links = undefined,
            .neighbors = null,
            .flights = undefined,
            .round_trips = .{},
            .guards = .empty,
            .reset_watches = .empty,
            .outlets = .empty,
            .readers = .empty,
            .sweep = undefined,
            .silent_walk = undefined,
        };
        errdefer plane.arena.deinit();
        plane.targets = try config.targets.build(allocator, config.order.seed);
        errdefer plane.targets.deinit(allocator);
        plane.silent_walk = try config.order.walk(plane.targets.count);
        plane.answered = try .init(allocator, plane.targets.count, null);
        errdefer plane.answered.deinit();
        plane.unreachable_targets =
            try .init(allocator, plane.targets.count, unreachable_memory_max);
        errdefer plane.unreachable_targets.deinit();
        plane.deferred = try .init(allocator, plane.targets.count, null);
        errdefer plane.deferred.deinit();
        try plane.layWays(config);
        plane.flights = try .init(allocator, flight_count);
        errdefer plane.flights.deinit(allocator);
        if (plane.hasNeighbors()) plane.neighbors = try .init(allocator, .{});
        errdefer if (plane.neighbors) |*neighbors| neighbors.deinit(allocator);

        // Before any frame is read or sent: the kernel must not see an answer on an unguarded port.
        errdefer plane.closeReadersAndSockets();
        if (config.guarded != 0) try plane.openGuards(ports);
        try plane.openReaders(config, ports);
        try plane.openOutlets(ports);
        plane.sweep = plane.makeSweep(config, ports);
    }

    /// InvalidArgument: numbers that contradict each other, or go beyond a limit.
    fn check(config: *const Config) error{InvalidArgument}!void {
        const event_room = Receiver.eventRoom(config.flow_capacity);
        if (config.events_size < event_room) return error.InvalidArgument;
        if (config.reader_count == 0 or config.hop_count == 0) return error.InvalidArgument;
        if (config.manner > @intFromEnum(Manner.leave)) return error.InvalidArgument;
        const hands_over = config.manner == @intFromEnum(Manner.hand_over);
        if (hands_over and config.flow_capacity == 0) return error.InvalidArgument;
        if (config.syn_options > @intFromEnum(probe.Preset.none)) return error.InvalidArgument;
        if (config.time_to_live == 0 or config.time_to_live > std.math.maxInt(u8)) {
            return error.InvalidArgument;
        }
    }

    /// Makes the hops, the links that they share, and the probes that leave through each.
    fn layWays(plane: *Plane, config: *const Config) !void {
        const arena = plane.arena.allocator();
        const hops = try arena.alloc(Hop, config.hop_count);
        const links = try arena.alloc(Link, config.hop_count);
        plane.ways = try arena.alloc(Way, config.hop_count);
        const preset: probe.Preset = @enumFromInt(config.syn_options);
        const sources = config.sources[0..config.source_count];
        var link_count: usize = 0;
        for (hops, plane.ways, config.hops[0..config.hop_count]) |*hop, *way, *given| {
            hop.* = try given.hop(sources, @intCast(config.time_to_live));
            const link = for (links[0..link_count], 0..) |link, index| {
                if (std.meta.eql(link, hop.link)) break index;
            } else link_count;
            if (link == link_count) {
                if (link_count == link_count_max) return error.InvalidArgument;
                links[link] = hop.link;
                link_count += 1;
            }
            const templates = try arena.alloc(probe.Template, hop.sources.len);
            for (templates, hop.sources) |*template, source| {
                template.* = .init(hop.*, source, preset);
            }
            way.* = .{ .hop = hop.*, .link = @intCast(link), .templates = templates };
        }
        plane.links = links[0..link_count];
        plane.hops = try .init(arena, hops, config.routes[0..config.route_count]);
    }

    fn hasNeighbors(plane: *const Plane) bool {
        for (plane.ways) |*way| if (way.hop.kind == .on_link) return true;
        return false;
    }

    fn openGuards(plane: *Plane, ports: PortWindow) !void {
        const arena = plane.arena.allocator();
        try plane.guards.ensureTotalCapacityPrecise(arena, ports.count);
        for (0..ports.count) |offset| {
            plane.guards.appendAssumeCapacity(try .open(ports.first + @as(u16, @intCast(offset))));
        }
    }

    fn openReaders(plane: *Plane, config: *const Config, ports: PortWindow) !void {
        const arena = plane.arena.allocator();
        const unowned = if (config.unowned) |some| some[0..config.unowned_count] else &.{};
        // Readers point at each other's rings and into this list: it never moves.
        try plane.readers.ensureTotalCapacityPrecise(arena, config.reader_count);
        for (0..config.reader_count) |_| {
            plane.readers.appendAssumeCapacity(.{
                .wakeup = try .open(),
                .receiver = undefined,
            });
        }
        const ring_count = config.reader_count * plane.links.len;
        for (plane.links) |link| {
            var instructions: [filter.instruction_count_max]filter.Instruction = undefined;
            const passes = try plane.program(config, ports, link, &instructions);
            for (plane.readers.items, 0..) |*reader, index| {
                const first = &plane.readers.items[0].inlets;
                if (reader.inlets.capacity == 0) {
                    try reader.inlets.ensureTotalCapacityPrecise(arena, plane.links.len);
                }
                var receive_ring: ReceiveRing = try .open(.{
                    .interface_index = link.interface_index,
                    .program = passes,
                    .memory_size = @intCast(config.receive_memory / ring_count),
                    .fanout = if (config.reader_count == 1)
                        null
                    else if (index == 0)
                        .first
                    else
                        .{ .beside = &first.items[first.items.len - 1].ring },
                    // Questions for IPv6 addresses that the kernel does not have go to groups.
                    .all_groups = unowned.len > 0 and link.framing == .ethernet,
                });
                errdefer receive_ring.deinit();
                reader.inlets.appendAssumeCapacity(.{
                    .link = link,
                    .ring = receive_ring,
                    .transmitter = try .init(
                        plane.allocator,
                        link.interface_index,
                        .{ .batch_size = Receiver.reply_batch_size },
                    ),
                });
            }
        }
        for (plane.readers.items, 0..) |*reader, index| {
            const channel = &config.channels[index];
            const events = config.events + index * config.events_size;
            const commands = config.commands + index * config.commands_size;
            try reader.receiver.init(plane.allocator, .{
                .control = plane.control,
                .events = .init(&channel.events, @alignCast(events[0..config.events_size])),
                .commands = .init(&channel.commands, @alignCast(commands[0..config.commands_size])),
                .manner = @enumFromInt(config.manner),
                .report = config.report,
                .targets = &plane.targets,
                .answered = &plane.answered,
                .unreachable_targets = &plane.unreachable_targets,
                .deferred = &plane.deferred,
                .cookie = .init(config.cookie_key),
                .ports = ports,
                .offer = plane.offer(@enumFromInt(config.syn_options)),
                .hops = &plane.hops,
                .ways = plane.ways,
                .neighbors = if (plane.neighbors) |*neighbors| neighbors else null,
                .unowned = unowned,
                .flights = &plane.flights,
                .round_trips = &plane.round_trips,
                .inlets = reader.inlets.items,
                .reset_watches = &.{},
                .wakeup = reader.wakeup,
                .quit = &plane.quit,
            }, config.flow_capacity);
            reader.has_receiver = true;
        }
    }

    fn offer(plane: *const Plane, preset: probe.Preset) tcp.Options {
        var segment_size_max: u16 = std.math.maxInt(u16);
        for (plane.ways) |*way| {
            segment_size_max = @min(segment_size_max, way.hop.segmentSizeMax());
        }
        var options = preset.offer(segment_size_max);
        // Without the option a peer sends what every TCP takes; we take more all the same.
        options.maximum_segment_size = segment_size_max;
        return options;
    }

    /// What concerns the scan of the frames that a link brings.
    fn program(
        plane: *const Plane,
        config: *const Config,
        ports: PortWindow,
        link: Link,
        buffer: *[filter.instruction_count_max]filter.Instruction,
    ) ![]const filter.Instruction {
        const arena = plane.arena.child_allocator;
        var addresses: std.ArrayList(Address) = .empty;
        defer addresses.deinit(arena);
        // A link without link header has none.
        var has_neighbors = config.unowned_count > 0 and link.framing == .ethernet;
        for (plane.ways) |*way| {
            if (!std.meta.eql(plane.links[way.link], link)) continue;
            try addresses.appendSlice(arena, way.hop.sources);
            if (way.hop.kind == .on_link) has_neighbors = true;
        }
        var prefixes: [filter.prefix_count_max]filter.Prefix = undefined;
        return filter.generate(.{
            .addresses = filter.summarize(addresses.items, &prefixes),
            .port_first = ports.first,
            .port_last = ports.last(),
            .has_link_header = link.framing == .ethernet,
            .neighbors = has_neighbors,
        }, buffer);
    }

    fn openOutlets(plane: *Plane, ports: PortWindow) !void {
        const arena = plane.arena.allocator();
        try plane.outlets.ensureTotalCapacityPrecise(arena, plane.links.len);
        try plane.reset_watches.ensureTotalCapacityPrecise(arena, plane.links.len);
        for (plane.links) |link| {
            plane.outlets.appendAssumeCapacity(.{
                .interface_index = link.interface_index,
                .transmitter = try .init(plane.allocator, link.interface_index, .{
                    .batch_size = sweep_batch_size,
                    .slot_size = @max(probe.Template.copy_size, neighbors_file.frame_size_max),
                    .method = .measured,
                }),
            });
            plane.reset_watches.appendAssumeCapacity(try .open(
                link.interface_index,
                ports,
                link.framing == .ethernet,
            ));
        }
        plane.readers.items[0].receiver.environment.reset_watches = plane.reset_watches.items;
    }

    fn makeSweep(plane: *Plane, config: *const Config, ports: PortWindow) Sweep {
        var frame_size_max: u32 = 0;
        for (plane.ways) |*way| {
            for (way.templates) |*template| frame_size_max = @max(frame_size_max, template.size);
        }
        const is_automatic = config.cooldown_ns == Config.cooldown_automatic;
        const events = config.sender_events[0..config.sender_events_size];
        return .{
            .control = plane.control,
            .channels = config.channels[0..config.reader_count],
            .channel_fill_max = config.events_size / 2,
            .plan = .{
                .targets_max = config.targets_max,
                .progress = config.progress,
                .retries = config.retries,
                .cooldown = if (is_automatic) .automatic else .{ .fixed_ns = config.cooldown_ns },
                .queue_max = config.queue_max,
                .blocked_ns_max = config.blocked_ns_max,
            },
            .targets = &plane.targets,
            .walk = plane.silent_walk,
            .answered = &plane.answered,
            .unreachable_targets = &plane.unreachable_targets,
            .deferred = &plane.deferred,
            .cookie = .init(config.cookie_key),
            .ports = ports,
            .hops = &plane.hops,
            .ways = plane.ways,
            .neighbors = if (plane.neighbors) |*neighbors| neighbors else null,
            .flights = &plane.flights,
            .round_trips = &plane.round_trips,
            .outlets = plane.outlets.items,
            .events = .init(&plane.control.sender_events, events),
            .quit = &plane.quit,
            .frame_size_max = frame_size_max,
            .trail = .init(plane.silent_walk.cursor()),
        };
    }

    /// Starts the readers, then the sender: no reply finds nobody listening.
    pub fn start(plane: *Plane) !void {
        for (plane.readers.items) |*reader| {
            reader.thread = try std.Thread.spawn(.{}, Receiver.run, .{&reader.receiver});
        }
        plane.sender_thread = try std.Thread.spawn(.{}, Sweep.run, .{&plane.sweep});
    }

    /// Makes a reader look at its commands now.
    pub fn kick(plane: *const Plane, reader: usize) void {
        plane.readers.items[reader].wakeup.signal();
    }

    /// Ends the threads and releases everything.
    pub fn deinit(plane: *Plane) void {
        plane.quit.store(true, .release);
        for (plane.readers.items) |*reader| reader.wakeup.signal();
        if (plane.sender_thread) |thread| thread.join();
        for (plane.readers.items) |*reader| if (reader.thread) |thread| thread.join();
        plane.closeReadersAndSockets();
        if (plane.neighbors) |*neighbors| neighbors.deinit(plane.allocator);
        plane.flights.deinit(plane.allocator);
        plane.deferred.deinit();
        plane.unreachable_targets.deinit();
        plane.answered.deinit();
        plane.targets.deinit(plane.allocator);
        plane.arena.deinit();
    }

    /// Of whatever is open.
    fn closeReadersAndSockets(plane: *Plane) void {
        for (plane.outlets.items) |*outlet| outlet.transmitter.deinit(plane.allocator);
        for (plane.readers.items) |*reader| {
            if (reader.has_receiver) reader.receiver.deinit(plane.allocator);
            for (reader.inlets.items) |*inlet| {
                inlet.transmitter.deinit(plane.allocator);
                inlet.ring.deinit();
            }
            reader.wakeup.close();
        }
        for (plane.reset_watches.items) |*watch| watch.close();
        for (plane.guards.items) |guard| guard.close();
    }

    /// Writes the next of the targets that had the time to answer and kept silent, up to the length
    /// of `found`; returns how many: fewer only at the end. The sweep must be over or have been
    /// left.
    pub fn nextSilent(plane: *Plane, found: []shared.WalkTarget) usize {
        var filled: usize = 0;
        const steps_max = @atomicLoad(u64, &plane.control.cursor, .monotonic);
        while (filled < found.len and plane.silent_walk.cursor() < steps_max) {
            const index = plane.silent_walk.next() orelse break;
            if (plane.answered.contains(index)) continue;
            if (plane.unreachable_targets.contains(index)) continue;
            const target = plane.targets.at(index);
            if (plane.hops.find(target.address) != .hop) continue;
            found[filled] = .{ .address = target.address, .port = target.port };
            filled += 1;
        }
        return filled;
    }
};
