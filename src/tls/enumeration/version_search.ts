import type { Alert } from "../alert_reader.ts";
import { cipherSuiteName } from "../cipher_suites.ts";
import { AlertDescription, Version } from "../constants.ts";
import type { ConversationEnd } from "../conversation.ts";
import type { Dialogue, Search, VersionRefusal, VersionSupport } from "./search.ts";
import { enumerationHello, TLS13_GROUPS } from "./hello.ts";
import { freshRandom } from "../fresh_random.ts";
import { ServerHelloProbe } from "../server_hello_probe.ts";

/** Suites in one hello: old Microsoft servers look at no more of them. */
const LIST_LENGTH_MAX = 64;

/** What came of one hello. */
type Answer = Choice | Refusal | Unclear;

/** One of the suites offered, in the version asked for. */
interface Choice {
  readonly kind: "choice";
  readonly suite: number;
  readonly group: number | undefined;
}

interface Refusal {
  readonly kind: "refusal";
  /** Left out where the server closed the connection in order, or answered in an older version. */
  readonly alert: Alert | undefined;
  /** Whether the version itself is refused, and not only these suites. */
  readonly isOfVersion: boolean;
}

/** No answer, or none to this hello. */
interface Unclear {
  readonly kind: "unclear";
}

/**
 * Finds out the suites that a server accepts in one version from SSL 3.0 to TLS 1.3.
 *
 * A server names one suite of those offered. So it is offered a list of suites, then all but the one it
 * named, and so on until it refuses; then the next list.
 */
export class VersionSearch implements Search {
  readonly #version: number;
  readonly #candidates: readonly number[];
  readonly #serverName: string | undefined;
  #suites: readonly number[] = [];
  #preference: VersionSupport["preference"] = null;
  #groups: readonly number[] = [];
  #refusal: Refusal | undefined;
  #isComplete = true;

  /** `candidates`: suites to offer, most common first. */
  constructor(version: number, candidates: readonly number[], serverName: string | undefined) {
    this.#version = version;
    this.#candidates = candidates;
    this.#serverName = serverName;
  }

  /** What was found so far, if anything. */
  get support(): VersionSupport | undefined {
    if (this.#suites.length === 0) return undefined;
    return {
      version: this.#version,
      cipherSuites: this.#suites.map(cipherSuiteName),
      preference: this.#preference,
      ...(this.#version === Version.TLS_1_3 && { groups: this.#groups }),
    };
  }

  /** How the server first put it, where it accepts nothing. */
  get refusal(): VersionRefusal | undefined {
    if (this.#suites.length > 0 || this.#refusal === undefined) return undefined;
    const { alert } = this.#refusal;
    return { version: this.#version, ...(alert && { alert: alert.name }) };
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  *run(): Dialogue<ServerHelloProbe, void> {
    const lists: (readonly number[])[] = [];
    for (let start = 0; start < this.#candidates.length; start += LIST_LENGTH_MAX) {
      const countBefore = this.#suites.length;
      const end = yield* this.#exhaust(this.#candidates.slice(start, start + LIST_LENGTH_MAX));
      if (this.#suites.length > countBefore) lists.push(this.#suites.slice(countBefore));
      if (end?.kind === "refusal") this.#refusal ??= end;
      // Nobody is asked on and on for a version of which there is no sign.
      if (this.#suites.length === 0 && (end?.kind === "unclear" || end?.isOfVersion)) break;
    }
    if (this.#suites.length === 0) return;
    yield* this.#order(lists);
    if (this.#version === Version.TLS_1_3) yield* this.#findGroups();
  }

  /** Offers the suites until the server takes none of what is left, and says how it put that. */
  *#exhaust(list: readonly number[]): Dialogue<ServerHelloProbe, Refusal | Unclear | undefined> {
    for (let left = list; left.length > 0;) {
      const answer = yield* this.#ask(left);
      if (answer.kind !== "choice") return answer;
      this.#suites = [...this.#suites, answer.suite];
      this.#addGroups([answer.group]);
      left = left.filter((suite) => suite !== answer.suite);
    }
    return undefined;
  }

  /** Puts the suites into the server's order, if it has one; each of the lists is in order by itself. */
  *#order(lists: readonly (readonly number[])[]): Dialogue<ServerHelloProbe, void> {
    const choosable = lists.find((list) => list.length > 1);
    if (choosable !== undefined) yield* this.#findPreference(choosable);
    if (lists.length === 1 || this.#preference === "client") return;
    this.#suites = yield* this.#merge(lists);
    if (choosable === undefined) yield* this.#findPreference(this.#suites);
  }

  /**
   * Offers in reverse what the server named in this order: one that then takes the first follows the client.
   */
  *#findPreference(named: readonly number[]): Dialogue<ServerHelloProbe, void> {
    const answer = yield* this.#ask(named.toReversed());
    if (answer.kind === "choice") this.#preference = answer.suite === named.at(-1) ? "client" : "server";
    else this.#isComplete = false;
  }

  /** Offers the first of each list, and takes what the server names for the next of all. */
  *#merge(lists: readonly (readonly number[])[]): Dialogue<ServerHelloProbe, readonly number[]> {
    const merged: number[] = [];
    let left = lists;
    while (left.length > 1) {
      const answer = yield* this.#ask(left.map((list) => list[0]!));
      if (answer.kind !== "choice") {
        this.#isComplete = false;
        break;
      }
      merged.push(answer.suite);
      left = left.map((list) => list[0] === answer.suite ? list.slice(1) : list).filter((list) =>
        list.length > 0
      );
    }
    return [...merged, ...left.flat()];
  }

  /** Offers groups without a share of any, so that the server has to name the one it wants. */
  *#findGroups(): Dialogue<ServerHelloProbe, void> {
    const named: number[] = [];
    for (let left = TLS13_GROUPS; left.length > 0;) {
      const answer = yield* this.#ask(this.#suites, left);
      const group = answer.kind === "choice" ? answer.group : undefined;
      if (group === undefined || !left.includes(group)) break;
      named.push(group);
      left = left.filter((other) => other !== group);
    }
    const others = this.#groups;
    this.#groups = [];
    this.#addGroups([...named, ...others]);
  }

  #addGroups(groups: readonly (number | undefined)[]): void {
    const known = groups.filter((group) => group !== undefined);
    this.#groups = [...new Set([...this.#groups, ...known])];
  }

  *#ask(cipherSuites: readonly number[], groups?: readonly number[]): Dialogue<ServerHelloProbe, Answer> {
    const version = this.#version;
    const random = freshRandom();
    const hello = enumerationHello({ version, cipherSuites, random, serverName: this.#serverName, groups });
    const probe = new ServerHelloProbe(hello);
    const answer = readAnswer(probe, version, cipherSuites, yield probe);
    if (answer.kind === "unclear") this.#isComplete = false;
    return answer;
  }
}

function readAnswer(
  { outcome, serverHello, alert }: ServerHelloProbe,
  version: number,
  offered: readonly number[],
  endedBy: ConversationEnd["reason"],
): Answer {
  if (serverHello !== undefined) {
    const { cipherSuite, keyShareGroup } = serverHello;
    if (serverHello.version < version) return { kind: "refusal", alert: undefined, isOfVersion: true };
    // One that ignores the offer says nothing about it.
    const isChoice = serverHello.version === version && offered.includes(cipherSuite);
    return isChoice ? { kind: "choice", suite: cipherSuite, group: keyShareGroup } : { kind: "unclear" };
  }
  const hasLeft = outcome === undefined && (endedBy === "end" || endedBy === "reset" && alert !== undefined);
  if (outcome !== "alert" && !hasLeft) return { kind: "unclear" };
  return { kind: "refusal", alert, isOfVersion: alert?.description === AlertDescription.PROTOCOL_VERSION };
}
