/** What is known of a public key. */
export interface KeyFacts {
  readonly algorithm: string | null;
  readonly bits: number | null;
  readonly curve: string | null;
}

/** `RSA 2048`, `EC P-256`: what people call a kind of key. */
export function keyName({ algorithm, bits, curve }: KeyFacts): string {
  return [algorithm ?? "unknown", curve ?? bits ?? ""].join(" ").trim();
}
