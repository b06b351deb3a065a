/**
 * Builds the octets of server flights for tests and fuzz seeds. Independent of src/tls: lengths are written
 * here by the rules of RFC 5246, so that a mistake there is not repeated here.
 *
 * @module
 */

export type Octets = Uint8Array;

export function concatenate(...parts: (Octets | number[])[]): Octets {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function fromHex(text: string): Octets {
  const digits = text.replace(/\s/g, "");
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, index) => parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
}

export const ascii = (text: string): Octets => new TextEncoder().encode(text);

const uint16 = (value: number): number[] => [value >> 8, value & 255];
const uint24 = (value: number): number[] => [value >> 16, ...uint16(value & 65535)];

/** One record. `length` lies when given. */
export function record(type: number, payload: Octets, length = payload.length): Octets {
  return concatenate([type, 3, 3, ...uint16(length)], payload);
}

/** The payload as handshake records of at most `size` octets each. */
export function handshakeRecords(payload: Octets, size = 16384): Octets {
  const records: Octets[] = [];
  for (let offset = 0; offset < payload.length; offset += size) {
    records.push(record(22, payload.subarray(offset, offset + size)));
  }
  return concatenate(...records);
}

/** One handshake message. `length` lies when given. */
export function message(type: number, body: Octets, length = body.length): Octets {
  return concatenate([type, ...uint24(length)], body);
}

export interface ServerHelloFields {
  version?: number;
  sentinel?: string;
  sessionId?: Octets;
  /** The extension block, its length field included. */
  extensions?: Octets;
}

/** A ServerHello with the random 00 01 02 ... 17 followed by the sentinel, and suite 0xc02f. */
export function serverHello(fields: ServerHelloFields = {}): Octets {
  const sessionId = fields.sessionId ?? new Uint8Array(0);
  return message(
    2,
    concatenate(
      uint16(fields.version ?? 0x0303),
      Array.from({ length: 24 }, (_, index) => index),
      fromHex(fields.sentinel ?? "1819 1a1b 1c1d 1e1f"),
      [sessionId.length],
      sessionId,
      [0xc0, 0x2f, 0],
      fields.extensions ?? fromHex("0005 ff01 0001 00"),
    ),
  );
}

/** A Certificate message with these certificates. */
export function certificate(...chain: Octets[]): Octets {
  const list = concatenate(...chain.map((der) => concatenate(uint24(der.length), der)));
  return message(11, concatenate(uint24(list.length), list));
}

export const serverHelloDone = message(14, new Uint8Array(0));

/**
 * A stand-in for a certificate: `size` octets that differ by `salt`. The flight parser does not look into
 * them.
 */
export function fakeCertificate(size: number, salt: number): Octets {
  return Uint8Array.from({ length: size }, (_, index) => index * 31 + salt);
}
