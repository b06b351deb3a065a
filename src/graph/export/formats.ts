import type { ExportFormat } from "./format.ts";

/** All of them: help, errors and tests go by this table. What writes a format is loaded when it is asked for. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    name: "json",
    description: "two JSON arrays, one object a line",
    files: "nodes.json, edges.json",
    isSingle: false,
    load: async () => (await import("./json.ts")).writeJson,
  },
  {
    name: "ndjson",
    description: "one JSON object a line, nodes before edges",
    files: "graph.ndjson",
    isSingle: true,
    load: async () => (await import("./ndjson.ts")).writeNdjson,
  },
  {
    name: "gephi-csv",
    description: "spreadsheets for Gephi 0.9.2 and later (Import spreadsheet)",
    files: "nodes.csv, edges.csv",
    isSingle: false,
    load: async () => (await import("./gephi_csv.ts")).writeGephiCsv,
  },
  {
    name: "gexf",
    description: "GEXF 1.3, XML for Gephi 0.9.3 and later",
    files: "graph.gexf",
    isSingle: true,
    load: async () => (await import("./gexf.ts")).writeGexf,
  },
  {
    name: "dot",
    description: "Graphviz; draw small graphs with dot -Tsvg, large ones with sfdp -Tsvg",
    files: "graph.dot",
    isSingle: true,
    load: async () => (await import("./dot.ts")).writeDot,
  },
  {
    name: "neo4j",
    description: "CSV for neo4j-admin database import full (Neo4j 5 and later), constraints, import script",
    files: "TYPE.csv and TYPE-header.csv for each type of node and edge, constraints.cypher, import.sh",
    isSingle: false,
    load: async () => (await import("./neo4j.ts")).writeNeo4j,
  },
  {
    name: "arangodb",
    description: "JSON lines for arangoimport (ArangoDB 3.12), a named graph, import script",
    files: "TYPE.jsonl for each type of node and edge, graph.js, import.sh",
    isSingle: false,
    load: async () => (await import("./arangodb.ts")).writeArangodb,
  },
  {
    name: "tigergraph",
    description: "GSQL schema and loading job (TigerGraph 4), tab-separated tables, import script",
    files: "TYPE.tsv for each type of node and edge, schema.gsql, load.gsql, import.sh",
    isSingle: false,
    load: async () => (await import("./tigergraph.ts")).writeTigergraph,
  },
];
