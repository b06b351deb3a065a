import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { toolFolders } from "../test/lab/tools.ts";

/** A peer's program and the Debian package it comes in, which has the same name. */
export type Program = "zmap" | "masscan";

/** Whether a program is installed. */
export function hasProgram(program: Program): boolean {
  return toolFolders().some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @throws {Error} naming the Debian packages when a program is missing. */
export function requirePrograms(bench: string, programs: readonly Program[]): void {
  const missing = programs.filter((program) => !hasProgram(program)).join(" ");
  if (missing === "") return;
  throw new Error(`Cannot run ${bench}: ${missing} not found; on Debian: apt-get install ${missing}`);
}
