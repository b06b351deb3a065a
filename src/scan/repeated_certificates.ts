import { Buffer } from "node:buffer";

/** Certificates kept at once, the latest ones. */
const COUNT_MAX = 1_024;

/** In octets: longer ones are not kept. */
const LENGTH_MAX = 4_096;

interface Known {
  readonly der: Uint8Array;
  readonly fingerprint: string;
}

/**
 * Fingerprints of certificates that come again and again, such as those of authorities: to compare octets takes a tenth
 * of the time that it takes to hash them.
 */
export class RepeatedCertificates {
  readonly #known = new Map<number, Known>();

  /** Undefined where the certificate is not kept. */
  fingerprintOf(der: Uint8Array): string | undefined {
    const known = this.#known.get(keyOf(der));
    return known !== undefined && Buffer.compare(known.der, der) === 0 ? known.fingerprint : undefined;
  }

  /** Keeps a copy of a certificate, in the place of one with the same end or of the one kept longest. */
  keep(der: Uint8Array, fingerprint: string): void {
    if (der.length > LENGTH_MAX) return;
    if (this.#known.size === COUNT_MAX) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(keyOf(der), { der: der.slice(), fingerprint });
  }
}

/** The last 24 bits: a certificate ends with its signature, which is as good as random. */
function keyOf(der: Uint8Array): number {
  const end = der.length;
  return der[end - 3]! << 16 | der[end - 2]! << 8 | der[end - 1]!;
}
