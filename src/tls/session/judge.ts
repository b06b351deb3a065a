/**
 * What the errors of Deno's TLS mean. It is rustls, whose errors reach JavaScript as text only: the texts here are
 * those of Deno 2.4 and 2.9, which the tests provoke one by one.
 *
 * @module
 */

import { printable, reasonOf } from "../../text/mod.ts";
import { isUnreachable } from "../../transport/mod.ts";
import type { SessionFailure, TrustVerdict } from "./outcome.ts";

/** What is to be said of a session. */
export type Judgement = Verdict | Failure;

/** The server has shown a chain. */
export interface Verdict {
  readonly kind: "verdict";
  readonly outcome: TrustVerdict;
  /** In the library's words; absent where the outcome says it all. */
  readonly reason?: string | undefined;
}

export interface Failure {
  readonly kind: "failure";
  readonly outcome: SessionFailure;
  /** In the library's words, or the server's; absent where the outcome says it all. */
  readonly reason?: string | undefined;
}

/** The reason of an alert that says: none of the application protocols that were offered (RFC 7301, 3.2). */
export const NO_APPLICATION_PROTOCOL = "received fatal alert: NoApplicationProtocol";

/** rustls writes so before everything that it has to say of a chain. */
const CHAIN_PREFIX = "invalid peer certificate: ";

/** Of a reason, in characters. */
const REASON_LENGTH_MAX = 300;

/** What follows {@linkcode CHAIN_PREFIX}: rustls's own words, or the name of an error of webpki's. */
const CHAIN_ERRORS: readonly (readonly [pattern: RegExp, outcome: TrustVerdict])[] = [
  [/^certificate expired|^Expired$/, "expired"],
  [/^certificate not valid yet|^NotValidYet$/, "not_yet_valid"],
  [/^certificate not valid for name|^NotValidForName$/, "name_mismatch"],
  [/^UnknownIssuer$/, "unknown_issuer"],
  [/\bCaUsedAsEndEntity\b/, "ca_as_leaf"],
  [/^BadSignature$/, "invalid_signature"],
  [/^UnsupportedSignatureAlgorithm|^unsupported signature/, "unsupported_signature"],
  [/^certificate does not allow extended key usage|^InvalidPurpose$/, "not_a_server"],
  [/\b(?:EndEntityUsedAsCa|NameConstraintViolation|PathLenConstraintViolated)\b/, "constraint_violated"],
  [/\bUnsupported|^UnhandledCriticalExtension$/, "unsupported_certificate"],
];

/** Everything else that rustls says. */
const HANDSHAKE_ERRORS: readonly (readonly [pattern: RegExp, outcome: SessionFailure])[] = [
  [/^received fatal alert: ProtocolVersion$/, "below_tls12"],
  [/^received fatal alert: /, "alert"],
  [/^received corrupt message of type InvalidContentType$/, "not_tls"],
  [/^peer is incompatible: .*(?:TlsVersion|Tls12NotOffered)/, "below_tls12"],
  [/^peer is incompatible: /, "incompatible"],
];

/** What an error of a handshake says. */
export function judgeHandshake(error: unknown): Judgement {
  if (error instanceof Deno.errors.UnexpectedEof) return failure("closed");
  // Before anything is sent: a name that is none by its own rules.
  if (error instanceof TypeError) return failure("unsupported_name", error.message);
  if (!(error instanceof Deno.errors.InvalidData)) return judgeConnection(error);
  const reason = error.message;
  if (!reason.startsWith(CHAIN_PREFIX)) {
    return failure(matching(HANDSHAKE_ERRORS, reason) ?? "protocol_error", reason);
  }
  const complaint = reason.slice(CHAIN_PREFIX.length);
  const outcome = matching(CHAIN_ERRORS, complaint) ?? "malformed_certificate";
  return { kind: "verdict", outcome, reason: shortened(complaint) };
}

/** Without the layers that webpki's errors come in, what Deno's TLS would have accepted, and most of 500 names. */
function shortened(complaint: string): string {
  const text = complaint
    .replace(/^Other\(OtherError\((.*)\)\)$/s, "$1")
    .replace(/, supported_algorithms: .*$/s, " }");
  return printable(text.length > REASON_LENGTH_MAX ? `${text.slice(0, REASON_LENGTH_MAX)}...` : text);
}

/** What an error of a connection says, before TLS or below it. */
export function judgeConnection(error: unknown): Failure {
  if (error instanceof Deno.errors.ConnectionRefused) return failure("refused");
  if (error instanceof Deno.errors.TimedOut) return failure("timeout");
  if (isUnreachable(error)) return failure("unreachable");
  return RESETS.some((kind) => error instanceof kind)
    ? failure("reset")
    : failure("exhausted", reasonOf(error));
}

/** A connection that the peer has reset may also be found out by writing to it, or by looking at its address. */
const RESETS = [Deno.errors.ConnectionReset, Deno.errors.BrokenPipe, Deno.errors.NotConnected];

/** A judgement of a session that came to no verdict. */
export function failure(outcome: SessionFailure, reason?: string): Failure {
  return { kind: "failure", outcome, reason };
}

function matching<T>(table: readonly (readonly [RegExp, T])[], text: string): T | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
