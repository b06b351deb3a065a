import assert from "node:assert/strict";
import { base64, hexadecimal } from "../../../src/text/mod.ts";

Deno.test("octets are written as text, also those of a view", () => {
  const whole = Uint8Array.of(0xff, 0x00, 0xfb, 0xf0, 0x0a, 0xff);
  for (const octets of [Uint8Array.of(0x00, 0xfb, 0xf0, 0x0a), whole.subarray(1, 5)]) {
    assert.equal(base64(octets), "APvwCg==");
    assert.equal(hexadecimal(octets), "00fbf00a");
  }
  assert.equal(base64(new Uint8Array(0)), "");
  assert.equal(hexadecimal(new Uint8Array(0)), "");
});
