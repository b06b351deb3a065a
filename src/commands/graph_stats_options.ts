import { type InferValue, object } from "@optique/core";
import { graphArgument, graphSubcommand, jsonToggle, refusing } from "./subcommands.ts";

const settings = { graph: graphArgument, json: jsonToggle };
const parser = object(settings, refusing("graph stats", settings));

/** What `margay graph stats` is asked. */
export type StatsOptions = InferValue<typeof parser>;

/** `margay graph stats`. */
export const graphStatsCommand = graphSubcommand(
  "stats",
  "Count what is in a graph, by type and by run.",
  parser.map((options) => ({ kind: "graph", command: "stats", options }) as const),
);
