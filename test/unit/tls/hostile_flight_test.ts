/**
 * Flights that are made to cost: time, memory, or a connection that is held for longer than it is worth.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { Flight } from "../../../src/tls/flight.ts";
import { makeHello } from "../../../src/tls/hello.ts";
import { oldHello } from "../../../src/tls/old_hello.ts";
import { ServerHelloProbe } from "../../../src/tls/server_hello_probe.ts";
import { Ssl2Exchange } from "../../../src/tls/ssl2.ts";
import {
  certificate,
  concatenate,
  fakeCertificate,
  fromHex,
  handshakeRecords,
  message,
  type Octets,
  record,
  serverHello,
} from "./flight_bytes.ts";
import { facts, read } from "./read_flight.ts";
import {
  certificate13,
  encryptedExtensions,
  keyShare,
  retryRequest,
  selectedVersion,
  Tls13Server,
} from "./tls13_server.ts";

const RANDOM = fakeCertificate(32, 5);
const CLEAR = makeHello("tls12", { random: RANDOM });
const MODERN = makeHello("modern", { random: RANDOM });
const BYTES_MAX = 64 * 1024;
const SEGMENT_BYTES = 1_460;

const HELLO = serverHello();
const CHAIN = [fakeCertificate(900, 1), fakeCertificate(700, 2)];
const WARNING = record(21, fromHex("0170"));
const HELLO_REQUEST = message(0, fromHex(""));
const CHANGE_CIPHER_SPEC = record(20, fromHex("01"));

/** The same again and again, somewhat beyond the limit. */
function flood(octets: Octets, before: Octets = fromHex("")): Octets {
  const count = Math.ceil((BYTES_MAX + SEGMENT_BYTES) / octets.length);
  const all = new Uint8Array(before.length + count * octets.length);
  all.set(before);
  for (let copy = 0; copy < count; copy++) all.set(octets, before.length + copy * octets.length);
  return all;
}

/** Feeds segments until the flight is decided; how many octets that took. */
function feedUntilDecided(flight: { feed(bytes: Octets): boolean }, octets: Octets): number {
  for (let offset = 0; offset < octets.length; offset += SEGMENT_BYTES) {
    if (flight.feed(octets.slice(offset, offset + SEGMENT_BYTES))) {
      return Math.min(offset + SEGMENT_BYTES, octets.length);
    }
  }
  return Number.POSITIVE_INFINITY;
}

Deno.test("floods that mean nothing end at the limit, at a cost in proportion to their octets", () => {
  const floods: readonly [what: string, hello: typeof CLEAR, octets: Octets][] = [
    ["warnings", CLEAR, flood(WARNING)],
    ["warnings behind the ServerHello", CLEAR, flood(WARNING, handshakeRecords(HELLO))],
    ["HelloRequests", CLEAR, flood(record(22, HELLO_REQUEST))],
    ["HelloRequests in one record", CLEAR, flood(record(22, flood(HELLO_REQUEST).slice(0, 16_000)))],
    [
      "HelloRequests behind the ServerHello",
      CLEAR,
      flood(record(22, HELLO_REQUEST), handshakeRecords(HELLO)),
    ],
    ["change_cipher_spec", MODERN, flood(CHANGE_CIPHER_SPEC)],
    ["warnings to a modern hello", MODERN, flood(WARNING)],
    [
      "change_cipher_spec behind the keys",
      MODERN,
      flood(CHANGE_CIPHER_SPEC, new Tls13Server(MODERN.firstBytes).serverHello),
    ],
    ["change_cipher_spec behind a retry", MODERN, flood(CHANGE_CIPHER_SPEC, retryRequest(23))],
  ];
  for (const [what, hello, octets] of floods) {
    const flight = new Flight(hello, BYTES_MAX);
    const taken = feedUntilDecided(flight, octets);
    equal(flight.outcome, "oversize", what);
    ok(taken <= BYTES_MAX + SEGMENT_BYTES, `${what}: ${taken} octets`);
    ok(flight.steps <= 2 * octets.length, `${what}: ${flight.steps} steps`);
  }
});

Deno.test("protected floods end at the limit", () => {
  const warnings = (server: Tls13Server) => server.seal(21, fromHex("0170"));
  const padded = (server: Tls13Server) => server.seal(22, fromHex("0b"), 8_000);
  for (const next of [warnings, padded]) {
    const server = new Tls13Server(MODERN.firstBytes);
    const flight = new Flight(MODERN, BYTES_MAX);
    flight.feed(server.serverHello);
    flight.feed(server.flight(encryptedExtensions(), certificate13(CHAIN).subarray(0, 4)));
    let taken = 0;
    while (flight.outcome === undefined) {
      const octets = next(server);
      taken += octets.length;
      flight.feed(octets);
      ok(taken <= BYTES_MAX + octets.length);
    }
    equal(flight.outcome, "oversize");
  }
});

Deno.test("what is claimed and does not come is refused by the claim, or waited for within the limit", () => {
  const claims: readonly [what: string, octets: Octets, outcome: string | undefined][] = [
    ["a chain of 16 MB", concatenate(HELLO, message(11, fromHex("fffffc"), 0xffffff)), "oversize"],
    ["a ServerHello of 16 MB", message(2, fromHex("0303"), 0xffffff), "oversize"],
    ["a chain that just fits", concatenate(HELLO, message(11, fromHex("00f000"), 0xf003)), undefined],
  ];
  for (const [what, messages, outcome] of claims) {
    const flight = read(CLEAR, record(22, messages), [messages.length + 5], BYTES_MAX);
    equal(flight.outcome, outcome, what);
    if (outcome === undefined) ok(flight.missing <= BYTES_MAX, what);
  }
});

Deno.test("no more is ever said to be missing than does come", () => {
  const server = new Tls13Server(MODERN.firstBytes);
  const protectedFlight = concatenate(encryptedExtensions(), certificate13(CHAIN));
  const small = Array.from(
    protectedFlight.subarray(0, 40),
    (octet) => server.seal(22, Uint8Array.of(octet), 3),
  );
  const flights: readonly [hello: typeof CLEAR, octets: Octets][] = [
    [CLEAR, handshakeRecords(concatenate(HELLO_REQUEST, HELLO, HELLO_REQUEST, certificate(...CHAIN)))],
    [CLEAR, handshakeRecords(concatenate(HELLO, certificate(...CHAIN)), 1)],
    [CLEAR, concatenate(WARNING, handshakeRecords(concatenate(HELLO, certificate(...CHAIN)), 300))],
    [
      MODERN,
      concatenate(
        server.serverHello,
        CHANGE_CIPHER_SPEC,
        ...small,
        server.flight(protectedFlight.subarray(40)),
      ),
    ],
  ];
  for (const [hello, octets] of flights) {
    const flight = new Flight(hello, octets.length);
    for (let at = 0; at < octets.length; at++) {
      ok(flight.missing <= octets.length - at, `${flight.missing} missing at ${at} of ${octets.length}`);
      flight.feed(octets.slice(at, at + 1));
    }
    equal(flight.outcome, "captured");
    deepEqual(flight.chain, CHAIN);
  }
});

Deno.test("the last octet decides, and a limit of one octet less is too little", () => {
  const octets = handshakeRecords(concatenate(HELLO, certificate(...CHAIN)), 7);
  equal(read(CLEAR, octets, [100], octets.length).outcome, "captured");
  equal(read(CLEAR, octets, [100], octets.length - 1).outcome, "oversize");
});

Deno.test("an alert may be cut by other records, and half of one decides nothing", () => {
  const half = (octet: string) => record(21, fromHex(octet));
  const flight = read(
    CLEAR,
    concatenate(half("01"), handshakeRecords(HELLO), half("70"), handshakeRecords(certificate(...CHAIN))),
  );
  equal(flight.outcome, "captured");
  deepEqual(flight.alert, { level: "warning", description: 112, name: "unrecognized_name" });
  equal(read(CLEAR, half("02")).outcome, undefined);
});

Deno.test("nothing that comes behind the decision changes it", () => {
  for (
    const end of [record(21, fromHex("0228")), fromHex("80"), handshakeRecords(concatenate(HELLO, HELLO))]
  ) {
    const flight = read(CLEAR, end);
    const decided = structuredClone(facts(flight));
    ok(flight.feed(handshakeRecords(concatenate(HELLO, certificate(...CHAIN)))));
    deepEqual(structuredClone(facts(flight)), decided);
  }
});

Deno.test("shares of X25519MLKEM768 that are none", () => {
  const hello = makeHello("pq", { random: RANDOM });
  const shares: readonly [what: string, share: Octets][] = [
    ["too short", fakeCertificate(1_119, 3)],
    ["too long", fakeCertificate(1_121, 3)],
    ["empty", fromHex("")],
    ["zeros for x25519", concatenate(fakeCertificate(1_088, 3), new Uint8Array(32))],
  ];
  for (const [what, share] of shares) {
    const extensions = concatenate(selectedVersion, keyShare(0x11ec, share));
    const block = concatenate([extensions.length >> 8, extensions.length & 255], extensions);
    const body = serverHello({ extensions: block });
    // The suite stands behind an empty session id.
    body.set([0x13, 0x01], 4 + 2 + 32 + 1);
    const flight = read(hello, handshakeRecords(body));
    equal(flight.outcome, "malformed", what);
    equal(flight.reason, "a key share that is none of X25519MLKEM768", what);
  }
});

Deno.test("a HelloRetryRequest is answered once, however often it comes", () => {
  const flight = new Flight(MODERN, BYTES_MAX);
  const request = retryRequest(23);
  flight.feed(concatenate(request, request));
  equal(flight.reason, "a second HelloRetryRequest");
  const replies = [flight.takeReply(), flight.takeReply()].filter((reply) => reply !== undefined);
  ok(replies.length <= 1);
});

Deno.test("old hellos and probes keep within their octets too", () => {
  const old = new Flight(oldHello("ssl3", RANDOM), BYTES_MAX);
  feedUntilDecided(old, flood(WARNING));
  equal(old.outcome, "oversize");

  for (
    const octets of [
      flood(WARNING),
      flood(record(22, HELLO_REQUEST)),
      record(22, message(2, fromHex("03"), 0xffffff)),
    ]
  ) {
    const probe = new ServerHelloProbe(CLEAR.firstBytes);
    ok(feedUntilDecided(probe, octets) <= 16_384 + SEGMENT_BYTES);
    equal(probe.outcome, "oversize");
  }
});

Deno.test("SSL 2.0: a SERVER-HELLO whose lengths lie is malformed, and a long one oversize", () => {
  const answer = (body: Octets) => concatenate([0x80 | body.length >> 8, body.length & 255], body);
  const fields = (certificateLength: string, kindsLength: string, idLength: string) =>
    fromHex(`04 00 01 0002 ${certificateLength} ${kindsLength} ${idLength} 3000 010080 ${"00".repeat(16)}`);
  const outcomeOf = (octets: Octets, bytesMax = BYTES_MAX) => {
    const exchange = new Ssl2Exchange(RANDOM, bytesMax);
    exchange.feed(octets);
    return exchange.outcome;
  };
  equal(outcomeOf(answer(fields("0002", "0003", "0010"))), "captured");
  for (
    const lengths of [["ffff", "0003", "0010"], ["0002", "ffff", "0010"], ["0002", "0003", "ffff"], [
      "0000",
      "0000",
      "0000",
    ]]
  ) {
    const [certificateLength, kindsLength, idLength] = lengths as [string, string, string];
    equal(outcomeOf(answer(fields(certificateLength, kindsLength, idLength))), "malformed", lengths.join());
  }
  equal(outcomeOf(fromHex("ffff 04"), 1_024), "oversize");
});
