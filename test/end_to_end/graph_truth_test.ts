import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { EDGE_TYPE_NAMES, type GraphReader, NODE_TYPES } from "../../src/graph/model.ts";
import { openForReading, SqliteGraphReader } from "../../src/graph/mod.ts";
import { expectedGraph, type GraphLines, organizationKey } from "../lab/expected_graph.ts";
import { runInLab, withSimulation } from "../lab/mod.ts";
import { runMargay } from "../lab/margay.ts";
import { readRunLog } from "../lab/run_log.ts";

/** Hosts of both families that share certificates, some of whose issuers nobody shows, and ports without TLS. */
const WORLD = `
seed 6
certificates 96

prefix 10.32.0.0/22
  hosts 60%
  port 443 tls open 70% silent
  port 8443 tls open 20% closed
  port 22 ssh open 30% closed

prefix 2001:db8:32::/120
  hosts 80%
  port 443 tls
`;
const TARGETS = ["10.32.0.0/22", "2001:db8:32::/120"];

/** One network that two systems announce, one inside another, and one that nobody does. */
const SYSTEMS = "10.32.0.0\t23\t64500_64501\n10.32.1.0\t24\t64502\n2001:db8:32::\t112\t64503\n";

interface Found {
  readonly exitCode: number;
  readonly standardError: string;
  readonly expected: GraphLines;
  readonly graph: GraphLines;
}

/** Runs inside. */
export function scanIntoGraph(): Promise<Found> {
  return withSimulation({ world: { text: WORLD } }, async (internet) => {
    const folder = await mkdtemp("/run/scan-");
    const systems = `${folder}.pfx2as`;
    await writeFile(systems, SYSTEMS);
    const options = ["-p", "22,443,8443", "-o", folder, "-c", "1", "--asn-db", systems];
    const { exitCode, standardError } = await runMargay(["scan", ...TARGETS, ...options]);
    const { run } = await readRunLog(folder);
    const others: string[] = [];
    for await (const line of internet.truthLines()) {
      const { record, state, address, port, certificate } = JSON.parse(line);
      if (record === "target" && state === "open" && certificate === null) others.push(`${address}:${port}`);
    }
    const expected = expectedGraph(await internet.readTruth(), { run: run!.id, others, systemsOf });
    const database = openForReading(folder);
    const graph = linesOf(new SqliteGraphReader(database));
    database.close();
    return { exitCode, standardError, expected, graph };
  });
}

function systemsOf(address: string): number[] {
  if (address.startsWith("10.32.1.")) return [64502];
  if (address.startsWith("10.32.0.")) return [64500, 64501];
  return address.startsWith("2001:") ? [64503] : [];
}

/** A graph in the words of {@linkcode expectedGraph}. */
function linesOf(reader: GraphReader): GraphLines {
  const names = new Map<string, string>();
  const nodes = NODE_TYPES.flatMap((type) =>
    [...reader.nodes(type)].map(({ id, label, properties }) => {
      const name = type === "CA"
        ? `${commonNameOf(String(properties.subject))} ${properties.key_fingerprint ?? "unknown"}`
        : type === "Organization"
        ? organizationKey((properties.forms as string[])[0]!)
        : String(properties.fingerprint ?? properties.number ?? properties.name ?? label);
      names.set(id, name);
      return `${type} ${name}`;
    })
  );
  const edges = EDGE_TYPE_NAMES.flatMap((type) =>
    [...reader.edges(type)].map(({ source, target, properties }) => {
      const from = type !== "SEEN_IN_RUN" ? "" : source.startsWith("ip:") ? "IP " : "Certificate ";
      const port = properties.port === undefined ? "" : ` ${properties.port}`;
      return `${type} ${from}${names.get(source)} -> ${names.get(target)}${port}`;
    })
  );
  return { nodes: nodes.sort(), edges: edges.sort() };
}

function commonNameOf(subject: string): string | undefined {
  return /(?:^|[,+] ?)CN=([^,+]*)/.exec(subject)?.[1];
}

Deno.test("graph: a scan's graph is the world's, node for node and edge for edge", async () => {
  const { exitCode, standardError, expected, graph } = await runInLab<Found>({
    module: import.meta.url,
    name: "scanIntoGraph",
  });
  assert.equal(exitCode, 0, standardError);
  assert.ok(expected.edges.some((edge) => edge.endsWith(" unknown")), "some issuers are shown by nobody");
  assert.deepEqual(graph.nodes, expected.nodes);
  assert.deepEqual(graph.edges, expected.edges);
});
