/**
 * Style that a machine can see, one function for each rule. Each returns what is wrong, as `PATH: FAULT`.
 *
 * @module
 */
import { filesNamedBy, importsOf, type SourceFile } from "./source_file.ts";

/** In characters. The formatter keeps TypeScript's code, but not its comments, to 110. */
const lineLengthMax = 120;

/** Lines that nobody can break: one literal, one regular expression, a command to copy. */
const unbreakable = /^\s*(?:(?:(["'`]).*\1|\/[^/*].*\/[a-z]*)[,;)]*|(?:\/\/|\*) +deno .*)$/;

export function longLines({ path, text }: SourceFile): string[] {
  if (!/\.(ts|zig)$/.test(path)) return [];
  return text.split("\n").flatMap((line, index) => {
    const length = [...line].length;
    if (length <= lineLengthMax || unbreakable.test(line)) return [];
    return [`${path}: line ${index + 1} has ${length} characters of ${lineLengthMax}`];
  });
}

/** Unfinished work, this or that machine's folders, hosts that only a package manager should know. */
const banned = [
  /\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b/,
  /(?<![\w.}])\/(?:work|tmp|home|root)\/\w/,
  /\b(?:registry\.npm[j]s\.org|js[r]\.io|crates[.]io|py[p]i\.org|deb\.deb[i]an\.org)\b/,
];

export function bannedWords({ path, text }: SourceFile): string[] {
  return text.split("\n").flatMap((line, index) =>
    banned.flatMap((pattern) => {
      const word = pattern.exec(line)?.[0];
      return word === undefined ? [] : [`${path}: line ${index + 1} says ${word}`];
    })
  );
}

/** Who may import whom: downwards, and sideways where no circle comes of it ({@linkcode circles}). */
const floors: readonly (readonly string[])[] = [
  ["main.ts"],
  ["commands"],
  ["scan"],
  ["governor", "transport", "tls", "x509", "identify", "observe", "results", "targets"],
  ["ffi", "text"],
];

/** Beside the floors: reads what a run wrote, and knows nothing of scanning. */
const beside: Readonly<Record<string, readonly string[]>> = { graph: ["observe", "targets", "text", "x509"] };

/** `scan` for `src/scan/plan.ts`, `ffi` for `ffi/mod.ts`, `test` for everything in there. */
function roomOf(path: string): string {
  const [root = "", folder = ""] = path.split("/");
  return root === "src" ? folder : root;
}

export function wrongWay(file: SourceFile): string[] {
  if (!/^(src|ffi)\/.*\.ts$/.test(file.path)) return [];
  const from = roomOf(file.path);
  return importsOf(file).flatMap((target) => {
    const to = roomOf(target);
    if (from === to || isBelow(from, to)) return [];
    return [`${file.path}: ${from} must not import ${to} (${target})`];
  });
}

function isBelow(from: string, to: string): boolean {
  const besides = beside[from];
  if (besides !== undefined) return besides.includes(to);
  // Commands are the only ones that know both the scan and what reads its log.
  if (to in beside) return from === "commands";
  const [upper, lower] = [from, to].map((room) => floors.findIndex((floor) => floor.includes(room)));
  return upper! >= 0 && lower! >= upper!;
}

/**
 * Files that are imported past their folder's `mod.ts`, and why. The command line is read, and help is shown, before
 * the scan and with it the packet plane is loaded; and a sweep, which is to start fast, loads no TLS.
 */
const sideDoors: ReadonlySet<string> = new Set([
  "src/scan/errors.ts",
  "src/scan/extent.ts",
  "src/scan/options.ts",
  "src/scan/plan.ts",
  "src/scan/report.ts",
  "src/scan/sweep_report.ts",
  "src/scan/sweep_run.ts",
]);

export function pastTheFace(file: SourceFile, files: readonly SourceFile[]): string[] {
  if (file.path.startsWith("test/")) return [];
  return importsOf(file).flatMap((target) => {
    if (!/^(src|ffi)\//.test(target) || roomOf(target) === roomOf(file.path)) return [];
    if (target.endsWith("/mod.ts") || sideDoors.has(target)) return [];
    const face = target.replace(/[^/]+$/, "mod.ts");
    // A folder without a face belongs to the one file above it: the commands to main.ts.
    if (file.path === "src/main.ts" && !files.some(({ path }) => path === face)) return [];
    return [`${file.path}: imports ${target} past ${face}`];
  });
}

/** Circles among files, and among the rooms they are in. */
export function circles(files: readonly SourceFile[]): string[] {
  const ours = files.filter(({ path }) => path.endsWith(".ts"));
  const byFile = new Map(ours.map((file) => [file.path, new Set(importsOf(file))]));
  const byRoom = new Map<string, Set<string>>();
  for (const [path, targets] of byFile) {
    if (!/^(src|ffi)\//.test(path)) continue;
    const room = roomOf(path);
    const rooms = [...targets].map(roomOf).filter((target) => target !== room);
    byRoom.set(room, new Set([...byRoom.get(room) ?? [], ...rooms]));
  }
  return [byFile, byRoom].flatMap((graph) => {
    const circle = circleIn(graph);
    return circle === undefined ? [] : [`${circle[0]}: imports itself through ${circle.slice(1).join(", ")}`];
  });
}

/** The first circle that is found, depth first. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const circle = visit(node);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** What nobody has to name: what tools look for. A program that says how to start it is for people. */
const entrances = /^(src\/main\.ts|zig\/build\.zig|.*_test\.ts)$/;

/** Files that nothing imports, starts or builds. What a document says of a file does not keep it alive. */
export function deadFiles(files: readonly SourceFile[]): string[] {
  const named = new Map<string, string[]>();
  for (const file of files) {
    if (!/\.(ts|zig|json)$|^\.ci\/run$/.test(file.path)) continue;
    for (const target of filesNamedBy(file)) named.set(target, [...named.get(target) ?? [], file.path]);
  }
  return files.flatMap(({ path, text }) => {
    const isUsed = !/\.(ts|zig)$/.test(path) || entrances.test(path) ||
      named.get(path)?.some((by) => by !== path) || text.includes(`deno run -A ${path}`);
    return isUsed ? [] : [`${path}: nothing uses it`];
  });
}

/** Exported functions and classes without a docstring. */
export function undocumented({ path, text }: SourceFile): string[] {
  if (!/^(src|ffi)\/.*\.ts$/.test(path)) return [];
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const name = /^export (?:async |abstract )*(?:function\*?|class) (\w+)/.exec(line)?.[1];
    if (name === undefined || lines[index - 1]?.trimEnd().endsWith("*/")) return [];
    return [`${path}: ${name} has no docstring`];
  });
}
