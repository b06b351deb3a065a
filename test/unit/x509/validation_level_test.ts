import assert from "node:assert/strict";
import { parseCertificate, validationLevel } from "../../../src/x509/mod.ts";
import { certificate, commonName, extension, name, objectIdentifier, sequence, text } from "./build.ts";

function policies(...identifiers: readonly string[]): Uint8Array {
  return extension("2.5.29.32", sequence(...identifiers.map((id) => sequence(objectIdentifier(id)))));
}

function levelOf(identifiers: readonly string[], subject = commonName("example.com")): string {
  return validationLevel(
    parseCertificate(certificate({ subject, extensions: [policies(...identifiers)] })),
  );
}

Deno.test("the level is that of the policies, the highest of several", () => {
  assert.equal(levelOf(["2.23.140.1.2.1"]), "DV");
  assert.equal(levelOf(["2.23.140.1.2.3"]), "IV");
  assert.equal(levelOf(["2.23.140.1.2.2"]), "OV");
  assert.equal(levelOf(["2.23.140.1.1"]), "EV");
  assert.equal(levelOf(["1.2.3.4", "2.23.140.1.2.1", "2.23.140.1.2.2"]), "OV");
  assert.equal(levelOf(["2.16.840.1.114412.2.1", "2.23.140.1.2.1"]), "EV");
  assert.equal(levelOf(["1.3.6.1.4.1.6449.1.2.2.7"]), "DV");
  assert.equal(levelOf(["1.3.6.1.4.1.6449.1.2.2.54"]), "DV");
});

Deno.test("policies that nobody knows tell nothing, and so does their absence", () => {
  assert.equal(levelOf(["1.2.3.4"]), "unknown");
  assert.equal(validationLevel(parseCertificate(certificate())), "unknown");
});

Deno.test("subjects from before there were such policies", () => {
  const controlled = text(0x0c, "Domain Control Validated - RapidSSL(R)");
  assert.equal(levelOf(["1.2.3.4"], name(["2.5.4.11", controlled])), "DV");
  assert.equal(
    levelOf(["1.2.3.4"], name(["2.5.4.7", text(0x0c, "Bonn")], ["2.5.4.11", controlled])),
    "unknown",
  );
  const same = text(0x0c, "www.example.com");
  assert.equal(levelOf(["1.2.3.4"], name(["2.5.4.10", same], ["2.5.4.3", same])), "DV");
});

Deno.test("a certificate that signs itself has no level", () => {
  const root = commonName("Root");
  const extensions = [policies("2.23.140.1.1")];
  assert.equal(
    validationLevel(parseCertificate(certificate({ issuer: root, subject: root, extensions }))),
    "unknown",
  );
});
