import { runNative } from "./native.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./target.ts";

/** User-space TCP: an input is a program of operations and segments on a small flow table (zig/src/flow/fuzz.zig). */
export const target: FuzzTarget = {
  name: "flow",
  seeds: [64, 256, 1024].map((size) => {
    const random = new Random(size);
    return Uint8Array.from({ length: size }, () => random.below(256));
  }),
  run: (input) => runNative("margay_fuzz_flow", input, input.length),
};
