//! The parsers of foreign bytes as a library for the fuzz driver.

const flow = @import("flow/fuzz.zig");
const frames = @import("fuzz.zig");
const reader = @import("receive_fuzz.zig");

/// Feeds an input to every wire parser; returns the steps taken.
export fn margay_fuzz_wire(input: [*]const u8, size: usize) u64 {
    return frames.one(input[0..size]);
}

/// Interprets an input as operations and segments on a small flow table; returns the steps taken.
export fn margay_fuzz_flow(input: [*]const u8, size: usize) u64 {
    return flow.fuzzOne(input[0..size]);
}

/// Gives the frames of an input to readers that share what they know; returns the steps taken.
export fn margay_fuzz_reader(input: [*]const u8, size: usize) u64 {
    return reader.one(input[0..size]);
}
