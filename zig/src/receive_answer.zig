//! For tests and fuzzing: what comes back to probes, as frames that can be spoilt before they are
//! written.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const EtherType = @import("wire/ethernet.zig").EtherType;
const Hop = @import("hop.zig").Hop;
const Link = @import("hop.zig").Link;
const Stage = @import("receive_stage.zig").Stage;
const Target = @import("target_set.zig").Target;
const icmpv4 = @import("wire/icmpv4.zig");
const icmpv6 = @import("wire/icmpv6.zig");
const ip = @import("wire/ip.zig");
const ipv4 = @import("wire/ipv4.zig");
const ipv6 = @import("wire/ipv6.zig");
const links = @import("receive_stage.zig").links;
const packetHeaderSize = @import("hop.zig").packetHeaderSize;
const ports = @import("receive_stage.zig").ports;
const sources = @import("receive_stage.zig").sources;
const tcp = @import("wire/tcp.zig");

/// In octets: more than the largest frame of these.
pub const buffer_size = 256;

/// A segment to us.
pub const Answer = struct {
    link: Link,
    remote: Address,
    local: Address,
    segment: tcp.Segment,

    /// The SYN-ACK that a target answers its probe with, whether it is in the set or not.
    pub fn synAck(stage: *const Stage, target: Target) Answer {
        const address = target.address;
        const hop: ?Hop = switch (stage.hop_table.find(address)) {
            .hop => |index| stage.ways[index].hop,
            .kernel, .none => null,
        };
        const own: []const Address = if (hop) |it| it.sources else &sources.ipv4;
        const question = stage.cookie.of(address, target.port);
        return .{
            .link = if (hop) |it| it.link else links.plain,
            .remote = address,
            .local = own[question.sourceIndex(@intCast(own.len))],
            .segment = .{
                .source_port = target.port,
                .destination_port = ports.first + question.portIndex(ports.count),
                .sequence = .fromInt(0x9000_0000),
                .acknowledgment = question.sequence.add(1),
                .flags = .{ .synchronize = true, .acknowledge = true },
                .window = 65160,
                .options = .{
                    .maximum_segment_size = 1460,
                    .selective_acknowledgment_permitted = true,
                    .timestamps = .{ .value = 0x0102_0304, .echo = 0x0506_0708 },
                    .window_scale = 7,
                },
            },
        };
    }

    /// The reset that a closed port answers with.
    pub fn reset(stage: *const Stage, target: Target) Answer {
        var answer = synAck(stage, target);
        answer.segment.sequence = .fromInt(0);
        answer.segment.flags = .{ .reset = true, .acknowledge = true };
        answer.segment.window = 0;
        answer.segment.options = .{};
        return answer;
    }

    /// An error about the probe.
    pub fn refuse(answer: Answer, responder: Address, message_type: u8, code: u8) Refusal {
        return .{ .answer = answer, .responder = responder, .type = message_type, .code = code };
    }

    pub fn emit(answer: Answer, buffer: []u8) []u8 {
        const hop: Hop = .{
            .link = answer.link,
            .kind = .gateway,
            .next_hardware = answer.link.local_hardware,
            .sources = &.{answer.remote},
            .time_to_live = 57,
        };
        const size = hop.emit(
            answer.remote,
            answer.local,
            hop.next_hardware,
            answer.segment,
            buffer,
        );
        return buffer[0..size];
    }
};

/// An ICMP error that quotes the least there has to be of the probe that an answer is about.
pub const Refusal = struct {
    answer: Answer,
    responder: Address,
    type: u8,
    code: u8,

    pub fn emit(refusal: Refusal, buffer: []u8) []u8 {
        const answer = refusal.answer;
        const link = answer.link;
        const is_ipv4 = answer.local.isIpv4();
        const probe: Hop = .{
            .link = .{
                .interface_index = link.interface_index,
                .framing = .none,
                .vlan = 0,
                .local_hardware = @splat(0),
                .mtu = link.mtu,
            },
            .kind = .bare,
            .next_hardware = @splat(0),
            .sources = &.{answer.local},
        };
        var quoted: [buffer_size]u8 = undefined;
        _ = probe.emit(answer.local, answer.remote, @splat(0), .{
            .source_port = answer.segment.destination_port,
            .destination_port = answer.segment.source_port,
            .sequence = answer.segment.acknowledgment.add(std.math.maxInt(u32)),
            .acknowledgment = .fromInt(0),
            .flags = .{ .synchronize = true },
            .window = 64240,
        }, &quoted);
        const quote = quoted[0 .. packetHeaderSize(is_ipv4) + ip.quoted_payload_size_min];

        const ether_type: EtherType = if (is_ipv4) .ipv4 else .ipv6;
        const offset = link.emitHeader(link.local_hardware, ether_type, buffer);
        const packet = buffer[offset..];
        const message = packet[packetHeaderSize(is_ipv4)..];
        const message_size: u16 = @intCast(icmpv4.header_size + quote.len);
        if (is_ipv4) {
            const header: ipv4.Header = .{
                .source = refusal.responder,
                .destination = answer.local,
                .protocol = icmpv4.protocol,
                .payload_size = message_size,
                .time_to_live = 251,
                .identification = 0x4321,
            };
            header.emit(packet);
            const content: icmpv4.Message = .{
                .message_type = @enumFromInt(refusal.type),
                .code = refusal.code,
                .quote = quote,
            };
            content.emit(message);
        } else {
            const header: ipv6.Header = .{
                .source = refusal.responder,
                .destination = answer.local,
                .next_header = icmpv6.protocol,
                .payload_size = message_size,
                .hop_limit = 251,
            };
            header.emit(packet);
            const content: icmpv6.Message = .{
                .message_type = @enumFromInt(refusal.type),
                .code = refusal.code,
                .quote = quote,
            };
            content.emit(message, refusal.responder, answer.local);
        }
        return buffer[0 .. offset + packetHeaderSize(is_ipv4) + message_size];
    }
};
