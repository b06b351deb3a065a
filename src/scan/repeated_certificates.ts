import { Buffer } from "node:buffer";

/** A power of two. */
const PLACE_COUNT = 1_024;

/** In octets: beyond it the copies would take too much memory. */
const LENGTH_MAX = 4_096;

interface Known {
  readonly der: Uint8Array;
  readonly fingerprint: string;
}

/**
 * Fingerprints of certificates that come again and again, such as those of authorities: to compare octets takes a tenth
 * of the time that it takes to hash them. Each has one place, where it may be replaced by another.
 */
export class RepeatedCertificates {
  readonly #places: (Known | undefined)[] = new Array(PLACE_COUNT).fill(undefined);

  /** Undefined where the certificate is not kept. */
  fingerprintOf(der: Uint8Array): string | undefined {
    const known = this.#places[placeOf(der)];
    return known !== undefined && Buffer.compare(known.der, der) === 0 ? known.fingerprint : undefined;
  }

  /** Keeps a copy of a certificate, for as long as no other takes its place. */
  keep(der: Uint8Array, fingerprint: string): void {
    if (der.length <= LENGTH_MAX) this.#places[placeOf(der)] = { der: der.slice(), fingerprint };
  }
}

/** A certificate ends with its signature, which is as good as random. */
function placeOf(der: Uint8Array): number {
  return (der[der.length - 1]! << 8 | der[der.length - 2]!) % PLACE_COUNT;
}
