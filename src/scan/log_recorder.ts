import {
  type AttemptFields,
  certificateObservation,
  type HostObservation,
  type HttpFields,
  type Observation,
  timestamp,
  type TlsObservation,
} from "../observe/mod.ts";
import { base64, hexadecimal } from "../text/mod.ts";
import {
  cipherSuiteName,
  type EnumerationResult,
  groupName,
  ja3s,
  type ServerHello,
  Version,
  versionName,
} from "../tls/mod.ts";
import type { HttpAnswer, SessionResult } from "../tls/session/mod.ts";
import { parseCertificate } from "../x509/mod.ts";
import type { Attempted, Finding, Recorder } from "./finding.ts";

/** Turns findings into the observations of a log. */
export class LogRecorder implements Recorder {
  readonly #record: (observation: Observation) => void;
  readonly #httpPath: string;

  /** `httpPath` is what sessions ask for, if they do. */
  constructor(record: (observation: Observation) => void, httpPath = "") {
    this.#record = record;
    this.#httpPath = httpPath;
  }

  verified(host: HostObservation): void {
    this.#record(host);
  }

  captured(finding: Finding): void {
    const time = timestamp();
    for (const { der, fingerprint, isFirst } of finding.certificates) {
      // Parsed and stored once.
      if (isFirst) this.#record(certificateObservation(fingerprint, parseCertificate(der), der, time));
    }
    this.#record(tlsObservation(finding, time));
  }

  fingerprinted(finding: Finding, jarm: string): void {
    this.#record({ type: "jarm", time: timestamp(), ...endpoint(finding), jarm });
  }

  enumerated(finding: Finding, { versions, refusals, hellos, complete }: EnumerationResult): void {
    this.#record({
      type: "tls_support",
      time: timestamp(),
      ...endpoint(finding),
      versions: versions.map(({ version, cipherSuites, preference, groups }) => ({
        version: versionName(version),
        cipher_suites: cipherSuites,
        preference,
        ...(groups && { groups: groups.map(groupName) }),
      })),
      refusals: refusals.map(({ version, alert }) => ({
        version: versionName(version),
        ...(alert !== undefined && { alert }),
      })),
      hellos,
      complete,
    });
  }

  talked(finding: Finding, session: SessionResult, durationMs: number): void {
    const { outcome, reason, version, cipherSuite, alpn, http, traffic } = session;
    this.#record({
      type: "session",
      time: timestamp(),
      ...endpoint(finding),
      outcome,
      ...(reason !== undefined && { reason }),
      ...(version !== undefined && { version }),
      ...(cipherSuite !== undefined && { cipher_suite: cipherSuite }),
      ...(alpn !== undefined && { alpn }),
      ...(http && { http: httpFields(this.#httpPath, http) }),
      bytes_sent: traffic.bytesSent,
      bytes_received: traffic.bytesReceived,
      duration_ms: Math.round(durationMs),
    });
  }

  finished(): void {}
}

function endpoint({ address, port, serverName }: Finding) {
  return { address, port, ...(serverName !== undefined && { server_name: serverName }) };
}

function tlsObservation(finding: Finding, time: string): TlsObservation {
  const { transport, starttls, attempts, telling: { kind, result }, traffic, verification } = finding;
  const { serverHello, alert, reason, prefix } = result;
  return {
    type: "tls",
    time,
    ...endpoint(finding),
    transport,
    ...(starttls !== undefined && { starttls }),
    ...(result.earlyBytes && { early_bytes: result.earlyBytes }),
    outcome: result.outcome,
    hello: kind,
    ...(attempts.length > 1 && { attempts: attempts.map(attemptFields) }),
    ...(serverHello && helloFields(serverHello)),
    ...(result.cipherKinds && { version: "SSL 2.0", cipher_kinds: result.cipherKinds }),
    ...(result.encryptedExtensions && {
      encrypted_extensions: result.encryptedExtensions.map(({ type }) => type),
    }),
    ...(result.alpn !== undefined && { alpn: result.alpn }),
    ...(result.helloRetried && { hello_retried: true }),
    ...(result.certificateRequested && { client_certificate_requested: true }),
    ...(serverHello?.version !== Version.TLS_1_3 && {
      tls13_announced: serverHello?.tls13Announced ?? false,
    }),
    chain: finding.certificates.map(({ fingerprint }) => fingerprint),
    ...(verification && { verification }),
    ...(alert && { alert: alert.name }),
    ...(reason !== undefined && { reason }),
    ...(prefix && { prefix: hexadecimal(prefix) }),
    bytes_sent: traffic.bytesSent,
    bytes_received: traffic.bytesReceived,
    duration_ms: Math.round(finding.durationMs),
  };
}

function attemptFields({ kind, result: { outcome, alert } }: Attempted): AttemptFields {
  return { hello: kind, outcome, ...(alert && { alert: alert.name }) };
}

function helloFields(hello: ServerHello): Partial<TlsObservation> {
  const { version, cipherSuite, compression, sessionId, extensions, keyShareGroup, isRetryRequest } = hello;
  return {
    version: versionName(version),
    cipher_suite: cipherSuiteName(cipherSuite),
    cipher_suite_number: cipherSuite,
    ...(compression !== 0 && { compression }),
    // TLS 1.3 sends back what it was sent (RFC 8446, 4.1.3).
    ...(sessionId.length > 0 && version < Version.TLS_1_3 && { session_id: hexadecimal(sessionId) }),
    extensions: extensions.map(({ type }) => type),
    ...(keyShareGroup !== undefined && { key_exchange_group: groupName(keyShareGroup) }),
    // A request for another hello is no answer to be known by.
    ...(!isRetryRequest && { ja3s: ja3s(hello).digest }),
  };
}

function httpFields(path: string, answer: HttpAnswer): HttpFields {
  const { protocol, status, statusText, headers, body, bodySha256, isTruncated, error } = answer;
  return {
    path,
    ...(protocol !== undefined && { protocol }),
    ...(status !== undefined && { status }),
    ...(statusText !== undefined && { status_text: statusText }),
    headers,
    ...(body.length > 0 && { body: base64(body) }),
    ...(bodySha256 !== undefined && { body_sha256: bodySha256 }),
    truncated: isTruncated,
    ...(error !== undefined && { error }),
  };
}
