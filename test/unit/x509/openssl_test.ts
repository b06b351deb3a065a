import assert from "node:assert/strict";
import { parseCertificate } from "../../../src/x509/mod.ts";
import { makeLeaves } from "./leaves.ts";
import { type OpensslText, printWithOpenssl, sortNames, tellLikeOpenssl } from "./openssl_text.ts";
import { flawed, generated, systemRoots } from "./samples.ts";

/** OpenSSL prints the text of a notice up to its first zero octet, so that nothing is left of a BMPString. */
const NOTICE = "Explicit Text:";

/**
 * Leaves out what differs in form only: the order of names, of accesses and of qualifiers, and the text of notices.
 */
function normalise({ fields, extensions }: OpensslText) {
  const entries = [...extensions].map(([heading, lines]) => {
    if (/Alternative Name/.test(heading)) {
      return [heading, [sortNames(lines.join("").split(/, (?=[A-Za-z0-9 ]+:)/))]];
    }
    if (/Policies/.test(heading)) return [heading, lines.filter((line) => !line.startsWith(NOTICE)).sort()];
    if (/Access/.test(heading)) return [heading, lines.toSorted()];
    return [heading, lines];
  });
  return { fields, extensions: Object.fromEntries(entries) };
}

/** What OpenSSL before 3.5 says where ML-DSA is: it knows neither the name nor the key. */
const UNKNOWN = "2.16.840.1.101.3.4.3.17";
const UNREADABLE_KEY = "Unable to load Public Key";

function compare(what: string, der: Uint8Array): void {
  const parsed = parseCertificate(der);
  const theirs = normalise(printWithOpenssl(der));
  const ours = normalise(tellLikeOpenssl(parsed));
  const fields = theirs.fields.map((line) => line.replace(UNKNOWN, "ML-DSA-44"));
  const isKeyRead = !fields.includes(UNREADABLE_KEY);
  assert.deepEqual(
    isKeyRead ? ours.fields : withoutKey(ours.fields),
    isKeyRead ? fields : withoutKey(fields),
    what,
  );
  const types = new Set(parsed.extensions.map(({ identifier }) => identifier));
  assert.equal(Object.keys(theirs.extensions).length, types.size, what);
  for (const [heading, lines] of Object.entries(ours.extensions)) {
    assert.deepEqual(lines, theirs.extensions[heading], `${what}: ${heading}`);
  }
}

/** Without what follows the name of the key's algorithm. */
function withoutKey(fields: readonly string[]): string[] {
  const start = fields.findIndex((line) => line.startsWith("Public Key Algorithm:")) + 1;
  const length = fields.slice(start).findIndex((line) => line.startsWith("Signature Algorithm:"));
  return fields.toSpliced(start, length);
}

Deno.test("OpenSSL prints of the generated certificates what was read", () => {
  for (const [what, der] of [...generated, ...flawed]) compare(what, der);
});

Deno.test("OpenSSL prints of the system's roots what was read", () => {
  for (const [file, der] of systemRoots()) compare(file, der);
});

Deno.test("OpenSSL prints of leaves with 1 to 100 names what was read", () => {
  for (const [index, der] of [...makeLeaves(100)].entries()) compare(`leaf ${index}`, der);
});
