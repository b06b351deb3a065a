import assert from "node:assert/strict";
import { requireReceiveMemory } from "../../../src/commands/receive_memory.ts";

Deno.test("no more memory for answers than the host has to spare", () => {
  requireReceiveMemory({});
  requireReceiveMemory({ receiveMemoryBytes: 1 << 30 }, 1 << 30);
  assert.throws(() => requireReceiveMemory({ receiveMemoryBytes: 500 * 2 ** 30 }, 8 * 2 ** 30), {
    name: "UsageError",
    message:
      "Cannot reserve 500 GiB for answers: this host has 8.00 GiB to spare; give less with --receive-memory",
  });
  assert.throws(() => requireReceiveMemory({ receiveMemoryBytes: Number.MAX_SAFE_INTEGER }), {
    name: "UsageError",
  });
});
