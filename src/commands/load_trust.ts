import { UsageError } from "../scan/errors.ts";
import type { TrustSetup } from "../scan/mod.ts";
import type { AskOptions } from "../scan/options.ts";

/**
 * Reads the roots that chains and sessions are to be judged by, as far as that was asked for.
 *
 * @throws {UsageError} for roots that were named and cannot be read, or are none.
 * @throws {Error} where this machine has no roots that can be read.
 */
export async function loadTrust({ verify, session, roots }: AskOptions): Promise<TrustSetup> {
  try {
    return {
      verifier: verify ? await loadVerifier(roots) : undefined,
      session: session ? await loadSessionTrust(roots) : undefined,
    };
  } catch (error) {
    if (roots === undefined || !(error instanceof Error)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
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
