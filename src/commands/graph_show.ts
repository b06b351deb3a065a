import type { DatabaseSync } from "node:sqlite";
import { EXPORT_FORMATS, streamGraph } from "../graph/export/mod.ts";
import {
  drawPicture,
  findNodes,
  findSimilarNodes,
  type GraphNode,
  Neighbourhood,
  NodeLookup,
  type NodeReference,
} from "../graph/mod.ts";
import { printable } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { ShowOptions } from "./graph_show_options.ts";
import { neighbourhoodJson } from "./neighbourhood_json.ts";
import { neighbourhoodLines, omittedText } from "./neighbourhood_lines.ts";

/** `margay graph show`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runGraphShow({ node, graph, format, depth, limit }: ShowOptions): Promise<number> {
  return askGraph(graph, (database) => {
    const neighbourhood = new Neighbourhood(database, theNode(database, node), { depth, limit });
    switch (format) {
      case "text":
        return neighbourhoodLines(neighbourhood);
      case "json":
        return [JSON.stringify(neighbourhoodJson(neighbourhood))];
      case "dot":
        return dotLines(neighbourhood);
      case "svg":
        return [picture(neighbourhood)];
    }
  });
}

/** It is small enough to be held. */
async function dotLines(neighbourhood: Neighbourhood): Promise<Iterable<string>> {
  const decoder = new TextDecoder();
  let text = "";
  await streamGraph(neighbourhood, EXPORT_FORMATS.find(({ name }) => name === "dot")!, {
    write(octets) {
      text += decoder.decode(octets, { stream: true });
      return Promise.resolve(octets.length);
    },
  });
  return text.trimEnd().split("\n");
}

function picture(neighbourhood: Neighbourhood): string {
  const omitted = [...neighbourhood.omissions()].map(({ of, group }) => ({
    of,
    type: group.neighbourType,
    text: omittedText(group),
  }));
  return drawPicture({ graph: neighbourhood, start: neighbourhood.start, omitted });
}

/** In an identifier, of which the beginning says enough. */
const HASH = /^((?:ca|cert|key):[0-9a-f]{16})[0-9a-f]+$/;

/** The one node that a text names. */
function theNode(database: DatabaseSync, text: string): NodeReference {
  const found = findNodes(database, text);
  if (found.length === 1) return found[0]!;
  const lookup = new NodeLookup(database);
  const list = (references: readonly NodeReference[]) =>
    references.map((reference) => `\n  ${candidate(lookup.node(reference))}`).join("");
  if (found.length > 1) {
    throw new Error(
      `Cannot show ${printable(text)}: it names several nodes; take one by its id${list(found)}`,
    );
  }
  const similar = findSimilarNodes(database, text);
  throw new Error(
    `Cannot show ${printable(text)}: no node of this graph is called so; ` +
      (similar.length > 0
        ? `these hold the text, ten of a type at most; take one by its id${list(similar)}`
        : "an address, a domain, a fingerprint or an id will do"),
  );
}

function candidate({ id, type, label }: GraphNode): string {
  return `${id.replace(HASH, "$1")}  ${type} ${printable(label)}`;
}
