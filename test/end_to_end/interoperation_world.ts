import { Buffer } from "node:buffer";
import { GATEWAY, IN_WORLD, layCable, setKernelParameters, withRoom, WORLD_INTERFACE } from "../lab/cable.ts";
import type { RunningServer } from "../lab/server_process.ts";
import { serveStartTls } from "../lab/starttls_servers.ts";
import { serveTls } from "../lab/tls_servers.ts";
import { runTool } from "../lab/tools.ts";
import {
  type Certificates,
  makeCertificates,
  SERVER_NAME,
  type Shown,
} from "./interoperation_certificates.ts";
import type { Row } from "./interoperation_rows.ts";
import type { Target } from "./interoperation_run.ts";

/** A server that is up, and where. */
export interface Served {
  readonly row: Row;
  readonly address: string;
}

/** Every server that can run here, each on an address of its own. */
export interface World {
  readonly certificates: Certificates;
  readonly served: readonly Served[];
  /** Why others are not up, by their names. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Where a server's captures are looked for. */
export function targetOf({ row, address }: Served): Target {
  return { address, port: row.port, ...(row.askedName !== undefined && { serverName: row.askedName }) };
}

/** Where the server of a row is; undefined where it can't run. */
export function findTarget({ served }: World, row: Row): Target | undefined {
  const found = served.find((candidate) => candidate.row === row);
  return found && targetOf(found);
}

/** The chain that is configured, in base64. */
export function shownChain({ certificates }: World, shown: Shown): string[] {
  return certificates.shown.get(shown)!.chain.map((der) => Buffer.from(der).toString("base64"));
}

/** So many start at once: most spend their time waiting. */
const STARTS_MAX = 8;

/** Brings the servers up at the other end of a cable, calls `use` with them, and takes them down again. */
export function withServers<Result>(
  rows: readonly Row[],
  use: (world: World) => Promise<Result>,
): Promise<Result> {
  return withRoom(async () => {
    await layPath();
    const certificates = await makeCertificates();
    await using running = new AsyncDisposableStack();
    const entries = rows.map((row, index): Served => ({ row, address: addressOf(index) }));
    const failures: Record<string, string> = {};
    const up = new Set<Served>();
    const waiting = entries.values();
    await Promise.all(Array.from({ length: STARTS_MAX }, async () => {
      for (const entry of waiting) {
        try {
          running.use(await start(entry, certificates));
          up.add(entry);
        } catch (error) {
          failures[entry.row.name] = error instanceof Error ? error.message : String(error);
        }
      }
    }));
    return await use({ certificates, served: entries.filter((entry) => up.has(entry)), failures });
  });
}

const PREFIX = "10.50.0.0/22";

function addressOf(index: number): string {
  const number = index + 1;
  return `10.50.${number >> 8}.${number & 0xff}`;
}

async function layPath(): Promise<void> {
  await layCable({ hasIpv6: false });
  await runTool(
    ["ip", "-netns", "world", "-batch", "-"],
    [
      "link set lo up",
      `address add ${GATEWAY}/30 dev ${WORLD_INTERFACE}`,
      // AnyIP: every address of the prefix is an address of this host.
      `route add local ${PREFIX} dev lo`,
    ].join("\n"),
  );
  await runTool(["ip", "route", "add", PREFIX, "via", GATEWAY]);
  // Some servers run as nobody.
  await setKernelParameters(IN_WORLD, [["net/ipv4/ip_unprivileged_port_start", 0]]);
}

function start({ row, address }: Served, certificates: Certificates): Promise<RunningServer> {
  const { server, port, settings } = row;
  const credentials = (shown: Shown) => certificates.shown.get(shown)!;
  const setup = { address, port, enter: IN_WORLD, certificate: credentials(row.shown) };
  if ("protocol" in server) return serveStartTls(server, { ...setup, settings, serverName: SERVER_NAME });
  const named = (row.named ?? [])
    .map(({ serverName, shown }) => ({ serverName, certificate: credentials(shown) }));
  return serveTls(server, { ...setup, settings, named });
}
