/**
 * Everything about the sources that can be checked without running margay: form, types, bindings, Zig's own tests, the
 * other architecture. Prints a line for each check and ends with `N passed, N failed`.
 *
 * @module
 */
import { join } from "node:path";
import { projectRoot, zig } from "./zig.ts";

const deno = (...args: string[]): Promise<boolean> => runs(Deno.execPath(), args);

const checks: readonly (readonly [name: string, run: () => Promise<boolean>])[] = [
  ["TypeScript is formatted", () => deno("fmt", "--check")],
  ["TypeScript passes the linter", () => deno("lint")],
  ["TypeScript type-checks", () => deno("check", "src/", "ffi/", "test/", "bench/", "tools/")],
  ["Zig is formatted", () => zigRuns("fmt", "--check", "build.zig", "src", "lab")],
  ["Zig's tests pass", () => zigRuns("build", "test", "--summary", "all")],
  [
    "the library builds for arm64",
    () => zigRuns("build", "-Dtarget=aarch64-linux-gnu.2.28", "--prefix", "zig-out/aarch64"),
  ],
  ["the bindings are not stale", () => deno("run", "-A", "tools/bindings.ts", "--check")],
  ["the executable's import map has the versions of deno.json", compileMapMatches],
];

async function runs(program: string, args: string[]): Promise<boolean> {
  const command = new Deno.Command(program, { args, cwd: projectRoot });
  return (await command.spawn().status).success;
}

async function zigRuns(...args: string[]): Promise<boolean> {
  return await zig(args) === 0;
}

/** The executable is built with an import map of its own, so that it does not carry what only building needs. */
async function compileMapMatches(): Promise<boolean> {
  const read = async (path: string): Promise<Record<string, string>> =>
    JSON.parse(await Deno.readTextFile(join(projectRoot, path))).imports;
  const all = await read("deno.json");
  return Object.entries(await read("tools/compile.json")).every(([name, target]) => all[name] === target);
}

const failed: string[] = [];
for (const [name, run] of checks) {
  const passed = await run();
  console.log(`${passed ? "ok" : "FAILED"}: ${name}`);
  if (!passed) failed.push(name);
}
for (const name of failed) console.log(`failed: ${name}`);
console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
Deno.exit(failed.length === 0 ? 0 : 1);
