import { type ExpiringCertificate, expiringCertificates, lastRun, shortFingerprint } from "../graph/mod.ts";
import { formatCount, printable } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { ExpiringOptions } from "./graph_expiring_options.ts";
import { someOf } from "./node_words.ts";
import { cutToScreen } from "./table.ts";
import { formatDuration } from "./units.ts";

/** `margay graph expiring`: resolves to the exit code. */
export function runGraphExpiring({ graph, withinMs, expired, at, json }: ExpiringOptions): Promise<number> {
  const now = at ?? Date.now();
  const seconds = Math.floor(now / 1000);
  const span = expired ? { to: seconds - 1 } : { from: seconds, to: seconds + withinMs / 1000 };
  return askGraph(graph, function* (database) {
    const run = lastRun(database);
    let count = 0;
    for (const certificate of run === undefined ? [] : expiringCertificates(database, span, run.id)) {
      if (json) yield JSON.stringify(certificate);
      else yield* certificateLines(certificate, now);
      count += 1;
    }
    if (count > 0 || json) return;
    const wanted = expired ? "has ended" : `ends within ${distanceText(withinMs)}`;
    yield run === undefined
      ? "There is no run in this graph."
      : `No certificate that run ${printable(run.name)} saw ${wanted}.`;
  });
}

/** Two lines: when and what, and then for whom and where. */
function* certificateLines(
  { not_after, fingerprint, subject, domains, some_domains, addresses, some_addresses }: ExpiringCertificate,
  now: number,
): Iterable<string> {
  const distance = distanceText(Math.abs(Date.parse(not_after) - now));
  const when = Date.parse(not_after) < now ? `${distance} ago` : `in ${distance}`;
  yield cutToScreen(
    `${not_after.slice(0, 10)}  ${when.padEnd(11)}  ${shortFingerprint(fingerprint)}  ${
      printable(subject ?? "")
    }`,
  );
  const indent = " ".repeat(12);
  yield `${indent}on ${someOf(some_addresses, addresses)}`;
  if (domains > 0) yield `${indent}for ${someOf(some_domains, domains)}`;
}

/** In days, where there are some: nobody plans a renewal by the hour. */
function distanceText(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  return days < 2 ? formatDuration(milliseconds) : `${formatCount(days)}d`;
}
