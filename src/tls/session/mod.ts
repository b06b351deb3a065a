/**
 * Whole TLS sessions by Deno's own TLS: whether a server's chain is trusted, and what it says over HTTP.
 *
 * @module
 */

export type { HttpAnswer } from "./http_answer.ts";
export type { HttpHeader } from "./http_head.ts";
export type { HttpRequest } from "./http_request.ts";
export type { SessionFailure, SessionOutcome, TrustVerdict } from "./outcome.ts";
export { holdSession } from "./session.ts";
export type { SessionRequest, SessionResult } from "./session.ts";
export { loadSystemTrust, type Trust, trustRoots } from "./trust.ts";
