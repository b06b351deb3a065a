import type { HostObservation, TransportName } from "../observe/mod.ts";
import type { CaptureResult, EnumerationResult, HelloKind, StartTlsProtocol } from "../tls/mod.ts";
import type { SessionResult } from "../tls/session/mod.ts";
import type { Traffic } from "../transport/mod.ts";
import type { Verification } from "../x509/verify/mod.ts";
import type { SeenCertificate } from "./capture_tally.ts";

/** One hello, and what came of it. */
export interface Attempted {
  readonly kind: HelloKind;
  readonly alpn: boolean;
  readonly result: CaptureResult;
}

/** Everything about one verified host under one server name, or under none. */
export interface Finding {
  readonly address: string;
  readonly port: number;
  readonly transport: TransportName;
  readonly serverName: string | undefined;
  readonly starttls: StartTlsProtocol | undefined;
  /** In the order in which they were made; never empty. */
  readonly attempts: readonly Attempted[];
  /** The one that says most. */
  readonly telling: Attempted;
  /** What the telling attempt brought, in the order sent. */
  readonly certificates: readonly SeenCertificate[];
  /** Over all attempts. */
  readonly traffic: Traffic;
  readonly durationMs: number;
  readonly verification: Verification | undefined;
}

/**
 * Where findings go, in the order in which they are made: for each host `verified`, then for each name that it is asked
 * for `captured` first and `finished` last.
 */
export interface Recorder {
  verified(host: HostObservation): void;
  captured(finding: Finding): void;
  fingerprinted(finding: Finding, jarm: string): void;
  enumerated(finding: Finding, result: EnumerationResult): void;
  talked(finding: Finding, session: SessionResult, durationMs: number): void;
  finished(finding: Finding, session: SessionResult | undefined): void;
}
