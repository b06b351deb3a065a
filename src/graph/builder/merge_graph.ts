import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { DatabaseSync } from "node:sqlite";
import { GraphFileError } from "../store/graph_file_error.ts";
import type { BuilderGraph } from "../store/open_for_building.ts";
import { openForReading } from "../store/open_for_reading.ts";
import { IPV6_KEY_FIRST, NO_SERVER_NAME } from "../store/schema.ts";
import { inTransaction } from "../store/transaction.ts";
import type { NewNodes } from "./batch_writer.ts";
import { DETAIL_COLUMNS } from "./details_writer.ts";

/** Tables whose rows are known by a natural key, the first column here, and numbered anew in each graph. */
const KEYED = {
  run: ["name", "digest", "started", "ended", "outcome", "margay_version", "targets", "config"],
  distinguished_name: ["text", "organization"],
  organization: ["name"],
  public_key: ["fingerprint", "algorithm", "bits", "curve"],
  domain: ["name", "registrable_length"],
  server_name: ["name"],
  certificate: ["fingerprint"],
} as const;

type Keyed = keyof typeof KEYED;

/** Tables without numbers of their own, with what each column points to. */
const RELATIONS: Readonly<Record<string, Readonly<Record<string, Keyed | "ip" | "value">>>> = {
  organization_form: { organization: "organization", form: "value" },
  serves: {
    ip: "ip",
    certificate: "certificate",
    port: "value",
    server_name: "server_name",
    run: "run",
  },
  belongs_to: { certificate: "certificate", domain: "domain" },
  in_asn: { ip: "ip", number: "value" },
  ip_in_run: { ip: "ip", run: "run", port: "value" },
  certificate_in_run: { certificate: "certificate", run: "run" },
  chained: { certificate: "certificate", next: "certificate" },
};

/**
 * Adds everything that another graph holds. It comes to the same as folding the logs that were folded there.
 *
 * @throws {GraphFileError} when the other file is no graph, or knows another run of the same name.
 */
export function mergeGraph(graph: BuilderGraph, path: string): NewNodes {
  const { database } = graph;
  // Asked before anything is attached: what it refuses, SQLite would only call malformed.
  openForReading(path).close();
  if (realpathSync(path) === realpathSync(graph.path)) {
    throw new GraphFileError(`Cannot merge ${path}: it is the graph that is written; name another one`);
  }
  const uri = new URL(pathToFileURL(path));
  uri.searchParams.set("mode", "ro");
  database.prepare("ATTACH ? AS other").run(uri.href);
  try {
    return inTransaction(graph, () => {
      refuseOtherRuns(database, path);
      return merge(database);
    });
  } finally {
    database.exec("DETACH other");
  }
}

function refuseOtherRuns(database: DatabaseSync, path: string): void {
  const clash = database.prepare(
    `SELECT name, theirs.started AS theirs, ours.started AS ours
    FROM other.run AS theirs JOIN main.run AS ours USING (name) WHERE theirs.digest != ours.digest`,
  ).get();
  if (clash === undefined) return;
  throw new GraphFileError(
    `Cannot merge ${path}: its run ${clash["name"]}, started ${
      clash["theirs"]
    }, is another one than that in the ` +
      `graph, started ${clash["ours"]}; keep them in two graphs`,
  );
}

function merge(database: DatabaseSync): NewNodes {
  const run = (sql: string) => Number(database.prepare(sql).run().changes);
  const added = Object.fromEntries(
    (Object.keys(KEYED) as Keyed[]).map((table) => [table, addKeyed(run, table)]),
  );
  const addresses = addAddresses(run);
  run(
    `UPDATE main.run SET ended = theirs.ended, outcome = theirs.outcome FROM other.run AS theirs
    WHERE theirs.name = run.name AND theirs.ended IS NOT NULL
      AND (run.ended IS NULL OR (run.ended, run.outcome) < (theirs.ended, theirs.outcome))`,
  );
  // As the builder keeps names that differ.
  run(
    `INSERT INTO main.autonomous_system (number, name) SELECT number, name FROM other.autonomous_system WHERE true
    ON CONFLICT (number) DO UPDATE SET name = excluded.name WHERE name IS NULL OR name < excluded.name`,
  );
  for (const [table, columns] of Object.entries(RELATIONS)) addRelation(run, table, columns);
  addDetails(run);
  count(run);
  for (const table of [...Object.keys(KEYED), "ip"]) run(`DROP TABLE temp.${table}_map`);
  return {
    addresses,
    certificates: added["certificate"]!,
    publicKeys: added["public_key"]!,
    domains: added["domain"]!,
    organizations: added["organization"]!,
  };
}

type Run = (sql: string) => number;

/** Adds rows that are not there, and notes which number of theirs is which of ours. */
function addKeyed(run: Run, table: Keyed): number {
  const columns = KEYED[table].join(", ");
  const [key] = KEYED[table];
  // In the order of the key, so that each page of its index is visited once.
  const added = run(
    `INSERT OR IGNORE INTO main.${table} (${columns}) SELECT ${columns} FROM other.${table} ORDER BY ${key}`,
  );
  run(`CREATE TEMP TABLE ${table}_map (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL)`);
  run(
    `INSERT INTO temp.${table}_map (theirs, ours)
    SELECT theirs.id, ours.id FROM other.${table} AS theirs JOIN main.${table} AS ours USING (${key})`,
  );
  return added;
}

function addAddresses(run: Run): number {
  const ipv4 = run(`INSERT OR IGNORE INTO main.ip (id) SELECT id FROM other.ip WHERE id < ${IPV6_KEY_FIRST}`);
  const ipv6 = run(
    `INSERT INTO main.ip (id, ipv6)
    SELECT (SELECT max(coalesce(max(id), 0), ${IPV6_KEY_FIRST - 1}) FROM main.ip) + row_number() OVER (), ipv6
    FROM other.ip
    WHERE id >= ${IPV6_KEY_FIRST} AND NOT EXISTS (SELECT 1 FROM main.ip AS ours WHERE ours.ipv6 = other.ip.ipv6)`,
  );
  run("CREATE TEMP TABLE ip_map (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL)");
  run(
    `INSERT INTO temp.ip_map (theirs, ours)
    SELECT theirs.id, ours.id FROM other.ip AS theirs JOIN main.ip AS ours USING (ipv6)`,
  );
  return ipv4 + ipv6;
}

function addRelation(
  run: Run,
  table: string,
  columns: Readonly<Record<string, Keyed | "ip" | "value">>,
): void {
  const names = Object.keys(columns).join(", ");
  const values = Object.entries(columns).map(([column, target]) => oursOf(column, target)).join(", ");
  run(`INSERT OR IGNORE INTO main.${table} (${names}) SELECT ${values} FROM other.${table}`);
}

/** The expression for what a column of theirs is here. */
function oursOf(column: string, target: Keyed | "ip" | "value"): string {
  if (target === "value") return column;
  const mapped = `(SELECT ours FROM temp.${target}_map WHERE theirs = ${column})`;
  if (target === "ip") return `iif(${column} < ${IPV6_KEY_FIRST}, ${column}, ${mapped})`;
  if (target === "server_name") return `iif(${column} = ${NO_SERVER_NAME}, ${column}, ${mapped})`;
  return mapped;
}

/** Details of certificates that were only named by chains so far. */
function addDetails(run: Run): void {
  const pointing: Readonly<Record<string, Keyed>> = {
    issuer: "distinguished_name",
    organization: "organization",
    public_key: "public_key",
  };
  const names = DETAIL_COLUMNS.map(([name]) => name);
  const values = names.map((name) => oursOf(`theirs.${name}`, pointing[name] ?? "value"));
  run(
    `UPDATE main.certificate AS ours SET (${names.join(", ")}) = (${values.join(", ")})
    FROM temp.certificate_map AS map JOIN other.certificate AS theirs ON theirs.id = map.theirs
    WHERE map.ours = ours.id AND ours.self_signed IS NULL AND theirs.self_signed IS NOT NULL`,
  );
}

function count(run: Run): void {
  run(
    `UPDATE main.certificate SET addresses =
      (SELECT count(DISTINCT ip) FROM main.serves WHERE serves.certificate = certificate.id)
    WHERE id IN (SELECT ours FROM temp.certificate_map)`,
  );
  run(
    `UPDATE main.public_key SET certificates =
      (SELECT count(*) FROM main.certificate WHERE certificate.public_key = public_key.id)
    WHERE id IN (SELECT ours FROM temp.public_key_map)`,
  );
}
