// A world of servers that treat their clients badly, one to an address. As a program it is one process in the
// world's namespace: it listens for all of them, says "ready" on stdout and serves until it is killed.
import { fileURLToPath } from "node:url";
import { ascii } from "../unit/tls/flight_bytes.ts";
import { IN_WORLD, WORLD_INTERFACE } from "./cable.ts";
import { makeCertificates } from "./certificates.ts";
import { HOSTILE_FLIGHTS } from "./hostile_flights.ts";
import { HOSTILE_PRELUDES } from "./hostile_preludes.ts";
import { HOSTILE_SESSIONS } from "./hostile_sessions.ts";
import { type HostileServer, overTls } from "./hostile_talk.ts";
import { HOSTILE_TLS13 } from "./hostile_tls13.ts";
import { nextLine } from "./lines.ts";
import { addressOfNumber, parsePrefix } from "./prefix.ts";
import { runTool } from "./tools.ts";

/** Every server is somewhere in it. */
export const HOSTILE_PREFIX = "10.60.0.0/22";

/** Where a server is. */
export interface HostedServer extends HostileServer {
  readonly address: string;
  readonly port: number;
}

const HTTPS_PORT = 443;
/** How many honest servers stand between the others of a group. */
const HONEST_COUNT = 8;

/** Hinders nobody, and is to be hindered by nobody. */
const HONEST: HostileServer = {
  what: "an honest server",
  outcome: "captured",
  chain: "real",
  listen: overTls(async (talk) => {
    await talk.hearAnything();
    await talk.say(ascii("HTTP/1.1 204 No Content\r\n\r\n"));
  }),
};

const honest = Array.from({ length: HONEST_COUNT }, () => HONEST);
const GROUPS = {
  /** For hellos up to TLS 1.2, and for STARTTLS by port. */
  clear: [...HOSTILE_FLIGHTS, ...HOSTILE_PRELUDES, ...honest],
  /** For hellos of TLS 1.3, and for sessions. */
  modern: [
    ...HOSTILE_TLS13,
    ...HOSTILE_SESSIONS,
    ...honest.map((server) => ({ ...server, session: "unknown_issuer", http: /^$/ })),
  ],
} as const;

export type HostileGroup = keyof typeof GROUPS;

/** Each group has addresses of its own. */
const GROUP_SIZE_MAX = 256;

/** The servers that are to be scanned together. */
export function hostileServers(group: HostileGroup): HostedServer[] {
  const first = parsePrefix(HOSTILE_PREFIX).first + Object.keys(GROUPS).indexOf(group) * GROUP_SIZE_MAX + 1;
  return GROUPS[group].map((server, index) => ({
    port: HTTPS_PORT,
    ...server,
    address: addressOfNumber(first + index),
  }));
}

const ALL = [...hostileServers("clear"), ...hostileServers("modern")];

/**
 * Starts all of them in the namespace that the command enters, and has its firewall do what no kernel does to its
 * segments: it copies resets, puts resets with a guessed number behind segments with data, and ends with the first.
 *
 * @throws {Error} when one cannot listen.
 */
export async function startHostileServers(enter: readonly string[]): Promise<Deno.ChildProcess> {
  await runTool([...IN_WORLD, "nft", "-f", "-"], hostileRuleset());
  const program = fileURLToPath(import.meta.url);
  const [command, ...args] = [...enter, Deno.execPath(), "run", "-A", "--quiet", program];
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  if (await nextLine(child.stdout) !== "ready") {
    const { code } = await child.status;
    throw new Error(`Cannot start the hostile servers: they ended with exit status ${code}`);
  }
  return child;
}

/** The kernel's own segments are as they should be, so what is wrong with them is put in on their way out. */
function hostileRuleset(): string {
  const addressesOf = (segments: HostileServer["segments"]) =>
    `{ ${ALL.filter((server) => server.segments === segments).map(({ address }) => address).join(", ")} }`;
  const copies = Array.from({ length: 15 }, () => `dup to ${WORLD_INTERFACE}`).join("\n    ");
  // Longer than an empty segment with all options.
  const hasData = "ip length > 72";
  return `
table netdev hostile {
  chain leave {
    type filter hook egress device ${WORLD_INTERFACE} priority 0; policy accept;
    meta mark 1 accept
    ip saddr ${addressesOf("copied resets")} tcp flags & rst == rst goto copy
    ip saddr ${addressesOf("blind resets")} ${hasData} goto reset_beside
  }
  chain copy {
    meta mark set 1
    ${copies}
  }
  chain reset_beside {
    meta mark set 1
    dup to ${WORLD_INTERFACE}
    tcp flags set rst | ack tcp sequence set 305419896
    ${copies}
  }
}
table ip hostile {
  set ended {
    type ipv4_addr . inet_service
    flags dynamic, timeout
    timeout 1s
  }
  chain arrive {
    type filter hook input priority 0; policy accept;
    ip daddr ${addressesOf("copied resets")} ${hasData} reject with tcp reset
  }
  chain leave {
    type filter hook output priority 0; policy accept;
    ip saddr ${addressesOf("early end")} ${hasData} ip daddr . tcp dport != @ended \\
      add @ended { ip daddr . tcp dport } tcp flags set fin | psh | ack
  }
}
`;
}

if (import.meta.main) {
  const [credentials] = await makeCertificates({ count: 1, seed: 1 });
  for (const { address, port, listen } of ALL) listen(address, port, credentials!);
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
}
