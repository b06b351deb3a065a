import { type Authority, isAuthority, type Link } from "./link.ts";

/** The roots that paths may end at. Whatever is among them is trusted, also a certificate that is no authority. */
export class TrustStore {
  /** Where the roots are from, for people. */
  readonly source: string;
  readonly #bySubject = new Map<string, Authority[]>();
  readonly #byFingerprint = new Map<string, Authority>();

  /** Of a root that comes twice, one is kept. */
  constructor(source: string, roots: Iterable<Link>) {
    this.source = source;
    for (const root of roots) {
      if (this.has(root) || !isAuthority(root)) continue;
      this.#byFingerprint.set(root.fingerprint, root);
      const others = this.#bySubject.get(root.subjectKey);
      if (others) others.push(root);
      else this.#bySubject.set(root.subjectKey, [root]);
    }
  }

  /** The roots, in DER. */
  get certificates(): readonly Uint8Array[] {
    return Array.from(this.#byFingerprint.values(), ({ certificate }) => certificate.der);
  }

  /** Whether this very certificate is a root. */
  has({ fingerprint }: Link): boolean {
    return this.#byFingerprint.has(fingerprint);
  }

  /** The roots of a name, as {@linkcode Link.issuerKey} has it. */
  named(subjectKey: string): readonly Authority[] {
    return this.#bySubject.get(subjectKey) ?? [];
  }
}
