import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { LAB_FOLDER } from "../lab/cable.ts";
import { runInLab } from "../lab/mod.ts";
import { capturedFrom, type CaptureSight } from "./interoperation_captures.ts";
import { OTHER_SERVER_NAME, SERVER_NAME, type Shown } from "./interoperation_certificates.ts";
import {
  FINGERPRINTED_NAMES,
  LAVISH_ROW,
  LISTED_ROW,
  makeRows,
  missingServers,
  NAMED_ROW,
  OLD_ROW,
  opensslSuites,
  type Row,
  SESSION_ROW,
} from "./interoperation_rows.ts";
import { captureOf, inBase64, outputOn, runOn, type Target } from "./interoperation_run.ts";
import { interoperationTable } from "./interoperation_table.ts";
import { targetOf, withServers, type World } from "./interoperation_world.ts";

/** Runs inside. */
export async function interoperate() {
  const rows = await makeRows();
  return await withServers(rows, async (world) => ({
    failures: world.failures,
    captures: await capturedFrom(world),
    names: await askForNames(world),
    fingerprints: [await fingerprint(world), await fingerprint(world)],
    lists: await enumerate(world),
    sessions: await holdSessions(world),
    zgrab: await writeZgrab(world),
  }));
}

type Sight = Awaited<ReturnType<typeof interoperate>>;

/** Where a server is; undefined when it can't run here. */
function find(world: World, row: Row): Target | undefined {
  const served = world.served.find((served) => served.row.name === row.name);
  return served && targetOf(served);
}

function chainOf(world: World, shown: Shown): string[] {
  return inBase64(world.certificates.shown.get(shown)!.chain);
}

interface NameSight {
  readonly asked: string;
  readonly isRight: boolean;
}

/** Asks the server that has two names for each, for none, and for one it hasn't. */
async function askForNames(world: World): Promise<NameSight[]> {
  const target = find(world, NAMED_ROW);
  if (target === undefined) return [];
  const [ownName, otherName] = NAMED_ROW.named!;
  const answers: [serverName: string | undefined, shown: Shown][] = [
    [undefined, NAMED_ROW.shown],
    ["unknown.lab.example", NAMED_ROW.shown],
    [ownName!.serverName, ownName!.shown],
    [otherName!.serverName, otherName!.shown],
  ];
  const sights: NameSight[] = [];
  const look = (asked: string, run: Awaited<ReturnType<typeof runOn>>, target: Target, shown: Shown) => {
    const chain = captureOf(run, target)?.chain;
    sights.push({ asked, isRight: JSON.stringify(chain) === JSON.stringify(chainOf(world, shown)) });
  };
  for (const [serverName, shown] of answers) {
    const run = await runOn([target], serverName === undefined ? [] : ["--sni", serverName]);
    look(`--sni ${serverName}`, run, { ...target, serverName }, shown);
  }
  const named = answers.slice(1).map(([serverName]) => ({ ...target, serverName }));
  const run = await runOn(named, ["--tls", "max"]);
  for (const [serverName, shown] of answers.slice(1)) {
    look(`target,${serverName}`, run, { ...target, serverName }, shown);
  }
  return sights;
}

/** JARM by the server's name. */
async function fingerprint(world: World): Promise<Record<string, string>> {
  const served = world.served.filter(({ row }) => FINGERPRINTED_NAMES.includes(row.name));
  const { records } = await runOn(served.map(targetOf), ["--jarm"]);
  return Object.fromEntries(
    records.filter((record) => record.type === "jarm").map(({ address, jarm }) => [
      served.find((server) => server.address === address)!.row.name,
      jarm,
    ]),
  );
}

/** What the two servers accept whose suites are known, and what they were told to. */
async function enumerate(world: World) {
  const [listed, lavish] = [find(world, LISTED_ROW), find(world, LAVISH_ROW)];
  if (listed === undefined || lavish === undefined) return undefined;
  const { records } = await runOn([listed, lavish], ["--enumerate"]);
  const supportOf = ({ address }: Target) =>
    records.find((record) => record.type === "tls_support" && record.address === address);
  // The lavish one shows an RSA certificate.
  const suites = async (flag: string) =>
    (await opensslSuites(flag)).map(({ suite }) => suite).filter((suite) => /_RSA_|_anon_/.test(suite));
  return {
    listed: supportOf(listed),
    lavish: supportOf(lavish),
    everything: {
      "TLS 1.2": await suites("-tls1_2"),
      "TLS 1.1": await suites("-tls1_1"),
      "TLS 1.0": await suites("-tls1"),
    },
  };
}

/** What sessions say, with the system's roots and with the lab's, and under the right name and a wrong one. */
async function holdSessions(world: World) {
  const [target, old] = [find(world, SESSION_ROW), find(world, OLD_ROW)];
  if (target === undefined || old === undefined) return undefined;
  const roots = `${LAB_FOLDER}/roots.pem`;
  await writeFile(roots, world.certificates.rootPem);
  const named = { ...target, serverName: SERVER_NAME };
  const misnamed = { ...target, serverName: OTHER_SERVER_NAME };
  const session = ["--session", "--http", "/"];
  const summary = async (arguments_: readonly string[]) => {
    const { records } = await runOn([named, misnamed, old], arguments_);
    return Object.fromEntries([["right name", named], ["wrong name", misnamed], ["old", old]].map(
      ([name, { address, serverName }]) => {
        const of = (type: string) =>
          records.find((record) =>
            record.type === type && record.address === address && record.server_name === serverName
          );
        const session = of("session");
        const tls = of("tls");
        return [name, { session, tls }];
      },
    ));
  };
  return {
    system: await summary(session),
    lab: await summary([...session, "--verify", "--roots", roots]),
  };
}
