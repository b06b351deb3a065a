import { type Authority, isAuthority, type Link } from "./link.ts";

/** The roots that paths may end at. Whatever is among them is trusted, also a certificate that is no authority. */
export class TrustStore {
  /** Where the roots are from, for people. */
  readonly source: string;
  readonly #bySubject = new Map<string, Authority[]>();
  readonly #fingerprints = new Set<string>();

  /** Of a root that comes twice, one is kept. */
  constructor(source: string, roots: Iterable<Link>) {
    this.source = source;
    for (const root of roots) {
      if (this.#fingerprints.has(root.fingerprint) || !isAuthority(root)) continue;
      this.#fingerprints.add(root.fingerprint);
      const others = this.#bySubject.get(root.subjectKey);
      if (others) others.push(root);
      else this.#bySubject.set(root.subjectKey, [root]);
    }
  }

  /** How many roots there are. */
  get rootCount(): number {
    return this.#fingerprints.size;
  }

  /** Whether this very certificate is a root. */
  has({ fingerprint }: Link): boolean {
    return this.#fingerprints.has(fingerprint);
  }

  /** The roots of a name, as {@linkcode Link.issuerKey} has it. */
  named(subjectKey: string): readonly Authority[] {
    return this.#bySubject.get(subjectKey) ?? [];
  }
}
