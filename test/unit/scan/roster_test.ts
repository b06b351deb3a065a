import { deepEqual, equal } from "node:assert/strict";
import { Roster } from "../../../src/scan/roster.ts";

Deno.test("whoever has joined and not left is here, in whatever order they go", () => {
  const roster = new Roster<string>();
  const [a, b, c] = [roster.join("a"), roster.join("b"), roster.join("c")];
  deepEqual([roster.size, roster.members()], [3, ["a", "b", "c"]]);
  roster.leave(b);
  deepEqual([roster.size, roster.members()], [2, ["a", "c"]]);
  roster.leave(a);
  roster.leave(c);
  deepEqual([roster.size, roster.members()], [0, []]);
});

Deno.test("places are used again: a roster is as long as it was full", () => {
  const roster = new Roster<number>();
  const places = new Set<number>();
  for (let round = 0; round < 100; round++) {
    const pair = [roster.join(round), roster.join(round)];
    for (const place of pair) {
      places.add(place);
      roster.leave(place);
    }
  }
  equal(places.size, 2);
});
