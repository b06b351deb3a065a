/** What can happen to a domain's certificate between two runs, the gravest last. */
export const HISTORY_EVENT_TYPES = ["CertRotation", "CAMigration", "SuspiciousReplacement"] as const;

/**
 * `CertRotation`: a new certificate of the same CA. `CAMigration`: of another CA, for the same key.
 * `SuspiciousReplacement`: CA and public key changed together, as they do when somebody else answers.
 */
export type HistoryEventType = (typeof HISTORY_EVENT_TYPES)[number];

/** What an event says of a certificate. Null where nothing readable is known. */
export interface EventCertificate {
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly issuer: string | null;
  readonly selfSigned: boolean | null;
  /** ISO 8601. */
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  /** SHA-256 of the public key. */
  readonly keyFingerprint: string | null;
  readonly keyAlgorithm: string | null;
}

/** One certificate of a domain took another's place. */
export interface HistoryEvent {
  readonly type: HistoryEventType;
  readonly domain: string;
  readonly from: EventCertificate;
  readonly to: EventCertificate;
  /** The last run in which one of the addresses showed the old certificate. */
  readonly fromRun: string;
  /** The run in which the new one was seen in its place, and the old one nowhere. */
  readonly toRun: string;
  /** How many addresses went from one to the other; of a domain that has moved, how many it has now. */
  readonly addressCount: number;
  /** The first of them. */
  readonly addresses: readonly string[];
  /** Of a domain that has moved, the first of the addresses that it had: it has none of them any more. */
  readonly movedFrom: readonly string[] | undefined;
  /** The run has not gone through to its end, so the old certificate may still be in use where it did not look. */
  readonly isProvisional: boolean;
}
