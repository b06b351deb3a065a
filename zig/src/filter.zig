//! The reader's filter, a classic BPF program: only frames that can concern the scan reach it.
//! Instructions and their semantics: McCanne and Jacobson, "The BSD Packet Filter", USENIX 1993,
//! and the kernel's Documentation/networking/filter.rst.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const ethernet = @import("wire/ethernet.zig");
const icmpv4 = @import("wire/icmpv4.zig");
const ipv4 = @import("wire/ipv4.zig");
const tcp = @import("wire/tcp.zig");

/// `struct sock_filter` (linux/filter.h).
pub const Instruction = extern struct {
    code: Code,
    /// How many instructions to skip when the condition holds.
    jump_true: u8 = 0,
    /// And when it does not.
    jump_false: u8 = 0,
    operand: u32 = 0,
};

/// The operations used here (linux/bpf_common.h). A is the accumulator, X the index register.
pub const Code = enum(u16) {
    load_half_absolute = 0x28, // A = half word at operand
    load_word_indexed = 0x40, // A = word at X + operand
    load_half_indexed = 0x48,
    load_octet_indexed = 0x50,
    load_index = 0x01, // X = operand
    add_index = 0x0c, // A += X
    and_with = 0x54, // A &= operand
    shift_left = 0x64, // A <<= operand
    move_to_index = 0x07, // X = A
    jump = 0x05, // by operand
    jump_equal = 0x15, // A == operand
    jump_greater = 0x25, // A > operand
    jump_greater_equal = 0x35, // A >= operand
    jump_any_bit = 0x45, // A & operand != 0
    @"return" = 0x06, // pass operand octets of the frame
};

comptime {
    std.debug.assert(@sizeOf(Instruction) == 8);
}

/// Jumps are eight bits wide, so there is a limit.
pub const address_count_max = 128;
pub const instruction_count_max = 64 + address_count_max;

/// What concerns the scan: TCP over IPv4 to one of our addresses and a port of our window, and ICMP
/// errors to one of our addresses.
pub const Rules = struct {
    /// IPv4, at least one, at most `address_count_max`.
    addresses: []const Address,
    port_first: u16,
    /// Included.
    port_last: u16,
};

/// Writes the program into `buffer` and returns it. Tags in front of the type are stepped over,
/// since not every device takes them off. Of fragments only the first passes: it has the ports. A
/// frame that ends before what is asked of it does not pass: the kernel ends a program there.
pub fn generate(rules: Rules, buffer: *[instruction_count_max]Instruction) []const Instruction {
    std.debug.assert(rules.addresses.len >= 1);
    std.debug.assert(rules.addresses.len <= address_count_max);
    std.debug.assert(rules.port_first <= rules.port_last);
    var assembler: Assembler = .{ .instructions = buffer };

    // X is where the IP header begins.
    inline for (0..ethernet.tag_count_max + 1, tag_labels) |tag_count, label| {
        const header_size = ethernet.header_size + tag_count * ethernet.tag_size;
        assembler.place(label);
        assembler.add(.load_half_absolute, header_size - 2);
        if (tag_count < ethernet.tag_count_max) {
            for (ethernet.tag_protocols) |tag_protocol| {
                assembler.branch(.jump_equal, tag_protocol, tag_labels[tag_count + 1], .next);
            }
        }
        assembler.branch(.jump_equal, @intFromEnum(ethernet.EtherType.ipv4), .next, .drop);
        assembler.add(.load_index, header_size);
        assembler.goTo(.network);
    }

    assembler.place(.network);
    assembler.add(.load_word_indexed, ipv4.offset.destination);
    for (rules.addresses) |address| {
        std.debug.assert(address.isIpv4());
        const number = std.mem.readInt(u32, &address.ipv4(), .big);
        assembler.branch(.jump_equal, number, .ours, .next);
    }
    assembler.goTo(.drop);

    assembler.place(.ours);
    assembler.add(.load_half_indexed, ipv4.offset.fragment);
    assembler.branch(.jump_any_bit, ipv4.fragment_offset_mask, .drop, .next);
    assembler.add(.load_octet_indexed, ipv4.offset.protocol);
    assembler.branch(.jump_equal, tcp.protocol, .tcp, .next);
    assembler.branch(.jump_equal, icmpv4.protocol, .icmp, .drop);

    assembler.place(.tcp);
    stepOverHeader(&assembler);
    assembler.add(.load_half_indexed, tcp.offset.destination_port);
    assembler.branch(.jump_greater_equal, rules.port_first, .next, .drop);
    assembler.branch(.jump_greater, rules.port_last, .drop, .pass);

    assembler.place(.icmp);
    stepOverHeader(&assembler);
    assembler.add(.load_octet_indexed, icmpv4.offset.message_type);
    for ([_]icmpv4.MessageType{
        .unreachable_destination, .time_exceeded, .parameter_problem,
    }) |message_type| {
        assembler.branch(.jump_equal, @intFromEnum(message_type), .pass, .next);
    }

    assembler.place(.drop);
    assembler.add(.@"return", 0);
    assembler.place(.pass);
    assembler.add(.@"return", std.math.maxInt(u32));
    return assembler.finish();
}

/// X moves from the IP header to what follows it, options included.
fn stepOverHeader(assembler: *Assembler) void {
    assembler.add(.load_octet_indexed, ipv4.offset.version_and_header_size);
    assembler.add(.and_with, 0x0f);
    assembler.add(.shift_left, 2); // 32-bit words to octets.
    assembler.add(.add_index, 0);
    assembler.add(.move_to_index, 0);
}

const Label = enum { next, untagged, tagged, twice_tagged, network, ours, tcp, icmp, drop, pass };
const tag_labels = [_]Label{ .untagged, .tagged, .twice_tagged };

/// Turns labels into distances once it is known where they are.
const Assembler = struct {
    instructions: *[instruction_count_max]Instruction,
    targets: [instruction_count_max][2]Label = undefined,
    count: usize = 0,
    places: std.EnumArray(Label, usize) = .initFill(0),

    fn place(assembler: *Assembler, label: Label) void {
        assembler.places.set(label, assembler.count);
    }

    fn add(assembler: *Assembler, code: Code, operand: u32) void {
        assembler.push(.{ .code = code, .operand = operand }, .{ .next, .next });
    }

    fn branch(
        assembler: *Assembler,
        code: Code,
        operand: u32,
        if_true: Label,
        if_false: Label,
    ) void {
        assembler.push(.{ .code = code, .operand = operand }, .{ if_true, if_false });
    }

    fn goTo(assembler: *Assembler, label: Label) void {
        assembler.push(.{ .code = .jump }, .{ label, .next });
    }

    fn push(assembler: *Assembler, instruction: Instruction, targets: [2]Label) void {
        assembler.instructions[assembler.count] = instruction;
        assembler.targets[assembler.count] = targets;
        assembler.count += 1;
    }

    fn finish(assembler: *Assembler) []const Instruction {
        const program = assembler.instructions[0..assembler.count];
        for (program, assembler.targets[0..assembler.count], 0..) |*instruction, targets, index| {
            const distance_true = assembler.distance(index, targets[0]);
            if (instruction.code == .jump) {
                instruction.operand = @intCast(distance_true);
            } else {
                instruction.jump_true = @intCast(distance_true);
                instruction.jump_false = @intCast(assembler.distance(index, targets[1]));
            }
        }
        return program;
    }

    /// In instructions to skip; jumps go forward only.
    fn distance(assembler: *const Assembler, index: usize, label: Label) usize {
        return if (label == .next) 0 else assembler.places.get(label) - (index + 1);
    }
};

/// The kernel's interpreter, as far as it is used: how many octets of the frame pass.
fn testRun(program: []const Instruction, frame: []const u8) u32 {
    var accumulator: u32 = 0;
    var index_register: u32 = 0;
    var counter: usize = 0;
    while (true) : (counter += 1) {
        const instruction = program[counter];
        const operand = instruction.operand;
        const indexed = @as(usize, index_register) + operand;
        var condition: ?bool = null;
        switch (instruction.code) {
            .load_half_absolute => accumulator = testLoad(u16, frame, operand) catch return 0,
            .load_half_indexed => accumulator = testLoad(u16, frame, indexed) catch return 0,
            .load_word_indexed => accumulator = testLoad(u32, frame, indexed) catch return 0,
            .load_octet_indexed => accumulator = testLoad(u8, frame, indexed) catch return 0,
            .load_index => index_register = operand,
            .add_index => accumulator +%= index_register,
            .and_with => accumulator &= operand,
            .shift_left => accumulator <<= @intCast(operand),
            .move_to_index => index_register = accumulator,
            .jump => counter += operand,
            .jump_equal => condition = accumulator == operand,
            .jump_greater => condition = accumulator > operand,
            .jump_greater_equal => condition = accumulator >= operand,
            .jump_any_bit => condition = accumulator & operand != 0,
            .@"return" => return operand,
        }
        if (condition) |holds| {
            counter += if (holds) instruction.jump_true else instruction.jump_false;
        }
    }
}

fn testLoad(comptime Int: type, frame: []const u8, index: usize) error{Truncated}!u32 {
    if (index + @sizeOf(Int) > frame.len) return error.Truncated;
    return std.mem.readInt(Int, frame[index..][0..@sizeOf(Int)], .big);
}

fn testPasses(frame: []const u8) bool {
    var buffer: [instruction_count_max]Instruction = undefined;
    const program = generate(.{
        .addresses = &.{ .fromIpv4(.{ 192, 0, 2, 1 }), .fromIpv4(.{ 192, 0, 2, 9 }) },
        .port_first = 50000,
        .port_last = 50255,
    }, &buffer);
    return testRun(program, frame) == std.math.maxInt(u32);
}

const test_hardware = [_]u8{ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
/// From 198.51.100.7 to 192.0.2.1.
const test_tcp_header = [_]u8{
    0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 198, 51, 100, 7, 192, 0, 2, 1,
};
/// From port 443 to 50000.
const test_segment = [_]u8{
    0x01, 0xbb, 0xc3, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x12, 0, 0, 0, 0, 0, 0,
};
const test_frame = test_hardware ++ .{ 0x08, 0x00 } ++ test_tcp_header ++ test_segment;
const test_unreachable = test_hardware ++ .{ 0x08, 0x00 } ++ [_]u8{
    0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 198, 51, 100, 1, 192, 0, 2, 9, 3, 1,
};
const test_ip_offset = ethernet.header_size;

test "replies to our addresses and ports pass" {
    try std.testing.expect(testPasses(&test_frame));
    for ([_]struct { port: u16, passes: bool }{
        .{ .port = 49999, .passes = false }, .{ .port = 50000, .passes = true },
        .{ .port = 50255, .passes = true },  .{ .port = 50256, .passes = false },
        .{ .port = 0, .passes = false },     .{ .port = 65535, .passes = false },
    }) |case| {
        var frame = test_frame;
        const offset = test_ip_offset + ipv4.header_size_min + tcp.offset.destination_port;
        std.mem.writeInt(u16, frame[offset..][0..2], case.port, .big);
        try std.testing.expectEqual(case.passes, testPasses(&frame));
    }
    for ([_]struct { last: u8, passes: bool }{
        .{ .last = 1, .passes = true },  .{ .last = 2, .passes = false },
        .{ .last = 9, .passes = true },  .{ .last = 8, .passes = false },
        .{ .last = 0, .passes = false },
    }) |case| {
        var frame = test_frame;
        frame[test_ip_offset + ipv4.offset.destination + 3] = case.last;
        try std.testing.expectEqual(case.passes, testPasses(&frame));
    }
}

test "of ICMP only errors pass" {
    var frame = test_unreachable;
    for (0..256) |message_type| {
        frame[test_ip_offset + ipv4.header_size_min] = @intCast(message_type);
        const expected = message_type == 3 or message_type == 11 or message_type == 12;
        try std.testing.expectEqual(expected, testPasses(&frame));
    }
}

test "other protocols and other types do not pass" {
    for (0..256) |protocol| {
        var frame = test_frame;
        frame[test_ip_offset + ipv4.offset.protocol] = @intCast(protocol);
        // The first octet of the source port is 1, no type of ICMP error.
        try std.testing.expectEqual(protocol == tcp.protocol, testPasses(&frame));
    }
    const ether_types = [_][2]u8{ .{ 0x08, 0x06 }, .{ 0x86, 0xdd }, .{ 0x00, 0x28 } };
    for (ether_types) |ether_type| {
        var frame = test_frame;
        frame[ethernet.offset.ether_type..][0..2].* = ether_type;
        try std.testing.expect(!testPasses(&frame));
    }
}

test "tags are stepped over: one, two, and no more" {
    const tag = [_]u8{ 0x81, 0x00, 0x00, 0x64 };
    const service_tag = [_]u8{ 0x88, 0xa8, 0x00, 0x64 };
    const rest = test_frame[test_hardware.len..];
    try std.testing.expect(testPasses(test_hardware ++ tag ++ rest));
    try std.testing.expect(testPasses(test_hardware ++ service_tag ++ tag ++ rest));
    try std.testing.expect(!testPasses(test_hardware ++ tag ++ tag ++ tag ++ rest));
    const unreachable_rest = test_unreachable[test_hardware.len..];
    try std.testing.expect(testPasses(test_hardware ++ tag ++ unreachable_rest));
    var other = test_frame;
    other[test_ip_offset + ipv4.offset.destination + 3] = 2;
    try std.testing.expect(!testPasses(test_hardware ++ tag ++ other[test_hardware.len..]));
}

test "options are stepped over, whatever they contain" {
    for (5..16) |word_count| {
        var header = test_tcp_header;
        header[0] = @intCast(0x40 | word_count);
        var frame: [test_frame.len + 40]u8 = @splat(0xff);
        const option_size = (word_count - 5) * 4;
        frame[0..test_ip_offset].* = test_frame[0..test_ip_offset].*;
        frame[test_ip_offset..][0..20].* = header;
        frame[test_ip_offset + 20 + option_size ..][0..20].* = test_segment;
        try std.testing.expect(testPasses(&frame));
        // The port is not where it would be without options.
        frame[test_ip_offset + 20 + option_size + tcp.offset.destination_port] = 0;
        try std.testing.expect(!testPasses(&frame));
    }
}

test "a first fragment passes, a later one does not" {
    var frame = test_frame;
    const fragment = frame[test_ip_offset + ipv4.offset.fragment ..][0..2];
    fragment.* = .{ 0x20, 0x00 };
    try std.testing.expect(testPasses(&frame));
    fragment.* = .{ 0x20, 0x01 };
    try std.testing.expect(!testPasses(&frame));
    fragment.* = .{ 0x1f, 0xff };
    try std.testing.expect(!testPasses(&frame));
}

test "a frame that ends before the port does not pass, and one that ends behind it does" {
    const needed = test_ip_offset + ipv4.header_size_min + tcp.offset.destination_port + 2;
    for (0..test_frame.len + 1) |size| {
        try std.testing.expectEqual(size >= needed, testPasses(test_frame[0..size]));
    }
}

test "as many addresses as are allowed are in reach of every jump" {
    var addresses: [address_count_max]Address = undefined;
    for (&addresses, 0..) |*address, number| {
        address.* = .fromIpv4(.{ 192, 0, 2, @intCast(number) });
    }
    var buffer: [instruction_count_max]Instruction = undefined;
    const program = generate(.{
        .addresses = &addresses,
        .port_first = 0,
        .port_last = 65535,
    }, &buffer);
    var frame = test_frame;
    for (0..256) |number| {
        frame[test_ip_offset + ipv4.offset.destination + 3] = @intCast(number);
        const passed = testRun(program, &frame) != 0;
        try std.testing.expectEqual(number < address_count_max, passed);
    }
    // As the kernel demands: it ends in a return, and no jump leaves it.
    try std.testing.expectEqual(Code.@"return", program[program.len - 1].code);
}
