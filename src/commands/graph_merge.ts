import { foldSources } from "./fold_sources.ts";
import type { MergeOptions } from "./graph_merge_options.ts";

/** `margay graph merge`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runGraphMerge({ sources, output, asDatabase, quiet }: MergeOptions): Promise<number> {
  return foldSources(output, sources, { anew: false, asDatabase, quiet });
}
