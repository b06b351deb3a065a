import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runInLab } from "../lab/mod.ts";
import { type Finished, scan } from "./child.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const library = "zig/zig-out/lib/libmargay.so";

/** Runs inside: margay from a copy of its sources, beside libraries that are not its own. */
export async function replaceLibrary(): Promise<Record<string, Finished>> {
  const copy = "/run/copy";
  await Deno.mkdir(copy);
  for (const name of ["src", "ffi", "deno.json", "deno.lock"]) {
    await cp(`${root}${name}`, `${copy}/${name}`, { recursive: true });
  }
  const command = [
    ...[Deno.execPath(), "run", "-A", "--quiet", "--config", `${copy}/deno.json`],
    `${copy}/src/main.ts`,
  ];
  const run = () => scan(["127.0.0.1:9", "-o", "/run/never"], { command });
  const path = `${copy}/${library}`;

  const missing = await run();
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, "no library at all");
  const text = await run();
  const bytes = await Deno.readFile(root + library);
  await Deno.writeFile(path, bytes.subarray(0, bytes.length / 2));
  const half = await run();
  await Deno.writeFile(path, bytes);
  const right = await run();
  const bindings = await Deno.readTextFile(`${copy}/ffi/bindings.ts`);
  const changed = bindings.replace(/abiFingerprint = \w+/, "abiFingerprint = 1n");
  await Deno.writeTextFile(`${copy}/ffi/bindings.ts`, changed);
  const other = await run();
  return { missing, text, half, right, other };
}

Deno.test("a missing or mismatched library is named, with the way to a right one", async () => {
  const { right, ...wrong } = await runInLab<Record<string, Finished>>({
    module: import.meta.url,
    name: "replaceLibrary",
  });
  const path = `/run/copy/${library}`;
  const says = (reason: string) => ({
    code: 1,
    stdout: "",
    stderr: `margay: Cannot load the packet plane ${path}: ${reason}: deno task build\n`,
  });
  assert.equal(right!.code, 0, right!.stderr);
  assert.deepEqual(wrong, {
    missing: says("no such file; build it with"),
    text: says("it is cut off, or no library; build it again with"),
    half: says("it is cut off, or no library; build it again with"),
    other: says("it belongs to another version of margay; build it again with"),
  });
});
