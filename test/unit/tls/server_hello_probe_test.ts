import { deepEqual, equal, ok } from "node:assert/strict";
import { ServerHelloProbe } from "../../../src/tls/server_hello_probe.ts";
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
} from "./flight_bytes.ts";
import { feedPieces } from "./pieces.ts";

function read(bytes: Octets, size = bytes.length): ServerHelloProbe {
  return feedPieces(new ServerHelloProbe(new Uint8Array(0)), bytes, [size]);
}

function facts({ outcome, reason, serverHello, alert }: ServerHelloProbe) {
  return { outcome, reason, serverHello, alert };
}

/** Reads the answer whole and in pieces of several sizes; all must agree. */
function readEveryWay(bytes: Octets): ServerHelloProbe {
  const whole = read(bytes);
  for (const size of [1, 2, 3, 5, 7, 64, 1460]) {
    deepEqual(facts(read(bytes, size)), facts(whole), `by ${size}`);
  }
  return whole;
}

Deno.test("a ServerHello decides it, whatever follows", () => {
  const flight = handshakeRecords(concatenate(serverHello(), certificate(fakeCertificate(900, 1))));
  const probe = readEveryWay(flight);
  equal(probe.outcome, "answered");
  equal(probe.serverHello?.cipherSuite, 0xc02f);
  equal(probe.alert, undefined);
  equal(probe.takeReply(), undefined);
});

Deno.test("it sends the hello it was given, and is decided at the last octet of the answer", () => {
  const hello = fromHex("16 0301 0001 01");
  const probe = new ServerHelloProbe(hello);
  equal(probe.firstBytes, hello);
  const answer = handshakeRecords(serverHello());
  ok(!probe.feed(answer.subarray(0, -1)));
  equal(probe.missing, 1);
  ok(probe.feed(answer.subarray(-1)));
});

Deno.test("a fatal alert refuses, a warning is remembered and may come before the answer", () => {
  const refused = readEveryWay(fromHex("15 0301 0002 02 28"));
  equal(refused.outcome, "alert");
  deepEqual(refused.alert, { level: "fatal", description: 40, name: "handshake_failure" });
  const warned = readEveryWay(concatenate(fromHex("15 0301 0002 01 70"), handshakeRecords(serverHello())));
  equal(warned.outcome, "answered");
  equal(warned.alert?.name, "unrecognized_name");
  equal(readEveryWay(fromHex("15 0301 0002 01 70")).outcome, undefined);
  equal(readEveryWay(fromHex("15 0301 0004 01 70 02 28")).alert?.name, "handshake_failure");
  equal(readEveryWay(fromHex("15 0301 0002 01 00")).outcome, "alert");
  equal(readEveryWay(fromHex("15 0301 0002 09 28")).outcome, "malformed");
});

Deno.test("what is no answer is said to be none", () => {
  equal(readEveryWay(ascii("HTTP/1.1 400 Bad Request\r\n")).outcome, "not_tls");
  equal(readEveryWay(record(23, fromHex("00"))).outcome, "malformed");
  equal(readEveryWay(handshakeRecords(certificate(fakeCertificate(9, 1)))).outcome, "malformed");
  equal(readEveryWay(handshakeRecords(message(2, fromHex("0303")))).outcome, "malformed");
});

Deno.test("an answer that announces or brings too much is given up", () => {
  equal(readEveryWay(handshakeRecords(message(2, new Uint8Array(10), 100_000))).outcome, "oversize");
  const warnings = concatenate(...new Array<Octets>(3_000).fill(fromHex("15 0301 0002 01 70")));
  equal(readEveryWay(warnings).outcome, "oversize");
});
