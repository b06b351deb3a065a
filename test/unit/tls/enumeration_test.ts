import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Enumeration, type EnumerationLimits } from "../../../src/tls/enumeration.ts";
import type { Exchange } from "../../../src/tls/exchange.ts";
import { cipherSuiteName, type ConversationEnd, type EnumerationResult } from "../../../src/tls/mod.ts";
import { concatenate, fromHex, message, type Octets, record } from "./flight_bytes.ts";
import { numberList, readHello } from "./read_hello.ts";
import { makeTestChain } from "./test_certificates.ts";

type End = ConversationEnd["reason"];

/** What a server says to a hello it does not take. */
type Refusal = Octets | "end" | "reset" | "timeout";

interface Server {
  /** By version: the suites it accepts, most preferred first. */
  readonly versions: ReadonlyMap<number, readonly number[]>;
  readonly follows?: "server" | "client";
  /** TLS 1.3: most preferred first. */
  readonly groups?: readonly number[];
  /** No suite in common. */
  readonly refusal?: Refusal;
  /** No version in common. */
  readonly versionRefusal?: Refusal;
  /** To SSL 2.0. */
  readonly ssl2?: Refusal;
}

const HANDSHAKE_FAILURE = fromHex("15 0301 0002 02 28");
const PROTOCOL_VERSION = fromHex("15 0301 0002 02 46");
const RANDOM = Uint8Array.from({ length: 32 }, (_, index) => index);

const AES128_GCM = 0xc02f;
const AES256_GCM = 0xc030;
const CHACHA20 = 0xcca8;
const AES128_CBC = 0x002f;
const RC4 = 0x0005;
/** Two that stand in other lists than the common ones. */
const ARIA = 0xc060;
const ANONYMOUS = 0x0034;

/** Carries an enumeration to its end against the server, and returns what came out with all hellos sent. */
function enumerate(
  server: Server,
  limits: Partial<EnumerationLimits> = {},
): EnumerationResult & { sent: Octets[] } {
  const enumeration = new Enumeration("www.example", limits);
  const sent: Octets[] = [];
  for (let exchange = enumeration.next(); exchange !== undefined; exchange = enumeration.next()) {
    equal(enumeration.next(), exchange, "the same until its end is taken");
    sent.push(exchange.firstBytes);
    enumeration.take(converse(server, exchange));
    ok(sent.length < 1_000);
  }
  return { ...enumeration.result(), sent };
}

function converse(server: Server, exchange: Exchange): End {
  const answer = isSsl2(exchange.firstBytes)
    ? server.ssl2 ?? PROTOCOL_VERSION
    : answerTo(server, exchange.firstBytes);
  if (typeof answer === "string") return answer;
  return exchange.feed(answer) ? "decided" : "timeout";
}

function isSsl2(hello: Octets): boolean {
  return hello[0] === 0x80;
}

function answerTo(server: Server, octets: Octets): Refusal {
  const { versions, follows = "server", groups = [29], refusal = HANDSHAKE_FAILURE } = server;
  const hello = readHello(octets);
  const supportedVersions = hello.extensions?.get(43);
  const offered = supportedVersions === undefined
    ? [...versions.keys()].filter((version) => version <= hello.version)
    : numberList(concatenate([0], supportedVersions)).filter((version) => versions.has(version));
  if (offered.length === 0) return server.versionRefusal ?? PROTOCOL_VERSION;
  const version = Math.max(...offered);
  const known = versions.get(version)!;
  const suite = follows === "server"
    ? known.find((suite) => hello.cipherSuites.includes(suite))
    : hello.cipherSuites.find((suite) => known.includes(suite));
  const offeredGroups = numberList(hello.extensions?.get(10));
  const group = groups.find((group) => offeredGroups.includes(group));
  if (suite === undefined || version === 0x0304 && group === undefined) return refusal;
  return serverHello(version, suite, group!);
}

function serverHello(version: number, suite: number, group: number): Octets {
  const extensions = version === 0x0304
    ? [0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, group >> 8, group & 255]
    : [];
  const legacyVersion = Math.min(version, 0x0303);
  const body = concatenate(
    [legacyVersion >> 8, legacyVersion & 255],
    RANDOM,
    [0, suite >> 8, suite & 255, 0],
    extensions,
  );
  return record(22, message(2, body));
}

const names = (...suites: number[]): string[] => suites.map(cipherSuiteName);

Deno.test("versions, suites and groups come out in the server's order, newest version first", () => {
  const { versions, refusals, complete } = enumerate({
    versions: new Map([
      [0x0304, [0x1302, 0x1301]],
      [0x0303, [AES256_GCM, AES128_GCM, AES128_CBC]],
      [0x0301, [RC4, AES128_CBC]],
    ]),
    groups: [0x11ec, 23, 29],
  });
  deepEqual(versions, [
    { version: 0x0304, cipherSuites: names(0x1302, 0x1301), preference: "server", groups: [0x11ec, 23, 29] },
    { version: 0x0303, cipherSuites: names(AES256_GCM, AES128_GCM, AES128_CBC), preference: "server" },
    { version: 0x0301, cipherSuites: names(RC4, AES128_CBC), preference: "server" },
  ]);
  deepEqual(refusals, [
    // It answered TLS 1.1 with TLS 1.0.
    { version: 0x0302 },
    { version: 0x0300, alert: "protocol_version" },
    { version: 0x0002, alert: "protocol_version" },
  ]);
  ok(complete);
});

Deno.test("a server that follows the client is told apart, and its order is the offered one", () => {
  const { versions } = enumerate({
    versions: new Map([[0x0303, [CHACHA20, AES128_CBC, AES128_GCM]]]),
    follows: "client",
  });
  deepEqual(versions, [
    { version: 0x0303, cipherSuites: names(AES128_GCM, CHACHA20, AES128_CBC), preference: "client" },
  ]);
});

Deno.test("one suite leaves nothing to prefer", () => {
  const { versions } = enumerate({ versions: new Map([[0x0303, [AES128_GCM]]]) });
  deepEqual(versions, [{ version: 0x0303, cipherSuites: names(AES128_GCM), preference: null }]);
});

Deno.test("suites of several lists are put into one order", () => {
  const order = [ARIA, AES256_GCM, ANONYMOUS, AES128_GCM, 0xe413, AES128_CBC];
  const server = enumerate({ versions: new Map([[0x0303, order]]) });
  deepEqual(server.versions, [{ version: 0x0303, cipherSuites: names(...order), preference: "server" }]);
  const single = enumerate({ versions: new Map([[0x0303, [ARIA, AES256_GCM, 0xe413]]]) });
  deepEqual(single.versions, [{
    version: 0x0303,
    cipherSuites: names(ARIA, AES256_GCM, 0xe413),
    preference: "server",
  }]);
  const client = enumerate({ versions: new Map([[0x0303, order]]), follows: "client" });
  equal(client.versions[0]!.preference, "client");
  deepEqual(new Set(client.versions[0]!.cipherSuites), new Set(names(...order)));
});

Deno.test("every order of a server's is found, whatever the order of the lists", () => {
  let state = 99;
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16;
  const pool = [AES128_GCM, AES256_GCM, CHACHA20, AES128_CBC, RC4, ARIA, ANONYMOUS, 0xe413, 0xc077, 0x00a8];
  for (let round = 0; round < 50; round++) {
    const order = pool.filter(() => random() % 3 > 0).sort(() => random() % 3 - 1);
    if (order.length < 2) continue;
    const { versions, complete } = enumerate({ versions: new Map([[0x0303, order]]) });
    deepEqual(versions, [{ version: 0x0303, cipherSuites: names(...order), preference: "server" }]);
    ok(complete);
  }
});

Deno.test("no hello offers more than 64 suites, or one twice, and all ask for the name", () => {
  const { sent, hellos } = enumerate({ versions: new Map([[0x0303, [AES128_GCM, ARIA]]]) });
  equal(hellos, sent.length);
  for (const octets of sent.filter((octets) => !isSsl2(octets))) {
    const { version, cipherSuites, extensions } = readHello(octets);
    ok(cipherSuites.length <= 65);
    equal(new Set(cipherSuites).size, cipherSuites.length);
    if (version > 0x0300) ok(extensions!.has(0));
  }
  const randoms = sent.filter((octets) => !isSsl2(octets)).map((octets) => readHello(octets).random.join());
  equal(new Set(randoms).size, randoms.length);
});

Deno.test("a server that closes instead of refusing is complete, one that resets is not", () => {
  const versions = new Map([[0x0303, [AES128_GCM]]]);
  const closing = enumerate({ versions, refusal: "end", versionRefusal: "end", ssl2: "end" });
  deepEqual(closing.refusals, [0x0304, 0x0302, 0x0301, 0x0300, 0x0002].map((version) => ({ version })));
  ok(closing.complete);
  const resetting = enumerate({ versions, refusal: "reset", versionRefusal: "reset", ssl2: "reset" });
  deepEqual(resetting.versions, closing.versions);
  deepEqual(resetting.refusals, []);
  equal(resetting.complete, false);
});

Deno.test("a server that falls silent is left alone after a few deadlines", () => {
  const silent = enumerate({ versions: new Map(), versionRefusal: "timeout" });
  deepEqual(silent, { versions: [], refusals: [], hellos: 2, complete: false, sent: silent.sent });
  const patient = enumerate({ versions: new Map(), versionRefusal: "timeout" }, { timeoutsMax: 4 });
  equal(patient.hellos, 4);
  // Silent only where nothing is in common: what it did answer is kept.
  const partly = enumerate({ versions: new Map([[0x0304, [0x1301]]]), refusal: "timeout" });
  deepEqual(partly.versions, [{
    version: 0x0304,
    cipherSuites: names(0x1301),
    preference: null,
    groups: [29],
  }]);
  equal(partly.complete, false);
});

Deno.test("when this side fails, nothing more is asked", () => {
  for (const end of ["exhausted", "unreachable", "closed"] as const) {
    const enumeration = new Enumeration("www.example");
    ok(enumeration.next());
    enumeration.take(end);
    equal(enumeration.next(), undefined);
    deepEqual(enumeration.result(), { versions: [], refusals: [], hellos: 1, complete: false });
  }
});

Deno.test("the number of hellos has a limit, and what was found until then stands", () => {
  const order = [AES256_GCM, AES128_GCM, AES128_CBC];
  const limited = enumerate({ versions: new Map([[0x0303, order]]) }, { hellosMax: 3 });
  equal(limited.hellos, 3);
  deepEqual(limited.versions, [{
    version: 0x0303,
    cipherSuites: names(AES256_GCM, AES128_GCM),
    preference: null,
  }]);
  equal(limited.complete, false);
});

Deno.test("a server that takes whatever it likes ends the search for its version", () => {
  const enumeration = new Enumeration();
  const answer = serverHello(0x0304, 0x1301, 29);
  let hellos = 0;
  for (let exchange = enumeration.next(); exchange !== undefined; exchange = enumeration.next()) {
    exchange.feed(answer);
    enumeration.take("decided");
    hellos++;
  }
  ok(hellos < 20, `${hellos} hellos`);
  const { versions, complete } = enumeration.result();
  deepEqual(versions, [{ version: 0x0304, cipherSuites: names(0x1301), preference: null, groups: [29] }]);
  equal(complete, false);
});

Deno.test("SSL 2.0 names its kinds of cipher at once", () => {
  const ssl2 = fromHex("801a 04 00 01 0002 0003 0006 0006 300100 010080 0700c0 111111111111");
  const { versions } = enumerate({ versions: new Map(), ssl2 });
  deepEqual(versions, [{
    version: 0x0002,
    cipherSuites: ["SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"],
    preference: "client",
  }]);
});

Deno.test("a name that cannot be asked for is refused before anything is sent", () => {
  throws(() => new Enumeration("192.0.2.7"), RangeError);
});

Deno.test("a real server's versions and suites are found", async () => {
  const { certificatePem, keyPem } = await makeTestChain("enumerated.example");
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: certificatePem, key: keyPem });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.handshake().catch(() => {}); // No hello is followed up.
      connection.close();
    }
  })();
  const enumeration = new Enumeration("enumerated.example");
  for (let exchange = enumeration.next(); exchange !== undefined; exchange = enumeration.next()) {
    enumeration.take(await carry(exchange, (listener.addr as Deno.NetAddr).port));
  }
  listener.close();
  await serving;
  const { versions, complete } = enumeration.result();
  deepEqual(versions.map(({ version, preference }) => [version, preference]), [[0x0304, "client"], [
    0x0303,
    "client",
  ]]);
  deepEqual(versions.map(({ cipherSuites }) => cipherSuites), [
    names(0x1301, 0x1302, 0x1303),
    names(0xc02b, 0xc02c, 0xcca9),
  ]);
  deepEqual(versions[0]!.groups?.slice(0, 3), [29, 23, 24]);
  ok(complete);
});

async function carry(exchange: Exchange, port: number): Promise<End> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await socket.write(exchange.firstBytes);
    const buffer = new Uint8Array(4096);
    for (;;) {
      const count = await socket.read(buffer);
      if (count === null) return "end";
      if (exchange.feed(buffer.subarray(0, count))) return "decided";
    }
  } catch {
    return "reset";
  } finally {
    socket.close();
  }
}
