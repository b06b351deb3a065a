/**
 * Takes ClientHellos apart for tests, by the rules of RFC 5246 and RFC 6101 and nothing of src/tls, so that a
 * mistake there is not repeated here.
 *
 * @module
 */

import { equal } from "node:assert/strict";

export interface ReadHello {
  readonly recordVersion: number;
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  /** In their order; undefined where the hello ends before them. */
  readonly extensions: ReadonlyMap<number, Uint8Array> | undefined;
}

/** One record with one ClientHello and nothing behind it. */
export function readHello(octets: Uint8Array): ReadHello {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  equal(octets[0], 22, "a handshake record");
  equal(view.getUint16(3), octets.length - 5, "the length of the record");
  equal(octets[5], 1, "a ClientHello");
  equal(octets[6], 0);
  equal(view.getUint16(7), octets.length - 9, "the length of the message");
  let offset = 43;
  const vector = (lengthBytes: 1 | 2): Uint8Array => {
    const length = lengthBytes === 1 ? view.getUint8(offset) : view.getUint16(offset);
    const start = offset + lengthBytes;
    offset = start + length;
    return octets.subarray(start, offset);
  };
  const sessionId = vector(1);
  const cipherSuites = uint16s(vector(2));
  const compressionMethods = [...vector(1)];
  const extensions = offset === octets.length ? undefined : readExtensions(vector(2));
  equal(offset, octets.length, "the end of the hello");
  return {
    recordVersion: view.getUint16(1),
    version: view.getUint16(9),
    random: octets.subarray(11, 43),
    sessionId,
    cipherSuites,
    compressionMethods,
    extensions,
  };
}

/** The numbers of a list that starts with its length in two octets, such as supported_groups is. */
export function numberList(data: Uint8Array | undefined): number[] {
  if (data === undefined) return [];
  equal(data[0]! << 8 | data[1]!, data.length - 2, "the length of the list");
  return uint16s(data.subarray(2));
}

function uint16s(octets: Uint8Array): number[] {
  equal(octets.length % 2, 0);
  return Array.from(
    { length: octets.length / 2 },
    (_, index) => octets[2 * index]! << 8 | octets[2 * index + 1]!,
  );
}

function readExtensions(block: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const extensions = new Map<number, Uint8Array>();
  let offset = 0;
  while (offset < block.length) {
    const type = view.getUint16(offset);
    const end = offset + 4 + view.getUint16(offset + 2);
    equal(extensions.has(type), false, `extension ${type} once`);
    extensions.set(type, block.subarray(offset + 4, end));
    offset = end;
  }
  equal(offset, block.length, "the end of the extensions");
  return extensions;
}
