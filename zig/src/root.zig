//! The exported twin of the packet plane: pointers and numbers in, one `Status` out. No logic lives
//! here.

const std = @import("std");
const Address = @import("wire/address.zig").Address;
const Bucket = @import("bucket.zig").Bucket;
const EventCounter = @import("sys/event_counter.zig").EventCounter;
const Permutation = @import("permutation.zig").Permutation;
const Plane = @import("plane.zig").Plane;
const Status = @import("status.zig").Status;
const TargetSet = @import("target_set.zig").TargetSet;
const abi = @import("abi.zig");
const address_list = @import("address_list.zig");
const clock = @import("sys/clock.zig");
const flow = @import("flow.zig");
const hop = @import("hop.zig");
const neighbor = @import("sys/neighbor.zig");
const netlink = @import("sys/netlink.zig");
const hop_table = @import("hop_table.zig");
const plane_module = @import("plane.zig");
const probe = @import("probe.zig");
const receive = @import("receive.zig");
const ring = @import("ring.zig");
const shared = @import("shared.zig");
const status = @import("status.zig");
const target_set = @import("target_set.zig");
const targets_module = @import("targets.zig");
const tls13 = @import("tls13.zig");
const transmitter = @import("sys/transmitter.zig");

const allocator = std.heap.c_allocator;

pub const structs = .{
    shared.Control,            shared.Channel,       shared.Budget,
    Bucket,                    ring.Positions,       ring.RecordHeader,
    shared.HostFacts,          shared.Reply,         shared.Open,
    shared.Ended,              shared.WalkTarget,    plane_module.Config,
    targets_module.Targets,    targets_module.Order, address_list.Ipv4Interval,
    address_list.Ipv6Interval, target_set.Group,     hop_table.HopConfig,
    hop_table.RouteInterval,   netlink.Route,        netlink.Interface,
    netlink.LocalAddress,      netlink.Rule,         NeighborQuery,
    EventCounter,              tls13.RecordKeys,     plane_module.Progress,
};

pub const enums = .{
    Status,             shared.SweepState,  shared.EventKind,       shared.CommandKind,
    shared.Verdict,     shared.Obstacle,    receive.Manner,         probe.Preset,
    hop.Kind,           flow.EndReason,     netlink.RouteKind,      neighbor.Source,
    transmitter.Method, netlink.RuleAction, netlink.RuleConditions, shared.Handshake,
};

/// Exports that may wait: JavaScript calls them off its own thread.
pub const blocking = .{ "margay_plane_wait", "margay_neighbor_resolve" };

pub const abi_fingerprint = abi.fingerprint(exports, structs, enums);

/// `hardware_address` and `source` are written.
pub const NeighborQuery = extern struct {
    local: Address,
    neighbor: Address,
    interface_index: u32,
    /// A `neighbor.Source`.
    source: u32,
    local_hardware: [6]u8,
    hardware_address: [6]u8,
    /// The VLAN to ask in; 0: without a tag.
    vlan: u16,
    /// Not 0: ask even for what the kernel's table knows.
    is_anew: u16,
};

/// A walk over a target set without sending: the order of a dry run and of the kernel transport.
const Walk = struct {
    targets: TargetSet,
    walk: Permutation.Walk,
};

pub const exports = struct {
    /// Writes the fingerprint that bindings of the same build carry.
    pub fn margay_abi(fingerprint: *u64) callconv(.c) Status {
        fingerprint.* = abi_fingerprint;
        return .ok;
    }

    /// Writes errno of this thread's last failed call.
    pub fn margay_last_code(code: *u32) callconv(.c) Status {
        code.* = status.lastCode();
        return .ok;
    }

    /// Writes up to `capacity` interfaces and their number. `no_space` when there are more.
    pub fn margay_interfaces(
        found: [*]netlink.Interface,
        capacity: u32,
        count: *u32,
    ) callconv(.c) Status {
        count.* = written(netlink.interfaces(found[0..capacity]) catch |err| return .from(err));
        return .ok;
    }

    /// Writes up to `capacity` addresses of this host and their number. `no_space` when there are
    /// more.
    pub fn margay_local_addresses(
        found: [*]netlink.LocalAddress,
        capacity: u32,
        count: *u32,
    ) callconv(.c) Status {
        count.* = written(netlink.localAddresses(found[0..capacity]) catch |err| return .from(err));
        return .ok;
    }

    /// Writes up to `capacity` routes and their number. `no_space` when there are more.
    pub fn margay_routes(found: [*]netlink.Route, capacity: u32, count: *u32) callconv(.c) Status {
        count.* = written(netlink.routes(found[0..capacity]) catch |err| return .from(err));
        return .ok;
    }

    /// Writes up to `capacity` policy rules and their number. `no_space` when there are more.
    pub fn margay_rules(found: [*]netlink.Rule, capacity: u32, count: *u32) callconv(.c) Status {
        count.* = written(netlink.rules(found[0..capacity]) catch |err| return .from(err));
        return .ok;
    }

    /// Asks for a next hop's link address: the kernel's table first, then ARP or NDP. `no_neighbor`
    /// after three seconds.
    pub fn margay_neighbor_resolve(query: *NeighborQuery) callconv(.c) Status {
        const found = neighbor.resolve(.{
            .interface_index = query.interface_index,
            .local = query.local,
            .local_hardware = query.local_hardware,
            .neighbor = query.neighbor,
            .vlan = std.math.cast(u12, query.vlan) orelse return .invalid_argument,
            .is_anew = query.is_anew != 0,
        }) catch |err| return .from(err);
        const resolution = found orelse return .no_neighbor;
        query.hardware_address = resolution.hardware_address;
        query.source = @intFromEnum(resolution.source);
        return .ok;
    }

    /// Sets what a second may hold; 0 lifts the limit. `burst_ns` is how much idle time may be made
    /// up for.
    pub fn margay_bucket_set(
        bucket: *Bucket,
        units_per_second: u64,
        burst_ns: u64,
    ) callconv(.c) Status {
        bucket.setRate(units_per_second);
        bucket.setDepth(burst_ns);
        return .ok;
    }

    /// Takes `units` when the bucket's debt is at most `debt_ns` of its rate; writes 0, or how long
    /// to wait.
    pub fn margay_bucket_take(
        bucket: *Bucket,
        units: u64,
        debt_ns: u64,
        wait_ns: *u64,
    ) callconv(.c) Status {
        wait_ns.* = switch (bucket.take(clock.now(), units, debt_ns)) {
            .taken => 0,
            .wait_ns => |wait| wait,
        };
        return .ok;
    }

    /// Takes `units` whatever the bucket holds: what has happened cannot wait. Debt beyond
    /// `debt_ns_max` of its rate is forgiven.
    pub fn margay_bucket_spend(bucket: *Bucket, units: u64, debt_ns_max: u64) callconv(.c) Status {
        bucket.spendBounded(clock.now(), units, debt_ns_max);
        return .ok;
    }

    /// Gives `units` back.
    pub fn margay_bucket_refund(bucket: *Bucket, units: u64) callconv(.c) Status {
        bucket.refund(units);
        return .ok;
    }

    /// Writes a handle of a walk over the targets, to be ended with `margay_walk_close`.
    pub fn margay_walk_open(
        targets: *const targets_module.Targets,
        order: *const targets_module.Order,
        handle: *usize,
    ) callconv(.c) Status {
        const walk = allocator.create(Walk) catch return .out_of_memory;
        walk.targets = targets.build(allocator, order.seed) catch |err| {
            allocator.destroy(walk);
            return .from(err);
        };
        walk.walk = order.walk(walk.targets.count) catch |err| {
            walk.targets.deinit(allocator);
            allocator.destroy(walk);
            return .from(err);
        };
        handle.* = @intFromPtr(walk);
        return .ok;
    }

    /// Writes the next targets in sending order, up to `capacity`, and their number: fewer only at
    /// the end. `cursor` is where the walk has come with them.
    pub fn margay_walk_next(
        handle: usize,
        found: [*]shared.WalkTarget,
        capacity: u32,
        count: *u32,
        cursor: *u64,
    ) callconv(.c) Status {
        const walk: *Walk = @ptrFromInt(handle);
        var filled: u32 = 0;
        while (filled < capacity) : (filled += 1) {
            const index = walk.walk.next() orelse break;
            const target = walk.targets.at(index);
            found[filled] = .{ .address = target.address, .port = target.port };
        }
        count.* = filled;
        cursor.* = walk.walk.cursor();
        return .ok;
    }

    pub fn margay_walk_close(handle: usize) callconv(.c) Status {
        const walk: *Walk = @ptrFromInt(handle);
        walk.targets.deinit(allocator);
        allocator.destroy(walk);
        return .ok;
    }

    /// Reserves ports, sockets and memory for a run and writes its handle; sends nothing. `in_use`
    /// when a source port is taken.
    pub fn margay_plane_open(
        config: *const plane_module.Config,
        handle: *usize,
    ) callconv(.c) Status {
        const plane = allocator.create(Plane) catch return .out_of_memory;
        plane.init(allocator, config) catch |err| {
            allocator.destroy(plane);
            return .from(err);
        };
        handle.* = @intFromPtr(plane);
        return .ok;
    }

    /// Starts reading and sending.
    pub fn margay_plane_start(handle: usize) callconv(.c) Status {
        const plane: *Plane = @ptrFromInt(handle);
        plane.start() catch |err| return .from(err);
        return .ok;
    }

    /// Makes a reader look at its commands now.
    pub fn margay_plane_kick(handle: usize, reader: u32) callconv(.c) Status {
        const plane: *const Plane = @ptrFromInt(handle);
        plane.kick(reader);
        return .ok;
    }

    /// Writes the next targets that were probed and kept silent, up to `capacity`, and their
    /// number: fewer only at the end. The sweep must be over.
    pub fn margay_plane_silent(
        handle: usize,
        found: [*]shared.WalkTarget,
        capacity: u32,
        count: *u32,
    ) callconv(.c) Status {
        const plane: *Plane = @ptrFromInt(handle);
        count.* = @intCast(plane.nextSilent(found[0..capacity]));
        return .ok;
    }

    /// Returns when the event counter has left `seen`, or after `timeout_ns`.
    pub fn margay_plane_wait(handle: usize, seen: u32, timeout_ns: u64) callconv(.c) Status {
        const plane: *Plane = @ptrFromInt(handle);
        plane.control.event_counter.wait(seen, timeout_ns);
        return .ok;
    }

    /// Ends the threads, closes the guards and frees everything. No `margay_plane_wait` may be
    /// under way.
    pub fn margay_plane_close(handle: usize) callconv(.c) Status {
        const plane: *Plane = @ptrFromInt(handle);
        plane.deinit();
        allocator.destroy(plane);
        return .ok;
    }

    /// Writes the public share of a TLS 1.3 key exchange and its length. `invalid_argument` for a
    /// `tls13.Group` that there is not, or a secret that is no scalar of its curve.
    pub fn margay_tls13_share(
        group: u32,
        secret: *const tls13.Secret,
        share: *[tls13.share_bytes_max]u8,
        length: *u32,
    ) callconv(.c) Status {
        const known = std.enums.fromInt(tls13.Group, group) orelse return .invalid_argument;
        length.* = written(tls13.publicShare(known, secret, share) catch |err| return .from(err));
        return .ok;
    }

    /// Writes the keys of a TLS 1.3 server's handshake records and 1, or 0 when the server's share
    /// is none of its group.
    pub fn margay_tls13_keys(
        suite: u32,
        group: u32,
        secret: *const tls13.Secret,
        share: [*]const u8,
        share_length: u32,
        transcript: [*]const u8,
        transcript_length: u32,
        keys: *tls13.RecordKeys,
        accepted: *u32,
    ) callconv(.c) Status {
        accepted.* = 0;
        keys.* = tls13.serverHandshakeKeys(
            std.enums.fromInt(tls13.Suite, suite) orelse return .invalid_argument,
            std.enums.fromInt(tls13.Group, group) orelse return .invalid_argument,
            secret,
            share[0..share_length],
            transcript[0..transcript_length],
        ) catch return .ok;
        accepted.* = 1;
        return .ok;
    }

    /// Opens a TLS 1.3 record, header included, in place and writes 1, or 0 when its tag is wrong.
    pub fn margay_tls13_open(
        keys: *const tls13.RecordKeys,
        sequence: u64,
        record: [*]u8,
        length: u32,
        accepted: *u32,
    ) callconv(.c) Status {
        accepted.* = 0;
        const suite = std.enums.fromInt(tls13.Suite, keys.suite) orelse return .invalid_argument;
        if (length < tls13.record_header_bytes) return .invalid_argument;
        tls13.openRecord(suite, keys, sequence, record[0..length]) catch return .ok;
        accepted.* = 1;
        return .ok;
    }
};

fn written(found: anytype) u32 {
    return @intCast(found.len);
}

comptime {
    for (blocking) |name| std.debug.assert(@hasDecl(exports, name));
    for (@typeInfo(exports).@"struct".decls) |decl| {
        @export(&@field(exports, decl.name), .{ .name = decl.name });
    }
}
