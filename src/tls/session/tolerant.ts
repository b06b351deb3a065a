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
 * Connects to a server whatever its chain. Rejects where there is no session with it at all. Cut short within the
 * handshake, it costs a descriptor on Deno 2.4, and none on 2.9.
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
  const channel = leash.own(new TolerantChannel(socket));
  await new Promise((resolve, reject) => {
    socket.on("secureConnect", resolve);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed within the handshake")));
  });
  return channel;
}

class TolerantChannel implements Channel {
  readonly #socket: TLSSocket;
  #error: Error | undefined;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    // An error that nobody listens to ends the process, and one that comes between two reads is otherwise lost.
    socket.on("error", (error) => this.#error ??= error);
  }

  get alpn(): string | undefined {
    // False without one.
    return this.#socket.alpnProtocol || undefined;
  }

  get version(): string | undefined {
    // Deno 2.4 lacks this and the next.
    return this.#socket.getProtocol?.()?.replace("TLSv", "TLS ");
  }

  get cipherSuite(): string | undefined {
    return this.#socket.getCipher?.()?.standardName;
  }

  /**
   * As they come, and no iterator: Deno's stream goes on reading while its consumer waits for a turn, so that megabytes
   * come before the consumer can have enough.
   */
  listen(take: (octets: Uint8Array) => boolean): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const fail = () => reject(this.#error ?? new Error("the connection is closed"));
      socket.on("end", resolve);
      socket.on("close", fail);
      if (socket.destroyed) return fail();
      socket.on("data", (octets: Uint8Array) => {
        if (!take(octets)) return;
        resolve();
        socket.destroy();
      });
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(this.#error ?? error) : resolve());
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
