import assert from "node:assert/strict";
import { unicodeName } from "../../../src/x509/mod.ts";

Deno.test("names in punycode have a Unicode form", () => {
  assert.equal(unicodeName("xn--mnchen-3ya.example"), "münchen.example");
  assert.equal(unicodeName("*.xn--fiqs8s"), "*.中国");
  assert.equal(unicodeName("www.XN--MNCHEN-3YA.example"), "www.münchen.example");
  // The homograph of apple.com, all of its letters Cyrillic.
  assert.equal(unicodeName("xn--80ak6aa92e.com"), "аррӏе.com");
});

Deno.test("names without punycode, or with what is none, have none", () => {
  assert.equal(unicodeName("www.example.com"), null);
  assert.equal(unicodeName("nxn--a.example"), null);
  assert.equal(unicodeName("xn--a.example"), null);
  assert.equal(unicodeName("xn--mnchen-3ya\0.example"), null);
  assert.equal(unicodeName("a\0b.xn--p1ai"), null);
  assert.equal(unicodeName("a\u009b.xn--p1ai"), null);
  // A zero-width joiner: only some labels may have it, and none shows it.
  assert.equal(unicodeName("xn--1ug.example"), null);
  assert.equal(unicodeName(""), null);
});
