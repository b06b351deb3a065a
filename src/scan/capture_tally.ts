import { fingerprint } from "../x509/mod.ts";
import { RepeatedCertificates } from "./repeated_certificates.ts";

/** A certificate that was received. */
export interface SeenCertificate {
  readonly der: Uint8Array;
  /** SHA-256 in hexadecimal. */
  readonly fingerprint: string;
  /** The run has not seen it before. */
  readonly isFirst: boolean;
}

/** How often each name came. */
export type Counts = Readonly<Record<string, number>>;

/** What {@linkcode CaptureTally} has come to. */
export interface CaptureTotals {
  readonly outcomes: Counts;
  readonly verifications: Counts;
  readonly sessions: Counts;
  readonly certificates: number;
  readonly fingerprints: Set<string>;
}

/** What a run knows of the certificates it has seen, and how what it asked for went. */
export class CaptureTally {
  readonly #outcomes: Record<string, number>;
  readonly #verifications: Record<string, number>;
  readonly #sessions: Record<string, number>;
  readonly #fingerprints: Set<string>;
  readonly #repeated = new RepeatedCertificates();
  #certificates: number;

  /** Goes on from what earlier processes of the run have counted. */
  constructor(before?: CaptureTotals) {
    this.#outcomes = { ...before?.outcomes };
    this.#verifications = { ...before?.verifications };
    this.#sessions = { ...before?.sessions };
    this.#fingerprints = before?.fingerprints ?? new Set();
    this.#certificates = before?.certificates ?? 0;
  }

  /** Captures, by outcome. */
  get outcomes(): Counts {
    return this.#outcomes;
  }

  /** Chains that were checked, by verdict. */
  get verifications(): Counts {
    return this.#verifications;
  }

  /** Sessions, by verdict. */
  get sessions(): Counts {
    return this.#sessions;
  }

  /** Certificates received, each as often as it was served. */
  get certificates(): number {
    return this.#certificates;
  }

  /** How many different certificates were received. */
  get uniqueCertificates(): number {
    return this.#fingerprints.size;
  }

  /** Counts a capture by how it ended, and the certificates that it brought. */
  countCapture(outcome: string, chain: readonly Uint8Array[]): SeenCertificate[] {
    increment(this.#outcomes, outcome);
    return chain.map((der) => this.#countCertificate(der));
  }

  countVerification(verdict: string): void {
    increment(this.#verifications, verdict);
  }

  countSession(verdict: string): void {
    increment(this.#sessions, verdict);
  }

  #countCertificate(der: Uint8Array): SeenCertificate {
    this.#certificates++;
    const known = this.#repeated.fingerprintOf(der);
    if (known !== undefined) return { der, fingerprint: known, isFirst: false };
    const hash = fingerprint(der);
    const isFirst = !this.#fingerprints.has(hash);
    if (isFirst) this.#fingerprints.add(hash);
    else this.#repeated.keep(der, hash);
    return { der, fingerprint: hash, isFirst };
  }
}

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
