import {
  EDGE_TYPE_NAMES,
  EDGE_TYPES,
  type EdgeType,
  NODE_TYPES,
  type NodeType,
  nodeTypeOf,
  type PropertyKind,
  type PropertyValue,
} from "../model.ts";
import { type Column, edgeColumns, namesOf, nodeColumns, RUN_COLUMNS } from "./columns.ts";
import type { WriteGraph } from "./format.ts";
import { carried, listTexts, REPLACEMENT, scalarText, timeText } from "./text.ts";
import { writeWhole } from "./write_whole.ts";

const TYPES = {
  text: "STRING",
  integer: "INT",
  boolean: "BOOL",
  time: "DATETIME",
  texts: "LIST<STRING>",
} as const satisfies Record<PropertyKind, string>;

/** Between the elements of a list; what looks like it inside of one becomes a broken bar. */
const LIST_SEPARATOR = "|";
const LOOKALIKE = "\u{A6}";

/**
 * A schema, a loading job and tables. The loader knows no escapes: a quote inside of quotes cannot be written. So
 * fields stand between tabs, without quotes, and a tab or a line break inside of one becomes U+FFFD.
 */
export const writeTigergraph: WriteGraph = async (graph, destination) => {
  for (const type of NODE_TYPES) {
    const columns = nodeColumns(type);
    const file = await destination.open(`${type}.tsv`);
    await file.write(tableLine(["id", "label", "first_run", "last_run", ...namesOf(columns)]));
    for (const { id, label, firstRun, lastRun, properties } of graph.nodes(type)) {
      await file.record(tableLine([id, label, firstRun, lastRun, ...values(properties, columns)]));
    }
    await file.close();
  }
  for (const type of EDGE_TYPE_NAMES) {
    const columns = edgeColumns(type);
    const file = await destination.open(`${type}.tsv`);
    const ends = ["source_type", "source", "target_type", "target"];
    await file.write(tableLine([...ends, ...namesOf(columns), "first_run", "last_run"]));
    for (const { source, target, firstRun, lastRun, properties } of graph.edges(type)) {
      const ends = [nodeTypeOf(source), source, nodeTypeOf(target), target];
      await file.record(tableLine([...ends, ...values(properties, columns), firstRun, lastRun]));
    }
    await file.close();
  }
  await writeWhole(destination, "schema.gsql", schema());
  await writeWhole(destination, "load.gsql", loadingJob());
  await writeWhole(destination, "import.sh", importScript(), { isExecutable: true });
};

function tableLine(fields: readonly (string | undefined)[]): string {
  return `${fields.map((field = "") => carried(field).replace(/[\t\r\n]/g, REPLACEMENT)).join("\t")}\n`;
}

function values(properties: Readonly<Record<string, PropertyValue>>, columns: readonly Column[]) {
  return columns.map(({ name, kind }) => {
    const value = properties[name];
    switch (kind) {
      case "texts":
        return listTexts(value)?.map((text) => text.replaceAll(LIST_SEPARATOR, LOOKALIKE)).join(
          LIST_SEPARATOR,
        );
      case "time":
        return loadableTime(timeText(value));
      default:
        return scalarText(value, kind);
    }
  });
}

/** `2026-11-21 17:14:20`, without fractions. One bad time would have the loader drop the whole node. */
function loadableTime(time: string | undefined): string | undefined {
  return time?.slice(0, "YYYY-MM-DDThh:mm:ss".length).replace("T", " ");
}

function schema(): string {
  return `// For gsql. Follows the GSQL Language Reference of TigerGraph 4.
${NODE_TYPES.map(vertex).join("")}${EDGE_TYPE_NAMES.map(edge).join("")}CREATE GRAPH margay (${
    [...NODE_TYPES, ...EDGE_TYPE_NAMES].join(", ")
  })
`;
}

function vertex(type: NodeType): string {
  const attributes: Column[] = [{ name: "label", kind: "text" }, ...RUN_COLUMNS, ...nodeColumns(type)];
  return `CREATE VERTEX ${type} (PRIMARY_ID id STRING, ${declared(attributes)}) ` +
    'WITH primary_id_as_attribute="true"\n';
}

/** Its properties tell parallel edges apart. */
function edge(type: EdgeType): string {
  const { from, to } = EDGE_TYPES[type];
  const columns = edgeColumns(type);
  const parts = [
    from.map((source) => `FROM ${source}, TO ${to}`).join(" | "),
    ...columns.length > 0 ? [`DISCRIMINATOR(${declared(columns)})`] : [],
    declared(RUN_COLUMNS),
  ];
  return `CREATE DIRECTED EDGE ${type} (${parts.join(", ")}) WITH REVERSE_EDGE="REVERSE_${type}"\n`;
}

function declared(columns: readonly Column[]): string {
  return columns.map(({ name, kind }) => `${name} ${TYPES[kind]}`).join(", ");
}

function loadingJob(): string {
  const files = [...NODE_TYPES, ...EDGE_TYPE_NAMES].map((type) => `  DEFINE FILENAME file_${type};\n`);
  return `// For gsql, after schema.gsql. import.sh names the files when it runs the job.
USE GRAPH margay
CREATE LOADING JOB load_margay FOR GRAPH margay {
${files.join("")}${NODE_TYPES.map(loadVertex).join("")}${EDGE_TYPE_NAMES.map(loadEdge).join("")}}
`;
}

const READING = 'USING HEADER="true", SEPARATOR="\\t", EOL="\\n"';

function loadVertex(type: NodeType): string {
  const columns: Column[] = [{ name: "label", kind: "text" }, ...RUN_COLUMNS, ...nodeColumns(type)];
  return `  LOAD file_${type} TO VERTEX ${type} VALUES (${
    ['$"id"', ...columns.map(token)].join(", ")
  }) ${READING};\n`;
}

function loadEdge(type: EdgeType): string {
  const ends = ['$"source" $"source_type"', '$"target" $"target_type"'];
  const columns = [...edgeColumns(type), ...RUN_COLUMNS];
  return `  LOAD file_${type} TO EDGE ${type} VALUES (${
    [...ends, ...columns.map(token)].join(", ")
  }) ${READING};\n`;
}

function token({ name, kind }: Column): string {
  return kind === "texts" ? `SPLIT($"${name}", "${LIST_SEPARATOR}")` : `$"${name}"`;
}

function importScript(): string {
  const files = [...NODE_TYPES, ...EDGE_TYPE_NAMES].map((type) => `file_${type}=\\"$folder/${type}.tsv\\"`);
  return `#!/bin/sh
# Creates the graph "margay" and loads it, as the user tigergraph: ./import.sh [OPTION...], such as -u USER
# Follows the documentation of TigerGraph 4, "Creating a loading job".
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
case $folder in
*[\\"\\\\]*)
  echo "Cannot load from $folder: gsql takes no quotes and backslashes in paths; move the folder" >&2
  exit 1
  ;;
esac
gsql "$@" "$folder/schema.gsql"
gsql "$@" "$folder/load.gsql"
gsql "$@" -g margay "RUN LOADING JOB load_margay USING ${files.join(", ")}"
`;
}
