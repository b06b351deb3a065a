import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { type Lab, runInLab, withLab } from "../lab/mod.ts";
import { type Finding, scanLab } from "./scan_lab.ts";
import { scanUnguarded } from "./unguarded_scan.ts";

const MEBIBYTE = 2 ** 20;

/** Silence is certain a second after the last probe: the lab has no distance. */
const COOLDOWN = ["-c", "2"];

/** A certificate that the truth knows and a world doesn't serve. */
const TAKEN_AWAY = 3;

function inLab<Result>(name: string): Promise<Result> {
  return runInLab<Result>({ module: import.meta.url, name });
}

interface WholePrefix {
  readonly findings: readonly Finding[];
  /** After a frame was planted that no scan sent. */
  readonly plantedStrayFrames: number;
  /** After a scan without the guard. */
  readonly unguardedResets: number;
}

/** Runs inside: the same /16 three times, then what must show when something is wrong. */
export function scanWholePrefix(): Promise<WholePrefix> {
  return withLab({ prefix: "10.50.0.0/16" }, async (lab) => {
    const findings: Finding[] = [];
    for (const seed of ["1", "2", "3"]) {
      findings.push(await scanLab(lab, ["--rate", "20000", "--seed", seed, ...COOLDOWN]));
    }
    await plantFrame(lab);
    const { strayFrames: plantedStrayFrames } = await lab.readCounters();
    await scanUnguarded(["scan", "10.50.7.0/24", ...COOLDOWN], await mkdtemp("/run/unguarded-"));
    const { kernelResets: unguardedResets } = await lab.readCounters();
    return { findings, plantedStrayFrames, unguardedResets };
  });
}

/** The gateway is on the cable, but not a target. */
async function plantFrame(lab: Lab): Promise<void> {
  await assert.rejects(
    Deno.connect({ hostname: lab.gateway, port: lab.port }),
    Deno.errors.ConnectionRefused,
  );
}

/** Runs inside: a world that lacks what the truth says is there. */
export function scanWithoutCertificate(): Promise<Finding> {
  const world = { prefix: "10.50.0.0/22", certificateCount: 32, withoutCertificate: TAKEN_AWAY };
  return withLab(world, (lab) => scanLab(lab, COOLDOWN));
}

Deno.test("scan: every certificate of a /16, three times of three, and nothing else is sent", async () => {
  const { findings, plantedStrayFrames, unguardedResets } = await inLab<WholePrefix>("scanWholePrefix");
  assert.equal(findings.length, 3);
  for (const finding of findings) {
    assert.equal(finding.exitCode, 0, finding.standardError);
    assert.ok(finding.live > 32_000, "about half of the addresses are live");
    assert.equal(finding.captured, finding.live);
    assert.equal(finding.uniqueCertificates, 512);
    assert.deepEqual(finding.missing, []);
    assert.deepEqual(finding.unexpected, []);
    assert.deepEqual(finding.different, []);
    assert.equal(finding.kernelResets, 0);
    assert.equal(finding.strayFrames, 0);
    assert.deepEqual(finding.logFlaws, []);
    const mebibytes = finding.residentBytesMax / MEBIBYTE;
    assert.ok(mebibytes > 0 && mebibytes < 300, `${mebibytes} MiB resident`);
  }
  // What is counted can be counted.
  assert.equal(plantedStrayFrames, 1);
  assert.ok(unguardedResets > 0, "without the guard the kernel resets");
  const bereft = await inLab<Finding>("scanWithoutCertificate");
  assert.ok(bereft.missing.length > 0, "what isn't served is missed");
  assert.equal(bereft.captured + bereft.missing.length, bereft.live);
});

/** Runs inside: a cable that loses one packet of twenty in each direction. */
export function scanWithLoss(): Promise<Finding> {
  return withLab(
    { prefix: "10.50.0.0/18", lossPercent: 5 },
    (lab) => scanLab(lab, ["--retries", "1", "--rate", "20000", ...COOLDOWN]),
  );
}

Deno.test("scan: of a /18 behind 5% loss each way, one retransmit pass misses at most 0.5%", async () => {
  const finding = await inLab<Finding>("scanWithLoss");
  assert.equal(finding.exitCode, 0, finding.standardError);
  assert.ok(finding.missing.length <= 0.005 * finding.live, `${finding.missing.length} of ${finding.live}`);
  assert.deepEqual(finding.unexpected, []);
  assert.deepEqual(finding.different, []);
  // Resets are not looked at: a server whose reset was lost repeats its SYN-ACK to a scan that has ended.
  assert.equal(finding.strayFrames, 0);
  assert.deepEqual(finding.logFlaws, []);
});

interface BothTransports {
  readonly wire: Finding;
  readonly kernel: Finding;
}

/** Runs inside: a silent address holds a kernel socket for seconds, so the prefix is small. */
export function scanByBothTransports(): Promise<BothTransports> {
  return withLab({ prefix: "10.50.0.0/21" }, async (lab) => ({
    wire: await scanLab(lab, ["--transport", "wire", ...COOLDOWN]),
    kernel: await scanLab(lab, ["--transport", "kernel", "--concurrency", "2048"]),
  }));
}

Deno.test("scan: the kernel transport finds what the wire transport finds", async () => {
  const { wire, kernel } = await inLab<BothTransports>("scanByBothTransports");
  for (const finding of [wire, kernel]) {
    assert.equal(finding.exitCode, 0, finding.standardError);
    assert.equal(finding.captured, finding.live);
    assert.deepEqual(finding.logFlaws, []);
  }
  assert.ok(wire.live > 900);
  assert.deepEqual(kernel.fingerprints, wire.fingerprints);
});
