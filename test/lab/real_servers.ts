import { fileURLToPath } from "node:url";
import type { AddressRule } from "./address_rule.ts";
import {
  GATEWAY,
  IN_WORLD,
  LAB_FOLDER,
  layCable,
  SCANNER_ADDRESS,
  SCANNER_INTERFACE,
  setKernelParameters,
  withRoom,
  WORLD_INTERFACE,
} from "./cable.ts";
import { type Counters, readCounter } from "./counters.ts";
import { nextLine } from "./lines.ts";
import { parsePrefix } from "./prefix.ts";
import { cableRuleset, scannerRuleset, worldRuleset } from "./ruleset.ts";
import type { ServeOptions } from "./serve.ts";
import { runTool } from "./tools.ts";
import { readTruth, type Truth } from "./truth.ts";
import { startWiretap, type Wiretap } from "./wiretap.ts";

/** What the world looks like. */
export interface LabOptions {
  /**
   * The prefix that answers, `a.b.c.d/n`; 10.50.0.0/16 unless told. One inside 127.0.0.0/8 is served on the
   * scanner's own loopback: no cable, no loss, no wiretap.
   */
  readonly prefix?: string;
  /** The TCP port that live addresses serve TLS on; 443 unless told. */
  readonly port?: number;
  /** The share of addresses that serve, in percent with up to two decimals; 50 unless told. */
  readonly livePercent?: number;
  /** The share of addresses that never answer; 25 unless told. What remains answers with RST. */
  readonly silentPercent?: number;
  /** How many different certificates there are; 512 unless told. */
  readonly certificateCount?: number;
  /** Decides who is live and who serves what; 1 unless told. */
  readonly seed?: number;
  /** How many of a hundred packets are lost in each direction; 0 unless told. */
  readonly lossPercent?: number;
  /** A certificate that the truth knows and nobody serves: its addresses answer with RST. */
  readonly withoutCertificate?: number;
  /** The prefixes that may be sent to without being stray; the whole prefix unless told. */
  readonly expectedTargets?: readonly string[];
}

/** A world that is up. */
export interface Lab {
  readonly prefix: string;
  readonly port: number;
  readonly rule: AddressRule;
  /** The scanner's end of the cable and its address; the way into the prefix is through the gateway. */
  readonly interface: string;
  readonly sourceAddress: string;
  readonly gateway: string;
  /** What the servers say is there. */
  readTruth(): Promise<Truth>;
  readCounters(): Promise<Counters>;
  /**
   * Listens on the cable.
   *
   * @throws {Error} in a world on loopback, which has none.
   */
  startWiretap(): Promise<Wiretap>;
}

const LOSS_INTERFACE = "loss0";
const TRUTH_PATH = `${LAB_FOLDER}/truth.ndjson`;

/**
 * Brings a world of real TLS servers up, calls `use` with it, and takes it down again. One world at a time.
 *
 * @throws {Error} outside the lab's namespaces, or when the world can't be made.
 */
export async function withLab<Result>(
  options: LabOptions,
  use: (lab: Lab) => Result | Promise<Result>,
): Promise<Result> {
  const prefix = options.prefix ?? "10.50.0.0/16";
  const port = options.port ?? 443;
  const rule = ruleOf(options);
  parsePrefix(prefix);
  const isLocal = prefix.startsWith("127.");
  const lossPercent = options.lossPercent ?? 0;
  if (lossPercent < 0 || lossPercent > 100) {
    throw new RangeError(`Cannot lose ${lossPercent} percent: 0 to 100 can be`);
  }
  if (isLocal && options.lossPercent) {
    throw new RangeError(`Cannot lose packets on ${prefix}: it is loopback`);
  }
  const enter = isLocal ? [] : IN_WORLD;
  return await withRoom(async () => {
    if (!isLocal) await joinWorld(prefix, port, options);
    await raiseLimits(enter);
    await runTool([...enter, "nft", "-f", "-"], worldRuleset({ rule, prefix, port }));
    await runTool(["nft", "-f", "-"], scannerRuleset(prefix));
    const { withoutCertificate } = options;
    const servers = await startServers(enter, {
      rule,
      prefix,
      port,
      truthPath: TRUTH_PATH,
      ...(withoutCertificate === undefined ? {} : { withoutCertificate }),
    });
    try {
      return await use({
        prefix,
        port,
        rule,
        interface: isLocal ? "lo" : SCANNER_INTERFACE,
        sourceAddress: isLocal ? "127.0.0.1" : SCANNER_ADDRESS,
        gateway: isLocal ? "127.0.0.1" : GATEWAY,
        readTruth: () => readTruth(TRUTH_PATH),
        readCounters: () => readCounters(isLocal),
        startWiretap() {
          if (isLocal) throw new Error(`Cannot listen on the cable: ${prefix} is served on loopback`);
          return startWiretap({ enter, interface: WORLD_INTERFACE, prefix });
        },
      });
    } finally {
      servers.kill("SIGKILL");
      await servers.status;
    }
  });
}

function ruleOf(options: LabOptions): AddressRule {
  const livePerTenThousand = Math.round((options.livePercent ?? 50) * 100);
  const silentPerTenThousand = Math.round((options.silentPercent ?? 25) * 100);
  const certificateCount = options.certificateCount ?? 512;
  if (
    livePerTenThousand < 0 || silentPerTenThousand < 0 || livePerTenThousand + silentPerTenThousand > 10_000
  ) {
    throw new RangeError("Cannot share the addresses out: live and silent are more than 100 percent");
  }
  if (certificateCount < 1 || certificateCount > 4096) {
    throw new RangeError(`Cannot serve ${certificateCount} certificates: 1 to 4096 can be`);
  }
  return { seed: options.seed ?? 1, livePerTenThousand, silentPerTenThousand, certificateCount };
}

/** Makes the world at the other end of a cable. */
async function joinWorld(prefix: string, port: number, options: LabOptions): Promise<void> {
  await layCable({ hasIpv6: false });
  await runTool(
    ["ip", "-netns", "world", "-batch", "-"],
    [
      `link set lo up`,
      `address add ${GATEWAY}/30 dev ${WORLD_INTERFACE}`,
      // AnyIP: every address of the prefix is an address of this host.
      `route add local ${prefix} dev lo`,
      `link add ${LOSS_INTERFACE} type veth peer name loss1`,
      `link set ${LOSS_INTERFACE} up`,
      `link set loss1 up`,
    ].join("\n"),
  );
  await runTool(["ip", "route", "add", prefix, "via", GATEWAY]);
  const cable = cableRuleset({
    interface: WORLD_INTERFACE,
    lossInterface: LOSS_INTERFACE,
    gateway: GATEWAY,
    expectedTargets: options.expectedTargets ?? [prefix],
    port,
    lossPerTenThousand: Math.round((options.lossPercent ?? 0) * 100),
  });
  await runTool([...IN_WORLD, "nft", "-f", "-"], cable);
}

/** Makes the world's kernel take every SYN it can serve, and answer none with a cookie. */
async function raiseLimits(enter: readonly string[]): Promise<void> {
  await setKernelParameters(enter, [
    ["net/ipv4/tcp_syncookies", 0],
    ["net/ipv4/tcp_max_syn_backlog", 65_536],
    ["net/core/somaxconn", 65_535],
  ]);
}

async function startServers(enter: readonly string[], options: ServeOptions): Promise<Deno.ChildProcess> {
  const program = fileURLToPath(new URL("./serve.ts", import.meta.url));
  const serve = [Deno.execPath(), "run", "-A", "--quiet", program, JSON.stringify(options)];
  const [command, ...args] = [...enter, ...serve] as [string, ...string[]];
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  if (await nextLine(child.stdout) !== "ready") {
    const { code } = await child.status;
    throw new Error(`Cannot start the lab's servers: they ended with exit status ${code}`);
  }
  return child;
}

async function readCounters(isLocal: boolean): Promise<Counters> {
  const [kernelResets, strayFrames] = await Promise.all([
    readCounter([], { family: "ip", table: "lab_scanner", counter: "kernel_resets" }),
    isLocal ? 0 : readCounter(IN_WORLD, { family: "netdev", table: "lab_cable", counter: "stray_frames" }),
  ]);
  return { kernelResets, strayFrames };
}
