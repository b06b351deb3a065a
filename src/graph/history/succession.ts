import type { Timeline } from "./timeline.ts";

/** A certificate of the domain on one address in one run, once for each port and server name. */
export interface Sight {
  readonly address: number;
  /** The run's rank. */
  readonly run: number;
  readonly certificate: number;
  readonly port: number;
  readonly serverName: number;
}

/** One certificate took another's place. All are keys of the store, runs are ranks. */
export interface Succession {
  readonly from: number;
  readonly to: number;
  readonly fromRun: number;
  readonly toRun: number;
  readonly addressCount: number;
  /** The first of them. */
  readonly addresses: readonly number[];
  /** No address of the domain is one that it had before. */
  readonly hasMoved: boolean;
}

/** What the domain's facts alone don't say. */
export interface SuccessionContext {
  /** Whether what a run did not see of what another saw was gone: both went through to their end and asked the same. */
  isComparable(run: number, other: number): boolean;
  /** Above 0 where `one` resembles `from` less than `other` does. Never 0. */
  compareResemblance(from: number, one: number, other: number): number;
}

/** Addresses that a succession names. */
export const ADDRESSES_NAMED = 10;

/**
 * An address that in one run shows more certificates of one domain than this proves nothing of it: whoever has so many
 * makes them up, and each would have to be compared with each.
 */
export const CERTIFICATES_SHOWN_MAX = 32;

/** Ports and server names of one address in one run that are kept, to tell likely successors from others. */
const ENDPOINTS_KEPT = 1024;

/**
 * Finds what took whose place at one domain. `sights` are all sights of its certificates, by address, each address's
 * by run.
 *
 * An address where it is seen is the evidence. It showed `from` when the domain was last seen on it and shows `to` in
 * its place, which was not there when `from` came; `to` is newer to the domain, and in this run nobody shows `from` any
 * more. So what many addresses show at once, swap, or bring back is no succession, and a replacement that goes from
 * address to address is one, at its end.
 *
 * A domain that is on no address where it ever was has moved. Then there is no such evidence, and only what shows one
 * certificate at a time is believed: see {@linkcode moveTo}.
 */
export function findSuccessions(
  timeline: Timeline,
  sights: Iterable<Sight>,
  context: SuccessionContext,
): Succession[] {
  const changes = new Changes(timeline);
  const showings = new Showings(changes);
  for (const sight of sights) showings.add(sight);
  showings.finish();

  const told = new Told();
  for (const run of timeline.runs) {
    const best = new Map<number, Change>();
    for (const change of changes.at(run)) {
      if (!told.isNews(change)) continue;
      const known = best.get(change.from);
      if (known === undefined || compareChanges(change, known, context) < 0) best.set(change.from, change);
    }
    for (const { from, to, fromRun, toRun, addressCount, addresses } of best.values()) {
      told.add({ from, to, fromRun, toRun, addressCount, addresses, hasMoved: false });
    }
    const move = best.size > 0 ? undefined : moveTo(run, timeline, showings, told.all, context);
    if (move !== undefined && told.isNews(move)) told.add(move);
  }
  return told.all;
}

/** What was found so far. */
class Told {
  readonly all: Succession[] = [];
  readonly #byOld = new Map<number, Succession[]>();

  /** A pair is told once; and what was told of a certificate's end holds until it is seen again. */
  isNews({ from, to, fromRun }: Pick<Succession, "from" | "to" | "fromRun">): boolean {
    const known = this.#byOld.get(from) ?? [];
    return known.every((earlier) => earlier.to !== to && earlier.toRun <= fromRun);
  }

  add(succession: Succession): void {
    this.all.push(succession);
    this.#byOld.set(succession.from, [...this.#byOld.get(succession.from) ?? [], succession]);
  }
}

/** Addresses of which in one run a certificate took another's place. */
interface Change {
  readonly from: number;
  readonly to: number;
  fromRun: number;
  readonly toRun: number;
  addressCount: number;
  readonly addresses: number[];
  /** On how many ports and under how many server names one is where the other was. */
  endpointCount: number;
}

/** Below 0 where `one` is the likelier successor. */
function compareChanges(one: Change, other: Change, context: SuccessionContext): number {
  return other.addressCount - one.addressCount || other.endpointCount - one.endpointCount ||
    context.compareResemblance(one.from, one.to, other.to);
}

/** The changes of all addresses, added up. */
class Changes {
  readonly #timeline: Timeline;
  readonly #byRun = new Map<number, Map<string, Change>>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  at(run: number): Change[] {
    return [...this.#byRun.get(run)?.values() ?? []];
  }

  canBe(from: number, to: number, run: number): boolean {
    return this.#timeline.canSucceed(to, from, run);
  }

  add(from: number, to: number, fromRun: number, toRun: number, address: number, endpoints: number): void {
    const ofRun = this.#byRun.get(toRun) ?? new Map<string, Change>();
    this.#byRun.set(toRun, ofRun);
    const key = `${from} ${to}`;
    const change = ofRun.get(key) ??
      { from, to, fromRun, toRun, addressCount: 0, addresses: [], endpointCount: 0 };
    ofRun.set(key, change);
    change.fromRun = Math.max(change.fromRun, fromRun);
    change.addressCount += 1;
    change.endpointCount += endpoints;
    if (change.addresses.length < ADDRESSES_NAMED) change.addresses.push(address);
  }
}

/** What one address showed in one run: certificates with their endpoints. */
interface Showing {
  readonly address: number;
  readonly run: number;
  readonly shown: Map<number, Set<number>>;
  endpointCount: number;
}

/** Since when a certificate is on an address. */
interface Stay {
  /** The first run in which it was there. */
  readonly first: number;
  /** The run since which it was there in each in which the address showed the domain. */
  since: number;
  last: number;
}

/** Goes through what addresses showed, one address after the other. Keeps what one address needs. */
class Showings {
  readonly #changes: Changes;
  readonly #addresses = new Map<number, { all: number; new: number; first: number[] }>();
  readonly #stays = new Map<number, Stay>();
  #before: Showing | undefined;
  #showing: Showing | undefined;

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  add({ address, run, certificate, port, serverName }: Sight): void {
    if (this.#showing?.address !== address || this.#showing.run !== run) this.#start(address, run);
    const showing = this.#showing!;
    const endpoints = showing.shown.get(certificate) ?? new Set();
    showing.shown.set(certificate, endpoints);
    if (showing.endpointCount >= ENDPOINTS_KEPT) return;
    showing.endpointCount += 1;
    endpoints.add(port * 2 ** 32 + serverName);
  }

  finish(): void {
    if (this.#showing !== undefined) this.#conclude(this.#showing);
  }

  /** The first addresses of a run and their number, where none of them had shown the domain before. */
  allNew(run: number): { readonly first: readonly number[]; readonly count: number } | undefined {
    const addresses = this.#addresses.get(run);
    if (addresses === undefined || addresses.new < addresses.all) return undefined;
    return { first: addresses.first, count: addresses.all };
  }

  #start(address: number, run: number): void {
    this.finish();
    if (this.#showing?.address === address) {
      this.#before = this.#showing;
    } else {
      this.#before = undefined;
      this.#stays.clear();
    }
    this.#showing = { address, run, shown: new Map(), endpointCount: 0 };
  }

  #conclude(showing: Showing): void {
    const { address, run, shown } = showing;
    const addresses = this.#addresses.get(run) ?? { all: 0, new: 0, first: [] };
    this.#addresses.set(run, addresses);
    addresses.all += 1;
    if (this.#before === undefined) addresses.new += 1;
    if (addresses.first.length < ADDRESSES_NAMED) addresses.first.push(address);

    if (this.#before !== undefined) this.#compare(this.#before, showing);
    for (const certificate of shown.keys()) {
      const stay = this.#stays.get(certificate);
      if (stay === undefined) {
        this.#stays.set(certificate, { first: run, since: run, last: run });
      } else {
        if (stay.last !== this.#before?.run) stay.since = run;
        stay.last = run;
      }
    }
  }

  #compare(before: Showing, { address, run, shown }: Showing): void {
    if (Math.max(before.shown.size, shown.size) > CERTIFICATES_SHOWN_MAX) return;
    for (const [from, endpoints] of before.shown) {
      if (shown.has(from)) continue;
      const { since } = this.#stays.get(from)!;
      for (const [to, endpointsNow] of shown) {
        const wasThere = (this.#stays.get(to)?.first ?? run) <= since;
        if (wasThere || !this.#changes.canBe(from, to, run)) continue;
        let shared = 0;
        for (const endpoint of endpointsNow) if (endpoints.has(endpoint)) shared += 1;
        // What was beside it on another port, and still is there alone, took no place.
        if (shared > 0 || !before.shown.has(to)) {
          this.#changes.add(from, to, before.run, run, address, shared);
        }
      }
    }
  }
}

/**
 * The succession by which a domain has moved in this run, if it has. It must be on new addresses alone, and have had
 * one certificate before and have one now; two certificates that were once seen in one run, of which none has taken the
 * other's place, are those of a domain whose addresses differ, and which of them a run happens to see says nothing. And
 * the run must have asked for the same as the one it is compared with, both to their end.
 */
function moveTo(
  run: number,
  timeline: Timeline,
  showings: Showings,
  found: readonly Succession[],
  context: SuccessionContext,
): Succession | undefined {
  const addresses = showings.allNew(run);
  const fromRun = timeline.runs.findLast((other) => other < run && context.isComparable(run, other));
  if (addresses === undefined || fromRun === undefined) return undefined;
  const from = only(timeline.served(fromRun));
  const to = only(timeline.served(run));
  if (from === undefined || to === undefined || !timeline.canSucceed(to, from, run)) return undefined;
  if (!isOneLine(timeline, run, found)) return undefined;
  const { first, count } = addresses;
  return { from, to, fromRun, toRun: run, addressCount: count, addresses: first, hasMoved: true };
}

/** Whether up to this run no two certificates were served at once but such as follow one another. */
function isOneLine(timeline: Timeline, run: number, found: readonly Succession[]): boolean {
  const lines = new Map<number, number>();
  const lineOf = (certificate: number) => lines.get(certificate) ?? certificate;
  for (const { from, to } of found) {
    const [kept, joined] = [lineOf(from), lineOf(to)];
    for (const certificate of [from, to, ...lines.keys()]) {
      if (lineOf(certificate) === joined) lines.set(certificate, kept);
    }
  }
  return timeline.runs.every((other) => {
    return other > run || new Set([...timeline.served(other)].map(lineOf)).size === 1;
  });
}

function only(set: ReadonlySet<number>): number | undefined {
  return set.size === 1 ? [...set][0] : undefined;
}
