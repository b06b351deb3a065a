/**
 * Captures from servers that are far away, busy or silent, on a clock of their own.
 *
 * @module
 */

import type { FlowReading } from "../../../src/scan/worthwhile_flows.ts";
import { ExpectedAnswers } from "../../../src/transport/expected_answers.ts";
import { seededRandom } from "../../lab/seeded_random.ts";

/** What there is to meet. */
export interface Servers {
  /** A round trip's milliseconds: half of them have less. */
  readonly medianMs: number;
  /** How many answers all servers together, or the way to them, can give in a millisecond. */
  readonly answersPerMs?: number;
  /** The share of those who say nothing until the deadline, ten seconds. */
  readonly silentShare?: number;
  /** The share of those who answer, but only shortly before it. */
  readonly lateShare?: number;
}

/** What says how many connections may be open whose answer is expected. */
export interface Limit {
  readonly count: number;
  observe(reading: FlowReading): void;
}

const BATCH_MS = 2;
const DEADLINE_MS = 10_000;
const LATE_MS = 9_900;
const CAPACITY = 16_384;

/** A scan that always has another host to ask. */
export class SimulatedScan {
  readonly #limit: Limit;
  readonly #random = seededRandom(7);
  readonly #expected = new ExpectedAnswers(0);
  /** What is to happen, by the batch. */
  readonly #events = new Map<number, (() => void)[]>();
  #batch = 0;
  #open = 0;
  #busyUntilMs = 0;
  answered = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  run(servers: Servers, seconds: number): this {
    const end = this.#batch + seconds * 1_000 / BATCH_MS;
    for (; this.#batch < end; this.#batch++) {
      const atMs = this.#batch * BATCH_MS;
      this.#expected.advance(atMs);
      for (const event of this.#events.get(this.#batch) ?? []) event();
      this.#events.delete(this.#batch);
      while (this.#open < CAPACITY && this.#expected.count < this.#limit.count) this.#begin(servers, atMs);
      this.#limit.observe({ atMs, answered: this.answered, open: this.#expected.count });
    }
    return this;
  }

  #begin(servers: Servers, atMs: number): void {
    this.#open++;
    const period = this.#expected.begin();
    const share = this.#random();
    const { silentShare = 0, lateShare = 0, answersPerMs = Infinity } = servers;
    const end = (isAnswered: boolean) => () => {
      this.#open--;
      if (isAnswered) this.answered++;
      this.#expected.end(period, isAnswered);
    };
    if (share < silentShare) return this.#at(atMs + DEADLINE_MS, end(false));
    if (share < silentShare + lateShare) return this.#at(atMs + LATE_MS, end(true));
    const halfMs = this.#roundTripMs(servers) / 2;
    this.#at(atMs + halfMs, () => {
      this.#busyUntilMs = Math.max(this.#busyUntilMs, atMs + halfMs) + 1 / answersPerMs;
      this.#at(this.#busyUntilMs + halfMs, end(true));
    });
  }

  #at(ms: number, event: () => void): void {
    const batch = Math.max(this.#batch + 1, Math.ceil(ms / BATCH_MS));
    const events = this.#events.get(batch);
    if (events === undefined) this.#events.set(batch, [event]);
    else events.push(event);
  }

  /** Log-normal: one in six takes twice the median or longer. */
  #roundTripMs({ medianMs }: Servers): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
    return medianMs * Math.exp(0.7 * normal);
  }
}
