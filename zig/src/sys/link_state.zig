//! What an interface is and whether it can carry frames right now (netdevice(7)).

const std = @import("std");
const linux = std.os.linux;
const call = @import("call.zig");

/// ARPHRD_ETHER of include/uapi/linux/if_arp.h.
const hardware_type_ethernet = 1;

/// ETHTOOL_GLINK of include/uapi/linux/ethtool.h.
const ethtool_get_link = 0x0a;

/// Whether its frames have Ethernet headers. The loopback interface says that they have not.
pub fn isEthernet(interface_index: u32) call.Error!bool {
    const question: Question = try .open(interface_index);
    defer question.close();
    const answer = try question.ask(linux.SIOCGIFHWADDR);
    return answer.ifru.hwaddr.family == hardware_type_ethernet;
}

/// Whether it is up and its cable, if it has one, is plugged in.
pub fn isRunning(interface_index: u32) call.Error!bool {
    const question: Question = try .open(interface_index);
    defer question.close();
    const answer = try question.ask(linux.SIOCGIFFLAGS);
    if (!answer.ifru.flags.UP) return false;
    // The flag for it lags behind by up to a second: it stands in for devices that do not tell.
    return question.hasLink() catch answer.ifru.flags.RUNNING;
}

/// Any kind of socket can ask, about an interface by its name.
const Question = struct {
    socket: linux.fd_t,
    request: linux.ifreq,

    fn open(interface_index: u32) call.Error!Question {
        const kind = linux.SOCK.DGRAM | linux.SOCK.CLOEXEC;
        var question: Question = .{
            .socket = try call.descriptor(linux.socket(linux.AF.UNIX, kind, 0)),
            .request = std.mem.zeroes(linux.ifreq),
        };
        errdefer question.close();
        question.request.ifru.ivalue = @intCast(interface_index);
        question.request = try question.ask(linux.SIOCGIFNAME);
        return question;
    }

    fn close(question: *const Question) void {
        _ = linux.close(question.socket);
    }

    fn ask(question: *const Question, code: u32) call.Error!linux.ifreq {
        var answer = question.request;
        _ = try call.check(linux.ioctl(question.socket, code, @intFromPtr(&answer)));
        return answer;
    }

    fn hasLink(question: *const Question) call.Error!bool {
        // struct ethtool_value.
        var value: extern struct { command: u32 = ethtool_get_link, data: u32 = 0 } = .{};
        var request = question.request;
        request.ifru.data = @ptrCast(&value);
        const result = linux.ioctl(question.socket, linux.SIOCETHTOOL, @intFromPtr(&request));
        _ = try call.check(result);
        return value.data != 0;
    }
};

test "the loopback interface is not Ethernet, and what does not exist is not there" {
    try std.testing.expect(!try isEthernet(1));
    try std.testing.expectError(error.NoInterface, isRunning(std.math.maxInt(i32)));
}
