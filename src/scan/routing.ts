/**
 * Which way the kernel would send to each address: policy rules, tables, longest prefixes and metrics (ip-rule(8),
 * ip-route(8)), worked out for sets of addresses instead of one after the other.
 *
 * @module
 */
import type { Route, Rule } from "../../ffi/mod.ts";
import { fromCidr, type Interval, IntervalSet, IPV4_ADDRESSES, isIpv4 } from "../targets/mod.ts";
import type { Machine } from "./machine.ts";

/** All addresses of one family. */
export const IPV4_SPACE = IPV4_ADDRESSES;
export const IPV6_SPACE = IntervalSet.from([fromCidr(0n, 0)]).subtract(IPV4_SPACE);

/** What the kernel is told of a packet, besides where it goes to. */
export interface Sender {
  /** The source addresses that were asked for, at most one of each family; routes choose where there is none. */
  readonly from: readonly bigint[];
  /** The only interface to leave through; undefined for any. */
  readonly interface: { readonly name: string; readonly index: number } | undefined;
}

/** Addresses that leave the same way: by `route`, or by others that lead to the same next hop. */
export interface RoutedAddresses {
  readonly route: Route;
  readonly addresses: IntervalSet;
}

export interface Routing {
  readonly routed: readonly RoutedAddresses[];
  /** Addresses that a route or a rule refuses. */
  readonly refused: IntervalSet;
  /** Addresses with no route. */
  readonly unrouted: IntervalSet;
  /** Rules that would have to know more of a packet, its port for instance: passed over. */
  readonly undecided: readonly Rule[];
}

/** Divides `addresses` as the kernel would. */
export function routeAddresses(
  addresses: IntervalSet,
  { routes, rules }: Pick<Machine, "routes" | "rules">,
  sender: Sender,
): Routing {
  const tables = Map.groupBy(
    routes.filter((route) => isUsable(route, sender)),
    (route) => tableName(familyOf(route), route.table),
  );
  const found: RoutedAddresses[] = [];
  const refused: IntervalSet[] = [];
  const undecided: Rule[] = [];
  let remaining = addresses;
  for (const rule of rules.toSorted((a, b) => a.priority - b.priority)) {
    if (remaining.isEmpty) break;
    const matched = matchedBy(rule, remaining, sender);
    if (matched.isEmpty) continue;
    if (rule.conditions === "unknown") {
      undecided.push(rule);
    } else if (rule.action === "refuse") {
      refused.push(matched);
      remaining = remaining.subtract(matched);
    } else if (rule.action === "lookUp") {
      const taken: IntervalSet[] = [];
      for (const entry of waysOf(tables.get(tableName(rule.family, rule.table)), rule)) {
        const claimed = matched.intersect(entry.addresses);
        if (claimed.isEmpty || entry.route.kind === "pass") continue;
        taken.push(claimed);
        if (entry.route.kind === "none") refused.push(claimed);
        else found.push({ route: entry.route, addresses: claimed });
      }
      remaining = remaining.subtract(IntervalSet.union(taken));
    }
  }
  return { routed: found, refused: IntervalSet.union(refused), unrouted: remaining, undecided };
}

/** The first of the sources whose packets meet other rules or routes than those of the first one. */
export function differingSource(
  { routes, rules }: Pick<Machine, "routes" | "rules">,
  sources: readonly bigint[],
): bigint | undefined {
  const restricted = [...rules, ...routes].filter((entry) => !isForAll(entry));
  return sources.find((source) =>
    restricted.some((entry) => comesFrom(entry, [source]) !== comesFrom(entry, sources.slice(0, 1)))
  );
}

/** Whether an address may be reached through its own link only: fe80::/10 (RFC 4291, 2.5.6). */
export function isLinkLocal(address: bigint): boolean {
  return address >> 118n === 0xfe80n >> 6n;
}

/** Whether an address is for sites and not for the world: fc00::/7 (RFC 4193, 3.1). */
export function isUniqueLocal(address: bigint): boolean {
  return address >> 121n === 0xfc00n >> 9n;
}

function familyOf({ destination, prefixLength }: Route): 4 | 6 {
  return prefixLength >= 96 && isIpv4(destination) ? 4 : 6;
}

function tableName(family: 4 | 6, table: number): string {
  return `${family} ${table}`;
}

/** Whether the kernel would consider a route; routes of this host belong to no interface. */
function isUsable(route: Route, sender: Sender): boolean {
  const isThere = sender.interface === undefined || route.kind === "local" || route.interfaceIndex === 0 ||
    route.interfaceIndex === sender.interface.index;
  return isThere && comesFrom(route, sender.from);
}

/** What a rule applies to, if it can be told. */
function matchedBy(rule: Rule, addresses: IntervalSet, sender: Sender): IntervalSet {
  const space = addresses.intersect(rule.family === 4 ? IPV4_SPACE : IPV6_SPACE);
  const applies = rule.conditions !== "failed" && comesFrom(rule, sender.from) &&
    (rule.interfaceName === undefined || rule.interfaceName === sender.interface?.name);
  const matched = applies
    ? space.intersect(IntervalSet.from([fromCidr(rule.to, rule.toPrefixLength)]))
    : IntervalSet.EMPTY;
  return rule.isInverted && rule.conditions !== "unknown" ? space.subtract(matched) : matched;
}

/** Whether a rule or route is for packets of the sender. Without a source, only those for all are. */
function comesFrom(entry: Route | Rule, sources: readonly bigint[]): boolean {
  if (isForAll(entry)) return true;
  const { first, last } = fromCidr(entry.from, entry.fromPrefixLength);
  return sources.some((source) => first <= source && source <= last);
}

function isForAll({ from, fromPrefixLength }: Route | Rule): boolean {
  return fromPrefixLength === 0 || (fromPrefixLength === 96 && isIpv4(from));
}

/** What each route of a table takes: the most specific one gets an address. Routes that lead the same way are one. */
function waysOf(routes: readonly Route[] = [], rule: Rule): RoutedAddresses[] {
  const ways = new Map<string, { readonly route: Route; readonly intervals: Interval[] }>();
  const counted = routes.filter(({ prefixLength }) => prefixLength >= rule.routePrefixLengthMin);
  for (const { route, interval } of mostSpecific(counted)) {
    const name = wayOf(route);
    const way = ways.get(name);
    if (way === undefined) ways.set(name, { route, intervals: [interval] });
    else way.intervals.push(interval);
  }
  return [...ways.values()].map(({ route, intervals }) => ({
    route,
    addresses: IntervalSet.from(intervals),
  }));
}

/** What routes have in common whose packets take the same way out, from the same address. */
function wayOf({ kind, interfaceIndex, gateway, source, destination, prefixLength }: Route): string {
  const way = `${kind} ${interfaceIndex} ${gateway} ${source}`;
  if (source !== 0n || kind === "local" || kind === "none" || kind === "pass") return way;
  // The source will follow from where the route leads.
  return kind === "onLink"
    ? `${way} ${destination} ${prefixLength}`
    : `${way} ${isLinkLocal(destination)} ${isUniqueLocal(destination)}`;
}

interface Block extends Interval {
  readonly route: Route;
}

/**
 * Cuts blocks, of which any two are disjoint or one within the other, into intervals that each belong to the smallest
 * block around them. One pass: a router may have a million routes.
 */
function* mostSpecific(routes: readonly Route[]): Generator<{ route: Route; interval: Interval }> {
  const enclosing: Block[] = [];
  let cursor = 0n;
  const upTo = function* (last: bigint) {
    for (let block = enclosing.at(-1); block !== undefined; block = enclosing.at(-1)) {
      const end = block.last < last ? block.last : last;
      if (cursor <= end) yield { route: block.route, interval: { first: cursor, last: end } };
      if (cursor <= end) cursor = end + 1n;
      if (block.last > last) return;
      enclosing.pop();
    }
  };
  for (const block of blocksOf(routes)) {
    yield* upTo(block.first - 1n);
    cursor = block.first;
    enclosing.push(block);
  }
  yield* upTo(1n << 128n);
}

/** The blocks of routes, larger ones before those within them; of routes to one block the kernel's choice. */
function blocksOf(routes: readonly Route[]): Block[] {
  const blocks = routes.map((route) => ({ route, ...fromCidr(route.destination, route.prefixLength) }));
  blocks.sort((a, b) =>
    compare(a.first, b.first) || a.route.prefixLength - b.route.prefixLength ||
    b.route.fromPrefixLength - a.route.fromPrefixLength || a.route.metric - b.route.metric ||
    Number(a.route.isLinkDown) - Number(b.route.isLinkDown)
  );
  return blocks.filter(({ first, last }, index) => {
    const previous = blocks[index - 1];
    return previous?.first !== first || previous.last !== last;
  });
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
