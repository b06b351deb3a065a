/**
 * Servers that never come to TLS, on ports where another protocol comes first.
 *
 * @module
 */
import { ascii, fromHex, record } from "../unit/tls/flight_bytes.ts";
import { type HostileServer, overTcp, type Talk } from "./hostile_talk.ts";

type Expected = Pick<HostileServer, "outcome" | "reason">;

function on(
  port: number,
  what: string,
  expected: Expected,
  script: (talk: Talk) => Promise<void>,
): HostileServer {
  return { what, port, ...expected, listen: overTcp(script) };
}

/** SMTP as far as its go-ahead (RFC 3207, 4). */
export async function goOverToTls(talk: Talk): Promise<void> {
  await talk.say(ascii("220 ready\r\n"));
  await talk.hearAnything();
  await talk.say(ascii("250 STARTTLS\r\n"));
  await talk.hearAnything();
  await talk.say(ascii("220 go ahead\r\n"));
}

const OVERSIZE = { outcome: "oversize" };
const TIMEOUT = { outcome: "timeout" };

export const HOSTILE_PRELUDES: readonly HostileServer[] = [
  on(25, "SMTP: no greeting", TIMEOUT, () => Promise.resolve()),
  on(25, "SMTP: half a greeting", TIMEOUT, (talk) => talk.say(ascii("220-hold the line\r\n220-still"))),
  on(25, "SMTP: a greeting without end", OVERSIZE, (talk) => talk.flood(ascii("220-welcome\r\n"))),
  on(25, "SMTP: a line without end", OVERSIZE, (talk) => talk.flood(ascii("220-welcome "))),
  on(
    25,
    "SMTP: a greeting of an octet at a time",
    TIMEOUT,
    (talk) => talk.drip(ascii("220 mail.example\r\n"), 400),
  ),
  on(25, "SMTP: go-ahead, then warnings without end", OVERSIZE, async (talk) => {
    await goOverToTls(talk);
    await talk.hear();
    await talk.flood(record(21, fromHex("0170")));
  }),
  on(25, "SMTP: go-ahead, then silence", TIMEOUT, async (talk) => {
    await goOverToTls(talk);
  }),
  on(143, "IMAP: untagged answers without end", OVERSIZE, async (talk) => {
    await talk.say(ascii("* OK ready\r\n"));
    await talk.flood(ascii("* CAPABILITY IMAP4rev1\r\n"));
  }),
  on(110, "POP3: a refusal without end", OVERSIZE, async (talk) => {
    await talk.say(ascii("+OK ready\r\n"));
    await talk.hearAnything();
    await talk.flood(ascii("-ERR no "));
  }),
  on(21, "FTP: a greeting without end", OVERSIZE, (talk) => talk.flood(ascii("220-welcome\r\n"))),
  on(5432, "PostgreSQL: neither yes nor no", { outcome: "not_tls" }, async (talk) => {
    await talk.hearAnything();
    await talk.flood(ascii("X"));
  }),
  on(3306, "MySQL: a greeting of 16 MB", { outcome: "not_tls", reason: /16777215 octets/ }, async (talk) => {
    await talk.say(fromHex("ffffff 00 0a"));
    await talk.flood(ascii("8.0.0"));
  }),
  on(389, "LDAP: an answer of 2 GB", { outcome: "not_tls", reason: /2147483647 octets/ }, async (talk) => {
    await talk.hearAnything();
    await talk.say(fromHex("30 84 7fffffff 0201 01 78 84 7ffffff0"));
    await talk.flood(ascii("a"));
  }),
  on(5222, "XMPP: a stream that never gets to its features", OVERSIZE, async (talk) => {
    await talk.hearAnything();
    await talk.say(ascii("<?xml version='1.0'?><stream:stream "));
    await talk.flood(ascii("a='b' "));
  }),
];
