import { type InferValue, object, optional } from "@optique/core";
import { HISTORY_EVENT_TYPES, type HistoryEventType } from "../graph/history/mod.ts";
import { graphArgument, graphSubcommand, jsonToggle, refusing } from "./subcommands.ts";
import { setting } from "./setting.ts";

function parseTypes(input: string): readonly HistoryEventType[] {
  return input.split(",").map((word) => {
    const type = HISTORY_EVENT_TYPES.find((type) => type.toLowerCase() === word.trim().toLowerCase());
    if (type === undefined) throw new Error(`types are ${HISTORY_EVENT_TYPES.join(", ")}`);
    return type;
  });
}

const settings = {
  graph: graphArgument,
  domain: optional(setting<string>(["--domain"], {
    metavar: "NAME",
    description: "Of this domain; *.example.org is another one than example.org.",
    parse: (text) => text,
    example: "example.org",
  })),
  since: optional(setting<string>(["--since"], {
    metavar: "RUN",
    description:
      "Of this run and later ones: its name, or its beginning, such as a day; first, previous, last.",
    parse: (text) => text,
    example: "20260131",
  })),
  types: optional(setting<readonly HistoryEventType[]>(["--type"], {
    metavar: "TYPE",
    description: `Of these types, commas between: ${HISTORY_EVENT_TYPES.join(", ")}.`,
    parse: parseTypes,
    example: ["SuspiciousReplacement"],
    completes: HISTORY_EVENT_TYPES,
  })),
  json: jsonToggle,
};
const parser = object(settings, refusing("graph history", settings));

/** What `margay graph history` is asked. */
export type HistoryCommandOptions = InferValue<typeof parser>;

/** `margay graph history`. */
export const graphHistoryCommand = graphSubcommand(
  "history",
  "Tell which domains got another certificate from run to run, and what kind of change it was.",
  parser.map((options) => ({ kind: "graph", command: "history", options }) as const),
);
