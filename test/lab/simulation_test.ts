import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { fetchChain } from "./plain_client.ts";
import { addressOfNumber, parsePrefix } from "./prefix.ts";
import { runInLab } from "./run_in_lab.ts";
import { withSimulation } from "./simulation.ts";
import { runTool } from "./tools.ts";
import type { SimulatedTarget } from "./truth.ts";

/** A third of the addresses are hosts; half of those refuse on 443. IPv6, and neighbors. */
const WORLD = `
seed 3
certificates 16
prefix 10.32.0.0/26
hosts 66%
port 443 tls open 50% closed
port 22 ssh open
tls-version 1.2
prefix 10.33.0.0/28
on-link
port 443 tls
port 22 ssh
tls-version 1.2
prefix fd32::/124
port 443 tls
tls-version 1.2
`;

const inLab = <Result>(name: string, argument?: unknown) =>
  runInLab<Result>({ module: import.meta.url, name, argument });

/** Runs inside: what the cable carries when nobody scans. */
export function rest() {
  return withSimulation({ world: { text: WORLD } }, async (internet) => {
    const wiretap = await internet.startWiretap();
    await delay(1500);
    const { framesSent, framesReceived } = await wiretap.stop();
    const { responder, kernelResets } = await internet.readCounters();
    return { framesSent, framesReceived, counted: responder.frames_received, kernelResets };
  });
}

Deno.test("simulation: a world that nobody scans is silent, and so is the scanner", async () => {
  assert.deepEqual(await inLab("rest"), { framesSent: 0, framesReceived: 0, counted: 0, kernelResets: 0 });
});

/** Runs inside: what an ordinary socket finds on port 443 of every address, beside what the truth says. */
export function connectEverywhere() {
  return withSimulation({ world: { text: WORLD } }, async (internet) => {
    const found: Record<string, string> = {};
    await Promise.all(
      internet.prefixes.flatMap(({ prefix }) => addressesOf(prefix)).map(async (address) => {
        found[address] = await Promise.race([delay(4000, "silence"), connectTo(address)]);
      }),
    );
    const truth = await internet.readTruth();
    const leaves = [...truth.targets.values()].map(({ address, certificate }) =>
      [address, truth.certificates.get(certificate)?.chain[0]] as const
    );
    const { responder } = await internet.readCounters();
    const gateways = [internet.gateway, internet.gatewayIpv6].map((address) => `ip neighbor show ${address}`);
    const neighbors = await runTool(["sh", "-e"], gateways.join("\n"));
    const resolved = [...neighbors.matchAll(/lladdr (\S+)/g)].map(([, address]) => address);
    const told = internet.gatewayHardwareAddress;
    return { found, leaves: Object.fromEntries(leaves), responder, resolved, told };
  });
}

async function connectTo(address: string): Promise<string> {
  try {
    const [leaf] = await fetchChain(address, 443);
    return leaf!.toBase64();
  } catch (error) {
    return (error as Error).name;
  }
}

/** Of fd32::/124 as the truth writes them, too. */
function addressesOf(prefix: string): string[] {
  if (prefix.includes(":")) {
    return Array.from({ length: 16 }, (_, index) => index === 0 ? "fd32::" : `fd32::${index.toString(16)}`);
  }
  const { first, last } = parsePrefix(prefix);
  return Array.from({ length: last - first + 1 }, (_, index) => addressOfNumber(first + index));
}

Deno.test("simulation: every address does for an ordinary socket what the truth says", async () => {
  const { found, leaves, responder, resolved, told } = await inLab<
    Awaited<ReturnType<typeof connectEverywhere>>
  >(
    "connectEverywhere",
  );
  const others = { silence: 0, ConnectionRefused: 0 };
  for (const [address, what] of Object.entries(found)) {
    if (leaves[address] !== undefined) assert.equal(what, leaves[address], address);
    else {
      assert.ok(what in others, `${address}: ${what}`);
      others[what as keyof typeof others]++;
    }
  }
  assert.equal(Object.keys(found).length, 64 + 16 + 16);
  // All of the neighbors and of IPv6, and about a third of the rest.
  const live = Object.keys(leaves).length;
  assert.ok(live > 32 + 8 && live < 32 + 40, `${live} speak TLS`);
  assert.ok(others.silence > 8 && others.ConnectionRefused > 8, JSON.stringify(others));
  assert.deepEqual(resolved, [told, told], "the gateway is who the kernel found it to be");
  assert.equal(responder.outside, 0);
  assert.equal(responder.checksum_wrong, 0);
  assert.equal(responder.synchronize_per_address["0"], 0);
});

/** Runs inside: the same world again and again, and what is told of parts of it. */
export async function tell() {
  const told: SimulatedTarget[][] = [];
  for (const prefix of ["10.32.0.0/28", undefined]) {
    await withSimulation({ world: { text: WORLD } }, async (internet) => {
      const records = await Array.fromAsync(internet.truthLines(prefix), (line) => JSON.parse(line));
      assert.equal(records.filter(({ record }) => record === "certificate").length, 16);
      told.push(records.filter(({ record }) => record === "target"));
    });
  }
  return { told, left: await runTool(["ip", "-brief", "link"]) + await runTool(["ip", "netns", "list"]) };
}

Deno.test("simulation: the truth of a part is a part of the truth, and no world is left behind", async () => {
  const { told: [part = [], whole = []], left } = await inLab<Awaited<ReturnType<typeof tell>>>("tell");
  const isInPart = ({ address }: SimulatedTarget) => /^10\.32\.0\.(\d|1[0-5])$/.test(address);
  assert.ok(part.length > 0);
  assert.deepEqual(part, whole.filter(isInPart));
  const services = new Set(
    whole.map(({ port, service, certificate }) => [port, service, certificate === null].join()),
  );
  assert.deepEqual(services, new Set(["22,ssh,true", "443,tls,false"]));
  assert.deepEqual(left.match(/^\w+/gm), ["lo"]);
});

/** Runs inside: leaves a connection with its greeting unread, which the kernel resets. */
export function leaveUnread() {
  return withSimulation({ world: { text: WORLD } }, async (internet) => {
    let counters = await internet.readCounters();
    for (let attempt = 0; attempt < 20 && counters.kernelResets === 0; attempt++) {
      const connection = await Deno.connect({ hostname: "10.33.0.1", port: 22 });
      await delay(100);
      connection.close();
      await delay(100);
      counters = await internet.readCounters();
    }
    return counters;
  });
}

Deno.test("simulation: a reset by the scanner's kernel is counted", async () => {
  const { kernelResets, responder } = await inLab<Awaited<ReturnType<typeof leaveUnread>>>("leaveUnread");
  assert.ok(kernelResets > 0);
  assert.equal(responder.reset_received, kernelResets);
});

/** Runs inside: why a world isn't brought up. */
export async function refuse(text: string) {
  try {
    await withSimulation({ world: { text } }, () => {});
    return "it is up";
  } catch (error) {
    const left = await runTool(["ip", "netns", "list"]);
    return `${(error as Error).name}: ${(error as Error).message}${left}`;
  }
}

Deno.test("simulation: a world that can't be is refused, and nothing of it is left behind", async () => {
  assert.match(
    await inLab<string>("refuse", "seed 1\n"),
    /^WorldFileError: Cannot read \/run\/margay-lab\/text\.world: it has no prefix; [^\n]*$/,
  );
  assert.equal(
    await inLab("refuse", "prefix fd99::/80\nport 443 tls\n"),
    "WorldFileError: Cannot bring the world up: its prefix fd99::/80 overlaps fd99::/64, the lab's own cable; " +
      "choose another one",
  );
});

Deno.test("simulation: outside the lab's namespaces there is none", async () => {
  await assert.rejects(
    () => withSimulation({ world: { text: WORLD } }, () => {}),
    /outside the lab's namespaces/,
  );
});
