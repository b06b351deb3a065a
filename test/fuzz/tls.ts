/**
 * Fuzz target: the TLS record and flight parser. Besides not throwing, it must do work linear in the input,
 * keep within its byte limit, and read the same flight whether the input comes whole or in pieces.
 *
 * @module
 */

import { deepEqual, ok } from "node:assert/strict";
import { Flight } from "../../src/tls/mod.ts";
import {
  ascii,
  certificate,
  concatenate,
  fakeCertificate,
  fromHex,
  handshakeRecords,
  message,
  record,
  serverHello,
  serverHelloDone,
} from "../unit/tls/flight_bytes.ts";

/** Small, so that the limit is met by ordinary inputs too. */
const BYTES_MAX = 2_048;

const HELLO = serverHello({ sentinel: "444f574e47524401" });
const CHAIN = certificate(fakeCertificate(300, 1), fakeCertificate(200, 2));

const seeds: Uint8Array[] = [
  handshakeRecords(concatenate(HELLO, CHAIN, serverHelloDone)),
  concatenate(handshakeRecords(HELLO), handshakeRecords(CHAIN), handshakeRecords(serverHelloDone)),
  handshakeRecords(concatenate(HELLO, CHAIN), 40),
  handshakeRecords(concatenate(HELLO, certificate(fakeCertificate(1, 0), fakeCertificate(2, 0)))),
  handshakeRecords(concatenate(HELLO, certificate(fakeCertificate(3_000, 3)))),
  handshakeRecords(concatenate(HELLO, certificate())),
  handshakeRecords(concatenate(HELLO, serverHelloDone)),
  handshakeRecords(
    serverHello({ version: 0x0301, sessionId: fakeCertificate(32, 7), extensions: fromHex("") }),
  ),
  handshakeRecords(serverHello({ extensions: fromHex("0006 002b 0002 0304") })),
  concatenate(record(21, fromHex("0170")), handshakeRecords(concatenate(HELLO, CHAIN))),
  record(21, fromHex("0246")),
  record(21, fromHex("0228")),
  handshakeRecords(concatenate(...Array.from({ length: 20 }, () => message(0, fromHex(""))), HELLO), 3),
  record(22, fromHex("0b ffffff 000003")),
  ascii("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
  ascii("SSH-2.0-OpenSSH_9.9\r\n"),
];

/** What must not depend on how the input was cut. */
function facts({ outcome, reason, serverHello, alert, chain, missing }: Flight) {
  return { outcome, reason, serverHello, alert, chain, missing: outcome === undefined ? missing : 0 };
}

export const target = {
  name: "tls",
  seeds,

  /** Steps taken; at most two for each octet and three for each piece, in either reading. */
  run(input: Uint8Array): number {
    const whole = new Flight(BYTES_MAX);
    whole.feed(input);
    const cut = new Flight(BYTES_MAX);
    let pieceCount = 0;
    for (let offset = 0; offset < input.length; pieceCount++) {
      const size = 1 + input[offset]! % 61;
      const piece = input.slice(offset, offset + size);
      cut.feed(piece);
      piece.fill(0xee);
      offset += size;
    }
    ok(whole.steps <= 2 * input.length + 3, `${whole.steps} steps for ${input.length} octets`);
    ok(cut.steps <= 2 * input.length + 3 * pieceCount, `${cut.steps} steps for ${input.length} octets`);
    ok((whole.prefix?.length ?? 0) <= 64 && whole.chain.every((der) => der.length < BYTES_MAX));
    deepEqual(facts(cut), facts(whole));
    return whole.steps + cut.steps;
  },
};
