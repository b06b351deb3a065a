import assert from "node:assert/strict";
import type { Route, Rule } from "../../../ffi/mod.ts";
import { routeAddresses, type Sender } from "../../../src/scan/routing.ts";
import { formatInterval, type IntervalSet, parseAddress } from "../../../src/targets/mod.ts";
import { plainRules, route, rule, targetsOf } from "./machine.ts";

const anybody: Sender = { from: [], interface: undefined };

async function routing(
  target: string,
  routes: readonly Route[],
  rules: readonly Rule[] = plainRules,
  sender: Sender = anybody,
): Promise<Record<string, string>> {
  const { addresses } = await targetsOf(target);
  const { routed, refused, unrouted } = routeAddresses(addresses, { routes, rules }, sender);
  const found: Record<string, string> = {};
  for (const { route, addresses } of routed) {
    found[`${route.kind} ${route.interfaceIndex} ${route.metric}`] = format(addresses);
  }
  return {
    ...found,
    ...refused.isEmpty ? {} : { refused: format(refused) },
    ...unrouted.isEmpty ? {} : { unrouted: format(unrouted) },
  };
}

function format(addresses: IntervalSet): string {
  return [...addresses].map(formatInterval).join(" ");
}

Deno.test("the longest prefix wins, in whatever order the routes come", async () => {
  const routes = [
    route("0.0.0.0/0 gateway 2"),
    route("10.1.0.0/16 gateway 3"),
    route("10.1.2.0/24 onLink 4"),
  ];
  for (const order of [routes, routes.toReversed()]) {
    assert.deepEqual(await routing("10.0.255.0-10.1.3.255", order), {
      "onLink 4 0": "10.1.2.0/24",
      "gateway 3 0": "10.1.0.0/23 10.1.3.0/24",
      "gateway 2 0": "10.0.255.0/24",
    });
  }
});

Deno.test("blocks that begin or end together, one within the other", async () => {
  const routes = [
    route("10.0.0.0/29 gateway 2"),
    route("10.0.0.0/30 gateway 3"),
    route("10.0.0.0/32 gateway 4"),
    route("10.0.0.4/30 gateway 5"),
    route("10.0.0.7/32 gateway 6"),
  ];
  assert.deepEqual(await routing("10.0.0.0/28", routes), {
    "gateway 3 0": "10.0.0.1-10.0.0.3",
    "gateway 4 0": "10.0.0.0",
    "gateway 5 0": "10.0.0.4-10.0.0.6",
    "gateway 6 0": "10.0.0.7",
    unrouted: "10.0.0.8/29",
  });
});

Deno.test("of equal prefixes, the lower metric wins, and then the way that has a carrier", async () => {
  const routes = [
    route("10.0.0.0/8 gateway 2", { metric: 100 }),
    route("10.0.0.0/8 gateway 3", { metric: 20, isLinkDown: true }),
    route("10.0.0.0/8 gateway 4", { metric: 20 }),
    route("10.0.0.0/8 gateway 5", { metric: 600 }),
  ];
  assert.deepEqual(await routing("10.0.0.0/8", routes), { "gateway 4 20": "10.0.0.0/8" });
});

Deno.test("the table of local routes is asked before all others", async () => {
  const routes = [route("192.0.2.10/32 gateway 2"), route("192.0.0.0/16 local 3")];
  assert.deepEqual(await routing("192.0.2.10", routes), { "local 3 0": "192.0.2.10" });
});

Deno.test("where no route leads, and where one refuses", async () => {
  assert.deepEqual(await routing("10.0.0.0/30", []), { unrouted: "10.0.0.0/30" });
  const routes = [
    route("10.0.0.0/30 gateway 2"),
    route("10.0.0.0/32 none 0"),
    route("10.0.0.3/32 none 0"),
  ];
  assert.deepEqual(await routing("10.0.0.0/29", routes), {
    "gateway 2 0": "10.0.0.1-10.0.0.2",
    refused: "10.0.0.0 10.0.0.3",
    unrouted: "10.0.0.4/30",
  });
});

Deno.test("families don't mix, though IPv4 lies within ::/0", async () => {
  const routes = [route("::/0 gateway 2"), route("2001:db8::/32 gateway 3")];
  assert.deepEqual(await routing("10.0.0.0/30", routes), { unrouted: "10.0.0.0/30" });
  assert.deepEqual(await routing("2001:db8::/31", routes), {
    "gateway 2 0": "2001:db9::/32",
    "gateway 3 0": "2001:db8::/32",
  });
});

Deno.test("rules are asked by priority, and where a table is silent, the next", async () => {
  const routes = [
    route("10.0.0.0/8 gateway 2"),
    route("10.1.0.0/16 gateway 3", { table: 100 }),
    route("10.1.1.0/24 pass 0", { table: 100 }),
    route("10.1.2.0/24 none 0", { table: 100 }),
  ];
  const rules = [rule("300 lookUp 254"), rule("200 lookUp 100"), rule("100 lookUp 7")];
  assert.deepEqual(await routing("10.0.0.0-10.1.255.255", routes, rules), {
    "gateway 3 0": "10.1.0.0/24 10.1.3.0-10.1.255.255",
    refused: "10.1.2.0/24",
    "gateway 2 0": "10.0.0.0/16 10.1.1.0/24",
  });
});

Deno.test("rules for some destinations, rules that refuse, and rules that do nothing", async () => {
  const routes = [route("10.0.0.0/8 gateway 2"), route("10.0.0.0/8 gateway 3", { table: 100 })];
  const rules = [
    rule("10 refuse 0", { to: "10.0.0.8/29" }),
    rule("15 pass 0", { to: "10.0.0.0/30" }),
    rule("20 lookUp 100", { to: "10.0.0.0/28" }),
    rule("30 lookUp 254"),
  ];
  assert.deepEqual(await routing("10.0.0.0/27", routes, rules), {
    refused: "10.0.0.8/29",
    "gateway 3 0": "10.0.0.0/29",
    "gateway 2 0": "10.0.0.16/28",
  });
});

Deno.test("rules for one source hold for it and for nobody without one", async () => {
  const routes = [route("0.0.0.0/0 gateway 2"), route("0.0.0.0/0 gateway 3", { table: 100 })];
  const rules = [rule("10 lookUp 100", { from: "198.18.0.0/24" }), rule("20 lookUp 254")];
  const from = (source: string): Sender => ({ from: [parseAddress(source)!], interface: undefined });
  assert.deepEqual(await routing("10.0.0.1", routes, rules), { "gateway 2 0": "10.0.0.1" });
  assert.deepEqual(await routing("10.0.0.1", routes, rules, from("198.18.0.9")), {
    "gateway 3 0": "10.0.0.1",
  });
  assert.deepEqual(await routing("10.0.0.1", routes, rules, from("198.18.1.9")), {
    "gateway 2 0": "10.0.0.1",
  });
  // "not from": everybody else, those without a source too.
  const inverted = [{ ...rules[0]!, isInverted: true }, rules[1]!];
  assert.deepEqual(await routing("10.0.0.1", routes, inverted, from("198.18.0.9")), {
    "gateway 2 0": "10.0.0.1",
  });
  assert.deepEqual(await routing("10.0.0.1", routes, inverted), { "gateway 3 0": "10.0.0.1" });
});

Deno.test("routes for one source, the more special one first", async () => {
  const routes = [
    route("::/0 gateway 2"),
    route("::/0 gateway 3", { from: "2001:db8:3::/48" }),
    route("::/0 gateway 4", { from: "2001:db8:3:4::/64" }),
  ];
  const wayFrom = async (...sources: string[]) =>
    Object.keys(
      await routing("2001:db8::1", routes, plainRules, {
        from: sources.map((source) => parseAddress(source)!),
        interface: undefined,
      }),
    );
  assert.deepEqual(await wayFrom(), ["gateway 2 0"]);
  assert.deepEqual(await wayFrom("2001:db8:3::1", "192.0.2.1"), ["gateway 3 0"]);
  assert.deepEqual(await wayFrom("2001:db8:3:4::1"), ["gateway 4 0"]);
  assert.deepEqual(await wayFrom("2001:db8:5::1"), ["gateway 2 0"]);
});

Deno.test("one interface only: its routes, its rules, and those of this host", async () => {
  const routes = [
    route("10.0.0.1/32 local 1"),
    route("0.0.0.0/0 gateway 2"),
    route("0.0.0.0/0 gateway 3", { metric: 50 }),
    route("10.0.0.4/30 gateway 4", { table: 100 }),
    route("10.0.0.4/30 gateway 3", { table: 100 }),
  ];
  const rules = [
    rule("0 lookUp 255"),
    rule("10 lookUp 100", { interfaceName: "eth3" }),
    rule("20 lookUp 254"),
  ];
  const through = (name: string, index: number): Sender => ({ from: [], interface: { name, index } });
  assert.deepEqual(await routing("10.0.0.0/29", routes, rules, through("eth3", 3)), {
    "local 1 0": "10.0.0.1",
    "gateway 3 0": "10.0.0.4/30",
    "gateway 3 50": "10.0.0.0 10.0.0.2/31",
  });
  assert.deepEqual(await routing("10.0.0.4/30", routes, rules), { "gateway 2 0": "10.0.0.4/30" });
  assert.deepEqual(await routing("10.0.0.4/30", routes, rules, through("eth9", 9)), {
    unrouted: "10.0.0.4/30",
  });
});

Deno.test("a tunnel that takes everything but what the main table knows better, as wg-quick(8) has it", async () => {
  const routes = [
    route("0.0.0.0/0 gateway 2"),
    route("192.0.2.0/24 onLink 2"),
    route("0.0.0.0/0 onLink 3", { table: 51_820 }),
  ];
  const rules = [
    rule("32764 lookUp 254", { routePrefixLengthMin: 97 }),
    rule("32765 lookUp 51820", { conditions: "failed", isInverted: true }),
    rule("32766 lookUp 254"),
  ];
  assert.deepEqual(await routing("192.0.1.0-192.0.2.255", routes, rules), {
    "onLink 2 0": "192.0.2.0/24",
    "onLink 3 0": "192.0.1.0/24",
  });
});

Deno.test("a rule that cannot be decided is passed over and named", async () => {
  const routes = [route("0.0.0.0/0 gateway 2"), route("0.0.0.0/0 gateway 3", { table: 100 })];
  const byPort = rule("10 lookUp 100", { conditions: "unknown" });
  const { addresses } = await targetsOf("10.0.0.1");
  const ask = (first: Rule) =>
    routeAddresses(addresses, { routes, rules: [first, rule("20 lookUp 254")] }, anybody);
  for (const first of [byPort, { ...byPort, isInverted: true }]) {
    const { routed, undecided } = ask(first);
    assert.deepEqual(routed.map(({ route }) => route.interfaceIndex), [2]);
    assert.deepEqual(undecided, [first]);
  }
  const elsewhere = rule("10 lookUp 100", { conditions: "unknown", to: "10.9.0.0/16" });
  assert.deepEqual(ask(elsewhere).undecided, []);
});

Deno.test("a table of a hundred thousand routes takes a moment only", async () => {
  const routes = Array.from(
    { length: 100_000 },
    (_, number) =>
      route(`${1 + (number >>> 16)}.${number >>> 8 & 0xff}.${number & 0xff}.0/24 gateway ${2 + number % 2}`),
  );
  const { addresses } = await targetsOf("1.0.0.0-2.134.159.255");
  const startedAt = performance.now();
  const { routed, unrouted } = routeAddresses(addresses, { routes, rules: plainRules }, anybody);
  assert(performance.now() - startedAt < 5_000);
  assert.deepEqual(routed.map(({ addresses }) => addresses.addressCount), [12_800_000n, 12_800_000n]);
  assert(unrouted.isEmpty);
});
