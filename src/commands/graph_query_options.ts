import { argument, type InferValue, message, object, optional, string } from "@optique/core";
import { graphArgument, graphSubcommand, jsonToggle, refusing } from "./subcommands.ts";
import { setting } from "./setting.ts";
import { wordParser } from "./values.ts";

const QUERY_FORMATS = ["table", "ndjson", "csv"] as const;

const settings = {
  sql: argument(string({ metavar: "SQL" }), {
    description:
      message`One statement that reads: SELECT, WITH, VALUES, EXPLAIN, or a PRAGMA such as table_info.`,
    errors: { endOfInput: message`Cannot ask nothing: write a statement such as 'SELECT count(*) FROM ip'` },
  }),
  graph: graphArgument,
  format: optional(setting<(typeof QUERY_FORMATS)[number]>(["--format"], {
    metavar: "NAME",
    description: "table, ndjson or csv. Octets are written in hexadecimal. [table]",
    parse: wordParser(QUERY_FORMATS),
    example: "table",
    completes: QUERY_FORMATS,
  })),
  json: jsonToggle,
};
const parser = object(settings, refusing("graph query", settings));

/** What `margay graph query` is asked. */
export interface QueryOptions extends Omit<InferValue<typeof parser>, "format" | "json"> {
  readonly format: (typeof QUERY_FORMATS)[number];
}

/** `margay graph query`. */
export const graphQueryCommand = graphSubcommand(
  "query",
  "Ask a graph in SQL. Nothing can be written; Ctrl-C ends what takes too long.",
  parser.map(({ format, json, ...options }) => {
    if (json && format !== undefined && format !== "ndjson") {
      return { kind: "refuse", message: `Cannot use --json with --format ${format}: leave one out` } as const;
    }
    return {
      kind: "graph",
      command: "query",
      options: { ...options, format: json ? "ndjson" : format ?? "table" },
    } as const;
  }),
);
