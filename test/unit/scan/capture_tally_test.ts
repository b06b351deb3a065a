import { deepEqual, equal } from "node:assert/strict";
import { CaptureTally } from "../../../src/scan/capture_tally.ts";
import { fingerprint } from "../../../src/x509/mod.ts";

/** Octets as they come out of a message: a view of something longer. */
function received(octets: readonly number[]): Uint8Array {
  return Uint8Array.of(0, ...octets, 0).subarray(1, 1 + octets.length);
}

Deno.test("certificates are told apart by all of their octets, however often and in whatever order they come", () => {
  const tally = new CaptureTally();
  // The same end and length, the same end alone, the same start, and shorter than what is looked at first.
  const certificates = [[1, 2, 3, 4, 5], [9, 2, 3, 4, 5], [7, 1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [5], [4, 5]];
  for (let round = 0; round < 4; round++) {
    for (const octets of certificates.flatMap((certificate) => [certificate, certificate])) {
      const [seen] = tally.countCapture("captured", [received(octets)]);
      equal(seen!.fingerprint, fingerprint(Uint8Array.from(octets)));
    }
  }
  deepEqual([tally.certificates, tally.uniqueCertificates], [48, 6]);
});

Deno.test("each certificate is the first of its kind once, also among more than are remembered", () => {
  const tally = new CaptureTally();
  const certificates = Array.from({ length: 3_000 }, (_, index) => [index & 255, index >> 8, 3, 4]);
  for (let round = 0; round < 3; round++) {
    const seen = certificates.flatMap((octets) => tally.countCapture("captured", [received(octets)]));
    equal(seen.filter(({ isFirst }) => isFirst).length, round === 0 ? certificates.length : 0);
    equal(new Set(seen.map(({ fingerprint }) => fingerprint)).size, certificates.length);
  }
});

Deno.test("what a certificate was received in may be used again", () => {
  const tally = new CaptureTally();
  const buffer = Uint8Array.of(1, 2, 3, 4);
  for (let time = 0; time < 3; time++) tally.countCapture("captured", [buffer]);
  buffer.set([9, 2]);
  const [seen] = tally.countCapture("captured", [buffer]);
  deepEqual([seen!.isFirst, seen!.fingerprint], [true, fingerprint(Uint8Array.of(9, 2, 3, 4))]);
});
