/**
 * Fuzz target: what servers say before TLS, in each protocol. Besides not throwing, reading must end within its limit,
 * keep little, and come to the same end whether the input comes whole or octet by octet.
 *
 * @module
 */

import { deepEqual, ok } from "node:assert/strict";
import {
  PRELUDE_BYTES_MAX,
  START_TLS_PROTOCOLS,
  StartTlsPrelude,
  startTlsPrelude,
} from "../../src/tls/starttls/mod.ts";
import { ascii, fromHex } from "../unit/tls/flight_bytes.ts";

const SERVER = { address: "192.0.2.1", port: 1, serverName: "server.example" };

/** What must not depend on how the input was cut. */
function facts({ outcome, reason, transcript }: StartTlsPrelude) {
  return { outcome, reason, transcript };
}

export const target = {
  name: "starttls",

  seeds: [
    ascii(
      "220-mail.example\r\n220 ESMTP\r\n250-mail.example\r\n250 STARTTLS\r\n220 2.0.0 Ready to start TLS\r\n",
    ),
    ascii("220 ftp\r\n504 no TLS\r\n334 SSL\r\n"),
    ascii(
      "* OK [CAPABILITY IMAP4rev1] ready.\r\n* CAPABILITY IMAP4rev1\r\nm1 OK Begin TLS negotiation now.\r\n",
    ),
    ascii("+OK ready.\r\n+OK Begin TLS negotiation now.\r\n"),
    ascii("+OK ready.\r\n-ERR no\r\n"),
    ascii("S"),
    fromHex("45 0000000a 4d 6e6f00 00"),
    fromHex(
      "2d000000 0a 352e352e3500 2a000000 3132333435363738 00 feff 2d 0200 ff81 15 00000000000000000000 3100",
    ),
    fromHex("1000000 0 ff 6a04 6e6f7420616c6c6f776564"),
    fromHex("300c 020101 7807 0a0100 0400 0400"),
    fromHex("3084 00000012 020101 7884 00000009 0a0102 0400 04026e6f"),
    ascii(
      "<?xml version='1.0'?><stream:stream id='1'><stream:features><starttls/></stream:features><proceed/>",
    ),
    ascii("<stream:stream><stream:error><host-unknown/><text>no</text></stream:error></stream:stream>"),
  ],

  /** Octets read; each is read once in either reading. */
  run(input: Uint8Array): number {
    for (const protocol of START_TLS_PROTOCOLS) {
      const whole = startTlsPrelude(protocol, SERVER);
      whole.feed(input);
      const cut = startTlsPrelude(protocol, SERVER);
      const octet = new Uint8Array(1);
      for (let offset = 0; offset < input.length && cut.outcome === undefined; offset++) {
        octet[0] = input[offset]!;
        cut.feed(octet);
      }
      deepEqual(facts(cut), facts(whole));
      ok(whole.outcome !== undefined || input.length < PRELUDE_BYTES_MAX);
      ok((whole.prefix?.length ?? 0) <= 64 && (whole.reason?.length ?? 0) <= 256 + 64);
      ok(whole.transcript.length <= 8 && whole.transcript.every(({ text }) => text.length <= 2_200));
    }
    return START_TLS_PROTOCOLS.length * 2 * input.length;
  },
};
