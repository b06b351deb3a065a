import assert from "node:assert/strict";
import { readOctets, TargetError } from "../../../src/targets/mod.ts";

async function readAll(path: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of readOctets(path)) text += decoder.decode(piece, { stream: true });
  return text;
}

Deno.test("a file longer than a piece is read whole and in order", async () => {
  const path = await Deno.makeTempFile();
  try {
    const text = Array.from({ length: 100_000 }, (_, index) => `entry-${index}`).join("\n");
    await Deno.writeTextFile(path, text);
    assert.equal(await readAll(path), text);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a file that cannot be read is named", async () => {
  await assert.rejects(
    readAll("/nonexistent/targets.txt"),
    new TargetError("Cannot read /nonexistent/targets.txt: there is no such file"),
  );
  await assert.rejects(readAll("/"), /^TargetError: Cannot read \/: /);
});
