import { command, message, or, type Parser } from "@optique/core";
import { type BuildOptions, graphBuildCommand } from "./graph_build_options.ts";
import { type DiffOptions, graphDiffCommand } from "./graph_diff_options.ts";
import { type ExpiringOptions, graphExpiringCommand } from "./graph_expiring_options.ts";
import { type ExportOptions, graphExportCommand } from "./graph_export_options.ts";
import { graphHistoryCommand, type HistoryCommandOptions } from "./graph_history_options.ts";
import { graphHubsCommand, type HubsOptions } from "./graph_hubs_options.ts";
import { graphMergeCommand, type MergeOptions } from "./graph_merge_options.ts";
import { graphQueryCommand, type QueryOptions } from "./graph_query_options.ts";
import { graphSharedKeysCommand, type SharedKeysOptions } from "./graph_shared_keys_options.ts";
import { graphShowCommand, type ShowOptions } from "./graph_show_options.ts";
import { graphStatsCommand, type StatsOptions } from "./graph_stats_options.ts";

/** What comes of a command line that starts with `margay graph`: the command's name and its options. */
export type GraphInvocation =
  & { readonly kind: "graph" }
  & (
    | { readonly command: "build"; readonly options: BuildOptions }
    | { readonly command: "merge"; readonly options: MergeOptions }
    | { readonly command: "stats"; readonly options: StatsOptions }
    | { readonly command: "hubs"; readonly options: HubsOptions }
    | { readonly command: "show"; readonly options: ShowOptions }
    | { readonly command: "shared-keys"; readonly options: SharedKeysOptions }
    | { readonly command: "expiring"; readonly options: ExpiringOptions }
    | { readonly command: "query"; readonly options: QueryOptions }
    | { readonly command: "history"; readonly options: HistoryCommandOptions }
    | { readonly command: "diff"; readonly options: DiffOptions }
    | { readonly command: "export"; readonly options: ExportOptions }
  );

/** Every value is well-formed alone, together they make no sense. */
interface Refusal {
  readonly kind: "refuse";
  readonly message: string;
}

type GraphCommand = Parser<"sync", GraphInvocation | Refusal, unknown>;

/** In the order of the help. Every command has a file of options, and its case in `graph.ts`, which starts it. */
const commands: Readonly<Record<GraphInvocation["command"], GraphCommand>> = {
  build: graphBuildCommand,
  merge: graphMergeCommand,
  stats: graphStatsCommand,
  hubs: graphHubsCommand,
  show: graphShowCommand,
  "shared-keys": graphSharedKeysCommand,
  expiring: graphExpiringCommand,
  query: graphQueryCommand,
  history: graphHistoryCommand,
  diff: graphDiffCommand,
  export: graphExportCommand,
};

const anyCommand = or(
  commands.build,
  commands.merge,
  commands.stats,
  commands.hubs,
  commands.show,
  commands["shared-keys"],
  commands.expiring,
  commands.query,
  commands.history,
  commands.diff,
  commands.export,
  {
    errors: {
      noMatch: message`Cannot start: margay graph needs a command; margay graph --help lists them`,
      unexpectedInput: (token) =>
        message`Cannot run graph ${token}: there is no such command; margay graph --help lists them`,
    },
  },
);

const page = {
  brief: message`Ask the identity graph of what runs saw, and build it.`,
  usageLine: [{ type: "literal", value: "COMMAND [OPTION...]" }],
} as const;

/** `margay graph`, whatever follows. */
export const graphCommand = command("graph", anyCommand, page);

/** `margay graph` with the command that is named: what its parser refuses, `or` would only call unexpected. */
export function graphCommandNamed(name: string | undefined) {
  if (name === undefined || !Object.hasOwn(commands, name)) return graphCommand;
  return command("graph", commands[name as GraphInvocation["command"]], page);
}
