import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/**
 * The path of one of the lab's own programs.
 *
 * @throws {Error} when it isn't built.
 */
export async function builtProgram(name: "responder" | "wiretap"): Promise<string> {
  const program = fileURLToPath(new URL(`../../zig/zig-out/bin/${name}`, import.meta.url));
  await stat(program).catch((cause) => {
    throw new Error(`Cannot start the ${name}: ${program} isn't there; build it with deno task build`, {
      cause,
    });
  });
  return program;
}
