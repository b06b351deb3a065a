import { TargetError } from "./target_error.ts";

/** 4 for IPv4 alone, 6 for IPv6 alone, undefined for both. */
export type Family = 4 | 6 | undefined;

/** Finds all addresses of a host name, as text. */
export type ResolveName = (name: string, family: Family) => Promise<readonly string[]>;

/** How many names are asked for at once. */
const CONCURRENCY = 32;

/** {@linkcode ResolveName} as the system does it, its hosts file included. */
export async function resolveName(name: string, family: Family): Promise<readonly string[]> {
  // Loading the resolver takes longer than the rest of this folder, and most scans name no host.
  const { lookup } = await import("node:dns/promises");
  const answers = await lookup(name, { all: true, family: family ?? 0 });
  return answers.map(({ address }) => address);
}

/**
 * Resolves each of `hosts` once per name.
 *
 * @throws {TargetError} "Cannot resolve ..." for the first host, in the order given, that has no address.
 */
export async function resolveHosts(
  hosts: readonly { readonly name: string; readonly source: string | undefined }[],
  family: Family,
  resolve: ResolveName,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sources = new Map<string, string | undefined>();
  for (const { name, source } of hosts) {
    if (!sources.has(name)) sources.set(name, source);
  }
  const names = [...sources.keys()];
  const addresses = new Map<string, readonly string[]>();
  for (let start = 0; start < names.length; start += CONCURRENCY) {
    const batch = names.slice(start, start + CONCURRENCY);
    const results = await Promise.allSettled(batch.map(async (name) => await resolve(name, family)));
    for (const [index, result] of results.entries()) {
      const name = batch[index]!;
      const found = result.status === "fulfilled" ? result.value : [];
      if (found.length === 0) {
        const reason = result.status === "rejected"
          ? describeError(result.reason, family)
          : noAddress(family);
        throw new TargetError(`Cannot resolve ${name}: ${reason}`, sources.get(name));
      }
      addresses.set(name, found);
    }
  }
  return addresses;
}

function describeError(error: unknown, family: Family): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOTFOUND") return `there is no such name, or ${noAddress(family)}`;
  if (code === "EAI_AGAIN") return "the name server did not answer";
  return error.message;
}

function noAddress(family: Family): string {
  return family === undefined ? "it has no address" : `it has no IPv${family} address`;
}
