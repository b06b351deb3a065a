/**
 * Fuzz target: the answer to an SSL 2.0 hello. Besides not throwing, it must be read alike whether it comes
 * whole or in pieces, and nothing of it be kept beyond the byte limit.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { Ssl2Exchange } from "../../src/tls/ssl2.ts";
import { ascii, concatenate, fakeCertificate, fromHex } from "../unit/tls/flight_bytes.ts";
import { feedPieces } from "./pieces.ts";

/** Small, so that the limit is met by ordinary inputs too. */
const BYTES_MAX = 1_024;

const RANDOM = new Uint8Array(32);

const SERVER_HELLO = concatenate(
  fromHex("04 00 01 0002 0100 0006 0010"),
  fakeCertificate(256, 1),
  fromHex("010080 0700c0"),
  RANDOM.subarray(0, 16),
);

const seeds: Uint8Array[] = [
  concatenate([0x81, SERVER_HELLO.length - 256], SERVER_HELLO),
  concatenate([0x01, SERVER_HELLO.length - 256 + 3, 3], SERVER_HELLO, [0, 0, 0]),
  fromHex("800b 04 00 01 0002 0000 0000 0000"),
  fromHex("800e 04 00 02 0002 0003 0000 0000 300100"),
  fromHex("bfff 04 00 01 0002 7ff4 0000 0000"),
  fromHex("8003 00 0001"),
  fromHex("15 0301 0002 02 46"),
  fromHex("15 0301 0004 01 70 02 28"),
  fromHex("16 0301 0004 02 000000"),
  ascii("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
  ascii("220 mail.example ESMTP\r\n"),
];

/** What must not depend on how the input was cut. */
function facts(exchange: Ssl2Exchange) {
  const { outcome, reason, alert, chain, cipherKinds, missing } = exchange;
  return { outcome, reason, alert, chain, cipherKinds, missing: outcome ? 0 : missing };
}

export const target = {
  name: "ssl2",
  seeds,

  /** Pieces taken. */
  run(input: Uint8Array): number {
    const whole = new Ssl2Exchange(RANDOM, BYTES_MAX);
    whole.feed(input);
    const cut = new Ssl2Exchange(RANDOM, BYTES_MAX);
    const pieceCount = feedPieces(input, (piece) => equal(cut.feed(piece), cut.outcome !== undefined));
    deepEqual(facts(cut), facts(whole));
    ok((whole.prefix?.length ?? 0) <= 64 && whole.chain.every((der) => der.length < BYTES_MAX));
    ok(whole.outcome !== undefined || whole.missing <= BYTES_MAX);
    return pieceCount;
  },
};
