import assert from "node:assert/strict";
import { parseCertificate, validitySeconds } from "../../../src/x509/mod.ts";
import { certificate, text } from "./build.ts";

function seconds(notBefore: string, notAfter: string): number | null {
  return validitySeconds(
    parseCertificate(certificate({ notBefore: text(0x17, notBefore), notAfter: text(0x17, notAfter) })),
  );
}

Deno.test("the first and the last second count", () => {
  assert.equal(seconds("260101000000Z", "260331235959Z"), 90 * 86400);
  assert.equal(seconds("260101000000Z", "260101000000Z"), 1);
  assert.equal(seconds("260102000000Z", "260101000000Z"), 1 - 86400);
  assert.equal(seconds("260132000000Z", "260101000000Z"), null);
});
