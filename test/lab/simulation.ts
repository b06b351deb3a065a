import { writeFile } from "node:fs/promises";
import {
  GATEWAY,
  GATEWAY_IPV6,
  IN_WORLD,
  LAB_FOLDER,
  layCable,
  SCANNER_ADDRESS,
  SCANNER_ADDRESS_IPV6,
  SCANNER_INTERFACE,
  withRoom,
  WORLD_INTERFACE,
} from "./cable.ts";
import { writeChains } from "./chains.ts";
import { readCounter } from "./counters.ts";
import {
  describeWorld,
  Responder,
  type ResponderCounters,
  truthLines,
  type WorldFiles,
  type WorldPrefix,
} from "./responder.ts";
import { simulationRuleset } from "./ruleset.ts";
import { addRoutes, isIpv6Prefix } from "./routes.ts";
import { runTool } from "./tools.ts";
import { type Truth, truthOf } from "./truth.ts";
import { requireWayOut } from "./way_out.ts";
import { startWiretap, type Wiretap } from "./wiretap.ts";

/** The responder answers for the gateway with an address of its own (`zig/lab/gateway.zig`). */
const GATEWAY_HARDWARE_ADDRESS = "02:00:5e:00:53:01";

/** Which world to bring up: the path of a world file, or what one would say. */
export type WorldSource = string | { readonly text: string };

/** What was counted by somebody who isn't margay. */
export interface SimulationCounters {
  /** What the responder says arrived and left. */
  readonly responder: ResponderCounters;
  /** TCP resets that the scanner's kernel sent: 0 while margay's guard works. */
  readonly kernelResets: number;
}

/** A simulated Internet that is up. */
export interface Simulation {
  /** The scanner's end of the cable, and its addresses. */
  readonly interface: string;
  readonly sourceAddress: string;
  readonly sourceAddressIpv6: string;
  /** The way into every prefix that isn't on the link. */
  readonly gateway: string;
  readonly gatewayIpv6: string;
  readonly gatewayHardwareAddress: string;
  readonly prefixes: readonly WorldPrefix[];
  /**
   * Those of them that the scanner's kernel has no way to, as it knows no VLANs: a scanner that tags its own frames
   * reaches them.
   */
  readonly unrouted: readonly WorldPrefix[];
  readonly files: WorldFiles;
  /**
   * Which targets speak TLS, and what their certificates are.
   *
   * @param prefix what to tell of; the whole world unless told.
   */
  readTruth(prefix?: string): Promise<Truth>;
  /** The same, and all other open ports, as the responder tells it: JSON, line by line. */
  truthLines(prefix?: string): AsyncGenerator<string>;
  readCounters(): Promise<SimulationCounters>;
  /** Listens on the cable, at the world's end. */
  startWiretap(): Promise<Wiretap>;
}

/**
 * Brings a simulated Internet up, calls `use` with it, and takes it down again. One world at a time.
 *
 * @throws {WorldFileError} when the world file can't be used.
 * @throws {Error} outside the lab's namespaces, beside another world, or when the world can't be made.
 */
export function withSimulation<Result>(
  options: { readonly world: WorldSource },
  use: (internet: Simulation) => Result | Promise<Result>,
): Promise<Result> {
  return withRoom(async () => {
    const files = {
      world: await worldFile(options.world),
      chains: `${LAB_FOLDER}/chains.ndjson`,
    };
    const description = await describeWorld(files.world);
    requireWayOut(description);
    await writeChains(files.chains, {
      count: description.chainCount,
      seed: description.seed,
      chainLengths: description.chainLengths,
    });
    await runTool(["nft", "-f", "-"], simulationRuleset(SCANNER_INTERFACE));
    await layCable({ hasIpv6: description.prefixes.some(({ prefix }) => isIpv6Prefix(prefix)) });
    const responder = await Responder.start(files);
    try {
      const unrouted = await addRoutes(description.prefixes);
      return await use({
        interface: SCANNER_INTERFACE,
        sourceAddress: SCANNER_ADDRESS,
        sourceAddressIpv6: SCANNER_ADDRESS_IPV6,
        gateway: GATEWAY,
        gatewayIpv6: GATEWAY_IPV6,
        gatewayHardwareAddress: GATEWAY_HARDWARE_ADDRESS,
        prefixes: description.prefixes,
        unrouted,
        files,
        readTruth: (prefix) => truthOf(truthLines(files, listOf(prefix))),
        truthLines: (prefix) => truthLines(files, listOf(prefix)),
        async readCounters() {
          const counter = { family: "inet", table: "lab_scanner", counter: "kernel_resets" } as const;
          // In the order of the cable, so that the responder has seen what the scanner sent.
          const kernelResets = await readCounter([], counter);
          return { responder: await responder.readCounters(), kernelResets };
        },
        startWiretap: () => startWiretap({ enter: IN_WORLD, interface: WORLD_INTERFACE }),
      });
    } finally {
      await responder.stop();
    }
  });
}

async function worldFile(source: WorldSource): Promise<string> {
  if (typeof source === "string") return source;
  const path = `${LAB_FOLDER}/text.world`;
  await writeFile(path, source.text);
  return path;
}

function listOf(prefix: string | undefined): string[] {
  return prefix === undefined ? [] : [prefix];
}
