import type { Closable } from "./leash.ts";

/** An open session, whoever carries it. */
export interface Channel extends Closable {
  /** The application protocol that the server chose. */
  readonly alpn: string | undefined;
  /** As `TLS 1.3`, where the carrier tells. */
  readonly version?: string | undefined;
  /** IANA's name, where the carrier tells. */
  readonly cipherSuite?: string | undefined;
  /** What the server says until it closes, each piece valid until the next; throws where it does not close in order. */
  readonly octets: AsyncIterable<Uint8Array>;
  /** Resolves when all octets are on their way. */
  write(bytes: Uint8Array): Promise<void>;
}
