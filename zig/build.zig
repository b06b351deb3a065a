const std = @import("std");

/// Builds the shared library and the lab's tools into `zig-out`, and runs the tests (`zig build
/// test`).
pub fn build(b: *std.Build) void {
    // glibc 2.28 is what the oldest supported distributions have.
    const target = b.standardTargetOptions(.{ .default_target = .{
        .cpu_arch = b.graph.host.result.cpu.arch,
        .os_tag = .linux,
        .abi = .gnu,
        .glibc_version = .{ .major = 2, .minor = 28, .patch = 0 },
    } });
    // Everything parsed came from strangers: the checks stay in.
    const optimize: std.builtin.OptimizeMode = b.option(
        std.builtin.OptimizeMode,
        "optimize",
        "ReleaseSafe unless told otherwise",
    ) orelse .ReleaseSafe;

    const library = b.addLibrary(.{
        .name = "margay",
        .linkage = .dynamic,
        .root_module = module(b, "src/root.zig", target, optimize),
    });
    library.root_module.strip = true;
    const accelerated = acceleratedObject(b, target, optimize);
    library.root_module.addObject(accelerated);
    b.installArtifact(library);

    for ([_][2][]const u8{
        .{ "wiretap", "lab/wiretap.zig" },
        .{ "responder", "responder.zig" },
        .{ "load", "load.zig" },
        .{ "bare", "bare.zig" },
    }) |tool| {
        const executable = b.addExecutable(.{
            .name = tool[0],
            .root_module = module(b, tool[1], target, optimize),
        });
        b.installArtifact(executable);
    }

    const fuzz = b.addLibrary(.{
        .name = "margay-fuzz",
        .linkage = .dynamic,
        .root_module = module(b, "src/fuzz_root.zig", target, optimize),
    });
    b.installArtifact(fuzz);

    const bindings = b.addExecutable(.{
        .name = "bindings",
        .root_module = module(b, "src/bindings.zig", target, .Debug),
    });
    bindings.root_module.addObject(accelerated);
    const print_bindings = b.addRunArtifact(bindings);
    b.step("bindings", "Print ffi/bindings.ts").dependOn(&print_bindings.step);

    const test_step = b.step("test", "Run the tests");
    for ([_][]const u8{ "src/tests.zig", "lab_tests.zig" }) |root| {
        const tests = b.addTest(.{ .root_module = module(b, root, target, optimize) });
        tests.root_module.addObject(accelerated);
        test_step.dependOn(&b.addRunArtifact(tests).step);
    }
}

/// What gains from instructions that only newer processors have; `src/tls13/processor.zig` asks for
/// the same before it is used.
fn acceleratedObject(
    b: *std.Build,
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.OptimizeMode,
) *std.Build.Step.Compile {
    var query = target.query;
    switch (target.result.cpu.arch) {
        .x86_64 => query.cpu_features_add.addFeatureSet(
            std.Target.x86.featureSet(&.{ .aes, .avx, .pclmul }),
        ),
        .aarch64 => query.cpu_features_add.addFeatureSet(
            std.Target.aarch64.featureSet(&.{.aes}),
        ),
        else => {},
    }
    const root = module(b, "src/tls13_accelerated.zig", b.resolveTargetQuery(query), optimize);
    root.strip = true;
    root.pic = true;
    return b.addObject(.{ .name = "tls13_accelerated", .root_module = root });
}

fn module(
    b: *std.Build,
    path: []const u8,
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.OptimizeMode,
) *std.Build.Module {
    return b.createModule(.{
        .root_source_file = b.path(path),
        .target = target,
        .optimize = optimize,
        .link_libc = true,
    });
}
