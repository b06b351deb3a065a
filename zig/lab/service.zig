//! What a service answers to what a client said: octets, described rather than copied.

const std = @import("std");

/// What a response begins with that differs from connection to connection.
pub const Head = struct {
    octets: [octets_max]u8 = undefined,
    size: u8 = 0,

    /// A ServerHello with every extension that the lab sends.
    pub const octets_max = 160;

    pub fn slice(head: *const Head) []const u8 {
        return head.octets[0..head.size];
    }
};

/// The octets of one answer. It can be read at any offset any number of times, so a connection
/// keeps no copy for its retransmissions.
pub const Response = struct {
    head: Head = .{},
    /// These outlive the connection. They follow the head.
    pieces: [2][]const u8 = .{ &.{}, &.{} },
    /// Allocated for this connection; follows the pieces. `Service.release` frees it.
    owned: ?[]u8 = null,
    /// Whether the second piece comes again and again.
    is_endless: bool = false,

    /// In octets; as good as endless when it is.
    pub fn size(response: *const Response) u32 {
        if (response.is_endless) return std.math.maxInt(u32) / 2;
        const owned_size = if (response.owned) |owned| owned.len else 0;
        const pieces_size = response.pieces[0].len + response.pieces[1].len;
        return @intCast(response.head.size + pieces_size + owned_size);
    }

    /// Fills the buffer with the octets from `offset` on; they must be there.
    pub fn read(response: *const Response, offset: u32, buffer: []u8) void {
        std.debug.assert(offset + buffer.len <= response.size());
        const owned: []const u8 = response.owned orelse &.{};
        var skip: usize = offset;
        var filled: usize = 0;
        for ([_][]const u8{ response.head.slice(), response.pieces[0] }) |part| {
            copyPart(part, &skip, buffer, &filled);
        }
        if (response.is_endless) {
            const part = response.pieces[1];
            skip %= part.len;
            while (filled < buffer.len) copyPart(part, &skip, buffer, &filled);
            return;
        }
        copyPart(response.pieces[1], &skip, buffer, &filled);
        copyPart(owned, &skip, buffer, &filled);
        std.debug.assert(filled == buffer.len);
    }

    fn copyPart(part: []const u8, skip: *usize, buffer: []u8, filled: *usize) void {
        const skipped = @min(skip.*, part.len);
        skip.* -= skipped;
        const count = @min(part.len - skipped, buffer.len - filled.*);
        @memcpy(buffer[filled.*..][0..count], part[skipped..][0..count]);
        filled.* += count;
    }
};

/// What a client may say before a service has understood it, in octets: to so much a service that
/// wants more has to answer all the same.
pub const request_size_max = 16 * 1024;

/// What becomes of the connection when the response has been sent.
pub const After = enum { stay, finish, reset };

/// A service's reaction to the octets that a client has sent and that no answer has consumed yet.
pub const Answer = struct {
    /// How many of these octets the answer takes; none when it needs more to understand them.
    consumed: usize = 0,
    response: Response = .{},
    after: After = .stay,
};

/// What a service remembers between two answers on one connection.
pub const Conversation = union(enum) {
    none,
    /// A HelloRetryRequest has been sent: the transcript so far (RFC 8446, 4.4.1), hashed as the
    /// suite wants it.
    retried: Retried,
    /// A flight has been sent: no hello may follow (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2).
    answered,

    pub const Retried = struct {
        /// The suite that was chosen (its IANA number).
        suite: u16,
        /// The hash of the first hello; the first octets of it with a shorter hash.
        first_hello_hash: [48]u8,
    };
};

test "a response reads the same in every cut" {
    var owned = "owned".*;
    var response: Response = .{ .pieces = .{ "first", "second" }, .owned = &owned };
    @memcpy(response.head.octets[0..4], "head");
    response.head.size = 4;
    const whole = "headfirstsecondowned";
    try std.testing.expectEqual(whole.len, response.size());
    for (0..whole.len + 1) |start| {
        for (start..whole.len + 1) |end| {
            var buffer: [whole.len]u8 = undefined;
            response.read(@intCast(start), buffer[0 .. end - start]);
            try std.testing.expectEqualStrings(whole[start..end], buffer[0 .. end - start]);
        }
    }
}

test "an endless response repeats its second piece" {
    const response: Response = .{ .pieces = .{ "ab", "xyz" }, .is_endless = true };
    var buffer: [9]u8 = undefined;
    response.read(0, &buffer);
    try std.testing.expectEqualStrings("abxyzxyzx", &buffer);
    response.read(7, &buffer);
    try std.testing.expectEqualStrings("zxyzxyzxy", &buffer);
    response.read(3_000_001 * 3 + 2, &buffer);
    try std.testing.expectEqualStrings("xyzxyzxyz", &buffer);
}
