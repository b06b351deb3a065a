import assert from "node:assert/strict";
import { IN_WORLD, WORLD_INTERFACE } from "../lab/cable.ts";
import { runInLab, withSimulation } from "../lab/mod.ts";
import { highestRate, windowRates } from "../lab/windows.ts";
import { startWiretap } from "../lab/wiretap.ts";
import { sweep, type Swept } from "./sweep_lab.ts";

const PREFIX = "10.49.0.0/18";
/** In octets: an Ethernet frame with a SYN of margay's. */
const PROBE_SIZE = 74;
const PROBES_PER_SECOND = 20_000;
/** What a window may hold beyond its share: the burst of a sender that was scheduled late, one batch, and ARP. */
const SLACK = (0.004 * PROBES_PER_SECOND + 64 + 2) / (0.1 * PROBES_PER_SECOND);

interface Pace {
  readonly swept: Swept;
  /** In probes per second, of the busiest 100 ms. */
  readonly highest: number;
  readonly drops: number;
}

/** Runs inside: a sweep that nobody answers, so that what is on the cable are its probes. */
export function sweepAtRate(): Promise<Pace> {
  return withSimulation({ world: { text: `prefix ${PREFIX}\nhosts 0%\nabsent silent\n` } }, async () => {
    const wiretap = await startWiretap({ enter: IN_WORLD, interface: WORLD_INTERFACE });
    const swept = await sweep([PREFIX, "-p", "443", "-r", String(PROBES_PER_SECOND), "-c", "0"]);
    const { binsSent, drops } = await wiretap.stop();
    return { swept, highest: highestRate(windowRates(binsSent)) / 8 / PROBE_SIZE, drops };
  });
}

Deno.test("sweep: --rate is a ceiling in every 100 ms, as seen at the other end of the cable", async () => {
  const { swept, highest, drops } = await runInLab<Pace>({ module: import.meta.url, name: "sweepAtRate" });
  assert.equal(swept.code, 0, swept.stderr);
  assert.equal(drops, 0, "the wiretap has seen every frame");
  assert.ok(highest > PROBES_PER_SECOND / 2, `it was in use: ${highest} probes/s`);
  assert.ok(highest <= PROBES_PER_SECOND * (1 + SLACK), `${highest} probes/s in the busiest 100 ms`);
});
