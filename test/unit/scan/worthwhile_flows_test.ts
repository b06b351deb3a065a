import { equal, ok } from "node:assert/strict";
import { type FlowReading, WorthwhileFlows } from "../../../src/scan/worthwhile_flows.ts";
import { type Servers, SimulatedScan } from "./simulated_servers.ts";

const COUNT_MAX = 4096;

/** Keeps the counts it sees. */
class Watched {
  readonly flows = new WorthwhileFlows(COUNT_MAX);
  readonly seen = new Set<number>();

  get count(): number {
    return this.flows.count;
  }

  observe(reading: FlowReading): void {
    this.flows.observe(reading);
    this.seen.add(this.count);
  }
}

/** As many as there may be, whatever comes. */
const unlimited = { count: COUNT_MAX, observe() {} };

const near = { medianMs: 1 };
const far = { medianMs: 150 };
const busy = { ...near, answersPerMs: 12 };

/** What is answered, as a share of what would be with as many connections as there may be. */
function shareOf(servers: Servers, seconds: number): { readonly share: number; readonly count: number } {
  const limit = new WorthwhileFlows(COUNT_MAX);
  const { answered } = new SimulatedScan(limit).run(servers, seconds);
  const share = answered / new SimulatedScan(unlimited).run(servers, seconds).answered;
  return { share, count: limit.count };
}

Deno.test("where servers are busy, few connections are kept, soon, and nothing is lost", () => {
  const watched = new Watched();
  const scan = new SimulatedScan(watched).run(busy, 2);
  ok(watched.count <= 512, `${watched.count}`);
  const before = scan.answered;
  watched.seen.clear();
  scan.run(busy, 60);
  ok(scan.answered - before > 0.99 * 60_000 * busy.answersPerMs, `${scan.answered - before}`);
  ok(Math.max(...watched.seen) <= 512, "none but those, and twice as many as a trial");
});

Deno.test("where servers are far away, all are kept, and trials cost little", () => {
  const watched = new Watched();
  const { answered } = new SimulatedScan(watched).run(far, 60);
  ok(watched.seen.has(COUNT_MAX / 2), "fewer were tried");
  ok(!watched.seen.has(COUNT_MAX / 8), "not kept, as half as many were answered");
  const most = new SimulatedScan(unlimited).run(far, 60).answered;
  ok(answered > 0.97 * most, `${answered} of ${most}`);
});

Deno.test("in between, no more are kept than bring something", () => {
  // 800 or so wait for their round trips.
  const { share, count } = shareOf({ ...far, answersPerMs: 4 }, 60);
  ok(share > 0.9, `${share}`);
  ok(count <= 2048, `${count}`);
});

Deno.test("servers that keep silent or answer late cost the others nothing", () => {
  const worlds: readonly Servers[] = [
    { ...busy, silentShare: 0.05 },
    { ...busy, silentShare: 0.3 },
    { ...far, silentShare: 0.05 },
    { ...far, silentShare: 0.3 },
    { ...far, answersPerMs: 5, silentShare: 0.05 },
    { ...near, answersPerMs: 1, silentShare: 0.2, lateShare: 0.08 },
  ];
  for (const world of worlds) {
    const { share } = shareOf(world, 30);
    ok(share > 0.9, `${JSON.stringify(world)}: ${share}`);
  }
});

Deno.test("silent servers do not keep the others from being asked", () => {
  // As many as there may be in all, each for ten seconds, and four in ten of them: no faster is possible.
  const { answered } = new SimulatedScan(unlimited).run({ ...far, silentShare: 0.4 }, 60);
  const most = 60 * 16_384 / 10 / 0.4 * 0.6;
  ok(answered > 0.85 * most, `${answered} of ${most}`);
});

Deno.test("when servers are busy no longer, more are tried and kept", () => {
  for (const silentShare of [0, 0.1]) {
    const watched = new Watched();
    const scan = new SimulatedScan(watched).run({ ...busy, silentShare }, 20);
    const before = scan.answered;
    scan.run({ medianMs: 300, silentShare }, 60);
    const most = new SimulatedScan(unlimited).run({ medianMs: 300, silentShare }, 60).answered;
    ok(scan.answered - before > 0.7 * most, `${silentShare}: ${scan.answered - before} of ${most}`);
    equal(watched.count, COUNT_MAX);
  }
});

Deno.test("where there is always room, nothing is tried", () => {
  const watched = new Watched();
  for (let atMs = 0; atMs < 60_000; atMs += 2) watched.observe({ atMs, answered: atMs, open: 100 });
  equal([...watched.seen].join(), `${COUNT_MAX}`);
});

Deno.test("a little is not lost again and again", () => {
  // Each halving costs a tenth of the rate.
  const flows = new WorthwhileFlows(COUNT_MAX);
  let answered = 0;
  for (let atMs = 0; atMs < 3_000; atMs += 2) {
    answered += 20 * (flows.count / COUNT_MAX) ** 0.15;
    flows.observe({ atMs, answered, open: flows.count });
  }
  ok(flows.count >= COUNT_MAX / 2, `${flows.count}`);
});
