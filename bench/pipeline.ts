/**
 * Claim: a scan gets the certificates of a prefix sooner, and with less of the machine, than the nearest pipeline that
 * can be built from Debian's packages.
 *
 * Peer: `zmap --output-file=- | deno run tls_handshakes.ts`: each address that ZMap finds gets a full handshake over
 * the kernel's sockets from `node:tls`. The kernel resets what ZMap opened, and each host is connected to a second
 * time; that is what such a pipeline does.
 *
 * Method: a lab world of 32,768 addresses, half of them live; both are given the same prefix, the same 100,000 probes
 * a second and the same second to wait for late answers, and run in turn. A sample is wall time from the first
 * program's start to the last one's end, and what came out is compared with the truth: only leaves that are byte-equal
 * to what the server holds count. The servers and the cable share the machine with both, so `*_cpu_seconds`, what the
 * whole machine was busy for, includes their part.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { interfaces, resolveNeighbor } from "../ffi/mod.ts";
import { readLog } from "../src/observe/mod.ts";
import { parseAddress } from "../src/targets/mod.ts";
import { type Captured, compareWithTruth, type Lab, runInLab, type Truth, withLab } from "../test/lab/mod.ts";
import { runTool } from "../test/lab/tools.ts";
import type { Bench, Measurement } from "./bench.ts";
import { interleave, medianOf } from "./interleave.ts";
import { busySeconds } from "./machine.ts";

export const pipeline: Bench = {
  name: "pipeline",
  sentence:
    "Certificates from a lab prefix (half of it live) by `margay scan`, beside ZMap piped into full handshakes by node:tls.",
  unit: "certificates/s",
  programs: ["zmap"],
  rounds: 3,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measurePipelines", argument: rounds }),
};

/** One line of the peer's output. */
export interface Grab {
  readonly address: string;
  readonly port: number;
  readonly fingerprint: string;
  /** Base64. */
  readonly der: string;
}

interface Sample {
  readonly perSecond: number;
  /** The share of live targets whose certificate was got, 0 to 1. */
  readonly complete: number;
  readonly cpuSeconds: number;
}

const prefix = "10.50.0.0/17";
const probesPerSecond = 100_000;
const cooldownSeconds = 1;
const runFolder = "/run/margay-run";
const grabFile = "/run/grabs.ndjson";

/** Runs inside the lab's namespaces. */
export function measurePipelines(rounds: number): Promise<Measurement> {
  return withLab({ prefix }, async (lab) => {
    const truth = await lab.readTruth();
    const zmap = ["zmap", ...await zmapArguments(lab)].join(" ");
    const handshakes = [Deno.execPath(), "run", "-A", "--quiet", pathOf("./tls_handshakes.ts"), lab.port]
      .join(" ");
    const samples = await interleave(rounds, {
      ours: async () => {
        const sample = await measure(scanCommand(lab), truth, readScan);
        await rm(runFolder, { recursive: true });
        return sample;
      },
      peer: () => measure(["sh", "-c", `${zmap} | ${handshakes} > ${grabFile}`], truth, readGrabs),
    });
    return {
      ours: medianOf(samples.ours, "perSecond"),
      peer: medianOf(samples.peer, "perSecond"),
      extra: {
        ours_complete: medianOf(samples.ours, "complete"),
        peer_complete: medianOf(samples.peer, "complete"),
        ours_cpu_seconds: medianOf(samples.ours, "cpuSeconds"),
        peer_cpu_seconds: medianOf(samples.peer, "cpuSeconds"),
      },
    };
  });
}

async function measure(
  command: readonly string[],
  truth: Truth,
  read: () => Promise<Captured[]>,
): Promise<Sample> {
  const [busyBefore, start] = [busySeconds(), performance.now()];
  await runTool(command);
  const elapsedMs = performance.now() - start;
  const cpuSeconds = busySeconds() - busyBefore;
  const { captured, live } = compareWithTruth(truth, await read());
  if (captured === 0) throw new Error(`Cannot measure ${command.join(" ")}: it found no certificate`);
  return { perSecond: captured * 1000 / elapsedMs, complete: captured / live, cpuSeconds };
}

function scanCommand(lab: Lab): string[] {
  return [
    ...[Deno.execPath(), "run", "-A", "--quiet", pathOf("../src/main.ts"), "scan", lab.prefix],
    ...["--ports", `${lab.port}`, "--rate", `${probesPerSecond}`, "--cooldown", `${cooldownSeconds}`],
    ...["--transport", "wire", "--no-graph", "--output", runFolder],
  ];
}

async function zmapArguments(lab: Lab): Promise<string[]> {
  return [
    ...["--config=/dev/null", "--blacklist-file=/dev/null", "--quiet", "--verbosity=0", "--output-file=-"],
    ...[`--target-port=${lab.port}`, `--rate=${probesPerSecond}`, `--cooldown-time=${cooldownSeconds}`],
    ...[`--interface=${lab.interface}`, `--source-ip=${lab.sourceAddress}`],
    ...[`--gateway-mac=${await gatewayHardware(lab)}`, lab.prefix],
  ];
}

async function gatewayHardware(lab: Lab): Promise<string> {
  const through = interfaces().find((candidate) => candidate.name === lab.interface)!;
  const gateway = await resolveNeighbor({
    interfaceIndex: through.index,
    vlan: 0,
    local: parseAddress(lab.sourceAddress)!,
    localHardware: through.hardwareAddress,
    neighbor: parseAddress(lab.gateway)!,
  });
  if (gateway === undefined) {
    throw new Error(`Cannot reach the lab's gateway ${lab.gateway}: no answer to ARP`);
  }
  return Array.from(gateway.hardwareAddress, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}

async function readScan(): Promise<Captured[]> {
  const certificates = new Map<string, Uint8Array>();
  const captures: Captured[] = [];
  for await (const record of readLog(runFolder)) {
    if (record.type === "certificate") {
      certificates.set(record.fingerprint, Buffer.from(record.der, "base64"));
    }
    if (record.type !== "tls") continue;
    const { address, port, chain: [fingerprint] } = record;
    const der = fingerprint && certificates.get(fingerprint);
    if (der) captures.push({ address, port, fingerprint, der });
  }
  return captures;
}

async function readGrabs(): Promise<Captured[]> {
  const lines = (await readFile(grabFile, "utf8")).trimEnd().split("\n");
  return lines.filter((line) => line !== "").map((line) => {
    const grab = JSON.parse(line) as Grab;
    return { ...grab, der: Buffer.from(grab.der, "base64") };
  });
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
