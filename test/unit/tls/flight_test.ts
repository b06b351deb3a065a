import { deepEqual, equal, ok } from "node:assert/strict";
import { Flight } from "../../../src/tls/flight.ts";
import { makeHello } from "../../../src/tls/hello.ts";
import { alertName, groupName, versionName } from "../../../src/tls/names.ts";
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
} from "./flight_bytes.ts";
import { BYTES_MAX, facts, read as readFlight, readEveryWay as readFlightEveryWay } from "./read_flight.ts";

const OFFER = makeHello("tls12", { random: new Uint8Array(32) });

const LEAF = fakeCertificate(900, 1);
const ISSUER = fakeCertificate(1200, 2);
const FLIGHT = concatenate(serverHello(), certificate(LEAF, ISSUER), serverHelloDone);

const read = (bytes: Octets, sizes?: readonly number[], bytesMax?: number) =>
  readFlight(OFFER, bytes, sizes, bytesMax);
const readEveryWay = (bytes: Octets, bytesMax?: number) => readFlightEveryWay(OFFER, bytes, bytesMax);

Deno.test("a literal flight gives its chain", () => {
  const flight = readEveryWay(fromHex(`
    16 0303 0035
      02 000031  0303
        000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
        02 abcd  c02b  00
        0007 000b 0003 020001
    16 0303 0012
      0b 00000e  00000b
        000002 3001
        000003 300230
  `));
  equal(flight.outcome, "captured");
  deepEqual(flight.chain, [fromHex("3001"), fromHex("300230")]);
  equal(flight.serverHello?.cipherSuite, 0xc02b);
  deepEqual(flight.serverHello?.sessionId, fromHex("abcd"));
});

Deno.test("a flight reads the same however it is cut", () => {
  const flight = readEveryWay(handshakeRecords(FLIGHT));
  equal(flight.outcome, "captured");
  deepEqual(flight.chain, [LEAF, ISSUER]);
  equal(flight.serverHello?.version, 0x0303);
  equal(flight.serverHello?.compression, 0);
  deepEqual([...flight.serverHello!.random], Array.from({ length: 32 }, (_, index) => index));
  let state = 12345;
  for (let round = 0; round < 200; round++) {
    const sizes = Array.from({ length: 40 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 16) % 120 + 1;
    });
    deepEqual(facts(read(handshakeRecords(FLIGHT), sizes)), facts(flight), `round ${round}`);
  }
});

Deno.test("a message may lie over any number of records, and a record hold any number of messages", () => {
  for (const size of [1, 2, 3, 4, 5, 53, 54, 100, 1000, 16384]) {
    const flight = read(handshakeRecords(FLIGHT, size), [7]);
    equal(flight.outcome, "captured", `records of ${size}`);
    deepEqual(flight.chain, [LEAF, ISSUER]);
  }
});

Deno.test("a chain longer than one record arrives whole", () => {
  const chain = [fakeCertificate(30_000, 3), fakeCertificate(20_000, 4)];
  const flight = read(handshakeRecords(concatenate(serverHello(), certificate(...chain))), [1460]);
  equal(flight.outcome, "captured");
  deepEqual(flight.chain, chain);
});

Deno.test("the flight is decided at the last octet of Certificate, not later", () => {
  const bytes = handshakeRecords(concatenate(serverHello(), certificate(LEAF)));
  const flight = new Flight(OFFER, BYTES_MAX);
  ok(!flight.feed(bytes.subarray(0, -1)));
  equal(flight.missing, 1);
  ok(flight.feed(bytes.subarray(-1)));
  ok(flight.feed(ascii("anything")));
  equal(flight.outcome, "captured");
});

Deno.test("the downgrade sentinel announces TLS 1.3, or 1.2 and later, and only as RFC 8446 has it", () => {
  const announced = (version: number, sentinel: string) => {
    const hello = read(handshakeRecords(serverHello({ version, sentinel }))).serverHello;
    return [hello?.version, hello?.tls13Announced, hello?.tls12Announced];
  };
  deepEqual(announced(0x0303, "444f574e47524401"), [0x0303, true, false]);
  deepEqual(announced(0x0302, "444f574e47524400"), [0x0302, false, true]);
  deepEqual(announced(0x0301, "444f574e47524400"), [0x0301, false, true]);
  deepEqual(announced(0x0303, "444f574e47524400"), [0x0303, false, false]);
  deepEqual(announced(0x0302, "444f574e47524401"), [0x0302, false, false]);
  deepEqual(announced(0x0303, "444f574e47524402"), [0x0303, false, false]);
  deepEqual(announced(0x0303, "454f574e47524401"), [0x0303, false, false]);
  deepEqual(announced(0x0303, "0000000000000000"), [0x0303, false, false]);
});

Deno.test("old servers: SSL 3.0 to TLS 1.1, a session id, no extensions", () => {
  for (const version of [0x0300, 0x0301, 0x0302]) {
    const hello = serverHello({ version, sessionId: fakeCertificate(32, 9), extensions: new Uint8Array(0) });
    const flight = readEveryWay(handshakeRecords(concatenate(hello, certificate(fromHex("3000")))));
    equal(flight.outcome, "captured");
    equal(flight.serverHello?.version, version);
    equal(flight.serverHello?.sessionId.length, 32);
  }
});

Deno.test("alerts", () => {
  const fatal = readEveryWay(record(21, fromHex("0228")));
  equal(fatal.outcome, "alert");
  deepEqual(fatal.alert, { level: "fatal", description: 40, name: "handshake_failure" });
  equal(readEveryWay(fromHex("15 0301 0002 0246")).outcome, "tls13_only");
  equal(readEveryWay(record(21, fromHex("0146"))).outcome, "tls13_only");
  equal(readEveryWay(record(21, fromHex("0100"))).outcome, "alert");
  equal(
    readEveryWay(concatenate(record(21, fromHex("02")), record(21, fromHex("50")))).alert?.name,
    "internal_error",
  );
  const twoInOne = readEveryWay(record(21, fromHex("0170 0228")));
  deepEqual([twoInOne.outcome, twoInOne.alert?.name], ["alert", "handshake_failure"]);
  const malformed = readEveryWay(record(21, fromHex("0328")));
  deepEqual([malformed.outcome, malformed.reason], ["malformed", "an alert of level 0x03"]);
});

Deno.test("a warning before the chain does not stop the capture and is remembered", () => {
  const flight = readEveryWay(concatenate(record(21, fromHex("0170")), handshakeRecords(FLIGHT)));
  equal(flight.outcome, "captured");
  deepEqual(flight.alert, { level: "warning", description: 112, name: "unrecognized_name" });
});

Deno.test("what is no TLS is known at the first wrong octet, and its beginning is kept", () => {
  const http = ascii("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n");
  const strangers: [Octets, string][] = [
    [http, "a record of type 72"],
    [ascii("SSH-2.0-OpenSSH_9.9\r\n"), "a record of type 83"],
    [ascii("220 mail.example ESMTP\r\n"), "a record of type 50"],
    [fromHex("80 03 00 00 01"), "a record of type 128"],
    [fromHex("00"), "a record of type 0"],
    [fromHex("16 fefd 0000"), "a record of version 0xfe"],
    [fromHex("15 0305 0002"), "a record of version 0x0305"],
  ];
  for (const [bytes, reason] of strangers) {
    const flight = readEveryWay(bytes);
    deepEqual([flight.outcome, flight.reason], ["not_tls", reason]);
    deepEqual(flight.prefix, bytes.slice(0, 64));
  }
  deepEqual(read(fromHex("16 fe fd"), [1]).prefix, fromHex("16 fe"));
});

Deno.test("TLS that breaks its rules is malformed, with the reason", () => {
  const hello = serverHello();
  const broken: [Octets, string][] = [
    [fromHex("16 0303 0000"), "an empty record"],
    [fromHex("16 0303 4001"), "a record of 16385 octets, above 16384"],
    [concatenate(handshakeRecords(hello), fromHex("16 0303 ffff")), "a record of 65535 octets, above 16384"],
    [concatenate(handshakeRecords(hello), ascii("HTTP")), "a record of type 72"],
    [record(20, fromHex("01")), "a record of type 20 before any key exchange"],
    [record(23, ascii("hello")), "a record of type 23 before any key exchange"],
    [record(24, ascii("heart")), "a record of type 24 before any key exchange"],
    [handshakeRecords(certificate(LEAF)), "handshake message 11 out of order"],
    [handshakeRecords(concatenate(hello, hello)), "handshake message 2 out of order"],
    [handshakeRecords(serverHelloDone), "handshake message 14 out of order"],
    [handshakeRecords(message(0, fromHex("00"))), "handshake message 0 out of order"],
    [handshakeRecords(fromHex("ab ffffff")), "handshake message 171 out of order"],
    [handshakeRecords(message(2, fromHex(""))), "a ServerHello of 0 octets"],
    [handshakeRecords(message(2, hello.subarray(4, 38))), "a ServerHello of 34 octets"],
    [handshakeRecords(message(2, hello.subarray(4, 41))), "a ServerHello that ends before its cipher suite"],
    [
      handshakeRecords(serverHello({ sessionId: fakeCertificate(33, 0) })),
      "a session id of 33 octets, above 32",
    ],
    [
      handshakeRecords(serverHello({ extensions: fromHex("00") })),
      "a ServerHello whose extensions do not fill it",
    ],
    [
      handshakeRecords(serverHello({ extensions: fromHex("0001") })),
      "a ServerHello whose extensions do not fill it",
    ],
    [
      handshakeRecords(serverHello({ extensions: fromHex("0003 ff0100") })),
      "a ServerHello extension that runs over the end",
    ],
    [
      handshakeRecords(serverHello({ extensions: fromHex("0004 ff01 0001") })),
      "a ServerHello extension that runs over the end",
    ],
    [handshakeRecords(serverHello({ version: 0x0200 })), "version 0x0200, which was not offered"],
    [handshakeRecords(serverHello({ version: 0x0305 })), "version 0x0305, which was not offered"],
  ];
  for (const [bytes, reason] of broken) {
    const flight = readEveryWay(bytes);
    deepEqual([flight.outcome, flight.reason], ["malformed", reason]);
  }
});

Deno.test("a Certificate message whose lengths lie is malformed", () => {
  const liars: [string, string][] = [
    ["", "a certificate list that does not fill its message"],
    ["0000", "a certificate list that does not fill its message"],
    ["000001", "a certificate list that does not fill its message"],
    ["000004 000002 3000", "a certificate list that does not fill its message"],
    ["000005 000003 3000", "a certificate that runs over the end of its list"],
    ["000005 ffffff 3000", "a certificate that runs over the end of its list"],
    ["000007 000002 3000 0000", "a certificate that runs over the end of its list"],
    ["000003 000000", "an empty certificate"],
  ];
  for (const [body, reason] of liars) {
    const flight = readEveryWay(handshakeRecords(concatenate(serverHello(), message(11, fromHex(body)))));
    deepEqual([flight.outcome, flight.reason, flight.chain], ["malformed", reason, []]);
  }
  const crowd = Array.from({ length: 257 }, () => fromHex("30"));
  equal(
    read(handshakeRecords(concatenate(serverHello(), certificate(...crowd)))).reason,
    "more than 256 certificates",
  );
  equal(
    read(handshakeRecords(concatenate(serverHello(), certificate(...crowd.slice(1))))).outcome,
    "captured",
  );
});

Deno.test("a server without a certificate", () => {
  for (const type of [12, 13, 14]) {
    const flight = readEveryWay(handshakeRecords(concatenate(serverHello(), message(type, fromHex("")))));
    equal(flight.outcome, "no_certificate");
    equal(flight.reason, `handshake message ${type} where Certificate belongs`);
  }
  equal(readEveryWay(handshakeRecords(concatenate(serverHello(), certificate()))).outcome, "no_certificate");
});

Deno.test("HelloRequest during the handshake means nothing", () => {
  const request = message(0, new Uint8Array(0));
  const flight = readEveryWay(
    handshakeRecords(concatenate(request, serverHello(), request, certificate(LEAF))),
  );
  equal(flight.outcome, "captured");
});

Deno.test("a version that was not offered is malformed", () => {
  const selected = readEveryWay(
    handshakeRecords(serverHello({ extensions: fromHex("0006 002b 0002 0304") })),
  );
  deepEqual([selected.outcome, selected.reason], ["malformed", "version TLS 1.3, which was not offered"]);
  equal(selected.serverHello?.version, 0x0304);
  equal(selected.serverHello?.legacyVersion, 0x0303);
  const plain = readEveryWay(handshakeRecords(serverHello({ version: 0x0304 })));
  deepEqual([plain.outcome, plain.reason], ["malformed", "version TLS 1.3, which was not offered"]);
  const tls13 = makeHello("tls13", { random: new Uint8Array(32) });
  const lower = readFlightEveryWay(tls13, handshakeRecords(FLIGHT));
  deepEqual([lower.outcome, lower.reason], ["malformed", "version TLS 1.2, which was not offered"]);
  equal(
    readFlightEveryWay(makeHello("modern", { random: new Uint8Array(32) }), handshakeRecords(FLIGHT)).outcome,
    "captured",
  );
});

Deno.test("protocol_version means TLS 1.3 alone only where everything below was offered", () => {
  const refusal = record(21, fromHex("0246"));
  for (const kind of ["modern", "tls13", "pq", "pq_probe"] as const) {
    equal(readFlightEveryWay(makeHello(kind, { random: new Uint8Array(32) }), refusal).outcome, "alert");
  }
  equal(readFlightEveryWay({ ...OFFER, versionMax: 0x0301 }, refusal).outcome, "alert");
});

Deno.test("extensions of a ServerHello are kept in their order, and the protocol is read", () => {
  const extensions = fromHex("0017 ff01 0001 00 0010 0005 0003 02 6832 0017 0000 1234 0001 ab");
  const hello = readEveryWay(handshakeRecords(serverHello({ extensions }))).serverHello;
  deepEqual(hello?.extensions, [
    { type: 0xff01, data: fromHex("00") },
    { type: 16, data: fromHex("0003 02 6832") },
    { type: 23, data: fromHex("") },
    { type: 0x1234, data: fromHex("ab") },
  ]);
  equal(hello?.alpn, "h2");
  for (const data of ["", "0003", "0003 03 6832", "0006 02 6832 02 6833", "0001 00"]) {
    const block = fromHex(data);
    const odd = concatenate([0, block.length + 4, 0, 16, 0, block.length], block);
    equal(readEveryWay(handshakeRecords(serverHello({ extensions: odd }))).alpn, undefined, data);
  }
});

Deno.test("a chain above the byte limit is refused when its length is read", () => {
  const hello = handshakeRecords(serverHello());
  const claim = record(22, fromHex("0b ffffff"));
  equal(readEveryWay(concatenate(hello, claim)).outcome, "oversize");
  equal(readEveryWay(concatenate(hello, claim, ascii("HTTP"))).outcome, "oversize");
  const exact = handshakeRecords(concatenate(serverHello(), certificate(LEAF)));
  equal(readEveryWay(exact, exact.length).outcome, "captured");
  equal(readEveryWay(exact, exact.length - 1).outcome, "oversize");
  equal(readEveryWay(exact, 3).outcome, "oversize");
  equal(
    readEveryWay(handshakeRecords(concatenate(...Array(30).fill(message(0, fromHex(""))))), 100).outcome,
    "oversize",
  );
});

Deno.test("an incomplete flight is undecided and knows what it lacks", () => {
  const bytes = handshakeRecords(concatenate(serverHello(), certificate(LEAF)));
  equal(read(bytes.subarray(0, 500)).outcome, undefined);
  equal(read(bytes.subarray(0, 500)).missing, bytes.length - 500);
  equal(new Flight(OFFER, BYTES_MAX).missing, 4);
});

Deno.test("names of versions, groups and alerts", () => {
  deepEqual([29, 0x11ec, 0x1234].map(groupName), ["x25519", "X25519MLKEM768", "0x1234"]);
  deepEqual([0x0300, 0x0303, 0x0304, 0x7f17].map(versionName), ["SSL 3.0", "TLS 1.2", "TLS 1.3", "0x7f17"]);
  deepEqual([0, 40, 70, 112, 250].map(alertName), [
    "close_notify",
    "handshake_failure",
    "protocol_version",
    "unrecognized_name",
    "0xfa",
  ]);
});
