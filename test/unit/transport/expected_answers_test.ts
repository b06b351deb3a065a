import { equal, ok } from "node:assert/strict";
import { ExpectedAnswers } from "../../../src/transport/expected_answers.ts";

/** Opens one connection each so many milliseconds, which is answered after as many as `waitMs` says, or never. */
function run(waitMs: (connection: number) => number | undefined, everyMs: number, endMs: number): number {
  const answers = new ExpectedAnswers(0);
  const open: { readonly period: number; readonly endsAt: number }[] = [];
  for (let ms = 0, connection = 0; ms < endMs; ms += everyMs) {
    answers.advance(ms);
    for (let at = open.length - 1; at >= 0; at--) {
      if (open[at]!.endsAt <= ms) answers.end(open.splice(at, 1)[0]!.period, true);
    }
    const wait = waitMs(connection++);
    open.push({ period: answers.begin(), endsAt: wait === undefined ? Infinity : ms + wait });
  }
  return answers.count;
}

Deno.test("what was opened is expected to be answered until it ends", () => {
  const answers = new ExpectedAnswers(12_345);
  const [first, second] = [answers.begin(), answers.begin()];
  equal(answers.count, 2);
  answers.end(first, true);
  equal(answers.count, 1);
  answers.end(second, false);
  equal(answers.count, 0);
});

Deno.test("half a second is waited at the least, and where servers are quick no longer", () => {
  const answers = new ExpectedAnswers(1_000);
  const silent = answers.begin();
  answers.advance(1_499);
  equal(answers.count, 1);
  answers.advance(1_500);
  equal(answers.count, 0);
  answers.end(silent, false);
  equal(answers.count, 0);
});

Deno.test("nobody is taken for silent who is as slow as the others", () => {
  // 200 of them at once.
  equal(run(() => 2_000, 10, 60_000), 200);
});

Deno.test("those who keep silent count for a few times as long as an answer takes", () => {
  // Each other one, 50 in a second: 15 are about to be answered, and 60 silent ones came within 4 times 300 ms.
  const count = run((connection) => connection % 2 === 0 ? 300 : undefined, 10, 60_000);
  ok(count > 15 && count <= 90, `${count}`);
});

Deno.test("what their deadline ends says nothing of how long answers take", () => {
  const answers = new ExpectedAnswers(0);
  // A hundred open and end in each eighth of a second after four seconds.
  const open: number[][] = [];
  for (let ms = 0; ms < 20_000; ms += 125) {
    answers.advance(ms);
    open.push(Array.from({ length: 100 }, () => answers.begin()));
    if (open.length > 32) { for (const period of open.shift()!) answers.end(period, false); }
    ok(answers.count <= 400, `${answers.count} at ${ms}`);
  }
});

Deno.test("a few that answer late do not make all wait", () => {
  // Every tenth takes nine seconds, all others no time, and 100 begin in a second.
  ok(run((connection) => connection % 10 === 0 ? 9_000 : 0, 10, 60_000) <= 10);
});

Deno.test("who ends long after it was given up takes nobody's place", () => {
  const answers = new ExpectedAnswers(0);
  const early = answers.begin();
  // The same place again, 64 periods later.
  answers.advance(64 * 125);
  answers.begin();
  answers.end(early, false);
  answers.advance(64 * 125 + 200);
  equal(answers.count, 1);
});

Deno.test("a clock that stood still for long, or goes back, is no matter", () => {
  const answers = new ExpectedAnswers(0);
  for (let ms = 0; ms < 300; ms += 100) {
    answers.advance(ms);
    answers.begin();
  }
  answers.advance(1_000_000);
  equal(answers.count, 0);
  const period = answers.begin();
  answers.advance(5);
  equal(answers.count, 1);
  answers.end(period, true);
  equal(answers.count, 0);
});
