import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { readLog, type SessionObservation, type TlsObservation } from "../../src/observe/mod.ts";
import { fingerprintOf } from "../lab/certificates.ts";
import { type HostedServer, type HostileGroup, hostileServers } from "../lab/hostile_servers.ts";
import { HOSTILE_PREFIX, startHostileServers } from "../lab/hostile_servers.ts";
import { CANNED_CHAIN } from "../lab/hostile_talk.ts";
import { runMargay } from "../lab/margay.ts";
import { withAnyIp } from "../lab/any_ip.ts";
import { runInLab } from "../lab/mod.ts";

const TRANSPORTS = ["wire", "kernel"] as const;
type Transport = (typeof TRANSPORTS)[number];

const TIMEOUT_SECONDS = 2;
/** Ten thousand small records fit. */
const BYTES_MAX = 96 * 1024;
/** What is on its way when a connection is left: a window, and the headers of all frames. */
const BYTES_SLACK = 48 * 1024;
/** The machine may be busy. */
const TIME_SLACK_MILLISECONDS = 1_500;
const MEBIBYTE = 2 ** 20;
const RESIDENT_BYTES_MAX = 300 * MEBIBYTE;

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

type Scans = Readonly<Record<Transport, Scan>>;

const QUESTIONS: Readonly<Record<HostileGroup, readonly string[]>> = {
  clear: ["--starttls", "auto"],
  modern: ["--tls", "max", "--session", "--http", "/"],
};

/** Runs inside: every server of a group by either transport. */
export function scanHostileServers(): Promise<Record<HostileGroup, Scans>> {
  const world = { prefix: HOSTILE_PREFIX, port: 443, serve: startHostileServers };
  return withAnyIp(world, async () => {
    const scanGroup = async (group: HostileGroup): Promise<Scans> => {
      const targets = `/run/hostile-${group}`;
      await writeFile(targets, hostileServers(group).map(({ address, port }) => `${address}:${port}\n`).join(""));
      const by = (transport: Transport) => scan(group, transport, [`@${targets}`, ...QUESTIONS[group]]);
      return { wire: await by("wire"), kernel: await by("kernel") };
    };
    return { clear: await scanGroup("clear"), modern: await scanGroup("modern") };
  });
}

interface Row {
  readonly server: string;
  readonly transport: Transport;
  readonly outcome: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Checks what holds for every server, and says what there is to say of it. */
function rowsOf(transport: Transport, { captures }: Scan, nameOf: (capture: TlsObservation) => string): Row[] {
  return captures.map((capture) => {
    const server = nameOf(capture);
    const { outcome, bytes_received: bytes, duration_ms: milliseconds, attempts } = capture;
    const connections = attempts?.length ?? 1;
    assert.ok(bytes <= connections * (BYTES_MAX + BYTES_SLACK), `${server}, ${transport}: ${bytes} octets`);
    const millisecondsMax = connections * (TIMEOUT_SECONDS * 1_000) + TIME_SLACK_MILLISECONDS;
    assert.ok(milliseconds <= millisecondsMax, `${server}, ${transport}: ${milliseconds} ms`);
    return { server, transport, outcome, bytes, milliseconds };
  });
}

function checkProcess({ exitCode, standardError, residentBytesMax }: Scan): void {
  assert.equal(exitCode, 0, standardError);
  assert.ok(residentBytesMax > 0 && residentBytesMax < RESIDENT_BYTES_MAX, `${residentBytesMax} octets resident`);
}

function print(rows: readonly Row[]): void {
  const lines = rows.map(({ server, transport, outcome, bytes, milliseconds }) =>
    `${server.padEnd(64)} ${transport.padEnd(6)} ${outcome.padEnd(28)} ${String(bytes).padStart(7)} ` +
    `${String(Math.round(milliseconds)).padStart(5)}`
  );
  console.log(["server; transport; outcome; octets received; milliseconds", ...lines].join("\n"));
}

function checkServer(server: HostedServer, transport: Transport, { captures, sessions }: Scan): string[] {
  const faults: string[] = [];
  const at = <T extends { address: string }>(records: readonly T[]) =>
    records.filter(({ address }) => address === server.address);
  const check = (isRight: boolean, text: string) => {
    if (!isRight) faults.push(`${server.what} (${transport}, ${server.address}): ${text}`);
  };
  const [capture, ...more] = at(captures);
  check(capture !== undefined && more.length === 0, "one capture");
  if (capture === undefined) return faults;
  check(capture.outcome === server.outcome, `${capture.outcome} in place of ${server.outcome}: ${capture.reason}`);
  check(server.reason?.test(capture.reason ?? "") ?? true, `the reason is ${capture.reason}`);
  if (server.chain === "canned") {
    check(capture.chain.join() === CANNED_CHAIN.map(fingerprintOf).join(), "another chain");
  } else {
    check((capture.chain.length > 0) === (server.chain === "real"), `${capture.chain.length} certificates`);
  }
  const [session] = at(sessions);
  if (server.session !== undefined) {
    check(session?.outcome === server.session, `session: ${session?.outcome} ${session?.reason}`);
  }
  if (server.http !== undefined) {
    const http = session?.http;
    const fault = http?.truncated ? "truncated" : http?.error;
    check(server.http.test(fault ?? ""), `HTTP: ${fault}`);
  }
  return faults;
}

Deno.test("hostile servers: each ends in its outcome, within its limits, and hinders nobody else", async () => {
  const groups = await runInLab<Record<HostileGroup, Scans>>({
    module: import.meta.url,
    name: "scanHostileServers",
  });
  const rows: Row[] = [];
  const faults: string[] = [];
  for (const group of ["clear", "modern"] as const) {
    const servers = hostileServers(group);
    const nameOf = ({ address }: TlsObservation) =>
      servers.find((server) => server.address === address)?.what ?? address;
    for (const transport of TRANSPORTS) {
      const found = groups[group][transport];
      checkProcess(found);
      rows.push(...rowsOf(transport, found, nameOf));
      faults.push(...servers.flatMap((server) => checkServer(server, transport, found)));
    }
  }
  print(rows);
  assert.deepEqual(faults, []);
});
