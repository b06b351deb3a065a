/**
 * How an issuer says it checked a certificate's subject, by the identifiers of its policies: those of the CA/Browser
 * Forum (its object registry) and those that authorities used before, as browsers list them and zcrypto counts them.
 *
 * @module
 */

import type { ParsedCertificate } from "./certificate.ts";
import { claimsSelfSigned } from "./self_signed.ts";

/**
 * What the issuer checked: domain, individual, organisation, or organisation extendedly; "unknown" if no policy that
 * is known here says so.
 */
export type ValidationLevel = "DV" | "IV" | "OV" | "EV" | "unknown";

/** Comodo's numbers for itself and for its resellers. */
const COMODO_RESELLERS = [
  ...[7, 8, 10, 15, 16, 17, 18, 19, 21, 22, 24, 25, 26, 27, 28, 29, 31, 35, 37, 38, 39, 40, 41, 42, 44, 45],
  ...[47, 49, 50, 51, 52, 53, 54],
];

const DOMAIN_VALIDATED = [
  "2.23.140.1.2.1", // CA/Browser Forum
  "1.3.6.1.4.1.4146.1.10.10", // GlobalSign
  "1.3.6.1.4.1.44947.1.1.1", // Let's Encrypt
  "2.16.840.1.114412.1.2", // DigiCert
  "2.16.840.1.114413.1.7.23.1", // GoDaddy
  "2.16.840.1.114414.1.7.23.1", // Starfield
  ...COMODO_RESELLERS.map((reseller) => `1.3.6.1.4.1.6449.1.2.2.${reseller}`), // Comodo
];

const INDIVIDUAL_VALIDATED = [
  "2.23.140.1.2.3", // CA/Browser Forum
];

const ORGANIZATION_VALIDATED = [
  "2.23.140.1.2.2", // CA/Browser Forum
  "1.3.6.1.4.1.4788.2.200.1", // D-TRUST
  "1.3.6.1.4.1.8024.0.2.100.1.1", // QuoVadis
  "2.16.528.1.1003.1.2.5.6", // Logius
  "2.16.792.3.0.3.1.1.2", // TURKTRUST
  "2.16.840.1.114412.1.1", // DigiCert
  "2.16.840.1.114413.1.7.23.2", // GoDaddy
  "2.16.840.1.114414.1.7.23.2", // Starfield
];

const EXTENDED_VALIDATED = [
  "2.23.140.1.1", // CA/Browser Forum
  "2.23.140.1.3", // CA/Browser Forum, code signing
  "2.23.140.1.31", // CA/Browser Forum, .onion
  "1.2.392.200091.100.721.1", // SECOM
  "1.2.616.1.113527.2.5.1.1", // Certum
  "1.3.159.1.17.1", // Actalis
  "1.3.6.1.4.1.782.1.2.1.8.1", // Network Solutions
  "1.3.6.1.4.1.4146.1.1", // GlobalSign
  "1.3.6.1.4.1.4788.2.202.1", // D-TRUST
  "1.3.6.1.4.1.6334.1.100.1", // Cybertrust
  "1.3.6.1.4.1.6449.1.2.1.5.1", // Comodo
  "1.3.6.1.4.1.7879.13.24.1", // T-TeleSec
  "1.3.6.1.4.1.8024.0.2.100.1.2", // QuoVadis
  "1.3.6.1.4.1.13177.10.1.3.10", // Firmaprofesional
  "1.3.6.1.4.1.14370.1.6", // GeoTrust
  "1.3.6.1.4.1.14777.6.1.1", // Izenpe
  "1.3.6.1.4.1.14777.6.1.2", // Izenpe
  "1.3.6.1.4.1.17326.10.8.12.1.2", // Camerfirma
  "1.3.6.1.4.1.17326.10.8.12.2.2", // Camerfirma
  "1.3.6.1.4.1.17326.10.14.2.1.2", // Camerfirma
  "1.3.6.1.4.1.17326.10.14.2.2.2", // Camerfirma
  "1.3.6.1.4.1.22234.2.5.2.3.1", // Keynectis
  "1.3.6.1.4.1.23223.1.1.1", // StartCom
  "1.3.6.1.4.1.29836.1.10", // CNNIC
  "1.3.6.1.4.1.34697.2.1", // AffirmTrust
  "1.3.6.1.4.1.34697.2.2", // AffirmTrust
  "1.3.6.1.4.1.34697.2.3", // AffirmTrust
  "1.3.6.1.4.1.34697.2.4", // AffirmTrust
  "1.3.6.1.4.1.36305.2", // WoSign
  "1.3.6.1.4.1.40869.1.1.22.3", // TWCA
  "2.16.156.112554.3", // CFCA
  "2.16.528.1.1003.1.2.7", // Staat der Nederlanden
  "2.16.578.1.26.1.3.3", // Buypass
  "2.16.756.1.83.21.0", // Swisscom
  "2.16.756.1.89.1.2.1.1", // SwissSign
  "2.16.756.5.14.7.4.8", // WISeKey
  "2.16.792.3.0.3.1.1.5", // TURKTRUST
  "2.16.792.3.0.4.1.1.4", // E-Tugra
  "2.16.840.1.113733.1.7.23.6", // VeriSign
  "2.16.840.1.113733.1.7.48.1", // thawte
  "2.16.840.1.114028.10.1.2", // Entrust
  "2.16.840.1.114171.500.9", // Wells Fargo
  "2.16.840.1.114404.1.1.2.4.1", // SecureTrust
  "2.16.840.1.114412.2.1", // DigiCert
  "2.16.840.1.114413.1.7.23.3", // GoDaddy
  "2.16.840.1.114414.1.7.23.3", // Starfield
  "2.16.840.1.114414.1.7.24.3", // Starfield
];

/** The higher level counts where a certificate has policies of several. */
const LEVELS: readonly ValidationLevel[] = ["unknown", "DV", "IV", "OV", "EV"];

const LEVEL_OF_POLICY: ReadonlyMap<string, number> = new Map(
  [[], DOMAIN_VALIDATED, INDIVIDUAL_VALIDATED, ORGANIZATION_VALIDATED, EXTENDED_VALIDATED].flatMap(
    (policies, level) => policies.map((policy) => [policy, level] as const),
  ),
);

/**
 * The highest level that a certificate's policies stand for. Of policies that are not known here, subjects as
 * authorities wrote them before there were such identifiers tell that only the domain was checked. Certificates that
 * sign themselves have none: nobody else checked anything.
 */
export function validationLevel(certificate: ParsedCertificate): ValidationLevel {
  const { certificatePolicies } = certificate;
  if (certificatePolicies === null || claimsSelfSigned(certificate)) return "unknown";
  let highest = 0;
  for (const { identifier } of certificatePolicies) {
    highest = Math.max(highest, LEVEL_OF_POLICY.get(identifier) ?? 0);
  }
  return highest === 0 && saysDomainValidated(certificate) ? "DV" : LEVELS[highest]!;
}

function saysDomainValidated({ subject, issuer }: ParsedCertificate): boolean {
  const attributes = subject?.relativeNames.flat() ?? [];
  const first = (wanted: string) => attributes.find(({ type }) => type === wanted)?.value;
  const organization = first("O");
  const isDomain = organization !== undefined && organization === subject?.commonName ||
    first("OU")?.includes("Domain Control Validated");
  if (isDomain) return !attributes.some(({ type }) => type === "L" || type === "ST" || type === "postalCode");
  return organization === "Persona Not Validated" && issuer?.commonName?.includes("StartCom") === true;
}
