/**
 * What else margay asks of servers, and what it says.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import type { SessionObservation, TlsObservation, TlsSupportObservation } from "../../src/observe/mod.ts";
import { LAB_FOLDER } from "../lab/cable.ts";
import { fingerprintOf } from "../lab/certificates.ts";
import { OTHER_SERVER_NAME, SERVER_NAME, type Shown } from "./interoperation_certificates.ts";
import { LAVISH_ROW, LISTED_ROW, opensslSuites } from "./interoperation_openssl.ts";
import { NAMED_ROW, OLD_ROW, SESSION_ROW } from "./interoperation_rows.ts";
import { isOf, linesOf, type Run, runOn, type Target } from "./interoperation_run.ts";
import { findTarget, type Served, shownChain, targetOf, type World } from "./interoperation_world.ts";

/** Which chain came for a name. */
export interface NameSight {
  readonly asked: string;
  readonly isRight: boolean;
}

/** Asks the server that goes by names for each, for none, and for one that it hasn't. */
export async function askForNames(world: World): Promise<NameSight[] | undefined> {
  const target = findTarget(world, NAMED_ROW);
  if (target === undefined) return undefined;
  const named = [...NAMED_ROW.named!, { serverName: "unknown.lab.example", shown: NAMED_ROW.shown }];
  const sights: NameSight[] = [];
  const judge = (asked: string, { captures }: Run, of: Target, shown: Shown) => {
    const chain = captures.find(({ record }) => isOf(of, record))?.chain;
    sights.push({ asked, isRight: chain?.join() === shownChain(world, shown).join() });
  };
  judge("no name", await runOn([target], ["--sni", "none"]), target, NAMED_ROW.shown);
  const run = await runOn([target], ["--sni", SERVER_NAME]);
  judge("--sni", run, { ...target, serverName: SERVER_NAME }, NAMED_ROW.named![0]!.shown);
  // All of one address at once.
  const targets = named.map(({ serverName }) => ({ ...target, serverName }));
  for (const mode of ["auto", "max"]) {
    const run = await runOn(targets, ["--tls", mode]);
    for (const { serverName, shown } of named) {
      judge(`--tls ${mode}, ${serverName}`, run, { ...target, serverName }, shown);
    }
  }
  return sights;
}

/** Of different libraries. */
const FINGERPRINTED_ROWS: readonly string[] = ["nginx, RSA", "GnuTLS, RSA", "Deno, RSA"];

/** JARM, by the names of the servers. */
export async function fingerprint(world: World): Promise<Record<string, string>> {
  const served = world.served.filter(({ row }) => FINGERPRINTED_ROWS.includes(row.name));
  const { records } = await runOn(served.map(targetOf), ["--jarm"]);
  return Object.fromEntries(
    records.filter((record) => record.type === "jarm").map((record) => {
      const server = served.find((server) => isOf(targetOf(server), record))!;
      return [server.row.name, record.jarm];
    }),
  );
}

/** What the servers are found to accept whose suites are known. */
export interface EnumerationSight {
  readonly listed: TlsSupportObservation | undefined;
  readonly lavish: TlsSupportObservation | undefined;
  /** What OpenSSL says that it can speak with an RSA certificate or none, by version. */
  readonly everything: Readonly<Record<string, readonly string[]>>;
}

/** Has both servers enumerated. */
export async function enumerate(world: World): Promise<EnumerationSight | undefined> {
  const [listed, lavish] = [findTarget(world, LISTED_ROW), findTarget(world, LAVISH_ROW)];
  if (listed === undefined || lavish === undefined) return undefined;
  const { records } = await runOn([listed, lavish], ["--enumerate"]);
  const supports = records.filter((record) => record.type === "tls_support");
  const suites = async (flag: string) =>
    (await opensslSuites(flag)).map(({ suite }) => suite).filter((suite) => !/_(ECDSA|DSS)_/.test(suite));
  return {
    listed: supports.find((record) => isOf(listed, record)),
    lavish: supports.find((record) => isOf(lavish, record)),
    everything: {
      "TLS 1.2": await suites("-tls1_2"),
      "TLS 1.1": await suites("-tls1_1"),
      "TLS 1.0": await suites("-tls1"),
    },
  };
}

/** What is said of a chain, and what lies behind it. */
export interface SessionSight {
  readonly session: SessionObservation | undefined;
  readonly tls: TlsObservation | undefined;
}

/** Sessions under the right name, under a wrong one, and with a server of old versions. */
export interface SessionSights {
  readonly right: SessionSight;
  readonly wrong: SessionSight;
  readonly old: SessionSight;
}

/** Holds sessions, trusting the system's roots, and then the one that issued the chain. */
export async function holdSessions(
  world: World,
): Promise<{ readonly system: SessionSights; readonly own: SessionSights } | undefined> {
  const [target, old] = [findTarget(world, SESSION_ROW), findTarget(world, OLD_ROW)];
  if (target === undefined || old === undefined) return undefined;
  const right = { ...target, serverName: SERVER_NAME };
  const wrong = { ...target, serverName: OTHER_SERVER_NAME };
  const hold = async (arguments_: readonly string[]): Promise<SessionSights> => {
    const { records } = await runOn([right, wrong, old], ["--session", "--http", "/", ...arguments_]);
    const sight = (target: Target): SessionSight => ({
      session: records.filter((record) => record.type === "session").find((record) => isOf(target, record)),
      tls: records.filter((record) => record.type === "tls").find((record) => isOf(target, record)),
    });
    return { right: sight(right), wrong: sight(wrong), old: sight(old) };
  };
  const roots = `${LAB_FOLDER}/roots.pem`;
  await writeFile(roots, world.certificates.rootPem);
  return { system: await hold([]), own: await hold(["--verify", "--roots", roots]) };
}

/** Writes ZGrab2's records of every server; says in what they differ from what is configured. */
export async function writeZgrab(world: World): Promise<{ records: number; faults: string[] }> {
  const lines = await linesOf(world.served.map(targetOf), ["--format", "zgrab2", "--starttls", "auto"]);
  const records = lines.map((line) => JSON.parse(line) as ZgrabRecord);
  const faults = world.served.flatMap((served) => {
    const of = records.filter(({ ip }) => ip === served.address);
    const fault = of.length === 1 ? zgrabFault(world, served, of[0]!) : `there are ${of.length} records`;
    return fault === undefined ? [] : [`${served.row.name}: ${fault}`];
  });
  return { records: records.length, faults };
}

/** As much of a record as is looked at. */
interface ZgrabRecord {
  readonly ip: string;
  readonly data: Readonly<
    Record<string, {
      readonly status: string;
      readonly port: number;
      readonly result?: ZgrabLog & { readonly tls?: ZgrabLog };
    }>
  >;
}

interface ZgrabLog {
  readonly handshake_log?: {
    readonly server_certificates?: {
      readonly certificate: ZgrabCertificate;
      readonly chain?: readonly ZgrabCertificate[];
    };
  };
}

interface ZgrabCertificate {
  readonly raw: string;
  readonly parsed: { readonly fingerprint_sha256: string };
}

function zgrabFault(world: World, { row }: Served, { data }: ZgrabRecord): string | undefined {
  const name = "protocol" in row.server && row.port !== 993 ? row.server.protocol : "tls";
  const scan = data[name];
  if (scan === undefined) return `there is ${Object.keys(data)}, not ${name}`;
  if (scan.port !== row.port) return `port is ${scan.port}`;
  if (row.speaks.refuses) return scan.status === "success" ? "it succeeds" : undefined;
  if (scan.status !== "success") return `status is ${scan.status}`;
  const log = name === "tls" ? scan.result : scan.result?.tls;
  const certificates = log?.handshake_log?.server_certificates;
  const raw = [certificates?.certificate, ...certificates?.chain ?? []].map((certificate) =>
    certificate?.raw
  );
  if (raw.join() !== shownChain(world, row.shown).join()) return "the chain is not the one configured";
  const { fingerprint_sha256 } = certificates!.certificate.parsed;
  const isFingerprintRight = fingerprint_sha256 === fingerprintOf(Buffer.from(raw[0]!, "base64"));
  return isFingerprintRight ? undefined : `the fingerprint is ${fingerprint_sha256}`;
}
