//! The certificate chains that the hosts serve, read from a file of JSON lines:
//!
//!     {"record":"certificate","index":0,"fingerprints":["..."],"chain":["..."],"key":"ecdsa"}
//!
//! `index` counts from 0 without gaps; `chain` has the certificates in DER and base64 (RFC 4648,
//! 4), the host's own first; `key` is the kind of that one's key. Further members are skipped.

const std = @import("std");
const Diagnosis = @import("diagnosis.zig").Diagnosis;
const Echo = @import("diagnosis.zig").Echo;

pub const KeyKind = enum { ecdsa, rsa };

pub const Chain = struct {
    /// In DER; 1 to 5 of 1 to 16,384 octets, the host's own first.
    certificates: []const []const u8,
    /// Of the host's own certificate.
    key: KeyKind,
};

/// Of one chain.
pub const certificate_count_max = 5;
/// In octets.
pub const certificate_size_max = 16 * 1024;

pub const ChainStore = struct {
    chains: []const Chain,
    /// As they stand in the file, without their ends: parts of its text.
    lines: []const []const u8,

    /// Reads the text of the file that is called `name`. The lines are the text's own; all
    /// else is allocated and nothing is freed, also on errors: pass an arena.
    pub fn load(
        allocator: std.mem.Allocator,
        name: []const u8,
        text: []const u8,
        diagnosis: *Diagnosis,
    ) Error!ChainStore {
        var place: Place = .{ .name = name, .diagnosis = diagnosis };
        var scratch: std.heap.ArenaAllocator = .init(allocator);
        defer scratch.deinit();
        var chains: std.ArrayList(Chain) = .empty;
        var lines: std.ArrayList([]const u8) = .empty;
        const whole = std.mem.cutSuffix(u8, text, "\n") orelse text;
        var ended_lines = std.mem.splitScalar(u8, whole, '\n');
        while (ended_lines.next()) |ended| {
            place.line += 1;
            const line = std.mem.cutSuffix(u8, ended, "\r") orelse ended;
            const chain = try readChain(allocator, scratch.allocator(), line, &place);
            try chains.append(allocator, chain);
            try lines.append(allocator, line);
            _ = scratch.reset(.retain_capacity);
        }
        return .{
            .chains = try chains.toOwnedSlice(allocator),
            .lines = try lines.toOwnedSlice(allocator),
        };
    }
};

pub const Error = error{
    /// The diagnosis says why.
    InvalidChains,
    OutOfMemory,
};

/// Where in the file a fault is.
const Place = struct {
    name: []const u8,
    /// From 1.
    line: u32 = 0,
    diagnosis: *Diagnosis,

    fn refuse(place: *Place, comptime format: []const u8, arguments: anytype) Error {
        const where = .{ Echo.name(place.name), place.line };
        return place.diagnosis.refuse(
            error.InvalidChains,
            "Cannot read {f}, line {d}: " ++ format,
            where ++ arguments,
        );
    }
};

const ChainLine = struct {
    record: []const u8,
    index: u64,
    chain: []const []const u8,
    key: []const u8,
};

fn readChain(
    allocator: std.mem.Allocator,
    scratch: std.mem.Allocator,
    line: []const u8,
    place: *Place,
) Error!Chain {
    const options: std.json.ParseOptions = .{ .ignore_unknown_fields = true };
    const parsed = std.json.parseFromSliceLeaky(ChainLine, scratch, line, options) catch |err| {
        if (err == error.OutOfMemory) return error.OutOfMemory;
        return place.refuse("it is no chain; a line is a JSON object with record, index, chain " ++
            "and key", .{});
    };
    if (!std.mem.eql(u8, parsed.record, "certificate")) return place.refuse(
        "its record is {f}; a chains file has records \"certificate\" alone",
        .{Echo.word(parsed.record)},
    );
    if (parsed.index != place.line - 1) return place.refuse(
        "its index is {d}; number the chains from 0 without gaps, so this one {d}",
        .{ parsed.index, place.line - 1 },
    );
    if (parsed.chain.len < 1 or parsed.chain.len > certificate_count_max) return place.refuse(
        "its chain has {d} certificates; a chain has 1 to {d}",
        .{ parsed.chain.len, certificate_count_max },
    );
    const key = std.meta.stringToEnum(KeyKind, parsed.key) orelse return place.refuse(
        "unknown kind of key {f}; a key is \"ecdsa\" or \"rsa\"",
        .{Echo.word(parsed.key)},
    );
    const certificates = try allocator.alloc([]const u8, parsed.chain.len);
    for (certificates, parsed.chain, 1..) |*certificate, encoded, number| {
        certificate.* = try decode(allocator, encoded, number, place);
    }
    return .{ .certificates = certificates, .key = key };
}

fn decode(
    allocator: std.mem.Allocator,
    encoded: []const u8,
    number: usize,
    place: *Place,
) Error![]const u8 {
    const decoder = std.base64.standard.Decoder;
    const size = decoder.calcSizeForSlice(encoded) catch return refuseEncoding(place, number);
    if (size < 1 or size > certificate_size_max) return place.refuse(
        "certificate {d} has {d} octets; a certificate has 1 to {d}",
        .{ number, size, certificate_size_max },
    );
    const certificate = try allocator.alloc(u8, size);
    decoder.decode(certificate, encoded) catch return refuseEncoding(place, number);
    return certificate;
}

fn refuseEncoding(place: *Place, number: usize) Error {
    return place.refuse(
        "certificate {d} is not in base64; write it as RFC 4648, 4 says",
        .{number},
    );
}

const test_lines = [_][]const u8{
    \\{"record":"certificate","index":0,"fingerprints":["00"],"chain":["MAA="],"key":"ecdsa"}
    ,
    \\{"index":1,"record":"certificate","chain":["MAEA","MAA="],"key":"rsa","\u0061":[{}]}
    ,
};

fn load(
    arena: *std.heap.ArenaAllocator,
    text: []const u8,
    diagnosis: *Diagnosis,
) Error!ChainStore {
    return ChainStore.load(arena.allocator(), "c.ndjson", text, diagnosis);
}

test "chains are read in order, and their lines kept as they are" {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    var diagnosis: Diagnosis = .{};
    for ([_][]const u8{
        test_lines[0] ++ "\n" ++ test_lines[1],
        test_lines[0] ++ "\n" ++ test_lines[1] ++ "\n",
        test_lines[0] ++ "\r\n" ++ test_lines[1] ++ "\r\n",
    }) |text| {
        const store = try load(&arena, text, &diagnosis);
        try std.testing.expectEqualDeep(&test_lines, store.lines);
        try std.testing.expectEqual(2, store.chains.len);
        try std.testing.expectEqual(.ecdsa, store.chains[0].key);
        try std.testing.expectEqual(.rsa, store.chains[1].key);
        const certificates = store.chains[1].certificates;
        try std.testing.expectEqual(2, certificates.len);
        try std.testing.expectEqualStrings("\x30\x01\x00", certificates[0]);
        try std.testing.expectEqualStrings("\x30\x00", certificates[1]);
    }
}

test "a fault is told with its line and the way out" {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    const start = "{\"record\":\"certificate\",\"index\":1,";
    const large = "A" ** (4 * certificate_size_max);
    const not_json = "it is no chain; a line is a JSON object with record, index, chain and key";
    for ([_][2][]const u8{
        .{ "", not_json },
        .{ "{", not_json },
        .{ "{\"index\":1}", not_json },
        .{ start ++ "\"chain\":\"MAA=\",\"key\":\"rsa\"}", not_json },
        .{ start ++ "\"chain\":[\"MAA=\"],\"key\":\"rsa\"}{}", not_json },
        .{
            "{\"record\":\"target\",\"index\":1,\"chain\":[],\"key\":\"rsa\"}",
            "its record is \"target\"; a chains file has records \"certificate\" alone",
        },
        .{
            test_lines[0],
            "its index is 0; number the chains from 0 without gaps, so this one 1",
        },
        .{
            start ++ "\"chain\":[],\"key\":\"rsa\"}",
            "its chain has 0 certificates; a chain has 1 to 5",
        },
        .{
            start ++ "\"chain\":[\"\",\"\",\"\",\"\",\"\",\"\"],\"key\":\"rsa\"}",
            "its chain has 6 certificates; a chain has 1 to 5",
        },
        .{
            start ++ "\"chain\":[\"MAA=\"],\"key\":\"dsa\"}",
            "unknown kind of key \"dsa\"; a key is \"ecdsa\" or \"rsa\"",
        },
        .{
            start ++ "\"chain\":[\"MAA=\",\"MA-_\"],\"key\":\"rsa\"}",
            "certificate 2 is not in base64; write it as RFC 4648, 4 says",
        },
        .{
            start ++ "\"chain\":[\"MAA\"],\"key\":\"rsa\"}",
            "certificate 1 is not in base64; write it as RFC 4648, 4 says",
        },
        .{
            start ++ "\"chain\":[\"MAA=\",\"\"],\"key\":\"rsa\"}",
            "certificate 2 has 0 octets; a certificate has 1 to 16384",
        },
        .{
            start ++ "\"chain\":[\"" ++ large ++ "\"],\"key\":\"rsa\"}",
            "certificate 1 has 49152 octets; a certificate has 1 to 16384",
        },
    }) |case| {
        const line, const reason = case;
        var diagnosis: Diagnosis = .{};
        const parts = [_][]const u8{ test_lines[0], "\n", line, "\n" };
        const text = try std.mem.concat(arena.allocator(), u8, &parts);
        try std.testing.expectError(error.InvalidChains, load(&arena, text, &diagnosis));
        const prefix = "Cannot read c.ndjson, line 2: ";
        try std.testing.expectStringStartsWith(diagnosis.message(), prefix);
        try std.testing.expectEqualStrings(reason, diagnosis.message()[prefix.len..]);
    }
}
