import { createHash } from "node:crypto";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { APPLICATION_ID, IPV6_KEY_FIRST, SCHEMA, SCHEMA_VERSION } from "../../../src/graph/store/schema.ts";

/** What a test says of a certificate; the rest follows from its name. */
interface CertificateRow {
  readonly subject?: string;
  readonly issuer?: string;
  readonly organization?: string;
  /** The name of a key; the same name is the same key. */
  readonly key?: string;
  readonly rsaBits?: number;
  readonly selfSigned?: boolean;
  readonly authority?: boolean;
  readonly keyIdentifier?: string;
  readonly authorityKeyIdentifier?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly domains?: readonly string[];
  readonly runs: readonly string[];
}

/** A graph's rows written by hand: what readers are tested on, apart from what writes them. */
export class GraphRows {
  readonly database: DatabaseSync;

  constructor(path = ":memory:") {
    this.database = new DatabaseSync(path);
    this.database.exec(SCHEMA);
    this.database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
  }

  /** A run by its name, `20260101T000000Z-00000001`, which holds its start. */
  run(name: string, { ended = true, outcome = "done", targets = 256, config = {} } = {}): void {
    const started = name.replace(/^(....)(..)(..)T(..)(..)(..)Z.*/, "$1-$2-$3T$4:$5:$6.000Z");
    this.#insert("run", {
      name,
      digest: digest(name),
      started,
      ended: ended ? started.replace(/:00\.000Z$/, ":30.000Z") : null,
      outcome: ended ? outcome : null,
      margay_version: "0.1.0",
      targets,
      config: JSON.stringify(config),
    });
  }

  address(address: string, { number, runs, ports = [443] }: {
    readonly number?: number;
    readonly runs: readonly string[];
    readonly ports?: readonly number[];
  }): void {
    const ip = address.includes(":")
      ? Number(this.#value("SELECT max(coalesce(max(id) + 1, 0), ?) FROM ip", IPV6_KEY_FIRST))
      : address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    this.#insert("ip", { id: ip, ipv6: address.includes(":") ? address : null });
    if (number !== undefined) this.#insert("in_asn", { ip, number });
    for (const run of runs) {
      for (const port of ports) this.#insert("ip_in_run", { ip, run: this.#run(run), port });
    }
  }

  system(number: number, name: string): void {
    this.#insert("autonomous_system", { number, name });
  }

  certificate(name: string, row: CertificateRow): void {
    const certificate = this.#certificate(name);
    const key = this.#key(row.key ?? `key of ${name}`, row.rsaBits);
    const { subject = `CN=${name}`, issuer = "CN=Root, O=Sample Trust", organization } = row;
    this.database.prepare(`
      UPDATE certificate SET serial_number = ?, subject = ?, issuer = ?, organization = ?, public_key = ?,
        not_before = ?, not_after = ?, self_signed = ?, authority = ?, subject_key_identifier = ?,
        authority_key_identifier = ?, signature_algorithm = 'ecdsa-with-SHA256', validation_level = 'DV'
      WHERE id = ?`).run(
      hexadecimal(name).slice(0, 16),
      subject,
      this.#id("distinguished_name", "text", issuer, {
        organization: /(?:^|, )O=([^,]+)/.exec(issuer)?.[1] ?? null,
      }),
      organization === undefined ? null : this.#organization(organization),
      key,
      seconds(row.notBefore ?? "2026-01-01"),
      seconds(row.notAfter ?? "2026-06-01"),
      Number(row.selfSigned ?? false),
      Number(row.authority ?? false),
      row.keyIdentifier === undefined ? null : digest(row.keyIdentifier),
      row.authorityKeyIdentifier === undefined ? null : digest(row.authorityKeyIdentifier),
      certificate,
    );
    this.database.prepare("UPDATE public_key SET certificates = certificates + 1 WHERE id = ?").run(key);
    for (const domain of row.domains ?? []) {
      this.#insert("belongs_to", {
        certificate,
        domain: this.#id("domain", "name", domain, {
          registrable_length: domain.split(".").slice(-2).join(".").length,
        }),
      });
    }
    for (const run of row.runs) this.#insert("certificate_in_run", { certificate, run: this.#run(run) });
  }

  /** `address` showed a certificate, with what came behind it in its chain. */
  serves(
    address: string,
    [leaf, ...chain]: readonly [string, ...string[]],
    { runs, port = 443, serverName }: {
      readonly runs: readonly string[];
      readonly port?: number;
      readonly serverName?: string;
    },
  ): void {
    const ip = Number(this.#value("SELECT id FROM ip WHERE address = ?", address));
    const certificate = this.#certificate(leaf);
    for (const run of runs) {
      this.#insert("serves", {
        ip,
        certificate,
        port,
        server_name: serverName === undefined ? 0 : this.#id("server_name", "name", serverName, {}),
        run: this.#run(run),
      });
    }
    chain.reduce((certificate, name) => {
      const next = this.#certificate(name);
      this.#insert("chained", { certificate, next });
      return next;
    }, certificate);
    this.database.prepare(`
      UPDATE certificate SET addresses = (SELECT count(DISTINCT ip) FROM serves WHERE certificate = ?) WHERE id = ?
    `).run(certificate, certificate);
  }

  #organization(form: string): number {
    const organization = this.#id("organization", "name", form.toLowerCase(), {});
    this.#insert("organization_form", { organization, form });
    return organization;
  }

  #certificate(name: string): number {
    return this.#id("certificate", "fingerprint", digest(name), {});
  }

  #key(name: string, rsaBits?: number): number {
    const facts = rsaBits === undefined
      ? { algorithm: "EC", bits: 256, curve: "P-256" }
      : { algorithm: "RSA", bits: rsaBits, curve: null };
    return this.#id("public_key", "fingerprint", digest(name), facts);
  }

  #run(name: string): number {
    return Number(this.#value("SELECT id FROM run WHERE name = ?", name));
  }

  /** The row with that key, made where there is none. */
  #id(
    table: string,
    key: string,
    value: SQLInputValue,
    more: Readonly<Record<string, SQLInputValue>>,
  ): number {
    this.#insert(table, { [key]: value, ...more });
    return Number(this.#value(`SELECT id FROM ${table} WHERE ${key} = ?`, value));
  }

  #insert(table: string, row: Readonly<Record<string, SQLInputValue>>): void {
    const columns = Object.keys(row);
    this.database.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    ).run(...Object.values(row));
  }

  #value(sql: string, ...parameters: SQLInputValue[]): SQLInputValue {
    return Object.values(this.database.prepare(sql).get(...parameters) ?? {})[0] ?? null;
  }
}

/** What a test's certificate or key of this name has for its SHA-256. */
export function hexadecimal(name: string): string {
  return digest(name).toString("hex");
}

function digest(name: string) {
  return createHash("sha256").update(name).digest();
}

function seconds(date: string): number {
  return Date.parse(date) / 1000;
}
