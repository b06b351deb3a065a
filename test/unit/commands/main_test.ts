import assert from "node:assert/strict";

const main = new URL("../../../src/main.ts", import.meta.url).pathname;

async function margay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", main, ...args],
  });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("what was asked for goes to standard output, with exit code 0", async () => {
  assert.deepEqual(await margay("--version"), { code: 0, stdout: "margay 0.1.0\n", stderr: "" });
  const help = await margay("scan", "--help");
  assert.equal(help.code, 0);
  assert.equal(help.stderr, "");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(help.stdout, /\x1b/, "no colours into a pipe");
});

Deno.test("bad usage is one line on standard error, with exit code 2", async () => {
  for (
    const args of [[], ["frobnicate"], ["scan"], ["scan", "x", "--frobnicate"], [
      "scan",
      "x",
      "-r",
      "\x1b[2J",
    ]]
  ) {
    const { code, stdout, stderr } = await margay(...args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /^margay: Cannot [ -~]+\n$/);
  }
});

Deno.test("the command line is read before a database, the packet plane or a log is loaded", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", main] }).output();
  const { roots, modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly roots: readonly [string];
    readonly modules: readonly {
      readonly specifier: string;
      readonly dependencies?: readonly {
        readonly code?: { readonly specifier?: string };
        readonly isDynamic?: true;
      }[];
    }[];
  };
  const loaded = new Set<string>();
  const load = (specifier: string) => {
    if (loaded.has(specifier)) return;
    loaded.add(specifier);
    const { dependencies = [] } = modules.find((module) => module.specifier === specifier) ?? {};
    for (const { code, isDynamic } of dependencies) if (!isDynamic && code?.specifier) load(code.specifier);
  };
  load(roots[0]);
  assert(loaded.size > 50);
  assert.deepEqual([...loaded].filter((name) => /^node:sqlite|\/(ffi|observe|transport)\//.test(name)), []);
});
