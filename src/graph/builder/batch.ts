import type { AutonomousSystem } from "../../targets/mod.ts";
import type { CertificateDetails } from "./certificate_details.ts";
import type { AddressValue } from "./record_values.ts";

/** A certificate as far as a batch knows it. */
export interface BatchCertificate {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  /** Seen in the batch's run, and not only known from another. */
  isSeen: boolean;
  details: CertificateDetails | undefined;
  /** What came behind it in chains. */
  readonly next: BatchCertificate[];
}

/** A port that was open. */
export interface OpenPort {
  readonly address: AddressValue;
  readonly port: number;
}

/** A server that showed a certificate as its own. */
export interface Service extends OpenPort {
  /** What it was asked for. */
  readonly serverName: string | null;
  readonly certificate: BatchCertificate;
}

/** An AS that announces an address. */
export interface Origin {
  readonly address: AddressValue;
  readonly system: AutonomousSystem;
}

/** How certificates spell the name of an organization. */
export interface OrganizationForm {
  /** Normalized. */
  readonly name: string;
  readonly form: string;
}

/** How a run, or one of its processes, ended. */
export interface RunEnd {
  readonly time: string;
  readonly outcome: string;
}

/**
 * How many rows a transaction makes, about. The more there are, the fewer pages are written again and again; each takes
 * a few hundred octets of memory until then.
 */
const WEIGHT_MAX = 256 * 1024;

/** Facts about one run, until they are written. Those that come twice may be kept once. */
export class Batch {
  readonly openPorts: OpenPort[] = [];
  readonly services: Service[] = [];
  readonly origins: Origin[] = [];
  readonly certificates = new Map<string, BatchCertificate>();
  readonly forms: OrganizationForm[] = [];
  end: RunEnd | undefined;
  #domainCount = 0;

  /** Whether it is time to write it. */
  get isFull(): boolean {
    const weight = this.openPorts.length + 2 * this.services.length + this.origins.length +
      4 * this.certificates.size + 2 * this.#domainCount;
    return weight >= WEIGHT_MAX;
  }

  /** The entry of a certificate, made when there is none: of one that is only known. */
  certificate(fingerprint: string): BatchCertificate {
    let certificate = this.certificates.get(fingerprint);
    if (certificate === undefined) {
      certificate = { fingerprint, isSeen: false, details: undefined, next: [] };
      this.certificates.set(fingerprint, certificate);
    }
    return certificate;
  }

  /** The entry of a certificate that the run has seen. */
  seenCertificate(fingerprint: string): BatchCertificate {
    const certificate = this.certificate(fingerprint);
    certificate.isSeen = true;
    return certificate;
  }

  /** Says what a certificate is; the first word stands, and all are the same. */
  describe(certificate: BatchCertificate, details: CertificateDetails): void {
    if (certificate.details !== undefined) return;
    certificate.details = details;
    this.#domainCount += details.domains.size;
  }

  /** Says that a certificate came behind another in a chain. */
  chain(certificate: BatchCertificate, next: BatchCertificate): void {
    if (!certificate.next.includes(next)) certificate.next.push(next);
  }

  /** Says how the run ended. The last end holds, whichever is read first; at one moment something has to decide. */
  addEnd(end: RunEnd): void {
    const before = this.end;
    const isLater = before === undefined || end.time > before.time ||
      (end.time === before.time && end.outcome > before.outcome);
    if (isLater) this.end = end;
  }
}
