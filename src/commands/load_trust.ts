import { UsageError } from "../scan/errors.ts";
import type { TrustSetup } from "../scan/mod.ts";
import type { AskOptions } from "../scan/options.ts";
import type { TrustStore } from "../x509/verify/mod.ts";

/** What decides which roots are read. */
export type TrustOptions = Pick<AskOptions, "verify" | "session" | "roots">;

/**
 * Reads the roots that chains and sessions are to be judged by, as far as that was asked for.
 *
 * @throws {UsageError} for roots that were named and cannot be read, or are none.
 * @throws {Error} where this machine has no roots that can be read.
 */
export async function loadTrust({ verify, session, roots }: TrustOptions): Promise<TrustSetup> {
  try {
    const isAsked = verify || session;
    const named = isAsked && roots !== undefined ? await loadStore(roots) : undefined;
    return {
      verifier: verify ? await loadVerifier(named) : undefined,
      session: session ? await loadSessionTrust(named) : undefined,
    };
  } catch (error) {
    if (roots === undefined || !(error instanceof Error)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

// Loaded when they are needed: most scans ask for neither.

async function loadStore(roots?: string): Promise<TrustStore> {
  const { readTrustStore } = await import("../x509/verify/mod.ts");
  return await readTrustStore(roots);
}

async function loadVerifier(named: TrustStore | undefined): Promise<TrustSetup["verifier"]> {
  const { ChainVerifier } = await import("../x509/verify/mod.ts");
  return new ChainVerifier(named ?? await loadStore());
}

async function loadSessionTrust(named: TrustStore | undefined): Promise<TrustSetup["session"]> {
  const { loadSystemTrust, trustRoots } = await import("../tls/session/mod.ts");
  return named === undefined ? await loadSystemTrust() : trustRoots(named.source, named.certificates);
}
