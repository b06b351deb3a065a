const std = @import("std");
const ChainStore = @import("lab/chain_store.zig").ChainStore;
const TlsServer = @import("lab/tls_server.zig").TlsServer;
const Host = @import("lab/host.zig").Host;
const World = @import("lab/world.zig").World;
const Prefix = @import("lab/world.zig").Prefix;
const service = @import("lab/service.zig");
const c = std.c;
extern fn atoi(s: [*:0]const u8) c_int;

pub fn main(init: std.process.Init) !void {
    const arena = init.arena.allocator();
    const args = try init.minimal.args.toSlice(arena);
    const text = try (std.Io.Dir.cwd()).readFileAlloc(init.io, args[1], arena, .limited(1 << 24));
    var d: ChainStore.Diagnosis = .{};
    var store = ChainStore.load(arena, args[1], text, &d) catch {
        std.debug.print("{s}\n", .{d.message()});
        return;
    };
    store.chains = store.chains[@intCast(atoi(args[4]))..][0..1];
    const versions = std.meta.stringToEnum(@import("lab/world.zig").TlsVersions, args[2]).?;
    const retry: u32 = if (std.mem.eql(u8, args[3], "retry")) 1_000_000 else 0;
    const prefixes = [_]Prefix{.{
        .first = .fromIpv4(.{ 10, 0, 0, 0 }),
        .last = .fromIpv4(.{ 10, 0, 0, 255 }),
        .length = 24,
        .tls_versions = .{ .options = &.{.{ .value = versions, .share = 1_000_000 }} },
        .tls_retry = retry,
    }};
    const world: World = .{ .prefixes = &prefixes, .chain_count = 1 };
    const host: Host = .at(&world, 0, .fromIpv4(.{ 10, 0, 0, 1 }));
    var server: TlsServer = try .init(arena, &store);
    const fd = c.socket(2, 1, 0);
    const one: c_int = 1;
    _ = c.setsockopt(fd, 1, 2, &one, 4);
    var addr: c.sockaddr.in = .{ .port = std.mem.nativeToBig(u16, 18443), .addr = 0x0100007f };
    if (c.bind(fd, @ptrCast(&addr), @sizeOf(@TypeOf(addr))) != 0) return error.Bind;
    _ = c.listen(fd, 5);
    std.debug.print("ready\n", .{});
    for (0..1) |_| {
        const s = c.accept(fd, null, null);
        var conversation: service.Conversation = .none;
        var buffer: [65536]u8 = undefined;
        var have: usize = 0;
        while (true) {
            const n = c.read(s, buffer[have..].ptr, 700);
            if (n <= 0) break;
            have += @intCast(n);
            var a = server.answer(host, 42, &conversation, buffer[0..have]);
            std.debug.print("have {d} consumed {d} size {d} {t}\n", .{ have, a.consumed, a.response.size(), a.after });
            const out = try arena.alloc(u8, a.response.size());
            a.response.read(0, out);
            server.release(&a.response);
            _ = c.write(s, out.ptr, out.len);
            std.mem.copyForwards(u8, &buffer, buffer[a.consumed..have]);
            have -= a.consumed;
            if (a.after != .stay) break;
        }
        _ = c.close(s);
    }
}
