/**
 * Sessions with servers whose chain Deno's own API refuses, by `node:tls`, which can be told to go on all the same.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { Channel } from "./channel.ts";
import type { Leash } from "./leash.ts";

/** A server, and whom to ask it for. */
export interface Peer {
  /** Never a name. */
  readonly address: string;
  readonly port: number;
  readonly serverName?: string | undefined;
}

/**
 * Connects to a server whatever its chain. Rejects where there is no session with it at all.
 *
 * @param alpn application protocols to offer; none offers none.
 */
export async function connectTolerantly(peer: Peer, alpn: readonly string[], leash: Leash): Promise<Channel> {
  const { connect } = await import("node:tls");
  const socket = connect({
    host: peer.address,
    port: peer.port,
    rejectUnauthorized: false,
    ...(peer.serverName !== undefined && { servername: peer.serverName }),
    ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
  });
  const channel = leash.own(channelOver(socket));
  await new Promise((resolve, reject) => {
    socket.on("secureConnect", resolve);
    // Stays: an error that nobody listens to would end the process.
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed within the handshake")));
  });
  return channel;
}

function channelOver(socket: TLSSocket): Channel {
  return {
    get alpn() {
      // False without one.
      return socket.alpnProtocol || undefined;
    },
    get version() {
      // Deno 2.4 lacks this and the next.
      return socket.getProtocol?.()?.replace("TLSv", "TLS ");
    },
    get cipherSuite() {
      return socket.getCipher?.()?.standardName;
    },
    octets: socket,
    write: (bytes) =>
      new Promise((resolve, reject) => socket.write(bytes, (error) => error ? reject(error) : resolve())),
    close: () => socket.destroy(),
  };
}
