import { type GraphStats, graphStats, type RunStats } from "../graph/mod.ts";
import { formatCount } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { StatsOptions } from "./graph_stats_options.ts";
import { numbers, tableLines, words } from "./table.ts";
import { formatDuration } from "./units.ts";

/** `margay graph stats`: resolves to the exit code. */
export function runGraphStats({ graph, json }: StatsOptions): Promise<number> {
  return askGraph(graph, (database) => {
    const stats = graphStats(database);
    return json ? [JSON.stringify(stats)] : formatStats(stats);
  });
}

function* formatStats({ nodes, edges, runs }: GraphStats): Iterable<string> {
  yield* tableLines(
    [words("nodes"), numbers("")],
    Object.entries(nodes).map(([type, count]) => [type, formatCount(count)]),
  );
  yield "";
  yield* tableLines(
    [words("edges"), numbers("")],
    Object.entries(edges).map(([type, count]) => [type, formatCount(count)]),
  );
  yield "";
  yield* tableLines(
    [words("run"), numbers("addresses"), numbers("certificates"), words("lasted")],
    runs.map((run) => [run.name, formatCount(run.addresses), formatCount(run.certificates), lasted(run)]),
  );
}

function lasted({ started, ended, outcome }: RunStats): string {
  if (ended === null) return "no end was seen";
  const duration = formatDuration(Math.max(0, Date.parse(ended) - Date.parse(started)));
  return outcome === "done" ? duration : `${duration}, ${outcome}`;
}
