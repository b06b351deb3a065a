import { EDGE_TYPE_NAMES, NODE_TYPES } from "../model.ts";
import type { ExportFile } from "./export_file.ts";
import type { WriteGraph } from "./format.ts";
import { edgeRecord, nodeRecord } from "./json_record.ts";

/** Two JSON arrays, with one object on each line. */
export const writeJson: WriteGraph = async (graph, destination) => {
  const nodes = await JsonArray.open(await destination.open("nodes.json"));
  for (const type of NODE_TYPES) {
    for (const node of graph.nodes(type)) await nodes.add(nodeRecord(node));
  }
  await nodes.close();
  const edges = await JsonArray.open(await destination.open("edges.json"));
  for (const type of EDGE_TYPE_NAMES) {
    for (const edge of graph.edges(type)) await edges.add(edgeRecord(edge));
  }
  await edges.close();
};

class JsonArray {
  readonly #file: ExportFile;
  #separator = "\n";

  private constructor(file: ExportFile) {
    this.#file = file;
  }

  static async open(file: ExportFile): Promise<JsonArray> {
    await file.write("[");
    return new JsonArray(file);
  }

  async add(record: unknown): Promise<void> {
    await this.#file.record(this.#separator + JSON.stringify(record));
    this.#separator = ",\n";
  }

  async close(): Promise<void> {
    await this.#file.write("\n]\n");
    await this.#file.close();
  }
}
