import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ZgrabCertificate, ZgrabFormat, type ZgrabInput } from "../../../../src/results/zgrab2/mod.ts";
import type { ServerHello } from "../../../../src/tls/mod.ts";
import { fingerprint } from "../../../../src/x509/mod.ts";
import { DSA, QUALIFIED, WILDCARD } from "./certificates.ts";

const HELLO: ServerHello = {
  version: 0x0303,
  legacyVersion: 0x0303,
  random: new Uint8Array(32).fill(7),
  sessionId: new Uint8Array(0),
  cipherSuite: 0xc02b,
  compression: 0,
  extensions: [],
  isRetryRequest: false,
  tls13Announced: false,
  tls12Announced: false,
};

const HELLO_TEXT = '{"version":{"name":"TLSv1.2","value":771},' +
  '"random":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=","session_id":"",' +
  '"cipher_suite":{"hex":"0xC02B","name":"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256","value":49195},' +
  '"compression_method":{"hex":"0x00","name":"NULL","value":0},"ocsp_stapling":false,"ticket":false,' +
  '"secure_renegotiation":false,"heartbeat":false,"extended_master_secret":false}';

/** 2026-01-31T23:59:59.999Z. */
const TIME_MS = 1_769_903_999_999;

function input(differences: Partial<ZgrabInput>): ZgrabInput {
  return {
    address: "192.0.2.1",
    port: 443,
    serverName: undefined,
    timeMs: TIME_MS,
    capture: { outcome: "captured", chain: [], serverHello: HELLO },
    certificates: [],
    starttls: undefined,
    verification: undefined,
    http: undefined,
    ...differences,
  };
}

function sent(...ders: Uint8Array[]): ZgrabCertificate[] {
  return ders.map((der) => ({ der, fingerprint: fingerprint(der) }));
}

/** What the record's one scan says, read. */
function scanOf(differences: Partial<ZgrabInput>, protocol = "tls"): Record<string, unknown> {
  return JSON.parse(new ZgrabFormat().record(input(differences))).data[protocol];
}

Deno.test("a record says where, under which name, when and what, in ZGrab2's order", () => {
  const record = new ZgrabFormat().record(input({ serverName: "a&b.example" }));
  assert.equal(
    record,
    '{"ip":"192.0.2.1","domain":"a\\u0026b.example","data":{"tls":{"status":"success","protocol":"tls","port":443,' +
      `"result":{"handshake_log":{"server_hello":${HELLO_TEXT}}},"timestamp":"2026-01-31T23:59:59Z"}}}`,
  );
});

Deno.test("a chain is the leaf and the rest, each raw and parsed", () => {
  const format = new ZgrabFormat();
  const certificates = sent(WILDCARD, QUALIFIED, DSA);
  const first = format.record(input({ certificates }));
  const { certificate, chain } = JSON.parse(first).data.tls.result.handshake_log.server_certificates;
  assert.equal(certificate.raw, Buffer.from(WILDCARD).toString("base64"));
  assert.equal(certificate.parsed.subject_dn, "CN=*.19670306.xyz");
  assert.deepEqual(
    chain.map(({ parsed }: { parsed: { serial_number: string } }) => parsed.serial_number),
    ["202093337738244911112370", "1208925819615860693084129"],
  );
  assert.equal(format.record(input({ certificates })), first, "the second time, from what is kept");
});

Deno.test("a certificate that cannot be parsed stands raw", () => {
  const [broken] = sent(WILDCARD.subarray(0, 100));
  const { result } = scanOf({ certificates: [broken!] });
  assert.deepEqual(
    (result as { handshake_log: { server_certificates: object } }).handshake_log.server_certificates,
    {
      certificate: { raw: Buffer.from(broken!.der).toString("base64") },
    },
  );
});

Deno.test("what was found out about a chain is its validation", () => {
  const validationOf = (verification: ZgrabInput["verification"]) => {
    const { result } = scanOf({ certificates: sent(DSA), verification });
    return (result as { handshake_log: { server_certificates: { validation?: object } } })
      .handshake_log.server_certificates.validation;
  };
  assert.equal(validationOf(undefined), undefined);
  assert.deepEqual(validationOf({ isTrusted: true, reason: "" }), { browser_trusted: true });
  assert.deepEqual(validationOf({ isTrusted: false, reason: "expired <2010>" }), {
    browser_trusted: false,
    browser_error: "expired <2010>",
  });
});

Deno.test("a chain of SSL 2.0 stands without a ServerHello", () => {
  const { status, result } = scanOf({
    capture: { outcome: "captured", chain: [], cipherKinds: ["SSL_CK_RC4_128_WITH_MD5"] },
    certificates: sent(DSA),
  });
  assert.equal(status, "success");
  assert.deepEqual(Object.keys((result as { handshake_log: object }).handshake_log), ["server_certificates"]);
});

Deno.test("a server that says nothing of TLS has no result", () => {
  assert.deepEqual(scanOf({ capture: { outcome: "timeout", chain: [] } }), {
    status: "io-timeout",
    protocol: "tls",
    port: 443,
    timestamp: "2026-01-31T23:59:59Z",
    error: "timeout",
  });
});

Deno.test("a ServerHello is told though the capture failed", () => {
  const { status, result, error } = scanOf({
    capture: { outcome: "malformed", chain: [], serverHello: HELLO, reason: "a record of 20000 octets" },
  });
  assert.equal(status, "protocol-error");
  assert.equal(error, "a record of 20000 octets");
  assert.deepEqual(result, { handshake_log: { server_hello: JSON.parse(HELLO_TEXT) } });
});

Deno.test("each end has ZGrab2's word for it", () => {
  const alert = { level: "fatal", description: 40, name: "handshake_failure" } as const;
  for (
    const [capture, status, error] of [
      [{ outcome: "alert", alert, chain: [] }, "handshake-error", "remote error: handshake failure"],
      [{ outcome: "pq_only", chain: [] }, "handshake-error", "pq only"],
      [{ outcome: "not_tls", chain: [] }, "protocol-error", "not tls"],
      [{ outcome: "no_certificate", chain: [] }, "protocol-error", "no certificate"],
      [{ outcome: "oversize", chain: [] }, "protocol-error", "oversize"],
      [{ outcome: "closed", chain: [], alert }, "connection-closed", "closed"],
      [{ outcome: "reset", chain: [] }, "connection-closed", "reset"],
      [{ outcome: "unreachable", chain: [] }, "connection-timeout", "unreachable"],
      [{ outcome: "exhausted", chain: [] }, "unknown-error", "exhausted"],
    ] satisfies [ZgrabInput["capture"], string, string][]
  ) {
    const scan = scanOf({ capture });
    assert.deepEqual([scan["status"], scan["error"]], [status, error]);
  }
});

Deno.test("what was said before TLS stands beside it, under the protocol's name", () => {
  const transcript = [
    { step: "greeting", text: "220 mail.example ESMTP\r\n" },
    { step: "capabilities", text: "250-mail.example\r\n250 STARTTLS\r\n" },
    { step: "answer", text: "220 Ready\r\n" },
  ] as const;
  const { data } = JSON.parse(new ZgrabFormat().record(input({
    port: 25,
    starttls: { protocol: "smtp", transcript },
  })));
  assert.deepEqual(Object.keys(data), ["smtp"]);
  assert.deepEqual(data.smtp, {
    status: "success",
    protocol: "smtp",
    port: 25,
    result: {
      banner: "220 mail.example ESMTP\r\n",
      ehlo: "250-mail.example\r\n250 STARTTLS\r\n",
      starttls: "220 Ready\r\n",
      tls: { handshake_log: { server_hello: JSON.parse(HELLO_TEXT) } },
    },
    timestamp: "2026-01-31T23:59:59Z",
  });
});

Deno.test("an FTP server that was asked twice has two answers, and a refusal is an application's error", () => {
  const { status, error, result } = scanOf({
    port: 21,
    capture: { outcome: "starttls_refused", chain: [], reason: "the server refuses: 530 Please login" },
    starttls: {
      protocol: "ftp",
      transcript: [
        { step: "greeting", text: "220 Hi\r\n" },
        { step: "answer", text: "504 What?\r\n" },
        { step: "answer", text: "530 Please login\r\n" },
      ],
    },
  }, "ftp");
  assert.equal(status, "application-error");
  assert.equal(error, "the server refuses: 530 Please login");
  assert.deepEqual(result, {
    banner: "220 Hi\r\n",
    auth_tls: "504 What?\r\n",
    auth_ssl: "530 Please login\r\n",
  });
});

Deno.test("PostgreSQL's result says that there is TLS, MySQL's only shows it", () => {
  const greeting = { step: "greeting", text: "MySQL 8.0" } as const;
  const postgres = scanOf({ starttls: { protocol: "postgres", transcript: [] } }, "postgres");
  assert.deepEqual(Object.keys(postgres["result"] as object), ["tls", "is_ssl"]);
  const mysql = scanOf({ starttls: { protocol: "mysql", transcript: [greeting] } }, "mysql");
  assert.deepEqual(Object.keys(mysql["result"] as object), ["tls"]);
});

Deno.test("a response to an HTTP request stands beside the capture, with the capture's log", () => {
  const { data } = JSON.parse(new ZgrabFormat().record(input({
    http: {
      request: { path: "/", host: "192.0.2.1" },
      answer: {
        protocol: "HTTP/1.1",
        status: 204,
        statusText: "No Content",
        headers: [],
        body: new Uint8Array(0),
        isTruncated: false,
      },
      error: undefined,
    },
  })));
  assert.deepEqual(Object.keys(data), ["http", "tls"]);
  assert.equal(data.http.status, "success");
  assert.equal(data.http.result.response.status_line, "204 No Content");
  assert.deepEqual(data.http.result.response.request.tls_log, data.tls.result);
});

Deno.test("a session that did not come about is an error of the HTTP scan alone", () => {
  const { data } = JSON.parse(new ZgrabFormat().record(input({
    http: { request: { path: "/", host: "192.0.2.1" }, answer: undefined, error: "connection refused" },
  })));
  assert.deepEqual(data.http, {
    status: "unknown-error",
    protocol: "http",
    port: 443,
    timestamp: "2026-01-31T23:59:59Z",
    error: "connection refused",
  });
  assert.equal(data.tls.status, "success");
});
