import { ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** The library that holds the packet plane's parsers for fuzzing; `deno task build` makes it. */
const library = new URL("../../zig/zig-out/lib/libmargay-fuzz.so", import.meta.url);

const symbols = {
  margay_fuzz_wire: { parameters: ["buffer", "usize"], result: "u64" },
  margay_fuzz_flow: { parameters: ["buffer", "usize"], result: "u64" },
  margay_fuzz_reader: { parameters: ["buffer", "usize"], result: "u64" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof symbols>["symbols"] | undefined;

/**
 * Gives an input to a parser of the packet plane and returns its steps. The library is built with its safety checks: a
 * broken promise ends the process with a message.
 */
export function runNative(parser: keyof typeof symbols, input: Uint8Array, stepsMax: number): number {
  opened ??= Deno.dlopen(fileURLToPath(library), symbols).symbols;
  const steps = Number(opened[parser](input.slice(), BigInt(input.length)));
  ok(steps <= stepsMax, `${steps} steps for ${input.length} octets`);
  return steps;
}
