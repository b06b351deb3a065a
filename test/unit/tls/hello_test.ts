import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { OFFERED_CIPHER_SUITES } from "../../../src/tls/cipher_suites.ts";
import { cipherSuiteName, clientHello, isServerName } from "../../../src/tls/mod.ts";

const random = Uint8Array.from({ length: 32 }, (_, index) => 0xa0 + index);

interface ParsedHello {
  readonly suites: number[];
  readonly extensions: Map<number, Uint8Array>;
  readonly handshakeLength: number;
}

/** Reads a ClientHello by RFC 5246, 7.4.1.2, and insists on every length being exact. */
function parse(hello: Uint8Array): ParsedHello {
  const view = new DataView(hello.buffer, hello.byteOffset, hello.length);
  deepEqual([...hello.subarray(0, 3)], [22, 3, 1]);
  equal(view.getUint16(3), hello.length - 5);
  equal(hello[5], 1);
  equal(view.getUint32(5) & 0xffffff, hello.length - 9);
  equal(view.getUint16(9), 0x0303);
  deepEqual(hello.subarray(11, 43), random);
  equal(hello[43], 0, "session id length");
  const suitesEnd = 46 + view.getUint16(44);
  const suites: number[] = [];
  for (let offset = 46; offset < suitesEnd; offset += 2) suites.push(view.getUint16(offset));
  deepEqual([...hello.subarray(suitesEnd, suitesEnd + 2)], [1, 0]);
  equal(view.getUint16(suitesEnd + 2), hello.length - suitesEnd - 4);
  const extensions = new Map<number, Uint8Array>();
  let offset = suitesEnd + 4;
  while (offset < hello.length) {
    const end = offset + 4 + view.getUint16(offset + 2);
    ok(end <= hello.length);
    ok(!extensions.has(view.getUint16(offset)), "an extension twice");
    extensions.set(view.getUint16(offset), hello.subarray(offset + 4, end));
    offset = end;
  }
  return { suites, extensions, handshakeLength: hello.length - 5 };
}

Deno.test("a hello without a name offers TLS 1.2 and what old servers need, in less than 256 octets", () => {
  const { suites, extensions, handshakeLength } = parse(clientHello(random));
  deepEqual(suites, [...OFFERED_CIPHER_SUITES.keys()]);
  equal(new Set(suites).size, suites.length);
  ok(suites.length <= 64, `${suites.length} suites`);
  for (const suite of [0xc02b, 0xc013, 0x0039, 0x002f, 0x000a, 0x0005]) ok(suites.includes(suite));
  ok(!suites.includes(0x5600), "TLS_FALLBACK_SCSV makes TLS 1.3 servers refuse");
  deepEqual([...extensions.keys()], [23, 10, 11, 13, 0xff01]);
  deepEqual([...extensions.get(10)!], [0, 10, 0, 29, 0, 23, 0, 24, 0, 25, 0, 30]);
  deepEqual([...extensions.get(11)!], [1, 0]);
  deepEqual([...extensions.get(0xff01)!], [0]);
  ok(handshakeLength < 256, `${handshakeLength} octets`);
});

Deno.test("a hello with a name carries it and never has a length between 256 and 511", () => {
  for (let length = 1; length <= 253; length++) {
    const name = "a".repeat(length);
    const { extensions, handshakeLength } = parse(clientHello(random, name));
    const data = extensions.get(0)!;
    equal(data.length, length + 5);
    deepEqual([...data.subarray(0, 5)], [length + 3 >> 8, length + 3 & 255, 0, 0, length]);
    equal(new TextDecoder().decode(data.subarray(5)), name);
    ok(handshakeLength < 256 || handshakeLength === 512, `${handshakeLength} octets`);
    equal(extensions.has(21), handshakeLength === 512);
  }
});

Deno.test("one hello does not change another", () => {
  const first = clientHello(random);
  const copy = first.slice();
  clientHello(new Uint8Array(32), "example.org");
  clientHello(new Uint8Array(32));
  deepEqual(first, copy);
});

Deno.test("only host names are server names", () => {
  for (
    const name of ["example.org", "a", "xn--bcher-kva.example", "_sip.example", "1.example", "A-B.example"]
  ) {
    ok(isServerName(name), name);
  }
  const refused = [
    "",
    ".",
    "example.org.",
    "a..b",
    "192.0.2.1",
    "2001:db8::1",
    "bücher.example",
    "a b",
    "a\n",
  ];
  for (const name of [...refused, "a".repeat(254)]) ok(!isServerName(name), name);
});

Deno.test("a hello that cannot be built says why", () => {
  throws(
    () => clientHello(new Uint8Array(31)),
    new RangeError("Cannot build a ClientHello from 31 random octets: it takes 32"),
  );
  throws(
    () => clientHello(random, "192.0.2.1"),
    new RangeError('Cannot offer server name "192.0.2.1": not an ASCII host name'),
  );
});

Deno.test("suites have their IANA name, or their number", () => {
  equal(cipherSuiteName(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  equal(cipherSuiteName(0x000a), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
  equal(cipherSuiteName(0x1301), "0x1301");
  equal(cipherSuiteName(0x0001), "0x0001");
});
