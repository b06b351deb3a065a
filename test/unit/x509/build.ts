/**
 * Certificates for tests, right and wrong ones, put together octet by octet. The signature is made up: nobody here
 * verifies it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { P_256 } from "./keys.ts";

/** One DER element. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  return new Uint8Array(Buffer.concat([octets(tag, ...lengthOctets(length)), ...contents]));
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x10000) return [0x82, length >> 8, length & 0xff];
  return [0x83, length >> 16, length >> 8 & 0xff, length & 0xff];
}

export function octets(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function sequence(...contents: readonly Uint8Array[]): Uint8Array {
  return element(0x30, ...contents);
}

/** An element of `tag` whose content is `text` in UTF-8. */
export function text(tag: number, content: string): Uint8Array {
  return element(tag, new TextEncoder().encode(content));
}

export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const content = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) {
      digits.unshift(high % 128 + 128);
    }
    return digits;
  });
  return element(0x06, octets(...content));
}

/** A name of one attribute per relative name; values are whole elements. */
export function name(...attributes: readonly (readonly [type: string, value: Uint8Array])[]): Uint8Array {
  return sequence(
    ...attributes.map(([type, value]) => element(0x31, sequence(objectIdentifier(type), value))),
  );
}

export function commonName(value: string): Uint8Array {
  return name(["2.5.4.3", text(0x0c, value)]);
}

/** `value` is what the OCTET STRING holds. */
export function extension(identifier: string, value: Uint8Array, isCritical = false): Uint8Array {
  const critical = isCritical ? [element(0x01, octets(0xff))] : [];
  return sequence(objectIdentifier(identifier), ...critical, element(0x04, value));
}

export function subjectAlternativeName(...names: readonly Uint8Array[]): Uint8Array {
  return extension("2.5.29.17", sequence(...names));
}

/** The elements of a certificate that a test wants to be different. */
export interface Parts {
  readonly version?: Uint8Array;
  readonly serialNumber?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly notBefore?: Uint8Array;
  readonly notAfter?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly publicKey?: Uint8Array;
  /** Extension elements. */
  readonly extensions?: readonly Uint8Array[];
  readonly outerSignature?: Uint8Array;
}

/** The AlgorithmIdentifier of ecdsa-with-SHA256. */
const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

export const VERSION_3 = element(0xa0, element(0x02, octets(2)));

/** A certificate in DER; an empty `version` makes it one of version 1. */
export function certificate(parts: Parts = {}): Uint8Array {
  const signature = parts.signature ?? ECDSA_WITH_SHA256;
  const extensions = parts.extensions ?? [];
  return sequence(
    sequence(
      parts.version ?? VERSION_3,
      parts.serialNumber ?? element(0x02, octets(0x0a, 0x1b)),
      signature,
      parts.issuer ?? commonName("Test Authority"),
      sequence(
        parts.notBefore ?? text(0x17, "240229000000Z"),
        parts.notAfter ?? text(0x17, "491231235959Z"),
      ),
      parts.subject ?? commonName("example.com"),
      parts.publicKey ?? P_256,
      ...(extensions.length > 0 ? [element(0xa3, sequence(...extensions))] : []),
    ),
    parts.outerSignature ?? signature,
    element(0x03, octets(0, ...new Array<number>(70).fill(0x5a))),
  );
}
