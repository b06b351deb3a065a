import type { AskOptions } from "../scan/options.ts";
import type { TrustSetup } from "../scan/mod.ts";

/**
 * Reads the roots that chains and sessions are to be judged by, as far as that was asked for.
 *
 * @throws {Error} for roots that cannot be read, or are none.
 */
export async function loadTrust({ verify, session, roots }: AskOptions): Promise<TrustSetup> {
  return {
    verifier: verify ? await loadVerifier(roots) : undefined,
    session: session ? await loadSessionTrust(roots) : undefined,
  };
}

// Loaded when they are needed: most scans ask for neither.

async function loadVerifier(roots: string | undefined): Promise<TrustSetup["verifier"]> {
  const { ChainVerifier, readTrustStore } = await import("../x509/verify/mod.ts");
  return new ChainVerifier(await readTrustStore(roots));
}

async function loadSessionTrust(roots: string | undefined): Promise<TrustSetup["session"]> {
  const { loadTrust } = await import("../tls/session/mod.ts");
  return await loadTrust(roots);
}
