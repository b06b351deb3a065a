import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { fingerprintOf } from "./certificates.ts";
import { type ChainOptions, type ChainRecord, makeChains } from "./chains.ts";

const OPTIONS: ChainOptions = {
  count: 150,
  seed: 7,
  chainLengths: [[1, 0.2], [2, 0.3], [3, 0.3], [4, 0.1], [5, 0.1]],
};

const chains = await Array.fromAsync(makeChains(OPTIONS));

function certificatesOf({ chain }: ChainRecord): X509Certificate[] {
  return chain.map((der) => new X509Certificate(Buffer.from(der, "base64")));
}

function sizesOf({ chain }: ChainRecord): number[] {
  return chain.map((der) => Buffer.from(der, "base64").length);
}

Deno.test("chains: each certificate is signed by the next, and by the key of whom it names", () => {
  for (const record of chains) {
    const certificates = certificatesOf(record);
    for (const [index, certificate] of certificates.entries()) {
      const issuer = certificates[index + 1];
      if (issuer === undefined) continue;
      assert.equal(certificate.issuer, issuer.subject);
      assert.ok(certificate.verify(issuer.publicKey), `chain ${record.index}, certificate ${index}`);
    }
    const [leaf] = certificates;
    assert.equal(leaf!.checkHost(`host-${record.index}.lab.example`), `host-${record.index}.lab.example`);
    assert.equal(leaf!.publicKey.asymmetricKeyType, { rsa: "rsa", ecdsa: "ec" }[record.key]);
    assert.ok(certificates.slice(1).every(({ ca }) => ca) && !leaf!.ca);
  }
});

Deno.test("chains: indices and fingerprints are what the responder and the truth go by", () => {
  assert.deepEqual(chains.map(({ index }) => index), Array.from({ length: OPTIONS.count }, (_, i) => i));
  for (const { chain, fingerprints, record } of chains) {
    assert.equal(record, "certificate");
    assert.deepEqual(fingerprints, chain.map((der) => fingerprintOf(Buffer.from(der, "base64"))));
  }
  assert.equal(new Set(chains.map(({ fingerprints }) => fingerprints[0])).size, OPTIONS.count);
});

Deno.test("chains: lengths and keys are shared out as asked", () => {
  const counts = new Map(OPTIONS.chainLengths.map(([length]) => [length, 0]));
  for (const { chain } of chains) counts.set(chain.length, counts.get(chain.length)! + 1);
  for (const [length, share] of OPTIONS.chainLengths) {
    const count = counts.get(length)!;
    assert.ok(Math.abs(count - share * OPTIONS.count) < 20, `${count} chains of ${length}`);
  }
  const rsa = chains.filter(({ key }) => key === "rsa").length;
  assert.ok(rsa > 50 && rsa < 100, `${rsa} for RSA keys`);
});

Deno.test("chains: they weigh what those of the public web do", () => {
  const issued = chains.filter((record) => {
    const [leaf] = certificatesOf(record);
    return leaf!.subject !== leaf!.issuer;
  });
  assert.ok(issued.length < chains.length, "some are signed by themselves");
  const leaves = issued.map((record) => sizesOf(record)[0]!).toSorted((a, b) => a - b);
  assert.ok(leaves[0]! > 1000, `the smallest leaf has ${leaves[0]} octets`);
  const median = leaves[leaves.length >> 1]!;
  assert.ok(median > 1200 && median < 2000, `half of the leaves have ${median} octets`);
  for (const record of issued) {
    const total = sizesOf(record).reduce((sum, size) => sum + size, 0);
    const { length } = record.chain;
    assert.ok(
      total > 700 * length && total < 1300 * length + 2200,
      `${length} certificates of ${total} octets`,
    );
  }
});

Deno.test("chains: the same seed draws the same, another another", async () => {
  const shape = (records: readonly ChainRecord[]) =>
    records.map((record) => {
      const [leaf] = certificatesOf(record);
      return [record.key, record.chain.length, leaf!.serialNumber, leaf!.subject, leaf!.subjectAltName];
    });
  const draw = (seed: number) => Array.fromAsync(makeChains({ ...OPTIONS, count: 40, seed }));
  assert.deepEqual(shape(await draw(7)), shape(chains.slice(0, 40)));
  assert.notDeepEqual(shape(await draw(8)), shape(chains.slice(0, 40)));
});

Deno.test("chains: no more certificates than there are authorities", async () => {
  const chainLengths = [[6, 1]] as const;
  await assert.rejects(Array.fromAsync(makeChains({ count: 1, seed: 1, chainLengths })), {
    name: "RangeError",
    message: "Cannot make a chain of 6 certificates: 1 to 5 can be",
  });
});
