//! The hosts behind the cable: what reaches them, and what they say. It knows neither a device nor
//! a clock: frames come in with the time, and go out to a cable.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const ethernet = @import("../src/wire/ethernet.zig");
const icmpv4 = @import("../src/wire/icmpv4.zig");
const icmpv6 = @import("../src/wire/icmpv6.zig");
const ip = @import("../src/wire/ip.zig");
const packet_socket = @import("../src/sys/packet_socket.zig");
const tcp = @import("../src/wire/tcp.zig");
const ChainStore = @import("chain_store.zig").ChainStore;
const checked = @import("checked.zig");
const control_messages = @import("control_messages.zig");
const counters_of = @import("counters.zig");
const Counters = counters_of.Counters;
const DelayLine = @import("delay_line.zig").DelayLine;
const gateway = @import("gateway.zig");
const Host = @import("host.zig").Host;
const neighbor = @import("neighbor.zig");
const packet = @import("packet.zig");
const path = @import("path.zig");
const Path = path.Path;
const plain_services = @import("plain_services.zig");
const refusal = @import("refusal.zig").refusal;
const Route = @import("route.zig").Route;
const service = @import("service.zig");
const SynCounts = @import("syn_counts.zig").SynCounts;
const tcp_server = @import("tcp_server.zig");
const TlsServer = @import("tls_server.zig").TlsServer;
const world_types = @import("world.zig");
const World = world_types.World;

/// Frames on their way, of up to 128 octets and above: half a second of both directions at the
/// highest rate the cable has been seen to carry.
const small_frame_count_max = 1024 * 1024;
const large_frame_count_max = 128 * 1024;

/// `Cable` takes frames away, with a VLAN tag put into them unless that is 0:
///
///     send(*Cable, vlan: u12, frame: []const u8) void
///
/// A frame is valid during `send`.
pub fn Internet(comptime Cable: type) type {
    return struct {
        world: *const World,
        cable: *Cable,
        counters: *Counters,
        path: Path,
        delay_line: DelayLine,
        server: tcp_server.Server(Self),
        tls: TlsServer,
        syn_counts: SynCounts,
        /// The time of the event that is being handled.
        now: u64,
        frame: [packet.frame_size_max]u8,

        const Self = @This();

        pub const Options = struct {
            world: *const World,
            chains: *const ChainStore,
            cable: *Cable,
            counters: *Counters,
            /// Monotonic, in nanoseconds.
            now: u64,
        };

        /// In place, since the server keeps a pointer to it.
        pub fn init(internet: *Self, allocator: std.mem.Allocator, options: Options) !void {
            const world = options.world;
            internet.* = .{
                .world = world,
                .cable = options.cable,
                .counters = options.counters,
                .path = try .init(allocator, world),
                .delay_line = try .init(.{
                    .small_count_max = small_frame_count_max,
                    .large_count_max = large_frame_count_max,
                    .now = options.now,
                }),
                .server = undefined,
                .tls = try .init(allocator, options.chains),
                .syn_counts = try .init(allocator, world),
                .now = options.now,
                .frame = undefined,
            };
            var secret: [16]u8 = @splat(0);
            std.mem.writeInt(u64, secret[0..8], world.seed, .little);
            internet.server = try .init(allocator, .{
                .connection_count_max = world.connection_count_max,
                .secret = secret,
                .now = options.now,
            }, internet);
        }

        /// Releases all but what the TLS server has allocated: pass an arena.
        pub fn deinit(internet: *Self, allocator: std.mem.Allocator) void {
            internet.server.deinit();
            internet.syn_counts.deinit(allocator);
            internet.delay_line.deinit();
            internet.path.deinit(allocator);
            internet.* = undefined;
        }

        /// Takes a frame off the cable. Times never go back, here and in `tick`.
        pub fn receive(internet: *Self, now: u64, frame: packet_socket.Frame) void {
            internet.now = now;
            const counters = internet.counters;
            counters.frames_received += 1;
            counters.octets_received += frame.wire_size;
            const view = ethernet.View.init(frame.octets) catch {
                counters.malformed += 1;
                return;
            };
            // Of two tags the kernel has taken out one.
            if (view.payload_offset != ethernet.header_size) {
                counters.misdirected += 1;
                return;
            }
            switch (view.etherType()) {
                .arp => {
                    counters.neighbor_requests += 1;
                    const vlan = frame.vlan;
                    const reply = neighbor.answerArp(internet.world, vlan, view, &internet.frame);
                    if (reply) |octets| internet.cable.send(vlan, octets);
                },
                .ipv4, .ipv6 => internet.receivePacket(frame, view),
                else => counters.outside += 1,
            }
        }

        /// Does what is due.
        pub fn tick(internet: *Self, now: u64) void {
            internet.now = now;
            while (internet.delay_line.next(now)) |item| internet.arrive(item.tag, item.octets);
            internet.server.tick(now);
        }

        /// When `tick` has something to do, even if no frame comes.
        pub fn nextDeadline(internet: *Self) ?u64 {
            const frame_at = internet.delay_line.nextDeadline();
            const server_at = internet.server.nextDeadline();
            return @min(frame_at orelse return server_at, server_at orelse return frame_at);
        }

        /// One line with a JSON object.
        pub fn writeCounters(internet: *Self, writer: *std.Io.Writer) std.Io.Writer.Error!void {
            try writer.writeByte('{');
            try counters_of.writeMembers(internet.counters.*, writer);
            try writer.writeAll(",\"forward\":{");
            try counters_of.writeMembers(internet.path.counters.get(.forward), writer);
            try writer.writeAll("},\"back\":{");
            try counters_of.writeMembers(internet.path.counters.get(.back), writer);
            try writer.writeAll("},\"connections\":{");
            try counters_of.writeMembers(internet.server.counters, writer);
            try writer.writeAll("},\"synchronize_per_address\":");
            try internet.syn_counts.writeHistogram(writer);
            try writer.writeAll("}\n");
        }

        fn receivePacket(internet: *Self, frame: packet_socket.Frame, view: ethernet.View) void {
            const counters = internet.counters;
            const received = ip.View.parse(view.payload()) catch {
                counters.malformed += 1;
                return;
            };
            switch (checked.check(view.payload(), received, frame.checksum)) {
                .right => {},
                .malformed => {
                    counters.malformed += 1;
                    return;
                },
                .wrong_checksum => {
                    counters.checksum_wrong += 1;
                    return;
                },
            }
            if (neighbor.isLinkLocal(received)) {
                counters.neighbor_requests += 1;
                const reply = neighbor.answerSolicitation(
                    internet.world,
                    frame.vlan,
                    view,
                    received,
                    &internet.frame,
                );
                if (reply) |octets| internet.cable.send(frame.vlan, octets);
                return;
            }
            const prefix_index = internet.world.prefixIndexOf(received.destination) orelse {
                if (!received.destination.eql(gateway.addressFor(received.destination))) {
                    counters.outside += 1;
                }
                return;
            };
            const host: Host = .at(internet.world, prefix_index, received.destination);
            const prefix = host.prefix();
            if (prefix.vlan != frame.vlan or
                !std.mem.eql(u8, &view.destination(), &neighbor.hardwareOf(host)))
            {
                counters.misdirected += 1;
                return;
            }
            internet.count(prefix_index, received);

            const header_size = @intFromPtr(received.payload.ptr) - @intFromPtr(view.octets.ptr);
            const octets = view.octets[0 .. header_size + received.payload.len];
            if (octets.len - ethernet.header_size > prefix.mtu) {
                counters.oversized += 1;
                return internet.send(host, view.source(), received.source, .{ .packet_too_big = .{
                    .quote = octets[ethernet.header_size..],
                    .mtu = prefix.mtu,
                } });
            }
            internet.travel(.forward, host, octets);
        }

        /// The independent count, before the path loses any of it.
        fn count(internet: *Self, prefix_index: u16, received: ip.View) void {
            const counters = internet.counters;
            if (received.protocol != tcp.protocol) {
                counters.other_received += 1;
                return;
            }
            const segment: tcp.View = .{ .octets = received.payload };
            const flags = segment.flags();
            if (flags.synchronize) {
                counters.synchronize_received += 1;
                internet.syn_counts.add(prefix_index, received.destination);
            }
            if (flags.reset) counters.reset_received += 1;
            if (flags.finish) counters.finish_received += 1;
            const data_size = segment.payload().len;
            if (data_size > 0) counters.data_received += 1;
            counters.data_octets_received += data_size;
        }

        /// Carries a frame along the path of a host: at once, later, twice, or never.
        fn travel(internet: *Self, direction: path.Direction, host: Host, octets: []const u8) void {
            const arrivals = internet.path.carry(
                host.prefix_index,
                direction,
                host.roundTripNs(),
                octets.len,
                internet.now,
            );
            const tag: DelayLine.Tag = .{
                .direction = direction,
                .prefix_index = host.prefix_index,
            };
            for (arrivals.at[0..arrivals.count]) |at| {
                if (at <= internet.now) {
                    internet.arrive(tag, octets);
                } else if (!internet.delay_line.add(at, tag, octets)) {
                    internet.counters.undelayed += 1;
                }
            }
        }

        /// The other end of `travel`.
        fn arrive(internet: *Self, tag: DelayLine.Tag, octets: []const u8) void {
            switch (tag.direction) {
                .forward => internet.deliver(tag.prefix_index, octets),
                .back => {
                    const vlan = internet.world.prefixes[tag.prefix_index].vlan;
                    internet.cable.send(vlan, octets);
                },
            }
        }

        /// A frame that has reached its host, checked when it came off the cable.
        fn deliver(internet: *Self, prefix_index: u16, octets: []const u8) void {
            const link: ethernet.View = .{
                .octets = octets,
                .payload_offset = ethernet.header_size,
            };
            const arrived = ip.View.parse(link.payload()) catch unreachable;
            const host: Host = .at(internet.world, prefix_index, arrived.destination);
            switch (arrived.protocol) {
                tcp.protocol => internet.deliverSegment(host, link, arrived),
                else => if (host.exists()) {
                    const reply = control_messages.replyTo(arrived, link.payload()) orelse return;
                    internet.send(host, link.source(), arrived.source, reply);
                },
            }
        }

        fn deliverSegment(
            internet: *Self,
            host: Host,
            link: ethernet.View,
            arrived: ip.View,
        ) void {
            const segment: tcp.Segment = .parse(.{ .octets = arrived.payload });
            const route: Route = .{
                .peer = arrived.source,
                .peer_hardware = link.source(),
                .host = arrived.destination,
                .prefix_index = host.prefix_index,
            };
            switch (host.portState(segment.destination_port)) {
                .open => internet.server.receive(internet.now, route, host, segment),
                .closed => if (refusal(segment)) |reset| internet.transmit(route, reset),
                .silent => {},
                .unreachable_port => internet.send(host, link.source(), arrived.source, .{
                    .port_unreachable = link.payload(),
                }),
                .unreachable_host => internet.send(host, link.source(), arrived.source, .{
                    .host_unreachable = link.payload(),
                }),
            }
        }

        /// Sends an ICMP message back, from the host or from the gateway before it.
        fn send(
            internet: *Self,
            host: Host,
            peer_hardware: ethernet.HardwareAddress,
            peer: Address,
            message: control_messages.Message,
        ) void {
            if (message.isError()) internet.counters.unreachable_sent += 1;
            const is_from_host = message.isFromHost();
            const place: packet.Packet = .{
                .source_hardware = neighbor.hardwareOf(host),
                .destination_hardware = peer_hardware,
                .source = if (is_from_host) host.replyAddress() else gateway.addressFor(peer),
                .destination = peer,
                .protocol = control_messages.protocolFor(peer),
                .time_to_live = if (is_from_host) host.timeToLive() else gateway.time_to_live,
                .payload_size = message.size(),
            };
            message.emit(place.emit(&internet.frame), place.source, place.destination);
            const size = place.headerSize() + place.payload_size;
            internet.travel(.back, host, internet.frame[0..size]);
        }

        // What the TCP server asks of its environment.

        pub fn transmit(internet: *Self, route: Route, segment: tcp.Segment) void {
            if (segment.flags.synchronize) internet.counters.synchronize_sent += 1;
            if (segment.flags.reset) internet.counters.reset_sent += 1;
            const host = internet.hostOf(route);
            const place: packet.Packet = .{
                .source_hardware = neighbor.hardwareOf(host),
                .destination_hardware = route.peer_hardware,
                .source = host.replyAddress(),
                .destination = route.peer,
                .protocol = tcp.protocol,
                .time_to_live = host.timeToLive(),
                .payload_size = segment.size(),
            };
            segment.emit(place.emit(&internet.frame), place.source, place.destination);
            const size = place.headerSize() + place.payload_size;
            internet.travel(.back, host, internet.frame[0..size]);
        }

        pub fn hostOf(internet: *const Self, route: Route) Host {
            return .at(internet.world, route.prefix_index, route.host);
        }

        pub fn greet(internet: *Self, host: Host, port: u16) service.Answer {
            _ = internet;
            return switch (host.service(port)) {
                .ssh => plain_services.ssh_greeting,
                .tls, .http, .mute => .{},
            };
        }

        pub fn answer(
            internet: *Self,
            host: Host,
            port: u16,
            entropy: u64,
            conversation: *service.Conversation,
            request: []const u8,
        ) service.Answer {
            return switch (host.service(port)) {
                .tls => internet.tls.answer(host, entropy, conversation, request),
                .http => plain_services.answerHttp(request),
                .ssh, .mute => plain_services.answerNothing(request),
            };
        }

        pub fn release(internet: *Self, response: *service.Response) void {
            internet.tls.release(response);
        }
    };
}
