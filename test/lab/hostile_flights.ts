/**
 * Servers whose first flight in clear (RFC 5246, 7.3) is no flight, and those that make their TCP a weapon.
 *
 * @module
 */
import {
  ascii,
  certificate,
  concatenate,
  fakeCertificate,
  fromHex,
  handshakeRecords,
  message,
  type Octets,
  record,
  serverHello,
  serverHelloDone,
} from "../unit/tls/flight_bytes.ts";
import {
  CANNED_CHAIN,
  demandingCertificate,
  type HostileServer,
  overTcp,
  pause,
  type Talk,
} from "./hostile_talk.ts";

type Expected = Pick<HostileServer, "outcome" | "reason" | "chain" | "segments">;

const HELLO = serverHello();
const CHAIN = certificate(...CANNED_CHAIN);
const FLIGHT = handshakeRecords(concatenate(HELLO, CHAIN, serverHelloDone));
const HELLO_REQUEST = message(0, new Uint8Array(0));
/** unrecognized_name, after which servers often go on. */
const WARNING = record(21, fromHex("0170"));
const MESSAGE_BYTES_MAX = 0xffffff;
const RECORD_BYTES_MAX = 16_384;

/** A server that hears a hello and then does as told. */
function answering(
  what: string,
  expected: Expected,
  answer: (talk: Talk) => Promise<unknown>,
): HostileServer {
  return {
    what,
    ...expected,
    listen: overTcp(async (talk) => {
      await talk.hearAnything();
      await answer(talk);
    }),
  };
}

/** One that says these octets and then listens. */
function saying(
  what: string,
  expected: Expected,
  ...parts: Octets[]
): HostileServer {
  return answering(what, expected, (talk) => talk.say(...parts));
}

const OVERSIZE = { outcome: "oversize", reason: /does not fit/ };
const CAPTURED = { outcome: "captured", chain: "canned" } as const;

/** The same as often as said. */
function times(count: number, octets: Octets): Octets {
  const all = new Uint8Array(count * octets.length);
  for (let at = 0; at < all.length; at += octets.length) all.set(octets, at);
  return all;
}

/** Sixteen certificates of a megabyte each, and all lengths are true. */
async function sayHugeChain(talk: Talk): Promise<void> {
  const zeros = record(22, new Uint8Array(RECORD_BYTES_MAX));
  const size = 63 * RECORD_BYTES_MAX;
  const certificate = [record(22, uint24(size)), ...Array.from({ length: 63 }, () => zeros)];
  const listLength = 16 * (3 + size);
  await talk.say(handshakeRecords(HELLO), record(22, message(11, uint24(listLength), 3 + listLength)));
  for (let count = 0; count < 16; count++) await talk.say(...certificate);
}

function uint24(value: number): Octets {
  return Uint8Array.of(value >> 16, value >> 8, value);
}

const NEVER_ENDING: readonly HostileServer[] = [
  answering("a certificate message without end", OVERSIZE, async (talk) => {
    await talk.say(
      handshakeRecords(HELLO),
      handshakeRecords(message(11, new Uint8Array(3), MESSAGE_BYTES_MAX)),
    );
    await talk.flood(record(22, new Uint8Array(RECORD_BYTES_MAX)));
  }),
  answering("a ServerHello without end", OVERSIZE, async (talk) => {
    await talk.say(handshakeRecords(message(2, new Uint8Array(3), MESSAGE_BYTES_MAX)));
    await talk.flood(record(22, new Uint8Array(RECORD_BYTES_MAX)));
  }),
  answering("warnings without end", OVERSIZE, (talk) => talk.flood(WARNING)),
  answering("warnings without end behind the ServerHello", OVERSIZE, async (talk) => {
    await talk.say(handshakeRecords(HELLO));
    await talk.flood(WARNING);
  }),
  answering("HelloRequests without end", OVERSIZE, (talk) => talk.flood(record(22, HELLO_REQUEST))),
  answering("HelloRequests without end behind the ServerHello", OVERSIZE, async (talk) => {
    await talk.say(handshakeRecords(HELLO));
    await talk.flood(record(22, times(4_000, HELLO_REQUEST)));
  }),
  answering(
    "empty records without end",
    { outcome: "malformed", reason: /an empty record/ },
    (talk) => talk.flood(record(22, new Uint8Array(0))),
  ),
  answering(
    "change_cipher_spec without end",
    { outcome: "malformed", reason: /before any key exchange/ },
    (talk) => talk.flood(record(20, fromHex("01"))),
  ),
  answering("an octet every half second", { outcome: "timeout" }, (talk) => talk.drip(FLIGHT, 500)),
  saying(
    "a flight that stops before its last octet",
    { outcome: "timeout" },
    handshakeRecords(concatenate(HELLO, CHAIN)).subarray(0, -1),
  ),
];

const BIG: readonly HostileServer[] = [
  answering("a chain of 16 MB", OVERSIZE, sayHugeChain),
  saying("a chain in ten thousand records", CAPTURED, handshakeRecords(concatenate(HELLO, paddedChain()), 1)),
  saying("ten thousand warnings, then a chain", CAPTURED, times(10_000, WARNING), FLIGHT),
  saying(
    "ten thousand records of heartbeat",
    { outcome: "malformed", reason: /record of type 24/ },
    times(10_000, record(24, fromHex("00"))),
  ),
  saying(
    "ten thousand certificates",
    { outcome: "malformed", reason: /more than 256 certificates/ },
    handshakeRecords(
      concatenate(HELLO, certificate(...Array.from({ length: 10_000 }, () => Uint8Array.of(48)))),
    ),
  ),
];

/** The canned chain, behind HelloRequests that make ten thousand octets of it. */
function paddedChain(): Octets {
  const room = 10_000 - HELLO.length - CHAIN.length;
  return concatenate(times(Math.floor(room / HELLO_REQUEST.length), HELLO_REQUEST), CHAIN);
}

const MALFORMED = "malformed";

const WRONG_LENGTHS: readonly HostileServer[] = [
  saying(
    "a record of 65,535 octets",
    { outcome: MALFORMED, reason: /a record of 65535 octets/ },
    record(22, new Uint8Array(20_000), 65_535),
  ),
  answering("a record longer than what comes, then the end", { outcome: "closed" }, async (talk) => {
    await talk.say(record(22, concatenate(HELLO, CHAIN.subarray(0, 200)), 16_384));
    await talk.end();
  }),
  saying(
    "a Certificate message that claims too little",
    { outcome: MALFORMED, reason: /does not fill/ },
    handshakeRecords(concatenate(HELLO, message(11, CHAIN.subarray(4), CHAIN.length - 14))),
  ),
  saying(
    "a Certificate message that claims too much",
    { outcome: "timeout" },
    handshakeRecords(concatenate(HELLO, message(11, CHAIN.subarray(4), CHAIN.length + 40))),
  ),
  saying(
    "a certificate list that is too short for its message",
    { outcome: MALFORMED, reason: /does not fill/ },
    handshakeRecords(concatenate(HELLO, message(11, concatenate(fromHex("000005 000002 3000 00"))))),
  ),
  saying(
    "a certificate that runs over its list",
    { outcome: MALFORMED, reason: /runs over the end of its list/ },
    handshakeRecords(concatenate(HELLO, message(11, fromHex("000005 ffffff 3000")))),
  ),
  saying(
    "an empty certificate",
    { outcome: MALFORMED, reason: /an empty certificate/ },
    handshakeRecords(concatenate(HELLO, message(11, fromHex("000003 000000")))),
  ),
  saying(
    "an extension that runs over the ServerHello",
    { outcome: MALFORMED, reason: /extension that runs over the end/ },
    handshakeRecords(serverHello({ extensions: fromHex("0005 ff01 ffff 00") })),
  ),
  saying(
    "extensions that do not fill the ServerHello",
    { outcome: MALFORMED, reason: /do not fill/ },
    handshakeRecords(serverHello({ extensions: fromHex("00ff ff01 0001 00") })),
  ),
  saying(
    "a session id of 255 octets",
    { outcome: MALFORMED, reason: /a session id of 255 octets/ },
    handshakeRecords(serverHello({ sessionId: fakeCertificate(255, 1) })),
  ),
  saying(
    "a ServerHello of one octet",
    { outcome: MALFORMED, reason: /a ServerHello of 1 octets/ },
    handshakeRecords(message(2, fromHex("03"))),
  ),
];

const TRICKS: readonly HostileServer[] = [
  saying(
    "HelloRequest before and behind the ServerHello",
    CAPTURED,
    handshakeRecords(concatenate(HELLO_REQUEST, HELLO, HELLO_REQUEST, CHAIN)),
  ),
  saying(
    "a second ServerHello",
    { outcome: MALFORMED, reason: /handshake message 2 out of order/ },
    handshakeRecords(concatenate(HELLO, HELLO, CHAIN)),
  ),
  saying(
    "a chain before the ServerHello",
    { outcome: MALFORMED, reason: /handshake message 11 out of order/ },
    handshakeRecords(concatenate(CHAIN, HELLO)),
  ),
  {
    what: "the client's own hello",
    outcome: MALFORMED,
    reason: /handshake message 1 out of order/,
    listen: overTcp(async (talk) => await talk.say(await talk.hear())),
  },
  saying(
    "a compressed certificate",
    { outcome: MALFORMED, reason: /handshake message 25 out of order/ },
    handshakeRecords(concatenate(HELLO, message(25, fromHex("0001 000010 000004 789c0300")))),
  ),
  saying(
    "a Finished in place of a chain",
    { outcome: MALFORMED, reason: /handshake message 20 out of order/ },
    handshakeRecords(concatenate(HELLO, message(20, new Uint8Array(12)))),
  ),
  saying(
    "a demand for a certificate in place of one",
    { outcome: "no_certificate" },
    handshakeRecords(concatenate(HELLO, message(13, fromHex("0101 0000 0000")))),
  ),
  saying(
    "an SSL 2.0 SERVER-HELLO",
    { outcome: "not_tls" },
    fromHex("802e 04 00 01 0002 0010 0003 0010 3000"),
  ),
  saying("an SSL 2.0 ERROR", { outcome: "not_tls" }, fromHex("8003 00 0001")),
  saying(
    "TLS 1.3, which was not offered",
    { outcome: MALFORMED, reason: /TLS 1\.3, which was not offered/ },
    handshakeRecords(serverHello({ extensions: fromHex("0006 002b 0002 0304") })),
  ),
  saying(
    "a version that nobody speaks",
    { outcome: MALFORMED, reason: /which was not offered/ },
    handshakeRecords(serverHello({ version: 0x0909 })),
  ),
  saying(
    "SSL 2.0 inside a TLS record",
    { outcome: MALFORMED, reason: /which was not offered/ },
    handshakeRecords(serverHello({ version: 0x0002 })),
  ),
  saying("a record of version 9.9", { outcome: "not_tls" }, fromHex("16 0909 0004 0200 0000")),
  saying("a page of HTTP", { outcome: "not_tls" }, ascii("HTTP/1.1 400 Bad Request\r\n\r\n")),
  answering(
    "random octets without end",
    { outcome: "not_tls" },
    (talk) => talk.flood(fakeCertificate(1_000, 200)),
  ),
];

const ENDS: readonly HostileServer[] = [
  answering("silence", { outcome: "timeout" }, () => Promise.resolve()),
  answering("the end at once", { outcome: "closed" }, (talk) => talk.end()),
  answering("a whole flight and the end", CAPTURED, async (talk) => {
    await talk.say(FLIGHT);
    await talk.end();
  }),
  answering("half a flight and the end", { outcome: "closed" }, async (talk) => {
    await talk.say(FLIGHT.subarray(0, 700));
    await talk.end();
  }),
  answering("data behind a FIN", { outcome: "closed", segments: "early end" }, async (talk) => {
    await talk.say(handshakeRecords(HELLO));
    await pause(100);
    await talk.say(handshakeRecords(CHAIN));
    await talk.end();
  }),
  answering("a storm of resets", { outcome: "reset", segments: "copied resets" }, (talk) => talk.say(FLIGHT)),
  answering("a storm of blind resets", { ...CAPTURED, segments: "blind resets" }, async (talk) => {
    await talk.say(handshakeRecords(HELLO));
    await pause(100);
    await talk.say(handshakeRecords(CHAIN));
  }),
];

export const HOSTILE_FLIGHTS: readonly HostileServer[] = [
  ...NEVER_ENDING,
  ...BIG,
  ...WRONG_LENGTHS,
  ...TRICKS,
  ...ENDS,
  {
    what: "a demand for a client's certificate in TLS 1.2",
    outcome: "captured",
    chain: "real",
    listen: demandingCertificate("TLSv1.2"),
  },
];
