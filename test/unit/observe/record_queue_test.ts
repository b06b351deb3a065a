import { deepEqual, equal } from "node:assert/strict";
import { RecordQueue } from "../../../src/observe/record_queue.ts";

/** What a queue writes, batch by batch, each copied when it is written: it is valid until then. */
function queue(): { queue: RecordQueue; batches: string[] } {
  const batches: string[] = [];
  const write = async (lines: Uint8Array) => {
    await Promise.resolve();
    batches.push(new TextDecoder().decode(lines));
  };
  return { queue: new RecordQueue(write), batches };
}

Deno.test("what a terminal may obey is escaped, also where it is all that a line has of it", async () => {
  for (const unsafe of ["\u007f", "\u009b", "\u202e"]) {
    const { queue: records, batches } = queue();
    records.append(`"${unsafe}"`);
    records.append('"é"');
    await records.flush();
    const code = unsafe.charCodeAt(0).toString(16).padStart(4, "0");
    deepEqual(batches, [`"\\u${code}"\n"é"\n`]);
  }
});

Deno.test("lines of any length come out whole and in order, while others are being written", async () => {
  const { queue: records, batches } = queue();
  const lines = [1, 400_000, 2, 300_000, 3, 70_000, 70_000, 70_000, 70_000, 4, 1_000_000, 5]
    .map((length, at) => "aé"[at % 2]!.repeat(length));
  for (const line of lines) {
    records.append(line);
    await Promise.resolve();
  }
  await records.flush();
  equal(batches.join(""), lines.map((line) => `${line}\n`).join(""));
});
