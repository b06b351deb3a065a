import { deepEqual, equal } from "node:assert/strict";
import {
  PRELUDE_BYTES_MAX,
  START_TLS_PROTOCOLS,
  StartTlsCapture,
  StartTlsExchange,
  starttlsOf,
  startTlsPrelude,
  type StartTlsProtocol,
} from "../../../../src/tls/starttls/mod.ts";
import type { CaptureExchange } from "../../../../src/tls/capture.ts";
import type { Exchange } from "../../../../src/tls/exchange.ts";
import { ascii, concatenate, fromHex, type Octets } from "../flight_bytes.ts";
import { latin1, SERVER } from "./rehearse.ts";

/** Says "hello", answers each octet with its double, and is over at an exclamation mark. */
class Echo implements Exchange {
  readonly firstBytes = ascii("hello");
  readonly missing = 7;
  heard = "";
  #reply: number[] = [];

  feed(bytes: Octets): boolean {
    this.heard += latin1(bytes);
    this.#reply.push(...Array.from(bytes).flatMap((octet) => [octet, octet]));
    return this.heard.endsWith("!");
  }

  takeReply(): Octets | undefined {
    return this.#reply.length === 0 ? undefined : Uint8Array.from(this.#reply.splice(0));
  }
}

/** A capture that has found a chain as soon as it hears anything. */
class Found extends Echo implements CaptureExchange {
  readonly outcome = "captured";
  readonly chain = [fromHex("3000")];
  readonly alpn = "smtp";
}

/** For each protocol, what a server says up to its go-ahead. */
const SERVERS: Readonly<Record<StartTlsProtocol, Octets>> = {
  smtp: ascii("220 mail\r\n250 mail\r\n220 go\r\n"),
  imap: ascii("* OK\r\nm1 OK\r\n"),
  pop3: ascii("+OK\r\n+OK\r\n"),
  ftp: ascii("220 \r\n234 \r\n"),
  postgres: ascii("S"),
  mysql: fromHex("16000000 0a 382e3000 01000000 3132333435363738 00 00080000"),
  ldap: fromHex("300c 020101 7807 0a0100 0400 0400"),
  xmpp: ascii("<stream:stream><stream:features><starttls/></stream:features><proceed/>"),
};

Deno.test("what follows leaves once the server is ready, and hears all that comes behind the go-ahead", () => {
  for (const protocol of START_TLS_PROTOCOLS) {
    const exchange = new StartTlsExchange(protocol, () => new Echo(), SERVER);
    equal(exchange.missing, 1);
    for (const octet of SERVERS[protocol]) {
      equal(exchange.inner, undefined);
      exchange.takeReply();
      equal(exchange.feed(Uint8Array.of(octet)), false);
    }
    equal(exchange.prelude.outcome, "started");
    equal(exchange.prelude.remainder.length, 0);
    equal(exchange.missing, 7);
    // MySQL has no go-ahead: its last words in clear and the hello leave together.
    equal(latin1(exchange.takeReply()!).slice(protocol === "mysql" ? 36 : 0), "hello");
    equal(exchange.takeReply(), undefined);
    equal(exchange.feed(ascii("ab")), false);
    deepEqual(exchange.takeReply(), ascii("aabb"));
    equal(exchange.feed(ascii("!")), true);
    equal(exchange.inner?.heard, "ab!");
  }
});

Deno.test("octets that come with the go-ahead are noted, and heard as what they claim to be", () => {
  for (const protocol of START_TLS_PROTOCOLS) {
    const exchange = new StartTlsExchange(protocol, () => new Echo(), SERVER);
    const bytes = concatenate(SERVERS[protocol], ascii("in"));
    equal(exchange.feed(bytes), false);
    bytes.fill(0xee);
    equal(exchange.inner?.heard, "in");
    deepEqual(exchange.prelude.remainder, ascii("in"));
    equal(latin1(exchange.takeReply()!).endsWith("helloiinn"), true);
  }
  const exchange = new StartTlsExchange("postgres", () => new Echo(), SERVER);
  equal(exchange.feed(ascii("S!")), true);
});

Deno.test("a capture behind a prelude has found what it found, or why it never began", () => {
  const capture = new StartTlsCapture("smtp", () => new Found(), SERVER);
  deepEqual([capture.outcome, capture.chain], [undefined, []]);
  capture.feed(SERVERS.smtp);
  deepEqual([capture.outcome, capture.chain, capture.alpn, capture.reason], [
    "captured",
    [fromHex("3000")],
    "smtp",
    undefined,
  ]);
  deepEqual(capture.transcript.map(({ step }) => step), ["greeting", "capabilities", "answer"]);

  const refused = new StartTlsCapture("smtp", () => new Found(), SERVER);
  equal(refused.feed(ascii("220 mail\r\n250 mail\r\n454 no TLS here\r\n")), true);
  deepEqual([refused.outcome, refused.reason, refused.inner, refused.chain], [
    "starttls_refused",
    "454 no TLS here",
    undefined,
    [],
  ]);

  const stranger = new StartTlsCapture("smtp", () => new Found(), SERVER);
  equal(stranger.feed(ascii("SSH-2.0-OpenSSH_9.9\r\n")), true);
  deepEqual([stranger.outcome, stranger.prefix], [
    "not_tls",
    ascii("SSH-2.0-OpenSSH_9.9\r\n"),
  ]);
});

Deno.test("how a stranger begins is kept, up to 64 octets of what has come", () => {
  const long = startTlsPrelude("ldap", SERVER);
  long.feed(ascii("H".repeat(100)));
  deepEqual(long.prefix, ascii("H".repeat(64)));
  const late = startTlsPrelude("smtp", SERVER);
  late.feed(ascii("22"));
  late.feed(ascii("x rest"));
  deepEqual(late.prefix, ascii("22x rest"));
});

Deno.test("a server that never comes to the point is left after 65,536 octets", () => {
  const endless: Partial<Record<StartTlsProtocol, string>> = {
    smtp: "220-and so on\r\n",
    // A message ends just where the limit is.
    ftp: "120 so\r\n",
    imap: "* OK\r\n",
    xmpp: "<?xml version='1.0'?>",
  };
  for (const protocol of ["smtp", "ftp", "imap", "xmpp"] as const) {
    const part = ascii(endless[protocol]!);
    const prelude = startTlsPrelude(protocol, SERVER);
    let fed = 0;
    while (!prelude.feed(part)) fed += part.length;
    equal(prelude.outcome, "oversize", protocol);
    equal(fed + part.length >= PRELUDE_BYTES_MAX && fed < PRELUDE_BYTES_MAX, true);
    equal(prelude.transcript.length <= 8, true);
    equal(prelude.transcript.every(({ text }) => text.length <= 2_048), true);
  }
});

Deno.test("a long message is kept in part, and a refusal on one short line", () => {
  const prelude = startTlsPrelude("smtp", SERVER);
  prelude.feed(ascii(`554-${"long ".repeat(2_000)}\r\n554 end\r\n`));
  equal(prelude.outcome, "starttls_refused");
  equal(prelude.transcript[0]?.text.length, 2_048);
  equal(prelude.reason, `${`554-${"long ".repeat(60)}`.slice(0, 255)}…`);
});

Deno.test("spoilt octets lead to the same end however they are cut", () => {
  let state = 1;
  const random = (below: number) => (state = state * 48_271 % 2_147_483_647) % below;
  for (const protocol of START_TLS_PROTOCOLS) {
    for (let round = 0; round < 300; round++) {
      const bytes = SERVERS[protocol].slice();
      for (let change = random(4); change >= 0; change--) bytes[random(bytes.length)] = random(256);
      const whole = startTlsPrelude(protocol, SERVER);
      whole.feed(bytes);
      const cut = startTlsPrelude(protocol, SERVER);
      for (const octet of bytes) cut.feed(Uint8Array.of(octet));
      deepEqual([cut.outcome, cut.reason, cut.transcript], [whole.outcome, whole.reason, whole.transcript]);
    }
  }
});

Deno.test("a port says which protocol comes before TLS", () => {
  deepEqual([25, 587, 2525, 143, 110, 21, 5432, 3306, 389, 5222, 5269].map(starttlsOf), [
    ...["smtp", "smtp", "smtp", "imap", "pop3", "ftp", "postgres", "mysql", "ldap", "xmpp", "xmpp"],
  ]);
  deepEqual(
    [443, 465, 636, 853, 990, 993, 995, 5223, 8443].filter((port) => starttlsOf(port) !== undefined),
    [],
  );
});
