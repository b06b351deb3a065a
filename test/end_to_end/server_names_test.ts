import assert from "node:assert/strict";
import type { Observation, TlsObservation } from "../../src/observe/mod.ts";
import { withAnyIp } from "../lab/any_ip.ts";
import { nextLine } from "../lab/lines.ts";
import { runInLab } from "../lab/mod.ts";
import { type Finished, scan } from "./child.ts";

const PREFIX = "10.50.0.0/29";
const ROOTS = "/run/lab-roots.pem";

/** Starts `named_server.ts` in the namespace that the command enters. */
async function serve(enter: readonly string[]): Promise<Deno.ChildProcess> {
  const path = new URL("./named_server.ts", import.meta.url).pathname;
  const [command, ...args] = [...enter, Deno.execPath(), "run", "-A", "--quiet", path, ROOTS];
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  if (await nextLine(child.stdout) !== "ready") throw new Error("Cannot serve: the server has ended");
  return child;
}

/** Runs inside: what margay says to each of these command lines, one after another, in one folder. */
export function runAll(lines: readonly string[]): Promise<Finished[]> {
  return withAnyIp({ prefix: PREFIX, port: 443, serve }, async () => {
    const folder = await Deno.makeTempDir({ dir: "/run" });
    const finished: Finished[] = [];
    for (const line of lines) {
      const { code, stdout, stderr } = await scan([...line.split(" "), "-c", "0.5"], { folder });
      // What stands in a file is told as if it had been printed.
      const file = line.split(" -o ")[1];
      const written = file === undefined || file === "-" ? "" : await readIfThere(`${folder}/${file}`);
      finished.push({ code, stdout: stdout + written, stderr });
    }
    return finished;
  });
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function observationsOf({ code, stdout, stderr }: Finished): Observation[] {
  assert.equal(code, 0, stderr);
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Who was asked for which name, and whose certificate came: `10.50.0.1 a.example: a.example`. */
function askedIn(observations: readonly Observation[]): string[] {
  const names = new Map<string, string | null>();
  for (const observation of observations) {
    if (observation.type === "certificate") {
      names.set(observation.fingerprint, observation.subject?.common_name ?? null);
    }
  }
  return observations
    .filter((observation): observation is TlsObservation => observation.type === "tls")
    .map(({ address, server_name: name, chain }) =>
      `${address}${name === undefined ? "" : ` ${name}`}: ${names.get(chain[0]!)}`
    )
    .sort();
}

const SEVERAL = "10.50.0.1,a.example 10.50.0.1,b.example 10.50.0.2";

Deno.test("server names: what is asked for, and what is recorded of it", async (t) => {
  const lines = [
    `${SEVERAL} -o -`,
    `${SEVERAL} --sni c.example -o -`,
    `${SEVERAL} --sni none -o -`,
    `${SEVERAL} --format zgrab2 -o -`,
    `${SEVERAL} --format zgrab2 -o out.json`,
    `${SEVERAL} --format zgrab2 -o out.json`,
    `${SEVERAL} --verify --roots ${ROOTS} --session --http /hello -o -`,
    `10.50.0.1 ${SEVERAL} -o -`,
    `${SEVERAL} --tls 1.3 --verify --roots ${ROOTS} --format zgrab2 --session --http /hello`,
  ];
  const finished = await runInLab<Finished[]>({ module: import.meta.url, name: "runAll", argument: lines });
  const [given, asked, none, streamed, written, again, judged, both, zgrab] = finished;

  await t.step("several names at one address are one host, and a capture each", () => {
    const observations = observationsOf(given!);
    assert.deepEqual(askedIn(observations), [
      ...["10.50.0.1 a.example: a.example", "10.50.0.1 b.example: b.example", "10.50.0.2: default.example"],
    ]);
    const hosts = observations.filter(({ type }) => type === "host");
    assert.equal(hosts.length, 2);
    const end = observations.at(-1);
    assert(end?.type === "end");
    assert.deepEqual([end.counters.verified, end.counters.captures_captured], [2, 3]);
  });

  await t.step("an address that is also given without a name is asked without one too", () => {
    assert.deepEqual(askedIn(observationsOf(both!)), [
      ...["10.50.0.1 a.example: a.example", "10.50.0.1 b.example: b.example", "10.50.0.1: default.example"],
      "10.50.0.2: default.example",
    ]);
  });

  await t.step("--sni NAME is for those that were given none", () => {
    assert.deepEqual(askedIn(observationsOf(asked!)), [
      ...["10.50.0.1 a.example: a.example", "10.50.0.1 b.example: b.example"],
      "10.50.0.2 c.example: c.example",
    ]);
  });

  await t.step("--sni none is for all", () => {
    assert.deepEqual(askedIn(observationsOf(none!)), [
      ...["10.50.0.1: default.example", "10.50.0.2: default.example"],
    ]);
  });

  await t.step("--format zgrab2 prints a line for each name, and nothing else", () => {
    assert.deepEqual(linesOf(streamed!).map(briefly).sort(), [
      ...["10.50.0.1 a.example success a.example", "10.50.0.1 b.example success b.example"],
      "10.50.0.2 undefined success default.example",
    ]);
  });

  await t.step("-o FILE holds the same, and is not overwritten", () => {
    assert.deepEqual(linesOf(written!).map(briefly).sort(), linesOf(streamed!).map(briefly).sort());
    assert.equal(again!.code, 1);
    assert.match(
      again!.stderr,
      /^margay: Cannot write out\.json: there is such a file already; name another one with -o$/m,
    );
    assert.equal(again!.stdout, written!.stdout, "it is as it was");
  });

  await t.step("chains and sessions are judged by the given roots, under the name that was asked for", () => {
    const observations = observationsOf(judged!);
    const verdicts = observations
      .filter((observation): observation is TlsObservation => observation.type === "tls")
      .map(({ server_name: name, verification }) => `${name} ${verification?.verdict}`);
    assert.deepEqual(verdicts.sort(), [
      ...["a.example trusted", "b.example trusted", "undefined name_mismatch"],
    ]);
    const sessions = observations.flatMap((observation) =>
      observation.type === "session" ? [observation] : []
    );
    assert.deepEqual(sessions.map(({ server_name: name, outcome }) => `${name} ${outcome}`).sort(), [
      ...["a.example trusted", "b.example trusted", "undefined name_mismatch"],
    ]);
    for (const { http } of sessions) {
      assert.deepEqual([http?.path, http?.status, http?.body], ["/hello", 200, btoa("hello")]);
    }
    const end = observations.at(-1);
    assert(end?.type === "end");
    const { verifications_trusted, verifications_name_mismatch, sessions_trusted } = end.counters;
    assert.deepEqual([verifications_trusted, verifications_name_mismatch, sessions_trusted], [2, 1, 2]);
  });

  await t.step("without -o, zgrab2's records go to standard output, with what the session brought", () => {
    const records = linesOf(zgrab!);
    assert.equal(records.length, 3);
    for (const { data } of records) {
      assert.equal(
        data.tls.result.handshake_log.server_hello.supported_versions.selected_version.value,
        0x0304,
      );
      assert.equal(data.http.result.response.status_code, 200);
    }
  });
});

// deno-lint-ignore no-explicit-any -- ZGrab2's own shape.
function linesOf({ code, stdout, stderr }: Finished): any[] {
  assert.equal(code === 0 || stderr.includes("such a file"), true, stderr);
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

// deno-lint-ignore no-explicit-any
function briefly({ ip, domain, data }: any): string {
  const { status, result } = data.tls;
  const { subject } = result.handshake_log.server_certificates.certificate.parsed;
  return `${ip} ${domain} ${status} ${subject.common_name[0]}`;
}

/** What lies in the folder that margay runs in. */
const FILES: Readonly<Record<string, string>> = {
  "garbage.pem": "nothing of the kind\n",
  "empty.pem": "",
  "broken.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  "taken.json": "precious\n",
};

/** Arguments, the exit code, and what margay says to them. */
const REFUSED: readonly (readonly [args: string, code: number, message: RegExp])[] = [
  ["--verify --roots garbage.pem", 2, /^Cannot read roots from garbage\.pem: .*; name a file/],
  ["--verify --roots empty.pem", 2, /^Cannot read roots from empty\.pem: it is empty; name a file/],
  ["--verify --roots broken.pem", 2, /^Cannot read the certificate at broken\.pem:1: .*; take it out$/],
  ["--verify --roots missing.pem", 2, /^Cannot read roots from missing\.pem: there is no such file$/],
  ["--verify --roots loop.pem", 2, /^Cannot read roots from loop\.pem: /],
  ["--session --roots garbage.pem", 2, /^Cannot read roots from garbage\.pem: .*; name a file/],
  ["--session --roots broken.pem", 2, /^Cannot read the certificate at broken\.pem:1: .*; take it out$/],
  ["--session --roots missing.pem", 2, /^Cannot read roots from missing\.pem: there is no such file$/],
  ["--session --roots loop.pem", 2, /^Cannot read roots from loop\.pem: /],
  [
    "--session --roots nothing",
    2,
    /^Cannot read roots from nothing: there is no certificate file in it .*; name/,
  ],
  ["--http /", 2, /^Cannot use --http without --session: .*; add --session$/],
  ["--roots taken.json", 2, /^Cannot use --roots without --verify or --session: /],
  ["--format zgrab2 --jarm", 2, /^Cannot use --jarm with --format zgrab2: /],
  [
    "--format zgrab2 -o taken.json",
    1,
    /^Cannot write taken\.json: there is such a file already; name another/,
  ],
  ["--format zgrab2 -o no/such/folder.json", 1, /^Cannot write no\/such\/folder\.json: /],
];

interface Refused {
  readonly finished: readonly Finished[];
  /** What lies in the folder afterwards that did not before. */
  readonly left: readonly string[];
  readonly taken: string;
  readonly framesSent: number;
}

/** Runs inside, beside servers that would answer. */
export function refuse(lines: readonly string[]): Promise<Refused> {
  return withAnyIp({ prefix: PREFIX, port: 443 }, async (world) => {
    const folder = await Deno.makeTempDir({ dir: "/run" });
    for (const [name, text] of Object.entries(FILES)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await Deno.symlink("loop.pem", `${folder}/loop.pem`);
    await Deno.mkdir(`${folder}/nothing`);
    const there = await namesIn(folder);
    const before = await framesSentBy(world.interface);
    const finished: Finished[] = [];
    for (const line of lines) finished.push(await scan(["10.50.0.1", ...line.split(" ")], { folder }));
    const framesSent = await framesSentBy(world.interface) - before;
    const left = (await namesIn(folder)).filter((name) => !there.includes(name));
    return { finished, left, taken: await Deno.readTextFile(`${folder}/taken.json`), framesSent };
  });
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

/** As the kernel of this network namespace counts them. */
async function framesSentBy(interfaceName: string): Promise<number> {
  const lines = (await Deno.readTextFile("/proc/self/net/dev")).split("\n");
  const counts = lines.map((line) => line.trim().split(/[:\s]+/)).find(([name]) => name === interfaceName);
  // Behind the name and the eight columns of what came in: octets, then frames.
  return Number(counts![10]);
}

Deno.test("what cannot be judged or written is said before anything is sent, and nothing is left", async (t) => {
  const { finished, left, taken, framesSent } = await runInLab<Refused>({
    module: import.meta.url,
    name: "refuse",
    argument: REFUSED.map(([args]) => args),
  });
  for (const [index, [args, code, message]] of REFUSED.entries()) {
    await t.step(`margay scan 10.50.0.1 ${args}`, () => {
      const { stdout, stderr, code: exitCode } = finished[index]!;
      const said = stderr.trimEnd().split("\n").at(-1)!;
      assert.match(said, /^margay: /);
      assert.match(said.slice("margay: ".length), message);
      assert.deepEqual([exitCode, stdout], [code, ""]);
    });
  }
  assert.deepEqual(left, []);
  assert.equal(taken, FILES["taken.json"]);
  assert.equal(framesSent, 0);
});
