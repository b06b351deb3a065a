//! The link addresses of targets on the link: asked for by our own ARP (RFC 826) and Neighbor
//! Discovery (RFC 4861), because the kernel's table is small and answers only its own traffic.
//! Targets wait here until their address is known, or until nobody has answered for it.
//!
//! An address is asked for three times, as often as the kernel does (mcast_solicit of arp(7),
//! MAX_MULTICAST_SOLICIT of RFC 4861, 10). The kernel leaves a second between them; the second
//! question comes after half of one here, since neighbours answer within milliseconds and a lost
//! question should not hold its targets longer, and the answer to the last has a whole second.

const std = @import("std");
const assert = std.debug.assert;
const Address = @import("wire/address.zig").Address;
const HardwareAddress = ethernet.HardwareAddress;
const Index = @import("flow/index.zig").Index;
const Link = @import("hop.zig").Link;
const Mutex = @import("sys/mutex.zig").Mutex;
const arp = @import("wire/arp.zig");
const ethernet = @import("wire/ethernet.zig");
const icmpv6 = @import("wire/icmpv6.zig");
const ip = @import("wire/ip.zig");
const ipv6 = @import("wire/ipv6.zig");
const link_header_size_max = @import("hop.zig").link_header_size_max;
const ndp = @import("wire/ndp.zig");

/// How long each question waits for its answer before the next one, or the end.
const answer_waits_ns = [_]u64{
    500 * std.time.ns_per_ms,
    1_000 * std.time.ns_per_ms,
    1_000 * std.time.ns_per_ms,
};
/// How long an answer holds: hosts come, go and change on a link, and a sweep can last for days.
const known_ns = 5 * std.time.ns_per_min;
/// How long nobody is asked again for an address that stayed silent, so that its other ports do not
/// wait for nothing.
const silent_ns = std.time.ns_per_min;

const none = std.math.maxInt(u32);

/// A target that cannot be probed until its link address is known.
pub const Waiting = struct {
    address: Address,
    port: u16,
    /// The hop it leaves by.
    hop: u16,
    /// Its number in the target set.
    index: u64,
};

/// What the sender is to do.
pub const Action = union(enum) {
    /// Send a question for the address.
    ask: struct { address: Address, hop: u16 },
    /// Send the probe of the target to this link address.
    ready: struct { waiting: Waiting, hardware: HardwareAddress },
    /// Nobody answered for the target's address.
    unanswered: Waiting,
};

pub const Options = struct {
    /// Addresses that are remembered at most, known, silent and asked for.
    address_count_max: u32 = 65_536,
    /// Targets that can wait at once.
    waiting_count_max: u32 = 65_536,
};

/// Any thread may call `learn`; the rest is the sender's. Nothing is allocated after `init`.
pub const Neighbors = struct {
    /// How long an address is asked for before it counts as silent.
    pub const patience_ns = answer_waits_ns[0] + answer_waits_ns[1] + answer_waits_ns[2];

    mutex: Mutex = .{},
    index: Index(Address),
    entries: []Entry,
    places: []Place,
    places_free: Queue,
    waiting_count: u32 = 0,
    /// Targets of silent addresses, whose sender is to be told.
    unanswered: Queue = .{},
    /// Every entry is in one of these, in the order in which it is due.
    lists: std.EnumArray(State, List) = .initFill(.{}),

    /// A neighbour, as far as it is known.
    const Entry = struct {
        state: State = .unused,
        address: Address = undefined,
        hop: u16 = undefined,
        hardware: HardwareAddress = undefined,
        /// When the state is over by itself.
        due_ns: u64 = undefined,
        /// Its targets; none when `known` or `silent`.
        waiting: Queue = .{},
        previous: u32 = none,
        next: u32 = none,
    };

    const State = enum {
        unused,
        unasked,
        /// So many questions are under way.
        asked_once,
        asked_twice,
        asked_thrice,
        /// The answer came; targets that wait for it may leave.
        learned,
        known,
        silent,
    };

    const List = struct { first: u32 = none, last: u32 = none };

    /// A target in a queue.
    const Place = struct { waiting: Waiting = undefined, next: u32 = none };

    /// Places in the order in which they came.
    const Queue = struct {
        first: u32 = none,
        last: u32 = none,

        fn isEmpty(queue: Queue) bool {
            return queue.first == none;
        }

        fn push(queue: *Queue, places: []Place, number: u32) void {
            places[number].next = none;
            queue.append(places, .{ .first = number, .last = number });
        }

        fn pop(queue: *Queue, places: []Place) ?u32 {
            if (queue.isEmpty()) return null;
            const number = queue.first;
            queue.first = places[number].next;
            return number;
        }

        fn append(queue: *Queue, places: []Place, other: Queue) void {
            if (other.isEmpty()) return;
            if (queue.isEmpty()) {
                queue.first = other.first;
            } else {
                places[queue.last].next = other.first;
            }
            queue.last = other.last;
        }
    };

    pub fn init(allocator: std.mem.Allocator, options: Options) !Neighbors {
        assert(options.address_count_max > 0 and options.address_count_max < none);
        assert(options.waiting_count_max > 0 and options.waiting_count_max < none);
        const entries = try allocator.alloc(Entry, options.address_count_max);
        errdefer allocator.free(entries);
        const places = try allocator.alloc(Place, options.waiting_count_max);
        errdefer allocator.free(places);
        var neighbors: Neighbors = .{
            .index = try .init(allocator, entries.len),
            .entries = entries,
            .places = places,
            .places_free = .{},
        };
        @memset(entries, .{});
        for (0..entries.len) |number| neighbors.enlist(@intCast(number), .unused);
        for (0..places.len) |number| neighbors.places_free.push(places, @intCast(number));
        return neighbors;
    }

    pub fn deinit(neighbors: *Neighbors, allocator: std.mem.Allocator) void {
        neighbors.index.deinit(allocator);
        allocator.free(neighbors.entries);
        allocator.free(neighbors.places);
        neighbors.* = undefined;
    }

    /// Somebody said where the address is. It counts only if it was asked for.
    pub fn learn(neighbors: *Neighbors, address: Address, hardware: HardwareAddress) void {
        // The lowest bit of the first octet marks groups (IEEE 802, 8.2.2): nobody's address.
        if (hardware[0] & 1 != 0) return;
        neighbors.mutex.lock();
        defer neighbors.mutex.unlock();
        const number = neighbors.index.find(address) orelse return;
        const entry = &neighbors.entries[number];
        switch (entry.state) {
            .unused => unreachable,
            .unasked => return,
            // A host that moved. What it says does not hold longer for it.
            .learned, .known => {},
            // A late answer is one.
            .asked_once, .asked_twice, .asked_thrice, .silent => neighbors.move(number, .learned),
        }
        entry.hardware = hardware;
    }

    /// Where the address is, if that is known.
    pub fn find(neighbors: *Neighbors, address: Address) ?HardwareAddress {
        neighbors.mutex.lock();
        defer neighbors.mutex.unlock();
        const number = neighbors.index.find(address) orelse return null;
        const entry = &neighbors.entries[number];
        return switch (entry.state) {
            .learned, .known => entry.hardware,
            else => null,
        };
    }

    /// The target comes back by `next`, sooner or later. Targets of one address share its
    /// questions. Full: as many wait, or as many addresses are asked for, as there is room for.
    pub fn wait(neighbors: *Neighbors, waiting: Waiting) error{Full}!void {
        neighbors.mutex.lock();
        defer neighbors.mutex.unlock();
        if (neighbors.places_free.isEmpty()) return error.Full;
        const number = neighbors.index.find(waiting.address) orelse
            try neighbors.begin(waiting.address, waiting.hop);
        const place = neighbors.places_free.pop(neighbors.places).?;
        neighbors.places[place].waiting = waiting;
        neighbors.waiting_count += 1;
        const entry = &neighbors.entries[number];
        if (entry.state == .silent) return neighbors.unanswered.push(neighbors.places, place);
        if (entry.state == .known) neighbors.move(number, .learned);
        entry.waiting.push(neighbors.places, place);
    }

    /// What is to be done at `now` (monotonic, in ns); null for the time being. A question counts
    /// as sent at `now`.
    pub fn next(neighbors: *Neighbors, now: u64) ?Action {
        neighbors.mutex.lock();
        defer neighbors.mutex.unlock();
        for ([_]State{ .known, .silent }) |state| {
            while (neighbors.due(state, now)) |number| neighbors.forget(number);
        }
        while (neighbors.due(.asked_thrice, now)) |number| {
            const entry = &neighbors.entries[number];
            neighbors.unanswered.append(neighbors.places, entry.waiting);
            entry.waiting = .{};
            entry.due_ns = now + silent_ns;
            neighbors.move(number, .silent);
        }
        if (neighbors.take(&neighbors.unanswered)) |waiting| return .{ .unanswered = waiting };
        while (neighbors.first(.learned)) |number| {
            const entry = &neighbors.entries[number];
            if (neighbors.take(&entry.waiting)) |waiting| {
                return .{ .ready = .{ .waiting = waiting, .hardware = entry.hardware } };
            }
            entry.due_ns = now + known_ns;
            neighbors.move(number, .known);
        }
        if (neighbors.due(.asked_twice, now)) |number| return neighbors.ask(number, 2, now);
        if (neighbors.due(.asked_once, now)) |number| return neighbors.ask(number, 1, now);
        if (neighbors.first(.unasked)) |number| return neighbors.ask(number, 0, now);
        return null;
    }

    /// When `next` has something to do again, unless an answer comes before: 0 at once, null never.
    pub fn deadline(neighbors: *Neighbors) ?u64 {
        neighbors.mutex.lock();
        defer neighbors.mutex.unlock();
        if (!neighbors.unanswered.isEmpty()) return 0;
        for ([_]State{ .unasked, .learned }) |state| {
            if (neighbors.first(state) != null) return 0;
        }
        var earliest: ?u64 = null;
        for (asked_states) |state| {
            const number = neighbors.first(state) orelse continue;
            const due_ns = neighbors.entries[number].due_ns;
            earliest = @min(earliest orelse due_ns, due_ns);
        }
        return earliest;
    }

    /// Whether no target waits.
    pub fn isIdle(neighbors: *Neighbors) bool {
        neighbors.mutex.lock();
        defer neighbors.mutex.unlock();
        return neighbors.waiting_count == 0;
    }

    const asked_states = [_]State{ .asked_once, .asked_twice, .asked_thrice };

    fn ask(neighbors: *Neighbors, number: u32, question_count: usize, now: u64) Action {
        const entry = &neighbors.entries[number];
        entry.due_ns = now + answer_waits_ns[question_count];
        neighbors.move(number, asked_states[question_count]);
        return .{ .ask = .{ .address = entry.address, .hop = entry.hop } };
    }

    fn take(neighbors: *Neighbors, queue: *Queue) ?Waiting {
        const place = queue.pop(neighbors.places) orelse return null;
        neighbors.places_free.push(neighbors.places, place);
        neighbors.waiting_count -= 1;
        return neighbors.places[place].waiting;
    }

    /// An entry for an address that has none, in the place of the one that is over next if it must.
    fn begin(neighbors: *Neighbors, address: Address, hop: u16) error{Full}!u32 {
        const number = neighbors.first(.unused) orelse try neighbors.evict();
        const entry = &neighbors.entries[number];
        entry.address = address;
        entry.hop = hop;
        neighbors.index.insert(number, address);
        neighbors.move(number, .unasked);
        return number;
    }

    fn evict(neighbors: *Neighbors) error{Full}!u32 {
        var oldest: ?u32 = null;
        for ([_]State{ .known, .silent }) |state| {
            const number = neighbors.first(state) orelse continue;
            const other = oldest orelse number;
            const is_older = neighbors.entries[number].due_ns <= neighbors.entries[other].due_ns;
            oldest = if (is_older) number else other;
        }
        const number = oldest orelse return error.Full;
        neighbors.forget(number);
        return number;
    }

    fn forget(neighbors: *Neighbors, number: u32) void {
        assert(neighbors.entries[number].waiting.isEmpty());
        neighbors.index.remove(number);
        neighbors.move(number, .unused);
    }

    fn first(neighbors: *const Neighbors, state: State) ?u32 {
        const number = neighbors.lists.get(state).first;
        return if (number == none) null else number;
    }

    /// The first entry of the state, if its time is over.
    fn due(neighbors: *const Neighbors, state: State, now: u64) ?u32 {
        const number = neighbors.first(state) orelse return null;
        return if (neighbors.entries[number].due_ns <= now) number else null;
    }

    fn move(neighbors: *Neighbors, number: u32, state: State) void {
        const entry = &neighbors.entries[number];
        const list = neighbors.lists.getPtr(entry.state);
        const before = if (entry.previous == none)
            &list.first
        else
            &neighbors.entries[entry.previous].next;
        const after = if (entry.next == none)
            &list.last
        else
            &neighbors.entries[entry.next].previous;
        before.* = entry.next;
        after.* = entry.previous;
        neighbors.enlist(number, state);
    }

    fn enlist(neighbors: *Neighbors, number: u32, state: State) void {
        const list = neighbors.lists.getPtr(state);
        const entry = &neighbors.entries[number];
        entry.state = state;
        entry.previous = list.last;
        entry.next = none;
        if (list.last == none) {
            list.first = number;
        } else {
            neighbors.entries[list.last].next = number;
        }
        list.last = number;
    }
};

/// What a frame says about neighbours.
pub const Heard = union(enum) {
    /// Where an address is.
    advertised: struct { address: Address, hardware: HardwareAddress },
    /// Who asks where an address is.
    asked: Question,

    pub const Question = struct { address: Address, by: Address, by_hardware: HardwareAddress };

    /// Null for all other frames. Nobody answers here for addresses that somebody only probes for
    /// being free (RFC 5227, 2.1; RFC 4862, 5.4): whoever takes one has a better right to it.
    pub fn parse(frame: []const u8) ?Heard {
        const link = ethernet.View.init(frame) catch return null;
        return switch (link.etherType()) {
            .arp => ofArp(.parse(arp.View.init(link.payload()) catch return null)),
            .ipv6 => ofPacket(link.source(), ip.View.parseFrame(frame) orelse return null),
            else => null,
        };
    }

    fn ofArp(packet: arp.Packet) ?Heard {
        return switch (packet.operation) {
            .reply => .{ .advertised = .{
                .address = packet.sender,
                .hardware = packet.sender_hardware,
            } },
            .request => if (isClaim(packet)) null else .{ .asked = .{
                .address = packet.target,
                .by = packet.sender,
                .by_hardware = packet.sender_hardware,
            } },
            _ => null,
        };
    }

    /// A probe of an address, or the announcement that follows it (RFC 5227, 2.1.1 and 2.3).
    fn isClaim(packet: arp.Packet) bool {
        return packet.sender.eql(unspecified_ipv4) or packet.sender.eql(packet.target);
    }

    fn ofPacket(source_hardware: HardwareAddress, packet: ip.View) ?Heard {
        const message = ndp.View.init(packet) catch return null;
        // Mapped, it would be taken for an address that ARP is asked for.
        if (message.target().isIpv4()) return null;
        return switch (message.kind) {
            .advertisement => .{ .advertised = .{
                .address = message.target(),
                .hardware = message.hardware() orelse return null,
            } },
            .solicitation => if (packet.source.eql(unspecified_ipv6)) null else .{ .asked = .{
                .address = message.target(),
                .by = packet.source,
                .by_hardware = message.hardware() orelse source_hardware,
            } },
        };
    }
};

const unspecified_ipv4: Address = .fromIpv4(@splat(0));
const unspecified_ipv6: Address = .fromInt(0);

/// In octets: the largest frame of a question or an answer.
pub const frame_size_max = link_header_size_max + ipv6.header_size + ndp.message_size_max;

/// Writes the frame that asks where `address` is, in the name of `source`, of its family: an ARP
/// request, or a neighbor solicitation to the group of the address. Returns its size in octets.
pub fn emitQuestion(link: Link, source: Address, address: Address, buffer: []u8) usize {
    if (address.isIpv4()) return emitArp(link, ethernet.broadcast, .{
        .operation = .request,
        .sender_hardware = link.local_hardware,
        .sender = source,
        .target = address,
    }, buffer);
    const group = ndp.solicitedNode(address);
    // RFC 2464, 7: 33:33 and the last four octets of the group.
    const hardware: HardwareAddress = .{ 0x33, 0x33 } ++ group.octets[12..16].*;
    return emitMessage(link, hardware, source, group, .{
        .kind = .solicitation,
        .target = address,
        .hardware = link.local_hardware,
    }, buffer);
}

/// Writes the frame that answers a question: the address asked for is here. For addresses that
/// frames of ours leave from and that the kernel, not having them, does not answer for. Returns its
/// size in octets.
pub fn emitAnswer(link: Link, question: Heard.Question, buffer: []u8) usize {
    if (question.address.isIpv4()) return emitArp(link, question.by_hardware, .{
        .operation = .reply,
        .sender_hardware = link.local_hardware,
        .sender = question.address,
        .target_hardware = question.by_hardware,
        .target = question.by,
    }, buffer);
    return emitMessage(link, question.by_hardware, question.address, question.by, .{
        .kind = .advertisement,
        .flags = .{ .solicited = true, .override = true },
        .target = question.address,
        .hardware = link.local_hardware,
    }, buffer);
}

fn emitArp(link: Link, to: HardwareAddress, packet: arp.Packet, buffer: []u8) usize {
    const header_size = link.emitHeader(to, .arp, buffer);
    packet.emit(buffer[header_size..]);
    return header_size + arp.packet_size;
}

fn emitMessage(
    link: Link,
    to: HardwareAddress,
    source: Address,
    destination: Address,
    message: ndp.Message,
    buffer: []u8,
) usize {
    const header_size = link.emitHeader(to, .ipv6, buffer);
    const packet: ipv6.Header = .{
        .source = source,
        .destination = destination,
        .next_header = icmpv6.protocol,
        .payload_size = @intCast(message.size()),
        .hop_limit = ndp.hop_limit,
    };
    packet.emit(buffer[header_size..]);
    const message_offset = header_size + ipv6.header_size;
    message.emit(buffer[message_offset..], source, destination);
    return message_offset + message.size();
}

const test_ms = std.time.ns_per_ms;
const test_start = 1000 * std.time.ns_per_s;
const test_hardware: HardwareAddress = .{ 2, 0, 0, 0, 0, 9 };

fn testAddress(number: u8) Address {
    return .fromIpv4(.{ 192, 0, 2, number });
}

fn testWaiting(number: u8, port: u16) Waiting {
    const index = @as(u64, number) << 16 | port;
    return .{ .address = testAddress(number), .port = port, .hop = 3, .index = index };
}

fn expectAsk(neighbors: *Neighbors, now: u64, number: u8) !void {
    const action = neighbors.next(now) orelse return error.TestUnexpectedResult;
    try std.testing.expectEqual(testAddress(number), action.ask.address);
    try std.testing.expectEqual(3, action.ask.hop);
}

fn expectReady(neighbors: *Neighbors, now: u64, waiting: Waiting) !void {
    const action = neighbors.next(now) orelse return error.TestUnexpectedResult;
    try std.testing.expectEqual(waiting, action.ready.waiting);
    try std.testing.expectEqual(test_hardware, action.ready.hardware);
}

fn expectUnanswered(neighbors: *Neighbors, now: u64, waiting: Waiting) !void {
    const action = neighbors.next(now) orelse return error.TestUnexpectedResult;
    try std.testing.expectEqual(waiting, action.unanswered);
}

fn expectNothing(neighbors: *Neighbors, now: u64) !void {
    try std.testing.expectEqual(null, neighbors.next(now));
}

fn testInit(address_count_max: u32, waiting_count_max: u32) !Neighbors {
    return .init(std.testing.allocator, .{
        .address_count_max = address_count_max,
        .waiting_count_max = waiting_count_max,
    });
}

test "targets of one address share a question, and all leave with its answer" {
    var neighbors = try testInit(4, 8);
    defer neighbors.deinit(std.testing.allocator);
    try std.testing.expect(neighbors.isIdle());
    try std.testing.expectEqual(null, neighbors.deadline());
    try neighbors.wait(testWaiting(1, 80));
    try neighbors.wait(testWaiting(1, 443));
    try std.testing.expectEqual(0, neighbors.deadline());
    try expectAsk(&neighbors, test_start, 1);
    try expectNothing(&neighbors, test_start);
    try std.testing.expectEqual(test_start + 500 * test_ms, neighbors.deadline());
    try std.testing.expectEqual(null, neighbors.find(testAddress(1)));

    neighbors.learn(testAddress(1), test_hardware);
    try std.testing.expectEqual(test_hardware, neighbors.find(testAddress(1)));
    try std.testing.expectEqual(0, neighbors.deadline());
    try expectReady(&neighbors, test_start, testWaiting(1, 80));
    try std.testing.expect(!neighbors.isIdle());
    try expectReady(&neighbors, test_start, testWaiting(1, 443));
    try std.testing.expect(neighbors.isIdle());
    try expectNothing(&neighbors, test_start);
    try std.testing.expectEqual(null, neighbors.deadline());
    // A target that came before its sender could see the answer.
    try neighbors.wait(testWaiting(1, 22));
    try expectReady(&neighbors, test_start, testWaiting(1, 22));
    try expectNothing(&neighbors, test_start);

    // It holds for five minutes, then it is asked for again.
    try expectNothing(&neighbors, test_start + known_ns - 1);
    try std.testing.expectEqual(test_hardware, neighbors.find(testAddress(1)));
    try expectNothing(&neighbors, test_start + known_ns);
    try std.testing.expectEqual(null, neighbors.find(testAddress(1)));
}

test "three questions at 0, 0.5 and 1.5 s, and silence at 2.5 s that is remembered" {
    var neighbors = try testInit(4, 8);
    defer neighbors.deinit(std.testing.allocator);
    try neighbors.wait(testWaiting(1, 80));
    try neighbors.wait(testWaiting(1, 443));
    for ([_]u64{ 0, 500, 1_500 }) |question_ms| {
        if (question_ms > 0) {
            try std.testing.expectEqual(test_start + question_ms * test_ms, neighbors.deadline());
            try expectNothing(&neighbors, test_start + question_ms * test_ms - 1);
        }
        try expectAsk(&neighbors, test_start + question_ms * test_ms, 1);
    }
    try std.testing.expectEqual(test_start + 2_500 * test_ms, neighbors.deadline());
    try expectNothing(&neighbors, test_start + 2_500 * test_ms - 1);
    const end = test_start + 2_500 * test_ms;
    try expectUnanswered(&neighbors, end, testWaiting(1, 80));
    try expectUnanswered(&neighbors, end, testWaiting(1, 443));
    try expectNothing(&neighbors, end);
    try std.testing.expect(neighbors.isIdle());

    // Another port draws no question while it is remembered.
    try neighbors.wait(testWaiting(1, 22));
    try expectUnanswered(&neighbors, end + silent_ns - 1, testWaiting(1, 22));
    try expectNothing(&neighbors, end + silent_ns);
    try neighbors.wait(testWaiting(1, 22));
    try expectAsk(&neighbors, end + silent_ns, 1);
}

test "a late answer ends the silence, and a host that moved is followed" {
    var neighbors = try testInit(4, 8);
    defer neighbors.deinit(std.testing.allocator);
    try neighbors.wait(testWaiting(1, 80));
    for ([_]u64{ 0, 500, 1_500 }) |question_ms| {
        try expectAsk(&neighbors, test_start + question_ms * test_ms, 1);
    }
    try expectUnanswered(&neighbors, test_start + 2_500 * test_ms, testWaiting(1, 80));
    neighbors.learn(testAddress(1), .{ 2, 0, 0, 0, 0, 1 });
    try expectNothing(&neighbors, test_start + 2_600 * test_ms);
    neighbors.learn(testAddress(1), test_hardware);
    try std.testing.expectEqual(test_hardware, neighbors.find(testAddress(1)));
    try neighbors.wait(testWaiting(1, 22));
    try expectReady(&neighbors, test_start + 2_700 * test_ms, testWaiting(1, 22));
}

test "what nobody asked for is ignored, and so is a group's address" {
    var neighbors = try testInit(4, 8);
    defer neighbors.deinit(std.testing.allocator);
    neighbors.learn(testAddress(1), test_hardware);
    try std.testing.expectEqual(null, neighbors.find(testAddress(1)));
    try neighbors.wait(testWaiting(1, 80));
    neighbors.learn(testAddress(1), test_hardware);
    try std.testing.expectEqual(null, neighbors.find(testAddress(1)));
    try expectAsk(&neighbors, test_start, 1);
    neighbors.learn(testAddress(1), ethernet.broadcast);
    try std.testing.expectEqual(null, neighbors.find(testAddress(1)));
}

test "room: what is under way stays, and what is over next makes way" {
    var neighbors = try testInit(2, 3);
    defer neighbors.deinit(std.testing.allocator);
    try neighbors.wait(testWaiting(1, 80));
    try neighbors.wait(testWaiting(2, 80));
    try std.testing.expectError(error.Full, neighbors.wait(testWaiting(3, 80)));
    try neighbors.wait(testWaiting(2, 443));
    try std.testing.expectError(error.Full, neighbors.wait(testWaiting(2, 22)));
    try expectAsk(&neighbors, test_start, 1);
    try expectAsk(&neighbors, test_start, 2);
    neighbors.learn(testAddress(2), test_hardware);
    try expectReady(&neighbors, test_start, testWaiting(2, 80));
    try expectReady(&neighbors, test_start, testWaiting(2, 443));
    neighbors.learn(testAddress(1), test_hardware);
    try expectReady(&neighbors, test_start + 1, testWaiting(1, 80));
    try expectNothing(&neighbors, test_start + 1);

    try neighbors.wait(testWaiting(3, 80));
    try std.testing.expectEqual(null, neighbors.find(testAddress(2)));
    try std.testing.expectEqual(test_hardware, neighbors.find(testAddress(1)));
    try neighbors.wait(testWaiting(4, 80));
    try std.testing.expectEqual(null, neighbors.find(testAddress(1)));
    try expectAsk(&neighbors, test_start + 2, 3);
    try expectAsk(&neighbors, test_start + 2, 4);
}

test "whatever happens, every target comes back once, with the last answer or none" {
    const address_count = 40;
    const Fate = enum { none, waiting, returned };
    var neighbors = try testInit(16, 64);
    defer neighbors.deinit(std.testing.allocator);
    var prng: std.Random.DefaultPrng = .init(0x6e65_6967);
    const random = prng.random();
    var fates: [1 << 12]Fate = @splat(.none);
    var answers: [address_count]HardwareAddress = undefined;
    var asked: [address_count]u8 = @splat(0);
    var next_index: u64 = 0;
    var now: u64 = test_start;
    var ready_count: usize = 0;
    var unanswered_count: usize = 0;
    while (next_index < fates.len or !neighbors.isIdle()) {
        now += random.uintLessThan(u64, 100 * test_ms);
        if (next_index < fates.len) {
            const number = random.uintLessThan(u8, address_count);
            if (neighbors.wait(.{
                .address = testAddress(number),
                .port = 80,
                .hop = 3,
                .index = next_index,
            })) {
                fates[next_index] = .waiting;
                next_index += 1;
            } else |_| {}
        }
        // Half of them are there, and lose two thirds of all questions.
        const speaker = random.uintLessThan(u8, address_count);
        if (speaker % 2 == 0 and asked[speaker] > 0 and random.uintLessThan(u8, 3) == 0) {
            answers[speaker] = .{ 2, 0, 0, 0, random.int(u8), speaker };
            neighbors.learn(testAddress(speaker), answers[speaker]);
        }
        for (0..random.uintLessThan(u8, 8)) |_| {
            const waiting = switch (neighbors.next(now) orelse break) {
                .ask => |question| {
                    asked[question.address.ipv4()[3]] += 1;
                    continue;
                },
                .ready => |it| ready: {
                    const number = it.waiting.address.ipv4()[3];
                    try std.testing.expectEqual(answers[number], it.hardware);
                    ready_count += 1;
                    break :ready it.waiting;
                },
                .unanswered => |it| unanswered: {
                    unanswered_count += 1;
                    break :unanswered it;
                },
            };
            try std.testing.expectEqual(Fate.waiting, fates[waiting.index]);
            fates[waiting.index] = .returned;
            asked[waiting.address.ipv4()[3]] = 0;
        }
    }
    for (fates) |fate| try std.testing.expectEqual(Fate.returned, fate);
    try std.testing.expect(ready_count > 500);
    try std.testing.expect(unanswered_count > 500);
    try std.testing.expectEqual(null, neighbors.deadline());
}

fn testLink(vlan: u12) Link {
    return .{
        .interface_index = 1,
        .framing = .ethernet,
        .vlan = vlan,
        .local_hardware = .{ 2, 0, 0, 0, 0, 1 },
        .mtu = 1500,
    };
}

const test_local_ipv6: Address = .fromInt(0x2001_0db8 << 96 | 1);
const test_remote_ipv6: Address = .fromInt(0x2001_0db8 << 96 | 2);

const test_arp_question = [_]u8{
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06, //
    0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, // Ethernet, IPv4, request
    2, 0, 0, 0, 0, 1, 192, 0, 2, 1, // sender
    0, 0, 0, 0, 0, 0, 192, 0, 2, 2, // target
};

/// The checksum is that of the solicitation in wire/ndp.zig.
const test_ndp_question = [_]u8{
    0x33, 0x33, 0xff, 0x00, 0x00, 0x02, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, //
    0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff, //
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, //
    0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2, //
    0x87, 0x00, 0x1c, 0x27, 0, 0, 0, 0, //
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, // target
    0x01, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, // source link-layer address
};

test "questions octet by octet, with a tag when there is one" {
    const questions = [_][]const u8{ &test_arp_question, &test_ndp_question };
    const sources = [_]Address{ testAddress(1), test_local_ipv6 };
    const targets = [_]Address{ testAddress(2), test_remote_ipv6 };
    for (questions, sources, targets) |expected, source, target| {
        var buffer: [frame_size_max]u8 = undefined;
        const size = emitQuestion(testLink(0), source, target, &buffer);
        try std.testing.expectEqualSlices(u8, expected, buffer[0..size]);
        const tagged_size = emitQuestion(testLink(100), source, target, &buffer);
        try std.testing.expectEqual(size + ethernet.tag_size, tagged_size);
        const tag = [_]u8{ 0x81, 0x00, 0x00, 0x64 };
        try std.testing.expectEqualSlices(u8, &tag, buffer[12..16]);
        try std.testing.expectEqualSlices(u8, expected[12..], buffer[16..tagged_size]);
    }
}

test "questions are heard, and their answers too" {
    const sources = [_]Address{ testAddress(1), test_local_ipv6 };
    const targets = [_]Address{ testAddress(2), test_remote_ipv6 };
    for (sources, targets) |source, target| {
        for ([_]u12{ 0, 100 }) |vlan| {
            var asker = testLink(vlan);
            asker.local_hardware = test_hardware;
            var buffer: [frame_size_max]u8 = undefined;
            const size = emitQuestion(asker, source, target, &buffer);
            const heard = Heard.parse(buffer[0..size]).?;
            try std.testing.expectEqual(Heard{ .asked = .{
                .address = target,
                .by = source,
                .by_hardware = test_hardware,
            } }, heard);
            for (0..size) |cut| try std.testing.expectEqual(null, Heard.parse(buffer[0..cut]));

            const answer_size = emitAnswer(testLink(vlan), heard.asked, &buffer);
            const link: ethernet.View = try .init(buffer[0..answer_size]);
            try std.testing.expectEqual(test_hardware, link.destination());
            try std.testing.expectEqual(Heard{ .advertised = .{
                .address = target,
                .hardware = testLink(vlan).local_hardware,
            } }, Heard.parse(buffer[0..answer_size]).?);
            for (0..answer_size) |cut| {
                try std.testing.expectEqual(null, Heard.parse(buffer[0..cut]));
            }
        }
    }
}

test "a probe for a free address is no question" {
    var frame: [frame_size_max]u8 = undefined;
    const size = emitQuestion(testLink(0), unspecified_ipv4, testAddress(2), &frame);
    try std.testing.expectEqual(null, Heard.parse(frame[0..size]));
    const group = ndp.solicitedNode(test_remote_ipv6);
    const detection_size = emitMessage(
        testLink(0),
        ethernet.broadcast,
        unspecified_ipv6,
        group,
        .{ .kind = .solicitation, .target = test_remote_ipv6, .hardware = null },
        &frame,
    );
    try std.testing.expectEqual(null, Heard.parse(frame[0..detection_size]));
}

test "whatever one octet says, nothing false is heard" {
    const header_size = ethernet.header_size;
    for (test_ndp_question, 0..) |right, index| {
        for (0..256) |value| {
            var frame = test_ndp_question;
            frame[index] = @intCast(value);
            const heard = Heard.parse(&frame);
            // The checksum covers all but the link header, the traffic class and the flow label.
            const is_covered = index >= header_size + 4;
            if (value != right and is_covered) try std.testing.expectEqual(null, heard);
        }
    }
    for (test_arp_question, 0..) |right, index| {
        for (0..256) |value| {
            var frame = test_arp_question;
            frame[index] = @intCast(value);
            const heard = Heard.parse(&frame);
            const is_prologue = index >= header_size and index < header_size + 6;
            if (value != right and is_prologue) try std.testing.expectEqual(null, heard);
        }
    }
}
