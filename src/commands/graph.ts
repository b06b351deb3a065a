import type { GraphInvocation } from "./graph_options.ts";

/** Starts a command of `margay graph`. Each is loaded alone: none pays for another's database, formats or pictures. */
export async function runGraphCommand(invocation: GraphInvocation): Promise<number> {
  switch (invocation.command) {
    case "export":
      return (await import("./graph_export.ts")).runGraphExport(invocation.options);
    case "stats":
      return (await import("./graph_stats.ts")).runGraphStats(invocation.options);
  }
}
