import { mkdtemp } from "node:fs/promises";
import { readLog } from "../../src/observe/mod.ts";
import { addBins, averageRate, highestRate, shareAbove, windowRates } from "../lab/mod.ts";
import type { Lab, WiretapRecord } from "../lab/mod.ts";
import { withForeignLoad } from "../lab/machine_load.ts";
import { runMargay } from "../lab/margay.ts";

/** What a scan used of its bandwidth, as the wiretap saw it. Rates are in bits per second of Ethernet frames. */
export interface BandwidthUse {
  readonly allowed: number;
  /** How long both layers were active: from the first captured certificate to the last verified host. */
  readonly activeMilliseconds: number;
  /** Sent and received, on average over that time. */
  readonly averageActive: number;
  /** The highest 100 ms window of the whole scan, and where it begins: milliseconds since the first frame. */
  readonly highestSent: number;
  readonly highestSentAt: number;
  readonly highestTotal: number;
  readonly highestTotalAt: number;
  /** The share of the windows, both directions, that are more than 5% above what is allowed. */
  readonly shareOver: number;
  readonly captures: number;
  readonly exitCode: number;
  readonly wiretapDrops: number;
  /** How many cores the rest of the machine was busy with. */
  readonly foreignCores: number;
  /** Both directions, in every 100 ms window one after the other, for people to look at. */
  readonly timeline: readonly number[];
}

/** How a window may exceed what is allowed before it is counted. */
export const TOLERANCE = 1.05;

/** Others may have this much of the machine: with more, the lab's servers stall and answer many captures at once. */
const FOREIGN_CORES_MAX = 0.5;

const ATTEMPTS_MAX = 3;

/** Measures until the machine was left alone meanwhile, or else as often as is sensible; the quietest counts. */
export async function measureUndisturbed(lab: Lab, allowed: number): Promise<BandwidthUse> {
  let quietest = await measureBandwidth(lab, allowed);
  for (let attempt = 1; attempt < ATTEMPTS_MAX && quietest.foreignCores > FOREIGN_CORES_MAX; attempt++) {
    const use = await measureBandwidth(lab, allowed);
    if (use.foreignCores < quietest.foreignCores) quietest = use;
  }
  return quietest;
}

/** Scans a whole lab with `--bandwidth` and a rate that is no limit, and says what crossed the cable. */
export async function measureBandwidth(lab: Lab, allowed: number): Promise<BandwidthUse> {
  // The lab's /run is a file system of its own: nothing is left behind.
  const folder = await mkdtemp("/run/bandwidth-");
  const limits = ["-r", "100000", "-B", String(allowed)];
  const wiretap = await lab.startWiretap();
  const { result: margay, foreignCores } = await withForeignLoad(() =>
    runMargay(["scan", lab.prefix, ...limits, "-c", "1", "-o", folder, "--no-graph", "-q"], { isShown: true })
  );
  const record = await wiretap.stop();
  const active = await activeTime(folder);
  const { captures } = active;
  return { ...rates(record, allowed, active), captures, exitCode: margay.exitCode, foreignCores };
}

interface ActiveTime {
  /** In milliseconds since the Unix epoch. */
  readonly from: number;
  readonly to: number;
  readonly captures: number;
}

/** When both layers were active, by the times in the log. */
async function activeTime(folder: string): Promise<ActiveTime> {
  let from = Infinity;
  let to = -Infinity;
  let captures = 0;
  for await (const observation of readLog(folder)) {
    if (observation.type === "host") to = Math.max(to, Date.parse(observation.time));
    if (observation.type !== "tls" || observation.chain.length === 0) continue;
    from = Math.min(from, Date.parse(observation.time));
    captures++;
  }
  return { from, to, captures };
}

function rates(record: WiretapRecord, allowed: number, active: ActiveTime) {
  const total = addBins(record.binsSent, record.binsReceived);
  const first = total.findIndex((octets) => octets > 0);
  const sentRates = windowRates(record.binsSent);
  const totalRates = windowRates(total);
  const highestSent = highestRate(sentRates);
  const highestTotal = highestRate(totalRates);
  const binOf = (time: number) => Math.round(time - record.startMilliseconds);
  return {
    allowed,
    activeMilliseconds: active.to - active.from,
    averageActive: averageRate(total, binOf(active.from), binOf(active.to)),
    highestSent,
    highestSentAt: sentRates.indexOf(highestSent) - first,
    highestTotal,
    highestTotalAt: totalRates.indexOf(highestTotal) - first,
    shareOver: shareAbove(totalRates.slice(first, lastBusy(total)), allowed * TOLERANCE),
    wiretapDrops: record.drops,
    timeline: totalRates.filter((_, index) => index >= first && (index - first) % 100 === 0),
  };
}

/** The last bin with an octet. Silence before and after the scan must not dilute the share of windows. */
function lastBusy(bins: readonly number[]): number {
  return bins.findLastIndex((octets) => octets > 0);
}
