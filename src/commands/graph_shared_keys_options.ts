import { type InferValue, object } from "@optique/core";
import { graphArgument, graphSubcommand, jsonToggle, limitSetting, refusing } from "./subcommands.ts";

const settings = {
  graph: graphArgument,
  limit: limitSetting("List so many keys.").withDefault(20),
  json: jsonToggle,
};
const parser = object(settings, refusing("graph shared-keys", settings));

/** What `margay graph shared-keys` is asked. */
export type SharedKeysOptions = InferValue<typeof parser>;

/** `margay graph shared-keys`. */
export const graphSharedKeysCommand = graphSubcommand(
  "shared-keys",
  "List keys that several certificates use, those of different owners first.",
  parser.map((options) => ({ kind: "graph", command: "shared-keys", options }) as const),
);
