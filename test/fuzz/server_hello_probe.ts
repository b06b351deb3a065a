/**
 * Fuzz target: the first answer to a hello. Besides not throwing, it must be read alike whether it comes
 * whole or in pieces, and no claim of its own make more of it wanted than an answer may have.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { ServerHelloProbe } from "../../src/tls/server_hello_probe.ts";
import {
  ascii,
  concatenate,
  fakeCertificate,
  fromHex,
  handshakeRecords,
  message,
  record,
  serverHello,
} from "../unit/tls/flight_bytes.ts";
import { feedPieces } from "./pieces.ts";

const HELLO = serverHello({ sentinel: "444f574e47524401" });

const seeds: Uint8Array[] = [
  handshakeRecords(HELLO),
  handshakeRecords(HELLO, 7),
  handshakeRecords(serverHello({ extensions: fromHex("000c 002b 0002 0304 0033 0002 0017") })),
  handshakeRecords(serverHello({ version: 0x0300, extensions: fromHex("") })),
  concatenate(record(21, fromHex("0170")), handshakeRecords(HELLO)),
  handshakeRecords(concatenate(message(0, fromHex("")), HELLO)),
  handshakeRecords(message(2, fakeCertificate(20_000, 1))),
  record(21, fromHex("0228")),
  record(21, fromHex("01700246")),
  ascii("HTTP/1.1 400 Bad Request\r\n\r\n"),
];

/** What must not depend on how the input was cut. */
function facts({ outcome, reason, serverHello, alert, missing }: ServerHelloProbe) {
  return { outcome, reason, serverHello, alert, missing: outcome ? 0 : missing };
}

export const target = {
  name: "server_hello_probe",
  seeds,

  /** Pieces taken. */
  run(input: Uint8Array): number {
    const whole = new ServerHelloProbe(new Uint8Array(0));
    whole.feed(input);
    const cut = new ServerHelloProbe(new Uint8Array(0));
    const pieceCount = feedPieces(input, (piece) => equal(cut.feed(piece), cut.outcome !== undefined));
    deepEqual(facts(cut), facts(whole));
    ok(whole.outcome !== undefined || whole.missing <= 16_384);
    return pieceCount;
  },
};
