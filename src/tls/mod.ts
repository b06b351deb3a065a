/**
 * TLS as far as a scan needs it: from a hello to the server's certificate chain and no further, in every version; and
 * what else a server can be asked for: its fingerprint, what it accepts, a whole session.
 *
 * @module
 */

export type { Alert } from "./alert_reader.ts";
export {
  type CaptureExchange,
  type CaptureFindings,
  type CaptureOutcome,
  type CaptureResult,
  captureResult,
} from "./capture.ts";
export { captureExchange, type CaptureExchangeOptions } from "./capture_exchange.ts";
export { cipherSuiteName } from "./cipher_suites.ts";
export { Version } from "./constants.ts";
export { Conversation, type ConversationEnd, type ConversationOptions } from "./conversation.ts";
export {
  Enumeration,
  type EnumerationResult,
  type VersionRefusal,
  type VersionSupport,
} from "./enumeration.ts";
export type { Exchange } from "./exchange.ts";
export type { FlightOutcome } from "./flight.ts";
export { freshRandom } from "./fresh_random.ts";
export type { HelloOptions } from "./hello.ts";
export { ja3s } from "./ja3s.ts";
export { JARM_NONE, jarmHash, jarmProbes } from "./jarm.ts";
export { groupName, versionName } from "./names.ts";
export {
  type Attempt,
  type HelloKind,
  nextOffer,
  type Offer,
  tellingAttempt,
  type TlsMode,
} from "./offers.ts";
export type { ServerExtension, ServerHello } from "./server_hello.ts";
export { isServerName } from "./server_name.ts";
export * from "./starttls/mod.ts";
