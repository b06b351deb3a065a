import { mkdtemp } from "node:fs/promises";
import { compareWithTruth, type Comparison, type Lab } from "../lab/mod.ts";
import { runMargay } from "../lab/margay.ts";
import { readRunLog } from "../lab/run_log.ts";

/** What a scan of a lab found, beside what is there. Plain JSON, so that it can leave the lab. */
export interface Finding extends Comparison {
  readonly exitCode: number;
  readonly standardError: string;
  readonly residentBytesMax: number;
  /** What the lab counted until then, this scan included. */
  readonly kernelResets: number;
  readonly strayFrames: number;
  /** The leaf that was captured from each `address:port`. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** What the log is short of; empty when it is complete. */
  readonly logFlaws: readonly string[];
}

/** Scans a lab with margay in a process of its own. */
export async function scanLab(lab: Lab, arguments_: readonly string[]): Promise<Finding> {
  const folder = await mkdtemp("/run/scan-");
  const margay = await runMargay(["scan", lab.prefix, "-o", folder, "--no-graph", ...arguments_]);
  return { ...margay, ...await findingOf(lab, folder) };
}

/** What stands in the log in a folder, beside what is there. */
export async function findingOf(
  lab: Lab,
  folder: string,
): Promise<Omit<Finding, "exitCode" | "standardError" | "residentBytesMax">> {
  const log = await readRunLog(folder);
  const captures = log.captures.map(({ address, port, fingerprint }) => [`${address}:${port}`, fingerprint]);
  return {
    ...compareWithTruth(await lab.readTruth(), log.captures),
    ...await lab.readCounters(),
    fingerprints: Object.fromEntries(captures),
    logFlaws: flawsOf(log),
  };
}

/** What is wrong with a log by itself: its ends, and its records against the counters at its end. */
function flawsOf(log: Awaited<ReturnType<typeof readRunLog>>): string[] {
  const flaws: string[] = [];
  if (log.run === undefined) flaws.push("it doesn't begin with the run");
  if (log.end?.reason !== "done") flaws.push("it doesn't end with a run that is done");
  if (log.unknownFingerprints.length > 0) flaws.push("captures name certificates that it doesn't hold");
  if (log.repeatedCertificates > 0) flaws.push(`it holds ${log.repeatedCertificates} certificates again`);
  const counted: [name: string, count: number][] = [
    ["targets", log.run?.targets ?? Number.NaN],
    ["verified", log.hosts],
    ["certificates", log.certificatesServed],
    ["unique_certificates", log.certificates.size],
    ...Object.entries(log.outcomes).map(([outcome, count]): [string, number] => [
      `captures_${outcome}`,
      count,
    ]),
  ];
  const told = new Map(Object.entries(log.end?.counters ?? {}));
  for (const [name, count] of counted) {
    if (told.get(name) !== count) {
      flaws.push(`${name}: the end tells ${told.get(name)}, the records ${count}`);
    }
    told.delete(name);
  }
  for (const name of told.keys()) {
    if (name.startsWith("captures_")) flaws.push(`${name}: the end tells it, no record does`);
  }
  return flaws;
}
