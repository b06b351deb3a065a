/**
 * What came of trying to get a server's certificate chain out of the start of a handshake.
 *
 * @module
 */

import type { EndReason, Traffic } from "../transport/mod.ts";
import type { Alert } from "./alert_reader.ts";
import type { ConversationEnd } from "./conversation.ts";
import type { Exchange } from "./exchange.ts";
import type { FlightOutcome } from "./flight.ts";
import type { ServerExtension, ServerHello } from "./server_hello.ts";
import type { Heard } from "./starttls/dialogue.ts";

/**
 * How a capture ended: by what the server sent, else by how the connection ended before that decided
 * anything.
 */
export type CaptureOutcome =
  | FlightOutcome
  /** The server does not go over to TLS on this port: its own words are in the reason. */
  | "starttls_refused"
  /** The server closed its side (FIN) before its certificate was complete. */
  | "closed"
  /** The server reset the connection before its certificate was complete. */
  | "reset"
  /** The deadline passed, or the server stopped acknowledging. */
  | "timeout"
  /** The path to the server broke. */
  | "unreachable"
  /** This side ran out of room or budget: nothing is known about the server. */
  | "exhausted"
  /** This side left before anything was decided: nothing is known about the server. */
  | "abandoned";

/** What an exchange has found out about a server, so far. */
export interface CaptureFindings {
  /** Set once the exchange is decided. */
  readonly outcome?: FlightOutcome | "starttls_refused" | undefined;
  /** There when a whole one arrived, also when the capture then failed. */
  readonly serverHello?: ServerHello | undefined;
  /** TLS 1.3: what came under encryption (RFC 8446, 4.3.1). */
  readonly encryptedExtensions?: readonly ServerExtension[] | undefined;
  /** The application protocol the server chose. */
  readonly alpn?: string | undefined;
  /** TLS 1.3: the server asked for another key share first (RFC 8446, 4.1.4). */
  readonly helloRetried?: boolean | undefined;
  /** The server asked for a certificate of the client's, as far as that comes before its own. */
  readonly certificateRequested?: boolean | undefined;
  /** SSL 2.0: the names of the cipher kinds that the server accepts. */
  readonly cipherKinds?: readonly string[] | undefined;
  /** The last alert, with any outcome: a warning may come before a chain. */
  readonly alert?: Alert | undefined;
  /** DER certificates as sent, leaf first by rule but not checked. Empty unless `captured`. */
  readonly chain: readonly Uint8Array[];
  /** What was found, where the outcome does not say it all. */
  readonly reason?: string | undefined;
  /** With `not_tls`: how the server's octets begin, up to 64 of what came first. */
  readonly prefix?: Uint8Array | undefined;
  /** What the server said before TLS began, where another protocol comes first. */
  readonly transcript?: readonly Heard[] | undefined;
  /** Octets that came in clear behind the go-ahead, where nobody has anything to say (CVE-2011-0411). */
  readonly earlyBytes?: number | undefined;
}

/** An exchange that is after a certificate chain. */
export interface CaptureExchange extends Exchange, CaptureFindings {}

/** What is known when the connection has ended. */
export interface CaptureResult extends Omit<CaptureFindings, "outcome"> {
  readonly outcome: CaptureOutcome;
  readonly traffic: Traffic;
}

const OUTCOME_OF_END: Readonly<Record<EndReason, CaptureOutcome>> = {
  closed: "abandoned",
  end: "closed",
  reset: "reset",
  timeout: "timeout",
  overflow: "oversize",
  unreachable: "unreachable",
  exhausted: "exhausted",
};

/** What an exchange and the end of its connection say together. */
export function captureResult(
  exchange: CaptureExchange,
  { reason, traffic }: ConversationEnd,
): CaptureResult {
  const { serverHello, encryptedExtensions, alpn, helloRetried, certificateRequested } = exchange;
  const { cipherKinds, alert, chain, prefix, transcript, earlyBytes } = exchange;
  return {
    outcome: exchange.outcome ?? outcomeOfEnd(alert, reason),
    serverHello,
    encryptedExtensions,
    alpn,
    helloRetried,
    certificateRequested,
    cipherKinds,
    alert,
    chain,
    reason: exchange.reason,
    prefix,
    transcript,
    earlyBytes,
    traffic,
  };
}

function outcomeOfEnd(alert: Alert | undefined, reason: ConversationEnd["reason"]): CaptureOutcome {
  if (reason === "decided") throw new Error("Cannot tell an outcome: a decided exchange has one");
  // A server that warned and then left meant the warning.
  const hasLeft = reason === "end" || reason === "reset";
  return hasLeft && alert !== undefined ? "alert" : OUTCOME_OF_END[reason];
}
