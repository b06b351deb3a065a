import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

function folderOf(name: string): string {
  return fileURLToPath(new URL(`./corpus/${name}/`, import.meta.url));
}

/** The inputs kept for a target, in the order of their file names. */
export function readCorpus(name: string): Uint8Array[] {
  const folder = folderOf(name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort().map((file) => new Uint8Array(readFileSync(folder + file)));
}

/** Keeps an input that a target failed on, and returns its path in the project. */
export function saveFailure(name: string, input: Uint8Array): string {
  const file = `crash-${createHash("sha256").update(input).digest("hex").slice(0, 8)}`;
  mkdirSync(folderOf(name), { recursive: true });
  writeFileSync(folderOf(name) + file, input);
  return `test/fuzz/corpus/${name}/${file}`;
}
