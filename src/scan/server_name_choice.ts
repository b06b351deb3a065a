import type { ServerNamePolicy } from "./options.ts";

/** How long an address may take to resolve to a name. */
const REVERSE_TIMEOUT_MS = 2_000;

/** Finds a host name of an address, as the system resolves it. */
export type ReverseLookup = (address: string) => Promise<string | undefined>;

/** What to ask a host for; undefined is a hello without a server name. */
export interface NameChoice {
  /** In turn. */
  readonly names: readonly (string | undefined)[];
  /** One more, where its address resolves to it. */
  readonly resolved?: Promise<string | undefined>;
}

/**
 * The names given with the target, else what the policy says. What a server shows without a name is asked for first
 * where its own name must still be found.
 */
export function chooseNames(
  given: readonly (string | undefined)[],
  policy: ServerNamePolicy,
  address: string,
  lookUp: ReverseLookup,
): NameChoice {
  if (policy === "none") return { names: [undefined] };
  const standard = typeof policy === "object" ? policy.name : undefined;
  if (given.length > 0) return { names: [...new Set(given.map((name) => name ?? standard))] };
  if (standard !== undefined) return { names: [standard] };
  return { names: [undefined], ...(policy === "reverse" && { resolved: lookUp(address) }) };
}

/** {@linkcode ReverseLookup} by PTR records and the hosts file (RFC 1035, 3.5). Whatever goes wrong is no name. */
export async function reverseLookup(address: string): Promise<string | undefined> {
  const { reverse } = await import("node:dns/promises");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, REVERSE_TIMEOUT_MS));
  try {
    const names = await Promise.race([reverse(address), timeout]);
    return names ? names[0] : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
