/**
 * How a scan fares on paths of different quality: loss, reordering and round trip against what is captured and how long
 * it takes. One simulated world has a prefix for each row; each row is one scan.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { runMargay } from "../lab/margay.ts";
import { compareWithTruth, type Simulation, withSimulation } from "../lab/mod.ts";
import { readRunLog } from "../lab/run_log.ts";

/** What the path does to packets, each way. */
export interface Conditions {
  readonly lossPercent: number;
  /** How many are held back by {@link HELD_BACK_MILLISECONDS}. */
  readonly reorderPercent: number;
  /** As a world file says it. */
  readonly roundTrip: string;
}

export interface Row extends Conditions {
  /** The share of the live targets whose certificate was captured rightly, in percent. */
  readonly capturedPercent: number;
  /** Captures that are not in the truth, or differ from it. */
  readonly wrong: number;
  readonly seconds: number;
}

const HELD_BACK_MILLISECONDS = 30;
/** Hosts of a row: every address of a /20. */
const PREFIX_LENGTH = 20;
const RETRIES = 3;
/** Longer than the longest round trip. */
const COOLDOWN_SECONDS = 2;
/** Scans that run at the same time: they wait most of the time. */
const SCANS_AT_ONCE = 3;

export const CONDITIONS: readonly Conditions[] = [0, 1, 5, 20].flatMap((lossPercent) =>
  [0, 10].flatMap((reorderPercent) =>
    ["0ms", "20ms..200ms", "800ms"].map((roundTrip) => ({ lossPercent, reorderPercent, roundTrip }))
  )
);

/** Scans under each of the conditions; runs inside the lab. */
export function scanUnder(conditions: readonly Conditions[]): Promise<Row[]> {
  const world = [
    "seed 3",
    ...conditions.map(({ lossPercent, reorderPercent, roundTrip }, index) => `
prefix ${prefixOf(index)}
port 443 tls
loss ${lossPercent}%
reorder ${reorderPercent}% by ${HELD_BACK_MILLISECONDS}ms
round-trip ${roundTrip}`),
  ].join("\n");
  return withSimulation({ world: { text: world } }, async (internet) => {
    const rows: Row[] = [];
    const waiting = [...conditions.entries()];
    const scanNext = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, under] = next;
        rows[index] = { ...under, ...await scan(internet, prefixOf(index)) };
      }
    };
    await Promise.all(Array.from({ length: SCANS_AT_ONCE }, scanNext));
    return rows;
  });
}

function prefixOf(index: number): string {
  const addressCount = 2 ** (32 - PREFIX_LENGTH);
  const offset = index * addressCount;
  return `10.${60 + (offset >> 16)}.${(offset >> 8) & 0xff}.0/${PREFIX_LENGTH}`;
}

async function scan(internet: Simulation, prefix: string): Promise<Omit<Row, keyof Conditions>> {
  const folder = await mkdtemp("/run/scan-");
  const startedAt = performance.now();
  const { exitCode, standardError } = await runMargay([
    ...["scan", prefix, "-o", folder, "--no-graph", "--rate", "5000"],
    ...["--retries", String(RETRIES), "--cooldown", String(COOLDOWN_SECONDS)],
  ]);
  const seconds = (performance.now() - startedAt) / 1000;
  if (exitCode !== 0) throw new Error(`Cannot scan ${prefix}: exit code ${exitCode}, ${standardError}`);
  const log = await readRunLog(folder);
  await rm(folder, { recursive: true });
  const { live, captured, unexpected, different } = compareWithTruth(
    await internet.readTruth(prefix),
    log.captures,
  );
  return {
    capturedPercent: 100 * captured / live,
    wrong: unexpected.length + different.length,
    seconds,
  };
}

/** The rows as a table for people. */
export function conditionsTable(rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    [
      `${row.lossPercent}`.padStart(4),
      `${row.reorderPercent}`.padStart(7),
      row.roundTrip.padStart(11),
      "|",
      row.capturedPercent.toFixed(2).padStart(10),
      row.seconds.toFixed(0).padStart(7),
    ].join(" ")
  );
  return [
    "loss reorder  round trip | captured % seconds",
    ...lines,
    "",
  ].join("\n");
}
