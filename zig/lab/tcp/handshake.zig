//! What a SYN offers, and what the host makes of it in its SYN-ACK.

const tcp = @import("../../src/wire/tcp.zig");
const Host = @import("../host.zig").Host;
const ipHeaderSize = @import("../packet.zig").ipHeaderSize;
const OptionProfile = @import("../world.zig").OptionProfile;
const Offered = @import("../syn_cookie.zig").Offered;

/// A client that offers less is taken for one that offers this: every segment costs the same, and
/// a few octets in each would multiply their number (CVE-2019-11479).
const segment_size_min = 48;
/// RFC 7323, 2.3.
const window_scale_max = 14;
/// In octets, with padding (RFC 7323, appendix A).
const timestamps_size = 12;

pub const Offer = struct {
    /// Of data and options, in octets (RFC 6691).
    segment_size: u16,
    window_scale: ?u4,
    has_timestamps: bool,
    has_selective: bool,

    pub fn of(synchronize: tcp.Segment, host: Host) Offer {
        const options = synchronize.options;
        return .{
            .segment_size = options.maximum_segment_size orelse defaultSegmentSize(host),
            .window_scale = if (options.window_scale) |scale|
                @intCast(@min(scale, window_scale_max))
            else
                null,
            .has_timestamps = options.timestamps != null,
            .has_selective = options.selective_acknowledgment_permitted,
        };
    }

    /// As much of it as a cookie has kept; the rest no longer matters after the SYN-ACK.
    pub fn fromCookie(offered: Offered) Offer {
        return .{
            .segment_size = offered.segmentSize(),
            .window_scale = offered.windowScale(),
            .has_timestamps = offered.has_timestamps,
            .has_selective = false,
        };
    }

    pub fn toCookie(offer: Offer) Offered {
        return .init(offer.segment_size, offer.window_scale, offer.has_timestamps);
    }

    /// RFC 9293, 3.7.1.
    fn defaultSegmentSize(host: Host) u16 {
        return if (host.address.isIpv4()) 536 else 1220;
    }
};

/// What both sides use from now on.
pub const Agreement = packed struct(u8) {
    has_timestamps: bool,
    has_window_scale: bool,
    has_selective: bool,
    /// That of the client's windows.
    send_scale: u4,
    unused: u1 = 0,

    pub fn init(offer: Offer, profile: OptionProfile) Agreement {
        const has_window_scale = offer.window_scale != null and windowScale(profile) != null;
        return .{
            .has_timestamps = offer.has_timestamps and switch (profile) {
                .linux, .bsd => true,
                .windows, .mss, .none => false,
            },
            .has_window_scale = has_window_scale,
            .has_selective = offer.has_selective and switch (profile) {
                .linux, .windows, .bsd => true,
                .mss, .none => false,
            },
            .send_scale = if (has_window_scale) offer.window_scale.? else 0,
        };
    }

    /// Of the host's windows behind the SYN-ACK.
    pub fn receiveScale(agreement: Agreement, profile: OptionProfile) u4 {
        return if (agreement.has_window_scale) windowScale(profile).? else 0;
    }

    /// How much data a segment to the client carries, in octets.
    pub fn segmentSize(agreement: Agreement, offer: Offer, host: Host) u16 {
        const size = @max(@min(offer.segment_size, hostSegmentSize(host)), segment_size_min);
        return if (agreement.has_timestamps) size - timestamps_size else size;
    }

    /// The options of the SYN-ACK; `timestamps` are used if it has any.
    pub fn options(agreement: Agreement, host: Host, timestamps: tcp.Timestamps) tcp.Options {
        const profile = host.options();
        return .{
            .maximum_segment_size = if (profile == .none) null else hostSegmentSize(host),
            .window_scale = if (agreement.has_window_scale) windowScale(profile).? else null,
            .selective_acknowledgment_permitted = agreement.has_selective,
            .timestamps = if (agreement.has_timestamps) timestamps else null,
        };
    }

    fn windowScale(profile: OptionProfile) ?u4 {
        return switch (profile) {
            .linux => 7,
            .windows => 8,
            .bsd => 6,
            .mss, .none => null,
        };
    }
};

/// What a packet of the path has room for.
fn hostSegmentSize(host: Host) u16 {
    return @intCast(host.prefix().mtu - ipHeaderSize(host.address) - tcp.header_size_min);
}
