/**
 * Sessions with servers whose chain Deno's own API refuses, by `node:tls`, which can be told to go on all the same.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { Channel } from "./channel.ts";
import type { Leash } from "./leash.ts";
import { type Endpoint, sever } from "./sever.ts";

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
  const channel = leash.own(new TolerantChannel(socket, peer, leash));
  await new Promise((resolve, reject) => {
    socket.on("secureConnect", resolve);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed within the handshake")));
  });
  return channel;
}

class TolerantChannel implements Channel {
  readonly #socket: TLSSocket;
  readonly #peer: Peer;
  readonly #leash: Leash;
  #local: Endpoint | undefined;
  #error: Error | undefined;

  constructor(socket: TLSSocket, peer: Peer, leash: Leash) {
    this.#socket = socket;
    this.#peer = peer;
    this.#leash = leash;
    // An error that nobody listens to ends the process, and one that comes between two reads is otherwise lost.
    socket.on("error", (error) => this.#error ??= error);
    // Afterwards a destroyed socket no longer knows.
    socket.on("connect", () => this.#local = { address: socket.localAddress!, port: socket.localPort! });
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

  get octets(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(this.#error ?? error) : resolve());
    });
  }

  close(): void {
    this.#socket.destroy();
    if (this.#leash.cause !== undefined && this.#local !== undefined) sever(this.#local, this.#peer);
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    yield* this.#socket;
    if (this.#error !== undefined) throw this.#error;
  }
}
