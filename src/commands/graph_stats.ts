import { type GraphStats, graphStats } from "../graph/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { StatsOptions } from "./graph_stats_options.ts";
import { formatTable } from "./table.ts";
import { formatCount } from "./units.ts";

/** `margay graph stats`: resolves to the exit code. */
export function runGraphStats({ graph, json }: StatsOptions): Promise<number> {
  return askGraph(graph, (database) => {
    const stats = graphStats(database);
    return json ? [JSON.stringify(stats)] : formatStats(stats);
  });
}

function* formatStats({ nodes, edges, runs }: GraphStats): Iterable<string> {
  yield* formatTable(
    ["nodes", ">"],
    Object.entries(nodes).map(([type, count]) => [type, formatCount(count)]),
  );
  yield "";
  yield* formatTable(
    ["edges", ">"],
    Object.entries(edges).map(([type, count]) => [type, formatCount(count)]),
  );
  yield "";
  yield* formatTable(
    ["run", ">addresses", ">certificates", "from", "to"],
    runs.map(({ name, addresses, certificates, started, ended, outcome }) => [
      name,
      formatCount(addresses),
      formatCount(certificates),
      minute(started),
      ended === null ? "no end seen" : outcome === "done" ? minute(ended) : `${minute(ended)} ${outcome}`,
    ]),
  );
}

/** `2026-01-31T23:59:59.123Z` as `2026-01-31 23:59`. */
function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
