import { extentOf } from "../scan/extent.ts";
import { askedTargets, type TargetOptions } from "../scan/options.ts";
import {
  type LoadedTargets,
  loadTargets,
  readOctets,
  type ResolveName,
  resolveName,
} from "../targets/mod.ts";
import { unlessInterrupted } from "./interruption.ts";

/**
 * Loads what the command line asks for.
 *
 * @throws {TargetError} also for more targets than can be walked, or drawn from.
 * @throws {InterruptedError}
 */
export async function loadAsked(
  options: TargetOptions,
  signal: AbortSignal,
  resolve: ResolveName = resolveName,
): Promise<LoadedTargets> {
  const { ports, blocklists, asDatabase, includeSpecial, family } = options;
  const loading = loadTargets({
    targets: askedTargets(options),
    ports,
    blocklists,
    includeSpecial,
    asDatabase,
    ...(family === undefined ? {} : { family }),
  }, { readOctets, resolveName: resolve });
  const loaded = await unlessInterrupted(signal, loading);
  // Refused before anything is opened.
  extentOf(loaded.targetSet, options);
  return loaded;
}
