import { readdir, readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the project as the rules see it. */
export interface SourceFile {
  /** From the top of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What is made, not written, or not ours: the folders of `.gitignore` and git's own. */
const skippedFolders = /^(\.git|\.zig-cache|zig-out|dist|node_modules|margay-.*)$/;

/** Not text, or written by a tool; `.git` is a file in a worktree. */
const skippedFiles = /\.(der|lock)$|^\.git$/;

/** Every text file of the project that somebody wrote. */
export async function readSourceFiles(): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(top, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!skippedFolders.test(entry.name)) await visit(path);
      } else if (entry.isFile() && !skippedFiles.test(entry.name)) {
        files.push({ path, text: await readFile(join(top, path), "utf8") });
      }
    }
  };
  await visit("");
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The project's modules that a module imports, by their paths; types included. */
export function importsOf({ path, text }: SourceFile): string[] {
  const found = text.matchAll(/^\s*(?:import|export|\} from)\b[^"\n]*"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm);
  return [...found].map(([, fixed, late]) => posix.join(posix.dirname(path), (fixed ?? late)!));
}

/** The files that a file names, relative to itself or to the top: imports, programs, build inputs. */
export function filesNamedBy({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/[\s"'`(]([\w./-]+\.(?:ts|zig))\b/g)].flatMap(([, name]) => [
    posix.join(posix.dirname(path), name!),
    posix.normalize(name!),
  ]);
}
