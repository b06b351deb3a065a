/**
 * Servers on the loopback interface that do what a test says, as long as it lasts.
 *
 * @module
 */

import type { Identity } from "./identities.ts";

/** A server that is up within {@linkcode during}. */
export interface Served {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
}

type Conversation<C> = (connection: C) => Promise<void>;

/** A TLS server that shows `identity`; each connection that comes through its handshake gets one `answer`. */
export function tlsServer(
  identity: Identity,
  answer: Conversation<Deno.TlsConn> = () => Promise.resolve(),
  alpnProtocols: string[] = [],
): Deno.TlsListener & { answer: Conversation<Deno.TlsConn> } {
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: identity.chainPem,
    key: identity.keyPem,
    alpnProtocols,
  });
  return Object.assign(listener, {
    answer: async (connection: Deno.TlsConn) => {
      await connection.handshake();
      await answer(connection);
    },
  });
}

/** A server over bare TCP. */
export function tcpServer(answer: Conversation<Deno.TcpConn>): Deno.TcpListener & {
  answer: Conversation<Deno.TcpConn>;
} {
  return Object.assign(Deno.listen({ hostname: "127.0.0.1", port: 0 }), { answer });
}

/** Serves while `use` runs, and leaves nothing open. */
export async function during<C extends Deno.Conn, T>(
  listener: Deno.Listener<C> & { answer: Conversation<C> },
  use: (served: Served) => Promise<T>,
): Promise<T> {
  const served = { port: (listener.addr as Deno.NetAddr).port, connections: 0 };
  const conversations: Promise<void>[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      served.connections++;
      // What a client does to its server is no concern of these tests.
      const conversation = listener.answer(connection).catch(() => {}).finally(() => closeOnce(connection));
      conversations.push(conversation);
    }
  })();
  try {
    return await use(served);
  } finally {
    listener.close();
    await serving;
    await Promise.all(conversations);
  }
}

/** A handshake that fails closes its connection on Deno 2.9, and does not on 2.4. */
export function closeOnce(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
