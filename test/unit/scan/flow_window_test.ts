import { equal, ok } from "node:assert/strict";
import { FlowWindow } from "../../../src/scan/flow_window.ts";

/** The size after that many batches of this length, while there is always room. */
function after(window: FlowWindow, batches: number, batchMs: number): number {
  for (let batch = 0; batch < batches; batch++) {
    window.adapt(batchMs, { atMs: 0, answered: 0, open: 0 });
  }
  return window.size;
}

Deno.test("short batches open the window as far as there is room", () => {
  const window = new FlowWindow(4096);
  const start = window.size;
  ok(after(window, 1, 0.5) > start);
  equal(after(window, 1_000, 0.5), 4096);
});

Deno.test("long batches close it, but never so far that nothing moves", () => {
  const window = new FlowWindow(4096);
  after(window, 1_000, 0.5);
  const once = after(window, 1, 100);
  ok(once < 4096 && once > 2048, `${once}`);
  const least = after(window, 100, 100);
  ok(least >= 64 && least < 1024, `${least}`);
  equal(after(window, 100, 100), least);
});

Deno.test("batches in between leave it as it is", () => {
  const window = new FlowWindow(4096);
  const before = after(window, 10, 0.5);
  equal(after(window, 100, 2), before);
});

Deno.test("it is no larger than what is worth having", () => {
  const window = new FlowWindow(4096);
  // Always as many are answered, however many are open.
  for (let atMs = 0; atMs < 10_000; atMs++) {
    window.adapt(0.5, { atMs, answered: 12 * atMs, open: 4096 });
  }
  ok(window.size <= 512, `${window.size}`);
});
