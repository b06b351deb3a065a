//! TCP as the hosts speak it, all of them at once: the passive side of RFC 9293, with what RFC 5961
//! (challenge acknowledgments), RFC 6298, RFC 7323 and RFC 5681 add to it.
//!
//! A host never opens a connection and never runs out of memory: when the table has no room for
//! another half-open connection, the SYN-ACK alone carries what was agreed (`syn_cookie.zig`).
//! Nor does it keep a TIME-WAIT: a late segment belongs to no connection, and is reset.

const std = @import("std");
const tcp = @import("../src/wire/tcp.zig");
const Host = @import("host.zig").Host;
const Route = @import("route.zig").Route;
const SynCookie = @import("syn_cookie.zig").SynCookie;
const ConnectionTable = @import("tcp/connection_table.zig").ConnectionTable;
const ExchangeOf = @import("tcp/exchange.zig").Exchange;
const RequestPool = @import("tcp/request_pool.zig").RequestPool;

/// Requests that wait for the rest of them, or for an earlier answer to be acknowledged: at a round
/// trip of a second and 20,000 connections a second all have room. Half a GiB of address space, of
/// which a request touches a page or two.
const request_count_max = 32 * 1024;
/// Above every segment that a path has room for, in octets.
const payload_size_max = 1500;

pub const Options = struct {
    /// Connections at once, half-open ones among them, which take at most half.
    connection_count_max: u32,
    /// Of the SYN cookies.
    secret: [16]u8,
    /// Nanoseconds, on the clock of all times here.
    now: u64,
};

pub const Counters = struct {
    /// Connections that were established, and those of them that a cookie proved.
    opened: u64 = 0,
    opened_by_cookie: u64 = 0,
    /// Established connections.
    at_once: u64 = 0,
    at_once_max: u64 = 0,
    /// Connections that have an entry and are not established.
    half_open: u64 = 0,
    half_open_max: u64 = 0,
    /// Half-open connections that nobody completed in time.
    half_open_forgotten: u64 = 0,
    /// Handshakes that could not be completed because the table was full.
    refused_full: u64 = 0,
    /// Connections that were reset because a request was too long, or the room for requests full.
    refused_request: u64 = 0,
    /// Segments that were sent again, SYN-ACKs among them.
    retransmissions: u64 = 0,
    /// Resets that ended a connection.
    resets_received: u64 = 0,
    /// Connections that were reset for lack of acknowledgments.
    given_up: u64 = 0,
    /// And for lack of anything.
    idle_reset: u64 = 0,
    /// Connections that ended with a FIN from both sides.
    finished: u64 = 0,
};

/// `Environment` carries segments and knows the services:
///
///     transmit(*Environment, Route, tcp.Segment) void
///     hostOf(*Environment, Route) Host
///     greet(*Environment, Host, port: u16) service.Answer
///     answer(*Environment, Host, port: u16, entropy: u64, *service.Conversation,
///         request: []const u8) service.Answer
///     release(*Environment, *service.Response) void
///
/// A segment's payload is valid during `transmit`. `greet` is asked once, when a connection is
/// established. `answer` is asked when everything before has been acknowledged, with all that the
/// client has said since. Each response of either is given to `release` once.
pub fn Server(comptime Environment: type) type {
    return struct {
        environment: *Environment,
        table: ConnectionTable,
        requests: RequestPool,
        cookie: SynCookie,
        /// Until then a SYN-ACK may come back that nothing was kept of.
        cookies_until: u64 = 0,
        counters: Counters = .{},
        payload: [payload_size_max]u8 = undefined,

        const Self = @This();
        const Exchange = ExchangeOf(Self);

        pub fn init(
            allocator: std.mem.Allocator,
            options: Options,
            environment: *Environment,
        ) !Self {
            var table: ConnectionTable =
                try .init(allocator, options.connection_count_max, options.now);
            errdefer table.deinit();
            return .{
                .environment = environment,
                .table = table,
                .requests = try .init(request_count_max),
                .cookie = .{ .secret = options.secret },
            };
        }

        /// Releases what is open, without a word to the clients.
        pub fn deinit(server: *Self) void {
            for (server.table.connections[0..server.table.untouched], 0..) |connection, number| {
                if (connection.state != .established or !connection.has_response) continue;
                server.environment.release(&server.table.dialogues[number].response);
            }
            server.requests.deinit();
            server.table.deinit();
            server.* = undefined;
        }

        /// Takes a segment to an open port.
        pub fn receive(
            server: *Self,
            now: u64,
            route: Route,
            host: Host,
            segment: tcp.Segment,
        ) void {
            var exchange: Exchange = .{
                .server = server,
                .now = now,
                .route = route,
                .host = host,
                .behavior = host.behavior(),
                .key = .{
                    .peer = route.peer,
                    .host = route.host,
                    .peer_port = segment.source_port,
                    .host_port = segment.destination_port,
                },
            };
            exchange.receive(segment);
        }

        /// Does what is due.
        pub fn tick(server: *Self, now: u64) void {
            while (server.table.nextDue(now)) |number| {
                const route = server.table.routeOf(number);
                const host = server.environment.hostOf(route);
                var exchange: Exchange = .{
                    .server = server,
                    .now = now,
                    .route = route,
                    .host = host,
                    .behavior = host.behavior(),
                    .key = server.table.keyOf(number),
                };
                exchange.expire(number);
            }
        }

        /// When `tick` has something to do, even if no segment comes.
        pub fn nextDeadline(server: *const Self) ?u64 {
            return server.table.nextDeadline();
        }
    };
}

test {
    _ = @import("tcp/round_trip.zig");
    _ = @import("tcp/request_pool.zig");
    _ = @import("tcp/handshake_test.zig");
    _ = @import("tcp/receiving_test.zig");
    _ = @import("tcp/sending_test.zig");
    _ = @import("tcp/behavior_test.zig");
    _ = @import("tcp/lossy_test.zig");
    _ = @import("tcp/capacity_test.zig");
    _ = @import("tcp/fuzz_test.zig");
}
