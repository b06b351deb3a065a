import { askedTargets, type TargetOptions } from "../scan/options.ts";
import { type LoadedTargets, loadTargets, TARGET_COUNT_MAX, tooManyTargets } from "../targets/mod.ts";
import { unlessInterrupted } from "./interruption.ts";

/**
 * Loads what the command line asks for.
 *
 * @throws {TargetError} also for a set that is too large to be walked, of which no part was asked for.
 * @throws {InterruptedError}
 */
export async function loadAsked(options: TargetOptions, signal: AbortSignal): Promise<LoadedTargets> {
  const { ports, blocklists, includeSpecial, family, sample, maxTargets } = options;
  const loading = loadTargets({
    targets: askedTargets(options),
    ports,
    blocklists,
    includeSpecial,
    ...(family === undefined ? {} : { family }),
  });
  const loaded = await unlessInterrupted(signal, loading);
  const { count } = loaded.targetSet;
  if (count > TARGET_COUNT_MAX && sample === undefined && maxTargets === undefined) {
    throw tooManyTargets(count);
  }
  return loaded;
}
