/**
 * What is said in clear until TLS may begin, one class for each protocol.
 *
 * @module
 */

import type { Malformed } from "../malformed.ts";

/** Octets a server may send before TLS begins. Real ones send a thousandth to a tenth of it. */
export const PRELUDE_BYTES_MAX = 65_536;

/** One message of the server's, in clear. */
export interface Heard {
  /** What it is: the first words, the list of what the server can do, or the answer to the request for TLS. */
  readonly step: "greeting" | "capabilities" | "answer";
  /**
   * Line-based protocols and XML: as sent, line ends included, read as UTF-8, at most 2,048 octets of it. Others:
   * what the message says, in words.
   */
  readonly text: string;
}

/** What a whole message of the server's leads to. */
export type Step =
  & { readonly heard: Heard }
  & (
    /** `start`: TLS begins, behind `say`. */
    | { readonly next: "listen" | "start"; readonly say?: Uint8Array }
    /** `refusal`: the server's words, or what it lacks; neither bounded nor fit for a terminal. */
    | { readonly next: "refused"; readonly refusal: string }
  );

/**
 * One side of a protocol, as a state machine that takes the server's octets one by one: so nothing depends on how
 * they were cut, and the first octet that breaks the rules is known. It leaves the limit on octets to its caller,
 * and isn't called again after its last step.
 */
export interface Dialogue {
  /** Empty where the server speaks first. */
  readonly firstBytes: Uint8Array;
  /** A step when `octet` completes a message, {@linkcode Malformed} when it can't belong to this protocol. */
  take(octet: number): Step | Malformed | undefined;
}

/** Of a dialogue in which the server speaks first. */
export const NOTHING = new Uint8Array(0);

const encoder = new TextEncoder();

/** A command line. */
export function line(text: string): Uint8Array {
  return encoder.encode(`${text}\r\n`);
}
