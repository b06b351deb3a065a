//! TCP as the hosts speak it, all of them at once: the passive side of RFC 9293, with what RFC 5961
//! (challenge acknowledgments), RFC 6298, RFC 7323 and RFC 5681 add to it.
//!
//! A host never opens a connection and never runs out of memory: when the table has no room for
//! another half-open connection, the SYN-ACK alone carries what was agreed (`syn_cookie.zig`).
//! It keeps no TIME-WAIT, since a client's initial sequence numbers are hashed into the server's.

const std = @import("std");
const tcp = @import("../src/wire/tcp.zig");
const Host = @import("host.zig").Host;
const refusal = @import("refusal.zig").refusal;
const Route = @import("route.zig").Route;
const service = @import("service.zig");
const Offered = @import("syn_cookie.zig").Offered;
const SynCookie = @import("syn_cookie.zig").SynCookie;
const Behavior = @import("world.zig").Behavior;
const Connection = @import("tcp/connection.zig").Connection;
const Dialogue = @import("tcp/connection.zig").Dialogue;
const ConnectionTable = @import("tcp/connection_table.zig").ConnectionTable;
const handshake = @import("tcp/handshake.zig");
const Key = @import("tcp/key.zig").Key;
const RequestPool = @import("tcp/request_pool.zig").RequestPool;
const sender_of = @import("tcp/sender.zig");

/// Of a half-open connection, until its SYN-ACK is sent once more; doubles each time.
const handshake_timeout_ns: u64 = std.time.ns_per_s;
/// The SYN-ACK is sent again after 1, 2, 4, 8 and 16 s. With the last one the entry is forgotten:
/// its cookie still opens a connection.
const handshake_repetition_count_max = 5;
/// A segment is sent again this often before the connection is given up.
const repetition_count_max = 6;
/// A connection on which nothing happens, and nothing is due, is reset.
const idle_timeout_ns = 60 * std.time.ns_per_s;
/// Requests in parts, all together: 64 MiB.
const request_count_max = 4096;
/// Above every segment that a path has room for, in octets.
const payload_size_max = 1500;

/// What `data_in_syn_ack` sends before it is asked.
const unasked_data = "data in SYN-ACK\n" ** 8;

comptime {
    // A cookie shows whether it was acknowledged: the number is a wrong one with it, and not just
    // another offer.
    std.debug.assert(unasked_data.len >= 1 << @bitSizeOf(Offered));
}

/// How far beyond the SYN `wrong_acknowledgment` and `spoofed_replies` acknowledge, in octets.
const wrong_acknowledgment_distance = 1000;

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
        counters: Counters = .{},
        payload: [payload_size_max]u8 = undefined,

        const Self = @This();

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
            // Neither opens a connection nor belongs to one (RFC 9293, 3.10.7.2).
            if (segment.flags.synchronize and segment.flags.finish) return;
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
            const number = server.table.find(exchange.key) orelse {
                return exchange.receiveUnknown(segment);
            };
            exchange.attach(number);
            switch (exchange.connection.state) {
                .free => unreachable, // Not in the index.
                .half_open => exchange.receiveHalfOpen(segment),
                .established => exchange.receiveEstablished(segment),
            }
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
                exchange.attach(number);
                exchange.expire();
            }
        }

        /// When `tick` has something to do, even if no segment comes.
        pub fn nextDeadline(server: *const Self) ?u64 {
            return server.table.nextDeadline();
        }

        /// One event: a segment or a timer, and the connection that it is for.
        const Exchange = struct {
            server: *Self,
            now: u64,
            route: Route,
            host: Host,
            behavior: Behavior,
            key: Key,
            /// Undefined until there is one.
            number: u32 = undefined,
            connection: *Connection = undefined,
            dialogue: *Dialogue = undefined,
            /// Something was sent that acknowledges.
            has_acknowledged: bool = false,

            /// The connection is gone; nothing of it may be touched any more.
            const Ended = error{Ended};

            fn attach(exchange: *Exchange, number: u32) void {
                exchange.number = number;
                exchange.connection = &exchange.server.table.connections[number];
                exchange.dialogue = &exchange.server.table.dialogues[number];
            }

            // Handshake.

            fn receiveUnknown(exchange: *Exchange, segment: tcp.Segment) void {
                if (segment.flags.reset) return;
                if (exchange.behavior == .silent_after_syn_ack) {
                    if (segment.flags.acknowledge) return;
                } else if (segment.flags.acknowledge) {
                    if (!segment.flags.synchronize and exchange.openByCookie(segment)) return;
                    return exchange.transmit(refusal(segment).?);
                }
                if (segment.flags.synchronize) exchange.open(segment);
            }

            fn open(exchange: *Exchange, synchronize: tcp.Segment) void {
                const server = exchange.server;
                const host = exchange.host;
                const offer: handshake.Offer = .of(synchronize, host);
                const agreement: handshake.Agreement = .init(offer, host.options());
                const sequence =
                    server.cookie.encode(&exchange.key, synchronize.sequence, offer.toCookie());
                exchange.remember(synchronize, sequence, offer, agreement);
                const synchronize_acknowledge = exchange.acceptance(
                    sequence,
                    synchronize.sequence.add(1),
                    agreement,
                    if (synchronize.options.timestamps) |timestamps| timestamps.value else 0,
                );
                if (exchange.behavior == .spoofed_replies) {
                    var spoofed = synchronize_acknowledge;
                    spoofed.acknowledgment =
                        spoofed.acknowledgment.add(wrong_acknowledgment_distance);
                    var route = exchange.route;
                    route.host = host.neighbor();
                    server.environment.transmit(route, spoofed);
                }
                exchange.transmit(synchronize_acknowledge);
            }

            /// Makes an entry of a SYN, if there is room for one and a use.
            fn remember(
                exchange: *Exchange,
                synchronize: tcp.Segment,
                sequence: tcp.SequenceNumber,
                offer: handshake.Offer,
                agreement: handshake.Agreement,
            ) void {
                const server = exchange.server;
                if (exchange.behavior == .silent_after_syn_ack) return;
                const half_open_max = server.table.connections.len / 2;
                if (server.counters.half_open >= half_open_max) return;
                const number = server.table.insert(exchange.key) orelse return;
                exchange.attach(number);
                exchange.connection.* = .{
                    .state = .half_open,
                    .sender = .init(
                        sequence,
                        sequence.add(1 + exchange.unaskedSize()),
                        exchange.segmentSize(offer, agreement),
                        exchange.nowMicroseconds(),
                    ),
                    .receive_next = synchronize.sequence.add(1),
                    .response_start = sequence.add(1),
                    .timestamp_echo = if (synchronize.options.timestamps) |timestamps|
                        timestamps.value
                    else
                        0,
                    .prefix_index = exchange.route.prefix_index,
                    .peer_hardware = exchange.route.peer_hardware,
                    .agreement = agreement,
                };
                server.counters.half_open += 1;
                server.counters.half_open_max =
                    @max(server.counters.half_open_max, server.counters.half_open);
                server.table.setDeadline(number, exchange.now + handshake_timeout_ns);
            }

            fn receiveHalfOpen(exchange: *Exchange, segment: tcp.Segment) void {
                const connection = exchange.connection;
                if (segment.flags.reset) {
                    if (!exchange.isInWindow(segment.sequence)) return;
                    exchange.server.counters.resets_received += 1;
                    return exchange.forget();
                }
                if (segment.flags.synchronize) {
                    if (segment.flags.acknowledge) return exchange.transmit(refusal(segment).?);
                    if (segment.sequence.add(1) != connection.receive_next) {
                        exchange.forget();
                        return exchange.open(segment);
                    }
                    if (segment.options.timestamps) |timestamps| {
                        connection.timestamp_echo = timestamps.value;
                    }
                    connection.sender.is_timing = false;
                    return exchange.transmitAcceptance();
                }
                if (!segment.flags.acknowledge) return;
                const acknowledgment = segment.acknowledgment;
                if (!connection.sender.unacknowledged.before(acknowledgment) or
                    connection.sender.highest.before(acknowledgment))
                {
                    return exchange.transmit(refusal(segment).?);
                }
                const offset = connection.receive_next.distance(segment.sequence);
                if (offset < 0 or offset > exchange.receiveWindow()) {
                    return exchange.transmitAcknowledgment();
                }
                exchange.server.counters.half_open -= 1;
                exchange.establish();
                exchange.receiveEstablished(segment);
            }

            /// Opens a connection for a segment that answers a SYN-ACK of ours; false if it does not.
            fn openByCookie(exchange: *Exchange, segment: tcp.Segment) bool {
                const server = exchange.server;
                const client = segment.sequence.add(std.math.maxInt(u32));
                const unasked_size = exchange.unaskedSize();
                // What came with the SYN-ACK may be acknowledged along with it, or not.
                var sequence = segment.acknowledgment.add(std.math.maxInt(u32));
                const offered = server.cookie.verify(&exchange.key, client, sequence) orelse second: {
                    if (unasked_size == 0) return false;
                    sequence = .fromInt(sequence.toInt() -% unasked_size);
                    break :second server.cookie.verify(&exchange.key, client, sequence) orelse
                        return false;
                };
                const number = server.table.insert(exchange.key) orelse {
                    // As if it were lost: the client comes back with its data.
                    server.counters.refused_full += 1;
                    return true;
                };
                exchange.attach(number);
                const offer: handshake.Offer = .fromCookie(offered);
                const agreement: handshake.Agreement = .init(offer, exchange.host.options());
                exchange.connection.* = .{
                    .state = .half_open,
                    .sender = .init(
                        sequence,
                        sequence.add(1 + unasked_size),
                        exchange.segmentSize(offer, agreement),
                        0,
                    ),
                    .receive_next = segment.sequence,
                    .response_start = sequence.add(1),
                    .prefix_index = exchange.route.prefix_index,
                    .peer_hardware = exchange.route.peer_hardware,
                    .agreement = agreement,
                };
                // When the SYN-ACK was sent, nobody knows.
                exchange.connection.sender.is_timing = false;
                server.counters.opened_by_cookie += 1;
                exchange.establish();
                exchange.receiveEstablished(segment);
                return true;
            }

            fn establish(exchange: *Exchange) void {
                const counters = &exchange.server.counters;
                counters.opened += 1;
                counters.at_once += 1;
                counters.at_once_max = @max(counters.at_once_max, counters.at_once);
                exchange.connection.state = .established;
                exchange.dialogue.clear();
                exchange.dialogue.conversation = .none;
                if (exchange.behavior == .data_in_syn_ack) {
                    exchange.dialogue.response.pieces[0] = unasked_data;
                }
            }

            // Segments of an established connection.

            fn receiveEstablished(exchange: *Exchange, segment: tcp.Segment) void {
                exchange.process(segment) catch |err| switch (err) {
                    error.Ended => {},
                };
            }

            /// RFC 9293, 3.10.7.4.
            fn process(exchange: *Exchange, segment: tcp.Segment) Ended!void {
                const connection = exchange.connection;
                if (segment.flags.reset) {
                    if (!exchange.isInWindow(segment.sequence)) return;
                    exchange.server.counters.resets_received += 1;
                    return exchange.end();
                }
                if (segment.flags.synchronize) return exchange.transmitAcknowledgment();
                if (!segment.flags.acknowledge) return;

                const window = exchange.receiveWindow();
                const offset: i64 = connection.receive_next.distance(segment.sequence);
                const count = segment.sequenceCount();
                const is_new = if (count == 0) offset >= 0 else offset + count > 0;
                const is_beyond = connection.sender.highest.before(segment.acknowledgment);
                if (!is_new or offset > window or is_beyond) {
                    return exchange.transmitAcknowledgment();
                }
                if (segment.options.timestamps) |timestamps| {
                    if (offset <= 0) connection.timestamp_echo = timestamps.value;
                }

                const is_progress = exchange.takeAcknowledgment(segment);
                const request = exchange.takeSequence(segment, offset, window);
                if (exchange.behavior == .resets_after_data and request.len > 0) {
                    return exchange.reset();
                }
                try exchange.converse(request);
                exchange.send();
                const is_due = count > 0 or exchange.receiveWindow() > window;
                if (is_due and !exchange.has_acknowledged) exchange.transmitAcknowledgment();
                try exchange.endIfFinished();
                exchange.wind(is_progress);
            }

            /// What the segment says of what we have sent; whether that is any news.
            fn takeAcknowledgment(exchange: *Exchange, segment: tcp.Segment) bool {
                const connection = exchange.connection;
                const sender = &connection.sender;
                const acknowledgment = segment.acknowledgment;
                if (acknowledgment.before(sender.unacknowledged)) return false;
                const window = @as(u32, segment.window) << connection.agreement.send_scale;
                const window_before = sender.window;
                sender.window = window;
                if (sender.unacknowledged.before(acknowledgment)) {
                    const now_us = exchange.nowMicroseconds();
                    if (sender.acknowledge(acknowledgment, now_us) == .partial) exchange.sendAgain();
                    exchange.dialogue.rebase(connection);
                    return true;
                }
                if (window_before == 0) {
                    // It answers our probes: nothing is wrong with it (RFC 9293, 3.8.6.1).
                    sender.repetition_count = 0;
                    if (window > 0) sender.round_trip.forgetBackOff();
                    return window > 0;
                }
                const is_duplicate = sender.isWaiting() and window == window_before and
                    segment.sequenceCount() == 0;
                if (is_duplicate and sender.acknowledgeAgain()) exchange.sendAgain();
                return false;
            }

            /// Moves on by what of the segment comes next, and returns its data.
            fn takeSequence(
                exchange: *Exchange,
                segment: tcp.Segment,
                offset: i64,
                window: u32,
            ) []const u8 {
                const connection = exchange.connection;
                if (offset > 0 or connection.has_peer_finished) return &.{};
                const fresh = segment.payload[@min(@as(usize, @intCast(-offset)), segment.payload.len)..];
                const payload = fresh[0..@min(fresh.len, window)];
                connection.receive_next = connection.receive_next.add(@intCast(payload.len));
                if (segment.flags.finish and payload.len == fresh.len) {
                    connection.receive_next = connection.receive_next.add(1);
                    connection.has_peer_finished = true;
                }
                return payload;
            }

            // Requests and responses.

            /// Has the service say what it has to say to what the client has said: `fresh`, and
            /// what was kept before.
            fn converse(exchange: *Exchange, fresh: []const u8) Ended!void {
                const connection = exchange.connection;
                switch (exchange.behavior) {
                    .never_answers, .answers_on_all_ports => return,
                    else => {},
                }
                if (connection.after != .stay) {
                    _ = try exchange.isTurn();
                    return;
                }
                var request = fresh;
                if (connection.request_size > 0) {
                    try exchange.keep(request);
                    request = &.{};
                }
                while (try exchange.isTurn()) {
                    if (!connection.has_greeted) {
                        connection.has_greeted = true;
                        const environment = exchange.server.environment;
                        exchange.say(environment.greet(exchange.host, exchange.key.host_port));
                        continue;
                    }
                    const is_kept = connection.request_size > 0;
                    const said = if (is_kept) exchange.kept() else request;
                    if (said.len == 0) {
                        if (!connection.has_peer_finished) return;
                        connection.after = .finish;
                        return;
                    }
                    const answer = exchange.ask(said);
                    std.debug.assert(answer.consumed <= said.len);
                    if (is_kept) {
                        exchange.drop(answer.consumed);
                    } else {
                        request = request[answer.consumed..];
                    }
                    exchange.say(answer);
                    const wants_more = answer.consumed == 0 and !connection.has_response and
                        answer.after == .stay;
                    if (!wants_more) continue;
                    if (said.len == RequestPool.size_max) return exchange.refuse();
                    // More will not come.
                    if (connection.has_peer_finished) connection.after = .finish;
                    break;
                }
                if (connection.after == .stay) try exchange.keep(request);
            }

            /// Whether the service is to be asked: all that it said has arrived, and it wants to go
            /// on.
            fn isTurn(exchange: *Exchange) Ended!bool {
                const connection = exchange.connection;
                const end_of_response = exchange.dialogue.stream(connection).end;
                if (connection.sender.unacknowledged.before(end_of_response)) return false;
                exchange.releaseResponse();
                exchange.dialogue.clear();
                connection.response_start = end_of_response;
                if (connection.after == .reset) return exchange.reset();
                return connection.after == .stay;
            }

            fn ask(exchange: *Exchange, request: []const u8) service.Answer {
                const connection = exchange.connection;
                const places = [_]u32{
                    connection.response_start.toInt(),
                    connection.receive_next.toInt(),
                };
                return exchange.server.environment.answer(
                    exchange.host,
                    exchange.key.host_port,
                    std.hash.Wyhash.hash(exchange.host.key, std.mem.asBytes(&places)),
                    &exchange.dialogue.conversation,
                    request,
                );
            }

            fn say(exchange: *Exchange, answer: service.Answer) void {
                const connection = exchange.connection;
                exchange.dialogue.response = answer.response;
                connection.after = answer.after;
                connection.has_response = true;
                if (answer.response.size() == 0) exchange.releaseResponse();
            }

            fn releaseResponse(exchange: *Exchange) void {
                if (!exchange.connection.has_response) return;
                exchange.connection.has_response = false;
                exchange.server.environment.release(&exchange.dialogue.response);
            }

            fn kept(exchange: *Exchange) []const u8 {
                const connection = exchange.connection;
                const buffer = &exchange.server.requests.buffers[connection.request_number];
                return buffer[0..connection.request_size];
            }

            /// Keeps what no answer has taken. A window never offers more than there is room for,
            /// except the first.
            fn keep(exchange: *Exchange, octets: []const u8) Ended!void {
                if (octets.len == 0) return;
                const connection = exchange.connection;
                const requests = &exchange.server.requests;
                if (connection.request_number == RequestPool.none) {
                    connection.request_number = requests.take() orelse return exchange.refuse();
                }
                const buffer = &requests.buffers[connection.request_number];
                const size: usize = connection.request_size;
                if (octets.len > buffer.len - size) return exchange.refuse();
                @memcpy(buffer[size..][0..octets.len], octets);
                connection.request_size = @intCast(size + octets.len);
            }

            /// Forgets the first octets of what was kept.
            fn drop(exchange: *Exchange, count: usize) void {
                const connection = exchange.connection;
                const buffer = &exchange.server.requests.buffers[connection.request_number];
                const rest = buffer[count..connection.request_size];
                @memmove(buffer[0..rest.len], rest);
                connection.request_size = @intCast(rest.len);
                if (rest.len == 0) exchange.giveRequest();
            }

            fn giveRequest(exchange: *Exchange) void {
                const connection = exchange.connection;
                if (connection.request_number == RequestPool.none) return;
                exchange.server.requests.give(connection.request_number);
                connection.request_number = RequestPool.none;
                connection.request_size = 0;
            }

            // Sending.

            /// Sends what both windows have room for.
            fn send(exchange: *Exchange) void {
                const sender = &exchange.connection.sender;
                const stream = exchange.dialogue.stream(exchange.connection);
                if (exchange.behavior == .one_byte_per_second) {
                    if (exchange.connection.clock != .idle) return;
                    const chunk = sender.take(stream, exchange.nowMicroseconds()) orelse return;
                    return exchange.transmitChunk(chunk, stream);
                }
                while (sender.take(stream, exchange.nowMicroseconds())) |chunk| {
                    exchange.transmitChunk(chunk, stream);
                }
            }

            fn sendAgain(exchange: *Exchange) void {
                const connection = exchange.connection;
                if (!connection.sender.isWaiting()) return;
                const stream = exchange.dialogue.stream(connection);
                exchange.transmitChunk(connection.sender.takeAgain(stream), stream);
            }

            /// Sets the clock by what is still to come; `is_progress` begins a new wait.
            fn wind(exchange: *Exchange, is_progress: bool) void {
                const connection = exchange.connection;
                const last = exchange.dialogue.stream(connection).last();
                const table = &exchange.server.table;
                const is_paced = exchange.behavior == .one_byte_per_second;
                // The wait for an acknowledgment is the pace, too.
                if (is_paced and connection.clock == .acknowledgment) return;
                if (connection.sender.unacknowledged.before(last)) {
                    if (connection.clock == .acknowledgment and !is_progress) return;
                    connection.clock = .acknowledgment;
                    const timeout_ns = connection.sender.round_trip.timeoutNs();
                    return table.setDeadline(exchange.number, exchange.now + timeout_ns);
                }
                connection.clock = .idle;
                table.setDeadline(exchange.number, exchange.now + idle_timeout_ns);
            }

            // Timers.

            fn expire(exchange: *Exchange) void {
                switch (exchange.connection.state) {
                    .free => unreachable, // It has no timer.
                    .half_open => exchange.expireHalfOpen(),
                    .established => exchange.expireEstablished() catch |err| switch (err) {
                        error.Ended => {},
                    },
                }
            }

            fn expireHalfOpen(exchange: *Exchange) void {
                const sender = &exchange.connection.sender;
                sender.repetition_count += 1;
                sender.is_timing = false;
                exchange.server.counters.retransmissions += 1;
                exchange.transmitAcceptance();
                if (sender.repetition_count == handshake_repetition_count_max) {
                    exchange.server.counters.half_open_forgotten += 1;
                    return exchange.forget();
                }
                const timeout_ns = handshake_timeout_ns << @intCast(sender.repetition_count);
                exchange.server.table.setDeadline(exchange.number, exchange.now + timeout_ns);
            }

            fn expireEstablished(exchange: *Exchange) Ended!void {
                const connection = exchange.connection;
                const sender = &connection.sender;
                const counters = &exchange.server.counters;
                const stream = exchange.dialogue.stream(connection);
                if (connection.clock == .idle) {
                    counters.idle_reset += 1;
                    return exchange.reset();
                }
                connection.clock = .idle;
                const is_paced = exchange.behavior == .one_byte_per_second;
                const is_overdue = sender.isWaiting() or sender.window == 0;
                if (sender.unacknowledged.before(stream.last()) and (is_overdue or !is_paced)) {
                    if (sender.repetition_count == repetition_count_max) {
                        counters.given_up += 1;
                        return exchange.reset();
                    }
                    sender.expire();
                    if (sender.window == 0) {
                        exchange.transmitChunk(sender.takeProbe(stream), stream);
                    }
                }
                exchange.send();
                exchange.wind(true);
            }

            // Ends.

            fn endIfFinished(exchange: *Exchange) Ended!void {
                const connection = exchange.connection;
                if (!connection.has_peer_finished or connection.after != .finish) return;
                const last = exchange.dialogue.stream(connection).last();
                if (connection.sender.unacknowledged != last) return;
                exchange.server.counters.finished += 1;
                return exchange.end();
            }

            fn refuse(exchange: *Exchange) Ended {
                exchange.server.counters.refused_request += 1;
                return exchange.reset();
            }

            /// Ends with a reset where the client expects the next octet, as far as we know.
            fn reset(exchange: *Exchange) Ended {
                const sender = &exchange.connection.sender;
                var segment = exchange.acknowledgmentSegment();
                segment.sequence = if (sender.window == 0) sender.unacknowledged else sender.highest;
                segment.flags.reset = true;
                exchange.transmit(segment);
                return exchange.end();
            }

            fn end(exchange: *Exchange) Ended {
                exchange.releaseResponse();
                exchange.giveRequest();
                exchange.server.counters.at_once -= 1;
                exchange.server.table.remove(exchange.number);
                return error.Ended;
            }

            /// Ends what is half-open.
            fn forget(exchange: *Exchange) void {
                exchange.server.counters.half_open -= 1;
                exchange.server.table.remove(exchange.number);
            }

            // Segments.

            /// The SYN-ACK.
            fn acceptance(
                exchange: *const Exchange,
                sequence: tcp.SequenceNumber,
                acknowledgment: tcp.SequenceNumber,
                agreement: handshake.Agreement,
                timestamp_echo: u32,
            ) tcp.Segment {
                const host = exchange.host;
                const behavior = exchange.behavior;
                return .{
                    .source_port = exchange.key.host_port,
                    .destination_port = exchange.key.peer_port,
                    .sequence = sequence,
                    .acknowledgment = if (behavior == .wrong_acknowledgment)
                        acknowledgment.add(wrong_acknowledgment_distance)
                    else
                        acknowledgment,
                    .flags = .{ .synchronize = true, .acknowledge = true },
                    .window = if (behavior == .zero_window) 0 else host.window(),
                    .options = agreement.options(host, .{
                        .value = exchange.nowMilliseconds(),
                        .echo = timestamp_echo,
                    }),
                    .payload = if (behavior == .data_in_syn_ack) unasked_data else &.{},
                };
            }

            fn transmitAcceptance(exchange: *Exchange) void {
                const connection = exchange.connection;
                exchange.transmit(exchange.acceptance(
                    connection.sender.unacknowledged,
                    connection.receive_next,
                    connection.agreement,
                    connection.timestamp_echo,
                ));
            }

            fn acknowledgmentSegment(exchange: *const Exchange) tcp.Segment {
                const connection = exchange.connection;
                const scale = connection.agreement.receiveScale(exchange.host.options());
                const window = @min(exchange.receiveWindow() >> scale, std.math.maxInt(u16));
                return .{
                    .source_port = exchange.key.host_port,
                    .destination_port = exchange.key.peer_port,
                    .sequence = connection.sender.next,
                    .acknowledgment = connection.receive_next,
                    .flags = .{ .acknowledge = true },
                    .window = @intCast(window),
                    .options = .{
                        .timestamps = if (connection.agreement.has_timestamps) .{
                            .value = exchange.nowMilliseconds(),
                            .echo = connection.timestamp_echo,
                        } else null,
                    },
                };
            }

            fn transmitAcknowledgment(exchange: *Exchange) void {
                exchange.transmit(exchange.acknowledgmentSegment());
            }

            fn transmitChunk(
                exchange: *Exchange,
                chunk: sender_of.Chunk,
                stream: sender_of.Stream,
            ) void {
                const server = exchange.server;
                const payload = server.payload[0..chunk.size];
                if (chunk.size > 0) {
                    const start = exchange.connection.response_start;
                    const offset: u32 = @intCast(start.distance(chunk.sequence));
                    exchange.dialogue.response.read(offset, payload);
                }
                var segment = exchange.acknowledgmentSegment();
                segment.sequence = chunk.sequence;
                segment.payload = payload;
                segment.flags.finish = chunk.has_finish;
                segment.flags.push = chunk.size > 0 and
                    chunk.sequence.add(chunk.size) == stream.end;
                exchange.has_acknowledged = true;
                if (chunk.is_repeated) server.counters.retransmissions += 1;
                exchange.transmit(segment);
            }

            fn transmit(exchange: *Exchange, segment: tcp.Segment) void {
                exchange.server.environment.transmit(exchange.route, segment);
            }

            // Facts.

            /// How much the client may send, in octets.
            fn receiveWindow(exchange: *const Exchange) u32 {
                if (exchange.behavior == .zero_window) return 0;
                const request_size = exchange.connection.request_size;
                if (request_size > 0) return RequestPool.size_max - request_size;
                return @max(exchange.host.window(), RequestPool.size_max);
            }

            /// Whether a reset is meant for the connection (RFC 9293, 3.10.7.4).
            fn isInWindow(exchange: *const Exchange, sequence: tcp.SequenceNumber) bool {
                const offset = exchange.connection.receive_next.distance(sequence);
                return offset == 0 or offset > 0 and offset < exchange.receiveWindow();
            }

            fn unaskedSize(exchange: *const Exchange) u32 {
                return if (exchange.behavior == .data_in_syn_ack) unasked_data.len else 0;
            }

            fn segmentSize(
                exchange: *const Exchange,
                offer: handshake.Offer,
                agreement: handshake.Agreement,
            ) u16 {
                if (exchange.behavior == .one_byte_per_second) return 1;
                return agreement.segmentSize(offer, exchange.host);
            }

            fn nowMicroseconds(exchange: *const Exchange) u32 {
                return @truncate(exchange.now / std.time.ns_per_us);
            }

            fn nowMilliseconds(exchange: *const Exchange) u32 {
                return @truncate(exchange.now / std.time.ns_per_ms);
            }
        };
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
    _ = @import("tcp/fuzz_test.zig");
}
