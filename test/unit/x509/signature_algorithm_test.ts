import assert from "node:assert/strict";
import { parseCertificate } from "../../../src/x509/mod.ts";
import { certificate, element, objectIdentifier, octets, sequence } from "./build.ts";
import { plain } from "./plain.ts";

function read(signature: Uint8Array): unknown {
  const parsed = parseCertificate(certificate({ signature }));
  assert.deepEqual(parsed.errors, []);
  return plain(parsed.signatureAlgorithm);
}

const SHA_384 = sequence(objectIdentifier("2.16.840.1.101.3.4.2.2"), element(0x05));
const PSS = objectIdentifier("1.2.840.113549.1.1.10");

Deno.test("an algorithm has its identifier, its name and its hash", () => {
  assert.deepEqual(read(sequence(objectIdentifier("1.2.840.113549.1.1.4"), element(0x05))), {
    identifier: "1.2.840.113549.1.1.4",
    name: "md5WithRSAEncryption",
    hash: "MD5",
    maskHash: null,
    saltLength: null,
    parameters: "0500",
  });
});

Deno.test("an unknown algorithm is shown by its identifier", () => {
  assert.deepEqual(read(sequence(objectIdentifier("1.2.3.4.5"))), {
    identifier: "1.2.3.4.5",
    name: "1.2.3.4.5",
    hash: null,
    maskHash: null,
    saltLength: null,
    parameters: null,
  });
});

Deno.test("algorithms that hash in their own way have no hash", () => {
  for (
    const [identifier, name] of [
      ["1.3.101.112", "Ed25519"],
      ["2.16.840.1.101.3.4.3.18", "ML-DSA-65"],
      ["2.16.840.1.101.3.4.3.24", "SLH-DSA-SHA2-256s"],
    ] as const
  ) {
    const algorithm = parseCertificate(certificate({ signature: sequence(objectIdentifier(identifier)) }))
      .signatureAlgorithm!;
    assert.deepEqual([algorithm.name, algorithm.hash], [name, null]);
  }
});

Deno.test("RSASSA-PSS has its parameters, or the defaults of RFC 4055", () => {
  const parameters = sequence(
    element(0xa0, SHA_384),
    element(0xa1, sequence(objectIdentifier("1.2.840.113549.1.1.8"), SHA_384)),
    element(0xa2, element(0x02, octets(48))),
  );
  const common = { identifier: "1.2.840.113549.1.1.10", name: "RSASSA-PSS" };
  assert.deepEqual(read(sequence(PSS, parameters)), {
    ...common,
    hash: "SHA-384",
    maskHash: "SHA-384",
    saltLength: 48,
    parameters: plain(parameters),
  });
  assert.deepEqual(read(sequence(PSS, sequence())), {
    ...common,
    hash: "SHA-1",
    maskHash: "SHA-1",
    saltLength: 20,
    parameters: "3000",
  });
});

Deno.test("parameters beside the signature that were not signed are told", () => {
  const identifier = objectIdentifier("1.2.840.113549.1.1.11");
  const der = certificate({
    signature: sequence(identifier, element(0x05)),
    outerSignature: sequence(identifier),
  });
  const { errors } = parseCertificate(der);
  assert.equal(errors.length, 1);
  assert.match(errors[0]!, /^Cannot read signatureAlgorithm: parameters are not the signed ones/);
});
