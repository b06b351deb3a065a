//! Frames at random, from nonsense to conversations, against every behavior on every kind of path;
//! every frame that goes back is judged.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const arp = @import("../src/wire/arp.zig");
const checksum = @import("../src/wire/checksum.zig");
const ethernet = @import("../src/wire/ethernet.zig");
const HardwareAddress = ethernet.HardwareAddress;
const icmpv4 = @import("../src/wire/icmpv4.zig");
const icmpv6 = @import("../src/wire/icmpv6.zig");
const ip = @import("../src/wire/ip.zig");
const ipv4 = @import("../src/wire/ipv4.zig");
const ndp = @import("../src/wire/ndp.zig");
const packet_socket = @import("../src/sys/packet_socket.zig");
const tcp = @import("../src/wire/tcp.zig");
const ChainStore = @import("chain_store.zig").ChainStore;
const checked = @import("checked.zig");
const Counters = @import("counters.zig").Counters;
const gateway = @import("gateway.zig");
const Host = @import("host.zig").Host;
const Internet = @import("internet.zig").Internet;
const neighbor = @import("neighbor.zig");
const packet = @import("packet.zig");
const test_client = @import("tls/test_client.zig");
const weighted = @import("weighted.zig");
const share_all = weighted.share_all;
const Weighted = weighted.Weighted;
const world_types = @import("world.zig");
const Prefix = world_types.Prefix;
const World = world_types.World;

const frame_count = 200_000;
const host_count = 64;
const frame_size_max = 1600;

const chains: ChainStore = .{
    .chains = &.{.{ .certificates = &.{ "leaf", "issuer" }, .key = .rsa }},
    .lines = &.{},
};

const requests = [_][]const u8{
    &test_client.hello_rfc8448,
    &test_client.hello_openssl,
    "GET / HTTP/1.1\r\nHost: lab\r\n\r\n",
    "SSH-2.0-fuzz\r\n",
};

/// A segment of a host, and where it can be answered.
const Heard = struct {
    host: Address,
    client: Address,
    segment: tcp.Segment,
};

/// Where a frame goes.
const Destination = struct {
    hardware: HardwareAddress,
    address: Address,

    fn host(to: Host) Destination {
        return .{ .hardware = neighbor.hardwareOf(to), .address = to.address };
    }

    fn gatewayOf(address: Address) Destination {
        return .{ .hardware = gateway.hardware, .address = gateway.addressFor(address) };
    }
};

/// The cable's other end. What it sends is a frame that a scanner could send.
const Scanner = struct {
    world: *const World,
    random: std.Random,
    /// Every address that a frame has come from, or that ARP has named as its sender's.
    senders: std.AutoHashMapUnmanaged(HardwareAddress, void) = .empty,
    heard: [64]Heard = undefined,
    heard_count: usize = 0,

    neighbor_replies: u64 = 0,
    synchronize_count: u64 = 0,
    reset_count: u64 = 0,
    error_count: u64 = 0,
    echo_count: u64 = 0,
    data_count: u64 = 0,
    finish_count: u64 = 0,

    /// What comes back from the hosts.
    pub fn send(scanner: *Scanner, vlan: u12, frame: []const u8) void {
        std.debug.assert(frame.len <= packet.frame_size_max);
        const link = ethernet.View.init(frame) catch unreachable;
        std.debug.assert(link.payload_offset == ethernet.header_size);
        std.debug.assert(scanner.senders.contains(link.destination()));
        if (link.etherType() == .arp) {
            const told: arp.Packet = .parse(arp.View.init(link.payload()) catch unreachable);
            std.debug.assert(told.operation == .reply);
            scanner.neighbor_replies += 1;
            return;
        }
        const received = ip.View.parseFrame(frame).?;
        const payload_end = @intFromPtr(received.payload.ptr) + received.payload.len;
        std.debug.assert(payload_end == @intFromPtr(frame.ptr) + frame.len);
        std.debug.assert(checked.check(link.payload(), received, .unverified) == .right);
        if (scanner.world.prefixIndexOf(received.source)) |prefix_index| {
            const prefix = &scanner.world.prefixes[prefix_index];
            std.debug.assert(link.payload().len <= prefix.mtu);
            if (!neighbor.isLinkLocal(received)) std.debug.assert(vlan == prefix.vlan);
        } else {
            std.debug.assert(received.source.eql(gateway.addressFor(received.source)));
        }
        switch (received.protocol) {
            tcp.protocol => scanner.hear(received),
            icmpv4.protocol => {
                const message = icmpv4.View.init(received.payload) catch unreachable;
                if (icmpv4.Echo.parse(message)) |echo| {
                    scanner.hearEcho(echo.kind == .reply);
                } else {
                    scanner.error_count += 1;
                }
            },
            icmpv6.protocol => {
                const message = icmpv6.View.init(received.payload) catch unreachable;
                if (icmpv6.Echo.parse(message)) |echo| {
                    scanner.hearEcho(echo.kind == .reply);
                } else if (message.messageType() == .neighbor_advertisement) {
                    scanner.neighbor_replies += 1;
                } else {
                    scanner.error_count += 1;
                }
            },
            else => unreachable,
        }
    }

    fn hear(scanner: *Scanner, received: ip.View) void {
        const view = tcp.View.init(received.payload) catch unreachable;
        var segment: tcp.Segment = .parse(view);
        if (segment.flags.synchronize) scanner.synchronize_count += 1;
        if (segment.flags.reset) scanner.reset_count += 1;
        if (segment.flags.finish) scanner.finish_count += 1;
        if (segment.payload.len > 0) scanner.data_count += 1;
        // The octets do not stay; how many they are has to be known.
        segment.sequence = segment.sequence.add(segment.sequenceCount());
        segment.payload = &.{};
        scanner.heard[scanner.heard_count % scanner.heard.len] = .{
            .host = received.source,
            .client = received.destination,
            .segment = segment,
        };
        scanner.heard_count += 1;
    }

    fn hearEcho(scanner: *Scanner, is_reply: bool) void {
        std.debug.assert(is_reply);
        scanner.echo_count += 1;
    }

    /// A frame without a mistake, and the VLAN it goes to.
    fn speak(scanner: *Scanner, buffer: *[frame_size_max]u8) struct { u12, []u8 } {
        const random = scanner.random;
        if (scanner.heard_count > 0 and random.uintLessThan(u8, 10) < 6) {
            const known = @min(scanner.heard_count, scanner.heard.len);
            const heard = scanner.heard[random.uintLessThan(usize, known)];
            const prefix_index = scanner.world.prefixIndexOf(heard.host).?;
            const host: Host = .at(scanner.world, prefix_index, heard.host);
            return .{ host.prefix().vlan, scanner.reply(buffer, .host(host), heard) };
        }
        const prefix_index = random.uintLessThan(u16, @intCast(scanner.world.prefixes.len));
        const first = scanner.world.prefixes[prefix_index].first.toInt();
        const address: Address = .fromInt(first + random.uintLessThan(u32, host_count));
        const host: Host = .at(scanner.world, prefix_index, address);
        const client = scanner.clientFor(address);
        const to: Destination = .host(host);
        const frame = switch (random.uintLessThan(u8, 10)) {
            0 => scanner.ask(buffer, address, client),
            1 => scanner.wrap(buffer, to, client, 17, 64, &(.{0} ** 8)),
            2 => scanner.ping(buffer, to, client),
            3 => scanner.ping(buffer, .gatewayOf(address), client),
            else => scanner.wrapSegment(buffer, to, client, .{
                .source_port = random.uintLessThan(u16, 16),
                .destination_port = scanner.port(),
                .sequence = .fromInt(random.int(u32)),
                .acknowledgment = .fromInt(0),
                .flags = .{ .synchronize = true },
                .window = 65_535,
                .options = .{ .maximum_segment_size = random.int(u16), .window_scale = 3 },
            }),
        };
        return .{ host.prefix().vlan, frame };
    }

    fn clientFor(scanner: *const Scanner, host: Address) Address {
        const number = scanner.random.uintLessThan(u8, 4);
        if (host.isIpv4()) return .fromIpv4(.{ 10, 99, 0, number });
        return .fromInt((0xfd99 << 112) + @as(u128, number) + 1);
    }

    fn port(scanner: *const Scanner) u16 {
        const known = [_]u16{ 443, 443, 80, 22, 81, 82 };
        return known[scanner.random.uintLessThan(usize, known.len)];
    }

    /// The segment that a client could send next.
    fn reply(scanner: *Scanner, buffer: *[frame_size_max]u8, to: Destination, heard: Heard) []u8 {
        const random = scanner.random;
        const said = heard.segment;
        const request = requests[random.uintLessThan(usize, requests.len)];
        const has_data = random.uintLessThan(u8, 3) == 0;
        return scanner.wrapSegment(buffer, to, heard.client, .{
            .source_port = said.destination_port,
            .destination_port = said.source_port,
            .sequence = said.acknowledgment,
            .acknowledgment = said.sequence,
            .flags = .{
                .acknowledge = true,
                .finish = random.uintLessThan(u8, 16) == 0,
                .reset = random.uintLessThan(u8, 32) == 0,
            },
            .window = random.int(u16),
            .options = if (said.options.timestamps) |timestamps|
                .{ .timestamps = .{ .value = random.int(u32), .echo = timestamps.value } }
            else
                .{},
            .payload = if (!has_data)
                ""
            else if (random.boolean())
                request
            else
                request[0..random.uintAtMost(usize, request.len)],
        });
    }

    fn ping(scanner: *Scanner, buffer: *[frame_size_max]u8, to: Destination, client: Address) []u8 {
        const zeros: [1500]u8 = @splat(0);
        const header_size = packet.ipHeaderSize(client) + icmpv4.header_size;
        const size = scanner.random.uintAtMost(usize, 1500 - header_size);
        const data = zeros[0 .. size >> scanner.random.uintLessThan(u4, 10)];
        var message: [1500]u8 = undefined;
        if (client.isIpv4()) {
            const echo: icmpv4.Echo =
                .{ .kind = .request, .identifier = 1, .sequence = 2, .data = data };
            echo.emit(&message);
            return scanner.wrap(buffer, to, client, 1, 64, message[0..echo.size()]);
        }
        const echo: icmpv6.Echo =
            .{ .kind = .request, .identifier = 1, .sequence = 2, .data = data };
        echo.emit(&message, client, to.address);
        return scanner.wrap(buffer, to, client, 58, 64, message[0..echo.size()]);
    }

    /// Who has the host's address, or the gateway's?
    fn ask(scanner: *Scanner, buffer: *[frame_size_max]u8, host: Address, client: Address) []u8 {
        const is_for_gateway = scanner.random.uintLessThan(u8, 4) == 0;
        const target = if (is_for_gateway) gateway.addressFor(client) else host;
        const hardware = scanner.hardwareAddress();
        if (!client.isIpv4()) {
            const solicitation: ndp.Message = .{
                .kind = .solicitation,
                .target = target,
                .hardware = hardware,
            };
            var message: [ndp.message_size_max]u8 = undefined;
            const group = ndp.solicitedNode(target);
            solicitation.emit(&message, client, group);
            const to: Destination = .{ .hardware = ethernet.broadcast, .address = group };
            return scanner.wrap(buffer, to, client, 58, ndp.hop_limit, &message);
        }
        const header: ethernet.Header = .{
            .destination = ethernet.broadcast,
            .source = hardware,
            .type = .arp,
        };
        const question: arp.Packet = .{
            .operation = .request,
            .sender_hardware = hardware,
            .sender = client,
            .target = target,
        };
        header.emit(buffer);
        question.emit(buffer[ethernet.header_size..]);
        return buffer[0 .. ethernet.header_size + arp.packet_size];
    }

    fn hardwareAddress(scanner: *const Scanner) HardwareAddress {
        return .{ 2, 0, 0, 0, 0, scanner.random.uintLessThan(u8, 4) };
    }

    fn wrapSegment(
        scanner: *Scanner,
        buffer: *[frame_size_max]u8,
        to: Destination,
        client: Address,
        segment: tcp.Segment,
    ) []u8 {
        var octets: [1500]u8 = undefined;
        segment.emit(&octets, client, to.address);
        return scanner.wrap(buffer, to, client, tcp.protocol, 64, octets[0..segment.size()]);
    }

    fn wrap(
        scanner: *Scanner,
        buffer: *[frame_size_max]u8,
        to: Destination,
        client: Address,
        protocol: u8,
        time_to_live: u8,
        payload: []const u8,
    ) []u8 {
        const place: packet.Packet = .{
            .source_hardware = scanner.hardwareAddress(),
            .destination_hardware = to.hardware,
            .source = client,
            .destination = to.address,
            .protocol = protocol,
            .time_to_live = time_to_live,
            .payload_size = payload.len,
        };
        @memcpy(place.emit(buffer), payload);
        return buffer[0 .. place.headerSize() + payload.len];
    }
};

/// Changes a frame in a few places, and returns what is left of it.
fn mutate(random: std.Random, frame: []u8, other: []const u8) []u8 {
    var rest = frame;
    for (0..random.uintLessThan(usize, 4) + 1) |_| {
        if (rest.len == 0) return rest;
        const at = random.uintLessThan(usize, rest.len);
        switch (random.uintLessThan(u8, 8)) {
            0 => rest = rest[0..at],
            1 => rest[at] = random.int(u8),
            2 => random.bytes(rest[at..]),
            3 => if (at < other.len) {
                const size = @min(rest.len, other.len) - at;
                @memcpy(rest[at..][0..size], other[at..][0..size]);
            },
            4 => {
                const interesting = [_]u8{ 0, 1, 6, 17, 44, 58, 0x45, 0x60, 0x81, 0xff };
                rest[at] = interesting[random.uintLessThan(usize, interesting.len)];
            },
            else => rest[at] ^= @as(u8, 1) << random.int(u3),
        }
    }
    return rest;
}

/// Puts a VLAN tag into a frame of `size` octets.
fn tag(random: std.Random, buffer: *[frame_size_max]u8, size: usize) []u8 {
    const place = ethernet.offset.ether_type;
    if (size < place) return buffer[0..size];
    const tagged = buffer[0 .. size + ethernet.tag_size];
    @memmove(tagged[place + ethernet.tag_size ..], buffer[place..size]);
    std.mem.writeInt(u16, tagged[place..][0..2], ethernet.tag_protocols[0], .big);
    std.mem.writeInt(u16, tagged[place + 2 ..][0..2], random.uintLessThan(u16, 10), .big);
    return tagged;
}

/// Makes the checksums right, where a frame still has any, so that it gets past them.
fn repair(frame: []u8) void {
    const link = ethernet.View.init(frame) catch return;
    const octets = frame[link.payload_offset..];
    const received = ip.View.parse(octets) catch return;
    if (received.source.isIpv4()) {
        const header = octets[0..(ipv4.View.init(octets) catch unreachable).headerSize()];
        std.mem.writeInt(u16, header[ipv4.offset.checksum..][0..2], 0, .big);
        const sum = checksum.of(header);
        std.mem.writeInt(u16, header[ipv4.offset.checksum..][0..2], sum, .big);
    }
    const start = @intFromPtr(received.payload.ptr) - @intFromPtr(frame.ptr);
    const payload = frame[start..][0..received.payload.len];
    const view = tcp.View.init(payload) catch return;
    if (received.protocol != tcp.protocol) {
        if (received.protocol == icmpv6.protocol and !received.source.isIpv4()) {
            icmpv6.writeChecksum(payload, received.source, received.destination);
        }
        return;
    }
    std.mem.writeInt(u16, payload[tcp.offset.checksum..][0..2], 0, .big);
    var sum: checksum.Sum = .{};
    sum.addPseudoHeader(received.source, received.destination, tcp.protocol, @intCast(payload.len));
    sum.addOctets(view.octets);
    std.mem.writeInt(u16, payload[tcp.offset.checksum..][0..2], sum.finish(), .big);
}

fn evenly(comptime Value: type, comptime values: []const Value) Weighted(Value) {
    var options: [values.len]Weighted(Value).Option = undefined;
    for (&options, values) |*option, value| {
        option.* = .{ .value = value, .share = share_all / values.len };
    }
    options[0].share += share_all % values.len;
    const constant = options;
    return .{ .options = &constant };
}

fn portRule(
    comptime number: u16,
    comptime states: []const world_types.PortState,
    service: world_types.Protocol,
) world_types.PortRule {
    return .{
        .ports = &.{.{ .first = number, .last = number }},
        .states = comptime evenly(world_types.PortState, states),
        .service = service,
    };
}

const plain_prefix: Prefix = .{
    .first = .fromIpv4(.{ 192, 0, 2, 0 }),
    .last = .fromIpv4(.{ 192, 0, 2, host_count - 1 }),
    .length = 26,
    .ports = &.{
        portRule(443, &.{.open}, .tls),
        portRule(80, &.{ .open, .closed, .silent }, .http),
        portRule(22, &.{ .open, .closed }, .ssh),
        portRule(81, &.{ .closed, .unreachable_port }, .mute),
    },
    .options = evenly(world_types.OptionProfile, std.enums.values(world_types.OptionProfile)),
};

/// Nothing is lost or doubled on the way back, so that all that was sent has to come.
const odd_prefix: Prefix = prefix: {
    var prefix = plain_prefix;
    prefix.hosts = 700_000;
    prefix.absent = evenly(world_types.PortState, &.{ .silent, .unreachable_host });
    prefix.behavior = evenly(world_types.Behavior, std.enums.values(world_types.Behavior));
    prefix.tls_retry = 300_000;
    prefix.tls_name = 300_000;
    prefix.round_trip = .only(.{ .first_ns = 0, .last_ns = 20 * std.time.ns_per_ms });
    prefix.forward = .{
        .loss = 50_000,
        .duplication = 50_000,
        .reordering = 50_000,
        .reordering_ns = 30 * std.time.ns_per_ms,
    };
    prefix.back = .{ .reordering = 50_000, .reordering_ns = 10 * std.time.ns_per_ms };
    prefix.elsewhere = 100_000;
    break :prefix prefix;
};

fn placed(prefix: Prefix, first: Address, vlan: u12, mtu: u16, on_link: bool) Prefix {
    var moved = prefix;
    moved.first = first;
    moved.last = .fromInt(first.toInt() + host_count - 1);
    moved.length = if (first.isIpv4()) 26 else 122;
    moved.vlan = vlan;
    moved.mtu = mtu;
    moved.on_link = on_link;
    return moved;
}

/// Where a frame belongs, found without the counters.
const Fate = union(enum) {
    refused,
    to_gateway,
    /// It reaches its prefix.
    reached: ip.View,

    fn of(world: *const World, frame: packet_socket.Frame) Fate {
        const link = ethernet.View.init(frame.octets) catch return .refused;
        if (link.payload_offset != ethernet.header_size) return .refused;
        const received = ip.View.parse(link.payload()) catch return .refused;
        const is_ip = link.etherType() == .ipv4 or link.etherType() == .ipv6;
        const is_foreign = switch (received.protocol) {
            icmpv4.protocol => !received.source.isIpv4(),
            icmpv6.protocol => received.source.isIpv4(),
            else => false,
        };
        if (!is_ip or is_foreign) return .refused;
        if (checked.check(link.payload(), received, frame.checksum) != .right) return .refused;
        if (neighbor.isLinkLocal(received)) return .refused;
        if (received.destination.eql(gateway.addressFor(received.destination))) return .to_gateway;
        const prefix_index = world.prefixIndexOf(received.destination) orelse return .refused;
        const host: Host = .at(world, prefix_index, received.destination);
        if (host.prefix().vlan != frame.vlan) return .refused;
        const is_right = std.mem.eql(u8, &link.destination(), &neighbor.hardwareOf(host));
        return if (is_right) .{ .reached = received } else .refused;
    }
};

fn refusedCount(counters: *const Counters) u64 {
    return counters.malformed + counters.checksum_wrong + counters.neighbor_requests +
        counters.outside + counters.misdirected;
}

test "whatever comes: nobody is told who did not ask, and the counters agree with each other" {
    const prefixes = [_]Prefix{
        placed(plain_prefix, .fromIpv4(.{ 192, 0, 2, 0 }), 0, 1500, true),
        placed(odd_prefix, .fromIpv4(.{ 198, 51, 100, 0 }), 7, 576, false),
        placed(plain_prefix, .fromIpv4(.{ 203, 0, 113, 0 }), 0, 1500, false),
        placed(plain_prefix, .fromInt(0x2001_0db8 << 96), 8, 1500, true),
        placed(odd_prefix, .fromInt(0x2001_0db8_0001 << 80), 0, 1280, false),
    };
    const world: World = .{
        .prefixes = &prefixes,
        .chain_count = chains.chains.len,
        // Less than could be open.
        .connection_count_max = 400,
    };
    var random_state: std.Random.DefaultPrng = .init(1);
    const random = random_state.random();
    var scanner: Scanner = .{ .world = &world, .random = random };
    defer scanner.senders.deinit(std.testing.allocator);
    var counters: Counters = .{};
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    var now: u64 = std.time.ns_per_s;
    const internet = try arena.allocator().create(Internet(Scanner));
    try internet.init(arena.allocator(), .{
        .world = &world,
        .chains = &chains,
        .cable = &scanner,
        .counters = &counters,
        .now = now,
    });
    defer internet.deinit(arena.allocator());
    internet.tls.flight_allocator = std.testing.allocator;

    var octet_count: u64 = 0;
    var refused: u64 = 0;
    var to_gateway: u64 = 0;
    var expected: Counters = .{};
    var last: [frame_size_max]u8 = @splat(0);
    for (0..frame_count) |_| {
        var buffer: [frame_size_max]u8 = undefined;
        var vlan, var octets = scanner.speak(&buffer);
        if (random.uintLessThan(u8, 16) == 0) vlan = random.uintLessThan(u12, 10);
        if (random.uintLessThan(u8, 4) == 0) octets = mutate(random, octets, &last);
        if (random.uintLessThan(u8, 32) == 0) octets = tag(random, &buffer, octets.len);
        if (random.boolean()) repair(octets);
        @memcpy(last[0..octets.len], octets);
        octet_count += octets.len;

        if (ethernet.View.init(octets)) |link| {
            try scanner.senders.put(std.testing.allocator, link.source(), {});
            if (arp.View.init(link.payload())) |asked| {
                try scanner.senders.put(std.testing.allocator, asked.senderHardware(), {});
            } else |_| {}
        } else |_| {}
        const frame: packet_socket.Frame = .{
            .octets = octets,
            .wire_size = @intCast(octets.len),
            .vlan = vlan,
            .checksum = random.enumValue(packet_socket.Frame.Checksum),
        };
        switch (Fate.of(&world, frame)) {
            .refused => refused += 1,
            .to_gateway => to_gateway += 1,
            .reached => |received| if (received.protocol == tcp.protocol) {
                const view: tcp.View = .{ .octets = received.payload };
                const flags = view.flags();
                expected.synchronize_received += @intFromBool(flags.synchronize);
                expected.finish_received += @intFromBool(flags.finish);
                expected.reset_received += @intFromBool(flags.reset);
                expected.data_received += @intFromBool(view.payload().len > 0);
                expected.data_octets_received += view.payload().len;
            } else {
                expected.other_received += 1;
            },
        }
        internet.receive(now, frame);
        try std.testing.expectEqual(refused, refusedCount(&counters));

        now += random.int(u64) >> random.intRangeAtMost(u6, 40, 50);
        if (random.boolean()) internet.tick(now);
        if (random.uintLessThan(u16, 1000) == 0) now += 100 * std.time.ns_per_ms;
    }
    const end = now + 1000 * std.time.ns_per_s;
    while (internet.nextDeadline()) |deadline| {
        try std.testing.expect(deadline < end);
        now = @max(now, deadline);
        internet.tick(now);
    }
    try std.testing.expectEqual(0, internet.server.table.count());

    try std.testing.expectEqual(frame_count, counters.frames_received);
    try std.testing.expectEqual(octet_count, counters.octets_received);
    inline for (.{
        "synchronize_received",
        "finish_received",
        "reset_received",
        "data_received",
        "data_octets_received",
        "other_received",
    }) |name| {
        try std.testing.expectEqual(@field(expected, name), @field(counters, name));
    }
    try std.testing.expectEqual(scanner.synchronize_count, counters.synchronize_sent);
    try std.testing.expectEqual(scanner.reset_count, counters.reset_sent);
    try std.testing.expectEqual(scanner.error_count, counters.unreachable_sent);
    try std.testing.expectEqual(0, counters.undelayed);
    // All that can happen did, and often.
    const connections = &internet.server.counters;
    const happened = .{
        .malformed = counters.malformed,
        .checksum_wrong = counters.checksum_wrong,
        .neighbor_requests = counters.neighbor_requests,
        .outside = counters.outside,
        .misdirected = counters.misdirected,
        .oversized = counters.oversized,
        .errors = counters.unreachable_sent,
        .other = counters.other_received,
        .to_gateway = to_gateway,
        .neighbor_replies = scanner.neighbor_replies,
        .echoes = scanner.echo_count,
        .data = scanner.data_count,
        .finishes = scanner.finish_count,
        .opened = connections.opened,
        .finished = connections.finished,
    };
    inline for (std.meta.fields(@TypeOf(happened))) |field| {
        const count = @field(happened, field.name);
        errdefer std.debug.print("{s} happened {d} times\n", .{ field.name, count });
        try std.testing.expect(count > 100);
    }
}
