import { argument, type InferValue, message, object, optional, string } from "@optique/core";
import { graphArgument, graphSubcommand, jsonToggle, limitSetting, refusing } from "./subcommands.ts";
import { setting } from "./setting.ts";
import { parseCount } from "./units.ts";
import { atMost, wordParser } from "./values.ts";

const SHOW_FORMATS = ["text", "json", "dot", "svg"] as const;

const settings = {
  node: argument(string({ metavar: "NODE", pattern: /./s }), {
    description:
      message`An address, domain, fingerprint or its beginning, AS64500, organization, CA, run, or an id.`,
    errors: {
      endOfInput: message`Cannot show nothing: name a node`,
      invalidValue: message`Cannot show nothing: name a node`,
    },
  }),
  graph: graphArgument,
  depth: setting(["--depth"], {
    metavar: "STEPS",
    description: "Go so many steps away from it.",
    parse: (text) => atMost(parseCount(text, 0), 5),
    example: 1,
  }).withDefault(1),
  limit: limitSetting("Show so many neighbours of a kind; the others are counted.").withDefault(10),
  format: optional(setting<(typeof SHOW_FORMATS)[number]>(["--format"], {
    metavar: "NAME",
    description: "text, dot (for Graphviz), svg (a picture), or json. [text]",
    parse: wordParser(SHOW_FORMATS),
    example: "text",
    completes: SHOW_FORMATS,
  })),
  json: jsonToggle,
};
const parser = object(settings, refusing("graph show", settings));

/** What `margay graph show` is asked. */
export interface ShowOptions extends Omit<InferValue<typeof parser>, "format" | "json"> {
  readonly format: (typeof SHOW_FORMATS)[number];
}

/** `margay graph show`. */
export const graphShowCommand = graphSubcommand(
  "show",
  "Show a node and what is around it, as text or as a picture.",
  parser.map(({ format, json, ...options }) => {
    if (json && format !== undefined && format !== "json") {
      return { kind: "refuse", message: `Cannot use --json with --format ${format}: leave one out` } as const;
    }
    return {
      kind: "graph",
      command: "show",
      options: { ...options, format: json ? "json" : format ?? "text" },
    } as const;
  }),
);
