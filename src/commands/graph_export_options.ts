import { type InferValue, message, object, optional, text } from "@optique/core";
import { EXPORT_FORMATS, type ExportFormat } from "../graph/export/mod.ts";
import { graphArgument, graphSubcommand, refusing } from "./subcommands.ts";
import { setting, toggle } from "./setting.ts";
import { parsePath } from "./values.ts";

const NAMES = EXPORT_FORMATS.map(({ name }) => name);

/** Where the descriptions begin, and where the lines of the help end. */
const TEXT_COLUMN = Math.max(...NAMES.map((name) => name.length)) + 4;
const LAST_COLUMN = 78;

/** What is said where none of the formats was named. */
export const THE_FORMATS_ARE = `the formats are ${NAMES.slice(0, -1).join(", ")} and ${NAMES.at(-1)}`;

function parseFormat(name: string): ExportFormat {
  const format = EXPORT_FORMATS.find((format) => format.name === name);
  if (format === undefined) throw new Error(`Cannot export as ${name}: ${THE_FORMATS_ARE}`);
  return format;
}

const settings = {
  graph: graphArgument,
  format: optional(setting<ExportFormat>(["--format"], {
    metavar: "NAME",
    description: "How: one of the formats below.",
    parse: parseFormat,
    example: EXPORT_FORMATS[0]!,
    format: ({ name }) => name,
    completes: NAMES,
  })),
  output: setting(["-o", "--output"], {
    metavar: "FOLDER",
    description: "Write the files into this folder, which is new or empty; - for standard output.",
    parse: parsePath,
    example: "export",
    completes: "path",
  }).withDefault("-"),
  quiet: toggle(["-q", "--quiet"], "No summary: errors only."),
};
const parser = object(settings, refusing("graph export", settings));

/** What `margay graph export` is told. */
export type ExportOptions = InferValue<typeof parser>;

/** `margay graph export`. */
export const graphExportCommand = graphSubcommand(
  "export",
  "Write a graph for other programs: Gephi, Graphviz, Neo4j, ArangoDB, TigerGraph, jq.",
  parser.map((options) => ({ kind: "graph", command: "export", options }) as const),
  EXPORT_FORMATS.flatMap(describe).map((line) => message`${text(line)}`),
);

/** A format's lines in the help, which itself would go on at the left edge. */
function describe({ name, description, files }: ExportFormat): string[] {
  const lines = [`  ${name}`.padEnd(TEXT_COLUMN - 1)];
  for (const word of `${description}: ${files}`.split(" ")) {
    if (lines.at(-1)!.length + 1 + word.length > LAST_COLUMN) lines.push(" ".repeat(TEXT_COLUMN - 1));
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines;
}
