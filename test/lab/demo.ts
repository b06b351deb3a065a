// The main job as a user sees it: brings a /16 up in which about every other address serves TLS, scans it with
// margay in a process of its own, and says how what was found compares with what is there.
//
//   deno task demo [--program PATH]
//
// With --program it runs that executable in place of the source. Its last line on stdout is one JSON object;
// the exit status is 1 when anything is missing, wrong, or was sent where it shouldn't.
import { mkdtemp } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { margayFromSource, runMargay } from "./margay.ts";
import { compareWithTruth, enterNamespace, type Lab, withCapabilities, withLab } from "./mod.ts";
import { readRunLog } from "./run_log.ts";
import { captureTable } from "./table.ts";

const PREFIX = "10.50.0.0/16";
const PROBES_PER_SECOND = 20_000;
const ROW_COUNT = 10;

// Read before anything is brought up, as a wrong one ends it here.
const { values } = parseArgs({ args: Deno.args, options: { program: { type: "string" } } });
const entered = await enterNamespace();
if (entered !== undefined) Deno.exit(entered);

const program = values.program === undefined ? margayFromSource() : [resolve(values.program)];
writeLine(`Bringing ${PREFIX} up: about half of it serves TLS, a quarter refuses, a quarter is silent.`);
const isRight = await withLab({ prefix: PREFIX }, (lab) => demonstrate(lab, program));
Deno.exit(isRight ? 0 : 1);

/** Scans the lab; false when the scan is not what it should be. */
async function demonstrate(lab: Lab, program: readonly string[]): Promise<boolean> {
  // The lab's /run is a file system of its own, which goes when the lab goes.
  const folder = await mkdtemp("/run/demo-");
  const scan = ["scan", lab.prefix, "-r", String(PROBES_PER_SECOND), "-o", "log"];
  writeLine(`\n$ ${values.program ?? "margay"} ${scan.join(" ")}`);
  const startedAt = performance.now();
  const margay = await runMargay(scan, {
    // All that a user has to give it, also when the lab is brought up by root.
    command: withCapabilities(["net_raw"], program),
    folder,
    isShown: true,
  });
  // It has told why.
  if (margay.exitCode !== 0) return false;
  const seconds = (performance.now() - startedAt) / 1000;

  const log = await readRunLog(`${folder}/log`);
  const { kernelResets, strayFrames } = await lab.readCounters();
  const comparison = compareWithTruth(await lab.readTruth(), log.captures);
  const { targets = 0, sent = 0 } = log.end?.counters ?? {};
  const sendingSeconds = (log.lastHostAt - Date.parse(log.run?.time ?? "")) / 1000;
  writeLine("");
  for (const line of captureTable(log, ROW_COUNT)) writeLine(line);
  const result = {
    targets,
    live: comparison.live,
    verified: log.hosts,
    captured: comparison.captured,
    unique_certificates: log.certificates.size,
    missing: comparison.missing.length,
    kernel_resets: kernelResets,
    stray_frames: strayFrames,
    seconds: round(seconds),
    // Until the last host answered: behind it comes the time for late answers, in which nothing is sent.
    probes_per_second: Math.round(sent / sendingSeconds),
    rss_mib: round(margay.residentBytesMax / 2 ** 20),
  };
  writeLine(`\n${JSON.stringify(result)}`);
  const { captured, live, unexpected, different } = comparison;
  return captured === live && unexpected.length + different.length === 0 &&
    kernelResets === 0 && strayFrames === 0;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function writeLine(text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}
