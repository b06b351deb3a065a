/**
 * Claim: a capture gets a server's certificate for a fraction of what a handshake costs.
 *
 * Peers: full handshakes by Deno's own client (`Deno.startTls`, as `Deno.connectTls` does it), by `node:tls` (in Deno),
 * and by `openssl s_time`, each in TLS 1.2 and in 1.3 where it can be told to. The cheapest of all is the peer.
 *
 * Method: one nginx of one worker answers on every address of a prefix (AnyIP) with an ECDSA certificate of one
 * certificate; all are measured against it in turn. A sample is CPU time of the whole machine, since a frame's cost
 * lands on whoever is running, less that of the server's process, for each 1,000 certificates; the start of a process
 * is in it, so margay is given more addresses than a peer needs to make its own start small. `ratio` is that of the
 * wire transport in TLS 1.2 (`--tls auto`). The fields beside it give every other side in CPU milliseconds for each
 * 1,000, and as a ratio to the same peer; `wire13` is a server that speaks 1.3 alone, asked with `--tls max`.
 *
 * Whatever else runs on the machine counts as ours in that, and the more the longer a side waits for the server.
 * `own_ratio` and `wire13_own_ratio` are therefore the same of the clients' own CPU time, all threads, user space and
 * kernel.
 *
 * The simulated Internet, with hosts that all serve TLS 1.2 at no distance, says how many certificates one core of
 * margay takes: margay on one CPU, the responder on the other. Beside it stands how many come on a second of that CPU
 * which margay got, from its start to its end.
 *
 * @module
 */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withAnyIp } from "../test/lab/any_ip.ts";
import { setKernelParameters } from "../test/lab/cable.ts";
import { margayFromSource } from "../test/lab/margay.ts";
import { runInLab, withSimulation } from "../test/lab/mod.ts";
import { runTool } from "../test/lab/tools.ts";
import type { Bench, Measurement } from "./bench.ts";
import { interleave, medianOf } from "./interleave.ts";
import { busySeconds, endedChildrenSeconds } from "./machine.ts";
import { type Nginx, ROOT_FILE, startNginx } from "./nginx.ts";
import { simulatedWorld } from "./simulated_world.ts";

export const capture: Bench = {
  name: "capture",
  sentence:
    "Certificates for a CPU second, the server's own left out, by wire captures in TLS 1.2, beside the cheapest of " +
    "full handshakes by Deno, node:tls and openssl.",
  unit: "certificates/CPU s",
  programs: ["nginx", "openssl"],
  rounds: 3,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureCapture", argument: rounds }),
};

const prefix = "10.60.0.0/15";
/** Of it, whom each transport captures, and peers hold handshakes with: enough for a start to be a small part. */
const wire = { prefix, addressCount: 2 ** 17 } as const;
const kernel = { prefix: "10.60.0.0/16", addressCount: 2 ** 16 } as const;
const handshakeCount = 8_192;
const ports = { both: 443, tls13: 8443 } as const;
const folder = "/run/nginx";
const output = "/run/records.ndjson";
/** As many connections at once as the peers keep. */
const kernelOptions = ["--transport", "kernel", "--concurrency", "64"] as const;
const openssl = { seconds: 4, address: "10.60.0.1" } as const;

const simulatedPrefix = "10.62.0.0/15";
const simulatedCount = 2 ** 17;

/** CPU milliseconds for each 1,000 certificates. */
interface Cost {
  /** The client's. */
  readonly client: number;
  /** The whole machine's, less the server's. */
  readonly machine: number;
}

/** What takes certificates from the server, or holds handshakes with it. */
interface Client {
  readonly command: readonly string[];
  readonly input?: string;
  /** How many came about, by what it printed or wrote. */
  count(printed: string): number | Promise<number>;
}

/** Runs inside the lab's namespaces. */
export async function measureCapture(rounds: number): Promise<Measurement> {
  let nginx: Nginx | undefined;
  const serve = async (enter: readonly string[]) => {
    // Connections that wait for late segments (TIME-WAIT) would slow down whoever is measured next.
    for (const end of [[], enter]) await setKernelParameters(end, [["net/ipv4/tcp_max_tw_buckets", 0]]);
    return (nginx = await startNginx(enter, folder, ports)).process;
  };
  const costs = await withAnyIp({ prefix, port: ports.both, serve }, () => {
    const cost = (side: Client) => () => costOf(nginx!, side);
    return interleave(rounds, {
      wire12: cost(scan(wire, ports.both, "--transport", "wire", "--tls", "auto")),
      wire13: cost(scan(wire, ports.tls13, "--transport", "wire", "--tls", "max")),
      kernel12: cost(scan(kernel, ports.both, ...kernelOptions, "--tls", "auto")),
      kernel13: cost(scan(kernel, ports.tls13, ...kernelOptions, "--tls", "max")),
      deno13: cost(handshakes("deno", "1.3")),
      node12: cost(handshakes("node", "1.2")),
      node13: cost(handshakes("node", "1.3")),
      openssl12: cost(opensslTime("-tls1_2")),
      openssl13: cost(opensslTime("-tls1_3")),
    });
  });
  const simulated = await withSimulation(
    { world: { text: simulatedWorld(simulatedPrefix) } },
    () => interleave(rounds, { ours: simulatedRate }),
  );
  const mediansOf = (field: keyof Cost) =>
    Object.fromEntries(Object.entries(costs).map(([name, samples]) => [name, medianOf(samples, field)]));
  const [client, machine] = [mediansOf("client"), mediansOf("machine")];
  const cheapest = cheapestPeer(machine);
  const perSecond = (cost: number) => 1_000_000 / cost;
  return {
    ours: perSecond(machine.wire12!),
    peer: perSecond(cheapest),
    extra: {
      wire13_ratio: cheapest / machine.wire13!,
      kernel12_ratio: cheapest / machine.kernel12!,
      kernel13_ratio: cheapest / machine.kernel13!,
      own_ratio: cheapestPeer(client) / client.wire12!,
      wire13_own_ratio: cheapestPeer(client) / client.wire13!,
      ...Object.fromEntries(Object.entries(machine).map(([name, cost]) => [`${name}_ms_per_1000`, cost])),
      simulated_per_second: medianOf(simulated.ours, "perSecond"),
      simulated_per_cpu_second: medianOf(simulated.ours, "perCpuSecond"),
    },
  };
}

function cheapestPeer(costs: Readonly<Record<string, number>>): number {
  const { deno13, node12, node13, openssl12, openssl13 } = costs;
  return Math.min(deno13!, node12!, node13!, openssl12!, openssl13!);
}

/** What a client does is measured from its start to its end; how much that was is counted behind it. */
async function costOf(nginx: Nginx, side: Client): Promise<Cost> {
  const serverBefore = await nginx.cpuSeconds();
  const [busyBefore, clientBefore] = [busySeconds(), endedChildrenSeconds()];
  const printed = await runTool(side.command, side.input);
  const client = endedChildrenSeconds() - clientBefore;
  const machine = busySeconds() - busyBefore - (await nginx.cpuSeconds() - serverBefore);
  const count = await side.count(printed);
  return { client: client * 1_000_000 / count, machine: machine * 1_000_000 / count };
}

function scan(
  { prefix, addressCount }: { readonly prefix: string; readonly addressCount: number },
  port: number,
  ...options: readonly string[]
): Client {
  const command = [
    ...[...margayFromSource(), "scan", prefix, "--ports", `${port}`, "--rate", "100000", "--cooldown", "1"],
    ...["--quiet", "--no-graph", "--output", output, ...options],
  ];
  return { command, count: async () => (await takeCaptured(command, addressCount)).length };
}

/** The records of what a scan captured, which must be nearly all; its log goes. */
async function takeCaptured(command: readonly string[], expected: number): Promise<string[]> {
  const records = (await readLogLines(output)).filter((line) => line.includes('"outcome":"captured"'));
  await rm(output, { recursive: true });
  requireMost(command, records.length, expected, "certificates captured");
  return records;
}

async function readLogLines(path: string): Promise<string[]> {
  return (await readFile(join(path, "000001.ndjson"), "utf8")).split("\n");
}

function requireMost(command: readonly string[], count: number, expected: number, what: string): void {
  if (count >= 0.99 * expected) return;
  throw new Error(`Cannot measure ${command.join(" ")}: ${count} of ${expected} ${what}`);
}

function handshakes(engine: "deno" | "node", version: "1.2" | "1.3"): Client {
  const script = fileURLToPath(new URL("./handshakes.ts", import.meta.url));
  const command = [
    ...[Deno.execPath(), "run", "-A", "--quiet", script, engine, version, `${ports.both}`],
    join(folder, ROOT_FILE),
  ];
  const addresses = Array.from(
    { length: handshakeCount },
    (_, index) => `10.60.${index >> 8}.${index & 255}\n`,
  );
  const count = (printed: string) => {
    requireMost(command, Number(printed), handshakeCount, "handshakes");
    return Number(printed);
  };
  return { command, input: addresses.join(""), count };
}

/** For so many seconds, one connection after another. */
function opensslTime(version: string): Client {
  const { address, seconds } = openssl;
  const command = [
    ...["openssl", "s_time", "-connect", `${address}:${ports.both}`, "-new", version],
    ...["-time", `${seconds}`],
  ];
  const count = (printed: string) => {
    const connections = Number(/(\d+) connections in \d+ real seconds/.exec(printed)?.[1]);
    if (!(connections > 0)) throw new Error(`Cannot measure openssl s_time: it says ${printed}`);
    return connections;
  };
  return { command, count };
}

/** Certificates a second, from the first to the last, and for each second of CPU time: one CPU for all of margay. */
async function simulatedRate(): Promise<{ perSecond: number; perCpuSecond: number }> {
  const cpuBefore = endedChildrenSeconds();
  const command = [
    ...["taskset", "--cpu-list", "0", ...margayFromSource(), "scan", simulatedPrefix, "--ports", "443"],
    ...["--rate", "100000", "--cooldown", "1", "--retries", "2", "--quiet"],
    ...["--transport", "wire", "--no-graph", "--output", output],
  ];
  await runTool(command);
  const cpuSeconds = endedChildrenSeconds() - cpuBefore;
  const records = await takeCaptured(command, simulatedCount);
  const perCpuSecond = records.length / cpuSeconds;
  const [first, last] = [records[0]!, records.at(-1)!].map((record) => Date.parse(JSON.parse(record).time));
  return { perSecond: records.length * 1000 / (last! - first!), perCpuSecond };
}
