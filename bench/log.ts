/**
 * Claim: the log is not what limits a scan: it takes records at a good part of the speed at which the bare file takes
 * their octets.
 *
 * Peer: a bare `Deno.FsFile` that is given the same lines, turned into text and encoded beforehand, in writes of the
 * size that the log uses. It is what the disk would allow: the log has to make the lines as well, so the ratio is
 * below 1. `peer_by_line` is the same file when every line is a write of its own.
 *
 * Method: each side takes the same 100,000 records, half of them hosts, half captures, in turn; the time ends when
 * the operating system has all of them.
 *
 * @module
 */
import { join } from "node:path";
import { LogWriter, type Observation, timestamp } from "../src/observe/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { captureRecord, hostRecord } from "./capture_records.ts";
import { interleave, median } from "./interleave.ts";

export const log: Bench = {
  name: "log",
  sentence:
    "Records written by the log beside bare writes of the same lines made beforehand (below 1 by nature).",
  unit: "records/s",
  programs: [],
  rounds: 7,
  run,
};

const recordCount = 100_000;
/** The log's batch. */
const batchOctets = 256 * 1024;

async function run(rounds: number): Promise<Measurement> {
  const records = Array.from({ length: recordCount }, (_, index) => recordOf(index));
  const encoder = new TextEncoder();
  const lines = records.map((record) => encoder.encode(`${JSON.stringify(record)}\n`));
  const batches = inBatches(lines);
  const folder = await Deno.makeTempDir({ prefix: "margay-bench-" });
  try {
    const samples = await interleave(rounds, {
      ours: () => writeLog(folder, records),
      peer: () => writeBare(folder, batches),
      peerByLine: () => writeBare(folder, lines),
    });
    const extra = { peer_by_line: median(samples.peerByLine) };
    return { ours: median(samples.ours), peer: median(samples.peer), extra };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeLog(folder: string, records: readonly Observation[]): Promise<number> {
  const path = join(folder, "log");
  const writer = await LogWriter.create(path);
  const start = performance.now();
  for (const record of records) {
    writer.append(record);
    if (writer.full) await writer.flush();
  }
  await writer.flush();
  const elapsedMs = performance.now() - start;
  await writer.close();
  await Deno.remove(path, { recursive: true });
  return recordCount * 1000 / elapsedMs;
}

async function writeBare(folder: string, parts: readonly Uint8Array[]): Promise<number> {
  const path = join(folder, "bare");
  const file = await Deno.open(path, { write: true, createNew: true });
  const start = performance.now();
  for (const part of parts) {
    for (let written = 0; written < part.length;) written += await file.write(part.subarray(written));
  }
  const elapsedMs = performance.now() - start;
  await file.syncData();
  file.close();
  await Deno.remove(path);
  return recordCount * 1000 / elapsedMs;
}

function inBatches(lines: readonly Uint8Array[]): Uint8Array[] {
  const octets = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
  let length = 0;
  for (const line of lines) {
    octets.set(line, length);
    length += line.length;
  }
  const count = Math.ceil(length / batchOctets);
  return Array.from(
    { length: count },
    (_, index) => octets.slice(index * batchOctets, (index + 1) * batchOctets),
  );
}

function recordOf(index: number): Observation {
  const address = `192.0.${(index >> 9) & 255}.${(index >> 1) & 255}`;
  const server = { time: timestamp(), address, port: 443, transport: "wire" } as const;
  if (index % 2 === 0) return hostRecord(server, index);
  const chain = [index.toString(16).padStart(64, "0"), "9f".repeat(32)];
  return captureRecord(server, index, { chain });
}
