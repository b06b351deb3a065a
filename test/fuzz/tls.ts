/**
 * Fuzz target: the TLS record and flight parser. Besides not throwing, it must do work linear in the input,
 * keep within its byte limit, and read the same flight whether the input comes whole or in pieces. The first octet
 * of an input says which hello is answered, and how: with the input as it is, or with a ServerHello of TLS 1.3 and
 * the input as what its encrypted records hold, so that mutations get behind the tag.
 *
 * @module
 */

import { deepEqual, ok } from "node:assert/strict";
import { Flight } from "../../src/tls/flight.ts";
import { type Hello, makeHello } from "../../src/tls/hello.ts";
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
import {
  certificate13,
  encryptedExtensions,
  extension,
  keyShare,
  retryRequest,
  selectedVersion,
  Tls13Server,
} from "../unit/tls/tls13_server.ts";
import { feedPieces } from "./pieces.ts";
import type { FuzzTarget } from "./target.ts";

/** Small, so that the limit is met by ordinary inputs too. */
const BYTES_MAX = 2_048;

const random = fakeCertificate(32, 7);
const TLS12 = makeHello("tls12", { random });
const MODERN = makeHello("modern", { random });
const PQ_PROBE = makeHello("pq_probe", { random });

/** How an input is answered with. */
const [TO_TLS12, TO_MODERN, TO_PQ_PROBE, SEALED] = [0, 1, 2, 3] as const;

const HELLO = serverHello({ sentinel: "444f574e47524401" });
const CHAIN = certificate(fakeCertificate(300, 1), fakeCertificate(200, 2));
const CHAIN_13 = certificate13(
  [fakeCertificate(300, 1), fakeCertificate(200, 2)],
  extension(5, fromHex("0100")),
);

function input(manner: number, ...octets: Uint8Array[]): Uint8Array {
  return concatenate([manner], ...octets);
}

/** One record of a protected flight: how many octets it holds besides its type and one of padding, then these. */
function inner(contentType: number, ...octets: Uint8Array[]): Uint8Array {
  const content = concatenate(...octets);
  return concatenate([content.length >> 8, content.length & 255], content, [contentType, 0]);
}

const { serverHello: sealedHello } = new Tls13Server(MODERN.firstBytes);

const seeds: Uint8Array[] = [
  input(TO_TLS12, handshakeRecords(concatenate(HELLO, CHAIN, serverHelloDone))),
  input(TO_TLS12, handshakeRecords(HELLO), handshakeRecords(CHAIN), handshakeRecords(serverHelloDone)),
  input(TO_TLS12, handshakeRecords(concatenate(HELLO, CHAIN), 40)),
  input(
    TO_TLS12,
    handshakeRecords(concatenate(HELLO, certificate(fakeCertificate(1, 0), fakeCertificate(2, 0)))),
  ),
  input(TO_TLS12, handshakeRecords(concatenate(HELLO, certificate(fakeCertificate(3_000, 3))))),
  input(TO_TLS12, handshakeRecords(concatenate(HELLO, certificate()))),
  input(TO_TLS12, handshakeRecords(concatenate(HELLO, serverHelloDone))),
  input(
    TO_TLS12,
    handshakeRecords(
      serverHello({ version: 0x0301, sessionId: fakeCertificate(32, 7), extensions: fromHex("") }),
    ),
  ),
  input(TO_TLS12, handshakeRecords(serverHello({ extensions: fromHex("0006 002b 0002 0304") }))),
  input(TO_TLS12, record(21, fromHex("0170")), handshakeRecords(concatenate(HELLO, CHAIN))),
  input(TO_TLS12, record(21, fromHex("0246"))),
  input(TO_TLS12, record(21, fromHex("0228"))),
  input(
    TO_TLS12,
    handshakeRecords(concatenate(...Array.from({ length: 20 }, () => message(0, fromHex(""))), HELLO), 3),
  ),
  input(TO_TLS12, record(22, fromHex("0b ffffff 000003"))),
  input(TO_TLS12, ascii("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
  input(TO_TLS12, ascii("SSH-2.0-OpenSSH_9.9\r\n")),
  input(TO_MODERN, handshakeRecords(concatenate(HELLO, CHAIN))),
  input(TO_MODERN, sealedHello, fromHex("14 0303 0001 01"), record(23, fakeCertificate(80, 1))),
  input(TO_MODERN, retryRequest(23, fromHex("abcd")), fromHex("14 0303 0001 01"), sealedHello),
  input(TO_MODERN, retryRequest(24), record(21, fromHex("0228"))),
  input(
    TO_MODERN,
    new Tls13Server(MODERN.firstBytes, {
      extensions: concatenate(selectedVersion, keyShare(29, fromHex("00"))),
    }).serverHello,
  ),
  input(TO_PQ_PROBE, retryRequest(0x11ec)),
  input(SEALED, inner(22, encryptedExtensions(extension(16, fromHex("0003 02 6832"))), CHAIN_13)),
  input(
    SEALED,
    inner(22, encryptedExtensions()),
    inner(21, fromHex("0170")),
    inner(22, message(13, fromHex("00 0008 000d 0004 0002 0804"))),
    inner(22, CHAIN_13.subarray(0, 90)),
    inner(22, CHAIN_13.subarray(90)),
  ),
  input(SEALED, inner(22, encryptedExtensions(), message(25, fakeCertificate(9, 9)))),
  input(SEALED, inner(21, fromHex("0250"))),
];

/** What must not depend on how the input was cut. */
function facts(flight: Flight) {
  const { outcome, reason, serverHello, encryptedExtensions, helloRetried, certificateRequested } = flight;
  const { alert, chain } = flight;
  const missing = outcome === undefined ? flight.missing : 0;
  const rest = { alert, chain, missing, reply: flight.takeReply() };
  return { outcome, reason, serverHello, encryptedExtensions, helloRetried, certificateRequested, ...rest };
}

/** The hello that an input answers, and the octets that answer it. */
function answer(input: Uint8Array): [Hello, Uint8Array] {
  const bytes = input.subarray(1);
  const manner = (input[0] ?? 0) % 4;
  if (manner !== SEALED) return [[TLS12, MODERN, PQ_PROBE][manner]!, bytes];
  const server = new Tls13Server(MODERN.firstBytes);
  const records = [server.serverHello];
  for (let offset = 0; offset + 2 <= bytes.length;) {
    const end = offset + 2 + (bytes[offset]! << 8 | bytes[offset + 1]!) + 2;
    records.push(server.sealInner(bytes.subarray(offset + 2, end)));
    offset = end;
  }
  return [MODERN, concatenate(...records)];
}

export const target: FuzzTarget = {
  name: "tls",
  seeds,

  /** Steps taken; at most two for each octet and three for each piece, in either reading. */
  run(input: Uint8Array): number {
    const [hello, bytes] = answer(input);
    const whole = new Flight(hello, BYTES_MAX);
    whole.feed(bytes);
    const cut = new Flight(hello, BYTES_MAX);
    const pieceCount = feedPieces(bytes, (piece) => cut.feed(piece));
    ok(whole.steps <= 2 * bytes.length + 3, `${whole.steps} steps for ${bytes.length} octets`);
    ok(cut.steps <= 2 * bytes.length + 3 * pieceCount, `${cut.steps} steps for ${bytes.length} octets`);
    ok((whole.prefix?.length ?? 0) <= 64 && whole.chain.every((der) => der.length < BYTES_MAX));
    deepEqual(facts(cut), facts(whole));
    return whole.steps + cut.steps;
  },
};
