import { type InferValue, object } from "@optique/core";
import { graphArgument, graphSubcommand, jsonToggle, limitSetting, refusing } from "./subcommands.ts";
import { setting } from "./setting.ts";
import { wordParser } from "./values.ts";

const HUB_TYPES = ["certificates", "keys"] as const;

const settings = {
  graph: graphArgument,
  by: setting<(typeof HUB_TYPES)[number]>(["--by"], {
    metavar: "TYPE",
    description: "certificates, by the addresses they are on; or keys, by the certificates they are in.",
    parse: wordParser(HUB_TYPES),
    example: "certificates",
    completes: HUB_TYPES,
  }).withDefault("certificates"),
  limit: limitSetting("List so many.").withDefault(20),
  json: jsonToggle,
};
const parser = object(settings, refusing("graph hubs", settings));

/** What `margay graph hubs` is asked. */
export type HubsOptions = InferValue<typeof parser>;

/** `margay graph hubs`. */
export const graphHubsCommand = graphSubcommand(
  "hubs",
  "List the certificates on most addresses, or the keys in most certificates.",
  parser.map((options) => ({ kind: "graph", command: "hubs", options }) as const),
);
