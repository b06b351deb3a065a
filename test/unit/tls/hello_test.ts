import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { OFFERED_CIPHER_SUITES } from "../../../src/tls/cipher_suites.ts";
import { type CaptureHelloKind, makeHello } from "../../../src/tls/hello.ts";
import { assembleHello } from "../../../src/tls/hello_shape.ts";
import { keyShare } from "../../../src/tls/key_share.ts";
import { isServerName } from "../../../src/tls/server_name.ts";

const random = Uint8Array.from({ length: 32 }, (_, index) => 0xa0 + index);

const tls12 = (serverName?: string): Uint8Array => makeHello("tls12", { random, serverName }).firstBytes;

interface ParsedHello {
  readonly sessionId: number[];
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
  const sessionIdEnd = 44 + hello[43]!;
  const suitesEnd = sessionIdEnd + 2 + view.getUint16(sessionIdEnd);
  const suites: number[] = [];
  for (let offset = sessionIdEnd + 2; offset < suitesEnd; offset += 2) suites.push(view.getUint16(offset));
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
  const sessionId = [...hello.subarray(44, sessionIdEnd)];
  return { sessionId, suites, extensions, handshakeLength: hello.length - 5 };
}

Deno.test("a hello without a name offers TLS 1.2 and what old servers need, in less than 256 octets", () => {
  const { sessionId, suites, extensions, handshakeLength } = parse(tls12());
  deepEqual(sessionId, []);
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
    const { extensions, handshakeLength } = parse(tls12(name));
    const data = extensions.get(0)!;
    equal(data.length, length + 5);
    deepEqual([...data.subarray(0, 5)], [length + 3 >> 8, length + 3 & 255, 0, 0, length]);
    equal(new TextDecoder().decode(data.subarray(5)), name);
    ok(handshakeLength < 256 || handshakeLength === 512, `${handshakeLength} octets`);
    equal(extensions.has(21), handshakeLength === 512);
  }
});

Deno.test("one hello does not change another", () => {
  const first = tls12();
  const copy = first.slice();
  for (const serverName of ["example.org", undefined]) {
    makeHello("tls12", { random: new Uint8Array(32), serverName, alpn: true });
    makeHello("tls12", { random: new Uint8Array(32), serverName });
  }
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

/** The 16-bit numbers of a vector after a length of `lengthBytes`. */
function numbers(data: Uint8Array, lengthBytes = 2): number[] {
  equal(lengthBytes === 2 ? data[0]! << 8 | data[1]! : data[0], data.length - lengthBytes);
  return Array.from({ length: (data.length - lengthBytes) / 2 }, (_, index) => {
    const offset = lengthBytes + 2 * index;
    return data[offset]! << 8 | data[offset + 1]!;
  });
}

/** The shares of key_share, by group. */
function shares(data: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  equal(view.getUint16(0), data.length - 2);
  const found = new Map<number, Uint8Array>();
  for (let offset = 2; offset < data.length;) {
    const end = offset + 4 + view.getUint16(offset + 2);
    found.set(view.getUint16(offset), data.subarray(offset + 4, end));
    offset = end;
  }
  return found;
}

Deno.test("hellos for TLS 1.3 list what can be followed, and carry the run's shares", () => {
  const designs: [CaptureHelloKind, number[], number[], number[]][] = [
    ["modern", [0x0304, 0x0303, 0x0302, 0x0301], [29, 23, 24], [29]],
    ["tls13", [0x0304], [29, 23, 24], [29]],
    ["pq", [0x0304, 0x0303, 0x0302, 0x0301], [0x11ec, 29, 23, 24], [0x11ec, 29]],
    ["pq_probe", [0x0304], [0x11ec], []],
  ];
  for (const [kind, versions, groups, shareGroups] of designs) {
    const hello = makeHello(kind, { random });
    const { sessionId, suites, extensions, handshakeLength } = parse(hello.firstBytes);
    deepEqual(sessionId, [...random], kind);
    deepEqual(numbers(extensions.get(43)!, 1), versions);
    deepEqual(numbers(extensions.get(10)!), groups);
    deepEqual(hello.tls13?.groups, groups);
    const sent = shares(extensions.get(51)!);
    deepEqual([...sent.keys()], shareGroups);
    deepEqual([...hello.tls13!.shares.keys()], shareGroups);
    for (const [group, share] of sent) deepEqual(share, keyShare(group).publicShare);
    deepEqual(suites.slice(0, 3), [0x1301, 0x1302, 0x1303]);
    const isAlone = hello.versionMin === 0x0304;
    deepEqual(suites.slice(3), isAlone ? [] : [...OFFERED_CIPHER_SUITES.keys()]);
    equal(extensions.has(0xff01), !isAlone);
    ok(suites.length <= 64, `${suites.length} suites`);
    ok(handshakeLength < 256 || handshakeLength >= 512, `${handshakeLength} octets`);
    ok(hello.firstBytes.length <= 2_048, `${hello.firstBytes.length} octets`);
    for (const refused of [27, 28]) ok(!extensions.has(refused), "compressed certificates, smaller records");
  }
});

Deno.test("application protocols are offered when asked for, in every hello", () => {
  for (const kind of ["tls12", "modern", "tls13", "pq", "pq_probe"] as const) {
    const offered = parse(makeHello(kind, { random, alpn: true, serverName: "example.org" }).firstBytes);
    equal(new TextDecoder().decode(offered.extensions.get(16)), "\0\f\x02h2\bhttp/1.1");
    ok(!parse(makeHello(kind, { random }).firstBytes).extensions.has(16));
  }
});

Deno.test("the hello after a HelloRetryRequest is the first one but for share, cookie and padding", () => {
  const cookie = Uint8Array.from({ length: 300 }, (_, index) => index);
  for (const kind of ["modern", "tls13", "pq"] as const) {
    for (const group of [23, 24, undefined]) {
      const hello = makeHello(kind, { random, serverName: "example.org", alpn: true });
      const second = hello.tls13!.retry!(group, cookie);
      const [before, after] = [parse(hello.firstBytes), parse(second.firstBytes)];
      deepEqual([after.sessionId, after.suites], [before.sessionId, before.suites]);
      const changing = [51, 44, 21];
      const kept = (extensions: Map<number, Uint8Array>) =>
        [...extensions].filter(([type]) => !changing.includes(type));
      deepEqual(kept(after.extensions), kept(before.extensions));
      deepEqual(after.extensions.get(44), Uint8Array.from([1, 44, ...cookie]));
      const sent = shares(after.extensions.get(51)!);
      deepEqual([...sent.keys()], group === undefined ? [...hello.tls13!.shares.keys()] : [group]);
      deepEqual([...second.tls13!.shares.keys()], [...sent.keys()]);
    }
  }
  equal(makeHello("pq_probe", { random }).tls13?.retry, undefined);
  equal(makeHello("tls12", { random }).tls13, undefined);
});

Deno.test("a hello has nothing but the parts it is given", () => {
  const shape = { recordVersion: 0x0300, version: 0x0300, random, cipherSuites: [4, 5] };
  deepEqual(
    assembleHello(shape),
    Uint8Array.from([22, 3, 0, 0, 47, 1, 0, 0, 43, 3, 0, ...random, 0, 0, 4, 0, 4, 0, 5, 1, 0]),
  );
  const whole = assembleHello({
    ...shape,
    sessionId: Uint8Array.of(7),
    compressionMethods: [1, 0],
    extensions: [{ type: 0x1234, data: [9] }, { type: 1, data: new Uint8Array(0) }],
  });
  deepEqual(
    whole.subarray(43),
    Uint8Array.from([1, 7, 0, 4, 0, 4, 0, 5, 2, 1, 0, 0, 9, 0x12, 0x34, 0, 1, 9, 0, 1, 0, 0]),
  );
  deepEqual(assembleHello({ ...shape, extensions: [] }).subarray(-4), Uint8Array.of(1, 0, 0, 0));
});

Deno.test("a hello that cannot be built says why", () => {
  throws(
    () => makeHello("tls12", { random: new Uint8Array(31) }),
    new RangeError("Cannot build a ClientHello from 31 random octets: it takes 32"),
  );
  throws(
    () => tls12("192.0.2.1"),
    new RangeError('Cannot offer server name "192.0.2.1": not an ASCII host name'),
  );
  const shape = { recordVersion: 0x0301, version: 0x0303, random, cipherSuites: [5] };
  throws(
    () => assembleHello({ ...shape, sessionId: new Uint8Array(33) }),
    new RangeError("Cannot build a ClientHello with a session id of 33 octets: above 32"),
  );
  throws(
    () => assembleHello({ ...shape, extensions: [{ type: 1, data: new Uint8Array(16_384) }] }),
    new RangeError("Cannot build a ClientHello of 16435 octets: a record carries 16384"),
  );
});
