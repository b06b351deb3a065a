import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Flight } from "../../../src/tls/flight.ts";
import { oldHello, type OldHelloKind } from "../../../src/tls/old_hello.ts";
import { certificate, concatenate, fakeCertificate, fromHex, message } from "./flight_bytes.ts";
import { numberList, readHello } from "./read_hello.ts";

const RANDOM = Uint8Array.from({ length: 32 }, (_, index) => 0xa0 + index);

const VERSIONS: readonly [OldHelloKind, number][] = [["tls11", 0x0302], ["tls10", 0x0301], ["ssl3", 0x0300]];

Deno.test("a hello asks for its version and nothing newer, and takes anything older", () => {
  for (const [kind, version] of VERSIONS) {
    const { firstBytes, versionMin, versionMax, tls13 } = oldHello(kind, RANDOM);
    const hello = readHello(firstBytes);
    equal(hello.version, version, kind);
    deepEqual(hello.random, RANDOM);
    equal(hello.sessionId.length, 0);
    deepEqual(hello.compressionMethods, [0]);
    deepEqual([versionMin, versionMax, tls13], [0x0300, version, undefined]);
  }
});

Deno.test("SSL 3.0 has neither extensions nor a newer version on its record", () => {
  const hello = readHello(oldHello("ssl3", RANDOM, "old.example").firstBytes);
  equal(hello.recordVersion, 0x0300);
  equal(hello.extensions, undefined);
  equal(hello.cipherSuites.at(-1), 0x00ff, "what renegotiation_info would say");
});

Deno.test("TLS 1.0 and 1.1 ask for a name, for curves, and for nothing that came with TLS 1.2", () => {
  for (const kind of ["tls10", "tls11"] as const) {
    const { recordVersion, extensions } = readHello(oldHello(kind, RANDOM, "old.example").firstBytes);
    equal(recordVersion, 0x0301);
    deepEqual(
      extensions!.get(0),
      concatenate(fromHex("000e 00 000b"), new TextEncoder().encode("old.example")),
    );
    deepEqual(numberList(extensions!.get(10)).slice(0, 3), [23, 24, 25]);
    deepEqual([...extensions!.keys()].filter((type) => type !== 21), [0, 10, 11, 0xff01]);
    equal(readHello(oldHello(kind, RANDOM).firstBytes).extensions!.has(0), false);
  }
  throws(() => oldHello("tls10", RANDOM, "192.0.2.7"), RangeError);
});

Deno.test("no hello has the length at which some load balancers hang", () => {
  for (let length = 1; length <= 253; length++) {
    const labels = "a.".repeat(127).slice(0, length);
    const serverName = labels.endsWith(".") ? `${labels.slice(0, -1)}a` : labels;
    const { length: octets } = oldHello("tls10", RANDOM, serverName).firstBytes;
    ok(octets - 5 < 256 || octets - 5 > 511, `${octets} octets`);
  }
});

Deno.test("the first 64 suites hold what servers with no patience for more have", () => {
  const first = readHello(oldHello("ssl3", RANDOM).firstBytes).cipherSuites.slice(0, 64);
  for (
    const suite of [0x0035, 0x002f, 0x000a, 0x0005, 0x0004, 0x0009, 0x0003, 0x0006, 0x0008, 0x0002, 0x0001]
  ) {
    ok(first.includes(suite), `0x${suite.toString(16)}`);
  }
});

Deno.test("an SSL 3.0 flight in answer gives its chain", () => {
  const leaf = fakeCertificate(700, 1);
  const hello = message(2, concatenate(fromHex("0300"), RANDOM, fromHex("00 0004 00")));
  const body = concatenate(hello, certificate(leaf));
  const flight = new Flight(oldHello("ssl3", RANDOM), 65_536);
  ok(flight.feed(concatenate([22, 3, 0, body.length >> 8, body.length & 255], body)));
  equal(flight.outcome, "captured");
  deepEqual(flight.chain, [leaf]);
  equal(flight.serverHello?.cipherSuite, 0x0004);
});

Deno.test("an answer in a version newer than asked for is malformed", () => {
  const body = message(2, concatenate(fromHex("0302"), RANDOM, fromHex("00 0035 00")));
  const flight = new Flight(oldHello("tls10", RANDOM), 65_536);
  ok(flight.feed(concatenate([22, 3, 2, 0, body.length], body)));
  equal(flight.outcome, "malformed");
});
