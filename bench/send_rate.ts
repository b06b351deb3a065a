/**
 * Claim: one sender thread puts more probes on the wire than one of ZMap's.
 *
 * Peer: `zmap --sender-threads=1` at an unlimited rate; if masscan is installed, it runs as well and stands beside
 * them as `masscan`.
 *
 * Method: every sender walks 10.0.0.0/8 into an `ifb` interface that drops all, in network namespaces of its own;
 * frames are counted by the interface, for two seconds after the first hundred thousand, so no start-up counts.
 * margay's is the packet plane itself, driven through `ffi/` with unlimited buckets. Nothing ever answers.
 *
 * @module
 */
import { Control, type Interface, interfaces, Plane } from "../ffi/mod.ts";
import { runInLab } from "../test/lab/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { type BlackHole, openBlackHole } from "./black_hole.ts";
import { interleave, median } from "./interleave.ts";
import { hasProgram } from "./programs.ts";

export const sendRate: Bench = {
  name: "send_rate",
  sentence: "Probes that one sender thread puts into a black hole (ifb), beside ZMap with one sender thread.",
  unit: "frames/s",
  programs: ["zmap"],
  rounds: 5,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureSenders", argument: rounds }),
};

const gatewayHardware = "02:00:00:00:00:01";
const ownHardware = "02:00:00:00:00:02";
/** 10.0.0.0/8 in the 128-bit space, and this host in it. */
const targets = { first: 0xffff_0a00_0000n, last: 0xffff_0aff_ffffn };
const local = 0xffff_0a62_0001n;

/** Runs inside the lab's namespaces. */
export async function measureSenders(rounds: number): Promise<Measurement> {
  const hole = await openBlackHole();
  const through = interfaces().find((candidate) => candidate.name === hole.name)!;
  const ours = () => measurePlane(hole, through);
  const peer = () => measureProgram(hole, "zmap", zmapArguments(hole));
  if (!hasProgram("masscan")) {
    const samples = await interleave(rounds, { ours, peer });
    return { ours: median(samples.ours), peer: median(samples.peer) };
  }
  const masscan = () => measureProgram(hole, "masscan", masscanArguments(hole));
  const samples = await interleave(rounds, { ours, peer, masscan });
  return {
    ours: median(samples.ours),
    peer: median(samples.peer),
    extra: { masscan: median(samples.masscan) },
  };
}

async function measurePlane(hole: BlackHole, through: Interface): Promise<number> {
  // Its buckets are unlimited until they are set.
  const control = new Control();
  const plane = new Plane({
    targets: [{ ports: [443], intervals: [targets] }],
    order: { seed: 1n, shardIndex: 0, shardCount: 1 },
    cookieKey: new Uint8Array(16),
    local,
    localHardware: through.hardwareAddress,
    gatewayHardware: Uint8Array.from(gatewayHardware.split(":"), (octet) => parseInt(octet, 16)),
    interfaceIndex: through.index,
    mtu: through.mtu,
    sourcePorts: { first: 1024, count: 16 },
    guarded: true,
    flowCapacity: 1,
    retries: 0,
    targetsMax: Number(targets.last - targets.first) + 1,
    cooldownMs: 0,
    queueMax: 1,
  }, control);
  try {
    plane.start();
    return await hole.frameRate();
  } finally {
    await plane.dispose();
  }
}

async function measureProgram(hole: BlackHole, program: string, args: readonly string[]): Promise<number> {
  const child = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).spawn();
  try {
    return await hole.frameRate();
  } catch (cause) {
    throw new Error(`Cannot measure ${program}: it sends nothing with ${args.join(" ")}`, { cause });
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

function zmapArguments({ name, address }: BlackHole): string[] {
  return [
    ...["--config=/dev/null", "--blacklist-file=/dev/null", "--quiet", "--output-file=/dev/null"],
    ...["--sender-threads=1", "--rate=0", "--target-port=443", `--interface=${name}`],
    ...[`--source-ip=${address}`, `--gateway-mac=${gatewayHardware}`, "10.0.0.0/8"],
  ];
}

function masscanArguments({ name, address }: BlackHole): string[] {
  return [
    ...["10.0.0.0/8", "--ports", "443", "--rate", "100000000", "--wait", "0", "--interface", name],
    ...["--source-ip", address, "--source-mac", ownHardware, "--router-mac", gatewayHardware],
  ];
}
