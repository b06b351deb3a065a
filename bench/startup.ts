/**
 * Claim: a sweep is ready to send soon, however long its lists are, and in little memory.
 *
 * Peer: ZMap, with the same lists.
 *
 * Method: a target list of ten million single addresses in no order and a blocklist of 100,000 CIDRs; each program
 * loads both, says what its first target is, and exits without sending (`--dry-run`). A sample is the process from its
 * start to its exit. `blocklist_seconds` is the blocklist alone, over one network.
 *
 * @module
 */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { margayFromSource } from "../test/lab/margay.ts";
import { addressOfNumber, runInLab } from "../test/lab/mod.ts";
import { runTool } from "../test/lab/tools.ts";
import type { Bench, Measurement } from "./bench.ts";
import { type BlackHole, openBlackHole } from "./black_hole.ts";
import { interleave, medianOf } from "./interleave.ts";
import { measureProcess } from "./process_cost.ts";

export const startup: Bench = {
  name: "startup",
  sentence: "Loading 10,000,000 target lines and 100,000 blocklist lines, to the first target, beside ZMap.",
  unit: "starts/s",
  programs: ["zmap"],
  // A round takes more than a minute, nearly all of it ZMap's.
  rounds: 1,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureStartup", argument: rounds }),
};

const targetLineCount = 10_000_000;
const blocklistLineCount = 100_000;
const targetsFile = "/run/targets.txt";
const blocklistFile = "/run/blocklist.txt";

/** Of the 2^30 addresses that the lists are drawn from, up to 79.255.255.255: none has a special purpose. */
const first = 0x1000_0000;
/** A part of them. */
const network = "16.0.0.0/4";
/** Odd, so that its multiples modulo a power of two are all different, and in no order (Knuth, TAOCP 3, 6.4). */
const multiplier = 0x9e37_79b1;

/** Runs inside the lab's namespaces. */
export async function measureStartup(rounds: number): Promise<Measurement> {
  const hole = await openBlackHole();
  await runTool(["ip", "route", "add", "default", "dev", hole.name]);
  await writeLines(
    targetsFile,
    targetLineCount,
    (index) => addressOfNumber(first + (Math.imul(index, multiplier) >>> 2)),
  );
  await writeLines(
    blocklistFile,
    blocklistLineCount,
    (index) => `${addressOfNumber(first + (Math.imul(index, multiplier) >>> 10) * 256)}/24`,
  );
  const samples = await interleave(rounds, {
    ours: () => measureProcess(sweep(hole, "--allowlist", targetsFile)),
    peer: () => measureProcess(zmap(hole, `--whitelist-file=${targetsFile}`)),
    oursBlocklist: () => measureProcess(sweep(hole, network)),
    peerBlocklist: () => measureProcess(zmap(hole, network)),
  });
  const seconds = medianOf(samples.ours, "seconds");
  const peerSeconds = medianOf(samples.peer, "seconds");
  return {
    ours: 1 / seconds,
    peer: 1 / peerSeconds,
    extra: {
      ours_seconds: seconds,
      peer_seconds: peerSeconds,
      ours_mebibytes: medianOf(samples.ours, "residentBytesMax") / 2 ** 20,
      peer_mebibytes: medianOf(samples.peer, "residentBytesMax") / 2 ** 20,
      blocklist_seconds: medianOf(samples.oursBlocklist, "seconds"),
      peer_blocklist_seconds: medianOf(samples.peerBlocklist, "seconds"),
      blocklist_mebibytes: medianOf(samples.oursBlocklist, "residentBytesMax") / 2 ** 20,
      peer_blocklist_mebibytes: medianOf(samples.peerBlocklist, "residentBytesMax") / 2 ** 20,
    },
  };
}

async function writeLines(path: string, count: number, line: (index: number) => string): Promise<void> {
  const linesAtOnce = 50_000;
  const stream = createWriteStream(path);
  for (let start = 0; start < count; start += linesAtOnce) {
    let text = "";
    for (let index = start; index < Math.min(start + linesAtOnce, count); index++) text += `${line(index)}\n`;
    if (!stream.write(text)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
}

function sweep({ name, gatewayHardwareAddress }: BlackHole, ...targets: readonly string[]): string[] {
  return [
    ...[...margayFromSource(), "sweep", ...targets, "--ports", "443", "--blocklist", blocklistFile],
    ...["--interface", name, "--gateway-mac", gatewayHardwareAddress],
    ...["--max-targets", "1", "--dry-run", "--quiet"],
  ];
}

function zmap({ name, address, gatewayHardwareAddress }: BlackHole, targets: string): string[] {
  return [
    ...["zmap", "--config=/dev/null", `--blacklist-file=${blocklistFile}`, "--quiet", "--verbosity=0"],
    ...["--target-port=443", "--max-targets=1", "--cooldown-time=0", "--dryrun"],
    ...[`--interface=${name}`, `--source-ip=${address}`, `--gateway-mac=${gatewayHardwareAddress}`, targets],
  ];
}
