import { createHash } from "node:crypto";
import type { CertificateObservation, Observation, RunObservation } from "../../../../src/observe/mod.ts";
import { seededRandom } from "../../targets/random.ts";

/** A run: its first record, and what it saw. */
export interface RandomRun {
  readonly first: RunObservation;
  readonly records: readonly Observation[];
}

/** SHA-256 of a name: what the named thing's fingerprint is. */
export function sha256(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

/** The first record of the `number`th run. */
export function runRecord(number: number): RunObservation {
  return {
    type: "run",
    time: `2026-0${number + 1}-01T00:00:00.000Z`,
    id: `20260${number + 1}01T000000Z-0000000${number}`,
    log_version: 1,
    margay_version: "0.1.0",
    config: { ports: "443" },
    seed: number,
    targets: 256,
  };
}

/** A record of a certificate, made of its name alone; `overrides` is what the name doesn't say. */
export function certificateRecord(
  name: string,
  overrides: Partial<CertificateObservation> = {},
): CertificateObservation {
  return {
    type: "certificate",
    time: "2026-01-01T00:00:01.000Z",
    fingerprint: sha256(name),
    fingerprint_sha1: sha256(name).slice(0, 40),
    fingerprint_md5: sha256(name).slice(0, 32),
    tbs_fingerprint: null,
    tbs_noct_fingerprint: null,
    spki_fingerprint: sha256(`key of ${name}`),
    spki_subject_fingerprint: null,
    version: 3,
    serial_number: sha256(name).slice(0, 16),
    subject: { text: `CN=${name}`, common_name: name, organization: null },
    issuer: { text: "CN=Issuer,O=Example", common_name: "Issuer", organization: "Example" },
    self_issued: false,
    claims_self_signed: false,
    not_before: "2026-01-01T00:00:00Z",
    not_after: "2026-04-01T00:00:00Z",
    validity_seconds: 7_776_000,
    key_algorithm: "ECDSA",
    key_bits: 256,
    key_curve: "P-256",
    signature_algorithm: "ECDSA-SHA256",
    signature_hash: "SHA-256",
    alternative_names: { dns: [name], ip: [], uri: [], mail: [], other: [] },
    is_authority: false,
    path_length: null,
    key_usage: null,
    extended_key_usage: null,
    subject_key_identifier: sha256(name).slice(0, 40),
    authority_key_identifier: null,
    validation_level: "DV",
    policies: null,
    ocsp_urls: null,
    issuer_urls: null,
    crl_urls: null,
    tls_features: null,
    organization_identifier: null,
    qualified: false,
    precertificate: false,
    sct_count: 2,
    extensions: [],
    errors: [],
    der: "",
    ...overrides,
  };
}

const ADDRESSES = [
  ...Array.from({ length: 12 }, (_, index) => `192.0.2.${index}`),
  ...Array.from({ length: 6 }, (_, index) => `2001:db8::${index + 1}`),
];
const CERTIFICATES = 14;
const ORGANIZATIONS = ["Example Inc.", "EXAMPLE INC", "Sample GmbH", null];

/** Some runs over a small world, in which everything meets everything else. */
export function randomRuns(seed: number, runCount = 3, recordCount = 60): RandomRun[] {
  const random = seededRandom(seed);
  const oneOf = <Value>(values: readonly Value[]) => values[random(values.length)]!;
  const worldCertificate = (number: number) =>
    certificateRecord(`c${number}.example.org`, {
      spki_fingerprint: number === 0 ? null : sha256(`key ${number % 5}`),
      subject: number === 1 ? null : {
        text: `CN=c${number}.example.org`,
        common_name: `c${number}.example.org`,
        organization: ORGANIZATIONS[number % ORGANIZATIONS.length]!,
      },
      claims_self_signed: number % 6 === 0,
      is_authority: [null, true, false][number % 3]!,
      alternative_names: number === 2 ? null : {
        dns: [`*.d${number % 4}.example.co.uk`, `c${number}.example.org`, "localhost", "no name"],
        ip: [],
        uri: [],
        mail: [],
        other: [],
      },
    });
  const record = (): Observation => {
    const shared = {
      time: `2026-01-01T00:00:0${random(10)}.000Z`,
      address: oneOf(ADDRESSES),
      port: oneOf([443, 8443]),
      transport: "wire",
    } as const;
    switch (random(8)) {
      case 0:
      case 1:
        return { type: "host", ...shared, verdict: oneOf(["open", "open", "closed"]) };
      case 2:
      case 3:
        return worldCertificate(random(CERTIFICATES));
      case 4:
        return { type: "jarm", time: shared.time, address: shared.address, port: 443, jarm: "0".repeat(62) };
      default:
        return {
          type: "tls",
          ...shared,
          ...(random(2) === 0 && { server_name: `name${random(3)}.example` }),
          outcome: "captured",
          hello: "tls12",
          chain: Array.from(
            { length: random(4) },
            () => sha256(`c${random(CERTIFICATES)}.example.org`),
          ),
          bytes_sent: 1,
          bytes_received: 1,
          duration_ms: 1,
        };
    }
  };
  return Array.from({ length: runCount }, (_, number) => ({
    first: runRecord(number),
    records: [
      ...Array.from({ length: recordCount }, record),
      { type: "end", time: "2026-01-01T00:00:05.000Z", reason: "interrupted", counters: {} },
      {
        type: "resume",
        time: "2026-01-01T00:00:06.000Z",
        margay_version: "0.1.0",
        cursor: "5",
        pending: 1,
      },
      {
        type: "checkpoint",
        time: "2026-01-01T00:00:07.000Z",
        cursor: "9",
        targets_settled: 9,
        pending: [],
        counters: {},
      },
      ...(number === 0 ? [] : [
        {
          type: "end",
          time: "2026-01-01T00:00:08.000Z",
          reason: "done",
          counters: {},
        } as const,
      ]),
    ],
  }));
}
