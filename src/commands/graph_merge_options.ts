import { argument, type InferValue, message, multiple, object, optional, string } from "@optique/core";
import { file } from "./common_options.ts";
import { asDatabaseSetting, graphSubcommand, refusing } from "./subcommands.ts";
import { setting, toggle } from "./setting.ts";

const settings = {
  sources: multiple(
    argument(string({ metavar: "RUN|GRAPH", pattern: /^(?!-.)/ }), {
      description: message`The folder of a run, or a graph: of any machine, in any order.`,
    }),
    { min: 1, errors: { tooFew: message`Cannot start: nothing to merge; name folders of runs or graphs` } },
  ),
  output: optional(setting(["-o", "--output"], {
    ...file,
    description: "The graph that they are merged into; made when there is none.",
  })),
  asDatabase: asDatabaseSetting,
  quiet: toggle(["-q", "--quiet"], "No progress and no summary: errors only."),
};
const parser = object(settings, refusing("graph merge", settings));

/** What `margay graph merge` is told. */
export interface MergeOptions extends InferValue<typeof parser> {
  readonly output: string;
}

/** `margay graph merge`. */
export const graphMergeCommand = graphSubcommand(
  "merge",
  "Make one graph of runs and graphs, of one machine or several.",
  parser.map(({ output, ...options }) => {
    if (output === undefined) {
      return { kind: "refuse", message: "Cannot merge into nothing: name a graph with -o" } as const;
    }
    return { kind: "graph", command: "merge", options: { ...options, output } } as const;
  }),
);
