//! The SYN that asks a target whether it is open: built once as a template, then patched per
//! target.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const ethernet = @import("wire/ethernet.zig");
const ipv4 = @import("wire/ipv4.zig");
const tcp = @import("wire/tcp.zig");
const checksum = @import("wire/checksum.zig");
const Path = @import("path.zig").Path;

/// What a Linux host offers in its SYN (net/ipv4/tcp_output.c, tcp_syn_options), so that a probe
/// gets the answer an ordinary client would get.
pub const window_scale = 7;
pub const syn_window = 64240;

pub const Template = struct {
    octets: [frame_size]u8,

    const tcp_offset = ethernet.header_size + ipv4.header_size_min;
    const packet_checksum_offset = ethernet.header_size + ipv4.offset.checksum;
    const segment_checksum_offset = tcp_offset + tcp.offset.checksum;
    const options: tcp.Options = .{
        .maximum_segment_size = 0,
        .window_scale = window_scale,
        .selective_acknowledgment_permitted = true,
        .timestamps = .{ .value = 0, .echo = 0 },
    };
    /// In octets.
    pub const frame_size = tcp_offset + tcp.header_size_min + options.size();
    /// The Linux option order puts the timestamp value behind MSS (4 octets), SACK (2) and its own
    /// kind and size (2).
    const timestamp_offset = tcp_offset + tcp.header_size_min + 8;

    pub fn init(path: Path) Template {
        var template: Template = .{ .octets = undefined };
        var template_options = options;
        template_options.maximum_segment_size = path.segmentSizeMax();
        const size = path.emit(Address.fromIpv4(@splat(0)), .{
            .source_port = 0,
            .destination_port = 0,
            .sequence = .fromInt(0),
            .acknowledgment = .fromInt(0),
            .flags = .{ .synchronize = true },
            .window = syn_window,
            .options = template_options,
        }, &template.octets);
        std.debug.assert(size == frame_size);
        return template;
    }

    pub const Fields = struct {
        remote: Address,
        local_port: u16,
        remote_port: u16,
        sequence: tcp.SequenceNumber,
        timestamp: u32,
    };

    /// Writes the frame of one probe over `frame`, which must already hold the template's octets
    /// (or another probe's).
    pub fn patch(template: *const Template, frame: *[frame_size]u8, fields: Fields) void {
        const remote = std.mem.readInt(u32, &fields.remote.ipv4(), .big);
        const packet = frame[ethernet.header_size..];
        write(u32, packet[ipv4.offset.destination..], remote);
        const packet_checksum = read(u16, template.octets[packet_checksum_offset..]);
        write(u16, packet[ipv4.offset.checksum..], checksum.update32(packet_checksum, 0, remote));

        const segment = frame[tcp_offset..];
        write(u16, segment[tcp.offset.source_port..], fields.local_port);
        write(u16, segment[tcp.offset.destination_port..], fields.remote_port);
        write(u32, segment[tcp.offset.sequence..], fields.sequence.toInt());
        write(u32, frame[timestamp_offset..], fields.timestamp);
        // All these fields are zero in the template: its sum needs only what is added to it.
        const segment_checksum = read(u16, template.octets[segment_checksum_offset..]);
        var sum: checksum.Sum = .{ .total = ~segment_checksum };
        sum.total += remote;
        sum.total += @as(u32, fields.local_port) + fields.remote_port;
        sum.total += fields.sequence.toInt();
        sum.total += fields.timestamp;
        write(u16, segment[tcp.offset.checksum..], sum.finish());
    }
};

fn read(comptime Int: type, octets: []const u8) Int {
    return std.mem.readInt(Int, octets[0..@sizeOf(Int)], .big);
}

fn write(comptime Int: type, octets: []u8, value: Int) void {
    std.mem.writeInt(Int, octets[0..@sizeOf(Int)], value, .big);
}

const test_path: Path = .{
    .local = .fromIpv4(.{ 192, 0, 2, 1 }),
    .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
    .gateway_hardware = .{ 2, 0, 0, 0, 0, 2 },
    .mtu = 1500,
};

test "a patched probe equals one that is built whole" {
    const template = Template.init(test_path);
    var random = std.Random.DefaultPrng.init(1);
    var patched = template.octets;
    for (0..10_000) |_| {
        var remote: [4]u8 = undefined;
        random.random().bytes(&remote);
        const fields: Template.Fields = .{
            .remote = .fromIpv4(remote),
            .local_port = random.random().int(u16),
            .remote_port = random.random().int(u16),
            .sequence = .fromInt(random.random().int(u32)),
            .timestamp = random.random().int(u32),
        };
        template.patch(&patched, fields);

        var options = Template.options;
        options.maximum_segment_size = test_path.segmentSizeMax();
        options.timestamps = .{ .value = fields.timestamp, .echo = 0 };
        var whole: [Template.frame_size]u8 = undefined;
        _ = test_path.emit(fields.remote, .{
            .source_port = fields.local_port,
            .destination_port = fields.remote_port,
            .sequence = fields.sequence,
            .acknowledgment = .fromInt(0),
            .flags = .{ .synchronize = true },
            .window = syn_window,
            .options = options,
        }, &whole);
        try std.testing.expectEqualSlices(u8, &whole, &patched);
    }
}
