import { argument, type InferValue, message, multiple, object, optional, string } from "@optique/core";
import { file } from "./common_options.ts";
import { asDatabaseSetting, graphSubcommand, refusing } from "./subcommands.ts";
import { setting, toggle } from "./setting.ts";

const settings = {
  runs: multiple(argument(string({ metavar: "RUN", pattern: /^(?!-.)/ }), {
    description: message`The folder of a run.`,
  })),
  graph: optional(setting(["--graph"], {
    ...file,
    description: "The graph to add to; made when there is none. [graph.sqlite in the folder of RUN]",
  })),
  asDatabase: asDatabaseSetting,
  rebuild: toggle(["--rebuild"], "Throw away what is in the graph, and build it anew."),
  follow: optional(setting(["--follow"], {
    ...file,
    metavar: "RUN",
    description:
      "Follow a run that is being written, until standard input ends. Tells on standard output where it is.",
  })),
  quiet: toggle(["-q", "--quiet"], "No progress and no summary: errors only."),
};
const parser = object(settings, refusing("graph build", settings));

/** What `margay graph build` is told. */
export type BuildOptions = InferValue<typeof parser>;

/** `margay graph build`. */
export const graphBuildCommand = graphSubcommand(
  "build",
  "Fold the logs of runs into a graph. What was folded before is passed over.",
  parser.map((options) => {
    const refusal = refusalOf(options);
    if (refusal !== undefined) return { kind: "refuse", message: refusal } as const;
    return { kind: "graph", command: "build", options } as const;
  }),
);

function refusalOf({ runs, graph, rebuild, follow }: BuildOptions): string | undefined {
  if (follow !== undefined) {
    if (runs.length > 0) return "Cannot use --follow with other runs: leave them out, or fold them first";
    if (rebuild) return "Cannot use --follow with --rebuild: leave one out";
    return undefined;
  }
  // A graph alone is brought up to date with this version.
  if (runs.length === 0 && (graph === undefined || rebuild)) {
    return "Cannot start: no RUN given; name the folder of a run";
  }
  if (runs.length > 1 && graph === undefined) {
    return "Cannot choose where the graph of several runs goes: say it with --graph FILE";
  }
  return undefined;
}
