import { deepEqual, equal, ok } from "node:assert/strict";
import { Flight } from "../../../src/tls/flight.ts";
import { type Hello, makeHello } from "../../../src/tls/hello.ts";
import type { KeyShare } from "../../../src/tls/key_share.ts";
import {
  certificate,
  concatenate,
  fakeCertificate,
  fromHex,
  message,
  type Octets,
  record,
  serverHelloDone,
} from "./flight_bytes.ts";
import { BYTES_MAX, facts, read, readEveryWay } from "./read_flight.ts";
import { CERTIFICATE, RETRY, SIMPLE } from "./rfc8448.ts";
import {
  certificate13,
  encryptedExtensions,
  extension,
  keyShare,
  retryRequest,
  selectedVersion,
  Tls13Server,
} from "./tls13_server.ts";

const OFFER = makeHello("modern", { random: fakeCertificate(32, 5) });
const LEAF = fakeCertificate(900, 1);
const ISSUER = fakeCertificate(1200, 2);
const CHAIN = certificate13([LEAF, ISSUER]);
const CHANGE_CIPHER_SPEC = fromHex("14 0303 0001 01");
const EMPTY = fromHex("");

/** ServerHello, then what `sealed` makes the server send. */
function answer(sealed: (server: Tls13Server) => Octets, hello: Hello = OFFER): Octets {
  const server = new Tls13Server(hello.firstBytes);
  return concatenate(server.serverHello, sealed(server));
}

/** The client's side of an example, with the private key that the RFC gives. */
function exampleHello(firstBytes: Octets, group: number, privateKey: Octets, retry?: Hello): Hello {
  const secret = new Uint8Array(96);
  secret.set(privateKey);
  const share: KeyShare = { secret, publicShare: EMPTY };
  return {
    firstBytes,
    versionMin: 0x0304,
    versionMax: 0x0304,
    tls13: { groups: [29, 23, 24], shares: new Map([[group, share]]), ...(retry && { retry: () => retry }) },
  };
}

Deno.test("RFC 8448, 3: the certificate of a simple handshake is read", () => {
  const hello = exampleHello(SIMPLE.clientHello, 29, SIMPLE.privateKey);
  const flight = readEveryWay(hello, concatenate(SIMPLE.serverHello, SIMPLE.flight));
  equal(flight.outcome, "captured");
  deepEqual(flight.chain, [CERTIFICATE]);
  equal(flight.serverHello?.version, 0x0304);
  equal(flight.serverHello?.cipherSuite, 0x1301);
  equal(flight.serverHello?.keyShareGroup, 29);
  deepEqual(flight.encryptedExtensions, [
    { type: 10, data: fromHex("0012 001d 0017 0018 0019 0100 0101 0102 0103 0104") },
    { type: 28, data: fromHex("4001") },
    { type: 0, data: EMPTY },
  ]);
  equal(flight.helloRetried, false);
});

Deno.test("RFC 8448, 5: a HelloRetryRequest is followed to secp256r1, with its cookie", () => {
  const second = exampleHello(RETRY.secondClientHello, 23, RETRY.privateKey);
  const asked: [number | undefined, Octets | undefined][] = [];
  const hello = exampleHello(RETRY.clientHello, 29, RETRY.privateKey);
  const retry = (group: number | undefined, cookie: Octets | undefined) => {
    asked.push([group, cookie?.slice()]);
    return second;
  };
  const flight = new Flight({ ...hello, tls13: { ...hello.tls13!, retry } }, BYTES_MAX);
  equal(flight.takeReply(), undefined);
  ok(!flight.feed(RETRY.request));
  deepEqual(flight.takeReply(), RETRY.secondClientHello);
  equal(flight.takeReply(), undefined);
  deepEqual(asked, [[23, RETRY.request.subarray(61, 61 + 114)]]);
  ok(!flight.feed(CHANGE_CIPHER_SPEC));
  ok(!flight.feed(RETRY.serverHello));
  ok(flight.feed(RETRY.flight));
  equal(flight.outcome, "captured");
  equal(flight.helloRetried, true);
  equal(flight.serverHello?.keyShareGroup, 23);
  deepEqual(flight.chain, [CERTIFICATE]);
});

Deno.test("each kind of hello is understood, with the suites of both hashes", () => {
  for (const kind of ["modern", "tls13", "pq"] as const) {
    for (const suite of [0x1301, 0x1302]) {
      const hello = makeHello(kind, { random: fakeCertificate(32, suite), serverName: "example.org" });
      const server = new Tls13Server(hello.firstBytes, { suite });
      const bytes = concatenate(server.serverHello, server.flight(encryptedExtensions(), CHAIN));
      const flight = read(hello, bytes);
      deepEqual([flight.outcome, flight.reason], ["captured", undefined]);
      deepEqual(flight.chain, [LEAF, ISSUER]);
    }
  }
});

Deno.test("the hello that follows a HelloRetryRequest agrees with the server, with a cookie and without", () => {
  for (const kind of ["modern", "tls13", "pq"] as const) {
    for (const group of [23, 24]) {
      for (const [suite, cookie] of [[0x1301, undefined], [0x1302, fakeCertificate(700, 3)]] as const) {
        const serverName = "example.org";
        const hello = makeHello(kind, { random: fakeCertificate(32, group), serverName, alpn: true });
        const request = retryRequest(group, cookie, suite);
        const flight = new Flight(hello, BYTES_MAX);
        flight.feed(request);
        const secondHello = flight.takeReply()!;
        const retried = { firstHello: hello.firstBytes, request };
        const server = new Tls13Server(secondHello, { suite, group, retried });
        flight.feed(concatenate(CHANGE_CIPHER_SPEC, server.serverHello, CHANGE_CIPHER_SPEC));
        ok(flight.feed(server.flight(encryptedExtensions(), CHAIN)));
        deepEqual([flight.outcome, flight.helloRetried], ["captured", true]);
        deepEqual(flight.chain, [LEAF, ISSUER]);
      }
    }
  }
});

Deno.test("a request for a cookie alone is answered with the same shares", () => {
  const flight = new Flight(OFFER, BYTES_MAX);
  const request = retryRequest(undefined, fromHex("abcd"));
  flight.feed(request);
  const secondHello = flight.takeReply()!;
  const server = new Tls13Server(secondHello, { retried: { firstHello: OFFER.firstBytes, request } });
  flight.feed(concatenate(server.serverHello, server.flight(encryptedExtensions(), CHAIN)));
  equal(flight.outcome, "captured");
});

Deno.test("messages may lie over any number of records, padded or not, and cut anyhow", () => {
  const messages = concatenate(encryptedExtensions(), CHAIN);
  for (const size of [1, 7, 500, 1460]) {
    const bytes = answer((server) => {
      const records: Octets[] = [CHANGE_CIPHER_SPEC];
      for (let offset = 0; offset < messages.length; offset += size) {
        records.push(server.seal(22, messages.subarray(offset, offset + size), offset % 3 * 40));
      }
      return concatenate(...records);
    });
    const flight = size === 500 ? readEveryWay(OFFER, bytes) : read(OFFER, bytes, [61], 4 * BYTES_MAX);
    equal(flight.outcome, "captured", `records of ${size}`);
    deepEqual(flight.chain, [LEAF, ISSUER]);
  }
});

Deno.test("a record as long as encryption may make it is read, and no longer one", () => {
  const leaf = fakeCertificate(16_000, 1);
  const messages = concatenate(encryptedExtensions(), certificate13([leaf]));
  const padding = 16_384 + 256 - 16 - 1 - messages.length;
  equal(read(OFFER, answer((server) => server.seal(22, messages, padding))).outcome, "captured");
  const longer = read(OFFER, answer((server) => server.seal(22, messages, padding + 1)));
  deepEqual([longer.outcome, longer.reason], ["malformed", "a record of 16641 octets, above 16640"]);
});

Deno.test("what the server says under encryption is kept", () => {
  const request = message(13, fromHex("00 0008 000d 0004 0002 0804"));
  const flight = readEveryWay(
    OFFER,
    answer((server) =>
      server.flight(encryptedExtensions(extension(16, fromHex("0003 02 6832"))), request, CHAIN)
    ),
  );
  equal(flight.outcome, "captured");
  equal(flight.alpn, "h2");
  equal(flight.certificateRequested, true);
});

Deno.test("what is said of single certificates is passed over", () => {
  const chain = certificate13([LEAF, ISSUER], extension(5, fakeCertificate(300, 4)));
  const flight = readEveryWay(OFFER, answer((server) => server.flight(encryptedExtensions(), chain)));
  deepEqual([flight.outcome, flight.chain], ["captured", [LEAF, ISSUER]]);
});

Deno.test("alerts are read, encrypted and in clear", () => {
  const encrypted = readEveryWay(OFFER, answer((server) => server.seal(21, fromHex("0250"))));
  deepEqual([encrypted.outcome, encrypted.alert?.name], ["alert", "internal_error"]);
  const clear = readEveryWay(OFFER, answer(() => record(21, fromHex("0250"))));
  deepEqual([clear.outcome, clear.alert?.name], ["alert", "internal_error"]);
  const warned = readEveryWay(
    OFFER,
    answer((server) =>
      concatenate(server.seal(21, fromHex("0170")), server.flight(encryptedExtensions(), CHAIN))
    ),
  );
  deepEqual([warned.outcome, warned.alert?.name], ["captured", "unrecognized_name"]);
});

Deno.test("a server that wants X25519MLKEM768 alone has named itself", () => {
  const probe = makeHello("pq_probe", { random: fakeCertificate(32, 1) });
  const flight = readEveryWay(probe, retryRequest(0x11ec));
  equal(flight.outcome, "pq_only");
  equal(flight.takeReply(), undefined);
  equal(flight.serverHello?.keyShareGroup, 0x11ec);
  equal(readEveryWay(probe, record(21, fromHex("0228"))).outcome, "alert");
});

Deno.test("a server without a certificate", () => {
  const finished = message(20, fakeCertificate(32, 0));
  const resumed = readEveryWay(OFFER, answer((server) => server.flight(encryptedExtensions(), finished)));
  deepEqual([resumed.outcome, resumed.reason], [
    "no_certificate",
    "handshake message 20 where Certificate belongs",
  ]);
  const empty = readEveryWay(
    OFFER,
    answer((server) => server.flight(encryptedExtensions(), certificate13([]))),
  );
  deepEqual([empty.outcome, empty.reason], ["no_certificate", "an empty chain"]);
});

Deno.test("TLS 1.3 that breaks its rules is malformed, with the reason", () => {
  const hello = (extensions: Octets, suite = 0x1301) =>
    new Tls13Server(OFFER.firstBytes, { extensions, suite }).serverHello;
  const request = retryRequest(23);
  const cookies = (cookie: Octets) => {
    const bytes = retryRequest(undefined, cookie);
    bytes[bytes.length - cookie.length - 1]! ^= 1;
    return bytes;
  };
  const own = makeHello("modern", { random: fakeCertificate(32, 5) });
  const otherSuite = new Tls13Server(OFFER.firstBytes).serverHello.slice();
  otherSuite[5 + 4 + 2 + 32 + 1 + 1] = 4;
  const broken: [Octets, string][] = [
    [otherSuite, "cipher suite 0x1304 with TLS 1.3, which was not offered"],
    [hello(selectedVersion), "a ServerHello without a key share"],
    [
      hello(concatenate(selectedVersion, extension(51, fromHex("001d 0020")))),
      "a ServerHello without a key share",
    ],
    [hello(concatenate(selectedVersion, keyShare(23))), "a key share of secp256r1, which was not offered"],
    [hello(concatenate(selectedVersion, keyShare(29, fromHex("09")))), "a key share that is none of x25519"],
    [
      hello(concatenate(selectedVersion, keyShare(29, new Uint8Array(32)))),
      "a key share that is none of x25519",
    ],
    [concatenate(request, request), "a second HelloRetryRequest"],
    [retryRequest(29), "a HelloRetryRequest for x25519"],
    [retryRequest(25), "a HelloRetryRequest for secp521r1"],
    [retryRequest(undefined), "a HelloRetryRequest that asks for nothing"],
    [cookies(fromHex("abcd")), "a cookie that does not fill its extension"],
    [retryRequest(23, EMPTY), "a cookie that does not fill its extension"],
    [retryRequest(23, fakeCertificate(1025, 1)), "a cookie of 1025 octets, above 1024"],
    [
      concatenate(request, record(22, fromHex(`02 000026 0303 ${"00".repeat(32)} 00 c02f 00`))),
      "TLS 1.2 after a HelloRetryRequest",
    ],
    [
      concatenate(request, new Tls13Server(own.firstBytes).serverHello),
      "a key share of x25519, which was not offered",
    ],
    [fromHex("14 0303 0001 02"), "a change_cipher_spec that is not the octet 1"],
    [fromHex("14 0303 0002 0101"), "a change_cipher_spec that is not the octet 1"],
    [fromHex("17 0303 0002 0101"), "a record of type 23 before any key exchange"],
    [answer(() => record(22, CHAIN)), "a record of type 22 in clear after the keys"],
    [answer(() => fromHex("18 0303 0001 01")), "a record of type 24 in clear after the keys"],
    [
      record(22, concatenate(new Tls13Server(OFFER.firstBytes).serverHello.subarray(5), fromHex("08"))),
      "a record of type 22 in clear after the keys",
    ],
    [answer(() => record(23, fakeCertificate(40, 1))), "a record that does not decrypt"],
    [answer(() => record(23, fakeCertificate(16, 1))), "a record that does not decrypt"],
    [answer(() => record(23, fakeCertificate(1, 1))), "a record that does not decrypt"],
    [answer((server) => server.sealInner(EMPTY)), "a record without a content type"],
    [answer((server) => server.sealInner(new Uint8Array(9))), "a record without a content type"],
    [answer((server) => server.seal(22, EMPTY)), "an empty record"],
    [
      answer((server) => server.seal(20, fromHex("01"))),
      "an encrypted record of type 20 before the certificate",
    ],
    [
      answer((server) => server.seal(23, fromHex("01"))),
      "an encrypted record of type 23 before the certificate",
    ],
    [answer((server) => server.flight(CHAIN)), "handshake message 11 out of order"],
    [
      answer((server) => server.flight(encryptedExtensions(), encryptedExtensions())),
      "handshake message 8 out of order",
    ],
    [
      answer((server) => server.flight(message(8, EMPTY))),
      "an EncryptedExtensions whose extensions do not fill it",
    ],
    [
      answer((server) => server.flight(message(8, fromHex("0004 0010 0001")))),
      "an EncryptedExtensions extension that runs over the end",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), message(25, fakeCertificate(9, 9)))),
      "a compressed certificate, which was not offered",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), message(13, EMPTY), message(13, EMPTY))),
      "handshake message 13 out of order",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), serverHelloDone)),
      "handshake message 14 out of order",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), certificate(LEAF))),
      "a certificate list that does not fill its message",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), message(11, fromHex("01 00 000000")))),
      "a certificate message with a request's context",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), message(11, EMPTY))),
      "a certificate message with a request's context",
    ],
    [
      answer((server) =>
        server.flight(encryptedExtensions(), message(11, fromHex("00 000006 000001 30 0001")))
      ),
      "a certificate that runs over the end of its list",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), message(11, fromHex("00 000005 000002 3000")))),
      "a certificate that runs over the end of its list",
    ],
    [
      answer((server) => server.flight(encryptedExtensions(), message(11, fromHex("00 000005 000000 0000")))),
      "an empty certificate",
    ],
  ];
  for (const [bytes, reason] of broken) {
    const flight = readEveryWay(OFFER, bytes);
    deepEqual([flight.outcome, flight.reason, flight.chain], ["malformed", reason, []]);
  }
});

Deno.test("records are opened in their order, and a changed one not at all", () => {
  const server = new Tls13Server(OFFER.firstBytes);
  const first = server.flight(encryptedExtensions());
  const second = server.flight(CHAIN);
  equal(read(OFFER, concatenate(server.serverHello, first, second)).outcome, "captured");
  equal(read(OFFER, concatenate(server.serverHello, second)).reason, "a record that does not decrypt");
  equal(read(OFFER, concatenate(server.serverHello, first, first)).reason, "a record that does not decrypt");
  for (const index of [5, 100, second.length - 1]) {
    const changed = second.slice();
    changed[index]! ^= 1;
    const flight = read(OFFER, concatenate(server.serverHello, first, changed));
    deepEqual([flight.outcome, flight.reason], ["malformed", "a record that does not decrypt"]);
  }
});

Deno.test("the flight is decided at the last octet of the record, and says how many are missing", () => {
  const server = new Tls13Server(OFFER.firstBytes);
  const sealed = server.flight(encryptedExtensions(), CHAIN);
  const flight = new Flight(OFFER, BYTES_MAX);
  equal(flight.missing, 4);
  ok(!flight.feed(server.serverHello));
  ok(!flight.feed(sealed.subarray(0, 105)));
  equal(flight.missing, sealed.length - 105);
  ok(!flight.feed(sealed.subarray(105, -1)));
  equal(flight.missing, 1);
  ok(flight.feed(sealed.subarray(-1)));
  equal(flight.outcome, "captured");

  const split = new Tls13Server(OFFER.firstBytes);
  const start = split.flight(encryptedExtensions(), CHAIN.subarray(0, 1000));
  const rest = split.flight(CHAIN.subarray(1000));
  const halved = new Flight(OFFER, BYTES_MAX);
  halved.feed(concatenate(split.serverHello, start));
  equal(halved.missing, CHAIN.length - 1000);
  halved.feed(rest.subarray(0, 50));
  equal(halved.missing, rest.length - 50);
});

Deno.test("a chain above the byte limit is refused as soon as it shows", () => {
  const exact = answer((server) => server.flight(encryptedExtensions(), CHAIN));
  equal(readEveryWay(OFFER, exact, exact.length).outcome, "captured");
  equal(readEveryWay(OFFER, exact, exact.length - 1).outcome, "oversize");
  const claim = answer((server) => server.flight(encryptedExtensions(), fromHex("0b ffffff")));
  equal(readEveryWay(OFFER, claim).outcome, "oversize");
  const record = answer(() => fromHex("17 0303 4000 00"));
  equal(readEveryWay(OFFER, record, 16_000).outcome, "oversize");
  const specs = concatenate(...Array.from({ length: 40 }, () => CHANGE_CIPHER_SPEC));
  equal(readEveryWay(OFFER, specs, 200).outcome, "oversize");
});

Deno.test("one flight does not change another", () => {
  const bytes = answer((server) => server.flight(encryptedExtensions(), CHAIN));
  deepEqual(facts(read(OFFER, bytes)), facts(read(OFFER, bytes)));
});
