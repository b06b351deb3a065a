//! The services without cryptography.

const std = @import("std");
const service = @import("service.zig");
const Answer = service.Answer;

/// RFC 4253, 4.2.
pub const ssh_greeting: Answer = .{
    .response = .{ .pieces = .{ "SSH-2.0-OpenSSH_9.2p1 lab\r\n", &.{} } },
};

const page = "<!doctype html><title>lab</title><p>A host of the simulated Internet.\n";

const http_response = std.fmt.comptimePrint("HTTP/1.1 200 OK\r\n" ++
    "Server: lab\r\nContent-Type: text/html\r\nContent-Length: {d}\r\nConnection: close\r\n\r\n" ++
    "{s}", .{ page.len, page });

/// A request's head is not longer, in octets.
const http_request_size_max = 8 * 1024;

/// Answers any request the same; its method and path are not looked at (RFC 9112).
pub fn answerHttp(request: []const u8) Answer {
    const end_of_head = "\r\n\r\n";
    const end = std.mem.find(u8, request, end_of_head) orelse {
        if (request.len < http_request_size_max) return .{};
        return .{ .consumed = request.len, .after = .reset };
    };
    return .{
        .consumed = end + end_of_head.len,
        .response = .{ .pieces = .{ http_response, &.{} } },
        .after = .finish,
    };
}

/// Takes everything and says nothing.
pub fn answerNothing(request: []const u8) Answer {
    return .{ .consumed = request.len };
}

test "a request is answered when its head is whole, and never when it has no end" {
    try std.testing.expectEqual(0, answerHttp("GET / HTTP/1.1\r\nHost: a\r\n").consumed);
    const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const answer = answerHttp(request ++ "GET /more");
    try std.testing.expectEqual(request.len, answer.consumed);
    try std.testing.expectEqual(.finish, answer.after);
    try std.testing.expectEqual(http_response.len, answer.response.size());
    const endless: [http_request_size_max]u8 = @splat('a');
    try std.testing.expectEqual(.reset, answerHttp(&endless).after);
}
