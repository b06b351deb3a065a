/**
 * Finding out, hello by hello, every version, cipher suite and group that a server accepts.
 *
 * @module
 */

import { OLD_SUITES, TLS12_SUITES, TLS13_SUITES } from "./cipher_suite_lists.ts";
import { Version } from "./constants.ts";
import type { ConversationEnd } from "./conversation.ts";
import type { Exchange } from "./exchange.ts";
import type { Dialogue, Search, VersionRefusal, VersionSupport } from "./enumeration/search.ts";
import { Ssl2Search } from "./enumeration/ssl2_search.ts";
import { VersionSearch } from "./enumeration/version_search.ts";

export type { VersionRefusal, VersionSupport };

export interface EnumerationResult {
  /** Newest first. */
  readonly versions: readonly VersionSupport[];
  /** Newest first. What is known of a version that stands in neither list is nothing. */
  readonly refusals: readonly VersionRefusal[];
  /** Hellos sent. */
  readonly hellos: number;
  /**
   * False where a hello stayed without an answer or was not sent any more: there may be more than was found.
   */
  readonly complete: boolean;
}

export interface EnumerationLimits {
  /** Hellos sent to one server at the most. */
  readonly hellosMax: number;
  /** Hellos in a row after which a server that lets each run into its deadline is left alone. */
  readonly timeoutsMax: number;
}

/** OpenSSL with everything switched on that it can do takes about 300. */
const LIMITS: EnumerationLimits = { hellosMax: 384, timeoutsMax: 2 };

/**
 * An enumeration of one server under one name. It only says what to send and takes in what came of it: send
 * the exchange that `next` gives over a connection of its own, hand `take` what ended that, and so on until
 * `next` gives nothing. `result` may be asked at any time.
 */
export class Enumeration {
  readonly #searches: readonly Search[];
  readonly #limits: EnumerationLimits;
  readonly #questions: Dialogue<Exchange, void>;
  #question: Exchange | undefined;
  #hellos = 0;
  #timeouts = 0;
  #isBrokenOff = false;

  /**
   * @throws {RangeError} when {@linkcode isServerName} refuses `serverName`.
   */
  constructor(serverName?: string, limits: Partial<EnumerationLimits> = {}) {
    const searchOf = (version: number, suites: readonly number[]) =>
      new VersionSearch(version, suites, serverName);
    this.#searches = [
      searchOf(Version.TLS_1_3, TLS13_SUITES),
      searchOf(Version.TLS_1_2, TLS12_SUITES),
      searchOf(Version.TLS_1_1, OLD_SUITES),
      searchOf(Version.TLS_1_0, OLD_SUITES),
      searchOf(Version.SSL_3_0, OLD_SUITES),
      new Ssl2Search(),
    ];
    this.#limits = { ...LIMITS, ...limits };
    this.#questions = runAll(this.#searches);
    this.#proceed(this.#questions.next());
  }

  /** The exchange to carry next: the same one until its end was taken, and nothing once all is done. */
  next(): Exchange | undefined {
    return this.#question;
  }

  /** Takes in what ended the connection of the exchange that `next` gives. */
  take(endedBy: ConversationEnd["reason"]): void {
    this.#hellos++;
    this.#timeouts = endedBy === "timeout" ? this.#timeouts + 1 : 0;
    const hasFailed = endedBy === "exhausted" || endedBy === "unreachable" || endedBy === "closed";
    if (hasFailed || this.#timeouts >= this.#limits.timeoutsMax) this.#breakOff();
    else this.#proceed(this.#questions.next(endedBy));
  }

  result(): EnumerationResult {
    return {
      versions: this.#searches.flatMap(({ support }) => support ?? []),
      refusals: this.#searches.flatMap(({ refusal }) => refusal ?? []),
      hellos: this.#hellos,
      complete: this.#question === undefined && !this.#isBrokenOff &&
        this.#searches.every(({ isComplete }) => isComplete),
    };
  }

  #proceed({ done, value }: IteratorResult<Exchange, void>): void {
    if (!done && this.#hellos >= this.#limits.hellosMax) this.#breakOff();
    else this.#question = value ?? undefined;
  }

  #breakOff(): void {
    this.#question = undefined;
    this.#isBrokenOff = true;
  }
}

function* runAll(searches: readonly Search[]): Dialogue<Exchange, void> {
  for (const search of searches) yield* search.run();
}
