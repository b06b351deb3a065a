import assert from "node:assert/strict";
import { printable } from "../../../src/x509/mod.ts";

Deno.test("text that could act on a terminal is escaped", () => {
  assert.equal(printable("www.example.com"), "www.example.com");
  assert.equal(printable("bank.example\0.evil.example"), "bank.example\\u{0}.evil.example");
  assert.equal(printable("\x1b[2J\r\n\x7f\u009b"), "\\u{1b}[2J\\u{d}\\u{a}\\u{7f}\\u{9b}");
  assert.equal(printable("a\u202eb\u2028c\ufeff"), "a\\u{202e}b\\u{2028}c\\u{feff}");
  assert.equal(printable("\ud800"), "\\u{d800}");
  assert.equal(printable("C:\\u{0}"), "C:\\\\u{0}");
  assert.equal(printable("München 中"), "München 中");
});
