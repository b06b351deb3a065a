/**
 * What the enumeration of one version is to that of all.
 *
 * @module
 */

import type { ConversationEnd } from "../conversation.ts";
import type { Exchange } from "../exchange.ts";

/** What a server accepts of one version that it speaks. */
export interface VersionSupport {
  /** 16 bits; {@linkcode versionName} names it. */
  readonly version: number;
  /** Names, in the server's order of preference where it has one, else in the order offered. */
  readonly cipherSuites: readonly string[];
  /** Who decides between suites: null where there is nothing to choose from, or no telling. */
  readonly preference: "server" | "client" | null;
  /** TLS 1.3: the groups in which it exchanges keys, in its order; {@linkcode groupName} names them. */
  readonly groups?: readonly number[];
}

/** A version that a server was asked for in vain. */
export interface VersionRefusal {
  /** 16 bits. */
  readonly version: number;
  /** The name of the alert; left out where the server just left, or answered in an older version. */
  readonly alert?: string;
}

/** Questions to the server, as a generator that is resumed with what ended the connection of each. */
export type Dialogue<Question extends Exchange, Outcome> = Generator<
  Question,
  Outcome,
  ConversationEnd["reason"]
>;

/** The search for what a server accepts of one version, and what it found so far. */
export interface Search {
  readonly support: VersionSupport | undefined;
  readonly refusal: VersionRefusal | undefined;
  /** False once a hello stayed without an answer. */
  readonly isComplete: boolean;
  run(): Dialogue<Exchange, void>;
}
