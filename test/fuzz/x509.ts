import assert from "node:assert/strict";
import { readCertificate } from "../../src/x509/certificate.ts";
import { DerReader } from "../../src/x509/der.ts";
import { printable } from "../../src/text/mod.ts";
import {
  claimsSelfSigned,
  digestCertificate,
  formatName,
  type ParsedCertificate,
  unicodeName,
  validationLevel,
  validitySeconds,
} from "../../src/x509/mod.ts";
import { makeLeaves } from "../unit/x509/leaves.ts";
import { plain } from "../unit/x509/plain.ts";
import { generated } from "../unit/x509/samples.ts";
import type { FuzzTarget } from "./target.ts";

/** Larger samples only slow the mutator down: what is in them is also in the smaller ones. */
const SEED_LENGTH_MAX = 4096;

/**
 * A header is at least two octets long, is read at most twice (to find where the field ends, and again inside it),
 * and at most one header that turns out to be missing or broken is tried inside each element.
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
  seeds: [...generated.values(), ...makeLeaves(3)].filter((der) => der.length <= SEED_LENGTH_MAX),

  run(input: Uint8Array): number {
    const reader = new DerReader(input);
    const record = readCertificate(reader);
    if (reader.steps > stepsMax(input.length)) {
      throw new Error(`Cannot accept ${reader.steps} steps: above the bound for ${input.length} octets`);
    }
    const json = JSON.stringify(plain(record));
    if (json.length > recordLengthMax(input.length)) {
      throw new Error(
        `Cannot accept a record of ${json.length} characters: above the bound for ${input.length} octets`,
      );
    }
    if (record.errors.length === 0) assertComplete(record);
    assertPrintable(record);
    conclude(record);
    return reader.steps;
  },
};

/** What is worked out of a record never throws either. */
function conclude(record: ParsedCertificate): void {
  const { tbs, tbsWithoutTransparency } = digestCertificate(record);
  if (record.errors.length === 0) assert.equal(tbs === null, tbsWithoutTransparency === null);
  validationLevel(record);
  claimsSelfSigned(record);
  validitySeconds(record);
}

/** No name acts on a terminal, neither escaped nor in its Unicode form. */
function assertPrintable({ subject, subjectAlternativeName }: ParsedCertificate): void {
  const texts = (subjectAlternativeName?.dns ?? []).flatMap((
    name,
  ) => [printable(name), unicodeName(name) ?? ""]);
  if (subject !== null) texts.push(formatName(subject));
  for (const text of texts) assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
}

/** A certificate without errors has every field that is mandatory. */
function assertComplete(record: ParsedCertificate): void {
  const { tbs, version, serialNumber, signatureAlgorithm, signatureValue } = record;
  const { issuer, subject, notBefore, notAfter, publicKey } = record;
  const identity = [tbs, version, serialNumber, signatureAlgorithm, signatureValue];
  for (const field of [...identity, issuer, subject, notBefore, notAfter, publicKey]) {
    assert.notEqual(field, null);
  }
}
