import type {
  CertificateObservation,
  EndObservation,
  HostObservation,
  Observation,
  TlsObservation,
} from "../../observe/mod.ts";
import { type CertificateDetails, certificateDetails } from "./certificate_details.ts";
import {
  type AddressValue,
  addressValue,
  fingerprintValue,
  listValue,
  optional,
  portValue,
  textValue,
} from "./record_values.ts";

/** A certificate as far as a batch knows it. */
export interface BatchCertificate {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  /** Where the batch has its record. */
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

/** How a run, or one of its processes, ended. */
export interface RunEnd {
  readonly time: string;
  readonly outcome: string;
}

/** What records of one run say, until it is written. What they say twice is mostly kept once. */
export class Batch {
  readonly openPorts: OpenPort[] = [];
  readonly services: Service[] = [];
  readonly certificates = new Map<string, BatchCertificate>();
  end: RunEnd | undefined;
  #weight = 0;

  /** About how many rows it will make: what it costs in memory and time. */
  get weight(): number {
    return this.#weight;
  }

  /**
   * Takes in a record. One of a type that says nothing of the graph is passed over.
   *
   * @throws {Error} with what is wrong, when it is none that a run writes.
   */
  add(record: Observation): void {
    this.#weight += 1;
    switch (record.type) {
      case "host":
        return this.#addHost(record);
      case "tls":
        return this.#addTls(record);
      case "certificate":
        return this.#addCertificate(record);
      case "end":
        return this.#addEnd(record);
    }
  }

  #addHost({ verdict, address, port }: HostObservation): void {
    if (verdict === "open") this.openPorts.push({ address: addressValue(address), port: portValue(port) });
  }

  #addTls({ address, port, server_name: name, chain }: TlsObservation): void {
    const fingerprints = listValue(chain).map(fingerprintValue);
    if (fingerprints.length === 0) return;
    const open = { address: addressValue(address), port: portValue(port) };
    const serverName = optional(textValue, name);
    // Only now that nothing is wrong with it the record changes anything.
    const certificates = fingerprints.map((fingerprint) => this.#certificate(fingerprint));
    this.openPorts.push(open);
    this.services.push({ ...open, serverName, certificate: certificates[0]! });
    certificates.reduce((before, after) => {
      if (!before.next.includes(after)) before.next.push(after);
      return after;
    });
    this.#weight += 2 + certificates.length;
  }

  #addCertificate(record: CertificateObservation): void {
    const fingerprint = fingerprintValue(record.fingerprint);
    if (this.certificates.get(fingerprint)?.details !== undefined) return;
    const details = certificateDetails(record);
    this.#certificate(fingerprint).details = details;
    this.#weight += 5 + 2 * details.domains.size;
  }

  #addEnd({ time, reason }: EndObservation): void {
    const end = { time: textValue(time), outcome: textValue(reason) };
    if (this.end === undefined || isLater(end, this.end)) this.end = end;
  }

  #certificate(fingerprint: string): BatchCertificate {
    let certificate = this.certificates.get(fingerprint);
    if (certificate === undefined) {
      certificate = { fingerprint, details: undefined, next: [] };
      this.certificates.set(fingerprint, certificate);
    }
    return certificate;
  }
}

/** The later end of a run holds, whichever is read first; at one moment something has to decide. */
function isLater(end: RunEnd, before: RunEnd): boolean {
  return end.time > before.time || (end.time === before.time && end.outcome > before.outcome);
}
