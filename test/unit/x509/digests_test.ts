import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { digestCertificate, parseCertificate } from "../../../src/x509/mod.ts";
import { certificate, extension, octets } from "./build.ts";
import { PRECERTIFICATE_POISON, SIGNED_CERTIFICATE_TIMESTAMPS } from "./extension_samples.ts";
import { full } from "./samples.ts";

function digestsOf(der: Uint8Array) {
  return digestCertificate(parseCertificate(der));
}

function hash(algorithm: string, ...parts: readonly Uint8Array[]): string {
  return createHash(algorithm).update(Buffer.concat(parts)).digest("hex");
}

Deno.test("digests of a certificate and its parts", () => {
  const { tbs, publicKey, subject } = parseCertificate(full);
  const digests = digestsOf(full);
  assert.equal(digests.md5, hash("md5", full));
  assert.equal(digests.sha1, hash("sha1", full));
  assert.equal(digests.sha256, hash("sha256", full));
  assert.equal(digests.tbs, hash("sha256", tbs!));
  assert.equal(digests.publicKey, hash("sha256", publicKey!.der));
  assert.equal(digests.publicKeyAndSubject, hash("sha256", publicKey!.der, subject!.der));
});

const other = extension("1.2.3.4", octets(1));

Deno.test("precertificate and certificate agree without poison and timestamps", () => {
  const bare = digestsOf(certificate({ extensions: [other] }));
  assert.equal(bare.tbsWithoutTransparency, bare.tbs);
  for (const extra of [PRECERTIFICATE_POISON, SIGNED_CERTIFICATE_TIMESTAMPS]) {
    for (const extensions of [[extra, other], [other, extra]]) {
      const digests = digestsOf(certificate({ extensions }));
      assert.notEqual(digests.tbs, bare.tbs);
      assert.equal(digests.tbsWithoutTransparency, bare.tbs);
    }
  }
});

Deno.test("lengths of more octets shrink when extensions go", () => {
  // 200 octets push the extensions' lengths beyond one octet, 70 don't.
  for (const length of [10, 70, 200, 70_000]) {
    const kept = extension("1.2.3.4", new Uint8Array(length));
    const whole = digestsOf(certificate({ extensions: [kept] })).tbs;
    const both = certificate({ extensions: [SIGNED_CERTIFICATE_TIMESTAMPS, kept] });
    assert.equal(digestsOf(both).tbsWithoutTransparency, whole);
  }
});

Deno.test("without any extension left, an empty list is hashed, as zcrypto does", () => {
  // Made by zcrypto from these very certificates.
  const expected = "6186fdcb7d29032e22e72022a6352e8626bb6c2bae2a4eecd37d6c8f78305669";
  assert.equal(digestsOf(certificate()).tbsWithoutTransparency, expected);
  assert.equal(
    digestsOf(certificate({ extensions: [PRECERTIFICATE_POISON] })).tbsWithoutTransparency,
    expected,
  );
});

Deno.test("what is not there whole has no digest", () => {
  const cut = digestsOf(full.subarray(0, 60));
  assert.deepEqual([cut.tbs, cut.tbsWithoutTransparency, cut.publicKey, cut.publicKeyAndSubject], [
    null,
    null,
    null,
    null,
  ]);
  assert.equal(cut.sha256, hash("sha256", full.subarray(0, 60)));
});
