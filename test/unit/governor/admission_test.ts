import assert from "node:assert/strict";
import { Control } from "../../../ffi/mod.ts";
import { Admission, Governor, type Reservation } from "../../../src/governor/mod.ts";

function queue(bitsPerSecond: number | undefined, hasRoom: () => boolean = () => true) {
  const control = new Control();
  const admission = new Admission(new Governor(control, { probesPerSecond: 1_000, bitsPerSecond }), hasRoom);
  const heard: string[] = [];
  const offer = (name: string | number) =>
    admission.offer({
      open: () => heard.push(`open ${name}`),
      reject: () => heard.push(`reject ${name}`),
    });
  return { control, admission, heard, offer };
}

Deno.test("who comes while there is room is opened at once", () => {
  const { admission, heard, offer } = queue(undefined);
  offer("a");
  offer("b");
  assert.deepEqual(heard, ["open a", "open b"]);
  assert.equal(admission.waiting, 0);
});

Deno.test("without room they wait in the order in which they came", () => {
  let room = 0;
  const { admission, heard, offer } = queue(undefined, () => room-- > 0);
  for (const name of ["a", "b", "c"]) offer(name);
  assert.deepEqual(heard, []);
  assert.equal(admission.waiting, 3);
  room = 2;
  admission.pump();
  assert.deepEqual(heard, ["open a", "open b"]);
  offer("d");
  room = 9;
  admission.pump();
  assert.deepEqual(heard, ["open a", "open b", "open c", "open d"]);
});

Deno.test("a long queue keeps its order", () => {
  let room = 0;
  const { admission, heard, offer } = queue(undefined, () => room-- > 0);
  for (let number = 0; number < 10_000; number++) offer(number);
  while (admission.waiting > 0) {
    room = 77;
    admission.pump();
  }
  assert.deepEqual(heard, Array.from({ length: 10_000 }, (_, number) => `open ${number}`));
});

Deno.test("reopenings wait for the rate of probes, and those behind them for their turn", async () => {
  const control = new Control();
  // A SYN every 20 ms.
  const governor = new Governor(control, { probesPerSecond: 50, bitsPerSecond: undefined });
  const admission = new Admission(governor, () => true);
  const heard: string[] = [];
  const startedAt = performance.now();
  for (let number = 0; number < 12; number++) {
    const kind = number % 3 === 2 ? "continuation" : "reopening";
    admission.offer({
      kind,
      open: () => heard.push(`${kind} ${number}`),
      reject: () => assert.fail(),
    });
  }
  assert(admission.waiting > 0 && heard.length > 0);
  while (admission.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(
    heard.map((line) => Number(line.split(" ")[1])),
    Array.from({ length: 12 }, (_, at) => at),
  );
  // Eight SYNs: one with credit, one ahead of the rate, and six that it lets go.
  assert(performance.now() - startedAt >= 110);
});

Deno.test("closing rejects whoever waits, and whoever comes", () => {
  const { admission, heard, offer } = queue(undefined, () => false);
  offer("a");
  offer("b");
  admission.close();
  assert.deepEqual(heard, ["reject a", "reject b"]);
  offer("c");
  admission.pump();
  assert.deepEqual(heard, ["reject a", "reject b", "reject c"]);
  assert.equal(admission.waiting, 0);
});

Deno.test("without budget they wait, and come without being called once there is some", async () => {
  // A reservation every 5 ms.
  const { admission, heard, offer } = queue(16_000_000);
  for (let number = 0; number < 60; number++) offer(number);
  assert(heard.length > 0, "the budget is not exhausted from the start");
  assert(admission.waiting > 0, "sixty reservations are more than the budget");
  while (admission.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(heard, Array.from({ length: 60 }, (_, number) => `open ${number}`));
});

Deno.test("closing ends a wait for budget", () => {
  const { admission, heard, offer } = queue(8);
  offer("a");
  offer("b");
  assert.deepEqual(heard, ["open a"]);
  // A timer that stayed would fail the test.
  admission.close();
  assert.deepEqual(heard, ["open a", "reject b"]);
});

Deno.test("what one gives back admits the next", () => {
  const { control, admission, heard, offer } = queue(8);
  let reservation: Reservation | undefined;
  admission.offer({ open: (given) => reservation = given, reject: () => assert.fail() });
  offer("next");
  assert.deepEqual(heard, []);
  reservation!.settle({ bytesSent: 0, bytesReceived: 0 });
  assert.equal(control.commitment.take(0, 0), 0);
  admission.pump();
  assert.deepEqual(heard, ["open next"]);
  admission.close();
});
