/** What can be wrong with a chain, the gravest first: what is wrong behind a grave problem matters less. */
export const PROBLEMS = [
  /** A certificate that could not be read far enough to judge it. */
  "malformed",
  /** A signature does not fit the key of the issuer that was found. */
  "invalid_signature",
  /** The server's own certificate signed itself, and is no root. */
  "self_signed",
  /** The path ends at a certificate that signed itself and is no root. */
  "unknown_issuer",
  /** The path ends where the issuer's certificate was neither sent nor is among the roots. */
  "incomplete_chain",
  /** A signature that could not be checked: an algorithm, curve or key size that the runtime does not have. */
  "unsupported_signature",
  /** An issuer had no right to issue: no authority, path length, name constraints, an unknown critical extension. */
  "constraint_violated",
  /** The key may be used for other purposes only. */
  "not_a_server",
  "expired",
  "not_yet_valid",
  /** A signature over a digest in which collisions can be made: MD2, MD4, MD5 or SHA-1. */
  "weak_signature",
  /** A key of less than 112 bits of strength (NIST SP 800-57 part 1, 5.6.1). */
  "weak_key",
  /** Everything else being right, the certificate is for other names. */
  "name_mismatch",
] as const;

/** One of {@linkcode PROBLEMS}. */
export type Problem = typeof PROBLEMS[number];

/** "trusted", or the gravest problem. */
export type Verdict = "trusted" | Problem;

/** What came of verifying one chain for one name. */
export interface Verification {
  readonly verdict: Verdict;
  /** All that was found on the best path, each once, the gravest first; empty if the chain is trusted. */
  readonly problems: readonly Problem[];
  /** One sentence about the verdict; names in it are safe on a terminal. */
  readonly reason: string;
  /** SHA-256 of each certificate, in hexadecimal, from the server's to the last that was found. */
  readonly path: readonly string[];
}

/** A problem, and what shows it. */
export interface Finding {
  readonly problem: Problem;
  /** One sentence. */
  readonly text: string;
}

/** An issuer had no right to issue, as `text` shows. */
export function violated(text: string): Finding {
  return { problem: "constraint_violated", text };
}

/** How grave a problem is: 0 is the gravest. */
export function rankOf(problem: Problem): number {
  return PROBLEMS.indexOf(problem);
}

/** Findings, the gravest first; of equally grave ones the order is kept. */
export function byGravity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((left, right) => rankOf(left.problem) - rankOf(right.problem));
}
