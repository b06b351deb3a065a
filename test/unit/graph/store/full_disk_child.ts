/** Closes a graph on a disk that another file has filled, and once more when there is room. */
import { dirname } from "node:path";
import { openForBuilding } from "../../../../src/graph/store/open_for_building.ts";
import { openForReading } from "../../../../src/graph/store/open_for_reading.ts";

const COUNT = 4_000;
const [path, other] = Deno.args as [string, string];

const graph = openForBuilding(path)!;
graph.database.exec(
  `WITH RECURSIVE n (v) AS (VALUES (1) UNION ALL SELECT v + 1 FROM n WHERE v < ${COUNT})
  INSERT INTO domain (name) SELECT v || '.example.org' FROM n`,
);
using filling = Deno.openSync(other, { create: true, write: true });
try {
  for (;;) filling.writeSync(new Uint8Array(4096));
} catch {
  // It is full.
}
try {
  graph.close();
} catch (error) {
  console.log((error as Error).message);
}
Deno.removeSync(other);
filling.truncateSync();
openForBuilding(path)!.close();
const names = [...Deno.readDirSync(dirname(path))].map(({ name }) => name);
const { count } = openForReading(path).prepare("SELECT count(*) AS count FROM domain").get()!;
console.log(`${count} domains in ${names.join(" ")} alone`);
