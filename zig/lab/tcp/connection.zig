//! One connection as its host sees it: the part that every segment and timer looks at
//! (`Connection`), and the part that only data needs (`Dialogue`). Both stand under one number in
//! the table.

const std = @import("std");
const HardwareAddress = @import("../../src/wire/ethernet.zig").HardwareAddress;
const tcp = @import("../../src/wire/tcp.zig");
const service = @import("../service.zig");
const Agreement = @import("handshake.zig").Agreement;
const Request = @import("request_pool.zig").Request;
const sender = @import("sender.zig");

/// RFC 9293, 3.3.2, as far as these matter to a server: the states behind ESTABLISHED follow from
/// `has_peer_finished` and `after`.
pub const State = enum(u8) {
    /// No connection. What was never used is this, since memory begins as zeros.
    free,
    /// SYN-RECEIVED.
    half_open,
    established,
};

/// What the connection's timer is for.
pub const Clock = enum(u8) {
    /// To end what nobody uses any more.
    idle,
    /// An acknowledgment, or a window, has to come.
    acknowledgment,
};

/// A time that does not come.
const never = std.math.maxInt(u64);

pub const Connection = struct {
    /// When something is due, in nanoseconds.
    deadline: u64 = never,
    /// When the table's timer is set to: not later than `deadline`.
    timer_at: u64 = never,
    sender: sender.Sender,
    receive_next: tcp.SequenceNumber,
    /// Where the response begins, in the sequence space of the host.
    response_start: tcp.SequenceNumber,
    /// The client's last timestamp (TS.Recent of RFC 7323, 4.3).
    timestamp_echo: u32 = 0,
    request: Request = .{},
    prefix_index: u16,
    peer_hardware: HardwareAddress,
    state: State,
    clock: Clock = .idle,
    /// Behind the response.
    after: service.After = .stay,
    agreement: Agreement,
    /// The host has said what it says first.
    has_greeted: bool = false,
    /// The client has sent its FIN.
    has_peer_finished: bool = false,
    /// The response is the environment's, and has to be released.
    has_response: bool = false,
};

/// Undefined until the connection is established.
pub const Dialogue = struct {
    response: service.Response,
    conversation: service.Conversation,

    /// An endless response's offsets begin anew before they get here.
    const offset_max = 1 << 30;

    /// Leaves an empty response, and the octets of its head alone.
    pub fn clear(dialogue: *Dialogue) void {
        const response = &dialogue.response;
        response.head.size = 0;
        response.pieces = .{ &.{}, &.{} };
        response.owned = null;
        response.is_endless = false;
    }

    pub fn stream(
        dialogue: *const Dialogue,
        connection: *const Connection,
    ) sender.Stream {
        return .{
            .end = connection.response_start.add(dialogue.response.size()),
            .has_finish = connection.after == .finish and !dialogue.response.is_endless,
        };
    }

    /// Moves the start of an endless response behind what nobody will ask for again.
    pub fn rebase(dialogue: *const Dialogue, connection: *Connection) void {
        const response = &dialogue.response;
        if (!response.is_endless) return;
        const una = connection.sender.unacknowledged;
        if (connection.response_start.distance(una) < offset_max) return;
        const once_size: u32 = @intCast(response.head.size + response.pieces[0].len);
        const turn_size: u32 = @intCast(response.pieces[1].len);
        const turn_count = (offset_max - once_size) / turn_size;
        connection.response_start = connection.response_start.add(turn_count * turn_size);
    }
};

comptime {
    // Half-open connections touch two cache lines of it, and nothing of the dialogue.
    std.debug.assert(@sizeOf(Connection) <= 104);
    std.debug.assert(@sizeOf(Connection) + @sizeOf(Dialogue) <= 384);
}
