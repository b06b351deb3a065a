import type { GeneralNames } from "../general_name.ts";

/** Who the client thinks it talks to. */
export interface Expected {
  /** What was asked for (server name indication), in ASCII; without it, the certificate must be for the address. */
  readonly serverName?: string;
  /** Canonical text: dotted quad, or RFC 5952. */
  readonly address: string;
}

/**
 * Whether a certificate is for whom it should be (RFC 9525 6). Only the subject alternative name counts, never the
 * common name (as RFC 6125 6.4.4 allowed); a star stands for exactly one whole label, the leftmost, and not
 * right below a top-level domain.
 */
export function isNamed(
  names: Pick<GeneralNames, "dns" | "ip"> | null,
  { serverName, address }: Expected,
): boolean {
  if (names === null) return false;
  if (serverName === undefined) return names.ip.includes(address);
  const wanted = serverName.toLowerCase().replace(/\.$/, "");
  const wildcard = wildcardFor(wanted);
  return names.dns.some((name) => {
    // Case does not count. With the dot of the root a name in a certificate is none (RFC 5280 4.2.1.6).
    const presented = name.toLowerCase();
    return presented === wanted || presented === wildcard;
  });
}

/** The one wildcard that covers a name; `undefined` if none may. */
function wildcardFor(name: string): string | undefined {
  const [, ...parents] = name.split(".");
  return parents.length >= 2 ? `*.${parents.join(".")}` : undefined;
}
