import assert from "node:assert/strict";
import { connectEndReason } from "../../../src/transport/mod.ts";

Deno.test("a failed connect tells of the peer what it can", () => {
  const { errors } = Deno;
  assert.equal(connectEndReason(new errors.ConnectionRefused("Connection refused (os error 111)")), "reset");
  assert.equal(
    connectEndReason(new errors.ConnectionReset("Connection reset by peer (os error 104)")),
    "reset",
  );
  assert.equal(connectEndReason(new errors.TimedOut("Connection timed out (os error 110)")), "timeout");
  assert.equal(connectEndReason(new Error("No route to host (os error 113)")), "unreachable");
  assert.equal(connectEndReason(new Error("Network is unreachable (os error 101)")), "unreachable");
});

Deno.test("a connect that failed on this side tells nothing of the peer", () => {
  for (
    const message of ["Too many open files (os error 24)", "Cannot assign requested address (os error 99)"]
  ) {
    assert.equal(connectEndReason(new Error(message)), "exhausted");
  }
});
