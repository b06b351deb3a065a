import { join } from "node:path";
import type { HostObservation, Observation, RunObservation } from "../../../src/observe/mod.ts";

const time = "2026-01-31T23:59:59.123Z";

/** What a log starts with. */
export const run: RunObservation = {
  type: "run",
  time,
  id: "20260131T235959Z-9f86d081",
  log_version: 1,
  margay_version: "0.1.0",
  config: { ports: "443", rate: 10_000 },
  seed: 7,
  targets: 256,
};

/** One of many records. */
export function host(index: number): HostObservation {
  const address = `192.0.${(index >> 8) % 256}.${index % 256}`;
  return { type: "host", time, address, port: 443, verdict: "open", transport: "wire" };
}

/** Several of them, from one number up to before another. */
export function hosts(from: number, to: number): HostObservation[] {
  return Array.from({ length: to - from }, (_, index) => host(from + index));
}

/** Records as they stand in a segment. */
export function linesOf(records: readonly Observation[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** Calls `use` with a folder of its own that holds these files. */
export async function inFolder(
  use: (folder: string) => Promise<void>,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const octets = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(join(folder, name), octets);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The names of what a folder holds. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** The octets of a file once compressed. */
export async function gzip(content: string): Promise<Uint8Array> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
