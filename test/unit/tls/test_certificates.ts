/**
 * A certification authority of the test's own, in memory: a leaf and its issuer, fresh in every run.
 *
 * @module
 */

import { basicConstraints, makeIdentity } from "./session/identities.ts";

export interface TestChain {
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** The chain as PEM. */
  readonly certificatePem: string;
  /** The leaf's key as PKCS #8 PEM. */
  readonly keyPem: string;
}

/** A chain of two ECDSA certificates, the leaf for `serverName`. */
export async function makeTestChain(serverName: string): Promise<TestChain> {
  const authority = await makeIdentity("margay test authority", { extensions: [basicConstraints(true)] });
  const { chain, chainPem, keyPem } = await makeIdentity(serverName, {
    issuer: authority,
    names: [serverName],
  });
  return {
    chain: [...chain, ...authority.chain],
    certificatePem: chainPem + authority.chainPem,
    keyPem,
  };
}
