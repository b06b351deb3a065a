import assert from "node:assert/strict";
import { hasOption, optionKinds, optionNumber, TcpOption } from "../../../src/results/tcp_options.ts";
import { LINUX_OPTIONS } from "./records.ts";

Deno.test("a Linux answer", () => {
  assert.equal(optionKinds(LINUX_OPTIONS), "2-4-8-1-3");
  assert.equal(optionNumber(LINUX_OPTIONS, TcpOption.segmentSize, { size: 2 }), 1460);
  assert.equal(optionNumber(LINUX_OPTIONS, TcpOption.windowScale, { size: 1 }), 7);
  assert.equal(optionNumber(LINUX_OPTIONS, TcpOption.timestamps, { size: 8, width: 4 }), 1);
  assert.equal(optionNumber(LINUX_OPTIONS, TcpOption.timestamps, { size: 8, skip: 4, width: 4 }), 2);
  assert.ok(hasOption(LINUX_OPTIONS, TcpOption.sackPermitted));
});

Deno.test("no options, and an end of the list", () => {
  assert.equal(optionKinds(new Uint8Array()), undefined);
  assert.equal(optionKinds(Uint8Array.of(0, 2, 4, 5, 0xb4)), undefined);
  assert.equal(optionKinds(Uint8Array.of(1, 1, 0, 0)), "1-1");
});

Deno.test("what strangers cut short or make up ends the list", () => {
  for (let length = 0; length < LINUX_OPTIONS.length; length += 1) {
    const kinds = optionKinds(LINUX_OPTIONS.subarray(0, length));
    assert.ok(kinds === undefined || "2-4-8-1-3".startsWith(kinds), `${length}: ${kinds}`);
  }
  assert.equal(optionKinds(Uint8Array.of(1, 2, 0, 4, 2)), "1", "a length of 0 would never end");
  assert.equal(optionKinds(Uint8Array.of(1, 2, 1, 4, 2)), "1", "a length counts kind and length");
  assert.equal(optionKinds(Uint8Array.of(1, 2, 255)), "1");
  assert.equal(optionNumber(Uint8Array.of(2, 3, 5), TcpOption.segmentSize, { size: 2 }), undefined);
  assert.equal(hasOption(Uint8Array.of(0, 4, 2), TcpOption.sackPermitted), false);
});
