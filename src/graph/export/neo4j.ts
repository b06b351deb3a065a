import { EDGE_TYPE_NAMES, NODE_TYPES, type PropertyKind, type PropertyValue } from "../model.ts";
import { type Column, edgeColumns, nodeColumns } from "./columns.ts";
import { csvLine } from "./csv.ts";
import type { ExportFile } from "./export_file.ts";
import type { ExportDestination, WriteGraph } from "./format.ts";
import { carried, listTexts, scalarText, timeText } from "./text.ts";
import { writeWhole } from "./write_whole.ts";

const TYPES = {
  text: "string",
  integer: "long",
  boolean: "boolean",
  time: "datetime",
  texts: "string[]",
} as const satisfies Record<PropertyKind, string>;

/** Between the elements of a list: a control character, which no element holds. */
const LIST_SEPARATOR = "\u{1F}";

/** CSV for the bulk import, a header and a data file for each type. */
export const writeNeo4j: WriteGraph = async (graph, destination) => {
  const tables: Table[] = [];
  for (const type of NODE_TYPES) {
    const columns = nodeColumns(type);
    const header = ["id:ID", "label", "first_run", "last_run", ...typed(columns), ":LABEL"];
    const table = await Table.open(destination, "nodes", type, header);
    for (const { id, label, firstRun, lastRun, properties } of graph.nodes(type)) {
      const fields = [id, label, firstRun, lastRun].map(carried);
      await table.add([...fields, ...values(properties, columns), type]);
    }
    tables.push(await table.close());
  }
  for (const type of EDGE_TYPE_NAMES) {
    const columns = edgeColumns(type);
    const header = [":START_ID", ":END_ID", "first_run", "last_run", ...typed(columns), ":TYPE"];
    const table = await Table.open(destination, "relationships", type, header);
    for (const { source, target, firstRun, lastRun, properties } of graph.edges(type)) {
      const fields = [source, target, firstRun, lastRun].map(carried);
      await table.add([...fields, ...values(properties, columns), type]);
    }
    tables.push(await table.close());
  }
  await writeWhole(destination, "constraints.cypher", constraints());
  await writeWhole(destination, "import.sh", importScript(tables), { isExecutable: true });
};

/** The two files of a type, and what the import has to be told of them. */
class Table {
  readonly #option: "nodes" | "relationships";
  readonly #type: string;
  readonly #data: ExportFile;
  hasLineBreaks = false;

  private constructor(option: "nodes" | "relationships", type: string, data: ExportFile) {
    this.#option = option;
    this.#type = type;
    this.#data = data;
  }

  static async open(
    destination: ExportDestination,
    option: "nodes" | "relationships",
    type: string,
    header: readonly string[],
  ): Promise<Table> {
    await writeWhole(destination, `${type}-header.csv`, csvLine(header));
    return new Table(option, type, await destination.open(`${type}.csv`));
  }

  get isEmpty(): boolean {
    return this.#data.records === 0;
  }

  get argument(): string {
    return `--${this.#option}=${this.#type}-header.csv,${this.#type}.csv`;
  }

  async add(fields: readonly (string | undefined)[]): Promise<void> {
    this.hasLineBreaks ||= fields.some((field) => field !== undefined && /[\r\n]/.test(field));
    await this.#data.record(csvLine(fields));
  }

  async close(): Promise<this> {
    await this.#data.close();
    return this;
  }
}

function typed(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name, kind }) => `${name}:${TYPES[kind]}`);
}

/** The import stops at a time that is none, so those are left out. To it, an empty list is no list. */
function values(properties: Readonly<Record<string, PropertyValue>>, columns: readonly Column[]) {
  return columns.map(({ name, kind }) => {
    const value = properties[name];
    switch (kind) {
      case "texts": {
        const texts = listTexts(value) ?? [];
        return texts.length === 0 ? undefined : texts.join(LIST_SEPARATOR);
      }
      case "time":
        return timeText(value);
      default:
        return scalarText(value, kind);
    }
  });
}

function constraints(): string {
  return NODE_TYPES.map((type) =>
    `CREATE CONSTRAINT ${type.toLowerCase()}_id IF NOT EXISTS FOR (n:${type}) REQUIRE n.id IS UNIQUE;\n`
  ).join("");
}

function importScript(tables: readonly Table[]): string {
  const filled = tables.filter(({ isEmpty }) => !isEmpty);
  const options = [
    ...filled.map(({ argument }) => argument),
    "--id-type=string",
    "--array-delimiter=U+001F",
    // Costs the import time, so only where there are any.
    ...filled.some(({ hasLineBreaks }) => hasLineBreaks) ? ["--multiline-fields=true"] : [],
  ];
  return `#!/bin/sh
# Imports this graph as a database that does not exist yet: ./import.sh [DATABASE [OPTION...]]
# Follows the Operations Manual of Neo4j 5 and 2025, "neo4j-admin database import full".
# Afterwards: CREATE DATABASE, where it is not the default one, and constraints.cypher.
set -eu
cd "$(dirname "$0")"
database=\${1:-neo4j}
[ $# -eq 0 ] || shift
neo4j-admin database import full \\
${options.map((option) => `  ${option} \\\n`).join("")}  "$@" "$database"
`;
}
