import assert from "node:assert/strict";
import type { Finding } from "../../../src/scan/finding.ts";
import { ZgrabRecorder } from "../../../src/scan/zgrab_recorder.ts";
import type { SessionResult } from "../../../src/tls/session/mod.ts";
import { play } from "../tls/fake_connection.ts";
import { certificate, concatenate, handshakeRecords, serverHello } from "../tls/flight_bytes.ts";
import { makeTestChain } from "../tls/test_certificates.ts";
import { findingOf } from "./finding_of.ts";

const { chain: CHAIN } = await makeTestChain("server.example");
const CAPTURED = play([handshakeRecords(concatenate(serverHello(), certificate(...CHAIN)))]).result;
const { traffic: TRAFFIC } = CAPTURED;
const ANSWERED: SessionResult = {
  outcome: "trusted",
  http: {
    protocol: "HTTP/1.1",
    status: 204,
    statusText: "No Content",
    headers: [],
    body: new Uint8Array(0),
    isTruncated: false,
  },
  traffic: TRAFFIC,
};

/** The one line that is written of a finding, and that only when it is finished. */
// deno-lint-ignore no-explicit-any -- ZGrab2's own shape.
function lineOf(finding: Finding, session?: SessionResult, httpPath?: string): any {
  const lines: string[] = [];
  const recorder = new ZgrabRecorder((line) => lines.push(line), httpPath);
  recorder.verified();
  recorder.captured();
  recorder.talked();
  assert.deepEqual(lines, []);
  recorder.finished(finding, session);
  assert.equal(lines.length, 1);
  return JSON.parse(lines[0]!);
}

Deno.test("a finding is one line: who, under which name, and the handshake", () => {
  const { ip, domain, data } = lineOf(findingOf(CAPTURED, { serverName: "server.example" }));
  assert.deepEqual([ip, domain, Object.keys(data)], ["192.0.2.1", "server.example", ["tls"]]);
  const { status, result } = data.tls;
  const { certificate, chain } = result.handshake_log.server_certificates;
  assert.deepEqual([status, certificate.raw, chain.length], [
    "success",
    btoa(String.fromCharCode(...CHAIN[0]!)),
    1,
  ]);
  assert.equal("domain" in lineOf(findingOf(CAPTURED)), false);
});

Deno.test("what an offline verification says stands beside the certificates", () => {
  const verification = { verdict: "expired", problems: ["expired"], reason: "it ended", path: [] } as const;
  const { data } = lineOf(findingOf(CAPTURED, { verification }));
  const { validation } = data.tls.result.handshake_log.server_certificates;
  assert.deepEqual([validation.browser_trusted, validation.browser_error], [false, "it ended"]);
});

Deno.test("an HTTP answer is there where one was asked for", () => {
  const { http } = lineOf(findingOf(CAPTURED), ANSWERED, "/x?y").data;
  assert.deepEqual([http.status, http.result.response.status_code], ["success", 204]);
  assert.equal(http.result.response.request.host, "192.0.2.1");
  assert.equal("http" in lineOf(findingOf(CAPTURED), ANSWERED).data, false, "nobody asked");
  assert.equal("http" in lineOf(findingOf(CAPTURED), undefined, "/").data, false, "no session came about");
  const mail = findingOf(CAPTURED, { port: 25, starttls: "smtp" });
  assert.equal("http" in lineOf(mail, ANSWERED, "/").data, false, "it speaks something else");
});

Deno.test("a session that got no answer says why", () => {
  const refused: SessionResult = { outcome: "timeout", traffic: TRAFFIC };
  const { http } = lineOf(findingOf(CAPTURED), refused, "/").data;
  assert.notEqual(http.status, "success");
  assert.match(http.error, /timeout/);
});
