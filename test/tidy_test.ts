import assert from "node:assert/strict";
import {
  bannedWords,
  circles,
  deadFiles,
  longLines,
  pastTheFace,
  undocumented,
  wrongWay,
} from "./tidy/rules.ts";
import { readSourceFiles, type SourceFile } from "./tidy/source_file.ts";

type Rule = (files: readonly SourceFile[]) => string[];

const eachFile = (rule: (file: SourceFile, files: readonly SourceFile[]) => string[]): Rule => {
  return (files) => files.flatMap((file) => rule(file, files));
};

const files = await readSourceFiles();

/** The rule holds for the project, and it sees the faults of a project that was made up to have them. */
function tidy(
  name: string,
  rule: Rule,
  untidy: Readonly<Record<string, string>>,
  faults: readonly string[],
): void {
  Deno.test(`tidy: ${name}`, () => {
    const madeUp = Object.entries(untidy).map(([path, text]) => ({ path, text }));
    assert.deepEqual(rule(madeUp), faults);
    assert.deepEqual(rule(files), []);
  });
}

Deno.test("tidy: the project's files are found", () => {
  const paths = new Set(files.map(({ path }) => path));
  for (const path of ["src/main.ts", "ffi/mod.ts", "zig/src/root.zig", "test/tidy_test.ts", "deno.json"]) {
    assert(paths.has(path), path);
  }
});

tidy("lines are not long", eachFile(longLines), {
  "src/a.ts": `/** ${"word ".repeat(25)} */\n  "${"word ".repeat(25)}",\n  /${
    "word ".repeat(25)
  }/g,\n// deno ${"word ".repeat(25)}\n`,
  "zig/a.zig": `const a = 1;\nconst b = ${"c".repeat(120)};\n`,
  "README.md": "a".repeat(500),
}, [
  "src/a.ts: line 1 has 132 characters of 120",
  "zig/a.zig: line 2 has 131 characters of 120",
]);

/** What must not stand in a file, so not in this one either. */
const [unfinished, machine, host] = ["TO-DO", "/wo-rk/main", "js-r.io"].map((word) => word.replace("-", ""));

tidy("nothing is unfinished, and no machine is named", eachFile(bannedWords), {
  "src/a.ts": `// ${unfinished}: more\nopen("${machine}/a");\n// ${unfinished}S of mastodons, a${machine}\n`,
  "README.md": `from https://${host}/@a/b\n`,
}, [
  `src/a.ts: line 1 says ${unfinished}`,
  `src/a.ts: line 2 says ${machine!.slice(0, 7)}`,
  `README.md: line 1 says ${host}`,
]);

tidy("imports go downwards", eachFile(wrongWay), {
  "src/scan/a.ts": 'import { b } from "../commands/b.ts";\nimport { c } from "../tls/mod.ts";\n',
  "src/tls/a.ts": 'import type {\n  b,\n} from "../transport/mod.ts";\nawait import("../scan/mod.ts");\n',
  "src/commands/graph.ts": 'import { b } from "../graph/mod.ts";\n',
  "src/graph/a.ts": 'import { b } from "../observe/mod.ts";\nexport * from "../../ffi/mod.ts";\n',
  "ffi/a.ts":
    'import { b } from "../src/targets/mod.ts";\nimport { c } from "../test/c.ts";\nimport "./d.ts";\n',
}, [
  "src/scan/a.ts: scan must not import commands (src/commands/b.ts)",
  "src/tls/a.ts: tls must not import scan (src/scan/mod.ts)",
  "src/graph/a.ts: graph must not import ffi (ffi/mod.ts)",
  "ffi/a.ts: ffi must not import targets (src/targets/mod.ts)",
  "ffi/a.ts: ffi must not import test (test/c.ts)",
]);

tidy("a folder is entered through its mod.ts", eachFile(pastTheFace), {
  "src/scan/a.ts":
    'import { b } from "../tls/flight.ts";\nimport { c } from "../tls/mod.ts";\nimport "./plan.ts";\n',
  "src/commands/a.ts":
    'import type { b } from "../scan/options.ts";\nimport { c } from "../../ffi/plane.ts";\n',
  "src/main.ts": 'import { b } from "./commands/a.ts";\nimport { c } from "./tls/flight.ts";\n',
  "src/tls/mod.ts": "",
  "bench/a.ts": 'import { b } from "../src/tls/flight.ts";\n',
  "test/unit/tls/a_test.ts": 'import { b } from "../../../src/tls/flight.ts";\n',
}, [
  "src/scan/a.ts: imports src/tls/flight.ts past src/tls/mod.ts",
  "src/commands/a.ts: imports ffi/plane.ts past ffi/mod.ts",
  "src/main.ts: imports src/tls/flight.ts past src/tls/mod.ts",
  "bench/a.ts: imports src/tls/flight.ts past src/tls/mod.ts",
]);

tidy("nothing imports itself", circles, {
  "src/tls/a.ts": 'import { b } from "./b.ts";\n',
  "src/tls/b.ts": 'import { c } from "./c.ts";\n',
  "src/tls/c.ts": 'import { b } from "./b.ts";\nimport { d } from "../x509/d.ts";\n',
  "src/x509/d.ts": "",
  "src/x509/e.ts": 'import { a } from "../tls/a.ts";\n',
}, [
  "src/tls/b.ts: imports itself through src/tls/c.ts, src/tls/b.ts",
  "tls: imports itself through x509, tls",
]);

tidy("every file is used", deadFiles, {
  "src/main.ts": 'import { a } from "./a.ts";\n',
  "src/a.ts": 'new URL("./b.ts", import.meta.url);\n',
  "src/b.ts": "// b.ts is this file\n",
  "src/c.ts": "// c.ts is this file\n",
  "deno.json": '{ "tasks": { "d": "deno run tools/d.ts" } }',
  "tools/d.ts": "",
  "tools/e.ts": "// deno run -A tools/e.ts\n",
  "test/e_test.ts": "",
  "zig/build.zig": 'b.path("src/root.zig")',
  "zig/src/root.zig": 'const f = @import("wire/f.zig");',
  "zig/src/wire/f.zig": "",
  "zig/src/wire/g.zig": "",
  "docs/g.md": "`zig/src/wire/g.zig`",
}, ["src/c.ts: nothing uses it", "zig/src/wire/g.zig: nothing uses it"]);

tidy("what is exported is explained", eachFile(undocumented), {
  "ffi/a.ts": "/** Does it. */\nexport function a() {}\nexport async function* b() {}\nfunction c() {}\n",
  "src/x509/b.ts": "/**\n * Is it.\n */\nexport class A {}\n\nexport class B {}\nexport const C = 1;\n",
  "test/c.ts": "export function a() {}\n",
}, ["ffi/a.ts: b has no docstring", "src/x509/b.ts: B has no docstring"]);
