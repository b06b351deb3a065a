import assert from "node:assert/strict";
import { seededRandom } from "../../targets/random.ts";
import {
  alternating,
  amongStrangers,
  type DomainKind,
  moving,
  parted,
  replaced,
  swapping,
} from "./planted.ts";
import { graphOf, type Served, told } from "./served.ts";

const kinds: Readonly<Record<string, DomainKind>> = {
  replaced,
  amongStrangers,
  moving,
  alternating,
  swapping,
  parted,
};

const RUNS = 8;
const DOMAINS_OF_EACH_KIND = 12;

for (const seed of [1, 2, 3]) {
  Deno.test(`history is exactly what was planted (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const domains = Object.values(kinds).flatMap((kind, index) =>
      Array.from({ length: DOMAINS_OF_EACH_KIND }, (_, number) => {
        return kind(random, index * DOMAINS_OF_EACH_KIND + number, RUNS);
      })
    );
    const runs = Array.from({ length: RUNS }, (_, run): Served => {
      return Object.assign({}, ...domains.map(({ runs }) => runs[run]));
    });
    const certificates = Object.assign({}, ...domains.map(({ certificates }) => certificates));
    const rows = graphOf(runs, certificates);
    const atOnce = told(rows);
    const events = atOnce.map((event) => event.replace(/,.*/, "")).sort();
    const planted = domains.flatMap(({ events }) => events);
    assert(planted.length > 100, `only ${planted.length} events are planted`);
    assert.deepEqual(events, planted.sort());

    // Certificates on many addresses are read in another way.
    rows.database.exec("UPDATE certificate SET addresses = 1000000");
    assert.deepEqual(told(rows), atOnce);
  });
}
