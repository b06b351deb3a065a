/**
 * Servers whose TLS 1.3 is none: before the keys, in the keys, and under encryption (RFC 8446, 4).
 *
 * @module
 */
import {
  concatenate,
  fakeCertificate,
  fromHex,
  handshakeRecords,
  message,
  type Octets,
  record,
  serverHello,
} from "../unit/tls/flight_bytes.ts";
import {
  certificate13,
  encryptedExtensions,
  extension,
  keyShare,
  retryRequest,
  selectedVersion,
  Tls13Server,
} from "../unit/tls/tls13_server.ts";
import {
  CANNED_CHAIN,
  demandingCertificate,
  type HostileServer,
  overTcp,
  type Talk,
} from "./hostile_talk.ts";

type Expected = Pick<HostileServer, "outcome" | "reason" | "chain">;

const HANDSHAKE = 22;
const ALERT = 21;
const CHANGE_CIPHER_SPEC = record(20, fromHex("01"));
const WARNING = fromHex("0170");
const EXTENSIONS = encryptedExtensions();
/** Asks for ECDSA on P-256 (RFC 8446, 4.3.2). */
const CERTIFICATE_REQUEST = message(13, fromHex("00 0008 000d 0004 0002 0403"));
const CHAIN = certificate13(CANNED_CHAIN);
const CAPTURED = { outcome: "captured", chain: "canned" } as const;
const OVERSIZE = { outcome: "oversize" };
const X25519 = 29;
const P256 = 23;
const P384 = 24;
/** Of FFDHE, which nobody here offers. */
const FFDHE8192 = 260;

function malformed(reason: RegExp): Expected {
  return { outcome: "malformed", reason };
}

/** A server that has heard a hello. */
function answering(
  what: string,
  expected: Expected,
  answer: (talk: Talk, hello: Octets) => Promise<unknown>,
): HostileServer {
  return { what, ...expected, listen: overTcp(async (talk) => await answer(talk, await talk.hear())) };
}

/** One that says these octets and then listens. */
function saying(what: string, expected: Expected, octets: Octets): HostileServer {
  return answering(what, expected, (talk) => talk.say(octets));
}

/** One whose ServerHello has these extensions beside the version. */
function offering(what: string, reason: RegExp, ...extensions: Octets[]): HostileServer {
  return answering(what, malformed(reason), (talk, hello) => {
    const server = new Tls13Server(hello, { extensions: concatenate(selectedVersion, ...extensions) });
    return talk.say(server.serverHello);
  });
}

/** A server that encrypts. */
function protecting(
  what: string,
  expected: Expected,
  answer: (talk: Talk, server: Tls13Server) => Promise<unknown>,
): HostileServer {
  return answering(what, expected, async (talk, hello) => {
    const server = new Tls13Server(hello);
    await talk.say(server.serverHello);
    await answer(talk, server);
  });
}

/** One that says these messages under encryption, all in one record. */
function sealing(what: string, expected: Expected, ...messages: Octets[]): HostileServer {
  return protecting(what, expected, (talk, server) => talk.say(server.flight(...messages)));
}

/** A ServerHello of TLS 1.2 in all but these extensions. */
function helloWith(...extensions: Octets[]): Octets {
  const block = concatenate(...extensions);
  return handshakeRecords(
    serverHello({ extensions: concatenate([block.length >> 8, block.length & 255], block) }),
  );
}

const RETRIES: readonly HostileServer[] = [
  answering("a HelloRetryRequest, twice", malformed(/a second HelloRetryRequest/), async (talk) => {
    await talk.say(retryRequest(P256));
    await talk.hear();
    await talk.say(retryRequest(P256));
  }),
  saying(
    "a HelloRetryRequest for a group that was not offered",
    malformed(/a HelloRetryRequest for/),
    retryRequest(FFDHE8192),
  ),
  saying(
    "a HelloRetryRequest for the share that was sent",
    malformed(/a HelloRetryRequest for/),
    retryRequest(X25519),
  ),
  saying("a HelloRetryRequest that asks for nothing", malformed(/asks for nothing/), retryRequest(undefined)),
  saying(
    "a HelloRetryRequest with a cookie of 15,000 octets",
    malformed(/a cookie of 15000 octets/),
    retryRequest(undefined, new Uint8Array(15_000)),
  ),
  answering(
    "a HelloRetryRequest, then silence",
    { outcome: "timeout" },
    (talk) => talk.say(retryRequest(P256)),
  ),
  answering("a HelloRetryRequest, then TLS 1.2", malformed(/after a HelloRetryRequest/), async (talk) => {
    await talk.say(retryRequest(P256));
    await talk.hear();
    await talk.say(handshakeRecords(serverHello()));
  }),
  answering("a HelloRetryRequest for a cookie, then a chain", CAPTURED, async (talk, firstHello) => {
    const request = retryRequest(undefined, fromHex("c00c1e"));
    await talk.say(request);
    const server = new Tls13Server(await talk.hear(), { retried: { firstHello, request } });
    await talk.say(server.serverHello, server.flight(EXTENSIONS, CHAIN));
  }),
];

const SHARES: readonly HostileServer[] = [
  offering(
    "a key share of 31 octets",
    /a key share that is none of x25519/,
    keyShare(X25519, fakeCertificate(31, 9)),
  ),
  offering(
    "a key share of zeros",
    /a key share that is none of x25519/,
    keyShare(X25519, new Uint8Array(32)),
  ),
  offering(
    "a key share whose length is wrong",
    /without a key share/,
    extension(51, fromHex("001d ffff 09")),
  ),
  offering("a key share of a group that was not shared", /which was not offered/, keyShare(P384)),
  offering("no key share", /without a key share/),
  answering(
    "a point that is not on P-256",
    malformed(/a key share that is none of/),
    async (talk, firstHello) => {
      const request = retryRequest(P256);
      await talk.say(request);
      const point = concatenate([4], fakeCertificate(64, 7));
      const server = new Tls13Server(await talk.hear(), {
        group: P256,
        extensions: concatenate(selectedVersion, keyShare(P256, point)),
        retried: { firstHello, request },
      });
      await talk.say(server.serverHello);
    },
  ),
  saying(
    "a suite of TLS 1.2 in TLS 1.3",
    malformed(/which was not offered/),
    helloWith(selectedVersion, keyShare(X25519)),
  ),
  saying(
    "a version beyond TLS 1.3",
    malformed(/which was not offered/),
    helloWith(extension(43, fromHex("0305"))),
  ),
];

const UNDER_ENCRYPTION: readonly HostileServer[] = [
  answering("change_cipher_spec without end", OVERSIZE, (talk) => talk.flood(CHANGE_CIPHER_SPEC)),
  answering(
    "change_cipher_spec with something in it",
    malformed(/not the octet 1/),
    (talk) => talk.say(record(20, fromHex("ff01"))),
  ),
  protecting(
    "change_cipher_spec without end behind the keys",
    OVERSIZE,
    (talk) => talk.flood(CHANGE_CIPHER_SPEC),
  ),
  protecting(
    "a chain in clear behind the keys",
    malformed(/in clear after the keys/),
    (talk) => talk.say(record(HANDSHAKE, concatenate(EXTENSIONS, CHAIN))),
  ),
  protecting(
    "a record that does not decrypt",
    malformed(/does not decrypt/),
    (talk) => talk.say(record(23, new Uint8Array(400).fill(1))),
  ),
  protecting(
    "a protected record that is all padding",
    malformed(/without a content type/),
    (talk, server) => talk.say(server.sealInner(new Uint8Array(400))),
  ),
  protecting(
    "an empty protected record",
    malformed(/an empty record/),
    (talk, server) => talk.say(server.seal(HANDSHAKE, new Uint8Array(0), 400)),
  ),
  protecting(
    "a protected record above its limit",
    malformed(/a record of 17000 octets/),
    (talk) => talk.say(record(23, new Uint8Array(17_000))),
  ),
  protecting("protected records of an octet with 16,000 of padding", OVERSIZE, async (talk, server) => {
    const messages = concatenate(EXTENSIONS, CHAIN);
    for (let at = 0; at < 12; at++) {
      await talk.say(server.seal(HANDSHAKE, messages.subarray(at, at + 1), 16_000));
    }
  }),
  protecting("protected warnings without end", OVERSIZE, async (talk, server) => {
    while (true) await talk.say(server.seal(ALERT, WARNING, 1_000));
  }),
  protecting("a chain in protected records of an octet", CAPTURED, async (talk, server) => {
    const messages = concatenate(EXTENSIONS, CHAIN);
    const records = Array.from(messages, (octet) => server.seal(HANDSHAKE, Uint8Array.of(octet)));
    await talk.say(concatenate(...records));
  }),
  sealing(
    "a compressed certificate under encryption",
    malformed(/a compressed certificate, which was not offered/),
    EXTENSIONS,
    message(25, fromHex("0001 000010 000004 789c0300")),
  ),
  sealing(
    "a demand for a client's certificate, then a chain",
    CAPTURED,
    EXTENSIONS,
    CERTIFICATE_REQUEST,
    CHAIN,
  ),
  sealing(
    "a demand for a client's certificate, twice",
    malformed(/handshake message 13 out of order/),
    EXTENSIONS,
    CERTIFICATE_REQUEST,
    CERTIFICATE_REQUEST,
    CHAIN,
  ),
  sealing("a chain without EncryptedExtensions", malformed(/handshake message 11 out of order/), CHAIN),
  sealing("EncryptedExtensions of 16 MB", OVERSIZE, message(8, fromHex("00"), 0xffffff)),
  sealing(
    "EncryptedExtensions that do not fill themselves",
    malformed(/do not fill/),
    message(8, fromHex("00ff 0000")),
    CHAIN,
  ),
  sealing("an empty chain", { outcome: "no_certificate" }, EXTENSIONS, certificate13([])),
  sealing(
    "a Finished in place of a chain",
    { outcome: "no_certificate" },
    EXTENSIONS,
    message(20, new Uint8Array(32)),
  ),
  sealing(
    "a chain that answers a request",
    malformed(/request's context/),
    EXTENSIONS,
    message(11, fromHex("01 07 000000")),
  ),
  sealing(
    "extensions that run over their certificate",
    malformed(/runs over the end of its list/),
    EXTENSIONS,
    message(11, fromHex("00 000007 000002 3000 ffff")),
  ),
  {
    what: "a demand for a client's certificate by a real server",
    outcome: "captured",
    chain: "real",
    listen: demandingCertificate("TLSv1.3"),
  },
];

export const HOSTILE_TLS13: readonly HostileServer[] = [...RETRIES, ...SHARES, ...UNDER_ENCRYPTION];
