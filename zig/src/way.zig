//! A hop as the threads use it: which link it leaves through, and its probes built in advance.

const Hop = @import("hop.zig").Hop;
const Template = @import("probe.zig").Template;

pub const Way = struct {
    hop: Hop,
    /// Index of its link among the plane's.
    link: u16,
    /// One for each source address of the hop, in the same order.
    templates: []Template,
};
