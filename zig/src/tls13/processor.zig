//! What the processor that this runs on can do beyond the one that the library is built for.

const builtin = @import("builtin");
const std = @import("std");

/// Whether it has what `zig/build.zig` builds the accelerated object for: AES, carry-less
/// multiplication, and on x86-64 the vectors in which both are encoded. Looked up once: under a
/// hypervisor CPUID takes longer than what it decides on.
pub fn hasAes() bool {
    const known = aes.load(.monotonic);
    if (known != .unknown) return known == .yes;
    const found: Answer = if (lookUpAes()) .yes else .no;
    aes.store(found, .monotonic);
    return found == .yes;
}

const Answer = enum(u8) { unknown, no, yes };

var aes: std.atomic.Value(Answer) = .init(.unknown);

fn lookUpAes() bool {
    return switch (builtin.cpu.arch) {
        .x86_64 => x86_64: {
            // CPUID leaf 1, ECX (Intel 64 Architectures Manual, volume 2A, CPUID): PCLMULQDQ,
            // SSSE3, SSE4.1, SSE4.2, POPCNT, AES, OSXSAVE, AVX.
            const wanted = bits(&.{ 1, 9, 19, 20, 23, 25, 27, 28 });
            if (featuresOfLeaf1() & wanted != wanted) break :x86_64 false;
            // The kernel saves the registers of SSE and AVX (volume 1, 13.3).
            break :x86_64 extendedControl0() & bits(&.{ 1, 2 }) == bits(&.{ 1, 2 });
        },
        .aarch64 => aarch64: {
            // HWCAP_AES and HWCAP_PMULL (arch/arm64/include/uapi/asm/hwcap.h).
            const wanted = bits(&.{ 3, 4 });
            break :aarch64 std.os.linux.getauxval(std.elf.AT_HWCAP) & wanted == wanted;
        },
        else => false,
    };
}

fn bits(positions: []const u5) u32 {
    var all: u32 = 0;
    for (positions) |position| all |= @as(u32, 1) << position;
    return all;
}

fn featuresOfLeaf1() u32 {
    return asm volatile ("cpuid"
        : [features] "={ecx}" (-> u32),
        : [leaf] "{eax}" (@as(u32, 1)),
          [subleaf] "{ecx}" (@as(u32, 0)),
        : .{ .eax = true, .ebx = true, .edx = true });
}

fn extendedControl0() u32 {
    return asm volatile ("xgetbv"
        : [low] "={eax}" (-> u32),
        : [register] "{ecx}" (@as(u32, 0)),
        : .{ .edx = true });
}
