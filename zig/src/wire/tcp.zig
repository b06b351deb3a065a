//! TCP segments: RFC 9293; window scale and timestamps, RFC 7323; SACK permitted, RFC 2018.

const std = @import("std");
const Address = @import("address.zig").Address;
const Sum = @import("checksum.zig").Sum;

/// The IP protocol number of TCP (IANA protocol numbers).
pub const protocol = 6;

/// Offsets in octets from the start of the header (RFC 9293, 3.1), public for those who patch a
/// built frame in place.
pub const offset = struct {
    pub const source_port = 0;
    pub const destination_port = 2;
    pub const sequence = 4;
    pub const acknowledgment = 8;
    /// The upper four bits are the header's size in 32-bit words.
    pub const header_size = 12;
    pub const flags = 13;
    pub const window = 14;
    pub const checksum = 16;
    pub const urgent = 18;
    pub const options = 20;
};

/// In octets, without options (RFC 9293, 3.1).
pub const header_size_min = 20;
/// In octets: fifteen 32-bit words (RFC 9293, 3.1).
pub const header_size_max = 60;

/// A position in the stream of one direction, modulo 2^32 (RFC 9293, 3.4).
pub const SequenceNumber = enum(u32) {
    _,

    pub fn fromInt(value: u32) SequenceNumber {
        return @enumFromInt(value);
    }

    pub fn toInt(number: SequenceNumber) u32 {
        return @intFromEnum(number);
    }

    /// The position `count` octets later.
    pub fn add(number: SequenceNumber, count: u32) SequenceNumber {
        return @enumFromInt(@intFromEnum(number) +% count);
    }

    /// `to - from` in octets: negative when `to` lies before `from`.
    pub fn distance(from: SequenceNumber, to: SequenceNumber) i32 {
        return @bitCast(@intFromEnum(to) -% @intFromEnum(from));
    }

    pub fn before(a: SequenceNumber, b: SequenceNumber) bool {
        return distance(a, b) > 0;
    }

    pub fn atOrBefore(a: SequenceNumber, b: SequenceNumber) bool {
        return distance(a, b) >= 0;
    }
};

/// The control bits, from the lowest (RFC 9293, 3.1; ECE and CWR: RFC 3168, 6.1).
pub const Flags = packed struct(u8) {
    finish: bool = false,
    synchronize: bool = false,
    reset: bool = false,
    push: bool = false,
    acknowledge: bool = false,
    urgent: bool = false,
    ece: bool = false,
    cwr: bool = false,
};

/// RFC 7323, 3.2.
pub const Timestamps = struct { value: u32, echo: u32 };

/// Option kinds (IANA TCP option kind numbers).
const kind = struct {
    const end_of_list = 0;
    const no_operation = 1;
    const maximum_segment_size = 2;
    const window_scale = 3;
    const selective_acknowledgment_permitted = 4;
    const timestamps = 8;
};

/// One option as it stands on the wire: its kind, and its value without kind and length.
pub const Option = struct { kind: u8, value: []const u8 };

/// Walks the options of a header; ends at the end of the list or at the first malformed option.
/// Every step consumes at least one octet.
pub const OptionIterator = struct {
    rest: []const u8,

    pub fn next(iterator: *OptionIterator) ?Option {
        const rest = iterator.rest;
        if (rest.len == 0) return null;
        switch (rest[0]) {
            kind.end_of_list => return iterator.stop(),
            kind.no_operation => {
                iterator.rest = rest[1..];
                return .{ .kind = kind.no_operation, .value = &.{} };
            },
            else => {
                if (rest.len < 2) return iterator.stop();
                const size = rest[1];
                if (size < 2 or size > rest.len) return iterator.stop();
                iterator.rest = rest[size..];
                return .{ .kind = rest[0], .value = rest[2..size] };
            },
        }
    }

    fn stop(iterator: *OptionIterator) ?Option {
        iterator.rest = &.{};
        return null;
    }
};

/// The options margay knows.
pub const Options = struct {
    /// In octets (RFC 9293, 3.7.1).
    maximum_segment_size: ?u16 = null,
    /// As on the wire; RFC 7323, 2.3 has a receiver treat more than 14 as 14.
    window_scale: ?u8 = null,
    selective_acknowledgment_permitted: bool = false,
    timestamps: ?Timestamps = null,

    /// Total: what is unknown or has the wrong size is skipped, what follows a malformed option is
    /// not read, and the last of several wins.
    pub fn parse(octets: []const u8) Options {
        var options: Options = .{};
        var iterator: OptionIterator = .{ .rest = octets };
        while (iterator.next()) |option| {
            const value = option.value;
            switch (option.kind) {
                kind.maximum_segment_size => if (value.len == 2) {
                    options.maximum_segment_size = std.mem.readInt(u16, value[0..2], .big);
                },
                kind.window_scale => if (value.len == 1) {
                    options.window_scale = value[0];
                },
                kind.selective_acknowledgment_permitted => if (value.len == 0) {
                    options.selective_acknowledgment_permitted = true;
                },
                kind.timestamps => if (value.len == 8) {
                    options.timestamps = .{
                        .value = std.mem.readInt(u32, value[0..4], .big),
                        .echo = std.mem.readInt(u32, value[4..8], .big),
                    };
                },
                else => {},
            }
        }
        return options;
    }

    /// In octets; always whole 32-bit words.
    pub fn size(options: Options) usize {
        var total: usize = 0;
        if (options.maximum_segment_size != null) total += 4;
        if (options.timestamps != null) {
            total += 12;
        } else if (options.selective_acknowledgment_permitted) {
            total += 4;
        }
        if (options.window_scale != null) total += 4;
        return total;
    }

    /// Writes `size` octets in the order of Linux: maximum segment size, SACK permitted and
    /// timestamps, window scale; each group padded in front with no-operations to 32 bits.
    pub fn emit(options: Options, buffer: []u8) void {
        var writer: std.Io.Writer = .fixed(buffer[0..options.size()]);
        options.write(&writer) catch unreachable; // `size` counts what `write` writes.
        std.debug.assert(writer.end == options.size());
    }

    fn write(options: Options, writer: *std.Io.Writer) std.Io.Writer.Error!void {
        if (options.maximum_segment_size) |maximum_segment_size| {
            try writer.writeAll(&.{ kind.maximum_segment_size, 4 });
            try writer.writeInt(u16, maximum_segment_size, .big);
        }
        if (options.selective_acknowledgment_permitted) {
            if (options.timestamps == null) try writer.splatByteAll(kind.no_operation, 2);
            try writer.writeAll(&.{ kind.selective_acknowledgment_permitted, 2 });
        }
        if (options.timestamps) |timestamps| {
            if (!options.selective_acknowledgment_permitted) {
                try writer.splatByteAll(kind.no_operation, 2);
            }
            try writer.writeAll(&.{ kind.timestamps, 10 });
            try writer.writeInt(u32, timestamps.value, .big);
            try writer.writeInt(u32, timestamps.echo, .big);
        }
        if (options.window_scale) |window_scale| {
            try writer.writeAll(&.{ kind.no_operation, kind.window_scale, 3, window_scale });
        }
    }
};

/// A segment in place: its header is known to lie within the octets, and nothing more.
pub const View = struct {
    octets: []const u8,

    /// `octets` is what IP says the segment is. Truncated: the header, by the size it states, is
    /// shorter than the fixed part or longer than the octets.
    pub fn init(octets: []const u8) error{Truncated}!View {
        if (octets.len < header_size_min) return error.Truncated;
        const view: View = .{ .octets = octets };
        if (view.headerSize() < header_size_min) return error.Truncated;
        if (view.headerSize() > octets.len) return error.Truncated;
        return view;
    }

    pub fn sourcePort(view: View) u16 {
        return std.mem.readInt(u16, view.octets[offset.source_port..][0..2], .big);
    }

    pub fn destinationPort(view: View) u16 {
        return std.mem.readInt(u16, view.octets[offset.destination_port..][0..2], .big);
    }

    pub fn sequence(view: View) SequenceNumber {
        return @enumFromInt(std.mem.readInt(u32, view.octets[offset.sequence..][0..4], .big));
    }

    pub fn acknowledgment(view: View) SequenceNumber {
        return @enumFromInt(std.mem.readInt(u32, view.octets[offset.acknowledgment..][0..4], .big));
    }

    /// In octets, options included.
    pub fn headerSize(view: View) usize {
        return @as(usize, view.octets[offset.header_size] >> 4) * 4;
    }

    pub fn flags(view: View) Flags {
        return @bitCast(view.octets[offset.flags]);
    }

    /// As on the wire, unscaled.
    pub fn window(view: View) u16 {
        return std.mem.readInt(u16, view.octets[offset.window..][0..2], .big);
    }

    /// As on the wire. Frames of this host's kernel may hold a partial one, so a wrong checksum
    /// means something only where the capture says that it was verified.
    pub fn checksum(view: View) u16 {
        return std.mem.readInt(u16, view.octets[offset.checksum..][0..2], .big);
    }

    pub fn checksumIsRight(view: View, source: Address, destination: Address) bool {
        var sum: Sum = .{};
        sum.addPseudoHeader(source, destination, protocol, @intCast(view.octets.len));
        sum.addOctets(view.octets);
        return sum.finish() == 0;
    }

    pub fn optionOctets(view: View) []const u8 {
        return view.octets[offset.options..view.headerSize()];
    }

    pub fn options(view: View) Options {
        return .parse(view.optionOctets());
    }

    pub fn payload(view: View) []const u8 {
        return view.octets[view.headerSize()..];
    }
};

/// A segment as it is meant.
pub const Segment = struct {
    source_port: u16,
    destination_port: u16,
    sequence: SequenceNumber,
    acknowledgment: SequenceNumber,
    flags: Flags,
    /// As on the wire, unscaled.
    window: u16,
    options: Options = .{},
    payload: []const u8 = &.{},

    pub fn parse(view: View) Segment {
        return .{
            .source_port = view.sourcePort(),
            .destination_port = view.destinationPort(),
            .sequence = view.sequence(),
            .acknowledgment = view.acknowledgment(),
            .flags = view.flags(),
            .window = view.window(),
            .options = view.options(),
            .payload = view.payload(),
        };
    }

    /// In octets, header included.
    pub fn size(segment: Segment) usize {
        return header_size_min + segment.options.size() + segment.payload.len;
    }

    /// The sequence space it takes: its payload, and one each for SYN and FIN (RFC 9293, 3.4).
    pub fn sequenceCount(segment: Segment) u32 {
        const payload_size: u32 = @intCast(segment.payload.len);
        return payload_size + @intFromBool(segment.flags.synchronize) +
            @intFromBool(segment.flags.finish);
    }

    /// Writes `size` octets, checksum included. The payload must not overlap the buffer.
    pub fn emit(segment: Segment, buffer: []u8, source: Address, destination: Address) void {
        std.debug.assert(buffer.len >= segment.size());
        const octets = buffer[0..segment.size()];
        const header_size = header_size_min + segment.options.size();

        std.mem.writeInt(u16, octets[offset.source_port..][0..2], segment.source_port, .big);
        std.mem.writeInt(
            u16,
            octets[offset.destination_port..][0..2],
            segment.destination_port,
            .big,
        );
        std.mem.writeInt(u32, octets[offset.sequence..][0..4], segment.sequence.toInt(), .big);
        std.mem.writeInt(
            u32,
            octets[offset.acknowledgment..][0..4],
            segment.acknowledgment.toInt(),
            .big,
        );
        octets[offset.header_size] = @intCast(header_size / 4 << 4);
        octets[offset.flags] = @bitCast(segment.flags);
        std.mem.writeInt(u16, octets[offset.window..][0..2], segment.window, .big);
        std.mem.writeInt(u16, octets[offset.checksum..][0..2], 0, .big);
        std.mem.writeInt(u16, octets[offset.urgent..][0..2], 0, .big);
        segment.options.emit(octets[offset.options..header_size]);
        @memcpy(octets[header_size..], segment.payload);

        var sum: Sum = .{};
        sum.addPseudoHeader(source, destination, protocol, @intCast(octets.len));
        sum.addOctets(octets);
        std.mem.writeInt(u16, octets[offset.checksum..][0..2], sum.finish(), .big);
    }
};

test "sequence numbers wrap" {
    const last: SequenceNumber = .fromInt(0xffff_ffff);
    const first: SequenceNumber = .fromInt(0);
    try std.testing.expectEqual(first, last.add(1));
    try std.testing.expectEqual(@as(i32, 1), last.distance(first));
    try std.testing.expectEqual(@as(i32, -1), first.distance(last));
    try std.testing.expect(last.before(first));
    try std.testing.expect(!first.before(last));
    try std.testing.expect(!first.before(first));
    try std.testing.expect(first.atOrBefore(first));
    try std.testing.expect(SequenceNumber.fromInt(0).before(.fromInt(0x7fff_ffff)));
    try std.testing.expect(!SequenceNumber.fromInt(0).before(.fromInt(0x8000_0001)));
}

const test_source: Address = .fromIpv4(.{ 192, 0, 2, 1 });
const test_destination: Address = .fromIpv4(.{ 198, 51, 100, 7 });

/// A SYN as Linux sends it.
const test_synchronize = [_]u8{
    0xc0, 0x00, 0x01, 0xbb, // ports 49152, 443
    0x12, 0x34, 0x56, 0x78, // sequence
    0x00, 0x00, 0x00, 0x00, // acknowledgment
    0xa0, 0x02, 0xfa, 0xf0, // ten words, SYN, window 64240
    0x32, 0x65, 0x00, 0x00, // checksum, urgent
    0x02, 0x04, 0x05, 0xb4, // maximum segment size 1460
    0x04, 0x02, 0x08, 0x0a, // SACK permitted, timestamps
    0x01, 0x02, 0x03, 0x04,
    0x00, 0x00, 0x00, 0x00,
    0x01, 0x03, 0x03, 0x07, // no-operation, window scale 7
};

const test_segment: Segment = .{
    .source_port = 49152,
    .destination_port = 443,
    .sequence = .fromInt(0x12345678),
    .acknowledgment = .fromInt(0),
    .flags = .{ .synchronize = true },
    .window = 64240,
    .options = .{
        .maximum_segment_size = 1460,
        .window_scale = 7,
        .selective_acknowledgment_permitted = true,
        .timestamps = .{ .value = 0x01020304, .echo = 0 },
    },
};

test "a SYN parses and is emitted octet by octet" {
    const view: View = try .init(&test_synchronize);
    try std.testing.expectEqualDeep(test_segment, Segment.parse(view));
    try std.testing.expect(view.checksumIsRight(test_source, test_destination));

    var buffer: [test_synchronize.len + 1]u8 = @splat(0xee);
    try std.testing.expectEqual(test_synchronize.len, test_segment.size());
    test_segment.emit(&buffer, test_source, test_destination);
    try std.testing.expectEqualSlices(u8, &(test_synchronize ++ .{0xee}), &buffer);
}

test "a payload of odd size is summed, over IPv6 too" {
    const source: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0001);
    const destination: Address = .fromInt(0x2001_0db8_0000_0000_0000_0000_0000_0002);
    const segment: Segment = .{
        .source_port = 443,
        .destination_port = 49152,
        .sequence = .fromInt(1),
        .acknowledgment = .fromInt(2),
        .flags = .{ .acknowledge = true, .push = true, .finish = true },
        .window = 1,
        .payload = "abc",
    };
    const expected = [_]u8{
        0x01, 0xbb, 0xc0, 0x00,
        0x00, 0x00, 0x00, 0x01,
        0x00, 0x00, 0x00, 0x02,
        0x50, 0x19, 0x00, 0x01,
        0xce, 0x31, 0x00, 0x00,
        'a',  'b',  'c',
    };
    var buffer: [expected.len]u8 = undefined;
    segment.emit(&buffer, source, destination);
    try std.testing.expectEqualSlices(u8, &expected, &buffer);
    const view: View = try .init(&buffer);
    try std.testing.expect(view.checksumIsRight(source, destination));
    try std.testing.expect(!view.checksumIsRight(source, .fromInt(destination.toInt() + 1)));
    try std.testing.expectEqualDeep(segment, Segment.parse(view));
    try std.testing.expectEqual(@as(u32, 4), segment.sequenceCount());
}

test "a header that does not fit is truncated" {
    for (0..header_size_min) |size| {
        try std.testing.expectError(error.Truncated, View.init(test_synchronize[0..size]));
    }
    // Ten words are announced.
    try std.testing.expectError(error.Truncated, View.init(test_synchronize[0..39]));
    var small = test_synchronize;
    small[offset.header_size] = 0x40;
    try std.testing.expectError(error.Truncated, View.init(&small));
}

test "options: unknown ones are skipped, malformed ones end the list" {
    const maximum_segment_size = [_]u8{ 2, 4, 0x05, 0xb4 };
    const expected: Options = .{ .maximum_segment_size = 1460 };
    const cases = [_]struct { octets: []const u8, options: Options }{
        .{ .octets = &.{}, .options = .{} },
        .{ .octets = &([_]u8{ 1, 1, 254, 4, 9, 9 } ++ maximum_segment_size), .options = expected },
        .{ .octets = &(maximum_segment_size ++ .{ 3, 0, 7 }), .options = expected },
        .{ .octets = &(maximum_segment_size ++ .{ 3, 1, 7 }), .options = expected },
        .{ .octets = &(maximum_segment_size ++ .{ 8, 10, 1 }), .options = expected },
        .{ .octets = &(maximum_segment_size ++ .{3}), .options = expected },
        .{ .octets = &([_]u8{0} ++ maximum_segment_size), .options = .{} },
        .{ .octets = &([_]u8{ 3, 4, 1, 1 } ++ maximum_segment_size), .options = expected },
        .{ .octets = &.{ 2, 3, 5, 3, 3, 9 }, .options = .{ .window_scale = 9 } },
    };
    for (cases) |case| {
        try std.testing.expectEqualDeep(case.options, Options.parse(case.octets));
    }
}

test "every combination of options is whole words and parses to itself" {
    for (0..16) |bits| {
        const options: Options = .{
            .maximum_segment_size = if (bits & 1 != 0) 1400 else null,
            .window_scale = if (bits & 2 != 0) 14 else null,
            .selective_acknowledgment_permitted = bits & 4 != 0,
            .timestamps = if (bits & 8 != 0) .{ .value = 5, .echo = 6 } else null,
        };
        var buffer: [header_size_max - header_size_min]u8 = undefined;
        options.emit(&buffer);
        try std.testing.expectEqual(@as(usize, 0), options.size() % 4);
        try std.testing.expectEqualDeep(options, Options.parse(buffer[0..options.size()]));
    }
}
