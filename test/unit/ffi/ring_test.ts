import assert from "node:assert/strict";
import { Positions } from "../../../ffi/bindings.ts";
import { RingConsumer, RingProducer } from "../../../ffi/ring.ts";

const capacity = 256;
const header = 16;

/**
 * A producer and a consumer over the same memory, as the packet plane and this side are, with `position` octets behind
 * them.
 */
function pair(
  position = 0,
): { producer: RingProducer; consumer: RingConsumer; taken: string[]; drain(): void } {
  const control = new SharedArrayBuffer(Positions.size);
  new Uint32Array(control).fill(position);
  const records = new Uint8Array(new SharedArrayBuffer(capacity));
  const producer = new RingProducer(control, 0, records);
  const consumer = new RingConsumer(control, 0, records);
  const taken: string[] = [];
  const drain = () =>
    consumer.drain((kind, connection, start, end) => {
      taken.push(`${kind} ${connection} ${new TextDecoder().decode(consumer.memory.slice(start, end))}`);
    });
  return { producer, consumer, taken, drain };
}

const text = (length: number, letter = "x"): Uint8Array => new TextEncoder().encode(letter.repeat(length));

Deno.test("records come out as they went in, parts joined", () => {
  const { producer, taken, drain } = pair();
  assert(producer.push(1, 7, text(3, "a"), text(2, "b"), text(0)));
  assert(producer.push(0xffff, 0xffff_ffff));
  drain();
  assert.deepEqual(taken, ["1 7 aaabb", "65535 4294967295 "]);
  drain();
  assert.equal(taken.length, 2);
});

Deno.test("a full ring refuses, changes nothing, and takes again what there is room for", () => {
  const { producer, taken, drain } = pair();
  assert(producer.push(1, 1, text(96, "a")));
  assert(producer.push(1, 2, text(112, "b")));
  // 112 + 128 of 256 octets are used: 16 are left, a record without payload.
  assert(!producer.push(1, 3, text(1, "c")));
  assert(producer.push(1, 4));
  assert(!producer.push(1, 5));
  drain();
  assert.deepEqual(taken, [`1 1 ${"a".repeat(96)}`, `1 2 ${"b".repeat(112)}`, "1 4 "]);
  assert(producer.push(1, 6, text(capacity - header, "d")));
  drain();
  assert.equal(taken.at(-1), `1 6 ${"d".repeat(capacity - header)}`);
});

Deno.test("a record is never split: the end of the ring is skipped, and counts as used", () => {
  const { producer, taken, drain } = pair();
  assert(producer.push(1, 1, text(176, "a")));
  drain();
  // 64 octets are left before the end, so this one starts at the front and takes 64 + 80 octets of the ring.
  assert(producer.push(1, 2, text(64, "b")));
  assert(producer.push(1, 3, text(96, "c")));
  assert(!producer.push(1, 4));
  drain();
  assert.deepEqual(taken.slice(1), [`1 2 ${"b".repeat(64)}`, `1 3 ${"c".repeat(96)}`]);
});

Deno.test("a skip of one header, and a record that ends at the end", () => {
  const { producer, taken, drain } = pair();
  assert(producer.push(1, 1, text(capacity - 2 * header, "a")));
  drain();
  assert(producer.push(1, 2, text(1, "b")));
  drain();
  assert(producer.push(1, 3, text(capacity - 3 * header, "c")));
  drain();
  assert.deepEqual(taken.slice(1), ["1 2 b", `1 3 ${"c".repeat(capacity - 3 * header)}`]);
});

Deno.test("room comes back record by record, while a batch is worked on", () => {
  const { producer, consumer } = pair();
  assert(producer.push(1, 1, text(112)));
  assert(producer.push(1, 2, text(112)));
  const found: number[] = [];
  consumer.drain((_kind, connection) => {
    found.push(connection);
    // The record at hand is still in use, those before it are not.
    assert.equal(producer.push(1, 3, text(112)), connection === 2);
  });
  assert.deepEqual(found, [1, 2]);
});

Deno.test("records of every size, many times around, and beyond the positions' end", () => {
  const { producer, taken, drain } = pair(2 ** 32 - 100 * capacity);
  const expected: string[] = [];
  for (let turn = 0; turn < 5_000; turn++) {
    const letter = String.fromCharCode(97 + turn % 26);
    const length = (turn * 37) % 113;
    while (!producer.push(1 + turn % 5, turn, text(length, letter))) drain();
    expected.push(`${1 + turn % 5} ${turn} ${letter.repeat(length)}`);
  }
  drain();
  assert.deepEqual(taken, expected);
});
