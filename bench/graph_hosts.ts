import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type CertificateObservation,
  certificateObservation,
  type Observation,
  type RunObservation,
  timestamp,
} from "../src/observe/mod.ts";
import { parseCertificate } from "../src/x509/mod.ts";
import { makeLeaves } from "../test/unit/x509/leaves.ts";
import { captureRecord, hostRecord } from "./capture_records.ts";

/** The hosts of a made-up Internet, at neighbouring addresses. */
export interface Hosts {
  readonly count: number;
  /** How many neighbours show one certificate. */
  readonly perCertificate: number;
}

/** Names of each leaf. */
const NAME_COUNT = 10;
/** How many intermediates issue leaves; each has a root of its own. */
export const AUTHORITY_COUNT = 100;
/** Prime, and no divisor of a round number: a scan comes to neighbours long after each other. */
const STEP = 2_654_435_761n;
const FIRST_ADDRESS = 0x10_00_00_00;
const PORT = 443;

/** The `index`th host that a scan comes to. */
export function hostAt(index: number, { count, perCertificate }: Hosts): { address: number; leaf: number } {
  const place = Number(BigInt(index) * STEP % BigInt(count));
  return { address: FIRST_ADDRESS + place, leaf: Math.floor(place / perCertificate) };
}

/** Something that looks like a SHA-256, hexadecimal. */
export function digestOf(kind: string, number: number): string {
  return createHash("sha256").update(`${kind} ${number}`).digest("hex");
}

/** Fingerprints of a chain of three. */
export function chainOf(leaf: number): [leaf: string, authority: string, root: string] {
  const authority = leaf % AUTHORITY_COUNT;
  return [digestOf("leaf", leaf), digestOf("authority", authority), digestOf("root", authority)];
}

/** The names of a leaf. */
export function namesOf(leaf: number): string[] {
  const domain = `${digestOf("domain", leaf).slice(0, 12)}.example`;
  return [`www.${domain}`, ...Array.from({ length: NAME_COUNT - 1 }, (_, index) => `host${index}.${domain}`)];
}

/** What stands in a leaf's record, apart from what is the same in all. */
export function leafFields(leaf: number) {
  const [name] = namesOf(leaf) as [string];
  const authority = `Authority ${leaf % AUTHORITY_COUNT}`;
  return {
    serial: digestOf("serial", leaf).slice(0, 36),
    subject: { text: `CN=${name}`, common_name: name, organization: null },
    issuer: { text: `CN=${authority},O=Example,C=US`, common_name: authority, organization: "Example" },
    key: digestOf("key", leaf),
  };
}

const RUN: RunObservation = {
  type: "run",
  time: "2026-01-31T23:59:59.000Z",
  id: "20260131T235959Z-00000001",
  log_version: 1,
  margay_version: "0.0.0",
  config: {},
  seed: 1,
  targets: 1,
};

/** Lines that are written at once. */
const LINES = 500;

/** Writes what a scan says of hosts, field for field as its log has it. */
export class HostLog {
  readonly #hosts: Hosts;
  /** A real one, with its DER. */
  readonly #template: CertificateObservation;
  readonly #recordedLeaves: Uint8Array;
  readonly #recordedOthers = new Set<string>();
  #next = 0;

  constructor(hosts: Hosts) {
    this.#hosts = hosts;
    const der = [...makeLeaves(NAME_COUNT)].at(-1)!;
    this.#template = certificateObservation(digestOf("template", 0), parseCertificate(der), der);
    this.#recordedLeaves = new Uint8Array(Math.ceil(hosts.count / hosts.perCertificate));
  }

  /** Writes the next hosts as a log of its own; all logs are of one run. */
  async write(folder: string, count: number): Promise<void> {
    await Deno.mkdir(folder);
    using file = await Deno.open(join(folder, "000001.ndjson"), { write: true, createNew: true });
    const encoder = new TextEncoder();
    let lines: string[] = [];
    const write = async () => {
      const octets = encoder.encode(lines.join(""));
      lines = [];
      for (let written = 0; written < octets.length;) written += await file.write(octets.subarray(written));
    };
    const add = (record: Observation) => lines.push(`${JSON.stringify(record)}\n`);
    add(RUN);
    for (const end = this.#next + count; this.#next < end; this.#next += 1) {
      this.#addHost(this.#next, add);
      if (lines.length >= LINES) await write();
    }
    await write();
  }

  #addHost(index: number, add: (record: Observation) => void): void {
    const { address, leaf } = hostAt(index, this.#hosts);
    const time = timestamp();
    const text = [24, 16, 8, 0].map((shift) => address >>> shift & 0xff).join(".");
    const server = { time, address: text, port: PORT, transport: "wire" } as const;
    add(hostRecord(server, index));
    const chain = chainOf(leaf);
    this.#addCertificates(chain, leaf, time, add);
    add(captureRecord(server, index, { chain, session_id: chain[0] }));
  }

  /** Each once in all logs. */
  #addCertificates(
    [fingerprint, ...others]: readonly [string, ...string[]],
    leaf: number,
    time: string,
    add: (record: Observation) => void,
  ): void {
    if (this.#recordedLeaves[leaf] === 0) {
      this.#recordedLeaves[leaf] = 1;
      const { serial, subject, issuer, key } = leafFields(leaf);
      add({
        ...this.#template,
        time,
        fingerprint,
        spki_fingerprint: key,
        serial_number: serial,
        subject,
        issuer,
        subject_key_identifier: key.slice(0, 40),
        alternative_names: { dns: namesOf(leaf), ip: [], uri: [], mail: [], other: [] },
      });
    }
    for (const other of others) {
      if (this.#recordedOthers.has(other)) continue;
      this.#recordedOthers.add(other);
      const names = { dns: [], ip: [], uri: [], mail: [], other: [] };
      add({ ...this.#template, time, fingerprint: other, is_authority: true, alternative_names: names });
    }
  }
}
