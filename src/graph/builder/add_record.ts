import type {
  CertificateObservation,
  EndObservation,
  HostObservation,
  Observation,
  TlsObservation,
} from "../../observe/mod.ts";
import type { Batch } from "./batch.ts";
import { certificateDetails } from "./certificate_details.ts";
import { addressValue, fingerprintValue, optional, portValue, textValue } from "./record_values.ts";

/**
 * Adds the facts that a record states; one of a type that says nothing of the graph is passed over.
 *
 * @throws {Error} with what is wrong, when it is none that a run writes. It has then added nothing.
 */
export function addRecord(batch: Batch, record: Observation): void {
  switch (record.type) {
    case "host":
      return addHost(batch, record);
    case "tls":
      return addTls(batch, record);
    case "certificate":
      return addCertificate(batch, record);
    case "end":
      return addEnd(batch, record);
  }
}

function addHost(batch: Batch, { verdict, address, port }: HostObservation): void {
  if (verdict === "open") batch.openPorts.push({ address: addressValue(address), port: portValue(port) });
}

function addTls(batch: Batch, { address, port, server_name: name, chain }: TlsObservation): void {
  const fingerprints = chain.map(fingerprintValue);
  if (fingerprints.length === 0) return;
  const open = { address: addressValue(address), port: portValue(port) };
  const serverName = optional(textValue, name);
  const certificates = fingerprints.map((fingerprint) => batch.seenCertificate(fingerprint));
  batch.openPorts.push(open);
  batch.services.push({ ...open, serverName, certificate: certificates[0]! });
  certificates.reduce((before, after) => {
    batch.chain(before, after);
    return after;
  });
}

function addCertificate(batch: Batch, record: CertificateObservation): void {
  const fingerprint = fingerprintValue(record.fingerprint);
  if (batch.certificates.get(fingerprint)?.details !== undefined) return;
  const details = certificateDetails(record);
  batch.describe(batch.seenCertificate(fingerprint), details);
  if (details.organization === null) return;
  batch.forms.push({ name: details.organization, form: textValue(record.subject?.organization) });
}

function addEnd(batch: Batch, { time, reason }: EndObservation): void {
  batch.addEnd({ time, outcome: reason });
}
