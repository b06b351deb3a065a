import assert from "node:assert/strict";
import { printable } from "../../../src/text/mod.ts";

Deno.test("what could act on a terminal is written out", () => {
  assert.equal(printable("\x1b[2J\x07evil\r\n"), "\\u{1b}[2J\\u{7}evil\\u{d}\\u{a}");
  assert.equal(printable("\x9b31m\x7f"), "\\u{9b}31m\\u{7f}");
  assert.equal(printable("user\u202egnp.exe\u2069"), "user\\u{202e}gnp.exe\\u{2069}");
  assert.equal(printable("a\u200bb\u2028c\ufeff"), "a\\u{200b}b\\u{2028}c\\u{feff}");
  assert.equal(printable("\ud800"), "\\u{d800}");
  assert.equal(printable("\u{e0041}"), "\\u{e0041}");
});

Deno.test("other text stays as it is", () => {
  for (const text of ["", "plain \\ text", "Müller & Söhne", "例え.jp", "🔒", "مثال"]) {
    assert.equal(printable(text), text);
  }
});
