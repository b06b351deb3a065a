import assert from "node:assert/strict";
import {
  askedDifferently,
  certificateDifferences,
  endpointDifferences,
  readRunOrder,
} from "../../../../src/graph/history/mod.ts";
import { GraphRows, hexadecimal } from "../graph_rows.ts";
import { graphOf, runName } from "./served.ts";

const rows = graphOf([
  {
    "192.0.2.1": "a",
    "192.0.2.1 8443": "a",
    "192.0.2.1/name.example": "b",
    "192.0.2.9": "same",
    "2001:db8::1": "a",
  },
  { "192.0.2.1": "passed over" },
  { "192.0.2.1": "b", "192.0.2.1 8443": "a c", "192.0.2.2": "d", "192.0.2.9": "same", "2001:db8::1": "a" },
]);
const [first, , third] = readRunOrder(rows.database);

Deno.test("diff: an endpoint appears, vanishes, or shows other certificates", () => {
  const endpoint = (difference: string, address: string, from: string[], to: string[], more = {}) => ({
    type: "endpoint",
    difference,
    address,
    port: 443,
    server_name: null,
    from: from.map(hexadecimal).sort(),
    to: to.map(hexadecimal).sort(),
    ...more,
  });
  const forth = [
    endpoint("changed", "192.0.2.1", ["a"], ["b"]),
    endpoint("vanished", "192.0.2.1", ["b"], [], { server_name: "name.example" }),
    endpoint("changed", "192.0.2.1", ["a"], ["a", "c"], { port: 8443 }),
    endpoint("appeared", "192.0.2.2", [], ["d"]),
  ];
  assert.deepEqual([...endpointDifferences(rows.database, first!, third!)], forth);

  const opposite: Record<string, string> = { appeared: "vanished", vanished: "appeared", changed: "changed" };
  const back = forth.map((found) => {
    return { ...found, difference: opposite[found.difference], from: found.to, to: found.from };
  });
  assert.deepEqual([...endpointDifferences(rows.database, third!, first!)], back);
});

Deno.test("diff: a certificate appears or vanishes, wherever it was seen", () => {
  const certificate = (difference: string, name: string) => ({
    type: "certificate",
    difference,
    fingerprint: hexadecimal(name),
    subject: `CN=${name}`,
  });
  assert.deepEqual(
    [...certificateDifferences(rows.database, first!, third!)],
    [certificate("appeared", "c"), certificate("appeared", "d")].sort(byFingerprint),
  );
  assert.deepEqual(
    [...certificateDifferences(rows.database, third!, first!)],
    [certificate("vanished", "c"), certificate("vanished", "d")].sort(byFingerprint),
  );
});

function byFingerprint(one: { fingerprint: string }, other: { fingerprint: string }): number {
  return one.fingerprint < other.fingerprint ? -1 : 1;
}

Deno.test("diff: what two runs asked for differs in the options that say whom to ask", () => {
  const asked = (config: Record<string, unknown>, otherConfig: Record<string, unknown>) => {
    const rows = new GraphRows();
    rows.run(runName(1), { config });
    rows.run(runName(2), { config: otherConfig });
    const [one, other] = readRunOrder(rows.database);
    return askedDifferently(one!, other!);
  };
  const config = { targets: ["192.0.2.0/24"], ports: [{ first: 443, last: 443 }], seed: 1, rate: 1000 };
  assert.deepEqual(asked(config, config), []);
  assert.deepEqual(asked(config, { ...config, seed: 2, rate: 2000 }), []);
  assert.deepEqual(asked(config, { ...config, targets: ["192.0.2.0/25"], family: 4 }), ["targets", "family"]);
  assert.deepEqual(asked({ ...config, sample: 0.5 }, { ...config, sample: 0.5, seed: 2 }), ["seed"]);
  assert.deepEqual(asked({}, config), ["targets", "ports"]);
});
