import assert from "node:assert/strict";
import { readCertificate } from "../../src/x509/certificate.ts";
import { DerReader } from "../../src/x509/der.ts";
import { generated } from "../unit/x509/samples.ts";
import type { FuzzTarget } from "./target.ts";

/** Larger samples only slow the mutator down: what is in them is also in the smaller ones. */
const SEED_LENGTH_MAX = 4096;

/**
 * A header is at least two octets long, is read at most twice (to find where the field ends, and again inside it), and
 * at most one header that turns out to be missing or broken is tried inside each element.
 */
function stepsMax(length: number): number {
  return 1.5 * length + 1;
}

/** The record is a few times the size of what it describes: names of fields, hexadecimal, JSON's escapes. */
function recordLengthMax(length: number): number {
  return 32 * length + 4096;
}

export const target: FuzzTarget = {
  name: "x509",
  seeds: [...generated.values()].filter((der) => der.length <= SEED_LENGTH_MAX),

  run(input: Uint8Array): number {
    const reader = new DerReader(input);
    const record = readCertificate(reader);
    if (reader.steps > stepsMax(input.length)) {
      throw new Error(`Cannot accept ${reader.steps} steps: above the bound for ${input.length} octets`);
    }
    const json = JSON.stringify(record);
    if (json.length > recordLengthMax(input.length)) {
      throw new Error(
        `Cannot accept a record of ${json.length} characters: above the bound for ${input.length} octets`,
      );
    }
    if (record.errors.length === 0) assertComplete(record);
    return reader.steps;
  },
};

/** A certificate without errors has every field that is mandatory. */
function assertComplete(record: ReturnType<typeof readCertificate>): void {
  const { version, serialNumber, signatureAlgorithm, issuer, subject, notBefore, notAfter, publicKey } =
    record;
  for (
    const field of [
      version,
      serialNumber,
      signatureAlgorithm,
      issuer,
      subject,
      notBefore,
      notAfter,
      publicKey,
    ]
  ) {
    assert.notEqual(field, null);
  }
}
