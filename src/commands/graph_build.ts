import { join } from "node:path";
import { GRAPH_FILE_NAME } from "../graph/mod.ts";
import { foldSources } from "./fold_sources.ts";
import type { BuildOptions } from "./graph_build_options.ts";
import { followToGraph } from "./graph_follow.ts";

/** `margay graph build`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runGraphBuild(options: BuildOptions): Promise<number> {
  const { runs, follow, rebuild, asDatabase, quiet } = options;
  const graph = options.graph ?? join(follow ?? runs[0]!, GRAPH_FILE_NAME);
  if (follow !== undefined) return followToGraph(follow, graph, asDatabase);
  return foldSources(graph, runs, { anew: rebuild, asDatabase, quiet });
}
