//! A number that changes whenever the boundary does, so that a library and bindings of different
//! builds are told apart.

const std = @import("std");

/// FNV-1a over the names, types and offsets of everything that crosses the boundary.
pub fn fingerprint(
    comptime functions: type,
    comptime structs: anytype,
    comptime enums: anytype,
) u64 {
    @setEvalBranchQuota(1_000_000);
    comptime {
        var hash = std.hash.Fnv1a_64.init();
        for (@typeInfo(functions).@"struct".decls) |decl| {
            hash.update(decl.name);
            hash.update(@typeName(@TypeOf(@field(functions, decl.name))));
        }
        for (structs) |Struct| {
            hash.update(@typeName(Struct));
            for (@typeInfo(Struct).@"struct".fields) |field| {
                hash.update(field.name);
                hash.update(@typeName(field.type));
                hash.update(std.fmt.comptimePrint("{d}", .{@offsetOf(Struct, field.name)}));
            }
        }
        for (enums) |Enum| {
            hash.update(@typeName(Enum));
            for (@typeInfo(Enum).@"enum".fields) |field| {
                hash.update(field.name);
                hash.update(std.fmt.comptimePrint("{d}", .{field.value}));
            }
        }
        return hash.final();
    }
}
