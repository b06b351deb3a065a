import assert from "node:assert/strict";
import { withAnyIp } from "../lab/any_ip.ts";
import { eachLine } from "../lab/lines.ts";
import { runInLab } from "../lab/mod.ts";
import { type Finished, scan } from "./child.ts";
import { margayFromSource } from "../lab/margay.ts";

const PREFIX = "10.50.0.0/28";
const GRAPH = "/run/graph.sqlite";

interface Changes {
  readonly scans: readonly Finished[];
  /** Lines of `graph history` and of `graph diff`, in JSON. */
  readonly history: string;
  readonly diff: string;
}

/** Runs inside: two scans into one graph, with renewals between them. */
export async function scanTwice(): Promise<Changes> {
  let server: Deno.ChildProcess | undefined;
  let lines: AsyncGenerator<string> | undefined;
  const serve = async (enter: readonly string[]) => {
    const path = new URL("./renewing_server.ts", import.meta.url).pathname;
    const [command, ...args] = [...enter, Deno.execPath(), "run", "-A", "--quiet", path];
    server = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
    lines = eachLine(server.stdout);
    assert.equal((await lines.next()).value, "before");
    return server;
  };
  return await withAnyIp({ prefix: PREFIX, port: 443, serve }, async () => {
    const args = (number: number) => [PREFIX, "-c", "0.5", "-o", `/run/run-${number}`, "--graph", GRAPH];
    const before = await scan(args(1));
    const writer = server!.stdin.getWriter();
    await writer.write(new TextEncoder().encode("go on\n"));
    assert.equal((await lines!.next()).value, "after");
    const after = await scan(args(2));
    await writer.close();
    return {
      scans: [before, after],
      history: await ask("history", GRAPH, "--json"),
      diff: await ask("diff", "first", "last", GRAPH, "--json"),
    };
  });
}

async function ask(...question: readonly string[]): Promise<string> {
  const [program, ...args] = [...margayFromSource(), "graph", ...question];
  const { stdout } = await new Deno.Command(program!, { args, stderr: "inherit" }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("graph: what servers have renewed between two scans is told, and nothing else", async () => {
  const { scans, history, diff } = await runInLab<Changes>({ module: import.meta.url, name: "scanTwice" });
  for (const { code, stderr } of scans) assert.equal(code, 0, stderr);
  assert.doesNotMatch(scans[0]!.stderr, /rotation/, "a first run has no history");
  assert.match(scans[1]!.stderr, / 2 rotations, 1 migration, 1 suspicious replacement since the runs before/);
  assert.deepEqual(linesOf(history).map(({ type, domain }) => `${type} ${domain}`).sort(), [
    "CAMigration moved.example",
    "CertRotation date.example",
    "CertRotation key.example",
    "SuspiciousReplacement taken.example",
  ]);
  const endpoints = linesOf(diff)
    .filter(({ address }) => address !== undefined)
    .map(({ difference, address }) => `${difference} ${address}`);
  assert.deepEqual(endpoints.sort(), [
    "appeared 10.50.0.9",
    ...[1, 2, 3, 4, 6, 7].map((host) => `changed 10.50.0.${host}`),
    "vanished 10.50.0.8",
  ]);
});

function linesOf(ndjson: string): Record<string, unknown>[] {
  return ndjson.trimEnd().split("\n").map((line) => JSON.parse(line));
}
