/**
 * STARTTLS: what is said in clear, in the protocol of the port, until TLS may begin.
 *
 * @module
 */

export { type Heard, PRELUDE_BYTES_MAX } from "./dialogue.ts";
export { type PreludeOutcome, StartTlsPrelude } from "./prelude.ts";
export { START_TLS_PROTOCOLS, starttlsOf, type StartTlsProtocol } from "./protocol.ts";
export { StartTlsExchange, startTlsPrelude, type StartTlsServer } from "./start_tls.ts";
export { StartTlsCapture } from "./start_tls_capture.ts";
