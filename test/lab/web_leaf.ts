import {
  basicConstraints,
  type CertificateTimestamp,
  certificateTimestamps,
  extendedKeyUsage,
  keyUsage,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { type Blueprint, DAY_MILLISECONDS, octetsFrom, serialFrom, TODAY } from "./identity.ts";
import { chance, pick, type RandomSource } from "./seeded_random.ts";
import { serverSubject } from "./subjects.ts";
import { issuedBy, type TrustService } from "./trust_services.ts";

const SERVICES = ["www", "mail", "api", "login", "static", "vpn", "shop", "cdn", "status", "autodiscover"];
const ZONES = ["", "eu.", "us-east.", "staging.", "intern."];

/**
 * What a server of the public web has in its certificate: in one of eight some dozen names, timestamps of
 * two or three logs of certificates, and everything about its issuer.
 *
 * @param service who issues it; undefined for the server itself, which then says little.
 */
export function webLeaf(random: RandomSource, index: number, service: TrustService | undefined): Blueprint {
  const domain = `host-${index}.lab.example`;
  const days = pick(random, [90, 90, 199, 397]);
  // About one in ten has expired.
  const notBefore = TODAY - Math.floor(random() * 1.1 * days) * DAY_MILLISECONDS;
  return {
    serial: serialFrom(random),
    subject: serverSubject(random, domain),
    notBefore: new Date(notBefore),
    notAfter: new Date(notBefore + days * DAY_MILLISECONDS),
    extensions: [
      keyUsage(false),
      extendedKeyUsage(),
      basicConstraints(false),
      subjectKeyIdentifier(octetsFrom(random, 20)),
      subjectAlternativeName(namesOf(random, domain)),
      ...service === undefined ? [] : [
        ...issuedBy(service, service.authorities[0]!),
        certificateTimestamps(timestampsFrom(random, notBefore)),
      ],
    ],
  };
}

function namesOf(random: RandomSource, domain: string): string[] {
  const count = chance(random, 0.125) ? 12 + Math.floor(random() * 36) : 1 + Math.floor(random() * 5);
  const names = [domain, `*.${domain}`];
  for (const zone of ZONES) {
    for (const service of SERVICES) names.push(`${service}.${zone}${domain}`);
  }
  return names.slice(0, count);
}

function timestampsFrom(random: RandomSource, notBefore: number): CertificateTimestamp[] {
  return Array.from({ length: chance(random, 0.25) ? 3 : 2 }, () => ({
    logId: octetsFrom(random, 32),
    time: new Date(notBefore + Math.floor(random() * 3_600_000)),
    signature: signatureFrom(random),
  }));
}

/** An ECDSA signature over P-256 as DER has it, by nobody. */
function signatureFrom(random: RandomSource): Uint8Array<ArrayBuffer> {
  const integer = () => {
    const octets = octetsFrom(random, 32);
    octets[0] = octets[0]! & 0x7f;
    return [0x02, octets.length, ...octets];
  };
  const integers = [...integer(), ...integer()];
  return Uint8Array.of(0x30, integers.length, ...integers);
}
