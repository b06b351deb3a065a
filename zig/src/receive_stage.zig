//! For tests and fuzzing: readers with everything that they work with, in memory. No socket is
//! open, so frames are handed to them one by one, and what they send stays in its slots.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Cookie = @import("cookie.zig").Cookie;
const Flights = @import("flights.zig").Flights;
const Hop = @import("hop.zig").Hop;
const HopTable = @import("hop_table.zig").HopTable;
const IndexSet = @import("index_set.zig").IndexSet;
const Inlet = @import("receive.zig").Inlet;
const Link = @import("hop.zig").Link;
const Manner = @import("receive.zig").Manner;
const Neighbors = @import("neighbors.zig").Neighbors;
const PortWindow = @import("port_window.zig").PortWindow;
const Receiver = @import("receive.zig").Receiver;
const Report = @import("receive.zig").Report;
const RouteInterval = @import("hop_table.zig").RouteInterval;
const RoundTrips = @import("round_trips.zig").RoundTrips;
const Target = @import("target_set.zig").Target;
const TargetSet = @import("target_set.zig").TargetSet;
const Template = @import("probe.zig").Template;
const Transmitter = @import("sys/transmitter.zig").Transmitter;
const Way = @import("way.zig").Way;
const neighbors_file = @import("neighbors.zig");
const ring = @import("ring.zig");
const shared = @import("shared.zig");

/// Two interfaces with Ethernet, the first with a VLAN beside it, and one without link header.
pub const links = struct {
    pub const plain: Link = .{
        .interface_index = 1,
        .framing = .ethernet,
        .vlan = 0,
        .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
        .mtu = 1500,
    };
    pub const tagged: Link = .{
        .interface_index = 1,
        .framing = .ethernet,
        .vlan = 100,
        .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
        .mtu = 1500,
    };
    pub const bare: Link = .{
        .interface_index = 2,
        .framing = .none,
        .vlan = 0,
        .local_hardware = @splat(0),
        .mtu = 1420,
    };
    pub const all = [_]Link{ plain, tagged, bare };
};

pub const gateway_hardware = [_]u8{ 2, 0, 0, 0, 0, 0xfe };

const ipv6_prefix: u128 = 0x2001_0db8 << 96;
/// Of the second network, that a gateway leads to.
const ipv6_far: u128 = ipv6_prefix | 1 << 80;

pub const sources = struct {
    pub const ipv4 = [_]Address{ .fromIpv4(.{ 192, 0, 2, 1 }), .fromIpv4(.{ 192, 0, 2, 2 }) };
    pub const ipv6 = [_]Address{ .fromInt(ipv6_prefix | 1), .fromInt(ipv6_prefix | 2) };
    pub const tagged = [_]Address{.fromIpv4(.{ 203, 0, 113, 1 })};
    pub const bare = [_]Address{.fromIpv4(.{ 10, 0, 0, 1 })};
    /// Those that this host does not have.
    pub const unowned = [_]Address{ ipv4[1], ipv6[1] };
};

/// One behind each hop. What the tests spoil are answers of these.
pub const targets = struct {
    pub const ipv4: Target = .{ .address = .fromIpv4(.{ 198, 51, 100, 7 }), .port = 443 };
    pub const ipv6: Target = .{ .address = .fromInt(ipv6_far | 7), .port = 443 };
    pub const tagged: Target = .{ .address = .fromIpv4(.{ 203, 0, 113, 7 }), .port = 443 };
    pub const bare: Target = .{ .address = .fromIpv4(.{ 10, 0, 0, 7 }), .port = 443 };
    pub const neighbor: Target = .{ .address = .fromIpv4(.{ 192, 0, 2, 130 }), .port = 443 };
    pub const neighbor_ipv6: Target = .{ .address = .fromInt(ipv6_prefix | 0xaa), .port = 443 };
    pub const all = [_]Target{ ipv4, ipv6, tagged, bare, neighbor, neighbor_ipv6 };
    /// In the set, but no route leads there.
    pub const unrouted: Target = .{ .address = .fromIpv4(.{ 100, 64, 0, 1 }), .port = 443 };
    /// A route leads there, but the set has a hole.
    pub const blocked: Target = .{ .address = .fromIpv4(.{ 198, 51, 100, 13 }), .port = 443 };
};

const parts: TargetSet.Parts = .{
    .ipv4 = &.{
        .{ .first = 0x0a00_0007, .last = 0x0a00_0007 },
        .{ .first = 0x6440_0001, .last = 0x6440_0001 },
        .{ .first = 0xc000_0280, .last = 0xc000_028f },
        .{ .first = 0xc633_6400, .last = 0xc633_640c },
        .{ .first = 0xc633_640e, .last = 0xc633_64ff },
        .{ .first = 0xcb00_7107, .last = 0xcb00_7109 },
    },
    .ipv6 = &.{ .init(ipv6_prefix | 0xaa, ipv6_prefix | 0xaa), .init(ipv6_far, ipv6_far | 0xff) },
    .ports = &.{ 80, 443 },
    .groups = &.{.{ .ipv4_count = 6, .ipv6_count = 2, .port_count = 2 }},
};

const hops = [_]Hop{
    .{
        .link = links.plain,
        .kind = .gateway,
        .next_hardware = gateway_hardware,
        .sources = &sources.ipv4,
    },
    .{
        .link = links.plain,
        .kind = .gateway,
        .next_hardware = gateway_hardware,
        .sources = &sources.ipv6,
    },
    .{
        .link = links.plain,
        .kind = .on_link,
        .next_hardware = @splat(0),
        .sources = &sources.ipv4,
    },
    .{
        .link = links.plain,
        .kind = .on_link,
        .next_hardware = @splat(0),
        .sources = &sources.ipv6,
    },
    .{
        .link = links.tagged,
        .kind = .gateway,
        .next_hardware = gateway_hardware,
        .sources = &sources.tagged,
    },
    .{
        .link = links.bare,
        .kind = .bare,
        .next_hardware = @splat(0),
        .sources = &sources.bare,
    },
};

/// By hop: the index of its link.
const hop_links = [hops.len]u16{ 0, 0, 0, 0, 1, 2 };

const routes = [_]RouteInterval{
    .{ .first = .fromIpv4(.{ 10, 0, 0, 0 }), .last = .fromIpv4(.{ 10, 255, 255, 255 }), .hop = 5 },
    .{
        .first = .fromIpv4(.{ 127, 0, 0, 0 }),
        .last = .fromIpv4(.{ 127, 255, 255, 255 }),
        .hop = RouteInterval.by_kernel,
    },
    .{ .first = .fromIpv4(.{ 192, 0, 2, 0 }), .last = .fromIpv4(.{ 192, 0, 2, 255 }), .hop = 2 },
    .{
        .first = .fromIpv4(.{ 198, 51, 100, 0 }),
        .last = .fromIpv4(.{ 198, 51, 100, 255 }),
        .hop = 0,
    },
    .{
        .first = .fromIpv4(.{ 203, 0, 113, 0 }),
        .last = .fromIpv4(.{ 203, 0, 113, 255 }),
        .hop = 4,
    },
    .{ .first = .fromInt(ipv6_prefix), .last = .fromInt(ipv6_prefix | (1 << 64) - 1), .hop = 3 },
    .{ .first = .fromInt(ipv6_far), .last = .fromInt(ipv6_far | (1 << 64) - 1), .hop = 1 },
};

const source_count_max = 2;

pub const ports: PortWindow = .{ .first = 32768, .count = 256 };
const cookie_key = [_]u8{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
/// One frame draws one at the most; a reader whose slots are full would send them.
const slot_count = 2;
const slot_size = Transmitter.frame_size_max + 14; // A multiple of the slots' alignment.
const flight_count = 1 << 10;

/// The time of day of the readers' turn, in microseconds, and its low half, as a frame that was
/// received just then is stamped.
pub const time_us: u64 = 1_700_000_000_000_000;
pub const stamp_us: u32 = @truncate(time_us);

const neighbor_options: neighbors_file.Options = .{
    .address_count_max = 8,
    .waiting_count_max = 8,
};

pub const Options = struct {
    manner: Manner = .leave,
    report: Report = .{ .open = true, .closed = true, .unreachable_target = true },
    /// Of each reader, in octets; a power of two.
    events_size: usize = 1024,
    /// Connections of each reader.
    flow_count: u32 = 0,
};

pub const Stage = struct {
    allocator: std.mem.Allocator,
    control: shared.Control,
    set: TargetSet,
    answered: IndexSet,
    unreachable_targets: IndexSet,
    deferred: IndexSet,
    cookie: Cookie,
    hop_table: HopTable,
    ways: [hops.len]Way,
    templates: [hops.len][source_count_max]Template,
    neighbors: Neighbors,
    flights: Flights,
    round_trips: RoundTrips,
    quit: std.atomic.Value(bool),
    readers: [2]Reader,

    const Reader = struct {
        channel: shared.Channel,
        events: []align(ring.alignment) u8,
        consumer: ring.Consumer,
        inlets: [links.all.len]Inlet,
        receiver: Receiver,
    };

    /// The address must not change afterwards.
    pub fn init(stage: *Stage, allocator: std.mem.Allocator, options: Options) !void {
        const set: TargetSet = try .init(allocator, parts, null);
        stage.* = .{
            .allocator = allocator,
            .control = std.mem.zeroes(shared.Control),
            .set = set,
            .answered = try .init(allocator, set.count, null),
            .unreachable_targets = try .init(allocator, set.count, null),
            .deferred = try .init(allocator, set.count, null),
            .cookie = .init(cookie_key),
            .hop_table = try .init(allocator, &hops, &routes),
            .ways = undefined,
            .templates = undefined,
            .neighbors = try .init(allocator, neighbor_options),
            .flights = try .init(allocator, flight_count),
            .round_trips = .{},
            .quit = .init(false),
            .readers = undefined,
        };
        for (&stage.ways, &stage.templates, hops, hop_links) |*way, *templates, hop, link| {
            const of_hop = templates[0..hop.sources.len];
            for (of_hop, hop.sources) |*template, source| template.* = .init(hop, source, .mss);
            way.* = .{ .hop = hop, .link = link, .templates = of_hop };
        }
        for (&stage.readers) |*reader| try stage.makeReader(reader, options);
    }

    fn makeReader(stage: *Stage, reader: *Reader, options: Options) !void {
        const allocator = stage.allocator;
        reader.channel = std.mem.zeroes(shared.Channel);
        const alignment: std.mem.Alignment = comptime .fromByteUnits(ring.alignment);
        reader.events = try allocator.alignedAlloc(u8, alignment, options.events_size);
        reader.consumer = .init(&reader.channel.events, reader.events);
        for (&reader.inlets, links.all) |*inlet, link| {
            inlet.* = .{
                .link = link,
                // Frames are read before they come, and sent after they are looked at: neither
                // ring nor carrier is met.
                .ring = undefined,
                .transmitter = .{
                    .slots = try allocator.alignedAlloc(u8, .@"64", slot_count * slot_size),
                    .slot_size = slot_size,
                    .frames = try allocator.alloc(std.posix.iovec, slot_count),
                    .interface_index = link.interface_index,
                },
            };
        }
        try reader.receiver.init(allocator, .{
            .control = &stage.control,
            .events = .init(&reader.channel.events, reader.events),
            .commands = undefined,
            .manner = options.manner,
            .report = options.report,
            .targets = &stage.set,
            .answered = &stage.answered,
            .unreachable_targets = &stage.unreachable_targets,
            .deferred = &stage.deferred,
            .cookie = stage.cookie,
            .ports = ports,
            .offer = .{ .maximum_segment_size = 1380 },
            .hops = &stage.hop_table,
            .ways = &stage.ways,
            .neighbors = &stage.neighbors,
            .unowned = &sources.unowned,
            .flights = &stage.flights,
            .round_trips = &stage.round_trips,
            .inlets = &reader.inlets,
            .reset_watches = &.{},
            .wakeup = undefined,
            .quit = &stage.quit,
        }, options.flow_count);
        reader.receiver.time_us = time_us;
    }

    pub fn deinit(stage: *Stage) void {
        const allocator = stage.allocator;
        for (&stage.readers) |*reader| {
            reader.receiver.deinit(allocator);
            for (&reader.inlets) |*inlet| {
                allocator.free(inlet.transmitter.frames);
                allocator.free(inlet.transmitter.slots);
            }
            allocator.free(reader.events);
        }
        stage.flights.deinit(allocator);
        stage.neighbors.deinit(allocator);
        stage.hop_table.deinit(allocator);
        stage.deferred.deinit();
        stage.unreachable_targets.deinit();
        stage.answered.deinit();
        stage.set.deinit(allocator);
    }

    /// Everything is as after `init`, but for the memory that sets have grown into.
    pub fn clear(stage: *Stage) !void {
        for ([_]*IndexSet{ &stage.answered, &stage.unreachable_targets, &stage.deferred }) |set| {
            var index: u64 = 0;
            while (set.count() > 0) : (index += 1) _ = set.remove(index);
        }
        stage.neighbors.deinit(stage.allocator);
        stage.neighbors = try .init(stage.allocator, neighbor_options);
        stage.control = std.mem.zeroes(shared.Control);
        for (&stage.readers) |*reader| {
            reader.channel = std.mem.zeroes(shared.Channel);
            reader.receiver.tally = .{};
            reader.receiver.has_news = false;
            reader.receiver.stray_resets.arrival = 0;
            for (&reader.inlets) |*inlet| inlet.transmitter.discard();
        }
    }

    pub fn setManner(stage: *Stage, manner: Manner) void {
        for (&stage.readers) |*reader| reader.receiver.environment.manner = manner;
    }

    /// Gives a frame to the first reader, as its link brought it just now, without a tag that the
    /// kernel took out.
    pub fn read(stage: *Stage, link: Link, octets: []const u8) void {
        stage.readBy(0, link, octets);
    }

    pub fn readBy(stage: *Stage, reader: usize, link: Link, octets: []const u8) void {
        stage.readers[reader].receiver.readFrame(&link, .{
            .octets = octets,
            .wire_size = @intCast(octets.len),
            .vlan = 0,
            .checksum = .unverified,
            .time_us = stamp_us,
        });
    }

    /// The first reader's oldest event that was not taken yet; null when there is none.
    pub fn takeReply(stage: *Stage) ?shared.Reply {
        return stage.take(0, .reply, shared.Reply);
    }

    pub fn takeReplyOf(stage: *Stage, reader: usize) ?shared.Reply {
        return stage.take(reader, .reply, shared.Reply);
    }

    pub fn takeHost(stage: *Stage) ?shared.HostFacts {
        return stage.take(0, .host, shared.HostFacts);
    }

    pub fn takeEnded(stage: *Stage) ?shared.Ended {
        return stage.take(0, .ended, shared.Ended);
    }

    /// Gives a command about the first reader's connection 0, as JavaScript does.
    pub fn command(stage: *Stage, kind: shared.CommandKind, payload: []const u8) void {
        stage.readers[0].receiver.obey(.{
            .kind = @intFromEnum(kind),
            .connection = 0,
            .payload = payload,
        });
    }

    fn take(stage: *Stage, reader: usize, kind: shared.EventKind, comptime Payload: type) ?Payload {
        const consumer = &stage.readers[reader].consumer;
        const record = consumer.peek() orelse return null;
        defer consumer.pop(record);
        std.debug.assert(record.kind == @intFromEnum(kind) and record.connection == 0);
        return std.mem.bytesToValue(Payload, record.payload[0..@sizeOf(Payload)]);
    }

    /// The oldest frame that the first reader has for a link; null when there is none. It is valid
    /// until the reader writes the next one.
    pub fn takeSent(stage: *Stage, link: Link) ?[]const u8 {
        return stage.takeSentOf(0, link);
    }

    pub fn takeSentOf(stage: *Stage, reader: usize, link: Link) ?[]const u8 {
        for (&stage.readers[reader].inlets) |*inlet| {
            if (!std.meta.eql(inlet.link, link)) continue;
            const transmitter = &inlet.transmitter;
            if (transmitter.pending == 0) return null;
            const index = transmitter.first;
            transmitter.first += 1;
            transmitter.pending -= 1;
            if (transmitter.pending == 0) transmitter.discard();
            return transmitter.slots[index * slot_size ..][0..transmitter.frames[index].len];
        } else unreachable;
    }

    pub fn indexOf(stage: *const Stage, target: Target) u64 {
        return stage.set.indexOf(target.address, target.port).?;
    }
};
