import { Buffer } from "node:buffer";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { AUTHORITY_COUNT, chainOf, hostAt, type Hosts, leafFields, namesOf } from "./graph_hosts.ts";

/** Hosts whose rows are written in one transaction; about what the builder takes. */
const BATCH_HOSTS = 16_384;

/** What is inserted, by table, with the columns that get a value. */
const COLUMNS = {
  ip: ["id"],
  ip_in_run: ["ip", "run", "port"],
  serves: ["ip", "certificate", "port", "server_name", "run"],
  certificate: [
    ...[
      "id",
      "fingerprint",
      "addresses",
      "serial_number",
      "subject",
      "issuer",
      "public_key",
      "not_before",
      "not_after",
    ],
    ...["self_signed", "authority", "subject_key_identifier", "signature_algorithm", "validation_level"],
  ],
  certificate_in_run: ["certificate", "run"],
  chained: ["certificate", "next"],
  public_key: ["id", "fingerprint", "certificates", "algorithm", "bits", "curve"],
  domain: ["id", "name", "registrable_length"],
  belongs_to: ["certificate", "domain"],
} as const;

type Table = keyof typeof COLUMNS;

/** A row of a table. */
export type Insertion = readonly [table: Table, values: readonly SQLInputValue[]];

/**
 * Inserts rows in the order in which their hosts come, each by a prepared statement: the peer of the `graph` bench,
 * which knows everything already.
 */
export function insertBare(database: DatabaseSync, batches: readonly (readonly Insertion[])[]): void {
  const statements = Object.fromEntries(
    Object.entries(COLUMNS).map(([table, columns]) => [
      table,
      database.prepare(
        `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
      ),
    ]),
  ) as Record<Table, StatementSync>;
  for (const batch of batches) {
    database.exec("BEGIN IMMEDIATE");
    for (const [table, values] of batch) statements[table].run(...values);
    database.exec("COMMIT");
  }
}

/** The rows that the builder makes of hosts, in batches of one transaction each. */
export function* bareBatches(hosts: Hosts): Generator<Insertion[]> {
  const known = new Set<number>();
  let batch: Insertion[] = authorities();
  for (let index = 0; index < hosts.count; index += 1) {
    const { address, leaf } = hostAt(index, hosts);
    const certificate = 2 * AUTHORITY_COUNT + leaf;
    if (!known.has(leaf)) {
      known.add(leaf);
      batch.push(...leafRows(certificate, leaf, hosts.perCertificate));
    }
    batch.push(["ip", [address]], ["ip_in_run", [address, 1, 443]], ["serves", [
      address,
      certificate,
      443,
      0,
      1,
    ]]);
    if (index % BATCH_HOSTS === BATCH_HOSTS - 1) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

function authorities(): Insertion[] {
  return Array.from({ length: AUTHORITY_COUNT }, (_, number): Insertion[] => {
    const [, authority, root] = chainOf(number);
    return [
      ["certificate", certificateRow(number, authority, 0, null)],
      ["certificate", certificateRow(AUTHORITY_COUNT + number, root, 0, null)],
      ["certificate_in_run", [number, 1]],
      ["certificate_in_run", [AUTHORITY_COUNT + number, 1]],
      ["chained", [number, AUTHORITY_COUNT + number]],
    ];
  }).flat();
}

function leafRows(certificate: number, leaf: number, addresses: number): Insertion[] {
  const [fingerprint] = chainOf(leaf);
  const { key } = leafFields(leaf);
  return [
    ["certificate", certificateRow(certificate, fingerprint, addresses, leaf)],
    ["certificate_in_run", [certificate, 1]],
    ["chained", [certificate, leaf % AUTHORITY_COUNT]],
    ["public_key", [leaf, octets(key), 1, "ECDSA", 256, "P-256"]],
    ...namesOf(leaf).flatMap((name, index): Insertion[] => {
      const domain = 10 * leaf + index;
      return [
        ["domain", [domain, name, name.length - name.indexOf(".") - 1]],
        ["belongs_to", [certificate, domain]],
      ];
    }),
  ];
}

function certificateRow(
  id: number,
  fingerprint: string,
  addresses: number,
  leaf: number | null,
): SQLInputValue[] {
  const fields = leaf === null ? undefined : leafFields(leaf);
  return [
    id,
    octets(fingerprint),
    addresses,
    fields?.serial ?? null,
    fields?.subject.text ?? null,
    leaf === null ? null : leaf % AUTHORITY_COUNT,
    leaf,
    1_767_225_600,
    1_775_001_600,
    0,
    0,
    octets(fingerprint.slice(0, 40)),
    "ECDSA-SHA256",
    "DV",
  ];
}

function octets(hexadecimal: string): Uint8Array {
  return new Uint8Array(Buffer.from(hexadecimal, "hex"));
}
