import assert from "node:assert/strict";
import { formatName, parseCertificate } from "../../../src/x509/mod.ts";
import { certificate, element, name, objectIdentifier, octets, sequence, text } from "./build.ts";

function readSubject(subject: Uint8Array) {
  return parseCertificate(certificate({ subject })).subject!;
}

function readValue(value: Uint8Array): string {
  return readSubject(name(["2.5.4.3", value])).commonName!;
}

Deno.test("every string type, well and badly encoded", () => {
  assert.equal(readValue(text(0x0c, "Ünïcødé ✓")), "Ünïcødé ✓");
  assert.equal(readValue(element(0x0c, octets(0xef, 0xbb, 0xbf, 0x41))), "\ufeffA");
  assert.equal(readValue(element(0x0c, octets(0x41, 0xff, 0x42))), "A\ufffdB");
  assert.equal(readValue(text(0x13, "Printable @*")), "Printable @*");
  assert.equal(readValue(element(0x16, octets(0x41, 0xe9))), "Aé");
  assert.equal(readValue(element(0x14, octets(0x41, 0xfc, 0x00))), "Aü\0");
  assert.equal(readValue(element(0x1e, octets(0x00, 0x41, 0x4e, 0x2d))), "A中");
  assert.equal(readValue(element(0x1e, octets(0x00, 0x41, 0x00))), "A\ufffd");
  assert.equal(readValue(element(0x1e, octets(0xd8, 0x00))), "\ufffd");
  assert.equal(readValue(element(0x1c, octets(0, 1, 0xf6, 0x00, 0, 0, 0, 0x41))), "\u{1f600}A");
  assert.equal(readValue(element(0x1c, octets(0xff, 0xff, 0xff, 0xff, 0x00))), "\ufffd\ufffd");
  assert.equal(readValue(text(0x0c, "")), "");
  assert.equal(readValue(text(0x13, "x".repeat(10_000))), "x".repeat(10_000));
});

Deno.test("a value that is no string shows its DER", () => {
  assert.equal(readValue(element(0x03, octets(0, 0xab))), "#030200ab");
});

Deno.test("the last common name and organization are the most specific", () => {
  const subject = readSubject(name(
    ["2.5.4.3", text(0x0c, "Users")],
    ["2.5.4.10", text(0x0c, "Parent")],
    ["2.5.4.10", text(0x0c, "Child")],
    ["2.5.4.3", text(0x0c, "host")],
  ));
  assert.equal(subject.commonName, "host");
  assert.equal(subject.organization, "Child");
});

Deno.test("a name on one line", () => {
  const attribute = (type: string, value: string) => sequence(objectIdentifier(type), text(0x0c, value));
  const subject = readSubject(sequence(
    element(0x31, attribute("2.5.4.6", "US")),
    element(0x31, attribute("2.5.4.10", 'Sue, Grabbit "and" Runn')),
    element(0x31, attribute("2.5.4.3", "L. Eagle"), attribute("1.2.3.4", "#1 ")),
  ));
  assert.equal(formatName(subject), 'CN=L. Eagle+1.2.3.4=\\#1\\ ,O=Sue\\, Grabbit \\"and\\" Runn,C=US');
});

Deno.test("a name cannot act on a terminal", () => {
  const subject = readSubject(name(["2.5.4.3", text(0x0c, "a\x1b[2J\0\x7f\u009b\u202eb\n")]));
  assert.equal(formatName(subject), "CN=a\\1B[2J\\00\\7F\\C2\\9B\\E2\\80\\AEb\\0A");
});

Deno.test("an empty name", () => {
  assert.equal(formatName(readSubject(name())), "");
});
