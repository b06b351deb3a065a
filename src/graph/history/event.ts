/**
 * Events of history. They have the names of JSON, so that they can be written as they are.
 *
 * @module
 */

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
  readonly self_signed: boolean | null;
  /** ISO 8601. */
  readonly not_before: string | null;
  readonly not_after: string | null;
  /** SHA-256 of the public key. */
  readonly key_fingerprint: string | null;
  readonly key_algorithm: string | null;
}

/** One certificate of a domain took another's place. */
export interface HistoryEvent {
  readonly type: HistoryEventType;
  readonly domain: string;
  readonly from: EventCertificate;
  readonly to: EventCertificate;
  /** The last run in which one of the addresses showed the old certificate. */
  readonly from_run: string;
  /** The run in which the new one was seen in its place, and the old one nowhere. */
  readonly to_run: string;
  /** How many addresses went from one to the other; of a domain that has moved, how many it has now. */
  readonly address_count: number;
  /** The first of them. */
  readonly addresses: readonly string[];
  /** Of a domain that has moved, the first of the addresses that it had: it has none of them any more. Else null. */
  readonly moved_from: readonly string[] | null;
  /** The run has not gone through to its end, so the old certificate may still be in use where it did not look. */
  readonly provisional: boolean;
}
