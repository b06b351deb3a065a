import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Ssl2Exchange } from "../../../src/tls/ssl2.ts";
import { ascii, concatenate, fromHex, type Octets } from "./flight_bytes.ts";
import { feedEveryWay, feedPieces } from "./pieces.ts";

const RANDOM = Uint8Array.from({ length: 32 }, (_, index) => 0xa0 + index);
const BYTES_MAX = 32_769;

/** RC4 and triple DES, an absurdly short certificate, and 16 octets of connection id. */
const SERVER_HELLO = fromHex(`
  04 00 01 0002 0005 0006 0010
  30 03 020105
  010080 0700c0
  11111111111111111111111111111111
`);

const CERTIFICATE = fromHex("3003020105");

/** A message in a record with a header of two octets. */
function record(message: Octets): Octets {
  return concatenate([0x80 | message.length >> 8, message.length & 255], message);
}

/** And with one of three, which says how many of the octets are padding. */
function paddedRecord(message: Octets, padding: number): Octets {
  const length = message.length + padding;
  return concatenate([length >> 8, length & 255, padding], message, new Uint8Array(padding));
}

function read(bytes: Octets, sizes = [bytes.length], bytesMax = BYTES_MAX): Ssl2Exchange {
  return feedPieces(new Ssl2Exchange(RANDOM, bytesMax), bytes, sizes);
}

function facts({ outcome, reason, alert, chain, cipherKinds }: Ssl2Exchange) {
  return { outcome, reason, alert, chain, cipherKinds };
}

function readEveryWay(bytes: Octets, bytesMax = BYTES_MAX): Ssl2Exchange {
  return feedEveryWay(() => new Ssl2Exchange(RANDOM, bytesMax), bytes, facts);
}

Deno.test("the CLIENT-HELLO offers every cipher kind, and no session to resume", () => {
  deepEqual(
    new Ssl2Exchange(RANDOM, BYTES_MAX).firstBytes,
    fromHex(`
      803d 01 0002 0024 0000 0010
      010080 020080 030080 040080 050080 060040 060140 0700c0 0701c0 080080 ff0800 ff0810
      a0a1a2a3a4a5a6a7a8a9aaabacadaeaf
    `),
  );
  throws(() => new Ssl2Exchange(new Uint8Array(16), BYTES_MAX), RangeError);
});

Deno.test("a SERVER-HELLO gives its certificate and the names of its cipher kinds", () => {
  const exchange = readEveryWay(record(SERVER_HELLO));
  equal(exchange.outcome, "captured");
  deepEqual(exchange.chain, [CERTIFICATE]);
  deepEqual(exchange.cipherKinds, ["SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"]);
});

Deno.test("padding behind a header of three octets is left out", () => {
  for (const padding of [0, 1, 7, 255]) {
    const exchange = readEveryWay(paddedRecord(SERVER_HELLO, padding));
    equal(exchange.outcome, "captured", `${padding} octets`);
    deepEqual(exchange.chain, [CERTIFICATE]);
  }
});

Deno.test("a server may share no cipher and still show its certificate", () => {
  const exchange = readEveryWay(record(fromHex("04 00 01 0002 0005 0000 0000 3003020105")));
  equal(exchange.outcome, "captured");
  deepEqual(exchange.cipherKinds, []);
});

Deno.test("a certificate of another type, or of no octets, is none", () => {
  const empty = readEveryWay(record(fromHex("04 00 01 0002 0000 0003 0000 010080")));
  equal(empty.outcome, "no_certificate");
  deepEqual(empty.cipherKinds, ["SSL_CK_RC4_128_WITH_MD5"]);
  const other = readEveryWay(record(fromHex("04 00 02 0002 0001 0000 0000 ff")));
  equal(other.outcome, "no_certificate");
  equal(other.reason, "a certificate of type 2");
  deepEqual(other.chain, []);
});

Deno.test("an ERROR is a refusal, in SSL 2.0's own words", () => {
  const exchange = readEveryWay(record(fromHex("00 0001")));
  equal(exchange.outcome, "alert");
  equal(exchange.reason, "an SSL 2.0 error: no cipher in common");
  equal(exchange.alert, undefined);
  equal(readEveryWay(record(fromHex("00 00ff"))).reason, "an SSL 2.0 error: 0x00ff");
  equal(readEveryWay(record(fromHex("00 0001 00"))).outcome, "malformed");
});

Deno.test("servers of later versions refuse with an alert", () => {
  const exchange = readEveryWay(fromHex("15 0301 0002 02 46"));
  equal(exchange.outcome, "alert");
  deepEqual(exchange.alert, { level: "fatal", description: 70, name: "protocol_version" });
  equal(readEveryWay(fromHex("15 0301 0004 01 70 02 28")).alert?.name, "unrecognized_name");
  equal(readEveryWay(fromHex("15 0301 0002 07 46")).outcome, "malformed");
  equal(readEveryWay(fromHex("16 0301 0030 02 00002c")).outcome, "malformed");
});

Deno.test("what is no SSL is said to be none, and how it begins is kept", () => {
  for (
    const text of ["HTTP/1.1 400 Bad Request\r\n", "220 mail.example ESMTP\r\n", "SSH-2.0-x\r\n", "<html>"]
  ) {
    const exchange = readEveryWay(ascii(text));
    equal(exchange.outcome, "not_tls", text);
    deepEqual(exchange.prefix, ascii(text));
  }
  equal(read(ascii("x".repeat(100))).prefix?.length, 64);
  equal(readEveryWay(fromHex("8000")).outcome, "not_tls");
  equal(readEveryWay(fromHex("8003 05 0001")).outcome, "not_tls");
});

Deno.test("lengths that do not add up are malformed", () => {
  for (let length = 1; length < SERVER_HELLO.length; length++) {
    equal(readEveryWay(record(SERVER_HELLO.slice(0, length))).outcome, "malformed", `${length} octets`);
  }
  equal(readEveryWay(record(concatenate(SERVER_HELLO, [0]))).outcome, "malformed");
  equal(readEveryWay(record(fromHex("04 00 01 0002 0001 0004 0000 ff 01008001"))).outcome, "malformed");
  equal(readEveryWay(record(fromHex("04 00 01 0300 0001 0000 0000 ff"))).outcome, "malformed");
  equal(readEveryWay(fromHex("0002 ff 00 00")).outcome, "malformed");
});

Deno.test("an answer above the octets it may have is refused as soon as it announces itself", () => {
  const exchange = readEveryWay(record(SERVER_HELLO), 20);
  equal(exchange.outcome, "oversize");
  equal(read(fromHex("8100 04"), [3], 256).outcome, "oversize");
  equal(read(fromHex("80fe 04"), [3], 256).outcome, undefined);
});

Deno.test("it is decided at the last octet, and says how many are missing until then", () => {
  const bytes = record(SERVER_HELLO);
  const exchange = new Ssl2Exchange(RANDOM, BYTES_MAX);
  equal(exchange.missing, 2);
  // No more than the type of message is wanted of a stranger's record.
  equal(read(fromHex("bfff")).missing, 1);
  for (let offset = 0; offset < bytes.length; offset++) {
    equal(exchange.outcome, undefined);
    if (offset >= 3) equal(exchange.missing, bytes.length - offset);
    exchange.feed(bytes.subarray(offset, offset + 1));
  }
  ok(exchange.feed(ascii("anything")));
  equal(exchange.outcome, "captured");
  equal(exchange.takeReply(), undefined);
});

Deno.test("any octets lead to an end or wait for more, whatever their cut", () => {
  let state = 4711;
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16;
  const seeds = [
    record(SERVER_HELLO),
    paddedRecord(SERVER_HELLO, 3),
    fromHex("15 0301 0002 02 46"),
    record(fromHex("00 0001")),
  ];
  for (let round = 0; round < 2_000; round++) {
    const bytes = seeds[round % seeds.length]!.slice();
    for (let count = random() % 4; count >= 0; count--) bytes[random() % bytes.length] = random() & 255;
    deepEqual(facts(read(bytes, [1])), facts(read(bytes)), `round ${round}`);
  }
});
