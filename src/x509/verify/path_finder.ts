import { claimsSelfSigned } from "../self_signed.ts";
import { type Authority, isAuthority, type Link } from "./link.ts";
import type { SignatureState } from "./signature.ts";
import type { TrustStore } from "./trust_store.ts";
import type { Finding } from "./verification.ts";

/** Certificates of one path; the longest in use have five. */
const PATH_LENGTH_MAX = 10;
/** Paths of one chain: cross-signed authorities have two or three. */
const PATH_COUNT_MAX = 16;
/** Signatures checked for one chain: bounds what a maze of cross-signed certificates can cost. */
const SIGNATURE_COUNT_MAX = 32;

/** Certificates that each issued the one before, from the server's on. */
export interface Path {
  readonly links: readonly Link[];
  /** The last link is a root. */
  readonly isAnchored: boolean;
  /** What went wrong in finding it: signatures that could not be checked, how it ended. */
  readonly findings: readonly Finding[];
}

/** Whether a certificate was signed by an authority's key. */
export type CheckIssue = (link: Link, issuer: Authority) => Promise<SignatureState>;

/**
 * Finds the paths from the server's certificate to roots, and the dead ends on the way, depth first and roots before
 * what the server sent (RFC 4158). At least one path comes back, and the cost is bounded whatever was sent.
 */
export async function findPaths(
  leaf: Link,
  others: readonly Link[],
  store: TrustStore,
  checkIssue: CheckIssue,
): Promise<Path[]> {
  const search = new Search(others, store, checkIssue);
  await search.follow([leaf], []);
  return search.paths;
}

class Search {
  readonly paths: Path[] = [];
  readonly #sent = new Map<string, Authority[]>();
  readonly #store: TrustStore;
  readonly #checkIssue: CheckIssue;
  #signatureCount = 0;

  constructor(others: readonly Link[], store: TrustStore, checkIssue: CheckIssue) {
    this.#store = store;
    this.#checkIssue = checkIssue;
    for (const link of others) {
      if (isAuthority(link)) {
        this.#sent.set(link.subjectKey, [...this.#sent.get(link.subjectKey) ?? [], link]);
      }
    }
  }

  /** Goes on from the last of `links`. */
  async follow(links: readonly Link[], findings: readonly Finding[]): Promise<void> {
    const last = links.at(-1)!;
    if (this.#store.has(last)) {
      this.paths.push({ links, isAnchored: true, findings });
      return;
    }
    let hasIssuer = false;
    let wrong: Authority | undefined;
    for (const issuer of this.#issuersOf(links)) {
      if (this.#isSpent(links)) break;
      const state = await this.#check(last, issuer);
      if (state === "invalid") {
        wrong ??= issuer;
        continue;
      }
      hasIssuer = true;
      const unchecked = state === "unsupported" ? [uncheckedSignature(last)] : [];
      await this.follow([...links, issuer], [...findings, ...unchecked]);
    }
    if (hasIssuer) return;
    const end = await this.#deadEnd(links, wrong);
    this.paths.push({ links, isAnchored: false, findings: [...findings, end] });
  }

  #isSpent(links: readonly Link[]): boolean {
    return links.length >= PATH_LENGTH_MAX || this.paths.length >= PATH_COUNT_MAX ||
      this.#signatureCount >= SIGNATURE_COUNT_MAX;
  }

  #check(link: Link, issuer: Authority): Promise<SignatureState> {
    this.#signatureCount += 1;
    return this.#checkIssue(link, issuer);
  }

  /** Who may have issued the last of `links`, by name and key identifier; nobody twice in one path (RFC 4158 2.4.1). */
  #issuersOf(links: readonly Link[]): Authority[] {
    const { issuerKey, certificate } = links.at(-1)!;
    const wanted = certificate.authorityKeyIdentifier?.keyIdentifier ?? null;
    const candidates = [...this.#store.named(issuerKey), ...this.#sent.get(issuerKey) ?? []];
    const taken = new Set<string>();
    return candidates.filter((issuer) => {
      if (taken.has(issuer.fingerprint) || links.some((link) => isSameEntity(link, issuer))) return false;
      taken.add(issuer.fingerprint);
      const offered = issuer.certificate.subjectKeyIdentifier;
      return wanted === null || offered === null || wanted === offered;
    });
  }

  /** Why the path ends here. */
  async #deadEnd(links: readonly Link[], wrong: Authority | undefined): Promise<Finding> {
    const last = links.at(-1)!;
    const isLeaf = links.length === 1;
    if (isAuthority(last) && claimsSelfSigned(last.certificate)) {
      if (await this.#check(last, last) === "invalid") {
        return {
          problem: "invalid_signature",
          text: `${last.label} names itself as its issuer, but did not sign itself`,
        };
      }
      return isLeaf
        ? { problem: "self_signed", text: `${last.label} signed itself and is no trusted root` }
        : { problem: "unknown_issuer", text: `the path ends at ${last.label}, which is no trusted root` };
    }
    if (wrong !== undefined) {
      return {
        problem: "invalid_signature",
        text: `the signature of ${last.label} is not that of ${wrong.label}`,
      };
    }
    const search = this.#isSpent(links)
      ? "the search for a path was given up"
      : "its issuer was not sent and is no root";
    return { problem: "incomplete_chain", text: `the path ends at ${last.label}: ${search}` };
  }
}

/** Same name and same key: another certificate of an entity that is already on the path. */
function isSameEntity(link: Link, other: Link): boolean {
  return link.subjectKey === other.subjectKey &&
    link.certificate.publicKey?.fingerprint === other.certificate.publicKey?.fingerprint;
}

function uncheckedSignature({ label, certificate }: Link): Finding {
  const algorithm = certificate.signatureAlgorithm?.name ?? "no algorithm";
  return {
    problem: "unsupported_signature",
    text: `the signature of ${label} (${algorithm}) cannot be checked here`,
  };
}
