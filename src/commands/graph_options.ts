import { type InferValue, message } from "@optique/core";
import { graphBuildCommand } from "./graph_build_options.ts";
import { graphDiffCommand } from "./graph_diff_options.ts";
import { graphExpiringCommand } from "./graph_expiring_options.ts";
import { graphExportCommand } from "./graph_export_options.ts";
import { graphHistoryCommand } from "./graph_history_options.ts";
import { graphHubsCommand } from "./graph_hubs_options.ts";
import { graphMergeCommand } from "./graph_merge_options.ts";
import { graphQueryCommand } from "./graph_query_options.ts";
import { graphSharedKeysCommand } from "./graph_shared_keys_options.ts";
import { graphShowCommand } from "./graph_show_options.ts";
import { graphStatsCommand } from "./graph_stats_options.ts";
import { commandGroup } from "./subcommands.ts";

/** In the order of the help. Every command has a file of options, and its case in `graph.ts`, which starts it. */
const commands = {
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

/** Some refuse values that are well-formed alone and together make no sense. */
type InvocationOrRefusal = InferValue<(typeof commands)[keyof typeof commands]>;

/** What comes of a command line that starts with `margay graph`: the command's name and its options. */
export type GraphInvocation = Extract<InvocationOrRefusal, { readonly kind: "graph" }>;

/** `margay graph`, with the command that is named, or with any. */
export const graphCommand = commandGroup<InvocationOrRefusal>("graph", commands, {
  brief: message`Ask the identity graph of what runs saw, and build it.`,
  usageLine: [{ type: "literal", value: "COMMAND [OPTION...]" }],
});
