import assert from "node:assert/strict";
import type { Route } from "../../../ffi/mod.ts";
import { routeAddresses } from "../../../src/scan/routing.ts";
import { formatInterval, type IntervalSet } from "../../../src/targets/mod.ts";
import { route, targetsOf } from "./machine.ts";

async function routing(target: string, routes: readonly Route[]): Promise<Record<string, string>> {
  const { routed, unrouted } = routeAddresses((await targetsOf(target)).addresses, routes);
  const found: Record<string, string> = {};
  for (const { route, addresses } of routed) {
    found[`${route.kind} ${route.interfaceIndex} ${route.metric}`] = format(addresses);
  }
  return unrouted.isEmpty ? found : { ...found, unrouted: format(unrouted) };
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

Deno.test("of equal prefixes, the lower metric wins", async () => {
  const routes = [
    route("10.0.0.0/8 gateway 2", { metric: 100 }),
    route("10.0.0.0/8 gateway 3", { metric: 20 }),
    route("10.0.0.0/8 gateway 4", { metric: 600 }),
  ];
  assert.deepEqual(await routing("10.0.0.0/8", routes), { "gateway 3 20": "10.0.0.0/8" });
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
    unrouted: "10.0.0.0 10.0.0.3-10.0.0.7",
  });
});
