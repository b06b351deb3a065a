//! Prints `ffi/bindings.ts`: the symbols, struct offsets and enum values of the library, from its
//! own declarations.

const std = @import("std");
const root = @import("root.zig");

pub fn main(init: std.process.Init) !void {
    var buffer: [4096]u8 = undefined;
    var file = std.Io.File.stdout().writer(init.io, &buffer);
    try print(&file.interface);
    try file.interface.flush();
}

fn print(writer: *std.Io.Writer) !void {
    @setEvalBranchQuota(100_000);
    try writer.writeAll(
        \\// Written by `deno task bindings` from zig/src/root.zig. Do not edit.
        \\
        \\
    );
    try writer.print("export const abiFingerprint = 0x{x}n;\n\n", .{root.abi_fingerprint});
    try writer.writeAll("export const symbols = {\n");
    inline for (@typeInfo(root.exports).@"struct".decls) |decl| {
        const function = @typeInfo(@TypeOf(@field(root.exports, decl.name))).@"fn";
        try writer.print("  {s}: {{\n    parameters: [", .{decl.name});
        inline for (function.params, 0..) |parameter, index| {
            if (index > 0) try writer.writeAll(", ");
            try writer.print("\"{s}\"", .{comptime nativeType(parameter.type.?)});
        }
        const result = comptime nativeType(function.return_type.?);
        try writer.print("],\n    result: \"{s}\",\n", .{result});
        inline for (root.blocking) |name| {
            if (comptime std.mem.eql(u8, name, decl.name)) {
                try writer.writeAll("    nonblocking: true,\n");
            }
        }
        try writer.writeAll("  },\n");
    }
    try writer.writeAll("} as const satisfies Deno.ForeignLibraryInterface;\n");
    inline for (root.structs) |Struct| {
        const name = comptime shortName(Struct);
        try writer.print("\nexport const {s} = {{\n  size: {d},\n", .{ name, @sizeOf(Struct) });
        inline for (@typeInfo(Struct).@"struct".fields) |field| {
            if (field.name[0] == '_') continue;
            try writer.writeAll("  ");
            try printLowerCamel(writer, field.name);
            try writer.print(": {d},\n", .{@offsetOf(Struct, field.name)});
        }
        try writer.writeAll("} as const;\n");
    }
    inline for (root.enums) |Enum| {
        try writer.print("\nexport const {s} = {{\n", .{comptime shortName(Enum)});
        inline for (@typeInfo(Enum).@"enum".fields) |field| {
            try writer.writeAll("  ");
            try printLowerCamel(writer, field.name);
            try writer.print(": {d},\n", .{field.value});
        }
        try writer.writeAll("} as const;\n");
    }
}

fn nativeType(comptime Type: type) []const u8 {
    return switch (@typeInfo(Type)) {
        .int => @typeName(Type),
        .@"enum" => |info| @typeName(info.tag_type),
        .pointer => "buffer",
        else => @compileError("no native type for " ++ @typeName(Type)),
    };
}

fn shortName(comptime Type: type) []const u8 {
    const name = @typeName(Type);
    return name[std.mem.findScalarLast(u8, name, '.').? + 1 ..];
}

fn printLowerCamel(writer: *std.Io.Writer, name: []const u8) !void {
    var after_underscore = false;
    for (name) |character| {
        if (character == '_') {
            after_underscore = true;
            continue;
        }
        try writer.writeByte(if (after_underscore) std.ascii.toUpper(character) else character);
        after_underscore = false;
    }
}
