import type { GraphInvocation } from "./graph_options.ts";

/** Starts a command of `margay graph`. Each is loaded alone: none pays for another's database, formats or pictures. */
export async function runGraphCommand(invocation: GraphInvocation): Promise<number> {
  switch (invocation.command) {
    case "build":
      return (await import("./graph_build.ts")).runGraphBuild(invocation.options);
    case "merge":
      return (await import("./graph_merge.ts")).runGraphMerge(invocation.options);
    case "export":
      return (await import("./graph_export.ts")).runGraphExport(invocation.options);
    case "stats":
      return (await import("./graph_stats.ts")).runGraphStats(invocation.options);
    case "hubs":
      return (await import("./graph_hubs.ts")).runGraphHubs(invocation.options);
    case "shared-keys":
      return (await import("./graph_shared_keys.ts")).runGraphSharedKeys(invocation.options);
    case "expiring":
      return (await import("./graph_expiring.ts")).runGraphExpiring(invocation.options);
    case "show":
      return (await import("./graph_show.ts")).runGraphShow(invocation.options);
    case "history":
      return (await import("./graph_history.ts")).runGraphHistory(invocation.options);
    case "diff":
      return (await import("./graph_diff.ts")).runGraphDiff(invocation.options);
    case "query":
      return (await import("./graph_query.ts")).runGraphQuery(invocation.options);
  }
}
