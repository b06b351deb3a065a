//! A scripted client for tests: a clock that only moves when told, literal segments in and out, and
//! a service of one line a request.

const std = @import("std");
const tcp = @import("../../src/wire/tcp.zig");
const Host = @import("../host.zig").Host;
const Route = @import("../route.zig").Route;
const service = @import("../service.zig");
const tcp_server = @import("../tcp_server.zig");
const world_types = @import("../world.zig");

pub const client_port = 40_000;
pub const host_port = 443;

pub const route: Route = .{
    .peer = .fromIpv4(.{ 192, 0, 2, 1 }),
    .peer_hardware = .{ 2, 0, 0, 0, 0, 1 },
    .host = .fromIpv4(.{ 198, 51, 100, 7 }),
    .prefix_index = 0,
};

/// What the scripts' hosts are like.
pub const default_prefix: world_types.Prefix = .{
    .first = .fromIpv4(.{ 198, 51, 100, 0 }),
    .last = .fromIpv4(.{ 198, 51, 100, 255 }),
    .length = 24,
    .window = .only(8192),
    .options = .only(.mss),
};

/// A segment in either direction, with what most of them share. The client begins at 1000; the
/// host at 5000, whatever its cookie is.
pub const Literal = struct {
    sequence: u32,
    acknowledgment: u32 = 0,
    flags: tcp.Flags = .{ .acknowledge = true },
    window: u16 = 16_384,
    options: tcp.Options = .{},
    payload: []const u8 = &.{},
};

pub const synchronize: Literal = .{
    .sequence = 1000,
    .flags = .{ .synchronize = true },
    .options = .{ .maximum_segment_size = 1460 },
};

pub const accepted: Literal = .{
    .sequence = 5000,
    .acknowledgment = 1001,
    .flags = .{ .synchronize = true, .acknowledge = true },
    .window = 8192,
    .options = .{ .maximum_segment_size = 1460 },
};

pub const Environment = struct {
    world: *const world_types.World,
    sent: [sent_max]Sent = undefined,
    sent_count: usize = 0,
    looked_at: usize = 0,

    greeting: []const u8 = "",
    /// To each line.
    response: []const u8 = "answer",
    /// Behind the response.
    after: service.After = .stay,
    is_endless: bool = false,
    ask_count: usize = 0,
    greet_count: usize = 0,
    /// Responses that were given and not released.
    open_count: usize = 0,
    last_entropy: u64 = 0,

    const sent_max = 128;

    const Sent = struct {
        route: Route,
        segment: tcp.Segment,
        payload: [1500]u8,
    };

    pub fn transmit(environment: *Environment, to: Route, segment: tcp.Segment) void {
        const sent = &environment.sent[environment.sent_count];
        sent.route = to;
        sent.segment = segment;
        @memcpy(sent.payload[0..segment.payload.len], segment.payload);
        sent.segment.payload = sent.payload[0..segment.payload.len];
        environment.sent_count += 1;
    }

    pub fn hostOf(environment: *Environment, to: Route) Host {
        return .at(environment.world, to.prefix_index, to.host);
    }

    pub fn greet(environment: *Environment, _: Host, port: u16) service.Answer {
        std.debug.assert(port == host_port);
        environment.greet_count += 1;
        return .{ .response = environment.respond(environment.greeting) };
    }

    pub fn answer(
        environment: *Environment,
        _: Host,
        port: u16,
        entropy: u64,
        _: *service.Conversation,
        request: []const u8,
    ) service.Answer {
        std.debug.assert(port == host_port);
        environment.ask_count += 1;
        environment.last_entropy = entropy;
        const end = std.mem.findScalar(u8, request, '\n') orelse {
            return .{ .response = environment.respond("") };
        };
        var response = environment.respond(environment.response);
        if (environment.is_endless) {
            response.pieces[1] = "more";
            response.is_endless = true;
        }
        return .{ .consumed = end + 1, .response = response, .after = environment.after };
    }

    pub fn release(environment: *Environment, response: *service.Response) void {
        environment.open_count -= 1;
        std.testing.allocator.free(response.owned.?);
    }

    /// Whatever is not released, or twice, the allocator finds.
    fn respond(environment: *Environment, octets: []const u8) service.Response {
        environment.open_count += 1;
        const half = octets.len / 2;
        const owned = std.testing.allocator.dupe(u8, octets[half..]) catch unreachable;
        return .{ .pieces = .{ octets[0..half], &.{} }, .owned = owned };
    }
};

pub const TestServer = tcp_server.Server(Environment);

pub const Script = struct {
    prefix: [1]world_types.Prefix,
    world: world_types.World,
    environment: Environment,
    server: TestServer,
    now: u64,
    /// The host's initial sequence number, less 5000.
    base: u32,

    pub fn create(prefix: world_types.Prefix, connection_count_max: u32) !*Script {
        const script = try std.testing.allocator.create(Script);
        errdefer std.testing.allocator.destroy(script);
        script.prefix = .{prefix};
        script.world = .{ .prefixes = &script.prefix };
        script.environment = .{ .world = &script.world };
        script.now = std.time.ns_per_s;
        script.base = 0;
        script.server = try .init(std.testing.allocator, .{
            .connection_count_max = connection_count_max,
            .secret = "an open secret!!".*,
            .now = script.now,
        }, &script.environment);
        return script;
    }

    /// Behind the handshake.
    pub fn createOpen(prefix: world_types.Prefix) !*Script {
        const script = try create(prefix, 4);
        errdefer script.destroy();
        script.feed(synchronize);
        script.learn();
        script.environment.looked_at = script.environment.sent_count;
        script.feed(.{ .sequence = 1001, .acknowledgment = 5001 });
        try script.expectNothing();
        return script;
    }

    pub fn destroy(script: *Script) void {
        script.server.deinit();
        std.debug.assert(script.environment.open_count == 0);
        std.testing.allocator.destroy(script);
    }

    /// Takes the last segment for the host's SYN-ACK.
    pub fn learn(script: *Script) void {
        const sent = &script.environment.sent[script.environment.sent_count - 1];
        std.debug.assert(sent.segment.flags.synchronize);
        script.base = sent.segment.sequence.toInt() -% 5000;
    }

    /// Lets time pass, with a tick whenever the server asks for one.
    pub fn wait(script: *Script, milliseconds: u64) void {
        const end = script.now + milliseconds * std.time.ns_per_ms;
        while (script.server.nextDeadline()) |deadline| {
            if (deadline > end) break;
            script.now = @max(script.now, deadline);
            script.server.tick(script.now);
        }
        script.now = end;
    }

    pub fn feed(script: *Script, literal: Literal) void {
        const host = script.environment.hostOf(route);
        script.server.receive(script.now, route, host, .{
            .source_port = client_port,
            .destination_port = host_port,
            .sequence = .fromInt(literal.sequence),
            .acknowledgment = if (literal.flags.acknowledge)
                .fromInt(literal.acknowledgment +% script.base)
            else
                .fromInt(0),
            .flags = literal.flags,
            .window = literal.window,
            .options = literal.options,
            .payload = literal.payload,
        });
    }

    /// The next segment that the host sent and the script has not looked at.
    pub fn expect(script: *Script, literal: Literal) !void {
        try script.expectFrom(route, literal);
    }

    pub fn expectFrom(script: *Script, from: Route, literal: Literal) !void {
        const environment = &script.environment;
        try std.testing.expect(environment.looked_at < environment.sent_count);
        const sent = &environment.sent[environment.looked_at];
        environment.looked_at += 1;
        try std.testing.expectEqualStrings(literal.payload, sent.segment.payload);
        const number = sent.segment.sequence.toInt();
        // Where nothing is acknowledged, a reset has a number of its own (RFC 9293, 3.10.7.1).
        const sequence = if (literal.sequence == 0) number else number -% script.base;
        try std.testing.expectEqualDeep(tcp.Segment{
            .source_port = host_port,
            .destination_port = client_port,
            .sequence = .fromInt(literal.sequence),
            .acknowledgment = .fromInt(literal.acknowledgment),
            .flags = literal.flags,
            .window = literal.window,
            .options = literal.options,
            .payload = literal.payload,
        }, tcp.Segment{
            .source_port = sent.segment.source_port,
            .destination_port = sent.segment.destination_port,
            .sequence = .fromInt(sequence),
            .acknowledgment = sent.segment.acknowledgment,
            .flags = sent.segment.flags,
            .window = sent.segment.window,
            .options = sent.segment.options,
            .payload = literal.payload,
        });
        try std.testing.expectEqualDeep(from, sent.route);
        if (environment.looked_at == environment.sent_count) script.forgetSent();
    }

    pub fn expectNothing(script: *Script) !void {
        const environment = &script.environment;
        try std.testing.expectEqual(0, environment.sent_count - environment.looked_at);
        script.forgetSent();
    }

    pub fn forgetSent(script: *Script) void {
        script.environment.sent_count = 0;
        script.environment.looked_at = 0;
    }

    /// No connection is left, nor anything of one.
    pub fn expectNone(script: *Script) !void {
        try script.expectNothing();
        try std.testing.expectEqual(0, script.server.table.count());
        try std.testing.expectEqual(0, script.server.counters.at_once);
        try std.testing.expectEqual(0, script.server.counters.half_open);
        try std.testing.expectEqual(0, script.server.requests.takenCount());
        try std.testing.expectEqual(0, script.environment.open_count);
        try std.testing.expectEqual(null, script.server.nextDeadline());
    }
};
