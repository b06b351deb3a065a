/** Holds a graph, with a transaction that has not ended, until it is killed. */
import { openForBuilding } from "../../../../src/graph/store/open_for_building.ts";

const graph = openForBuilding(Deno.args[0]!)!;
graph.database.exec("BEGIN IMMEDIATE; INSERT INTO domain (name) VALUES ('example.org')");
console.log("held");
setInterval(() => {}, 1_000);
