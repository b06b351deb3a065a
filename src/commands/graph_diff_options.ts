import { argument, type InferValue, message, object, string } from "@optique/core";
import { withStandard } from "./setting.ts";
import { graphArgument, graphSubcommand, jsonToggle, limitSetting, refusing } from "./subcommands.ts";

/** A run, as its position in the command line says which one. */
function runArgument(which: string) {
  const nothing = message`Cannot compare: margay graph diff needs two runs; margay graph stats lists them`;
  return argument(string({ metavar: "RUN", pattern: /^(?!-.)./s }), {
    description: message`The ${which} run: its name, the beginning of it, or first, previous, last.`,
    errors: { endOfInput: nothing, invalidValue: nothing },
  });
}

const settings = {
  from: runArgument("earlier"),
  to: runArgument("later"),
  graph: graphArgument,
  limit: withStandard(
    "20; all with --json",
    limitSetting("Show so many of each kind; the others are counted."),
  ),
  json: jsonToggle,
};
const parser = object(settings, refusing("graph diff", settings));

/** What `margay graph diff` is asked. */
export type DiffOptions = InferValue<typeof parser>;

/** `margay graph diff`. */
export const graphDiffCommand = graphSubcommand(
  "diff",
  "Tell what appeared, vanished and changed from one run to another.",
  parser.map((options) => ({ kind: "graph", command: "diff", options }) as const),
);
