import type { Closable } from "./leash.ts";

/** An open session, whoever carries it. */
export interface Channel extends Closable {
  /** The application protocol that the server chose. */
  readonly alpn: string | undefined;
  /** As `TLS 1.3`, where the carrier tells. */
  readonly version?: string | undefined;
  /** IANA's name, where the carrier tells. */
  readonly cipherSuite?: string | undefined;
  /**
   * Hands on what the server says until `take` has enough or the server closes, each piece valid for the call. Rejects
   * where the server does not close in order.
   */
  listen(take: (octets: Uint8Array) => boolean): Promise<void>;
  /** Resolves when all octets are on their way. */
  write(bytes: Uint8Array): Promise<void>;
}
