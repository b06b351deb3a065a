import {
  CERTIFICATES_MAX,
  type EventCertificate,
  history,
  type HistoryEvent,
  noEvents,
  rankOfFirstRun,
  readRunOrder,
} from "../graph/history/mod.ts";
import { domainOf, shortFingerprint } from "../graph/mod.ts";
import { formatCount, plural, printable } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { HistoryCommandOptions } from "./graph_history_options.ts";
import { formatHistoryCounts } from "./history_counts.ts";
import { someOf } from "./node_words.ts";
import { cutToScreen } from "./table.ts";
import { warn } from "./terminal.ts";

/** Domains and addresses that are named, where there are many. */
const NAMED = 3;

/** `margay graph history`: resolves to the exit code. */
export function runGraphHistory(
  { graph, domain, since, types, json }: HistoryCommandOptions,
): Promise<number> {
  return askGraph(graph, function* (database) {
    const runs = readRunOrder(database);
    const passedOver = { count: 0, names: [] as string[] };
    const counts = noEvents();
    const found = history(database, runs, {
      domain: domain === undefined ? undefined : domainOf(domain)?.name ?? domain,
      since: since === undefined ? undefined : rankOfFirstRun(runs, since),
      types,
      onPassedOver(name) {
        passedOver.count += 1;
        if (passedOver.names.length < NAMED) passedOver.names.push(name);
      },
    });
    if (json) {
      for (const event of found) yield JSON.stringify(event);
    } else {
      for (const told of together(counted(found, counts))) yield* [...eventLines(told), ""];
      yield runs.length < 2
        ? "Fewer than two runs are in this graph: there is nothing to compare."
        : `${formatHistoryCounts(counts, types)} in ${plural(runs.length, "run")}`;
    }
    if (passedOver.count > 0) {
      const names = someOf(passedOver.names, passedOver.count);
      warn(
        `passed over ${names}: a name that more than ${formatCount(CERTIFICATES_MAX)} certificates bear is ` +
          "nobody's identity",
      );
    }
  });
}

function* counted(
  events: Iterable<HistoryEvent>,
  counts: ReturnType<typeof noEvents>,
): Iterable<HistoryEvent> {
  for (const event of events) {
    counts[event.type] += 1;
    yield event;
  }
}

/** What happened to several domains at once, since the same certificates bear their names. */
interface Told {
  readonly event: HistoryEvent;
  readonly domains: string[];
  domainCount: number;
}

/** Events of neighbours that differ in the domain alone, as one. */
function* together(events: Iterable<HistoryEvent>): Iterable<Told> {
  let told: Told | undefined;
  for (const event of events) {
    if (told !== undefined && !isSameChange(told.event, event)) {
      yield told;
      told = undefined;
    }
    told ??= { event, domains: [], domainCount: 0 };
    told.domainCount += 1;
    if (told.domains.length < NAMED) told.domains.push(event.domain);
  }
  if (told !== undefined) yield told;
}

function isSameChange(one: HistoryEvent, other: HistoryEvent): boolean {
  return one.from.fingerprint === other.from.fingerprint && one.to.fingerprint === other.to.fingerprint &&
    one.to_run === other.to_run && one.address_count === other.address_count;
}

function* eventLines({ event, domains, domainCount }: Told): Iterable<string> {
  const { type, from, to, addresses, address_count, moved_from, provisional } = event;
  yield cutToScreen(`${type}  ${someOf(domains, domainCount)}`);
  yield* certificateLines(event.from_run, from, undefined);
  yield* certificateLines(event.to_run, to, from);
  const movedFrom = moved_from === null
    ? ""
    : `, moved from ${moved_from.slice(0, NAMED).map(printable).join(", ")}`;
  yield cutToScreen(`  on ${someOf(addresses.slice(0, NAMED), address_count)}${movedFrom}`);
  if (provisional) yield "  provisional: this run has not come to its end";
}

function* certificateLines(
  run: string,
  { fingerprint, issuer, self_signed, not_before, not_after, key_fingerprint, key_algorithm }:
    EventCertificate,
  before: EventCertificate | undefined,
): Iterable<string> {
  const validity = `${not_before?.slice(0, 10) ?? "?"} to ${not_after?.slice(0, 10) ?? "?"}`;
  yield cutToScreen(`  ${printable(run)}  ${shortFingerprint(fingerprint)}  ${validity}`);
  if (key_fingerprint !== null) {
    const isSame = key_fingerprint === before?.key_fingerprint;
    const key = `key ${shortFingerprint(key_fingerprint)} (${printable(key_algorithm ?? "unknown")})`;
    yield isSame ? "    the same key" : cutToScreen(`    ${key}`);
  }
  if (issuer !== null) {
    const isSame = issuer === before?.issuer && self_signed === before.self_signed;
    const name = isSame ? self_signed ? "under the same name" : "the same issuer" : printable(issuer);
    yield cutToScreen(`    by ${self_signed ? "itself, " : ""}${name}`);
  }
}
