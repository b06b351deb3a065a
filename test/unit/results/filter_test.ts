import assert from "node:assert/strict";
import {
  compileFilter,
  EVERYTHING,
  FilterError,
  type SweepRecord,
  type Verdict,
} from "../../../src/results/mod.ts";
import { address, ofVerdict, recordOf, REPLY, silent, unreachableBy } from "./records.ts";

const unreachable = unreachableBy({ type: 3, code: 13, responder: address("192.0.2.1") });

/** An expression, and a record that it keeps or not. */
const CASES: readonly [expression: string, record: SweepRecord, isKept: boolean][] = [
  ["open", recordOf(), true],
  ["open", silent(), false],
  ["!open", silent(), true],
  ["open && rtt < 50", recordOf(), true],
  ["open&&rtt<12.345", recordOf(), false],
  ["rtt <= 12.345 && rtt >= 12.345 && rtt == 12.345", recordOf(), true],
  ["rtt != 12.345", recordOf(), false],
  ["rtt < 50", silent(), false],
  ["!(rtt < 50)", silent(), true],
  ["rtt != 5", silent(), false],
  ["closed || filtered && port == 80", silent(), true],
  ["(closed || filtered) && port == 81", silent(), false],
  ["open || open && closed", recordOf(), true],
  ["!!open", recordOf(), true],
  ["port in (22, 80,443)", recordOf(), true],
  ["port in 81", recordOf(), false],
  ["address in 198.18.0.0/15", recordOf(), true],
  ["address in (192.0.2.0/24, 2001:db8::/32)", recordOf(), false],
  ["address in 2001:db8::/32", recordOf({ address: address("2001:db8:1::") }), true],
  ["address == 198.18.14.189", recordOf(), true],
  ["address != 198.18.14.189", recordOf(), false],
  ["address in 0.0.0.0/0", recordOf(), true],
  ["address in ::/0", recordOf({ address: address("::1") }), true],
  ["verdict == open", recordOf(), true],
  ["verdict in (closed, unreachable)", unreachable, true],
  ["verdict != 'open'", unreachable, true],
  ["icmp_code == 13 && icmp_responder in 192.0.2.0/24", unreachable, true],
  ["icmp_code == 13", recordOf(), false],
  ['options == "2-4-8-1-3"', recordOf(), true],
  ["options == 2-4-8-1-3", recordOf(), true],
  ["sack_permitted", recordOf(), true],
  ["sack_permitted == false", recordOf({ reply: { ...REPLY, options: new Uint8Array() } }), true],
  ["ttl > 60 && window == 64240 && mss == 1460", recordOf(), true],
  ["success = 1 && repeat = 0", recordOf(), true],
  ['classification = "synack" && timestamp-us = 198223', recordOf(), true],
  ["classification == rst", recordOf({ verdict: "closed" }), true],
  ["cooldown", recordOf({ cooling: true }), true],
  ["  open  ", recordOf(), true],
];

for (const [expression, record, isKept] of CASES) {
  Deno.test(`${expression} of a target that is ${record.verdict}: ${isKept}`, () => {
    assert.equal(compileFilter(expression).keeps(record), isKept);
  });
}

/** What is wrong, and where. */
const REFUSED: readonly [expression: string, reason: RegExp][] = [
  ["", /column 1, a verdict or a field is missing before the end$/],
  ["open &&", /column 8, a verdict or a field is missing before the end$/],
  ["open closed", /column 6, closed was not expected; join conditions with && or \|\|$/],
  ["(open", /column 6, \) is missing before the end$/],
  ["open)", /column 5, \) was not expected/],
  ["open & closed", /column 6, "&" means nothing here$/],
  ["rtt", /column 1, rtt must be compared with something, such as rtt < 50$/],
  ["address", /column 1, address must be compared with something, such as address in 192\.0\.2\.0\/24$/],
  ["reason && open", /column 1, reason must be compared with something, such as reason == no_neighbor$/],
  ["rtt < fast", /column 7, rtt is a number, not fast$/],
  ["rtt <", /column 6, rtt is a number, not the end$/],
  ["opne", /column 1, there is no field opne; fields are address, port, .*, and ZMap's$/],
  ["address < 192.0.2.1", /column 9, address is no number: it can be compared with == and != only$/],
  ["address == 192.0.2.0/24", /column 12, 192\.0\.2\.0\/24 is no address; for a CIDR write address in/],
  ["address in 192.0.2.0/33", /column 12, 192\.0\.2\.0\/33 is no address and no CIDR$/],
  ["address in (192.0.2.1", /column 22, \) is missing before the end$/],
  ["verdict == opne", /column 12, verdict is open, closed, unreachable, filtered, never opne$/],
  ["success in (1)", /column 12, success is true or false: it stands alone$/],
  ["success == 2", /column 12, success is true or false, not 2$/],
  ['options == "2-4', /column 12, """ means nothing here$/],
];

for (const [expression, reason] of REFUSED) {
  Deno.test(`refused: ${expression}`, () => {
    assert.throws(() => compileFilter(expression), (error: unknown) => {
      assert.ok(error instanceof FilterError);
      assert.ok(error.message.startsWith(`Cannot filter by "${expression}": `));
      assert.match(error.message, reason);
      return true;
    });
  });
}

const VERDICTS: readonly Verdict[] = ["open", "closed", "unreachable", "filtered"];

Deno.test("which verdicts an expression wants is known before any record", () => {
  const wanted: Readonly<Record<string, readonly Verdict[]>> = {
    "open": ["open"],
    "!open": ["closed", "unreachable", "filtered"],
    "open && rtt < 50": ["open"],
    "open && closed": [],
    "open || port == 80 && !filtered": ["open", "closed", "unreachable"],
    "!(open && rtt < 50)": VERDICTS,
    "!(open || rtt < 50)": ["closed", "unreachable", "filtered"],
    "verdict in (open, filtered)": ["open", "filtered"],
    "verdict != filtered": ["open", "closed", "unreachable"],
    "port == 80": VERDICTS,
  };
  for (const [expression, verdicts] of Object.entries(wanted)) {
    const filter = compileFilter(expression);
    assert.deepEqual(VERDICTS.filter((verdict) => filter.wants(verdict)), verdicts, expression);
  }
  assert.ok(VERDICTS.every((verdict) => EVERYTHING.wants(verdict) && EVERYTHING.keeps(ofVerdict(verdict))));
});

Deno.test("what is kept was wanted", () => {
  for (const [expression, record] of CASES) {
    const filter = compileFilter(expression);
    if (filter.keeps(record)) assert.ok(filter.wants(record.verdict), expression);
  }
});
