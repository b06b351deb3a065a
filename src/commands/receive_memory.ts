import { UsageError } from "../scan/errors.ts";
import type { ProbeOptions } from "../scan/options.ts";
import { formatBytes } from "./units.ts";

/**
 * Rings are memory that the kernel cannot swap out: it ends processes, other people's too, before it refuses one.
 *
 * @param availableBytes what this host can give without doing so.
 * @throws {UsageError} for more than that.
 */
export function requireReceiveMemory(
  { receiveMemoryBytes = 0 }: { readonly receiveMemoryBytes?: ProbeOptions["receiveMemoryBytes"] },
  availableBytes: number = Deno.systemMemoryInfo().available,
): void {
  if (receiveMemoryBytes <= availableBytes) return;
  throw new UsageError(
    `Cannot reserve ${formatBytes(receiveMemoryBytes)} for answers: this host has ${
      formatBytes(availableBytes)
    } to spare; give less with --receive-memory`,
  );
}
