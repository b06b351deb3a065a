//! The other end for the simulation: a plain TCP server, written apart from the flow it talks to.
//! It reads requests of known sizes, answers each with a known number of octets, and closes after
//! the last.

const std = @import("std");
const tcp = @import("../wire/tcp.zig");
const SequenceNumber = tcp.SequenceNumber;

pub const Exchange = struct { request_size: u32, response_size: u32 };

pub const exchanges = [_]Exchange{
    .{ .request_size = 1900, .response_size = 20_000 },
    .{ .request_size = 300, .response_size = 8_000 },
};

pub const request_total = 1900 + 300;
pub const response_total = 20_000 + 8_000;

pub const client_start: SequenceNumber = .fromInt(0xffff_ff00); // Wraps within the request.
pub const server_start: SequenceNumber = .fromInt(0xffff_e000); // And within the response.

/// The octet at a position of either stream.
pub fn octetAt(position: usize) u8 {
    return @truncate(position *% 31 +% position / 251);
}

const segment_size = 1448;
const initial_timeout_ms = 1000;

pub const ModelServer = struct {
    /// In octets of the request, delivered in order.
    received: u32 = 0,
    /// In octets of the response, FIN included.
    acknowledged: u32 = 0,
    sent: u32 = 0,
    congestion_window: u32 = 10 * segment_size,
    peer_window: u32 = 16_384,
    duplicate_count: u32 = 0,
    timeout_ms: u64 = initial_timeout_ms,
    expires_at_ms: ?u64 = null,
    recent_timestamp: u32 = 0,
    payload: [segment_size]u8 = undefined,

    /// How much of the response the requests received so far have earned.
    fn available(server: *const ModelServer) u32 {
        var request_end: u32 = 0;
        var response_end: u32 = 0;
        for (exchanges) |exchange| {
            request_end += exchange.request_size;
            if (server.received < request_end) return response_end;
            response_end += exchange.response_size;
        }
        return response_end + 1; // The FIN.
    }

    /// `network.toClient(segment)` carries what it sends.
    pub fn receive(
        server: *ModelServer,
        now_ms: u64,
        segment: tcp.Segment,
        network: anytype,
    ) !void {
        std.debug.assert(!segment.flags.reset);
        const timestamps = segment.options.timestamps.?;
        if (segment.flags.synchronize) {
            return network.toClient(synAck(now_ms, segment));
        }
        if (@as(i32, @bitCast(timestamps.value -% server.recent_timestamp)) > 0) {
            server.recent_timestamp = timestamps.value;
        }
        server.takeAcknowledgment(now_ms, segment, network);

        const offset = client_start.distance(segment.sequence) - @as(i64, server.received);
        if (segment.payload.len > 0) {
            // No client may send what nobody asked for, whatever the network does.
            const first: usize = @intCast(client_start.distance(segment.sequence));
            for (segment.payload, first..) |octet, position| {
                try std.testing.expectEqual(octetAt(position), octet);
            }
            // In order or not at all: the client has to send the rest again.
            if (offset <= 0 and offset + @as(i64, @intCast(segment.payload.len)) > 0) {
                const end = @as(i64, server.received) + offset +
                    @as(i64, @intCast(segment.payload.len));
                server.received = @intCast(end);
            }
        }
        const sent_count = server.pump(now_ms, network);
        if (segment.payload.len > 0 and sent_count == 0) {
            server.transmit(now_ms, server.sent, 0, network);
        }
    }

    /// Nothing is kept of the SYN it answers, so that one that comes again gets the same.
    fn synAck(now_ms: u64, syn: tcp.Segment) tcp.Segment {
        return .{
            .source_port = syn.destination_port,
            .destination_port = syn.source_port,
            .sequence = server_start.add(std.math.maxInt(u32)), // One before.
            .acknowledgment = syn.sequence.add(1),
            .flags = .{ .synchronize = true, .acknowledge = true },
            .window = 65_535,
            .options = .{
                .maximum_segment_size = 1460,
                .window_scale = 7,
                .timestamps = .{
                    .value = @truncate(now_ms + 1),
                    .echo = syn.options.timestamps.?.value,
                },
            },
        };
    }

    pub fn tick(server: *ModelServer, now_ms: u64, network: anytype) void {
        const expires_at_ms = server.expires_at_ms orelse return;
        if (now_ms < expires_at_ms) return;
        server.timeout_ms = @min(server.timeout_ms * 2, 60_000);
        server.congestion_window = segment_size;
        server.sent = server.acknowledged;
        server.expires_at_ms = null;
        // One segment even into a closed window: that is its probe.
        server.peer_window = @max(server.peer_window, 1);
        _ = server.pump(now_ms, network);
    }

    fn takeAcknowledgment(
        server: *ModelServer,
        now_ms: u64,
        segment: tcp.Segment,
        network: anytype,
    ) void {
        const advance = @as(i64, server_start.distance(segment.acknowledgment)) -
            server.acknowledged;
        const window = @as(u32, segment.window) << 7;
        if (advance > 0) {
            server.acknowledged += @intCast(advance);
            server.sent = @max(server.sent, server.acknowledged);
            server.congestion_window += segment_size;
            server.duplicate_count = 0;
            server.timeout_ms = initial_timeout_ms;
            server.expires_at_ms = null;
            server.peer_window = window;
        } else if (advance == 0) {
            const is_duplicate = segment.payload.len == 0 and window == server.peer_window;
            server.peer_window = window;
            if (!is_duplicate or server.sent == server.acknowledged) return;
            server.duplicate_count += 1;
            if (server.duplicate_count != 3) return;
            const size = @min(segment_size, server.available() - server.acknowledged);
            server.transmit(now_ms, server.acknowledged, size, network);
        }
    }

    fn pump(server: *ModelServer, now_ms: u64, network: anytype) usize {
        var count: usize = 0;
        const window = @min(server.congestion_window, server.peer_window);
        const limit = @min(server.available(), server.acknowledged + window);
        while (server.sent < limit) : (count += 1) {
            const size = @min(segment_size, limit - server.sent);
            server.transmit(now_ms, server.sent, size, network);
            server.sent += size;
        }
        if (server.acknowledged == server.available()) {
            server.expires_at_ms = null;
        } else if (server.expires_at_ms == null) {
            server.expires_at_ms = now_ms + server.timeout_ms;
        }
        return count;
    }

    /// `size` counts the FIN.
    fn transmit(
        server: *ModelServer,
        now_ms: u64,
        position: u32,
        size: u32,
        network: anytype,
    ) void {
        const is_last = position + size > response_total;
        const payload = server.payload[0 .. size - @intFromBool(is_last and size > 0)];
        for (payload, position..) |*octet, index| octet.* = octetAt(index);
        network.toClient(.{
            .source_port = 443,
            .destination_port = 40000,
            .sequence = server_start.add(position),
            .acknowledgment = client_start.add(server.received),
            .flags = .{ .acknowledge = true, .finish = is_last and size > 0 },
            .window = 512, // 65,536 octets at scale 7.
            .options = .{ .timestamps = .{
                .value = @truncate(now_ms + 1),
                .echo = server.recent_timestamp,
            } },
            .payload = payload,
        });
    }
};
