/**
 * Writes `ffi/bindings.ts` from the library's own declarations; `--check` only says whether it is stale.
 *
 * @module
 */
import { join } from "node:path";
import { projectRoot, zigOutput } from "./zig.ts";

const path = join(projectRoot, "ffi", "bindings.ts");
const current = await zigOutput(["build", "bindings"]);

if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(path, current);
} else if (await Deno.readTextFile(path).catch(() => "") !== current) {
  console.error("Cannot use ffi/bindings.ts: it is stale; write it again with: deno task bindings");
  Deno.exit(1);
}
