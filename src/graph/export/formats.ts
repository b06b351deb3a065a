import { arangodb } from "./arangodb.ts";
import { dot } from "./dot.ts";
import type { ExportFormat } from "./format.ts";
import { gephiCsv } from "./gephi_csv.ts";
import { gexf } from "./gexf.ts";
import { json } from "./json.ts";
import { ndjson } from "./ndjson.ts";
import { neo4j } from "./neo4j.ts";
import { tigergraph } from "./tigergraph.ts";

/** All of them: help, errors and tests go by this table. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  json,
  ndjson,
  gephiCsv,
  gexf,
  dot,
  neo4j,
  arangodb,
  tigergraph,
];
