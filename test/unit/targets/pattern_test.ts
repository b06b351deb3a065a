import assert from "node:assert/strict";
import { formatInterval, parseTarget, TargetError } from "../../../src/targets/mod.ts";
import { parsePattern } from "../../../src/targets/pattern.ts";

function write(text: string): string[] | undefined {
  return parsePattern(text)?.map(formatInterval);
}

Deno.test("each range of a pattern multiplies", () => {
  assert.deepEqual(write("2001:db8::1-1f"), ["2001:db8::1-2001:db8::1f"]);
  assert.deepEqual(write("2001:DB8:0-2::A"), ["2001:db8::a", "2001:db8:1::a", "2001:db8:2::a"]);
  assert.deepEqual(write("1-2:0:0:0:0:0:3-4:5-6"), [
    "1::3:5-1::3:6",
    "1::4:5-1::4:6",
    "2::3:5-2::3:6",
    "2::4:5-2::4:6",
  ]);
  const wide = parsePattern("2001:db8:0-ff::1-1f")!;
  assert.equal(wide.length, 256);
  assert.equal(formatInterval(wide[255]!), "2001:db8:ff::1-2001:db8:ff::1f");
});

Deno.test("groups that are free at the end make longer intervals, not more of them", () => {
  assert.deepEqual(write("2001:db8::0-1:0-ffff"), ["2001:db8::/111"]);
  assert.deepEqual(write("2001:db8:1-2:3:0-ffff:0-ffff:0-ffff:0-ffff"), [
    "2001:db8:1:3::/64",
    "2001:db8:2:3::/64",
  ]);
  assert.deepEqual(write("8-f:0-ffff:0-ffff:0-ffff:0-ffff:0-ffff:0-ffff:0-ffff"), ["8::/13"]);
  assert.deepEqual(write(new Array(8).fill("0-ffff").join(":")), ["::/0"]);
});

Deno.test("what is no pattern is left to be a range or an error", () => {
  for (
    const text of [
      "2001:db8::1-2001:db8::9",
      "1:2:3:4:5:6:7:9-1:2:3:4:5:6:8:1",
      "fe80::9-1:2:3:4:5:6:7:8",
      "10.0.0.1-10.0.0.9",
      "2001:db8::1-g",
      "2001:db8::1-12345",
      "2001:db8::1-",
      "2001:db8::1-2-3",
      "1-2:3",
      "1:2:3:4:5:6:7:8::9-a",
    ]
  ) assert.equal(parsePattern(text), undefined, text);
  assert.deepEqual(
    (parseTarget("1:2:3:4:5:6:7:9-1:2:3:4:5:6:8:1") as { intervals?: unknown }).intervals,
    [{ first: 0x1_0002_0003_0004_0005_0006_0007_0009n, last: 0x1_0002_0003_0004_0005_0006_0008_0001n }],
  );
});

Deno.test("a pattern with a million intervals is possible, one with more is refused", () => {
  assert.equal(parsePattern("2001:db8:1-3e8:1-3e8::1")!.length, 1_000_000);
  assert.throws(
    () => parsePattern("2001:db8:0-3e8:1-3e8::1"),
    new TargetError(
      "the pattern has 1,001,000 intervals, and at most 1,000,000 are possible; make its ranges smaller",
    ),
  );
  assert.throws(() => parsePattern("0-ffff:0-ffff:0-ffff:0-ffff:0-ffff:0-ffff:0-ffff:1"), TargetError);
  assert.throws(
    () => parsePattern("2001:db8::9-1"),
    new TargetError("the range 9-1 runs backwards; write 1-9"),
  );
});
