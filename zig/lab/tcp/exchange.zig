//! What one segment, or one timer, does to one connection: RFC 9293, 3.10.7, from the host's side.

const std = @import("std");
const tcp = @import("../../src/wire/tcp.zig");
const Host = @import("../host.zig").Host;
const refusal = @import("../refusal.zig").refusal;
const Route = @import("../route.zig").Route;
const request_size_max = @import("../service.zig").request_size_max;
const service = @import("../service.zig");
const Offered = @import("../syn_cookie.zig").Offered;
const Behavior = @import("../world.zig").Behavior;
const Connection = @import("connection.zig").Connection;
const Dialogue = @import("connection.zig").Dialogue;
const handshake = @import("handshake.zig");
const Key = @import("key.zig").Key;
const sender_of = @import("sender.zig");

/// Of a half-open connection, until its SYN-ACK is sent once more; doubles each time.
const handshake_timeout_ns: u64 = std.time.ns_per_s;
/// The SYN-ACK is sent again after 1, 2, 4, 8 and 16 s. With the last one the entry is forgotten:
/// its cookie still opens a connection.
const handshake_repetition_count_max = 5;
/// How long after a SYN-ACK that nothing was kept of a cookie counts. At other times an old
/// segment, come late or twice, would open a connection that its client knows nothing of.
const cookie_life_ns = 60 * std.time.ns_per_s;
/// A segment is sent again this often before the connection is given up.
const repetition_count_max = 8;
/// Between the octets of `one_byte_per_second`.
const pace_ns = std.time.ns_per_s;
/// A connection on which nothing happens, and nothing is due, is reset.
const idle_timeout_ns = 60 * std.time.ns_per_s;
/// What `data_in_syn_ack` sends before it is asked.
const unasked_data = "data in SYN-ACK\n" ** 8;

comptime {
    // A cookie shows whether it was acknowledged: the number is a wrong one with it, and not just
    // another offer.
    std.debug.assert(unasked_data.len >= 1 << @bitSizeOf(Offered));
}

/// How far beyond the SYN `wrong_acknowledgment` and `spoofed_replies` acknowledge, in octets.
const wrong_acknowledgment_distance = 1000;

/// One event: a segment or a timer, and the connection that it is for. `Server` is a
/// `tcp_server.Server`; this is the inside of it.
pub fn Exchange(comptime Server: type) type {
    return struct {
        server: *Server,
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

        const Self = @This();
        /// The connection is gone; nothing of it may be touched any more.
        const Ended = error{Ended};

        pub fn receive(exchange: *Self, segment: tcp.Segment) void {
            // Neither opens a connection nor belongs to one (RFC 9293, 3.10.7.2).
            if (segment.flags.synchronize and segment.flags.finish) return;
            const number = exchange.server.table.find(exchange.key) orelse {
                return exchange.receiveUnknown(segment);
            };
            exchange.attach(number);
            switch (exchange.connection.state) {
                .free => unreachable, // Not in the index.
                .half_open => exchange.receiveHalfOpen(segment),
                .established => exchange.receiveEstablished(segment),
            }
        }

        /// Does what is due on a connection.
        pub fn expire(exchange: *Self, number: u32) void {
            exchange.attach(number);
            switch (exchange.connection.state) {
                .free => unreachable, // It has no timer.
                .half_open => exchange.expireHalfOpen(),
                .established => exchange.expireEstablished() catch |err| switch (err) {
                    error.Ended => {},
                },
            }
        }

        fn attach(exchange: *Self, number: u32) void {
            exchange.number = number;
            exchange.connection = &exchange.server.table.connections[number];
            exchange.dialogue = &exchange.server.table.dialogues[number];
        }

        // Handshake.

        fn receiveUnknown(exchange: *Self, segment: tcp.Segment) void {
            if (segment.flags.reset) return;
            if (exchange.behavior == .silent_after_syn_ack) {
                if (segment.flags.acknowledge) return;
            } else if (segment.flags.acknowledge) {
                if (!segment.flags.synchronize and exchange.openByCookie(segment)) return;
                return exchange.transmit(refusal(segment).?);
            }
            if (segment.flags.synchronize) exchange.open(segment);
        }

        fn open(exchange: *Self, synchronize: tcp.Segment) void {
            const server = exchange.server;
            const host = exchange.host;
            const offer: handshake.Offer = .of(synchronize, host);
            const agreement: handshake.Agreement = .init(offer, host.options());
            const sequence =
                server.cookie.encode(&exchange.key, synchronize.sequence, offer.toCookie());
            if (exchange.behavior != .silent_after_syn_ack and
                !exchange.remember(synchronize, sequence, offer, agreement))
            {
                server.cookies_until = exchange.now + cookie_life_ns;
            }
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

        /// Makes an entry of a SYN; false when there is no room for one.
        fn remember(
            exchange: *Self,
            synchronize: tcp.Segment,
            sequence: tcp.SequenceNumber,
            offer: handshake.Offer,
            agreement: handshake.Agreement,
        ) bool {
            const server = exchange.server;
            const half_open_max = server.table.connections.len / 2;
            if (server.counters.half_open >= half_open_max) return false;
            const number = server.table.insert(exchange.key) orelse return false;
            exchange.attach(number);
            exchange.fill(sequence, synchronize.sequence.add(1), offer, agreement);
            if (synchronize.options.timestamps) |timestamps| {
                exchange.connection.timestamp_echo = timestamps.value;
            }
            server.counters.half_open += 1;
            server.counters.half_open_max =
                @max(server.counters.half_open_max, server.counters.half_open);
            server.table.setDeadline(number, exchange.now + handshake_timeout_ns);
            return true;
        }

        fn receiveHalfOpen(exchange: *Self, segment: tcp.Segment) void {
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
        fn openByCookie(exchange: *Self, segment: tcp.Segment) bool {
            const server = exchange.server;
            if (exchange.now >= server.cookies_until) return false;
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
            exchange.fill(sequence, segment.sequence, offer, agreement);
            // When the SYN-ACK was sent, nobody knows.
            exchange.connection.sender.is_timing = false;
            server.counters.opened_by_cookie += 1;
            exchange.establish();
            exchange.receiveEstablished(segment);
            return true;
        }

        /// Makes the entry that of a half-open connection.
        fn fill(
            exchange: *Self,
            sequence: tcp.SequenceNumber,
            receive_next: tcp.SequenceNumber,
            offer: handshake.Offer,
            agreement: handshake.Agreement,
        ) void {
            exchange.connection.* = .{
                .state = .half_open,
                .sender = .init(
                    sequence,
                    sequence.add(1 + exchange.unaskedSize()),
                    exchange.segmentSize(offer, agreement),
                    exchange.nowMicroseconds(),
                ),
                .receive_next = receive_next,
                .response_start = sequence.add(1),
                .prefix_index = exchange.route.prefix_index,
                .peer_hardware = exchange.route.peer_hardware,
                .agreement = agreement,
            };
        }

        fn establish(exchange: *Self) void {
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

        fn receiveEstablished(exchange: *Self, segment: tcp.Segment) void {
            exchange.process(segment) catch |err| switch (err) {
                error.Ended => {},
            };
        }

        /// RFC 9293, 3.10.7.4.
        fn process(exchange: *Self, segment: tcp.Segment) Ended!void {
            const connection = exchange.connection;
            if (segment.flags.reset) {
                if (!exchange.isInWindow(segment.sequence)) return;
                // It could be a guess: who meant it knows the number by our answer.
                if (segment.sequence != connection.receive_next) {
                    return exchange.transmitAcknowledgment();
                }
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

            // In this order: what an acknowledgment makes us send again acknowledges the data.
            const request = exchange.takeSequence(segment, offset, window);
            const is_progress = exchange.takeAcknowledgment(segment);
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
        fn takeAcknowledgment(exchange: *Self, segment: tcp.Segment) bool {
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
            exchange: *Self,
            segment: tcp.Segment,
            offset: i64,
            window: u32,
        ) []const u8 {
            const connection = exchange.connection;
            if (offset > 0 or connection.has_peer_finished) return &.{};
            const fresh = segment.payload[@intCast(-offset)..];
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
        fn converse(exchange: *Self, fresh: []const u8) Ended!void {
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
            if (connection.request.size > 0) {
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
                const pool = &exchange.server.requests;
                const is_kept = connection.request.size > 0;
                const said = if (is_kept) connection.request.octets(pool) else request;
                if (said.len == 0) {
                    if (!connection.has_peer_finished) return;
                    connection.after = .finish;
                    return;
                }
                const answer = exchange.ask(said);
                std.debug.assert(answer.consumed <= said.len);
                if (is_kept) {
                    connection.request.drop(pool, answer.consumed);
                } else {
                    request = request[answer.consumed..];
                }
                exchange.say(answer);
                const wants_more = answer.consumed == 0 and !connection.has_response and
                    answer.after == .stay;
                if (!wants_more) continue;
                if (said.len == request_size_max) return exchange.refuse();
                // More will not come.
                if (connection.has_peer_finished) connection.after = .finish;
                break;
            }
            if (connection.after == .stay) try exchange.keep(request);
        }

        /// Whether the service is to be asked: all that it said has arrived, and it wants to go
        /// on.
        fn isTurn(exchange: *Self) Ended!bool {
            const connection = exchange.connection;
            const end_of_response = exchange.dialogue.stream(connection).end;
            if (connection.sender.unacknowledged.before(end_of_response)) return false;
            exchange.releaseResponse();
            exchange.dialogue.clear();
            connection.response_start = end_of_response;
            if (connection.after == .reset) return exchange.reset();
            return connection.after == .stay;
        }

        fn ask(exchange: *Self, request: []const u8) service.Answer {
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

        fn say(exchange: *Self, answer: service.Answer) void {
            const connection = exchange.connection;
            exchange.dialogue.response = answer.response;
            connection.after = answer.after;
            connection.has_response = true;
            if (answer.response.size() == 0) exchange.releaseResponse();
        }

        fn releaseResponse(exchange: *Self) void {
            if (!exchange.connection.has_response) return;
            exchange.connection.has_response = false;
            exchange.server.environment.release(&exchange.dialogue.response);
        }

        /// Keeps what no answer has taken. A window never offers more than there is room for,
        /// except the first.
        fn keep(exchange: *Self, octets: []const u8) Ended!void {
            const pool = &exchange.server.requests;
            exchange.connection.request.append(pool, octets) catch return exchange.refuse();
        }

        // Sending.

        /// Sends what both windows have room for.
        fn send(exchange: *Self) void {
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

        fn sendAgain(exchange: *Self) void {
            const connection = exchange.connection;
            if (!connection.sender.isWaiting()) return;
            const stream = exchange.dialogue.stream(connection);
            exchange.transmitChunk(connection.sender.takeAgain(stream), stream);
        }

        /// Sets the clock by what is still to come; `is_progress` begins a new wait.
        fn wind(exchange: *Self, is_progress: bool) void {
            const connection = exchange.connection;
            const last = exchange.dialogue.stream(connection).last();
            const table = &exchange.server.table;
            const is_paced = exchange.behavior == .one_byte_per_second;
            // The wait for an acknowledgment is the pace, too.
            if (is_paced and connection.clock == .acknowledgment) return;
            if (connection.sender.unacknowledged.before(last)) {
                if (connection.clock == .acknowledgment and !is_progress) return;
                connection.clock = .acknowledgment;
                const patience_ns = connection.sender.round_trip.timeoutNs();
                const timeout_ns = if (is_paced) @max(patience_ns, pace_ns) else patience_ns;
                return table.setDeadline(exchange.number, exchange.now + timeout_ns);
            }
            connection.clock = .idle;
            table.setDeadline(exchange.number, exchange.now + idle_timeout_ns);
        }

        // Timers.

        fn expireHalfOpen(exchange: *Self) void {
            const sender = &exchange.connection.sender;
            sender.repetition_count += 1;
            sender.is_timing = false;
            exchange.server.counters.retransmissions += 1;
            exchange.transmitAcceptance();
            if (sender.repetition_count == handshake_repetition_count_max) {
                exchange.server.counters.half_open_forgotten += 1;
                exchange.server.cookies_until = exchange.now + cookie_life_ns;
                return exchange.forget();
            }
            const timeout_ns = handshake_timeout_ns << @intCast(sender.repetition_count);
            exchange.server.table.setDeadline(exchange.number, exchange.now + timeout_ns);
        }

        fn expireEstablished(exchange: *Self) Ended!void {
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

        fn endIfFinished(exchange: *Self) Ended!void {
            const connection = exchange.connection;
            if (!connection.has_peer_finished or connection.after != .finish) return;
            const last = exchange.dialogue.stream(connection).last();
            if (connection.sender.unacknowledged != last) return;
            exchange.server.counters.finished += 1;
            return exchange.end();
        }

        fn refuse(exchange: *Self) Ended {
            exchange.server.counters.refused_request += 1;
            return exchange.reset();
        }

        /// Ends with a reset where the client expects the next octet, as far as we know.
        fn reset(exchange: *Self) Ended {
            const sender = &exchange.connection.sender;
            var segment = exchange.acknowledgmentSegment();
            segment.sequence = if (sender.window == 0) sender.unacknowledged else sender.highest;
            segment.flags.reset = true;
            exchange.transmit(segment);
            return exchange.end();
        }

        fn end(exchange: *Self) Ended {
            exchange.releaseResponse();
            exchange.connection.request.clear(&exchange.server.requests);
            exchange.server.counters.at_once -= 1;
            exchange.server.table.remove(exchange.number);
            return error.Ended;
        }

        /// Ends what is half-open.
        fn forget(exchange: *Self) void {
            exchange.server.counters.half_open -= 1;
            exchange.server.table.remove(exchange.number);
        }

        // Segments.

        /// The SYN-ACK.
        fn acceptance(
            exchange: *const Self,
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

        fn transmitAcceptance(exchange: *Self) void {
            const connection = exchange.connection;
            exchange.transmit(exchange.acceptance(
                connection.sender.unacknowledged,
                connection.receive_next,
                connection.agreement,
                connection.timestamp_echo,
            ));
        }

        fn acknowledgmentSegment(exchange: *const Self) tcp.Segment {
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

        fn transmitAcknowledgment(exchange: *Self) void {
            exchange.transmit(exchange.acknowledgmentSegment());
        }

        fn transmitChunk(
            exchange: *Self,
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

        fn transmit(exchange: *Self, segment: tcp.Segment) void {
            exchange.server.environment.transmit(exchange.route, segment);
        }

        // Facts.

        /// How much the client may send, in octets.
        fn receiveWindow(exchange: *const Self) u32 {
            if (exchange.behavior == .zero_window) return 0;
            const request_size = exchange.connection.request.size;
            if (request_size > 0) return request_size_max - request_size;
            return @max(exchange.host.window(), request_size_max);
        }

        /// Whether a reset can be meant for the connection (RFC 9293, 3.10.7.4).
        fn isInWindow(exchange: *const Self, sequence: tcp.SequenceNumber) bool {
            const offset = exchange.connection.receive_next.distance(sequence);
            return offset == 0 or offset > 0 and offset < exchange.receiveWindow();
        }

        fn unaskedSize(exchange: *const Self) u32 {
            return if (exchange.behavior == .data_in_syn_ack) unasked_data.len else 0;
        }

        fn segmentSize(
            exchange: *const Self,
            offer: handshake.Offer,
            agreement: handshake.Agreement,
        ) u16 {
            if (exchange.behavior == .one_byte_per_second) return 1;
            return agreement.segmentSize(offer, exchange.host);
        }

        fn nowMicroseconds(exchange: *const Self) u32 {
            return @truncate(exchange.now / std.time.ns_per_us);
        }

        fn nowMilliseconds(exchange: *const Self) u32 {
            return @truncate(exchange.now / std.time.ns_per_ms);
        }
    };
}
