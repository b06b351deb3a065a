import assert from "node:assert/strict";
import { readLines, TargetError } from "../../../src/targets/mod.ts";
import { readEntries } from "../../../src/targets/source.ts";

async function withFile(content: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, content);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

async function entriesOf(path: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of readEntries(path, readLines)) {
    texts.push(...batch.map(({ text, source }) => `${source.slice(path.length)} ${text}`));
  }
  return texts;
}

Deno.test("entries are lines without comments, blanks and line ends", async () => {
  await withFile("\ufeff# head\r\n10.0.0.1\r\n\r\n  10.0.0.2 # why\n\t\n#\n10.0.0.3", async (path) => {
    assert.deepEqual(await entriesOf(path), [":2 10.0.0.1", ":4 10.0.0.2", ":7 10.0.0.3"]);
  });
});

Deno.test("lines survive the borders of read blocks", async () => {
  const lines = Array.from({ length: 50_000 }, (_, index) => `entry-${index}`);
  await withFile(lines.join("\n"), async (path) => {
    assert.deepEqual(await entriesOf(path), lines.map((line, index) => `:${index + 1} ${line}`));
  });
});

Deno.test("a line without end is refused before it fills memory", async () => {
  await withFile(`ok\n${"x".repeat(1_000_000)}`, async (path) => {
    await assert.rejects(
      entriesOf(path),
      new TargetError("Cannot read the line: it is longer than 4096 characters", `${path}:2`),
    );
  });
});

Deno.test("a file that cannot be read is named", async () => {
  await assert.rejects(
    entriesOf("/nonexistent/targets.txt"),
    new TargetError("Cannot read /nonexistent/targets.txt: there is no such file"),
  );
  await assert.rejects(entriesOf("/"), /^TargetError: Cannot read \/: /);
});
