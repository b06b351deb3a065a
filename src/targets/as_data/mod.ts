/**
 * Which AS announces an address, from a file of the user's.
 *
 * @module
 */

export { type AsDatabase } from "./as_database.ts";
export { loadAsDatabase } from "./load.ts";
export { type AutonomousSystem, parseAsNumbers } from "./origin_table.ts";
