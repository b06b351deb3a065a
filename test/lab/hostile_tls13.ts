/**
 * Servers whose TLS 1.3 is none: before the keys, in the keys, and under encryption (RFC 8446, 4).
 *
 * @module
 */
import {
  concatenate,
  fromHex,
  handshakeRecords,
  message,
  type Octets,
  record,
  serverHello,
} from "../unit/tls/flight_bytes.ts";
import { CANNED_CHAIN, demandingCertificate, type HostileServer, overTcp, type Talk } from "./hostile_talk.ts";
import { CERTIFICATE_REQUEST, ENCRYPTED_EXTENSIONS, tls13Certificate, Tls13Script } from "./tls13_script.ts";

type Expected = Pick<HostileServer, "outcome" | "reason" | "chain">;

const HANDSHAKE = 22;
const ALERT = 21;
const CHANGE_CIPHER_SPEC = record(20, fromHex("01"));
const CHAIN = tls13Certificate(...CANNED_CHAIN);
const CAPTURED = { outcome: "captured", chain: "canned" } as const;

function malformed(reason: RegExp): Expected {
  return { outcome: "malformed", reason };
}

/** A server that has heard a hello. */
function answering(
  what: string,
  expected: Expected,
  answer: (talk: Talk, script: Tls13Script) => Promise<void>,
): HostileServer {
  return {
    what,
    ...expected,
    listen: overTcp(async (talk) => {
      const script = await Tls13Script.start();
      script.take(await talk.hear());
      await answer(talk, script);
    }),
  };
}

/** A server that encrypts. */
function protecting(
  what: string,
  expected: Expected,
  answer: (talk: Talk, script: Tls13Script) => Promise<void>,
): HostileServer {
  return answering(what, expected, async (talk, script) => {
    await talk.say(script.hello());
    await script.startProtection();
    await answer(talk, script);
  });
}

/** One that says these messages under encryption, all in one record. */
function sealing(what: string, expected: Expected, ...messages: Octets[]): HostileServer {
  return protecting(
    what,
    expected,
    (talk, script) => talk.say(script.seal(HANDSHAKE, concatenate(...messages))),
  );
}

const share = (group: string, octets: Octets) =>
  concatenate(fromHex(group), [octets.length >> 8, octets.length & 255], octets);

const RETRIES: readonly HostileServer[] = [
  answering("a HelloRetryRequest, twice", malformed(/a second HelloRetryRequest/), async (talk, script) => {
    const request = () => script.hello({ isRetry: true, keyShare: fromHex("0017") });
    await talk.say(request());
    script.take(await talk.hear());
    await talk.say(request());
  }),
  answering(
    "a HelloRetryRequest for a group that was not offered",
    malformed(/a HelloRetryRequest for/),
    (talk, script) => talk.say(script.hello({ isRetry: true, keyShare: fromHex("0102") })),
  ),
  answering(
    "a HelloRetryRequest for the share that was sent",
    malformed(/a HelloRetryRequest for/),
    (talk, script) => talk.say(script.hello({ isRetry: true, keyShare: fromHex("001d") })),
  ),
  answering(
    "a HelloRetryRequest that asks for nothing",
    malformed(/asks for nothing/),
    (talk, script) => talk.say(script.hello({ isRetry: true, keyShare: new Uint8Array(0) })),
  ),
  answering(
    "a HelloRetryRequest with a cookie of 15,000 octets",
    malformed(/a cookie of 15000 octets/),
    (talk, script) =>
      talk.say(
        script.hello({ isRetry: true, keyShare: new Uint8Array(0), cookie: new Uint8Array(15_000) }),
      ),
  ),
  answering("a HelloRetryRequest, then silence", { outcome: "timeout" }, async (talk, script) => {
    await talk.say(script.hello({ isRetry: true, keyShare: fromHex("0017") }));
    await talk.hear();
  }),
  answering("a HelloRetryRequest, then TLS 1.2", malformed(/after a HelloRetryRequest/), async (talk, script) => {
    await talk.say(script.hello({ isRetry: true, keyShare: fromHex("0017") }));
    await talk.hear();
    await talk.say(handshakeRecords(serverHello()));
  }),
  answering("a HelloRetryRequest for a cookie, then a chain", CAPTURED, async (talk, script) => {
    const cookie = fromHex("c00c1e");
    await talk.say(script.hello({ isRetry: true, keyShare: new Uint8Array(0), cookie }));
    script.take(await talk.hear());
    await talk.say(script.hello());
    await script.startProtection();
    await talk.say(script.seal(HANDSHAKE, concatenate(ENCRYPTED_EXTENSIONS, CHAIN)));
  }),
];

const SHARES: readonly HostileServer[] = [
  answering(
    "a key share of 31 octets",
    malformed(/a key share that is none of x25519/i),
    (talk, script) => talk.say(script.hello({ keyShare: share("001d", new Uint8Array(31).fill(9)) })),
  ),
  answering(
    "a key share of zeros",
    malformed(/a key share that is none of x25519/i),
    (talk, script) => talk.say(script.hello({ keyShare: share("001d", new Uint8Array(32)) })),
  ),
  answering(
    "a key share whose length is wrong",
    malformed(/without a key share/),
    (talk, script) => talk.say(script.hello({ keyShare: fromHex("001d ffff 09") })),
  ),
  answering(
    "a point that is not on P-256",
    malformed(/a key share that is none of/),
    async (talk, script) => {
      await talk.say(script.hello({ isRetry: true, keyShare: fromHex("0017") }));
      script.take(await talk.hear());
      const point = concatenate([4], new Uint8Array(64).fill(7));
      await talk.say(script.hello({ keyShare: share("0017", point) }));
    },
  ),
  answering(
    "a key share of a group that was not shared",
    malformed(/which was not offered/),
    (talk, script) => talk.say(script.hello({ keyShare: share("0018", new Uint8Array(97).fill(4)) })),
  ),
  answering(
    "no key share",
    malformed(/without a key share/),
    (talk, script) => talk.say(script.hello({ keyShare: new Uint8Array(0) })),
  ),
  answering(
    "a suite of TLS 1.2 in TLS 1.3",
    malformed(/which was not offered/),
    (talk, script) => talk.say(script.hello({ suite: [0xc0, 0x2f] })),
  ),
  answering(
    "a version beyond TLS 1.3",
    malformed(/which was not offered/),
    (talk, script) => talk.say(script.hello({ version: [3, 5] })),
  ),
];

const UNDER_ENCRYPTION: readonly HostileServer[] = [
  answering("change_cipher_spec without end", { outcome: "oversize" }, (talk) => talk.flood(CHANGE_CIPHER_SPEC)),
  answering(
    "change_cipher_spec with something in it",
    malformed(/not the octet 1/),
    (talk) => talk.say(record(20, fromHex("ff01"))),
  ),
  protecting("change_cipher_spec without end behind the keys", { outcome: "oversize" }, (talk) =>
    talk.flood(CHANGE_CIPHER_SPEC)),
  protecting("a chain in clear behind the keys", malformed(/in clear after the keys/), (talk) =>
    talk.say(record(HANDSHAKE, concatenate(ENCRYPTED_EXTENSIONS, CHAIN)))),
  protecting("a record that does not decrypt", malformed(/does not decrypt/), (talk) =>
    talk.say(record(23, new Uint8Array(400).fill(1)))),
  protecting("a protected record that is all padding", malformed(/without a content type/), (talk, script) =>
    talk.say(script.seal(0, new Uint8Array(0), 400))),
  protecting("an empty protected record", malformed(/an empty record/), (talk, script) =>
    talk.say(script.seal(HANDSHAKE, new Uint8Array(0), 400))),
  protecting("a protected record above its limit", malformed(/a record of 17000 octets/), (talk) =>
    talk.say(record(23, new Uint8Array(17_000)))),
  protecting("protected records of an octet with 16,000 of padding", { outcome: "oversize" }, async (talk, script) => {
    const messages = concatenate(ENCRYPTED_EXTENSIONS, CHAIN);
    for (let at = 0; at < 12; at++) {
      await talk.say(script.seal(HANDSHAKE, messages.subarray(at, at + 1), 16_000));
    }
  }),
  protecting("protected warnings without end", { outcome: "oversize" }, async (talk, script) => {
    while (true) await talk.say(script.seal(ALERT, fromHex("0170"), 1_000));
  }),
  protecting("a chain in protected records of an octet", CAPTURED, async (talk, script) => {
    const messages = concatenate(ENCRYPTED_EXTENSIONS, CHAIN);
    const records = Array.from(messages, (octet) => script.seal(HANDSHAKE, Uint8Array.of(octet)));
    await talk.say(concatenate(...records));
  }),
  sealing(
    "a compressed certificate under encryption",
    malformed(/a compressed certificate, which was not offered/),
    ENCRYPTED_EXTENSIONS,
    message(25, fromHex("0001 000010 000004 789c0300")),
  ),
  sealing("a demand for a client's certificate, then a chain", CAPTURED, ENCRYPTED_EXTENSIONS, CERTIFICATE_REQUEST, CHAIN),
  sealing(
    "a demand for a client's certificate, twice",
    malformed(/handshake message 13 out of order/),
    ENCRYPTED_EXTENSIONS,
    CERTIFICATE_REQUEST,
    CERTIFICATE_REQUEST,
    CHAIN,
  ),
  sealing("a chain without EncryptedExtensions", malformed(/handshake message 11 out of order/), CHAIN),
  sealing("EncryptedExtensions of 16 MB", { outcome: "oversize" }, message(8, fromHex("00"), 0xffffff)),
  sealing(
    "EncryptedExtensions that do not fill themselves",
    malformed(/do not fill/),
    message(8, fromHex("00ff 0000")),
    CHAIN,
  ),
  sealing("an empty chain", { outcome: "no_certificate" }, ENCRYPTED_EXTENSIONS, tls13Certificate()),
  sealing(
    "a Finished in place of a chain",
    { outcome: "no_certificate" },
    ENCRYPTED_EXTENSIONS,
    message(20, new Uint8Array(32)),
  ),
  sealing(
    "a chain that answers a request",
    malformed(/request's context/),
    ENCRYPTED_EXTENSIONS,
    message(11, fromHex("01 07 000000")),
  ),
  sealing(
    "extensions that run over their certificate",
    malformed(/runs over the end of its list/),
    ENCRYPTED_EXTENSIONS,
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
