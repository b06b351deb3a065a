/**
 * One side of the `graph` bench in a process of its own: `bare GRAPH COUNT PER_CERTIFICATE` inserts rows, `build GRAPH`
 * folds each folder that is named on a line of standard input, and `hubs GRAPH` asks for hubs. Each answer is a line of
 * JSON.
 *
 * @module
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { foldLog, openForBuilding } from "../src/graph/builder/mod.ts";
import { certificateHubs, keyHubs, openForReading } from "../src/graph/mod.ts";
import { bareBatches, insertBare } from "./graph_bare.ts";

/** What folding a log, or inserting rows, has cost. */
export interface BuildAnswer {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

async function build(path: string): Promise<void> {
  const graph = openForBuilding(path)!;
  for await (const folder of createInterface({ input: process.stdin })) {
    await measured(() => foldLog(graph, folder));
  }
  await measured(() => graph.close());
}

/** The rows are made before the time starts. */
async function insert(path: string, count: number, perCertificate: number): Promise<void> {
  const batches = [...bareBatches({ count, perCertificate })];
  const graph = openForBuilding(path)!;
  await measured(() => {
    insertBare(graph.database, batches);
    graph.close();
  });
}

async function measured(work: () => unknown): Promise<void> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  tell(
    {
      seconds: (performance.now() - start) / 1000,
      cpuSeconds: (user + system) / 1e6,
      residentBytes: Deno.memoryUsage().rss,
    } satisfies BuildAnswer,
  );
}

function hubs(path: string): void {
  const database = openForReading(path);
  const start = performance.now();
  const found = certificateHubs(database, 20).length + keyHubs(database, 20).length;
  tell({ seconds: (performance.now() - start) / 1000, found });
  database.close();
}

function tell(answer: unknown): void {
  console.log(JSON.stringify(answer));
}

const [mode, path, count, perCertificate] = Deno.args;
if (mode === "build") await build(path!);
else if (mode === "hubs") hubs(path!);
else await insert(path!, Number(count), Number(perCertificate));
