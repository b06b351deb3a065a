import { equal, ok } from "node:assert/strict";
import { WorthwhileFlows } from "../../../src/scan/worthwhile_flows.ts";

const BATCH_MS = 2;
const COUNT_MAX = 4096;

/** Connections that are answered in a millisecond when so many are open. */
type World = (count: number) => number;

/** No more than so many end in a millisecond, and each takes so long at the least. */
const bounded = (rateMax: number, leastMs: number): World => (count) => Math.min(count / leastMs, rateMax);

const busy = bounded(12, 1);
const far = bounded(Infinity, 300);

/** Captures as hard as it may, on a clock of its own. */
class Scanner {
  readonly flows = new WorthwhileFlows(COUNT_MAX);
  readonly counts = new Set<number>();
  answered = 0;
  #atMs = 0;

  scan(world: World, seconds: number, isFull = true): this {
    for (const endMs = this.#atMs + seconds * 1000; this.#atMs < endMs;) {
      this.#atMs += BATCH_MS;
      this.answered += world(this.flows.count) * BATCH_MS;
      this.flows.observe({ atMs: this.#atMs, answered: this.answered, isFull });
      this.counts.add(this.flows.count);
    }
    return this;
  }
}

Deno.test("where servers are busy, few connections are kept, and soon", () => {
  const scanner = new Scanner().scan(busy, 2);
  ok(scanner.flows.count <= 512, `${scanner.flows.count}`);
  const before = scanner.answered;
  scanner.scan(busy, 60);
  equal(Math.round(scanner.answered - before), 60 * 12_000);
  equal(Math.max(...scanner.counts), COUNT_MAX);
});

Deno.test("where servers are far away, all are kept, and trials cost little", () => {
  const scanner = new Scanner().scan(far, 300);
  ok(scanner.counts.has(COUNT_MAX / 2), "fewer were tried");
  ok(!scanner.counts.has(COUNT_MAX / 4), "not kept, as half as many were answered");
  const most = far(COUNT_MAX) * 300_000;
  ok(scanner.answered > 0.97 * most, `${scanner.answered} of ${most}`);
});

Deno.test("in between, no more are kept than bring something", () => {
  // 1,000 connections are as fast as any number can be.
  const scanner = new Scanner().scan(bounded(10, 100), 10);
  equal(scanner.flows.count, 1024);
});

Deno.test("when servers are busy no longer, more are tried and kept", () => {
  const scanner = new Scanner().scan(busy, 5);
  ok(scanner.flows.count <= 512);
  scanner.scan(far, 30);
  equal(scanner.flows.count, COUNT_MAX);
});

Deno.test("where there is always room, nothing is tried", () => {
  const scanner = new Scanner().scan(bounded(1, 1), 60, false);
  equal([...scanner.counts].join(), `${COUNT_MAX}`);
});

Deno.test("a trial that room interrupts is judged by what comes when there is none again", () => {
  const scanner = new Scanner();
  while (scanner.flows.count === COUNT_MAX) scanner.scan(busy, BATCH_MS / 1000);
  equal(scanner.flows.count, COUNT_MAX / 2);
  scanner.scan(busy, 1, false);
  equal(scanner.flows.count, COUNT_MAX / 2);
  scanner.scan(busy, 5);
  ok(scanner.flows.count <= 512);
});
