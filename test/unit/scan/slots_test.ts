import assert from "node:assert/strict";
import { Slots } from "../../../src/scan/slots.ts";

/** Lets everything that is settled be heard. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("no more get in than there are places, and the others in their order", async () => {
  const slots = new Slots(2);
  const inside: number[] = [];
  for (let number = 0; number < 5; number++) void slots.acquire().then(() => inside.push(number));
  await settle();
  assert.deepEqual(inside, [0, 1]);
  slots.release();
  await settle();
  assert.deepEqual(inside, [0, 1, 2]);
  slots.release();
  slots.release();
  await settle();
  assert.deepEqual(inside, [0, 1, 2, 3, 4]);
});

Deno.test("a place that nobody waits for is kept", async () => {
  const slots = new Slots(1);
  await slots.acquire();
  slots.release();
  await slots.acquire();
  let isIn = false;
  void slots.acquire().then(() => isIn = true);
  await settle();
  assert(!isIn);
});
