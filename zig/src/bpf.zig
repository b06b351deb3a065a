//! Classic BPF programs: the instructions, and an assembler for them. Instructions and their
//! semantics: McCanne and Jacobson, "The BSD Packet Filter", USENIX 1993, and the kernel's
//! Documentation/networking/filter.rst.

const std = @import("std");

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
    load_octet_absolute = 0x30,
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

/// Where `load_octet_absolute` finds no octet of the frame but its packet type, PACKET_HOST and so
/// on (SKF_AD_OFF + SKF_AD_PKTTYPE, linux/filter.h).
pub const packet_type_offset: u32 = @bitCast(@as(i32, -0x1000 + 4));

/// What a program returns to let the whole frame pass.
pub const whole_frame = std.math.maxInt(u32);

comptime {
    std.debug.assert(@sizeOf(Instruction) == 8);
}

/// Turns labels into distances. Jumps go forward only, and a label may be placed again and again: a
/// jump goes to the next place of its label. `Label` is an enum with a field `next`, which stands
/// for the instruction that follows.
pub fn Assembler(comptime Label: type, comptime instruction_count_max: usize) type {
    return struct {
        instructions: *[instruction_count_max]Instruction,
        /// Of each instruction what its jumps still wait for; `next` when for nothing.
        targets: [instruction_count_max][2]Label = undefined,
        count: usize = 0,

        const Self = @This();

        pub fn place(assembler: *Self, label: Label) void {
            std.debug.assert(label != .next);
            const targets = assembler.targets[0..assembler.count];
            for (assembler.instructions[0..assembler.count], targets, 0..) |*it, *target, index| {
                const distance = assembler.count - (index + 1);
                if (target[0] == label) {
                    if (it.code == .jump) {
                        it.operand = @intCast(distance);
                    } else {
                        it.jump_true = @intCast(distance);
                    }
                    target[0] = .next;
                }
                if (target[1] == label) {
                    it.jump_false = @intCast(distance);
                    target[1] = .next;
                }
            }
        }

        pub fn add(assembler: *Self, code: Code, operand: u32) void {
            assembler.push(.{ .code = code, .operand = operand }, .{ .next, .next });
        }

        /// Conditional jumps reach 255 instructions.
        pub fn branch(
            assembler: *Self,
            code: Code,
            operand: u32,
            if_true: Label,
            if_false: Label,
        ) void {
            assembler.push(.{ .code = code, .operand = operand }, .{ if_true, if_false });
        }

        /// Reaches any distance.
        pub fn goTo(assembler: *Self, label: Label) void {
            assembler.push(.{ .code = .jump }, .{ label, .next });
        }

        fn push(assembler: *Self, instruction: Instruction, targets: [2]Label) void {
            assembler.instructions[assembler.count] = instruction;
            assembler.targets[assembler.count] = targets;
            assembler.count += 1;
        }

        /// The whole program; it must end in a return, and every label must have its place.
        pub fn finish(assembler: *const Self) []const Instruction {
            const program = assembler.instructions[0..assembler.count];
            std.debug.assert(program[program.len - 1].code == .@"return");
            for (assembler.targets[0..assembler.count]) |targets| {
                std.debug.assert(targets[0] == .next and targets[1] == .next);
            }
            return program;
        }
    };
}

/// The kernel's interpreter, as far as it is used, for tests: how many octets of the frame pass. A
/// load from behind the frame ends a program.
pub fn run(program: []const Instruction, frame: []const u8, packet_type: u8) u32 {
    var accumulator: u32 = 0;
    var index_register: u32 = 0;
    var counter: usize = 0;
    while (true) : (counter += 1) {
        const instruction = program[counter];
        const operand = instruction.operand;
        const indexed = @as(usize, index_register) + operand;
        var condition: ?bool = null;
        switch (instruction.code) {
            .load_half_absolute => accumulator = load(u16, frame, operand) orelse return 0,
            .load_octet_absolute => accumulator = if (operand == packet_type_offset)
                packet_type
            else
                load(u8, frame, operand) orelse return 0,
            .load_half_indexed => accumulator = load(u16, frame, indexed) orelse return 0,
            .load_word_indexed => accumulator = load(u32, frame, indexed) orelse return 0,
            .load_octet_indexed => accumulator = load(u8, frame, indexed) orelse return 0,
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

fn load(comptime Int: type, frame: []const u8, index: usize) ?u32 {
    if (index + @sizeOf(Int) > frame.len) return null;
    return std.mem.readInt(Int, frame[index..][0..@sizeOf(Int)], .big);
}

test "a jump goes to the next place of its label" {
    var buffer: [8]Instruction = undefined;
    var assembler: Assembler(enum { next, other }, buffer.len) = .{ .instructions = &buffer };
    assembler.add(.load_octet_absolute, 0);
    assembler.branch(.jump_equal, 1, .next, .other);
    assembler.add(.@"return", 10);
    assembler.place(.other);
    assembler.branch(.jump_equal, 2, .other, .next);
    assembler.goTo(.other);
    assembler.add(.@"return", 20);
    assembler.place(.other);
    assembler.add(.@"return", 30);
    const program = assembler.finish();
    try std.testing.expectEqualSlices(Instruction, &.{
        .{ .code = .load_octet_absolute },
        .{ .code = .jump_equal, .jump_false = 1, .operand = 1 },
        .{ .code = .@"return", .operand = 10 },
        .{ .code = .jump_equal, .jump_true = 2, .operand = 2 },
        .{ .code = .jump, .operand = 1 },
        .{ .code = .@"return", .operand = 20 },
        .{ .code = .@"return", .operand = 30 },
    }, program);
    try std.testing.expectEqual(10, run(program, &.{1}, 0));
    try std.testing.expectEqual(30, run(program, &.{2}, 0));
    try std.testing.expectEqual(0, run(program, &.{}, 0));
}
