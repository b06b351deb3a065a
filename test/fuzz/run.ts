/**
 * Fuzzes every parser of foreign bytes: `deno task fuzz [--inputs N] [--seed S] [--only NAME]`.
 *
 * Exit codes: 0 all targets passed, 1 one failed (its input is kept in the corpus), 2 bad usage.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- a program, not library code

import { parseArgs } from "node:util";
import { readCorpus, saveFailure } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import type { FuzzTarget } from "./target.ts";
import { targets } from "./targets.ts";

const INPUT_COUNT = 100_000;
const SEED = 1;

interface Options {
  readonly inputCount: number;
  readonly seed: number;
  readonly chosen: readonly FuzzTarget[];
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { inputs: { type: "string" }, seed: { type: "string" }, only: { type: "string" } },
  });
  const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
  if (chosen.length === 0) {
    const names = targets.map(({ name }) => name).join(", ");
    throw new Error(`Cannot fuzz ${values.only}: the targets are ${names}`);
  }
  return {
    inputCount: readCount("--inputs", values.inputs, INPUT_COUNT),
    seed: readCount("--seed", values.seed, SEED),
    chosen,
  };
}

function readCount(option: string, text: string | undefined, missing: number): number {
  if (text === undefined) return missing;
  if (!/^[0-9]{1,10}$/.test(text)) throw new Error(`Cannot read ${option} ${text}: not a number`);
  return Number(text);
}

/** True if the target passed. */
function runTarget(target: FuzzTarget, { inputCount, seed }: Options): boolean {
  const start = performance.now();
  const result = fuzz(target, readCorpus(target.name), inputCount, seed);
  const rate = Math.round(result.inputCount / Math.max(performance.now() - start, 1) * 1000);
  console.log(
    `${target.name}: ${result.inputCount} inputs, ${rate} inputs/s, at most ${result.stepsMax} steps`,
  );
  if (result.failure === null) return true;

  const path = saveFailure(target.name, result.failure.input);
  console.error(result.failure.error);
  console.error(
    `${target.name}: failed on ${path}; replay with: deno task fuzz --only ${target.name} --inputs 0`,
  );
  return false;
}

function main(): number {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
  const passedCount = options.chosen.filter((target) => runTarget(target, options)).length;
  const failedCount = options.chosen.length - passedCount;
  console.log(`${passedCount} passed, ${failedCount} failed`);
  return failedCount === 0 ? 0 : 1;
}

Deno.exit(main());
