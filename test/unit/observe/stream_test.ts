import assert from "node:assert/strict";
import { LogWriteError, type Observation, OutputClosedError, StreamSink } from "../../../src/observe/mod.ts";

const end: Observation = { type: "end", time: "2026-01-31T23:59:59.123Z", reason: "done", counters: {} };

Deno.test("records leave as NDJSON, however little the stream takes at once", async () => {
  const octets: number[] = [];
  const sink = new StreamSink({
    write(bytes) {
      octets.push(...bytes.subarray(0, 7));
      return Promise.resolve(Math.min(7, bytes.length));
    },
  });
  sink.append(end);
  sink.append(end);
  await sink.close();
  const line = JSON.stringify(end) + "\n";
  assert.equal(new TextDecoder().decode(Uint8Array.from(octets)), line + line);
});

Deno.test("a reader that has left is told apart from a failure, and close is quiet about it", async () => {
  const cases = [
    [new Deno.errors.BrokenPipe("Broken pipe (os error 32)"), OutputClosedError],
    [new Error("No space left on device (os error 28)"), LogWriteError],
  ] as const;
  for (const [cause, expected] of cases) {
    const sink = new StreamSink({ write: () => Promise.reject(cause) });
    sink.append(end);
    await assert.rejects(sink.flush(), expected);
    assert.throws(() => sink.append(end), expected);
    await sink.close();
  }
});

Deno.test("a slow reader fills the queue, and blocks nobody", async () => {
  let release: () => void = () => {};
  const stuck = new Promise<void>((resolve) => release = resolve);
  let written = 0;
  const sink = new StreamSink({
    async write(bytes) {
      await stuck;
      written += bytes.length;
      return bytes.length;
    },
  });
  let appended = 0;
  while (!sink.full) {
    sink.append(end);
    appended += 1;
  }
  assert.equal(written, 0);
  release();
  await sink.flush();
  assert.equal(sink.full, false);
  assert.equal(written, appended * (JSON.stringify(end).length + 1));
});

const child = `
  import { OutputClosedError, StreamSink, timestamp } from ${
  JSON.stringify(new URL("../../../src/observe/mod.ts", import.meta.url).href)
};
  const sink = new StreamSink();
  try {
    for (let count = 0; count < 1_000_000; count += 1) {
      sink.append({ type: "end", time: timestamp(), reason: "done", counters: {} });
      if (sink.full || count === 0) await sink.flush();
    }
    await sink.close();
    console.error("everything was taken");
  } catch (error) {
    console.error(error.name + ": " + error.message);
  }
`;

async function runInShell(pipeline: string): Promise<string> {
  const args = ["-c", `"$0" eval --quiet "$1" ${pipeline}`, Deno.execPath(), child];
  const { stdout, stderr } = await new Deno.Command("sh", { args }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("`| head -1` gets its line and ends the run", async () => {
  const output = await runInShell("| head -1");
  assert.match(
    output,
    /^\{"type":"end".*\}\nOutputClosedError: Cannot write to standard output: its reader has left\n$/,
  );
});

Deno.test("> /dev/full is a failure", async () => {
  const output = await runInShell("> /dev/full");
  assert.match(output, /^LogWriteError: Cannot write to standard output: No space left on device/);
});
