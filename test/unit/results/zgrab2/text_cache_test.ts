import assert from "node:assert/strict";
import { TextCache } from "../../../../src/results/zgrab2/text_cache.ts";

Deno.test("a text is made once as long as it is kept", () => {
  const cache = new TextCache(10);
  let made = 0;
  const get = (key: string, length: number) =>
    cache.get(key, () => {
      made += 1;
      return key.repeat(length);
    });
  assert.equal(get("a", 4), "aaaa");
  assert.equal(get("b", 4), "bbbb");
  assert.equal(get("a", 4), "aaaa");
  assert.equal(made, 2);

  // Room for two of them: `b` is the one that was not used for longest.
  get("c", 4);
  get("a", 4);
  assert.equal(made, 3);
  get("b", 4);
  assert.equal(made, 4);
});

Deno.test("a text above the limit is given, not kept, and drives the others out", () => {
  const cache = new TextCache(10);
  cache.get("a", () => "aaaa");
  assert.equal(cache.get("x", () => "x".repeat(11)), "x".repeat(11));
  assert.equal(cache.get("x", () => "again"), "again");
  assert.equal(cache.get("a", () => "anew"), "anew");
});
