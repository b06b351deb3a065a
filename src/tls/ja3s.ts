/**
 * JA3S: what a ServerHello has in common with others of the same software (Salesforce, 2017).
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { ServerHello } from "./server_hello.ts";

export interface Ja3s {
  /** `version,suite,extensions` in decimal, extensions in the order sent and joined by `-`. */
  readonly text: string;
  /** MD5 of the text, 32 hexadecimal digits. */
  readonly digest: string;
}

/** Servers answer one hello in a few hundred ways; beyond these it is a stranger who makes them up. */
const KNOWN_MAX = 4_096;

const KNOWN = new Map<string, Ja3s>();

/**
 * The fingerprint of a ServerHello. It depends on the ClientHello as well: compare only answers to the same
 * one. The version is that of the version field, also in TLS 1.3, as in Salesforce's implementations.
 */
export function ja3s({ legacyVersion, cipherSuite, extensions }: ServerHello): Ja3s {
  const text = `${legacyVersion},${cipherSuite},${extensions.map(({ type }) => type).join("-")}`;
  let known = KNOWN.get(text);
  if (known === undefined) {
    known = { text, digest: createHash("md5").update(text).digest("hex") };
    if (KNOWN.size < KNOWN_MAX) KNOWN.set(text, known);
  }
  return known;
}
