import { lookup } from "node:dns/promises";
import { TargetError } from "./target_error.ts";

/** Finds all IPv4 addresses of a host name, as text. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** How many names are asked for at once. */
const CONCURRENCY = 32;

/** {@linkcode ResolveName} as the system does it, its hosts file included. */
export async function resolveName(name: string): Promise<readonly string[]> {
  const answers = await lookup(name, { all: true, family: 4 });
  return answers.map(({ address }) => address);
}

/**
 * Resolves each of `hosts` once per name.
 *
 * @throws {TargetError} "Cannot resolve ..." for the first host, in the order given, that has no address.
 */
export async function resolveHosts(
  hosts: readonly { readonly name: string; readonly source: string | undefined }[],
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
    const results = await Promise.allSettled(batch.map(async (name) => await resolve(name)));
    for (const [index, result] of results.entries()) {
      const name = batch[index]!;
      const found = result.status === "fulfilled" ? result.value : [];
      if (found.length === 0) {
        const reason = result.status === "rejected" ? describeError(result.reason) : "it has no IPv4 address";
        throw new TargetError(`Cannot resolve ${name}: ${reason}`, sources.get(name));
      }
      addresses.set(name, found);
    }
  }
  return addresses;
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOTFOUND") return "there is no such name, or it has no IPv4 address";
  if (code === "EAI_AGAIN") return "the name server did not answer";
  return error.message;
}
