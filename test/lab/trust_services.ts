import {
  authorityInformationAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  extendedKeyUsage,
  keyUsage,
  revocationListDistributionPoint,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { DAY_MILLISECONDS, type Identity, issue, octetsFrom, serialFrom, TODAY } from "./identity.ts";
import { generateKeys, type KeyKind } from "./keys.ts";
import type { RandomSource } from "./seeded_random.ts";
import { authoritySubject } from "./subjects.ts";

/** An authority, and what the certificates it issues say of it. */
export interface Authority {
  readonly identity: Identity;
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
}

/** A company that issues certificates to servers. */
export interface TrustService {
  readonly organization: string;
  /** Where its documents, lists and answers are. */
  readonly domain: string;
  /** The arc of its own policies. */
  readonly policyArc: string;
  /**
   * Each is issued by the next: what issues to servers, the authority above it, a root that an older root has
   * signed as well, and that older root, signed by itself.
   */
  readonly authorities: readonly Authority[];
}

interface Profile {
  readonly organization: string;
  readonly domain: string;
  readonly policyArc: string;
  /** In the order of {@link TrustService.authorities}. */
  readonly keyKinds: readonly KeyKind[];
}

/** How many authorities a trust service has. */
export const AUTHORITY_COUNT = 4;

const NAMES = ["Server CA 3", "Trust Network CA G2", "Global Root G3", "Root Certification Authority"];

const PROFILES: readonly Profile[] = [
  {
    organization: "Lab Trust Services GmbH",
    domain: "trust-services.lab.example",
    policyArc: "1.3.6.1.4.1.99999.1",
    keyKinds: ["rsa", "rsa", "rsa", "rsa"],
  },
  {
    organization: "Open Laboratory Encryption Research Group",
    domain: "encryption-research.lab.example",
    policyArc: "1.3.6.1.4.1.99999.2",
    keyKinds: ["p384", "p384", "p384", "rsa"],
  },
  {
    organization: "Harbour Certification Authority Ltd",
    domain: "harbour-certification.lab.example",
    policyArc: "1.3.6.1.4.1.99999.3",
    keyKinds: ["rsa", "p384", "p384", "p384"],
  },
];

/** Founds the lab's trust services. */
export function foundTrustServices(random: RandomSource): Promise<TrustService[]> {
  // Every choice is drawn before the first key is made: keys come from the pool of threads in any order.
  const plans = PROFILES.map((profile) => ({
    profile,
    authorities: Array.from({ length: AUTHORITY_COUNT }, () => ({
      serial: serialFrom(random),
      keyIdentifier: octetsFrom(random, 20),
    })),
  }));
  return Promise.all(plans.map(async ({ profile, authorities }) => {
    const keys = await Promise.all(profile.keyKinds.map(generateKeys));
    const founded: Authority[] = [];
    for (let rank = AUTHORITY_COUNT - 1; rank >= 0; rank--) {
      const { serial, keyIdentifier } = authorities[rank]!;
      const issuer = founded[0];
      const identity = await issue(
        {
          serial,
          subject: authoritySubject(profile.organization, `${profile.organization} ${NAMES[rank]}`),
          notBefore: new Date(TODAY - 1000 * (rank + 1) * DAY_MILLISECONDS),
          notAfter: new Date(TODAY + 1825 * (rank + 1) * DAY_MILLISECONDS),
          extensions: [
            keyUsage(true),
            basicConstraints(true),
            subjectKeyIdentifier(keyIdentifier),
            // A root says no more of itself.
            ...issuer === undefined ? [] : [...issuedBy(profile, issuer), extendedKeyUsage()],
          ],
        },
        keys[rank]!,
        issuer?.identity,
      );
      founded.unshift({ identity, keyIdentifier });
    }
    return { ...profile, authorities: founded };
  }));
}

/** What a certificate says of who has issued it. */
export function issuedBy(service: Omit<TrustService, "authorities">, issuer: Authority) {
  const { domain, policyArc } = service;
  const name = [...issuer.keyIdentifier.subarray(0, 4)].join("-");
  return [
    authorityKeyIdentifier(issuer.keyIdentifier),
    authorityInformationAccess(`http://ocsp.${domain}/${name}`, `http://certificates.${domain}/${name}.der`),
    revocationListDistributionPoint(`http://revoked.${domain}/lists/${name}/current.crl`),
    // The CA/Browser Forum's "domain validated" and the service's own.
    certificatePolicies(["2.23.140.1.2.1", `${policyArc}.1.1`], `https://www.${domain}/practice-statement`),
  ];
}
