/**
 * A whole TLS session with one host, by Deno's own TLS.
 *
 * @module
 */

import type { Traffic } from "../../transport/mod.ts";
import { claimsSelfSigned, parseCertificate } from "../../x509/mod.ts";
import type { StartTlsPrelude } from "../starttls/mod.ts";
import { ask, type Question, unanswered } from "./ask.ts";
import { type Handshake, shakeHands } from "./handshake.ts";
import type { HttpAnswer } from "./http_answer.ts";
import { encodeHttpRequest, type HttpRequest } from "./http_request.ts";
import { Leash } from "./leash.ts";
import { Meter } from "./meter.ts";
import { NO_APPLICATION_PROTOCOL } from "./judge.ts";
import type { SessionOutcome, TrustVerdict } from "./outcome.ts";
import { connectTolerantly } from "./tolerant.ts";
import type { Trust } from "./trust.ts";

/** What to do with one host. */
export interface SessionRequest {
  /** Where to connect to: an address, never a name. */
  readonly address: string;
  readonly port: number;
  /** Whom to ask for, and for whom the certificate must be; without it nobody, and for the address. */
  readonly serverName?: string | undefined;
  readonly trust: Trust;
  /** The chain that a capture found: it tells who signed himself, and what a handshake weighs. */
  readonly chain?: readonly Uint8Array[] | undefined;
  /** What comes before TLS. HTTP does not come behind it. */
  readonly prelude?: StartTlsPrelude | undefined;
  /** What to ask for over the session, whatever the verdict. */
  readonly http?: HttpRequest | undefined;
  /** From connecting to the last octet. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of octets of Ethernet frames, estimated, as they move. */
  onTraffic?(bytesSent: number, bytesReceived: number): void;
}

/** What came of it. */
export interface SessionResult {
  readonly outcome: SessionOutcome;
  /** In the words of the TLS library, or the server's; absent where the outcome says it all. */
  readonly reason?: string | undefined;
  /** The application protocol that the server chose. */
  readonly alpn?: string | undefined;
  /** As `TLS 1.3`; known where HTTP was asked for in spite of the verdict, and not from Deno 2.4. */
  readonly version?: string | undefined;
  /** IANA's name, known where {@linkcode SessionResult.version} is. */
  readonly cipherSuite?: string | undefined;
  /** There when it was asked for and the server showed a chain. */
  readonly http?: HttpAnswer | undefined;
  /** From connecting to the verdict, in milliseconds; absent without a verdict. */
  readonly handshakeMs?: number | undefined;
  /** In all, estimated. */
  readonly traffic: Traffic;
}

/** Offered where nothing in particular is to be said. */
const ANY_HTTP = ["h2", "http/1.1"];

/** What a request to be sent is written in. */
const HTTP_1 = ["http/1.1"];

/**
 * Holds one session: connects, shakes hands for the verdict on the server's chain, and asks over HTTP what is to be
 * asked. Where the verdict is no, a second connection that does not mind carries the request. Redirections are not
 * followed: they lead out of what was asked for.
 *
 * Never rejects for what a server or the network does. All sockets are closed when it resolves.
 *
 * @throws {RangeError} for an HTTP request that cannot be sent as it is.
 */
export async function holdSession(request: SessionRequest): Promise<SessionResult> {
  const question = request.http && questionOf(request.http);
  const leash = new Leash(request.deadlineMs, request.signal);
  const meter = new Meter(request.onTraffic);
  try {
    return { ...await hold(request, question, leash, meter), traffic: meter.traffic };
  } finally {
    leash.release();
  }
}

function questionOf(http: HttpRequest): Question {
  return { octets: encodeHttpRequest(http), bodyBytesMax: http.bodyBytesMax };
}

type Held = Omit<SessionResult, "traffic">;

async function hold(
  request: SessionRequest,
  question: Question | undefined,
  leash: Leash,
  meter: Meter,
): Promise<Held> {
  const startedAt = performance.now();
  const { judgement: { kind, outcome, reason }, channel, alpn } = await agree(request, leash, meter);
  if (kind === "failure") return { outcome, reason };
  const verdict = {
    outcome: withSelfSigned(outcome, request.chain?.[0]),
    reason,
    handshakeMs: performance.now() - startedAt,
  };
  if (channel !== undefined) {
    const http = question && await ask(question, channel, leash, meter);
    return { ...verdict, alpn: channel.alpn, http };
  }
  return question === undefined
    ? verdict
    : { ...verdict, ...await askAnyway(request, alpn, question, leash, meter) };
}

/** Shakes hands; once more without ALPN where the server wants none of what is offered. */
async function agree(
  request: SessionRequest,
  leash: Leash,
  meter: Meter,
): Promise<Handshake & { readonly alpn: readonly string[] }> {
  const { trust, chain, prelude } = request;
  const shake = async (alpn: readonly string[]) => ({
    alpn,
    ...await shakeHands({ peer: request, trust, alpn, chain, prelude }, leash, meter),
  });
  if (prelude !== undefined) return await shake([]);
  const handshake = await shake(request.http === undefined ? ANY_HTTP : HTTP_1);
  return handshake.judgement.reason === NO_APPLICATION_PROTOCOL ? await shake([]) : handshake;
}

/** Asks a server that is not trusted. */
async function askAnyway(
  request: SessionRequest,
  alpn: readonly string[],
  question: Question,
  leash: Leash,
  meter: Meter,
): Promise<Pick<SessionResult, "alpn" | "version" | "cipherSuite" | "http">> {
  meter.connecting();
  try {
    const channel = await connectTolerantly(request, alpn, leash);
    meter.connected();
    meter.greeted();
    meter.shookHands(request.chain);
    const { version, cipherSuite } = channel;
    return { alpn: channel.alpn, version, cipherSuite, http: await ask(question, channel, leash, meter) };
  } catch (error) {
    return { http: unanswered(error, leash) };
  }
}

/** Deno's TLS does not look whether a certificate signed itself when it finds nobody to have signed it. */
function withSelfSigned(verdict: TrustVerdict, leaf: Uint8Array | undefined): TrustVerdict {
  const isOpen = verdict === "unknown_issuer" || verdict === "ca_as_leaf";
  return isOpen && leaf !== undefined && claimsSelfSigned(parseCertificate(leaf)) ? "self_signed" : verdict;
}
