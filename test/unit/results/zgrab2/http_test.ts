import assert from "node:assert/strict";
import { httpResponse } from "../../../../src/results/zgrab2/http.ts";
import type { HttpAnswer } from "../../../../src/tls/session/mod.ts";

const REQUEST = { path: "/", host: "www.example.com" };

function answer(differences: Partial<HttpAnswer>): HttpAnswer {
  return {
    protocol: "HTTP/1.1",
    status: 200,
    statusText: "OK",
    headers: [],
    body: new Uint8Array(0),
    isTruncated: false,
    ...differences,
  };
}

function responseOf(differences: Partial<HttpAnswer>, request = REQUEST): Record<string, unknown> {
  return JSON.parse(httpResponse(request, answer(differences), undefined));
}

Deno.test("a response is told as ZGrab2 tells it, in its order", () => {
  const text = httpResponse(
    REQUEST,
    answer({
      headers: [
        ["Server", "nginx"],
        ["Set-Cookie", "a=1"],
        ["X-Custom-Thing", "<1>"],
        ["set-cookie", "b=2"],
        ["Content-Length", "5"],
        ["Vary", "Accept"],
        ["ETag", '"x"'],
        ["A-Custom", "0"],
      ],
      body: new TextEncoder().encode("Hëll"),
      bodySha256: "0123",
    }),
    '{"handshake_log":{}}',
  );
  assert.equal(
    text,
    '{"status_line":"200 OK","status_code":200,"protocol":{"name":"HTTP/1.1","major":1,"minor":1},' +
      '"headers":{"content_length":["5"],"etag":["\\"x\\""],"server":["nginx"],"set_cookie":["a=1","b=2"],' +
      '"unknown":[{"key":"a_custom","value":["0"]},{"key":"x_custom_thing","value":["\\u003c1\\u003e"]}],' +
      '"vary":["Accept"]},"body":"Hëll","body_sha256":"0123","content_length":5,' +
      '"request":{"url":{"scheme":"https","host":"www.example.com","path":"/"},"method":"GET",' +
      '"host":"www.example.com","tls_log":{"handshake_log":{}}}}',
  );
});

Deno.test("a chunked body has no length beforehand, and its field is gone", () => {
  const response = responseOf({ headers: [["Transfer-Encoding", "chunked"], ["Content-Length", "3"]] });
  assert.equal(response["content_length"], -1);
  assert.deepEqual(response["transfer_encoding"], ["chunked"]);
  assert.deepEqual(response["headers"], { content_length: ["3"] });
});

Deno.test("a body that ends with the connection has no length beforehand, an empty one none at all", () => {
  assert.equal(responseOf({})["content_length"], -1);
  assert.equal(responseOf({ headers: [["Content-Length", "many"]] })["content_length"], -1);
  assert.equal("content_length" in responseOf({ headers: [["Content-Length", "0"]] }), false);
});

Deno.test("a body is read in the character set that the server names", () => {
  const body = Uint8Array.of(0x48, 0xe9);
  const typed = (type: string) => responseOf({ headers: [["Content-Type", type]], body })["body"];
  assert.equal(typed("text/html; charset=ISO-8859-1"), "Hé");
  assert.equal(typed('text/html;charset="windows-1252"'), "Hé");
  assert.equal(typed("text/html; charset=nonsense"), "H\ufffd");
  assert.equal(typed("text/html"), "H\ufffd");
});

Deno.test("a long value is cut, and a nameless version is of no number", () => {
  const response = responseOf({
    protocol: undefined,
    statusText: undefined,
    headers: [["Server", "x".repeat(9_000)]],
  });
  assert.equal((response["headers"] as { server: string[] }).server[0]!.length, 8_191);
  assert.deepEqual(response["protocol"], { name: "", major: 0, minor: 0 });
  assert.equal(response["status_line"], "200");
});

Deno.test("a request's query stands apart from its path, the port of https nowhere", () => {
  const { request } = responseOf({}, { path: "/a?b=c&d", host: "www.example.com:443" });
  assert.deepEqual(request, {
    url: { scheme: "https", host: "www.example.com", path: "/a", raw_query: "b=c&d" },
    method: "GET",
    host: "www.example.com",
  });
  const other = responseOf({}, { path: "/", host: "www.example.com:8443" });
  assert.equal((other["request"] as { host: string }).host, "www.example.com:8443");
});
