import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** The programs the lab is made with, and the Debian package each comes in. */
const PACKAGES = {
  ip: "iproute2",
  nft: "nftables",
  sh: "dash",
  mount: "mount",
  setpriv: "util-linux",
  unshare: "util-linux",
} as const;

/** A program the lab may run. */
export type Tool = keyof typeof PACKAGES;

/** Debian leaves these out of an ordinary user's PATH, though an ordinary user can bring the lab up. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The folders programs are looked for in: those of PATH, then the system's. */
export function toolFolders(): string[] {
  const path = Deno.env.get("PATH") ?? "";
  return [...new Set([...path.split(":").filter((folder) => folder !== ""), ...SYSTEM_FOLDERS])];
}

/**
 * Whether a program is installed.
 *
 * @param folders where to look.
 */
export function hasTool(name: string, folders: readonly string[] = toolFolders()): boolean {
  return folders.some((folder) => isExecutable(join(folder, name)));
}

/**
 * Checks that every program the lab needs is there.
 *
 * @param folders where to look.
 * @throws {Error} naming each missing program and the Debian package that has it.
 */
export function requireTools(folders: readonly string[] = toolFolders()): void {
  const missing = (Object.keys(PACKAGES) as Tool[]).filter((tool) => !hasTool(tool, folders));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => PACKAGES[tool]))].join(" ");
  throw new Error(
    `Cannot bring the lab up: ${missing.join(", ")} not found; on Debian: apt-get install ${packages}`,
  );
}

/**
 * Runs a program to its end and returns what it wrote to stdout.
 *
 * @param command the program and its arguments.
 * @param input what it gets on stdin.
 * @throws {Error} with its stderr when it fails.
 */
export async function runTool(command: readonly string[], input = ""): Promise<string> {
  const [program, ...args] = command as [string, ...string[]];
  const child = new Deno.Command(program, {
    args,
    env: { PATH: toolFolders().join(":") },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that fails early closes its stdin; its exit status tells more than the broken pipe.
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const [output] = await Promise.all([child.output(), written]);
  if (!output.success) {
    const reason = new TextDecoder().decode(output.stderr).trim();
    throw new Error(`Cannot run ${command.join(" ")}: exit status ${output.code}: ${reason}`);
  }
  return new TextDecoder().decode(output.stdout);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
