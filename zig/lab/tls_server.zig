//! What the hosts' TLS servers answer: to a client's hello all that comes until the client's next
//! turn, and to that turn an alert, since nothing here is signed. The same host, entropy and
//! request always get the same answer.

const std = @import("std");
const agreement = @import("tls/agreement.zig");
const alert = @import("tls/alert.zig");
const appendEndless = @import("tls/fault.zig").appendEndless;
const Builder = @import("tls/builder.zig").Builder;
const chain_store = @import("chain_store.zig");
const Chain = chain_store.Chain;
const ChainStore = chain_store.ChainStore;
const client_hello = @import("tls/client_hello.zig");
const ClientHello = client_hello.ClientHello;
const code_points = @import("tls/code_points.zig");
const Fault = @import("tls/fault.zig").Fault;
const Flight12 = @import("tls/flight12.zig").Flight12;
const flight13 = @import("tls/flight13.zig");
const Host = @import("host.zig").Host;
const key_shares = @import("tls/key_shares.zig");
const KeyShares = key_shares.KeyShares;
const service = @import("service.zig");

pub const TlsServer = struct {
    /// By the hosts' numbers.
    chains: []const Chain,
    key_shares: KeyShares,
    flight12: Flight12,
    /// Of flights of TLS 1.3, which are made for one connection each.
    flight_allocator: std.mem.Allocator = std.heap.c_allocator,
    joined: *[service.request_size_max]u8,
    scratch: *flight13.Scratch,

    /// Nothing is freed: pass an arena. The chains must outlive the server.
    pub fn init(
        allocator: std.mem.Allocator,
        chains: *const ChainStore,
    ) error{OutOfMemory}!TlsServer {
        const shares: KeyShares = .init();
        return .{
            .chains = chains.chains,
            .key_shares = shares,
            .flight12 = try .init(allocator, chains.chains, &shares),
            .joined = try allocator.create([service.request_size_max]u8),
            .scratch = try allocator.create(flight13.Scratch),
        };
    }

    /// `request` is what the client has sent and no answer has consumed. The response is to be
    /// released.
    pub fn answer(
        server: *TlsServer,
        host: Host,
        entropy: u64,
        conversation: *service.Conversation,
        request: []const u8,
    ) service.Answer {
        switch (client_hello.read(request, server.joined)) {
            .incomplete => return .{},
            .foreign => return .{ .consumed = request.len, .after = .reset },
            .alert => return .{ .consumed = request.len, .after = .finish },
            .refused => |description| return alert.refusal(request.len, description),
            .hello => |found| {
                const turn: Turn = .{
                    .host = host,
                    .entropy = entropy,
                    .conversation = conversation,
                    .hello = &found.hello,
                    .chain_index = host.chain(),
                };
                const response = server.answerHello(&turn) catch |refusal| {
                    return alert.refusal(request.len, describe(refusal));
                };
                return .{ .consumed = found.consumed, .response = response };
            },
        }
    }

    pub fn release(server: *TlsServer, response: *service.Response) void {
        if (response.owned) |owned| server.flight_allocator.free(owned);
        response.owned = null;
    }

    const Turn = struct {
        host: Host,
        entropy: u64,
        conversation: *service.Conversation,
        hello: *const ClientHello,
        chain_index: u32,
    };

    fn answerHello(server: *TlsServer, turn: *const Turn) Refusal!service.Response {
        const hello = turn.hello;
        const versions = turn.host.tlsVersions();
        const version = agreement.agreeVersion(hello, versions) orelse
            return error.ProtocolVersion;
        if (turn.host.needsName() and hello.extensions.server_name == null) {
            return error.UnrecognizedName;
        }
        if (!hello.offers_null_compression) return error.IllegalParameter;
        return switch (turn.conversation.*) {
            .none => switch (version) {
                .tls12 => server.answer12(turn),
                .tls13 => server.answer13(turn),
            },
            .retried => switch (version) {
                .tls12 => error.IllegalParameter,
                .tls13 => server.answerRetried(turn),
            },
            .answered => error.UnexpectedMessage,
        };
    }

    fn answer12(server: *TlsServer, turn: *const Turn) Refusal!service.Response {
        const key = server.chains[turn.chain_index].key;
        const agreed = agreement.agree12(turn.hello, key) orelse return error.HandshakeFailure;
        turn.conversation.* = .answered;
        var random: std.Random.DefaultPrng = .init(turn.entropy);
        return server.flight12.answer(&.{
            .hello = turn.hello,
            .agreement = agreed,
            .chain_index = turn.chain_index,
            .key = key,
            .is_downgrade = turn.host.tlsVersions() == .tls12_or_tls13,
            .fault = .of(turn.host.behavior()),
            .random = random.random(),
        });
    }

    fn answer13(server: *TlsServer, turn: *const Turn) Refusal!service.Response {
        const agreed = try server.agree13(turn);
        if (agreed.client_public == null) {
            return flight13.retry(turn.hello, agreed.suite, agreed.group, turn.conversation);
        }
        return server.build13(turn, agreed, null);
    }

    fn answerRetried(server: *TlsServer, turn: *const Turn) Refusal!service.Response {
        const retried = turn.conversation.retried;
        const agreed = try server.agree13(turn);
        // The second hello is the first with what it was asked for (RFC 8446, 4.1.2).
        if (@intFromEnum(agreed.suite) != retried.suite) return error.IllegalParameter;
        if (agreed.client_public == null) return error.IllegalParameter;
        return server.build13(turn, agreed, &retried.first_hello_hash);
    }

    fn agree13(server: *TlsServer, turn: *const Turn) Refusal!agreement.Agreement13 {
        const only_group: ?code_points.Group = if (turn.host.retries()) .secp384r1 else null;
        const key = server.chains[turn.chain_index].key;
        return agreement.agree13(turn.hello, only_group, key);
    }

    fn build13(
        server: *TlsServer,
        turn: *const Turn,
        agreed: agreement.Agreement13,
        first_hello_hash: ?*const [48]u8,
    ) Refusal!service.Response {
        var buffer: [KeyShares.shared_size_max]u8 = undefined;
        const shared = key_shares.shared(agreed.group, agreed.client_public.?, &buffer) orelse
            return error.IllegalParameter;
        turn.conversation.* = .answered;
        var response: service.Response = .{};
        const fault: Fault = .of(turn.host.behavior());
        if (fault == .endless_records) {
            var head: Builder = .{ .buffer = &response.head.octets };
            appendEndless(&head, &response, .server_hello);
            response.head.size = @intCast(head.size);
            return response;
        }
        var prng: std.Random.DefaultPrng = .init(turn.entropy);
        var random: [code_points.random_size]u8 = undefined;
        prng.random().bytes(&random);
        response.owned = try flight13.build(server.flight_allocator, server.scratch, &.{
            .hello = turn.hello,
            .suite = agreed.suite,
            .group = agreed.group,
            .server_public = server.key_shares.public(agreed.group),
            .shared = shared,
            .chain = server.chains[turn.chain_index],
            .first_hello_hash = first_hello_hash,
            .random = random,
        });
        if (fault == .wrong_lengths) flight13.falsify(&response, prng.random());
        return response;
    }
};

/// Why a hello is not answered with a flight.
const Refusal = agreement.Refusal || error{
    ProtocolVersion,
    UnrecognizedName,
    IllegalParameter,
    UnexpectedMessage,
    OutOfMemory,
};

fn describe(refusal: Refusal) alert.Description {
    return switch (refusal) {
        error.HandshakeFailure => .handshake_failure,
        error.MissingExtension => .missing_extension,
        error.ProtocolVersion => .protocol_version,
        error.UnrecognizedName => .unrecognized_name,
        error.IllegalParameter => .illegal_parameter,
        error.UnexpectedMessage => .unexpected_message,
        error.OutOfMemory => .internal_error,
    };
}

test {
    _ = @import("tls/agreement.zig");
    _ = @import("tls/alert.zig");
    _ = @import("tls/builder.zig");
    _ = @import("tls/client_hello.zig");
    _ = @import("tls/client_hello_test.zig");
    _ = @import("tls/code_points.zig");
    _ = @import("tls/flight12.zig");
    _ = @import("tls/flight13.zig");
    _ = @import("tls/key_schedule.zig");
    _ = @import("tls/key_shares.zig");
    _ = @import("tls/reader.zig");
    _ = @import("tls/record.zig");
    _ = @import("tls/server_hello.zig");
    _ = @import("tls/server_test.zig");
    _ = @import("tls/unsigned_signature.zig");
}
