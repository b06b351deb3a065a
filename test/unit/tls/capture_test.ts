import { deepEqual, equal, ok } from "node:assert/strict";
import type { EndReason } from "../../../src/transport/transport.ts";
import {
  type CaptureOutcome,
  Conversation,
  type ConversationEnd,
  type Exchange,
} from "../../../src/tls/mod.ts";
import { FakeConnection, play } from "./fake_connection.ts";
import {
  ascii,
  certificate,
  concatenate,
  fakeCertificate,
  fromHex,
  handshakeRecords,
  record,
  serverHello,
  serverHelloDone,
} from "./flight_bytes.ts";

const LEAF = fakeCertificate(900, 1);
const ISSUER = fakeCertificate(1200, 2);
const HELLO = handshakeRecords(serverHello({ sentinel: "444f574e47524401" }));
const FLIGHT = concatenate(
  HELLO,
  handshakeRecords(certificate(LEAF, ISSUER)),
  handshakeRecords(serverHelloDone),
);
const TRAFFIC = { bytesSent: 300, bytesReceived: 4000 };

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

Deno.test("a flight gives its chain and facts, and the connection is closed once", () => {
  for (const size of [FLIGHT.length, 1460, 100, 1]) {
    const { result, connection } = play(pieces(FLIGHT, size));
    const { version, cipherSuite, tls13Announced } = result.serverHello!;
    deepEqual([result.outcome, version, cipherSuite, tls13Announced], ["captured", 0x0303, 0xc02f, true]);
    deepEqual([result.chain, result.traffic], [[LEAF, ISSUER], TRAFFIC]);
    deepEqual(connection.calls, ["close"]);
  }
});

/** Says what it is told to, and is decided by the octet 0. */
class Parrot implements Exchange {
  readonly firstBytes = ascii("hello");
  readonly missing = 1;
  #reply: Uint8Array | undefined;
  feed(bytes: Uint8Array): boolean {
    this.#reply = bytes.slice();
    return bytes.includes(0);
  }
  takeReply(): Uint8Array | undefined {
    const reply = this.#reply;
    this.#reply = undefined;
    return reply;
  }
}

function converse() {
  const ends: ConversationEnd[] = [];
  const options = { receiveBytes: 10_000, bytesMax: 10_000, more: () => true };
  const conversation = new Conversation(new Parrot(), { ...options, done: (end) => ends.push(end) });
  return { conversation, ends, connection: new FakeConnection() };
}

Deno.test("the end waits for the connection's, and what comes after the decision changes nothing", () => {
  const { conversation, ends, connection } = converse();
  conversation.attach(connection);
  conversation.onData(Uint8Array.of(1, 0));
  conversation.onData(ascii("HTTP/1.1 400 Bad Request\r\n"));
  equal(ends.length, 0);
  deepEqual(connection.calls, ["close"], "a reply that decides nothing any more is not sent");
  conversation.onEnd("reset", TRAFFIC);
  deepEqual(ends, [{ reason: "decided", traffic: TRAFFIC }]);
});

Deno.test("what came before the connection was attached is answered on attaching, in order", () => {
  const { conversation, ends, connection } = converse();
  conversation.onData(ascii("one"));
  conversation.onData(Uint8Array.of(2, 0));
  conversation.attach(connection);
  deepEqual(connection.calls, ["send 3", "close"]);
  conversation.onEnd("closed", TRAFFIC);
  equal(ends[0]?.reason, "decided");
});

Deno.test("an end before the chain is named after the end", () => {
  const outcomes: [EndReason, CaptureOutcome][] = [
    ["end", "closed"],
    ["reset", "reset"],
    ["timeout", "timeout"],
    ["overflow", "oversize"],
    ["unreachable", "unreachable"],
    ["exhausted", "exhausted"],
    ["closed", "abandoned"],
  ];
  for (const [end, outcome] of outcomes) {
    const nothing = play([], end).result;
    deepEqual([nothing.outcome, nothing.serverHello, nothing.traffic], [outcome, undefined, TRAFFIC]);
    const partial = play([FLIGHT.subarray(0, 1000)], end).result;
    const { version, tls13Announced } = partial.serverHello!;
    deepEqual([partial.outcome, version, tls13Announced], [outcome, 0x0303, true]);
    deepEqual(partial.chain, []);
  }
});

Deno.test("refusals", () => {
  const outcomeOf = (...chunks: Uint8Array[]) => play(chunks).result.outcome;
  equal(outcomeOf(record(21, fromHex("0246"))), "tls13_only");
  equal(outcomeOf(record(21, fromHex("0228"))), "alert");
  equal(outcomeOf(handshakeRecords(serverHello()), handshakeRecords(serverHelloDone)), "no_certificate");
  equal(outcomeOf(record(22, fromHex("ff000000"))), "malformed");
  const banner = play([ascii("SSH-2.0-OpenSSH_9.9\r\n")]).result;
  deepEqual([banner.outcome, banner.prefix], ["not_tls", ascii("SSH-2.0-OpenSSH_9.9\r\n")]);
});

Deno.test("a warning and then a close is an alert; then a timeout is a timeout", () => {
  const warning = record(21, fromHex("0170"));
  equal(play([warning], "end").result.outcome, "alert");
  equal(play([warning], "reset").result.outcome, "alert");
  const timeout = play([warning], "timeout").result;
  deepEqual([timeout.outcome, timeout.alert?.name], ["timeout", "unrecognized_name"]);
});

Deno.test("more octets are asked for in time, and never above the most a capture may take", () => {
  const chain = [fakeCertificate(40_000, 1)];
  const flight = concatenate(HELLO, handshakeRecords(certificate(...chain)));
  const asked: number[] = [];
  let allowed = 4_000;
  const more = (bytes: number) => {
    asked.push(bytes);
    allowed += bytes;
    return true;
  };
  let sent = 0;
  function* obedient(): Generator<Uint8Array> {
    while (sent < flight.length && allowed > sent) {
      const end = Math.min(sent + 1460, allowed, flight.length);
      yield flight.subarray(sent, sent = end);
    }
  }
  const { result, connection } = play(obedient(), "timeout", { receiveBytes: 4_000, more });
  equal(result.outcome, "captured");
  deepEqual(result.chain, chain);
  deepEqual(connection.calls, [...asked.map((bytes) => `allow ${bytes}`), "close"]);
  ok(asked.every((bytes) => bytes >= 4096) && asked.length <= 3, `asked ${asked}`);
  ok(allowed < flight.length + 8_192, `allowed ${allowed} for ${flight.length}`);
});

Deno.test("the allowance ends at bytesMax", () => {
  let allowed = 1_000;
  const more = (bytes: number) => (allowed += bytes, true);
  const options = { receiveBytes: 1_000, bytesMax: 3_000, more };
  const long = concatenate(HELLO, handshakeRecords(certificate(fakeCertificate(3_000, 1))));
  equal(play([long.subarray(0, 1_000)], "timeout", options).result.outcome, "oversize");
  const fits = concatenate(HELLO, handshakeRecords(certificate(fakeCertificate(2_900, 1))));
  equal(play(pieces(fits, 500), "timeout", options).result.outcome, "captured");
  ok(allowed <= 1_000 + 2 * 2_000, `allowed ${allowed}`);
});

Deno.test("a refused request ends the capture only when the chain cannot fit into what is granted", () => {
  let asked = 0;
  const more = () => (asked++, false);
  const tight = { receiveBytes: FLIGHT.length, more };
  equal(play(pieces(FLIGHT, 500), "timeout", tight).result.outcome, "captured");
  ok(asked > 0);
  const { result, connection } = play(pieces(FLIGHT, 500), "timeout", { receiveBytes: 1_000, more });
  equal(result.outcome, "exhausted");
  deepEqual(connection.calls, ["close"]);
});
