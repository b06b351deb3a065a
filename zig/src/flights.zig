//! When each probe left, without memory per target: enough to tell the round trip of those whose
//! answers come in time.

const std = @import("std");
const SequenceNumber = @import("wire/tcp.zig").SequenceNumber;

/// In octets: x86-64's and, with pages of 4 KiB, arm64's.
const huge_page_size = 2 << 20;

/// A table of fixed size, where a probe's place follows from its sequence number, which is a hash.
/// A later probe takes the place of an earlier one: with N places, an answer finds its probe after
/// n others have left with a probability of about e^(-n/N). So late answers are known more rarely
/// than early ones, unless there are several times as many places as probes leave during a slow
/// round trip: a million per second for 300 ms take 2^20.
///
/// One thread records, any may look up.
pub const Flights = struct {
    /// Each an `Entry`. Zero is nobody's.
    entries: []align(huge_page_size) u64,

    const Entry = packed struct(u64) {
        sequence: u32,
        /// The low bits of the time it left.
        time_us: u32,
    };

    /// Longer is no round trip: the clock was set back, or a stranger's answer met a number that
    /// came round again.
    const round_trip_us_max = std.math.maxInt(u32) / 2;

    /// `capacity` is a power of two.
    pub fn init(allocator: std.mem.Allocator, capacity: usize) error{OutOfMemory}!Flights {
        std.debug.assert(std.math.isPowerOfTwo(capacity));
        std.debug.assert(capacity <= 1 << 32);
        const entries =
            try allocator.alignedAlloc(u64, .fromByteUnits(huge_page_size), capacity);
        // Places are hashes: in small pages most of them would miss the cache of the page table. A
        // kernel without huge pages refuses, and that is that.
        const size = capacity * @sizeOf(u64);
        _ = std.os.linux.madvise(@ptrCast(entries.ptr), size, std.os.linux.MADV.HUGEPAGE);
        @memset(entries, 0);
        return .{ .entries = entries };
    }

    pub fn deinit(flights: *Flights, allocator: std.mem.Allocator) void {
        allocator.free(flights.entries);
        flights.* = undefined;
    }

    /// A probe leaves. `time_us` is the low half of a time in microseconds, by the clock that
    /// stamps received frames (CLOCK_REALTIME).
    pub inline fn record(flights: *Flights, sequence: SequenceNumber, time_us: u32) void {
        const entry: Entry = .{ .sequence = sequence.toInt(), .time_us = time_us };
        @atomicStore(u64, flights.place(sequence), @bitCast(entry), .monotonic);
    }

    /// Brings the place of a probe near, so that `record` need not wait for it.
    pub inline fn prefetch(flights: *const Flights, sequence: SequenceNumber) void {
        @prefetch(flights.place(sequence), .{ .rw = .write });
    }

    /// How long ago, as of `now_us`, the last probe with this sequence number left; null when
    /// that is not known. After a repeated probe it may be too short: the answer may be the first
    /// one's (Karn and Partridge, "Improving Round-Trip Time Estimates", 1987).
    pub fn roundTripUs(flights: *const Flights, sequence: SequenceNumber, now_us: u32) ?u32 {
        const value = @atomicLoad(u64, flights.place(sequence), .monotonic);
        if (value == 0) return null;
        const entry: Entry = @bitCast(value);
        if (entry.sequence != sequence.toInt()) return null;
        const elapsed_us = now_us -% entry.time_us;
        return if (elapsed_us <= round_trip_us_max) elapsed_us else null;
    }

    inline fn place(flights: *const Flights, sequence: SequenceNumber) *u64 {
        return &flights.entries[sequence.toInt() & (flights.entries.len - 1)];
    }
};

test "a probe's round trip is known, also when the clock's low half wraps" {
    var flights: Flights = try .init(std.testing.allocator, 16);
    defer flights.deinit(std.testing.allocator);
    flights.record(.fromInt(0x12345678), 1_000);
    try std.testing.expectEqual(500, flights.roundTripUs(.fromInt(0x12345678), 1_500));
    try std.testing.expectEqual(0, flights.roundTripUs(.fromInt(0x12345678), 1_000));
    flights.record(.fromInt(0x12345678), 0xffff_ff00);
    try std.testing.expectEqual(0x200, flights.roundTripUs(.fromInt(0x12345678), 0x100));
}

test "nothing is known of what never left, or was overtaken" {
    var flights: Flights = try .init(std.testing.allocator, 16);
    defer flights.deinit(std.testing.allocator);
    for (0..64) |sequence| {
        try std.testing.expectEqual(null, flights.roundTripUs(.fromInt(@intCast(sequence)), 7));
    }
    flights.record(.fromInt(0x20), 1);
    flights.record(.fromInt(0x31), 2);
    flights.record(.fromInt(0x30), 3);
    try std.testing.expectEqual(null, flights.roundTripUs(.fromInt(0x20), 10));
    try std.testing.expectEqual(7, flights.roundTripUs(.fromInt(0x30), 10));
    try std.testing.expectEqual(8, flights.roundTripUs(.fromInt(0x31), 10));
}

test "an answer from before its probe has no round trip" {
    var flights: Flights = try .init(std.testing.allocator, 1);
    defer flights.deinit(std.testing.allocator);
    flights.record(.fromInt(1), 1_000);
    try std.testing.expectEqual(null, flights.roundTripUs(.fromInt(1), 999));
}

test "as many are still known as its size promises" {
    const capacity = 1 << 12;
    var flights: Flights = try .init(std.testing.allocator, capacity);
    defer flights.deinit(std.testing.allocator);
    var sequences: [2 * capacity]SequenceNumber = undefined;
    var random = std.Random.DefaultPrng.init(1);
    for (&sequences, 0..) |*sequence, number| {
        sequence.* = .fromInt(random.random().int(u32));
        flights.record(sequence.*, @intCast(number));
    }
    // Of those after which from half to three halves as many left as there are places.
    var known_count: u32 = 0;
    for (sequences[capacity / 2 ..][0..capacity], capacity / 2..) |sequence, number| {
        const round_trip_us = flights.roundTripUs(sequence, 2 * capacity) orelse continue;
        try std.testing.expectEqual(2 * capacity - number, round_trip_us);
        known_count += 1;
    }
    // The mean of e^-x from 0.5 to 1.5.
    try std.testing.expectApproxEqAbs(0.383, @as(f64, @floatFromInt(known_count)) / capacity, 0.03);
}
