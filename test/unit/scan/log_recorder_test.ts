import assert from "node:assert/strict";
import type { HostObservation, Observation } from "../../../src/observe/mod.ts";
import { CaptureTally } from "../../../src/scan/capture_tally.ts";
import type { Attempted } from "../../../src/scan/finding.ts";
import { LogRecorder } from "../../../src/scan/log_recorder.ts";
import type { SessionResult } from "../../../src/tls/session/mod.ts";
import { play } from "../tls/fake_connection.ts";
import {
  ascii,
  certificate,
  concatenate,
  fromHex,
  handshakeRecords,
  record,
  serverHello,
} from "../tls/flight_bytes.ts";
import { makeTestChain } from "../tls/test_certificates.ts";
import { findingOf } from "./finding_of.ts";

const { chain: CHAIN } = await makeTestChain("server.example");
// Extended master secret, and h2 by ALPN; RFC 8446's sentinel in the random.
const HELLO = serverHello({
  sentinel: "444f574e47524401",
  sessionId: fromHex("0a0b"),
  extensions: fromHex("000d 0017 0000 0010 0005 0003 02 6832"),
});
const CAPTURED = play([handshakeRecords(concatenate(HELLO, certificate(...CHAIN)))]).result;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What is recorded, each with a time, which is taken off. */
function recorded(tell: (recorder: LogRecorder) => void, httpPath?: string): Omit<Observation, "time">[] {
  const observations: Observation[] = [];
  tell(new LogRecorder((observation) => observations.push(observation), httpPath));
  return observations.map(({ time, ...fields }) => {
    assert.match(time, TIME);
    return fields;
  });
}

Deno.test("a host is recorded as it is", () => {
  const host: HostObservation = {
    type: "host",
    time: "2026-01-31T23:59:59.123Z",
    address: "192.0.2.1",
    port: 443,
    verdict: "open",
    transport: "wire",
  };
  const { time: _, ...fields } = host;
  assert.deepEqual(recorded((recorder) => recorder.verified(host)), [fields]);
});

Deno.test("a capture: its certificates first, each in full, then what names them", () => {
  const finding = findingOf(CAPTURED);
  const observations = recorded((recorder) => recorder.captured(finding));
  const fingerprints = finding.certificates.map(({ fingerprint }) => fingerprint);
  assert.deepEqual(
    observations.slice(0, -1).map((observation) => [
      observation.type,
      (observation as { fingerprint?: string }).fingerprint,
    ]),
    fingerprints.map((fingerprint) => ["certificate", fingerprint]),
  );
  assert.deepEqual(observations.at(-1), {
    type: "tls",
    address: "192.0.2.1",
    port: 443,
    transport: "wire",
    outcome: "captured",
    hello: "tls12",
    version: "TLS 1.2",
    cipher_suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    cipher_suite_number: 0xc02f,
    session_id: "0a0b",
    extensions: [23, 16],
    // MD5 of 771,49199,23-16.
    ja3s: "14fa42c15cd2f1eb37c60916a66d6313",
    alpn: "h2",
    tls13_announced: true,
    chain: fingerprints,
    bytes_sent: 300,
    bytes_received: 4_000,
    duration_ms: 12,
  });
});

Deno.test("a certificate that the run has seen before is only named", () => {
  const tally = new CaptureTally();
  const findings = [findingOf(CAPTURED, {}, tally), findingOf(CAPTURED, {}, tally)];
  const types = recorded((recorder) => findings.forEach((finding) => recorder.captured(finding)))
    .map(({ type }) => type);
  assert.deepEqual(types, ["certificate", "certificate", "tls", "tls"]);
});

Deno.test("what was asked for is said: the name, the protocol before TLS, all hellos where there were several", () => {
  const alert = play([record(21, fromHex("0246"))]).result;
  const attempts: Attempted[] = [
    { kind: "tls12", alpn: true, result: alert },
    { kind: "modern", alpn: true, result: CAPTURED },
  ];
  const finding = findingOf({ ...CAPTURED, earlyBytes: 7 }, {
    serverName: "server.example",
    starttls: "smtp",
    attempts,
    telling: attempts[1]!,
  });
  const last = recorded((recorder) => recorder.captured(finding)).at(-1) as Record<string, unknown>;
  assert.deepEqual([last.server_name, last.starttls, last.hello], ["server.example", "smtp", "modern"]);
  assert.deepEqual(last.attempts, [
    { hello: "tls12", outcome: "tls13_only", alert: "protocol_version" },
    { hello: "modern", outcome: "captured" },
  ]);
});

Deno.test("a refusal names its alert, and what is no TLS how it begins", () => {
  const refusal = findingOf(play([record(21, fromHex("0228"))]).result);
  assert.deepEqual(recorded((recorder) => recorder.captured(refusal)), [{
    type: "tls",
    address: "192.0.2.1",
    port: 443,
    transport: "wire",
    outcome: "alert",
    hello: "tls12",
    tls13_announced: false,
    chain: [],
    alert: "handshake_failure",
    bytes_sent: 300,
    bytes_received: 4_000,
    duration_ms: 12,
  }]);
  const other = findingOf(play([ascii("SSH-2.0-x\r\n")]).result);
  const [banner] = recorded((recorder) => recorder.captured(other)) as Record<string, unknown>[];
  assert.deepEqual([banner!.outcome, banner!.prefix], ["not_tls", "5353482d322e302d780d0a"]);
});

Deno.test("facts of other versions stand where there are some", () => {
  const hello = CAPTURED.serverHello!;
  const tls13 = findingOf({
    ...CAPTURED,
    serverHello: {
      ...hello,
      version: 0x0304,
      cipherSuite: 0x1301,
      sessionId: new Uint8Array(32),
      keyShareGroup: 0x001d,
    },
    encryptedExtensions: [{ type: 16, data: new Uint8Array(5) }],
    helloRetried: true,
    certificateRequested: true,
  });
  const modern = recorded((recorder) => recorder.captured(tls13)).at(-1) as Record<string, unknown>;
  assert.deepEqual([modern.version, modern.cipher_suite], ["TLS 1.3", "TLS_AES_128_GCM_SHA256"]);
  assert.equal("session_id" in modern, false, "it is our own");
  assert.deepEqual([modern.key_exchange_group, modern.encrypted_extensions], ["x25519", [16]]);
  assert.deepEqual([modern.hello_retried, modern.client_certificate_requested], [true, true]);

  const { serverHello: _, ...withoutHello } = CAPTURED;
  const ssl2 = findingOf({ ...withoutHello, cipherKinds: ["SSL_CK_RC4_128_WITH_MD5"] });
  const old = recorded((recorder) => recorder.captured(ssl2)).at(-1) as Record<string, unknown>;
  assert.deepEqual([old.version, old.cipher_kinds], ["SSL 2.0", ["SSL_CK_RC4_128_WITH_MD5"]]);

  const compressed = findingOf({ ...CAPTURED, serverHello: { ...hello, compression: 1 } });
  const worse = recorded((recorder) => recorder.captured(compressed)).at(-1) as Record<string, unknown>;
  assert.equal(worse.compression, 1);
});

Deno.test("what verification says is part of the capture", () => {
  const verification = {
    verdict: "expired",
    problems: ["expired", "name_mismatch"],
    reason: "it ended",
    path: ["aa"],
  } as const;
  const finding = findingOf(CAPTURED, { verification });
  const last = recorded((recorder) => recorder.captured(finding)).at(-1) as Record<string, unknown>;
  assert.deepEqual(last.verification, verification);
});

Deno.test("the fingerprint of a server", () => {
  const finding = findingOf(CAPTURED, { serverName: "server.example" });
  assert.deepEqual(recorded((recorder) => recorder.fingerprinted(finding, "0".repeat(62))), [{
    type: "jarm",
    address: "192.0.2.1",
    port: 443,
    server_name: "server.example",
    jarm: "0".repeat(62),
  }]);
});

Deno.test("what a server accepts", () => {
  const result = {
    versions: [
      {
        version: 0x0304,
        cipherSuites: ["TLS_AES_128_GCM_SHA256"],
        preference: null,
        groups: [0x001d, 0x0017],
      },
      { version: 0x0303, cipherSuites: ["TLS_RSA_WITH_RC4_128_MD5"], preference: "server" },
    ],
    refusals: [{ version: 0x0301, alert: "protocol_version" }, { version: 0x0002 }],
    hellos: 9,
    complete: true,
  } as const;
  assert.deepEqual(recorded((recorder) => recorder.enumerated(findingOf(CAPTURED), result)), [{
    type: "tls_support",
    address: "192.0.2.1",
    port: 443,
    versions: [
      {
        version: "TLS 1.3",
        cipher_suites: ["TLS_AES_128_GCM_SHA256"],
        preference: null,
        groups: ["x25519", "secp256r1"],
      },
      { version: "TLS 1.2", cipher_suites: ["TLS_RSA_WITH_RC4_128_MD5"], preference: "server" },
    ],
    refusals: [{ version: "TLS 1.0", alert: "protocol_version" }, { version: "SSL 2.0" }],
    hellos: 9,
    complete: true,
  }]);
});

Deno.test("a session, with what the server said over HTTP", () => {
  const session: SessionResult = {
    outcome: "unknown_issuer",
    reason: "invalid peer certificate: UnknownIssuer",
    version: "TLS 1.3",
    cipherSuite: "TLS_AES_128_GCM_SHA256",
    alpn: "http/1.1",
    http: {
      protocol: "HTTP/1.1",
      status: 404,
      statusText: "Not Found",
      headers: [["Server", "x"], ["server", "y"]],
      body: ascii("gone"),
      bodySha256: "ab".repeat(32),
      isTruncated: false,
    },
    traffic: { bytesSent: 900, bytesReceived: 5_000 },
  };
  const told = recorded((recorder) => recorder.talked(findingOf(CAPTURED), session, 40.6), "/x?y");
  assert.deepEqual(told, [{
    type: "session",
    address: "192.0.2.1",
    port: 443,
    outcome: "unknown_issuer",
    reason: "invalid peer certificate: UnknownIssuer",
    version: "TLS 1.3",
    cipher_suite: "TLS_AES_128_GCM_SHA256",
    alpn: "http/1.1",
    http: {
      path: "/x?y",
      protocol: "HTTP/1.1",
      status: 404,
      status_text: "Not Found",
      headers: [["Server", "x"], ["server", "y"]],
      body: "Z29uZQ==",
      body_sha256: "ab".repeat(32),
      truncated: false,
    },
    bytes_sent: 900,
    bytes_received: 5_000,
    duration_ms: 41,
  }]);
});

Deno.test("a session without an answer, and an answer that broke off", () => {
  const bare: SessionResult = { outcome: "timeout", traffic: CAPTURED.traffic };
  const broken: SessionResult = {
    outcome: "trusted",
    http: { headers: [], body: new Uint8Array(0), isTruncated: true, error: "the connection was reset" },
    traffic: CAPTURED.traffic,
  };
  const [first, second] = recorded((recorder) => {
    recorder.talked(findingOf(CAPTURED), bare, 1);
    recorder.talked(findingOf(CAPTURED), broken, 1);
    // The log has told everything by then.
    recorder.finished();
  }, "/") as Record<string, unknown>[];
  assert.deepEqual(["reason" in first!, "http" in first!], [false, false]);
  assert.deepEqual(second!.http, {
    path: "/",
    headers: [],
    truncated: true,
    error: "the connection was reset",
  });
});
