import type { DatabaseSync } from "node:sqlite";
import {
  askedDifferently,
  type CertificateDifference,
  certificateDifferences,
  type EndpointDifference,
  endpointDifferences,
  type OrderedRun,
  rankOfRun,
  readRunOrder,
} from "../graph/history/mod.ts";
import { shortFingerprint } from "../graph/mod.ts";
import { formatEndpoint } from "../targets/mod.ts";
import { formatCount, printable } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { DiffOptions } from "./graph_diff_options.ts";
import { cutToScreen, numbers, tableLines, words } from "./table.ts";
import { warn } from "./terminal.ts";

/** How many of each kind are listed for a person who has not said so. */
const LISTED = 20;

/** `margay graph diff`: resolves to the exit code. */
export function runGraphDiff({ graph, from, to, limit, json }: DiffOptions): Promise<number> {
  return askGraph(graph, function* (database) {
    const runs = readRunOrder(database);
    const [one, other] = [from, to].map((text) => runs[rankOfRun(runs, text)]!) as [OrderedRun, OrderedRun];
    if (one === other) throw new Error(`Cannot compare ${one.name} with itself: name two runs`);
    for (const note of notes(one, other)) warn(note);
    if (json) {
      yield* jsonLines(endpointDifferences(database, one, other), limit);
      yield* jsonLines(certificateDifferences(database, one, other), limit);
    } else {
      yield* differenceLines(database, one, other, limit ?? LISTED);
    }
  });
}

/** Why something may have appeared or vanished that was there all the time. */
function* notes(from: OrderedRun, to: OrderedRun): Iterable<string> {
  const options = askedDifferently(from, to);
  if (options.length > 0) {
    yield `the runs asked for different things (${
      options.join(", ")
    }): what only one of them asked for counts ` +
      "as appeared or vanished";
  }
  for (const { name, isDone } of [from, to]) {
    if (!isDone) {
      yield `run ${name} has not come to its end: what it did not get to counts as appeared or vanished`;
    }
  }
}

/** The first of each kind, as they come. */
function* jsonLines(
  all: Iterable<EndpointDifference | CertificateDifference>,
  limit = Infinity,
): Iterable<string> {
  const counts = new Map<string, number>();
  for (const one of all) {
    const count = counts.get(one.difference) ?? 0;
    if (count < limit) yield JSON.stringify(one);
    counts.set(one.difference, count + 1);
  }
}

function* differenceLines(
  database: DatabaseSync,
  from: OrderedRun,
  to: OrderedRun,
  limit: number,
): Iterable<string> {
  const endpoints = new Findings<EndpointDifference>(endpointDifferences(database, from, to), limit);
  const certificates = new Findings<CertificateDifference>(certificateDifferences(database, from, to), limit);
  yield `from ${printable(from.name)}`;
  yield `to   ${printable(to.name)}`;
  yield "";
  const columns = [words(""), numbers("appeared"), numbers("vanished"), numbers("changed")];
  yield* tableLines(columns, [
    ["endpoints", ...endpoints.counts(["appeared", "vanished", "changed"])],
    ["certificates", ...certificates.counts(["appeared", "vanished"]), ""],
  ]);
  for (const difference of ["appeared", "vanished", "changed"] as const) {
    yield* list(`endpoints that ${difference}`, endpoints.of(difference), endpointLine);
  }
  for (const difference of ["appeared", "vanished"] as const) {
    yield* list(`certificates that ${difference}`, certificates.of(difference), certificateLine);
  }
}

/** What of one kind was found. */
interface Found<T> {
  readonly first: T[];
  count: number;
}

/** What was found, counted, and the first of each kind. */
class Findings<T extends EndpointDifference | CertificateDifference> {
  readonly #byDifference = new Map<string, Found<T>>();

  constructor(all: Iterable<T>, limit: number) {
    for (const one of all) {
      const found = this.of(one.difference);
      this.#byDifference.set(one.difference, found);
      if (found.count < limit) found.first.push(one);
      found.count += 1;
    }
  }

  of(difference: string): Found<T> {
    return this.#byDifference.get(difference) ?? { first: [], count: 0 };
  }

  counts(differences: readonly string[]): string[] {
    return differences.map((difference) => formatCount(this.of(difference).count));
  }
}

function* list<T>(title: string, { first, count }: Found<T>, line: (one: T) => string): Iterable<string> {
  if (count === 0) return;
  yield "";
  yield title;
  for (const one of first) yield cutToScreen(`  ${line(one)}`);
  if (count > first.length) yield `  and ${formatCount(count - first.length)} more; --json writes all`;
}

function endpointLine({ address, port, server_name, from, to }: EndpointDifference): string {
  const name = server_name === null ? "" : ` ${printable(server_name)}`;
  const shown = [from, to].filter((fingerprints) => fingerprints.length > 0)
    .map((fingerprints) => fingerprints.map(shortFingerprint).join(" "));
  return `${formatEndpoint(address, port)}${name}  ${shown.join(" -> ")}`;
}

function certificateLine({ fingerprint, subject }: CertificateDifference): string {
  return `${shortFingerprint(fingerprint)}  ${printable(subject ?? "")}`.trimEnd();
}
