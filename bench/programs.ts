import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { toolFolders } from "../test/lab/tools.ts";

/** The Debian package that each program comes in, a peer's or a server's. */
const PACKAGES = { zmap: "zmap", masscan: "masscan", openssl: "openssl", nginx: "nginx-light" } as const;

/** A program that a bench needs. */
export type Program = keyof typeof PACKAGES;

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
  const missing = programs.filter((program) => !hasProgram(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program]).join(" ");
  throw new Error(
    `Cannot run ${bench}: ${missing.join(" ")} not found; on Debian: apt-get install ${packages}`,
  );
}
