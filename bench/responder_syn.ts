/**
 * Claim: who scans the simulated Internet gets more SYNs answered than by the kernel's TCP at the other end of the same
 * cable, since the responder answers on a core of its own.
 *
 * Peer: the kernel with the whole prefix (AnyIP) and one listener. It answers by SYN cookies, without memory; so does
 * the responder, but for the few connections that this world has room for.
 *
 * Method: `load syn` on one CPU keeps 16,384 SYNs under way, by frames past the kernel of its own side, and counts the
 * SYN-ACKs that acknowledge them. A frame on a veth is received by the CPU that sends it: the kernel's world has no
 * CPU but the load's. The responder has the other one; `per_cpu_second` is what it answers for each second that it
 * uses of it, and `same_cpu` what comes out when it, too, has to share the load's.
 *
 * @module
 */
import { nextLine } from "../test/lab/lines.ts";
import {
  GATEWAY,
  IN_WORLD,
  layCable,
  SCANNER_ADDRESS,
  SCANNER_INTERFACE,
  setKernelParameters,
  withRoom,
  WORLD_INTERFACE,
} from "../test/lab/cable.ts";
import { runInLab, withSimulation } from "../test/lab/mod.ts";
import { runTool } from "../test/lab/tools.ts";
import type { Bench, Measurement } from "./bench.ts";
import { interleave, medianOf } from "./interleave.ts";
import {
  hardwareAddressOfWorld,
  introduceLoad,
  type Load,
  LOAD_CPU,
  measureWorld,
  pin,
  processOf,
  WORLD_CPU,
  type WorldRate,
} from "./world_load.ts";

export const responderSyn: Bench = {
  name: "responder_syn",
  sentence:
    "SYNs that the responder answers on a CPU of its own, beside the kernel's TCP, which shares the sender's.",
  unit: "exchanges/s",
  programs: [],
  rounds: 3,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureSynWorlds", argument: rounds }),
};

const prefix = "10.50.0.0/16";
const port = 443;
const world = `
certificates 1
connections 1024
prefix ${prefix}
port ${port} open
`;

/** Runs inside the lab's namespaces. */
export async function measureSynWorlds(rounds: number): Promise<Measurement> {
  const samples = await interleave(rounds, {
    ours: () => measureResponder(WORLD_CPU),
    peer: measureKernel,
    sameCpu: () => measureResponder(LOAD_CPU),
  });
  return {
    ours: medianOf(samples.ours, "perSecond"),
    peer: medianOf(samples.peer, "perSecond"),
    extra: {
      same_cpu: medianOf(samples.sameCpu, "perSecond"),
      per_cpu_second: medianOf(samples.ours, "perCpuSecond"),
      ours_lost: medianOf(samples.ours, "lost"),
      peer_lost: medianOf(samples.peer, "lost"),
      same_cpu_lost: medianOf(samples.sameCpu, "lost"),
    },
  };
}

function measureResponder(cpu: number): Promise<WorldRate> {
  return withSimulation({ world: { text: world } }, async ({ gatewayHardwareAddress }) => {
    const responder = processOf("/responder");
    await pin(responder, cpu);
    return await measureWorld(loadOn(gatewayHardwareAddress), responder);
  });
}

function measureKernel(): Promise<WorldRate> {
  return withRoom(async () => {
    await layCable({ hasIpv6: false });
    await runTool(
      ["ip", "-netns", "world", "-batch", "-"],
      [
        "link set lo up",
        `address add ${GATEWAY}/30 dev ${WORLD_INTERFACE}`,
        `route add local ${prefix} dev lo`,
      ].join("\n"),
    );
    // 2: a cookie for each, whether or not there is room.
    await setKernelParameters(IN_WORLD, [["net/ipv4/tcp_syncookies", 2]]);
    await introduceLoad(SCANNER_ADDRESS, WORLD_INTERFACE);
    const listener = await listen();
    try {
      return await measureWorld(loadOn(await hardwareAddressOfWorld(WORLD_INTERFACE)), listener.pid);
    } finally {
      listener.kill("SIGKILL");
      await listener.status;
    }
  });
}

async function listen(): Promise<Deno.ChildProcess> {
  // No handshake is ever completed.
  const script =
    `const listener = Deno.listen({ port: ${port} }); console.log("ready"); await listener.accept()`;
  const serve = [Deno.execPath(), "eval", script];
  const [command, ...args] = [...IN_WORLD, ...serve] as [string, ...string[]];
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  if (await nextLine(child.stdout) !== "ready") throw new Error(`Cannot listen on port ${port} of the world`);
  return child;
}

function loadOn(gatewayHardwareAddress: string): Load {
  return {
    purpose: "syn",
    interface: SCANNER_INTERFACE,
    gatewayHardwareAddress,
    sourceAddress: SCANNER_ADDRESS,
    prefix,
    port,
    window: 16_384,
  };
}
