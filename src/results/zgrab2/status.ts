import type { CaptureOutcome } from "../../tls/mod.ts";

/** ZGrab2's words for how a scan ended (its `status.go`), as far as captures end so. */
export type ZgrabStatus =
  | "success"
  | "connection-timeout"
  | "connection-closed"
  | "handshake-error"
  | "io-timeout"
  | "protocol-error"
  | "application-error"
  | "unknown-error";

const STATUSES: Readonly<Record<CaptureOutcome, ZgrabStatus>> = {
  captured: "success",
  alert: "handshake-error",
  tls13_only: "handshake-error",
  pq_only: "handshake-error",
  not_tls: "protocol-error",
  malformed: "protocol-error",
  oversize: "protocol-error",
  no_certificate: "protocol-error",
  starttls_refused: "application-error",
  closed: "connection-closed",
  reset: "connection-closed",
  // The host answered the SYN: what it is late with is data.
  timeout: "io-timeout",
  unreachable: "connection-timeout",
  exhausted: "unknown-error",
  abandoned: "unknown-error",
};

/** How ZGrab2 would have called the end of a capture. */
export function zgrabStatus(outcome: CaptureOutcome): ZgrabStatus {
  return STATUSES[outcome];
}
