/**
 * What is said to a server over one connection, and what is read from its answers, free of any transport.
 *
 * @module
 */

/**
 * One conversation with a server, as a state machine over octets: it is handed what arrives and asked what to
 * send. Total: any input leads to an end within the octets it allows itself. However the octets are cut into
 * calls, what is read from them is the same.
 */
export interface Exchange {
  /** What to say first; empty where the server speaks first. */
  readonly firstBytes: Uint8Array;
  /** Takes the next octets, of which nothing is kept; true once nothing more is wanted from this connection. */
  feed(bytes: Uint8Array): boolean;
  /** What to send now, to be asked for after each `feed`: each octet is handed out once. */
  takeReply(): Uint8Array | undefined;
  /** Octets that must still arrive at the least before the exchange can be decided. */
  readonly missing: number;
}

/** Octets of a stranger's first words that an exchange keeps. */
export const PREFIX_BYTES_MAX = 64;
