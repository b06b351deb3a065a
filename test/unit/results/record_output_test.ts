import assert from "node:assert/strict";
import {
  compileFilter,
  createFormat,
  fieldsOf,
  findField,
  OutputError,
  OutputLeftError,
  RecordOutput,
} from "../../../src/results/mod.ts";
import type { OctetStream } from "../../../src/text/mod.ts";
import { ofVerdict, recordOf } from "./records.ts";

const field = findField(fieldsOf("csv"), "port")!;
const SHAPE = { format: createFormat("csv", [{ name: "port", field }]), filter: compileFilter("open") };

/** Takes a few octets at a time, and fails when told. */
class SlowStream implements OctetStream {
  text = "";
  failure: Error | undefined;

  write(octets: Uint8Array): Promise<number> {
    if (this.failure) return Promise.reject(this.failure);
    const taken = Math.min(octets.length, 10_007);
    this.text += new TextDecoder().decode(octets.subarray(0, taken));
    return Promise.resolve(taken);
  }
}

Deno.test("only what the filter keeps is written and counted", async () => {
  const stream = new SlowStream();
  const output = new RecordOutput("it", stream, SHAPE);
  assert.equal(output.write(ofVerdict("open")), true);
  assert.equal(output.write(ofVerdict("closed")), false);
  assert.equal(output.kept, 1);
  assert.ok(output.wants("open") && !output.wants("filtered"));
  await output.close();
  assert.equal(stream.text, "port\n80\n");
});

Deno.test("a great many records arrive whole and in order, and a slow reader shows as full", async () => {
  const stream = new SlowStream();
  const output = new RecordOutput("it", stream, SHAPE);
  let expected = "port\n";
  while (!output.full) {
    const port = 1 + expected.length % 65_535;
    output.write(recordOf({ port }));
    expected += `${port}\n`;
  }
  await output.flush();
  assert.equal(output.full, false);
  assert.equal(stream.text, expected);
});

Deno.test("a reader that leaves and a disk that is full are different errors, and stay", async () => {
  for (
    const [failure, type] of [
      [new Deno.errors.BrokenPipe("gone"), OutputLeftError],
      [new Error("No space left on device"), OutputError],
    ] as const
  ) {
    const stream = new SlowStream();
    let releases = 0;
    const owner = { release: () => void (releases += 1), remove: () => Promise.resolve() };
    const output = new RecordOutput("it", stream, SHAPE, owner);
    stream.failure = failure;
    output.write(recordOf());
    await assert.rejects(output.flush(), (error: Error) => error instanceof type);
    assert.throws(() => output.write(recordOf()), type);
    await output.close();
    assert.equal(releases, 1);
  }
});

Deno.test("files: made, never overwritten, and taken away when nothing came of it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/results.csv`;
    const unused = await RecordOutput.open(path, SHAPE);
    await unused.discard();
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);

    const output = await RecordOutput.open(path, SHAPE);
    output.write(recordOf());
    await output.close();
    assert.equal(await Deno.readTextFile(path), "port\n80\n");

    await assert.rejects(RecordOutput.open(path, SHAPE), {
      name: "OutputError",
      message: `Cannot write to ${path}: it holds something already; name another file, or remove it`,
    });
    assert.equal(await Deno.readTextFile(path), "port\n80\n");
    await assert.rejects(
      RecordOutput.open(`${folder}/none/results`, SHAPE),
      /^OutputError: Cannot write to /,
    );

    await Deno.writeTextFile(`${folder}/empty`, "");
    await (await RecordOutput.open(`${folder}/empty`, SHAPE)).discard();
    assert.equal((await Deno.stat(`${folder}/empty`)).size, 0, "it was somebody's before");
    await (await RecordOutput.open("/dev/null", SHAPE)).close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
