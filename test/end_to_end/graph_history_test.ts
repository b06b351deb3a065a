/** Two runs' logs, written by hand with planted events, folded into a graph, and what the commands tell of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { foldLog } from "../../src/graph/builder/mod.ts";
import { countChanges } from "../../src/graph/history/mod.ts";
import { openForReading } from "../../src/graph/mod.ts";
import { openForBuilding } from "../../src/graph/store/open_for_building.ts";
import type { CertificateObservation, Observation, TlsObservation } from "../../src/observe/mod.ts";
import { margayFromSource } from "../lab/margay.ts";
import { logFolder } from "../unit/graph/builder/log_folder.ts";
import { certificateRecord, sha256 } from "../unit/graph/builder/random_runs.ts";
import { inFolder } from "../unit/observe/sample_log.ts";

const [JANUARY, FEBRUARY] = ["20260101T000000Z-00000001", "20260201T000000Z-00000002"] as const;

/** A certificate: its name, the domains it is for, who issued it, and the name of its key. */
function certificate(
  name: string,
  domains: readonly string[],
  issuer: string,
  key: string,
): CertificateObservation {
  const organization = /O=([^,]+)/.exec(issuer)?.[1] ?? null;
  return certificateRecord(name, {
    alternative_names: { dns: domains, ip: [], uri: [], mail: [], other: [] },
    issuer: { text: issuer, common_name: null, organization },
    spki_fingerprint: sha256(key),
    claims_self_signed: issuer === `CN=${name}`,
  });
}

/** `address` showed a certificate. */
function shows(address: string, name: string): TlsObservation {
  return {
    type: "tls",
    time: "2026-01-01T00:00:02.000Z",
    address,
    port: 443,
    transport: "kernel",
    outcome: "captured",
    hello: "tls12",
    chain: [sha256(name)],
    bytes_sent: 100,
    bytes_received: 1000,
    duration_ms: 5,
  };
}

function runLog(id: string, records: readonly Observation[]): Observation[] {
  const time = `${id.slice(0, 4)}-${id.slice(4, 6)}-${id.slice(6, 8)}T00:00:00.000Z`;
  const config = { targets: ["192.0.2.0/24"], ports: [{ first: 443, last: 443 }] };
  return [
    { type: "run", time, id, log_version: 1, margay_version: "0.1.0", config, seed: 1, targets: 256 },
    ...records,
    { type: "end", time, reason: "done", counters: {} },
  ];
}

const SHOP = ["shop.example", "www.shop.example"];
const FIRST_TRUST = "CN=R10,O=First Trust Ltd.,C=US";

const january = runLog(JANUARY, [
  certificate("bank1", ["bank.example"], FIRST_TRUST, "bank key"),
  certificate("shop1", SHOP, FIRST_TRUST, "shop key 1"),
  certificate("mail1", ["mail.example"], FIRST_TRUST, "mail key"),
  certificate("cdn1", ["cdn.example"], FIRST_TRUST, "cdn key 1"),
  certificate("cdn2", ["cdn.example"], "CN=Second CA,O=Second Trust", "cdn key 2"),
  certificate("router1", ["router.example"], "CN=router1", "router key"),
  shows("192.0.2.1", "bank1"),
  shows("192.0.2.2", "shop1"),
  shows("192.0.2.3", "shop1"),
  shows("192.0.2.4", "mail1"),
  shows("192.0.2.5", "cdn1"),
  shows("192.0.2.6", "cdn2"),
  shows("192.0.2.7", "router1"),
]);

const february = runLog(FEBRUARY, [
  certificate("bank2", ["bank.example"], "CN=Third CA,O=Third Trust", "other bank key"),
  certificate("shop2", SHOP, "CN=R11,O=FIRST TRUST LTD,C=US", "shop key 2"),
  certificate("mail2", ["mail.example"], "CN=Second CA,O=Second Trust", "mail key"),
  certificate("cdn1", ["cdn.example"], FIRST_TRUST, "cdn key 1"),
  certificate("cdn2", ["cdn.example"], "CN=Second CA,O=Second Trust", "cdn key 2"),
  certificate("router1", ["router.example"], "CN=router1", "router key"),
  shows("192.0.2.1", "bank2"),
  shows("192.0.2.2", "shop2"),
  shows("192.0.2.3", "shop2"),
  shows("192.0.2.4", "mail2"),
  shows("192.0.2.5", "cdn2"),
  shows("192.0.2.6", "cdn1"),
  shows("192.0.2.8", "router1"),
]);

const HISTORY = `\
SuspiciousReplacement  bank.example
  ${JANUARY}  ${short("bank1")}  2026-01-01 to 2026-04-01
    key ${short("bank key")} (ECDSA)
    by CN=R10,O=First Trust Ltd.,C=US
  ${FEBRUARY}  ${short("bank2")}  2026-01-01 to 2026-04-01
    key ${short("other bank key")} (ECDSA)
    by CN=Third CA,O=Third Trust
  on 192.0.2.1

CertRotation  shop.example, www.shop.example
  ${JANUARY}  ${short("shop1")}  2026-01-01 to 2026-04-01
    key ${short("shop key 1")} (ECDSA)
    by CN=R10,O=First Trust Ltd.,C=US
  ${FEBRUARY}  ${short("shop2")}  2026-01-01 to 2026-04-01
    key ${short("shop key 2")} (ECDSA)
    by CN=R11,O=FIRST TRUST LTD,C=US
  on 192.0.2.2, 192.0.2.3

CAMigration  mail.example
  ${JANUARY}  ${short("mail1")}  2026-01-01 to 2026-04-01
    key ${short("mail key")} (ECDSA)
    by CN=R10,O=First Trust Ltd.,C=US
  ${FEBRUARY}  ${short("mail2")}  2026-01-01 to 2026-04-01
    the same key
    by CN=Second CA,O=Second Trust
  on 192.0.2.4

2 rotations, 1 migration, 1 suspicious replacement in 2 runs
`;

const DIFFERENCE = `\
from ${JANUARY}
to   ${FEBRUARY}

              appeared  vanished  changed
endpoints            1         1        6
certificates         3         3

endpoints that appeared
  192.0.2.8:443  ${short("router1")}

endpoints that vanished
  192.0.2.7:443  ${short("router1")}

endpoints that changed
  192.0.2.1:443  ${short("bank1")} -> ${short("bank2")}
  192.0.2.2:443  ${short("shop1")} -> ${short("shop2")}
  and 4 more; --json writes all

certificates that appeared
${certificates("bank2", "mail2", "shop2")}
certificates that vanished
${certificates("bank1", "mail1", "shop1")}`;

function short(name: string): string {
  return sha256(name).slice(0, 16);
}

/** The first two by fingerprint, and how many more there are. */
function certificates(...names: readonly string[]): string {
  const lines = names.map((name) => `  ${short(name)}  CN=${name}\n`).sort();
  return `${lines.slice(0, 2).join("")}  and ${names.length - 2} more; --json writes all\n`;
}

/** What stands between empty lines, in an order of its own: that of events is the graph's. */
function blocks(text: string): string[] {
  return text.split("\n\n").sort();
}

async function margay(folder: string, ...args: readonly string[]) {
  const [command, ...more] = margayFromSource();
  const { code, stdout, stderr } = await new Deno.Command(command!, {
    args: [...more, "graph", ...args],
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("what was planted in two runs' logs is told, and nothing else", async () => {
  await inFolder(async (folder) => {
    const logs = [
      await logFolder(join(folder, "january"), january),
      await logFolder(join(folder, "february"), february),
    ];
    {
      using graph = openForBuilding(join(folder, "graph.sqlite"))!;
      for (const log of logs) await foldLog(graph, log);
    }
    const history = await margay(folder, "history");
    assert.deepEqual({ ...history, stdout: blocks(history.stdout) }, {
      code: 0,
      stdout: blocks(HISTORY),
      stderr: "",
    });
    assert.deepEqual(await margay(folder, "diff", "first", "last", "--limit", "2"), {
      code: 0,
      stdout: DIFFERENCE,
      stderr: "",
    });

    const database = openForReading(folder);
    try {
      assert.deepEqual(countChanges(database, FEBRUARY), {
        CertRotation: 2,
        CAMigration: 1,
        SuspiciousReplacement: 1,
      });
    } finally {
      database.close();
    }
  });
});
