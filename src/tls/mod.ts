/**
 * TLS as far as a scan needs it: from a TLS 1.2 hello to the server's certificate chain, and no further.
 *
 * @module
 */

export { Capture } from "./capture.ts";
export type { CaptureOptions, CaptureOutcome, CaptureResult } from "./capture.ts";
export { cipherSuiteName } from "./cipher_suites.ts";
export { type Alert, Flight, type FlightOutcome } from "./flight.ts";
export { clientHello, isServerName } from "./hello.ts";
export { alertName, versionName } from "./names.ts";
export type { ServerHello } from "./server_hello.ts";
