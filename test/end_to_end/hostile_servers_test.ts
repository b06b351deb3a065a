import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { readLog, type SessionObservation, type TlsObservation } from "../../src/observe/mod.ts";
import { withAnyIp } from "../lab/any_ip.ts";
import { fingerprintOf } from "../lab/certificates.ts";
import {
  type HostedServer,
  HOSTILE_PREFIX,
  type HostileGroup,
  hostileServers,
  startHostileServers,
} from "../lab/hostile_servers.ts";
import { CANNED_CHAIN } from "../lab/hostile_talk.ts";
import { runMargay } from "../lab/margay.ts";
import { runInLab, withSimulation } from "../lab/mod.ts";

const TRANSPORTS = ["wire", "kernel"] as const;
type Transport = (typeof TRANSPORTS)[number];

const KIBIBYTE = 1024;
const TIMEOUT_SECONDS = 3;
/** Ten thousand small records fit. */
const BYTES_MAX = 96 * KIBIBYTE;
/** What is on its way when a connection is left, and the headers of all frames. */
const BYTES_SLACK = 48 * KIBIBYTE;
/** What is kept of a body, what may stand around it, and what is on its way. */
const SESSION_BYTES_MAX = (256 + 64 + 192) * KIBIBYTE;
/** The machine may be busy. */
const TIME_SLACK_MILLISECONDS = 1_500;
const RESIDENT_BYTES_MAX = 300 * KIBIBYTE * KIBIBYTE;

const LIMITS = [
  ...["--capture-timeout", String(TIMEOUT_SECONDS), "--capture-bytes", String(BYTES_MAX)],
  ...["--rate", "1000", "--cooldown", "1"],
];

/** What one scan found and took. */
interface Scan {
  readonly exitCode: number;
  readonly standardError: string;
  readonly residentBytesMax: number;
  readonly captures: readonly TlsObservation[];
  readonly sessions: readonly SessionObservation[];
}

type Scans = Readonly<Record<Transport, Scan>>;

async function scan(name: string, transport: Transport, args: readonly string[]): Promise<Scan> {
  const folder = `/run/hostile-${name}-${transport}`;
  const margay = await runMargay(["scan", ...args, ...LIMITS, "--transport", transport, "-o", folder]);
  const captures: TlsObservation[] = [];
  const sessions: SessionObservation[] = [];
  for await (const observation of readLog(folder)) {
    if (observation.type === "tls") captures.push(observation);
    if (observation.type === "session") sessions.push(observation);
  }
  return { ...margay, captures, sessions };
}

async function scanByBoth(name: string, args: readonly string[]): Promise<Scans> {
  return { wire: await scan(name, "wire", args), kernel: await scan(name, "kernel", args) };
}

const QUESTIONS: Readonly<Record<HostileGroup, readonly string[]>> = {
  clear: ["--starttls", "auto"],
  modern: ["--tls", "max", "--starttls", "auto", "--session", "--http", "/"],
};

/** Runs inside: every server of a group by either transport. */
export function scanHostileServers(group: HostileGroup): Promise<Scans> {
  return withAnyIp({ prefix: HOSTILE_PREFIX, port: 443, serve: startHostileServers }, async () => {
    const targets = hostileServers(group).map(({ address, port }) => `${address}:${port}\n`);
    await writeFile("/run/hostile-targets", targets.join(""));
    return await scanByBoth(group, ["@/run/hostile-targets", ...QUESTIONS[group]]);
  });
}

/** What simulated hosts do wrong, and how captures from them may end; where there is no way, none is found. */
const MISBEHAVIORS: readonly (readonly [behavior: string, outcomes: readonly string[]])[] = [
  ["ordinary", ["captured"]],
  ["zero-window", ["timeout"]],
  ["silent-after-syn-ack", ["timeout"]],
  ["never-answers", ["timeout"]],
  ["answers-on-all-ports", ["timeout"]],
  ["resets-after-data", ["reset"]],
  ["one-byte-per-second", ["timeout"]],
  ["endless-records", ["oversize"]],
  ["wrong-lengths", ["malformed", "oversize"]],
  ["data-in-syn-ack", ["not_tls"]],
  ["wrong-acknowledgment", []],
  ["spoofed-replies", ["captured"]],
];
const HOSTS_PER_BEHAVIOR = 8;

function misbehavingPrefix(index: number): string {
  return `10.61.${index}.0/29`;
}

/** Runs inside: hosts whose TCP is at fault, each kind in a prefix of its own. */
export function scanMisbehavingHosts(): Promise<Scans> {
  const prefixes = MISBEHAVIORS.map(([behavior], index) =>
    [`prefix ${misbehavingPrefix(index)}`, "port 443 tls", "tls-version 1.2", `behavior ${behavior}`].join(
      "\n",
    )
  );
  return withSimulation(
    { world: { text: ["certificates 16", ...prefixes].join("\n\n") } },
    () => scanByBoth("simulated", MISBEHAVIORS.map((_, index) => misbehavingPrefix(index))),
  );
}

/** What there is to say of one server, and what it may have taken. */
interface Row {
  readonly server: string;
  readonly transport: Transport;
  readonly outcome: string;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly milliseconds: number;
  readonly millisecondsMax: number;
}

/** Everything two scans found. */
function rowsOf(scans: Scans, nameOf: (address: string) => string): Row[] {
  const row = (transport: Transport, found: TlsObservation | SessionObservation): Row => {
    const isCapture = found.type === "tls";
    const connections = isCapture ? found.attempts?.length ?? 1 : 1;
    return {
      server: nameOf(found.address) + (isCapture ? "" : ", session"),
      transport,
      outcome: found.outcome,
      bytes: found.bytes_received,
      bytesMax: connections * (isCapture ? BYTES_MAX + BYTES_SLACK : SESSION_BYTES_MAX),
      milliseconds: found.duration_ms,
      millisecondsMax: connections * TIMEOUT_SECONDS * 1_000 + TIME_SLACK_MILLISECONDS,
    };
  };
  return TRANSPORTS.flatMap((transport) => {
    const { captures, sessions } = scans[transport];
    return [...captures, ...sessions].map((found) => row(transport, found));
  });
}

/** Shows what came of a world, and insists on every limit. */
function check(scans: Scans, nameOf: (address: string) => string): void {
  const rows = rowsOf(scans, nameOf);
  const lines = rows.map(({ server, transport, outcome, bytes, milliseconds }) => [
    server.padEnd(70),
    transport.padEnd(9),
    outcome.padEnd(16),
    String(bytes).padStart(7),
    milliseconds.toFixed(0).padStart(12),
  ]);
  const heading = ["SERVER".padEnd(70), "TRANSPORT", "OUTCOME".padEnd(16), " OCTETS", "MILLISECONDS"];
  console.log([heading, ...lines].map((cells) => cells.join(" ")).join("\n"));
  for (const transport of TRANSPORTS) {
    const { exitCode, standardError, residentBytesMax } = scans[transport];
    console.log(
      `${transport}: ${Math.round(residentBytesMax / KIBIBYTE / KIBIBYTE)} MiB resident at the most`,
    );
    assert.equal(exitCode, 0, standardError);
    assert.ok(
      residentBytesMax > 0 && residentBytesMax < RESIDENT_BYTES_MAX,
      `${residentBytesMax} octets of memory`,
    );
  }
  const beyond = rows.filter((row) => row.bytes > row.bytesMax || row.milliseconds > row.millisecondsMax);
  assert.deepEqual(beyond, [], "within the limits");
}

/** What of a server's records is not as it should be. */
function faultsOf(
  server: HostedServer,
  chain: readonly string[],
  capture: TlsObservation | undefined,
  session: SessionObservation | undefined,
): string[] {
  const faults: string[] = [];
  const expect = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(`${server.what} (${server.address}): ${fault}`);
  };
  const { outcome, reason = "" } = capture ?? {};
  expect(outcome === server.outcome, `${outcome} in place of ${server.outcome}: ${reason}`);
  expect(server.reason?.test(reason) ?? true, `the reason is: ${reason}`);
  expect(capture?.chain.join() === chain.join(), `the chain is: ${capture?.chain}`);
  expect([undefined, session?.outcome].includes(server.session), `session: ${session?.outcome}`);
  const { http } = session ?? {};
  const fault = http === undefined ? "no answer" : http.truncated ? "truncated" : http.error ?? "";
  expect(server.http?.test(fault) ?? true, `HTTP: ${fault}`);
  return faults;
}

async function checkGroup(group: HostileGroup): Promise<void> {
  const scans = await runInLab<Scans>({
    module: import.meta.url,
    name: "scanHostileServers",
    argument: group,
  });
  const servers = hostileServers(group);
  check(scans, (address) => servers.find((server) => server.address === address)!.what);
  for (const transport of TRANSPORTS) {
    const { captures, sessions } = scans[transport];
    assert.equal(captures.length, servers.length, `captures (${transport})`);
    const captureOf = ({ address }: HostedServer) => captures.find((capture) => capture.address === address);
    const sessionOf = ({ address }: HostedServer) => sessions.find((session) => session.address === address);
    const chains = {
      none: [],
      canned: CANNED_CHAIN.map(fingerprintOf),
      real: captureOf(servers.at(-1)!)?.chain ?? [],
    };
    const faults = servers.flatMap((server) =>
      faultsOf(server, chains[server.chain ?? "none"], captureOf(server), sessionOf(server))
    );
    assert.deepEqual(faults, [], transport);
  }
}

Deno.test("hostile servers up to TLS 1.2 and before it: each has its outcome and its limits", async () => {
  await checkGroup("clear");
});

Deno.test("hostile servers of TLS 1.3 and in sessions: each has its outcome and its limits", async () => {
  await checkGroup("modern");
});

Deno.test("hosts whose TCP is at fault: each has its outcome and its limits", async () => {
  const scans = await runInLab<Scans>({ module: import.meta.url, name: "scanMisbehavingHosts" });
  const kindOf = (address: string) => MISBEHAVIORS[Number(address.split(".")[2])]!;
  check(scans, (address) => kindOf(address)[0]);
  for (const transport of TRANSPORTS) {
    const { captures } = scans[transport];
    for (const kind of MISBEHAVIORS) {
      const [behavior, outcomes] = kind;
      const found = captures.filter(({ address }) => kindOf(address) === kind).map(({ outcome }) => outcome);
      assert.equal(
        found.length,
        outcomes.length === 0 ? 0 : HOSTS_PER_BEHAVIOR,
        `${behavior} (${transport})`,
      );
      const others = found.filter((outcome) => !outcomes.includes(outcome));
      assert.deepEqual(others, [], `${behavior} (${transport})`);
    }
  }
});
