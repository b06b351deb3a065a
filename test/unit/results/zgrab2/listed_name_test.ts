import assert from "node:assert/strict";
import { isListedName } from "../../../../src/results/zgrab2/listed_name.ts";

Deno.test("names are listed as zcrypto lists them", () => {
  // What zcrypto itself says of each.
  const listed: readonly (readonly [name: string, isListed: boolean])[] = [
    ["example.com", true],
    ["www.example.com", true],
    ["*.example.com", true],
    ["?.example.com", true],
    ["*.?.example.com", true],
    ["example.com.", true],
    ["t.co", true],
    ["a.b.com", false],
    ["a.a.de", false],
    ["xn--bcher-kva.example", true],
    ["foo.xn--p1ai", true],
    ["a_b.example.com", true],
    ["_dmarc.example.com", false],
    ["192.0.2.1", true],
    ["2001:db8::1", false],
    ["localhost", false],
    ["host:8443", true],
    ["example.com:8443", true],
    ["example.com:999999", false],
    ["user@example.com", true],
    ["https://example.com/path?x=1&y=<z>", true],
    ["http://[2001:db8::1]:80/", true],
    ["http://localhost/", true],
    ["ftp://user:password@example.com:21/x#y", true],
    ["HTTP://example.com/", false],
    ["spiffe://example.org/x", false],
    ["urn:uuid:1234", false],
    ["exämple.de", true],
    ["日本.jp", true],
    ["foo..example.com", false],
    [".example.com", false],
    ["-a.example.com", false],
    ["foo bar.com", false],
    ["IAN Test", false],
    ["a.b", false],
    ["", false],
  ];
  const wrong = listed.filter(([name, isListed]) => isListedName(name) !== isListed).map(([name]) => name);
  assert.deepEqual(wrong, []);
});

Deno.test("hostile names take no time", () => {
  const names = [
    `${"a-".repeat(1_000)}!`,
    `${"a".repeat(2_080)}!`,
    `${"a.".repeat(1_000)}!`,
    `${"a@".repeat(1_000)}!`,
    `${"ab-".repeat(600)}é!`,
    `${"a_".repeat(1_000)}-.`,
    `ab${"-a".repeat(1_000)}-`,
    "*.".repeat(100_000),
    "é".repeat(100_000),
  ];
  const start = performance.now();
  for (const name of names) assert.equal(isListedName(name), false);
  assert.ok(performance.now() - start < 1_000);
});
