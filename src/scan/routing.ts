/**
 * Which way the kernel would send to each target.
 *
 * @module
 */
import type { Route } from "../../ffi/mod.ts";
import { fromCidr, IntervalSet } from "../targets/mod.ts";

/** Addresses that leave the same way. */
export interface RoutedAddresses {
  readonly route: Route;
  readonly addresses: IntervalSet;
}

export interface Routing {
  readonly routed: readonly RoutedAddresses[];
  /** Addresses with no route, or with one that refuses them. */
  readonly unrouted: IntervalSet;
}

/** Divides `addresses` by the most specific route of each, as the kernel would (longest prefix, then metric). */
export function routeAddresses(addresses: IntervalSet, routes: readonly Route[]): Routing {
  let remaining = addresses;
  const routed: RoutedAddresses[] = [];
  for (const route of [...routes].sort(byPrecedence)) {
    if (remaining.isEmpty) break;
    const claimed = remaining.intersect(
      IntervalSet.from([fromCidr(route.destination, route.prefixLength)]),
    );
    if (claimed.isEmpty) continue;
    remaining = remaining.subtract(claimed);
    routed.push({ route, addresses: claimed });
  }
  return {
    routed: routed.filter(({ route }) => route.kind !== "none"),
    unrouted: IntervalSet.union([
      remaining,
      ...routed.filter(({ route }) => route.kind === "none").map(({ addresses }) => addresses),
    ]),
  };
}

/** The kernel asks its table of local routes before all others (ip-rule(8)). */
function byPrecedence(a: Route, b: Route): number {
  const localFirst = Number(b.kind === "local") - Number(a.kind === "local");
  return localFirst || b.prefixLength - a.prefixLength || a.metric - b.metric;
}
