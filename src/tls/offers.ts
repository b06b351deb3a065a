/**
 * Which hello to send to a server, and which to try next when it refuses.
 *
 * @module
 */

import type { CaptureOutcome } from "./capture.ts";
import { AlertDescription } from "./constants.ts";
import type { CaptureHelloKind } from "./hello.ts";
import type { OldHelloKind } from "./old_hello.ts";

/** The hellos, by the names that records give them. */
export type HelloKind =
  | CaptureHelloKind
  | OldHelloKind
  /** TLS 1.2 with the suites that `tls12` has no room for: few servers have nothing else. */
  | "tls12_rare"
  /** SSL 2.0, which is a protocol of its own. */
  | "ssl2";

/** The values of `--tls`: an order of versions, or the one version to speak. */
export type TlsMode = "auto" | "max" | "pq" | "legacy" | "1.3" | "1.2" | "1.1" | "1.0" | "ssl3" | "ssl2";

/** One hello to send. */
export interface Offer {
  readonly kind: HelloKind;
  /** Whether it offers application protocols, by ALPN (RFC 7301). */
  readonly alpn: boolean;
}

/** What came of an offer. */
export interface Attempt extends Offer {
  readonly outcome: CaptureOutcome;
  /** The code of the last alert. */
  readonly alert?: number | undefined;
  /** Whether the server chose anything: a ServerHello came. */
  readonly hasAnswered?: boolean;
}

/** In the order of trying. What follows the first is only tried on servers that refused. */
const KINDS_IN_TURN: Readonly<Record<TlsMode, readonly HelloKind[]>> = {
  auto: ["tls12", "modern"],
  max: ["modern", "tls12"],
  pq: ["pq", "modern", "tls12"],
  legacy: ["tls12", "modern", "tls12_rare", "tls10", "ssl3", "ssl2"],
  "1.3": ["tls13"],
  "1.2": ["tls12"],
  "1.1": ["tls11"],
  "1.0": ["tls10"],
  ssl3: ["ssl3"],
  ssl2: ["ssl2"],
};

/** Alerts by which servers say that they accept nothing of what was offered. */
const REFUSALS: ReadonlySet<number> = new Set([
  AlertDescription.HANDSHAKE_FAILURE,
  AlertDescription.ILLEGAL_PARAMETER,
  AlertDescription.PROTOCOL_VERSION,
  AlertDescription.INSUFFICIENT_SECURITY,
]);

/** Hellos that a server of the last century may take for noise: it then answers with anything, or leaves. */
const OLD_SERVER_OUTCOMES: ReadonlySet<CaptureOutcome> = new Set<CaptureOutcome>([
  "alert",
  "tls13_only",
  "not_tls",
  "malformed",
  "no_certificate",
  "closed",
  "reset",
]);

/** What to offer next after `attempts`, in their order; undefined when there is nothing more to learn. */
export function nextOffer(mode: TlsMode, attempts: readonly Attempt[], alpn: boolean): Offer | undefined {
  const last = attempts.at(-1);
  const kinds = KINDS_IN_TURN[mode];
  if (last === undefined) return { kind: kinds[0]!, alpn };
  if (last.alpn && last.alert === AlertDescription.NO_APPLICATION_PROTOCOL) {
    return { kind: last.kind, alpn: false };
  }
  if (last.kind === "pq_probe" || !hasRefused(mode, last)) return undefined;
  const kind = kinds[kinds.indexOf(last.kind) + 1];
  if (kind !== undefined) return { kind, alpn: last.alpn };
  // Up to TLS 1.2 this server speaks nothing that it was offered, and of what TLS 1.3 was offered it likes nothing.
  const isWithoutGroup = mode !== "legacy" && mode !== "pq" &&
    attempts.some((attempt) => attempt.kind === "tls12" && hasRefused(mode, attempt)) &&
    attempts.some(({ kind, alert }) => kind === "modern" && alert === AlertDescription.HANDSHAKE_FAILURE);
  return isWithoutGroup ? { kind: "pq_probe", alpn: false } : undefined;
}

function hasRefused(mode: TlsMode, { outcome, alert, hasAnswered }: Attempt): boolean {
  if (mode === "legacy" && OLD_SERVER_OUTCOMES.has(outcome)) return true;
  // Dovecot and slapd leave without a word when they speak none of the versions that were offered.
  if (outcome === "closed" && !hasAnswered) return true;
  return outcome === "tls13_only" || outcome === "alert" && alert !== undefined && REFUSALS.has(alert);
}

/**
 * What says most first. A failure of this side counts more than a refusal: the host is to be scanned again.
 */
const TELLING_OUTCOMES: readonly CaptureOutcome[] = [
  "captured",
  "pq_only",
  "exhausted",
  "abandoned",
  "tls13_only",
  "alert",
];

/** The attempt that says most of the server; the first of those that say the same. */
export function tellingAttempt<T extends Attempt>(attempts: readonly T[]): T {
  for (const telling of TELLING_OUTCOMES) {
    const attempt = attempts.find(({ outcome }) => outcome === telling);
    if (attempt !== undefined) return attempt;
  }
  return attempts[0]!;
}
