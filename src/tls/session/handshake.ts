/**
 * One connection and one TLS handshake over it by Deno's own API, which judges the server's chain.
 *
 * @module
 */

import type { StartTlsPrelude } from "../starttls/mod.ts";
import type { Channel } from "./channel.ts";
import { type Failure, failure, judgeConnection, judgeHandshake, type Judgement } from "./judge.ts";
import type { Leash } from "./leash.ts";
import type { Meter } from "./meter.ts";
import { type Endpoint, sever } from "./sever.ts";
import type { Peer } from "./tolerant.ts";
import type { Trust } from "./trust.ts";

export interface HandshakeOptions {
  readonly peer: Peer;
  readonly trust: Trust;
  /** Application protocols to offer; none offers none. */
  readonly alpn: readonly string[];
  /** What the server has shown elsewhere, for the meter. */
  readonly chain: readonly Uint8Array[] | undefined;
  readonly prelude: StartTlsPrelude | undefined;
}

/** What came of a handshake. */
export interface Handshake {
  readonly judgement: Judgement;
  /** The session, with a server that is trusted. */
  readonly channel?: Channel | undefined;
}

/** Never rejects for what a server or the network does. */
export async function shakeHands(options: HandshakeOptions, leash: Leash, meter: Meter): Promise<Handshake> {
  if (leash.cause !== undefined) return { judgement: failure(leash.cause) };
  const { peer, chain, prelude } = options;
  let judge: (error: unknown) => Judgement = judgeConnection;
  try {
    const connection = await connect(peer, leash, meter);
    const refusal = prelude && await goOverToTls(connection, prelude, meter);
    if (refusal !== undefined) return { judgement: refusal };
    judge = judgeHandshake;
    const channel = await startTls(connection, options, leash, meter);
    meter.shookHands(chain);
    return { judgement: { kind: "verdict", outcome: "trusted" }, channel };
  } catch (error) {
    const judgement = leash.cause === undefined ? judge(error) : failure(leash.cause);
    if (judgement.kind === "verdict") meter.shookHands(chain);
    return { judgement };
  }
}

async function startTls(
  connection: Deno.TcpConn,
  { peer, trust, alpn }: HandshakeOptions,
  leash: Leash,
  meter: Meter,
): Promise<Channel> {
  const { localAddr, remoteAddr } = connection;
  meter.greeted();
  const session = leash.own(
    await Deno.startTls(connection, {
      hostname: peer.serverName ?? peer.address,
      caCerts: [...trust.caCerts],
      ...(alpn.length > 0 && { alpnProtocols: [...alpn] }),
    }),
  );
  try {
    const { alpnProtocol } = await session.handshake();
    return channelOver(session, alpnProtocol ?? undefined);
  } catch (error) {
    if (leash.cause !== undefined) sever(endpointOf(localAddr), endpointOf(remoteAddr));
    throw error;
  }
}

function endpointOf({ hostname, port }: Deno.NetAddr): Endpoint {
  return { address: hostname, port };
}

async function connect({ address, port }: Peer, leash: Leash, meter: Meter): Promise<Deno.TcpConn> {
  meter.connecting();
  try {
    const connection = leash.own(await Deno.connect({ hostname: address, port, signal: leash.signal }));
    meter.connected();
    // The two small writes that finish a handshake of TLS 1.2 would wait 40 ms for each other (RFC 896).
    connection.setNoDelay(true);
    return connection;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) meter.refused();
    throw error;
  }
}

/** Says what comes before TLS; resolves to why TLS does not follow, where it does not. */
async function goOverToTls(
  connection: Deno.TcpConn,
  prelude: StartTlsPrelude,
  meter: Meter,
): Promise<Failure | undefined> {
  const say = async (bytes: Uint8Array): Promise<void> => {
    meter.said(bytes.length);
    await writeAll(connection, bytes);
  };
  if (prelude.firstBytes.length > 0) await say(prelude.firstBytes);
  for await (const octets of octetsFrom(connection)) {
    meter.heard(octets.length);
    const isOver = prelude.feed(octets);
    const reply = prelude.takeReply();
    if (reply !== undefined) await say(reply);
    if (isOver) return refusalOf(prelude);
  }
  return failure("closed");
}

function refusalOf({ outcome, reason }: StartTlsPrelude): Failure | undefined {
  switch (outcome) {
    case "started":
      return undefined;
    case "starttls_refused":
    case "not_tls":
      return failure(outcome, reason);
    default:
      return failure("protocol_error", reason);
  }
}

function channelOver(session: Deno.TlsConn, alpn: string | undefined): Channel {
  return {
    alpn,
    async listen(take) {
      for await (const octets of octetsFrom(session)) {
        if (take(octets)) return;
      }
    },
    write: (bytes) => writeAll(session, bytes),
    close: () => session.close(),
  };
}

const READ_BYTES = 16_384;

async function* octetsFrom(connection: Deno.Conn): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    yield buffer.subarray(0, count);
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await connection.write(bytes.subarray(written));
}
