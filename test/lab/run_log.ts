import { Buffer } from "node:buffer";
import {
  type CertificateObservation,
  type EndObservation,
  readLog,
  type RunObservation,
} from "../../src/observe/mod.ts";
import type { Captured } from "./truth.ts";

/** A finished run's log, read back and counted again. */
export interface RunLog {
  /** Undefined when the log doesn't begin with it. */
  readonly run: RunObservation | undefined;
  /** Undefined when the log doesn't end with it. */
  readonly end: EndObservation | undefined;
  /** How many records there are of verified hosts, and when the last was written: milliseconds since the epoch. */
  readonly hosts: number;
  readonly lastHostAt: number;
  /** How many captures there are with each outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How many certificates were served, each as often as it was. */
  readonly certificatesServed: number;
  /** Each certificate once, by fingerprint. */
  readonly certificates: ReadonlyMap<string, CertificateObservation>;
  /** Every chain's leaf, in the order of the log. */
  readonly captures: readonly Captured[];
  /** Fingerprints that a capture names and no certificate record has. */
  readonly unknownFingerprints: readonly string[];
  /** Certificate records beyond the first of a fingerprint. */
  readonly repeatedCertificates: number;
}

/** Reads the log in a run's folder. */
export async function readRunLog(folder: string): Promise<RunLog> {
  let run: RunObservation | undefined;
  let end: EndObservation | undefined;
  let isFirst = true;
  let hosts = 0;
  let lastHostAt = Number.NaN;
  let certificatesServed = 0;
  let repeatedCertificates = 0;
  const outcomes: Record<string, number> = {};
  const certificates = new Map<string, CertificateObservation>();
  const leaves = new Map<string, Uint8Array>();
  const captures: Captured[] = [];
  const unknownFingerprints: string[] = [];
  for await (const observation of readLog(folder)) {
    if (isFirst && observation.type === "run") run = observation;
    isFirst = false;
    end = observation.type === "end" ? observation : undefined;
    if (observation.type === "host") {
      hosts++;
      lastHostAt = Date.parse(observation.time);
    } else if (observation.type === "certificate") {
      if (certificates.has(observation.fingerprint)) repeatedCertificates++;
      certificates.set(observation.fingerprint, observation);
      leaves.set(observation.fingerprint, Buffer.from(observation.der, "base64"));
    } else if (observation.type === "tls") {
      const { address, port, chain, outcome } = observation;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      certificatesServed += chain.length;
      // Certificates stand before the first capture that names them.
      unknownFingerprints.push(...chain.filter((fingerprint) => !leaves.has(fingerprint)));
      const [fingerprint] = chain;
      const der = leaves.get(fingerprint ?? "");
      if (fingerprint !== undefined && der !== undefined) captures.push({ address, port, fingerprint, der });
    }
  }
  return {
    run,
    end,
    hosts,
    lastHostAt,
    outcomes,
    certificatesServed,
    certificates,
    captures,
    unknownFingerprints,
    repeatedCertificates,
  };
}
