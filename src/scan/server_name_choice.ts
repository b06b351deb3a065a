import type { AskOptions, ServerNamePolicy } from "./options.ts";

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

/**
 * Whether a host that was captured under these names has been asked everything. What a server says decides whether more
 * is asked behind the capture, so where that is wanted it cannot be known; `given` are the names given with the target.
 */
export function isVisitWhole(
  { jarm, enumerate, session, serverName }: AskOptions,
  given: readonly (string | undefined)[],
  captured: ReadonlySet<string | undefined>,
): boolean {
  if (jarm || enumerate || session || serverName === "reverse") return false;
  const { names } = chooseNames(given, serverName, "", () => Promise.resolve(undefined));
  return names.every((name) => captured.has(name));
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
