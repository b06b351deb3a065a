//! What a world file says. `world_file.zig` reads one, `host.zig` draws single hosts from it.

const std = @import("std");
const Address = @import("../src/wire/address.zig").Address;
const weighted = @import("weighted.zig");
const Share = weighted.Share;
const Weighted = weighted.Weighted;

pub const World = struct {
    /// Decides everything that is drawn.
    seed: u64 = 1,
    /// How many different certificate chains there are.
    chain_count: u32 = 512,
    /// How many certificates a chain has, 1 to 5.
    chain_size: Weighted(u8) = .{ .options = &.{
        .{ .value = 1, .share = 200_000 },
        .{ .value = 2, .share = 450_000 },
        .{ .value = 3, .share = 250_000 },
        .{ .value = 4, .share = 70_000 },
        .{ .value = 5, .share = 30_000 },
    } },
    /// How many connections the hosts hold at once, all together.
    connection_count_max: u32 = 131_072,
    /// In ascending order of addresses, without overlap; at least one.
    prefixes: []const Prefix,

    /// The prefix that holds an address.
    pub fn prefixIndexOf(world: *const World, address: Address) ?u16 {
        var low: usize = 0;
        var high = world.prefixes.len;
        const wanted = address.toInt();
        while (low < high) {
            const middle = low + (high - low) / 2;
            const prefix = &world.prefixes[middle];
            if (wanted < prefix.first.toInt()) {
                high = middle;
            } else if (wanted > prefix.last.toInt()) {
                low = middle + 1;
            } else {
                return @intCast(middle);
            }
        }
        return null;
    }
};

/// Above this a world file is refused.
pub const prefix_count_max = 4096;

pub const Prefix = struct {
    first: Address,
    last: Address,
    /// In bits, of the address's own family.
    length: u8,
    /// The share of addresses that are hosts.
    hosts: Share = weighted.share_all,
    /// What an address that is no host does: `silent` or `unreachable_host`.
    absent: Weighted(PortState) = .only(.silent),
    /// The first rule that names a port decides; one without ports names all. Never empty.
    ports: []const PortRule = &.{.{ .ports = null, .states = .only(.closed) }},
    time_to_live: Weighted(u8) = .only(64),
    /// The window of the SYN-ACK, unscaled.
    window: Weighted(u16) = .only(65_535),
    options: Weighted(OptionProfile) = .only(.linux),
    behavior: Weighted(Behavior) = .only(.ordinary),
    tls_versions: Weighted(TlsVersions) = .only(.tls12_or_tls13),
    /// The share of servers with TLS 1.3 that take P-384 only: they ask for it by
    /// HelloRetryRequest.
    tls_retry: Share = 0,
    /// The share of servers that refuse a hello without a server name.
    tls_name: Share = 0,

    round_trip: Weighted(RoundTrip) = .only(.{ .first_ns = 0, .last_ns = 0 }),
    /// From the scanner to the hosts.
    forward: Leg = .{},
    /// And from the hosts to the scanner.
    back: Leg = .{},
    /// The share of hosts whose answers come from another address of the prefix.
    elsewhere: Share = 0,
    /// The tag that frames to and from the prefix carry (IEEE 802.1Q); 0 for none.
    vlan: u12 = 0,
    /// Of the path, in octets of IP packet.
    mtu: u16 = 1500,
    /// Whether the hosts are the scanner's neighbours, each with a hardware address of its own,
    /// in place of being behind the gateway.
    on_link: bool = false,

    pub fn isIpv4(prefix: *const Prefix) bool {
        return prefix.first.isIpv4();
    }
};

pub const PortRange = struct {
    first: u16,
    last: u16,
};

pub const PortRule = struct {
    /// Null: all that no rule before names.
    ports: ?[]const PortRange,
    states: Weighted(PortState),
    /// What answers on it where it is open.
    service: Protocol = .mute,

    pub fn names(rule: PortRule, port: u16) bool {
        const ports = rule.ports orelse return true;
        for (ports) |range| if (port >= range.first and port <= range.last) return true;
        return false;
    }
};

pub const PortState = enum {
    open,
    /// Answers with RST.
    closed,
    silent,
    /// ICMP "port unreachable" from the host.
    unreachable_port,
    /// ICMP "host unreachable" from the router before it; "address unreachable" in IPv6.
    unreachable_host,
};

pub const Protocol = enum {
    tls,
    http,
    /// Greets with a version line.
    ssh,
    /// Takes what it gets, and says nothing.
    mute,
};

/// Which options a SYN-ACK has; those that the SYN must have offered only when it did.
pub const OptionProfile = enum {
    /// Maximum segment size, SACK permitted, timestamps, window scale 7.
    linux,
    /// Maximum segment size, window scale 8, SACK permitted.
    windows,
    /// Maximum segment size, window scale 6, SACK permitted, timestamps.
    bsd,
    /// Maximum segment size alone.
    mss,
    none,
};

/// What a host does wrong, on each of its open ports.
pub const Behavior = enum {
    ordinary,
    /// Its window is 0 from the SYN-ACK on.
    zero_window,
    /// Says nothing after its SYN-ACK.
    silent_after_syn_ack,
    /// Acknowledges what it gets, and never answers.
    never_answers,
    /// Every port is open; it acknowledges data and says nothing ("HyperACKtive": Sattler et al.,
    /// "Packed to the Brim", IMC 2023).
    answers_on_all_ports,
    /// Resets the connection at the first data.
    resets_after_data,
    /// Its answer comes in segments of one octet, one each second.
    one_byte_per_second,
    /// A handshake message without end: behind its ServerHello in TLS 1.2, as its ServerHello in
    /// TLS 1.3, where what is behind cannot be read.
    endless_records,
    /// A length is wrong: of its Certificate message in TLS 1.2, of its ServerHello in TLS 1.3.
    wrong_lengths,
    /// Its SYN-ACK carries data.
    data_in_syn_ack,
    /// Its SYN-ACK acknowledges what was not sent.
    wrong_acknowledgment,
    /// Beside its own SYN-ACK comes one from another address of the prefix, at that one's distance,
    /// which acknowledges what was not sent.
    spoofed_replies,
};

pub const TlsVersions = enum { tls12, tls12_or_tls13, tls13 };

/// One of the times from first to last, evenly.
pub const RoundTrip = struct { first_ns: u64, last_ns: u64 };

/// One direction of the path to a prefix.
pub const Leg = struct {
    loss: Share = 0,
    duplication: Share = 0,
    /// The share of packets that are held back, and for how long.
    reordering: Share = 0,
    reordering_ns: u64 = 0,
    /// In bits of Ethernet frames a second, without preamble and checksum; null is unlimited.
    rate: ?u64 = null,
    /// How long a packet may wait for its turn before it is dropped.
    queue_ns: u64 = 0,
};
