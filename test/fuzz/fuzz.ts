import { mutate } from "./mutator.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./target.ts";

/** What the fuzzing of one target came to. */
export interface FuzzResult {
  /** Inputs that the target was given, the failing one included. */
  readonly inputCount: number;
  /** The largest number of steps that one input took. */
  readonly stepsMax: number;
  /** The first input that failed, where the fuzzing ended; `null` if none did. */
  readonly failure: { readonly input: Uint8Array; readonly error: unknown } | null;
}

/**
 * Gives a target its seeds and `corpus` as they are, then `inputCount` mutations of them. The same arguments give the
 * same inputs.
 */
export function fuzz(
  target: FuzzTarget,
  corpus: readonly Uint8Array[],
  inputCount: number,
  seed: number,
): FuzzResult {
  const pool = [...target.seeds, ...corpus];
  const random = new Random(seed);
  const total = pool.length + (pool.length > 0 ? inputCount : 0);
  let stepsMax = 0;
  for (let index = 0; index < total; index += 1) {
    const input = pool[index] ?? mutate(random, pool);
    try {
      stepsMax = Math.max(stepsMax, target.run(input));
    } catch (error) {
      return { inputCount: index + 1, stepsMax, failure: { input, error } };
    }
  }
  return { inputCount: total, stepsMax, failure: null };
}
