/**
 * Servers that show an honest chain and are a trap behind it: in the whole handshake, or in HTTP.
 *
 * @module
 */
import {
  ascii,
  certificate,
  concatenate,
  fromHex,
  handshakeRecords,
  message,
  record,
  serverHello,
} from "../unit/tls/flight_bytes.ts";
import { goOverToTls } from "./hostile_preludes.ts";
import {
  CANNED_CHAIN,
  type HostileServer,
  overTcp,
  overTls,
  pause,
  pemOf,
  type Talk,
} from "./hostile_talk.ts";

const FLIGHT = handshakeRecords(concatenate(serverHello(), certificate(...CANNED_CHAIN)));
const HELLO_REQUEST = message(0, new Uint8Array(0));
const WARNING = record(21, fromHex("0170"));

const HEAD = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

/** A server whose answer to a request is at fault. */
function answering(what: string, http: RegExp, answer: (talk: Talk) => Promise<unknown>): HostileServer {
  return {
    what,
    outcome: "captured",
    chain: "real",
    session: "unknown_issuer",
    http,
    listen: overTls(async (talk) => {
      await talk.hearAnything();
      await answer(talk);
    }),
  };
}

/**
 * An honest server behind a gate: every other connection gets `bytes` octets of its answer at the most, one by one.
 * So it goes with the session behind each capture.
 */
function gated(what: string, bytes: number, pauseMilliseconds: number): HostileServer {
  return {
    what,
    outcome: "captured",
    chain: "real",
    session: "timeout",
    listen(address, port, credentials) {
      const [cert, key] = pemOf(credentials);
      const honest = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
      void (async () => {
        for await (const connection of honest) void connection.handshake().catch(() => {});
      })();
      const gate = overTcp(async (talk, number) => {
        const inner = await Deno.connect({ ...honest.addr as Deno.NetAddr, transport: "tcp" });
        await inner.write(await talk.hear());
        const answer = new Uint8Array(16_384);
        const count = await inner.read(answer) ?? 0;
        if (number % 2 === 0) return await talk.say(answer.subarray(0, count));
        await talk.drip(answer.subarray(0, bytes), pauseMilliseconds);
      });
      gate(address, port, credentials);
    },
  };
}

/** Shows a canned flight to captures, which come first; to every other connection, a session, it does as told. */
function turning(what: string, session: string, script: (talk: Talk) => Promise<unknown>): HostileServer {
  return {
    what: `in the session: ${what}`,
    outcome: "captured",
    chain: "canned",
    session,
    listen: overTcp(async (talk, number) => {
      await talk.hear();
      await (number % 2 === 0 ? talk.say(FLIGHT) : script(talk));
    }),
  };
}

/** The same with SMTP before TLS: in sessions all of it is as told. */
function turningMail(what: string, session: string, script: (talk: Talk) => Promise<unknown>): HostileServer {
  return {
    what: `in the session: ${what}`,
    port: 25,
    outcome: "captured",
    chain: "canned",
    session,
    listen: overTcp(async (talk, number) => {
      if (number % 2 === 1) return await script(talk);
      await goOverToTls(talk);
      await talk.hear();
      await talk.say(FLIGHT);
    }),
  };
}

const TURNING: readonly HostileServer[] = [
  turning("silence", "timeout", () => Promise.resolve()),
  turning("the end", "closed", (talk) => talk.end()),
  turning("warnings without end", "protocol_error", (talk) => talk.flood(WARNING)),
  turning("HelloRequests without end", "protocol_error", (talk) => talk.flood(record(22, HELLO_REQUEST))),
  turning("empty records without end", "protocol_error", (talk) => talk.flood(record(22, new Uint8Array(0)))),
  turning("a message without end", "protocol_error", async (talk) => {
    await talk.say(handshakeRecords(message(2, new Uint8Array(3), 0xffffff)));
    await talk.flood(record(22, new Uint8Array(16_384)));
  }),
  turning(
    "change_cipher_spec without end",
    "protocol_error",
    (talk) => talk.flood(record(20, fromHex("01"))),
  ),
  turning("a flight that stops behind its chain", "timeout", (talk) => talk.say(FLIGHT)),
  turningMail("SMTP without a greeting", "timeout", () => Promise.resolve()),
  turningMail(
    "SMTP with a greeting without end",
    "protocol_error",
    (talk) => talk.flood(ascii("220-welcome\r\n")),
  ),
  turningMail("SMTP that thinks better of it", "starttls_refused", async (talk) => {
    await talk.say(ascii("554 no\r\n"));
  }),
  turningMail("SMTP, then warnings without end", "protocol_error", async (talk) => {
    await goOverToTls(talk);
    await talk.hear();
    await talk.flood(WARNING);
  }),
];

export const HOSTILE_SESSIONS: readonly HostileServer[] = [
  ...TURNING,
  gated("a handshake that stops", 1, 0),
  gated("a handshake of an octet at a time", 16_384, 100),
  answering("HTTP: no answer", /deadline/, () => Promise.resolve()),
  answering("HTTP: a head without end", /head of more than/, async (talk) => {
    await talk.say(ascii(HEAD));
    await talk.flood(ascii("X-Again: and again\r\n"));
  }),
  answering("HTTP: a status line without end", /head|line/, (talk) => talk.flood(ascii("HTTP/1.1 200 OK "))),
  answering(
    "HTTP: interim answers without end",
    /head of more than/,
    (talk) => talk.flood(ascii("HTTP/1.1 100 Continue\r\n\r\n")),
  ),
  answering(
    "HTTP: a head of an octet at a time",
    /deadline/,
    (talk) => talk.drip(ascii(HEAD.repeat(40)), 100),
  ),
  answering("HTTP: a body without end", /truncated/, async (talk) => {
    await talk.say(ascii(`${HEAD}\r\n`));
    await talk.flood(ascii("again and "));
  }),
  answering("HTTP: chunks of an octet without end", /./, async (talk) => {
    await talk.say(ascii(CHUNKED));
    await talk.flood(ascii("1\r\na\r\n"));
  }),
  answering("HTTP: a chunk's extension without end", /./, async (talk) => {
    await talk.say(ascii(`${CHUNKED}1;`));
    await talk.flood(ascii("again="));
  }),
  answering(
    "HTTP: a body that stops",
    /deadline/,
    (talk) => talk.say(ascii(`${HEAD}Content-Length: 1000000\r\n\r\nand that is all`)),
  ),
  answering("HTTP: half a body and the end", /closed within the body/, async (talk) => {
    await talk.say(ascii(`${HEAD}Content-Length: 1000000\r\n\r\nand that is all`));
    await pause(50);
    await talk.end();
  }),
];
