import assert from "node:assert/strict";
import { formatAddress, ipv4ToAddress, TargetError } from "../../../src/targets/mod.ts";
import { readList } from "../../../src/targets/list.ts";
import { seededRandom } from "./random.ts";

/** Entries as `line text`; those that were read as numbers begin with `=`. */
async function entriesOf(content: string, pieceSize = Infinity): Promise<string[]> {
  const octets = new TextEncoder().encode(content);
  const entries: string[] = [];
  await readList("t.txt", pieces(octets, pieceSize), {
    takeIpv4(first, last, port, lineNumber) {
      const [from, to] = [first, last].map((value) => formatAddress(ipv4ToAddress(value)));
      // What a reader refuses it gets as text.
      if (port === 1) return false;
      entries.push(`${lineNumber} =${from}-${to}:${port}`);
      return true;
    },
    take: (text, lineNumber) => void entries.push(`${lineNumber} ${text}`),
  });
  return entries;
}

/** Hands out one buffer again and again, as reading a file does. */
function pieces(octets: Uint8Array, size: number): () => AsyncGenerator<Uint8Array> {
  return async function* () {
    const buffer = new Uint8Array(Math.min(size, octets.length));
    for (let start = 0; start < octets.length; start += size) {
      const piece = octets.subarray(start, start + size);
      buffer.set(piece);
      yield await Promise.resolve(buffer.subarray(0, piece.length));
    }
  };
}

Deno.test("entries are lines without comments, blanks and line ends", async () => {
  const content =
    "\ufeff# head\r\n10.0.0.1\r\n\r\n  10.0.0.2 # why\n\t\n#\nexample.com #\n10.0.0.0/31:80 # a # b\n10.0.0.3";
  assert.deepEqual(await entriesOf(content), [
    "2 =10.0.0.1-10.0.0.1:0",
    "4 10.0.0.2",
    "7 example.com",
    "8 =10.0.0.0-10.0.0.1:80",
    "9 =10.0.0.3-10.0.0.3:0",
  ]);
  assert.deepEqual(await entriesOf(""), []);
  assert.deepEqual(await entriesOf("\n\n"), []);
  assert.deepEqual(await entriesOf("10.0.0.1:1\n10.0.0.1:2"), [
    "1 10.0.0.1:1",
    "2 =10.0.0.1-10.0.0.1:2",
  ]);
});

Deno.test("lines survive the borders of pieces", async () => {
  const content = "10.0.0.1\nexample.com # \u00fc\n192.0.2.0/24:8443\n\n2001:db8::1\n10.0.0.1-10.0.0.9\n";
  const whole = await entriesOf(content);
  assert.equal(whole.length, 5);
  for (let size = 1; size < 40; size += 1) assert.deepEqual(await entriesOf(content, size), whole, `${size}`);
});

Deno.test("a line without end is refused before it fills memory", async () => {
  for (const line of ["x".repeat(1_000_000), `10.0.0.1 #${"x".repeat(1_000_000)}`]) {
    for (const pieceSize of [1000, 5000, Infinity]) {
      await assert.rejects(
        entriesOf(`ok\n${line}\n`, pieceSize),
        new TargetError("Cannot read the line: it is longer than 4096 octets", "t.txt:2"),
      );
    }
  }
});

Deno.test("an error gets the place of its line, and other failures pass through", async () => {
  const fail = (error: Error) =>
    readList("t.txt", pieces(new TextEncoder().encode("8.8.8.8\n\nodd"), 3), {
      takeIpv4: () => true,
      take() {
        throw error;
      },
    });
  await assert.rejects(fail(new TargetError("why")), new TargetError("why", "t.txt:3"));
  await assert.rejects(fail(new RangeError("why")), new RangeError("why"));
});

Deno.test("any octets at all are read without a failure", async () => {
  const random = seededRandom(11);
  const alphabet = "0123456789./:-# \n\r\t\0a\u00e9";
  for (let round = 0; round < 500; round += 1) {
    const content = Array.from({ length: random(60) }, () => alphabet[random(alphabet.length)]).join("");
    assert.deepEqual(
      await entriesOf(content, 1 + random(20)),
      await entriesOf(content),
      JSON.stringify(content),
    );
  }
});
