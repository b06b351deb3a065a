import assert from "node:assert/strict";
import { TargetError } from "../../../../src/targets/mod.ts";
import { seededRandom } from "../random.ts";
import { assertFault, loadContent, show } from "./as_data.ts";
import { bits, type Contents, maxMindFile, type Value } from "./max_mind_file.ts";
import { ipv4, ipv6, record, records, sharingFile, zeros } from "./max_mind_samples.ts";

Deno.test("MaxMind DB: both families in one tree, of every size of record", async () => {
  for (const recordSize of [24, 28, 32] as const) {
    const database = await loadContent(maxMindFile({ ...ipv6, recordSize }), 100);
    assert.deepEqual(
      show(database, "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "198.51.100.1"),
      ["", "64500 Example, Inc.", "64500 Example, Inc.", "", ""],
    );
    assert.deepEqual(
      show(
        database,
        "2001:db7:ffff::",
        "2001:db8::",
        "2001:db8:ffff::ffff",
        "2001:db9::",
        "2002:c000:200::",
        "::c000:200",
      ),
      ["", `64501 ${"x".repeat(300)}`, `64501 ${"x".repeat(300)}`, "", "", ""],
    );
  }
});

Deno.test("MaxMind DB: a tree of IPv4 alone, with pointers in its data", async () => {
  const database = await loadContent(maxMindFile(ipv4));
  assert.deepEqual(show(database, "10.0.0.0", "11.255.255.255", "12.0.0.0"), [
    `1 ${"y".repeat(3000)}`,
    `1 ${"y".repeat(3000)}`,
    "",
  ]);
});

Deno.test("MaxMind DB: what is wrong with a file is said", async () => {
  const fault = (contents: Partial<Contents>, message: string) =>
    assertFault(maxMindFile({ ...ipv6, ...contents }), `as.csv: Cannot read AS data: ${message}`);
  const neither = "it is neither text nor a whole MaxMind DB, which ends in its metadata";
  await fault({ metadata: { node_count: "many" } }, "its metadata has no node_count");
  await fault({ metadata: { node_count: 1_000_000 } }, "its search tree of 1000000 nodes has no place in it");
  await fault(
    { metadata: { record_size: 20 } },
    "its search tree has records of 20 bits, and not 24, 28 or 32",
  );
  await fault(
    { metadata: { binary_format_major_version: 3 } },
    "it is in version 3 of the MaxMind DB format, and 2 is known",
  );
  await fault({ records: ["text", "text", "text"] }, "a record of it is no map");
  await fault(
    { records: records.map(() => record({ asn: "x" })) },
    "a record of it has an AS number that is none",
  );
  await fault({ aliases: { [zeros(97)]: zeros(1) } }, "its search tree goes in circles");
  await fault(
    { records: records.map(() => record({ a: { pointer: 1_000_000 } })) },
    "a field of it reaches beyond its end",
  );
  await assertFault(maxMindFile(ipv6).subarray(0, -300), `as.csv: Cannot read AS data: ${neither}`);
  await assertFault(
    maxMindFile({ ...ipv6, records: records.map(() => record({ country: "DE" })) }),
    "as.csv: Cannot use AS data: no address in it has an AS",
  );
});

Deno.test("MaxMind DB: a small file that would take long to read is refused", async () => {
  const depth = 1000;
  let nested: Value = record({});
  for (let level = 0; level < depth; level += 1) nested = record({ a: [nested] });
  // A map, its key and a list take five octets: each record is what is inside of the one before.
  const pointers = Array.from({ length: depth }, (_, level) => ({ pointer: 5 * level }));
  const prefixes = pointers.map((_, level) => [level.toString(2).padStart(16, "0"), 1 + level] as const);
  await assertFault(
    maxMindFile({
      ipVersion: 4,
      recordSize: 24,
      records: [nested, ...pointers],
      prefixes: Object.fromEntries(prefixes),
    }),
    "as.csv: Cannot read AS data: its records have too much in common",
  );
});

Deno.test("MaxMind DB: a small file that would fill memory with one name for many AS is refused", async () => {
  await assertFault(sharingFile(500), "as.csv: Cannot read AS data: its records have too much in common");
  const database = await loadContent(sharingFile(10));
  assert.deepEqual(show(database, "0.9.255.255"), [`10 ${"z".repeat(4000)}`]);
});

Deno.test("MaxMind DB: a text that is too long for a name is none", async () => {
  const database = await loadContent(maxMindFile({
    ipVersion: 4,
    recordSize: 24,
    records: [record({ asn: 1, name: "y".repeat(5000) })],
    prefixes: { [bits([0x0a00], 8)]: 0 },
  }));
  assert.deepEqual(show(database, "10.0.0.0"), ["1"]);
});

Deno.test("MaxMind DB: a file with any octets changed loads, or is refused with a reason", async () => {
  const file = maxMindFile(ipv6);
  const random = seededRandom(3);
  let refused = 0;
  for (let round = 0; round < 2000; round += 1) {
    const changed = file.slice(0, random(10) === 0 ? random(file.length) : file.length);
    for (let count = 1 + random(4); count > 0; count -= 1) changed[random(changed.length)] = random(256);
    try {
      await loadContent(changed);
    } catch (error) {
      assert.ok(error instanceof TargetError, `round ${round}: ${error}`);
      refused += 1;
    }
  }
  assert.ok(refused > 100, `${refused} refused`);
});
