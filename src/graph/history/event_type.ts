import { normalizeOrganization } from "../organization.ts";
import type { CertificateFacts } from "./certificate_facts.ts";
import type { HistoryEventType } from "./event.ts";

/** What of a certificate decides the type of its succession. */
export type Credentials = Pick<
  CertificateFacts,
  "issuer" | "issuerOrganization" | "issuerKeys" | "selfSigned" | "keyFingerprint"
>;

/** The gravest type that holds when `to` takes the place of `from`. What is not known of one is no difference. */
export function eventType(from: Credentials, to: Credentials): HistoryEventType {
  if (!isOtherAuthority(from, to)) return "CertRotation";
  return isOther(from.keyFingerprint, to.keyFingerprint) ? "SuspiciousReplacement" : "CAMigration";
}

/**
 * Whether somebody else vouches for `to` than for `from`.
 *
 * - Who vouches is an organization, where issuers name one: public CAs change the key and the name of what they issue
 *   with at will. Where they don't, it is the name with the key.
 * - Whoever vouches for himself is nobody whom another one vouches for, whatever names they bear.
 * - Self-signed certificates are of one hand when the key is the same, or else the name: a device that makes itself a
 *   new key keeps its name, and nobody has ever vouched for either.
 */
function isOtherAuthority(from: Credentials, to: Credentials): boolean {
  if (from.issuer === null || to.issuer === null) return false;
  if (from.selfSigned !== to.selfSigned) return from.selfSigned !== null && to.selfSigned !== null;
  if (from.selfSigned && !isOther(from.keyFingerprint, to.keyFingerprint)) return false;
  const [organization, organizationNow] = [organizationOf(from), organizationOf(to)];
  if (organization !== null || organizationNow !== null) return organization !== organizationNow;
  if (from.issuer !== to.issuer) return true;
  if (from.selfSigned || from.issuerKeys.length === 0 || to.issuerKeys.length === 0) return false;
  return !from.issuerKeys.some((key) => to.issuerKeys.includes(key));
}

function organizationOf({ issuerOrganization }: Credentials): string | null {
  return issuerOrganization === null ? null : normalizeOrganization(issuerOrganization);
}

function isOther(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}
