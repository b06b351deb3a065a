/**
 * Offline verification: whether a chain leads to a trusted root, and everything that speaks against it. Nothing is
 * fetched, so missing certificates stay missing and revocation is not looked at.
 *
 * @module
 */

export { ChainVerifier, type Expected, type VerifierOptions } from "./chain_verifier.ts";
export { readTrustStore } from "./read_trust_store.ts";
export { TrustStore } from "./trust_store.ts";
export type { Problem, Verdict, Verification } from "./verification.ts";
