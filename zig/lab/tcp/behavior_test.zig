const std = @import("std");
const Behavior = @import("../world.zig").Behavior;
const Prefix = @import("../world.zig").Prefix;
const Script = @import("script.zig").Script;
const Literal = @import("script.zig").Literal;
const accepted = @import("script.zig").accepted;
const default_prefix = @import("script.zig").default_prefix;
const route = @import("script.zig").route;
const synchronize = @import("script.zig").synchronize;

const hello: Literal = .{ .sequence = 1001, .acknowledgment = 5001, .payload = "hello\n" };
const finish: Literal = .{
    .sequence = 1007,
    .acknowledgment = 5001,
    .flags = .{ .acknowledge = true, .finish = true },
};

fn prefixOf(comptime behavior: Behavior) Prefix {
    var prefix = default_prefix;
    prefix.behavior = .only(behavior);
    return prefix;
}

test "zero window: from the SYN-ACK on, for every probe" {
    const script = try Script.create(prefixOf(.zero_window), 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    var expected = accepted;
    expected.window = 0;
    try script.expect(expected);
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001 });
    try script.expectNothing();
    const refused: Literal = .{ .sequence = 5001, .acknowledgment = 1001, .window = 0 };
    script.feed(.{ .sequence = 1000, .acknowledgment = 5001 }); // As Linux probes.
    try script.expect(refused);
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001, .payload = "h" });
    try script.expect(refused);
    script.feed(hello);
    try script.expect(refused);
    try std.testing.expectEqual(0, script.environment.ask_count);
    // The only thing that fits.
    script.feed(.{
        .sequence = 1001,
        .acknowledgment = 5001,
        .flags = .{ .acknowledge = true, .finish = true },
    });
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1002,
        .flags = .{ .acknowledge = true, .finish = true },
        .window = 0,
    });
    script.feed(.{ .sequence = 1002, .flags = .{ .reset = true } });
    try script.expectNone();
}

test "silent after its SYN-ACK, which it repeats only when asked" {
    const script = try Script.create(prefixOf(.silent_after_syn_ack), 4);
    defer script.destroy();
    for (0..2) |_| {
        script.feed(synchronize);
        script.learn();
        try script.expect(accepted);
    }
    script.feed(.{ .sequence = 1001, .acknowledgment = 5001 });
    script.feed(hello);
    script.feed(finish);
    script.feed(.{ .sequence = 1008, .flags = .{ .reset = true } });
    script.wait(100_000);
    try script.expectNone();
}

test "never answers, but acknowledges" {
    inline for (.{ Behavior.never_answers, Behavior.answers_on_all_ports }) |behavior| {
        const script = try Script.createOpen(prefixOf(behavior));
        defer script.destroy();
        script.environment.greeting = "welcome";
        script.feed(hello);
        try script.expect(.{ .sequence = 5001, .acknowledgment = 1007 });
        script.feed(finish);
        try script.expect(.{ .sequence = 5001, .acknowledgment = 1008 });
        script.wait(60_000);
        try script.expect(.{
            .sequence = 5001,
            .acknowledgment = 1008,
            .flags = .{ .acknowledge = true, .reset = true },
        });
        try script.expectNone();
        try std.testing.expectEqual(0, script.environment.ask_count);
    }
}

test "resets at the first data" {
    const script = try Script.createOpen(prefixOf(.resets_after_data));
    defer script.destroy();
    script.feed(hello);
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .reset = true },
    });
    try script.expectNone();
    try std.testing.expectEqual(0, script.environment.ask_count);
}

test "one octet a second, and a lost one again" {
    const script = try Script.createOpen(prefixOf(.one_byte_per_second));
    defer script.destroy();
    script.environment.after = .finish;
    script.feed(hello);
    for ("answe", 0..) |octet, index| {
        const number: u32 = @intCast(index);
        const expected: Literal = .{
            .sequence = 5001 + number,
            .acknowledgment = 1007,
            .payload = &.{octet},
        };
        try script.expect(expected);
        try script.expectNothing();
        if (index == 2) {
            script.wait(1000);
            try script.expect(expected);
        }
        script.wait(50);
        script.feed(.{ .sequence = 1007, .acknowledgment = 5002 + number });
        try script.expectNothing();
        script.wait(949);
        try script.expectNothing();
        script.wait(1);
    }
    try script.expect(.{
        .sequence = 5006,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true, .finish = true },
        .payload = "r",
    });
    script.feed(.{
        .sequence = 1007,
        .acknowledgment = 5008,
        .flags = .{ .acknowledge = true, .finish = true },
    });
    try script.expect(.{ .sequence = 5008, .acknowledgment = 1008 });
    try script.expectNone();
}

test "data in the SYN-ACK counts as sent, whether the client takes it or not" {
    const unasked = "data in SYN-ACK\n" ** 8;
    for ([_]u32{ 1, 4 }) |connection_count_max| {
        for ([_]bool{ true, false }) |is_taken| {
            const script = try Script.create(prefixOf(.data_in_syn_ack), connection_count_max);
            defer script.destroy();
            script.feed(synchronize);
            script.learn();
            var expected = accepted;
            expected.payload = unasked;
            try script.expect(expected);
            const acknowledgment: u32 = if (is_taken) 5001 + unasked.len else 5001;
            script.feed(.{ .sequence = 1001, .acknowledgment = acknowledgment });
            try script.expectNothing();
            if (!is_taken) {
                // A cookie does not tell the round trip.
                script.wait(if (connection_count_max == 1) 1000 else 200);
                try script.expect(.{
                    .sequence = 5001,
                    .acknowledgment = 1001,
                    .flags = .{ .acknowledge = true, .push = true },
                    .payload = unasked,
                });
            }
            script.feed(.{
                .sequence = 1001,
                .acknowledgment = 5001 + unasked.len,
                .payload = "hello\n",
            });
            try script.expect(.{
                .sequence = 5001 + unasked.len,
                .acknowledgment = 1007,
                .flags = .{ .acknowledge = true, .push = true },
                .payload = "answer",
            });
            try script.expectNothing();
        }
    }
}

test "a wrong acknowledgment, and the reset that it earns" {
    const script = try Script.create(prefixOf(.wrong_acknowledgment), 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    var expected = accepted;
    expected.acknowledgment = 2001;
    try script.expect(expected);
    script.feed(.{ .sequence = 2001, .flags = .{ .reset = true } });
    try script.expectNone();
}

test "spoofed replies come first, from the address beside" {
    const script = try Script.create(prefixOf(.spoofed_replies), 4);
    defer script.destroy();
    script.feed(synchronize);
    script.learn();
    var beside = route;
    beside.host = .fromIpv4(.{ 198, 51, 100, 8 });
    var spoofed = accepted;
    spoofed.acknowledgment = 2001;
    try script.expectFrom(beside, spoofed);
    try script.expect(accepted);
    script.feed(hello);
    try script.expect(.{
        .sequence = 5001,
        .acknowledgment = 1007,
        .flags = .{ .acknowledge = true, .push = true },
        .payload = "answer",
    });
}
