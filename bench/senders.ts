/**
 * Who sends into the black hole: each walks 10.0.0.0/8, port 443, from one thread, as fast as it can.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Control, type Interface, interfaces, NO_PROGRESS, Plane } from "../ffi/mod.ts";
import type { BlackHole, Flow } from "./black_hole.ts";

const OWN_HARDWARE = "02:00:00:00:00:02";
/** This host, in the 128-bit space. */
const LOCAL = 0xffff_0a62_0001n;
/** 10.0.0.0/8. */
const TARGETS = { first: 0x0a00_0000, last: 0x0aff_ffff };
const TARGET_COUNT = 2 ** 24;
/** In octets, of an Ethernet frame with margay's default SYN. */
const PROBE_SIZE = 74;
/**
 * The kernel takes its time to free the queue of a device that an AF_XDP socket had; a sender that finds none free
 * has to go another way.
 */
const QUEUE_RELEASE_MS = 300;

/** margay's packet plane itself, driven through `ffi/`. Nothing ever answers. */
export async function measurePlane(hole: BlackHole): Promise<Flow> {
  const plane = new Plane(planeConfig(hole), new Control());
  try {
    plane.start();
    return await hole.measureFlow();
  } finally {
    await plane.dispose();
    await delay(QUEUE_RELEASE_MS);
  }
}

/** The plane's own way to the kernel without its logic: prebuilt frames over and over. */
export async function measureBare(hole: BlackHole): Promise<Flow> {
  const program = fileURLToPath(new URL("../zig/zig-out/bin/bare", import.meta.url));
  const flow = await measureProgram(hole, program, [hole.name, "measured", `${PROBE_SIZE}`]);
  await delay(QUEUE_RELEASE_MS);
  return flow;
}

/** ZMap with one sender thread. */
export function measureZmap(hole: BlackHole): Promise<Flow> {
  return measureProgram(hole, "zmap", [
    ...["--config=/dev/null", "--blacklist-file=/dev/null", "--quiet", "--output-file=/dev/null"],
    ...["--sender-threads=1", "--rate=0", "--target-port=443", `--interface=${hole.name}`],
    ...[`--source-ip=${hole.address}`, `--gateway-mac=${hole.gatewayHardwareAddress}`, "10.0.0.0/8"],
  ]);
}

/** masscan, whose transmitter is one thread. */
export function measureMasscan(hole: BlackHole): Promise<Flow> {
  return measureProgram(hole, "masscan", [
    ...["10.0.0.0/8", "--ports", "443", "--rate", "100000000", "--wait", "0", "--interface", hole.name],
    ...["--source-ip", hole.address, "--source-mac", OWN_HARDWARE],
    ...["--router-mac", hole.gatewayHardwareAddress],
  ]);
}

function planeConfig(hole: BlackHole): ConstructorParameters<typeof Plane>[0] {
  const through: Interface = interfaces().find((candidate) => candidate.name === hole.name)!;
  return {
    targets: {
      groups: [{
        ports: [443],
        ipv4: Uint32Array.of(TARGETS.first, TARGETS.last),
        ipv6: new BigUint64Array(),
      }],
      sampleCount: 0,
    },
    order: { seed: 1n, shardIndex: 0, shardCount: 1 },
    cookieKey: new Uint8Array(16),
    hops: [{
      interfaceIndex: through.index,
      mtu: through.mtu,
      vlan: 0,
      kind: "gateway",
      localHardware: through.hardwareAddress,
      nextHardware: Uint8Array.from(hole.gatewayHardwareAddress.split(":"), (octet) => parseInt(octet, 16)),
      sources: [LOCAL],
    }],
    routes: [{ first: 0xffff_0000_0000n, last: 0xffff_ffff_ffffn, hop: 0 }],
    unowned: [],
    sourcePorts: { first: 1024, count: 16 },
    guarded: true,
    readers: 1,
    receiveMemory: 20 * 2 ** 20,
    flowCapacity: 0,
    manner: "reset",
    report: ["open"],
    synOptions: "linux",
    timeToLive: 64,
    retries: 0,
    targetsMax: TARGET_COUNT,
    progress: NO_PROGRESS,
    cooldownMs: 0,
    queueMax: 1,
    blockedMsMax: 1000,
  };
}

async function measureProgram(hole: BlackHole, program: string, args: readonly string[]): Promise<Flow> {
  const child = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).spawn();
  try {
    return await hole.measureFlow();
  } catch (cause) {
    throw new Error(`Cannot measure ${program}: it sends nothing with ${args.join(" ")}`, { cause });
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}
