/**
 * What a hostile server is, and how it talks.
 *
 * @module
 */
import { createServer } from "node:tls";
import { concatenate, fakeCertificate, type Octets } from "../unit/tls/flight_bytes.ts";
import { toPem } from "./certificates.ts";
import type { Credentials } from "./server_process.ts";

/** One way to treat a client badly, and what must come of it. */
export interface HostileServer {
  readonly what: string;
  /** 443 unless told. */
  readonly port?: number;
  /** How the capture ends. */
  readonly outcome: string;
  /** What the record says beside it. */
  readonly reason?: RegExp;
  /** Which chain is captured: the canned one, or that of the real credentials. */
  readonly chain?: "canned" | "real";
  /** How a session behind the capture ends, where one is asked for; any way unless told. */
  readonly session?: string;
  /** What is wrong with an HTTP answer within that session: an error, or `truncated` where it is cut at its limit. */
  readonly http?: RegExp;
  /** What the world's firewall does to its segments; see `hostileRuleset`. */
  readonly segments?: "copied resets" | "blind resets" | "early end";
  /** Starts to serve; returns once it listens. */
  listen(address: string, port: number, credentials: Credentials): void;
}

/** The chain of servers that never touch a key. */
export const CANNED_CHAIN: readonly Octets[] = [fakeCertificate(900, 1), fakeCertificate(700, 2)];

const RECORD_HEADER_BYTES = 5;
const HANDSHAKE = 22;

/** A connection with a client that is about to be treated badly. */
export class Talk {
  readonly #connection: Deno.Conn;
  #held: Octets = new Uint8Array(0);

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The next record with a hello that the client sends. */
  async hear(): Promise<Octets> {
    while (true) {
      const size = () => RECORD_HEADER_BYTES + (this.#held[3]! << 8 | this.#held[4]!);
      while (this.#held.length < RECORD_HEADER_BYTES || this.#held.length < size()) await this.#read();
      const record = this.#held.slice(0, size());
      this.#held = this.#held.slice(size());
      // A change_cipher_spec may come first, for middleboxes (RFC 8446, D.4).
      if (record[0] === HANDSHAKE) return record;
    }
  }

  /** Waits until the client has said something. */
  async hearAnything(): Promise<void> {
    await this.#read();
    this.#held = new Uint8Array(0);
  }

  async say(...parts: readonly Octets[]): Promise<void> {
    for (const bytes of parts) {
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    }
  }

  /** Says it again and again, until the client has gone. */
  async flood(bytes: Octets): Promise<never> {
    const block = concatenate(...Array.from({ length: Math.ceil(16_384 / bytes.length) }, () => bytes));
    while (true) await this.say(block);
  }

  /** Says one octet after another, with a pause before each. */
  async drip(bytes: Octets, pauseMilliseconds: number): Promise<void> {
    for (let at = 0; at < bytes.length; at++) {
      await pause(pauseMilliseconds);
      await this.say(bytes.subarray(at, at + 1));
    }
  }

  /** Says no more, and goes on listening. */
  async end(): Promise<void> {
    await (this.#connection as Deno.TcpConn).closeWrite();
  }

  /** Listens until the client has gone. */
  async linger(): Promise<void> {
    const buffer = new Uint8Array(4096);
    while (await this.#connection.read(buffer) !== null);
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(4096);
    const count = await this.#connection.read(buffer);
    if (count === null) throw new Error("Cannot hear the client: it has gone");
    this.#held = concatenate(this.#held, buffer.subarray(0, count));
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What a server does with its `number`th connection, counted from 0. It listens on when it has said all. */
type Script = (talk: Talk, number: number) => Promise<unknown>;

/** Over bare TCP. */
export function overTcp(script: Script): HostileServer["listen"] {
  return (hostname, port) => {
    void accept(Deno.listen({ hostname, port }), (connection) => {
      connection.setNoDelay(true);
      return Promise.resolve();
    }, script);
  };
}

/** Within an honest TLS session. */
export function overTls(script: Script): HostileServer["listen"] {
  return (hostname, port, credentials) => {
    const [cert, key] = pemOf(credentials);
    const listener = Deno.listenTls({ hostname, port, cert, key });
    void accept(listener, async (connection) => void await connection.handshake(), script);
  };
}

/** A server that wants a certificate of its client's. */
export function demandingCertificate(version: "TLSv1.2" | "TLSv1.3"): HostileServer["listen"] {
  return (host, port, credentials) => {
    const [cert, key] = pemOf(credentials);
    createServer({ cert, key, minVersion: version, maxVersion: version, requestCert: true })
      .on("tlsClientError", () => {})
      .listen(port, host);
  };
}

export function pemOf({ chain, privateKey }: Credentials): [certificates: string, key: string] {
  return [chain.map((der) => toPem("CERTIFICATE", der)).join(""), toPem("PRIVATE KEY", privateKey)];
}

async function accept<C extends Deno.Conn>(
  listener: Deno.Listener<C>,
  prepare: (connection: C) => Promise<void>,
  script: Script,
): Promise<never> {
  for (let number = 0;; number++) {
    const connection = await listener.accept();
    void (async () => {
      await prepare(connection);
      const talk = new Talk(connection);
      await script(talk, number);
      await talk.linger();
    })()
      // Clients leave such servers in the middle of anything.
      .catch(() => {})
      .finally(() => closeQuietly(connection));
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
