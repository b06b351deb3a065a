import assert from "node:assert/strict";
import { DerError, DerReader } from "../../../src/x509/der.ts";
import { readTime } from "../../../src/x509/time.ts";
import { text } from "./build.ts";

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

function read(tag: number, content: string): string {
  const der = text(tag, content);
  return readTime(new DerReader(der), der.length);
}

Deno.test("UTCTime turns from 1950 to 2049", () => {
  assert.equal(read(UTC_TIME, "500101000000Z"), "1950-01-01T00:00:00Z");
  assert.equal(read(UTC_TIME, "991231235959Z"), "1999-12-31T23:59:59Z");
  assert.equal(read(UTC_TIME, "000229120000Z"), "2000-02-29T12:00:00Z");
  assert.equal(read(UTC_TIME, "491231235959Z"), "2049-12-31T23:59:59Z");
});

Deno.test("GeneralizedTime has four digits", () => {
  assert.equal(read(GENERALIZED_TIME, "20500101000000Z"), "2050-01-01T00:00:00Z");
  assert.equal(read(GENERALIZED_TIME, "99991231235959Z"), "9999-12-31T23:59:59Z");
  assert.equal(read(GENERALIZED_TIME, "00010203040506Z"), "0001-02-03T04:05:06Z");
  assert.equal(read(GENERALIZED_TIME, "19700101000000Z"), "1970-01-01T00:00:00Z");
});

Deno.test("what is no time of the calendar, or not in RFC 5280's form, is an error", () => {
  for (
    const content of [
      "",
      "Z",
      "240101000000",
      "2401010000Z",
      "240101000000+0100",
      "24010100000aZ",
      "24/101000000Z",
      "240001000000Z",
      "241301000000Z",
      "240100000000Z",
      "240132000000Z",
      "230229000000Z",
      "240431000000Z",
      "240101240000Z",
      "240101006000Z",
      "240101000060Z",
      "20240101000000Z",
    ]
  ) assert.throws(() => read(UTC_TIME, content), DerError, content);
  for (const content of ["240101000000Z", "20240101000000.5Z", "19000229000000Z", "-0010101000000Z"]) {
    assert.throws(() => read(GENERALIZED_TIME, content), DerError, content);
  }
  assert.throws(() => read(0x13, "240101000000Z"), { message: "tag 19 where a time is expected at octet 0" });
});
