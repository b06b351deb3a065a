import { fingerprint } from "../fingerprint.ts";
import { BoundedCache } from "./bounded_cache.ts";
import type { Expected } from "./expected_name.ts";
import { JudgedChain } from "./judged_chain.ts";
import { type Authority, type Link, readLink } from "./link.ts";
import { findPaths } from "./path_finder.ts";
import { checkSignature, type SignatureState } from "./signature.ts";
import type { TrustStore } from "./trust_store.ts";
import type { Verification } from "./verification.ts";

export type { Expected };

/** How a {@linkcode ChainVerifier} works. */
export interface VerifierOptions {
  /** The time at which chains must be valid; the time of the call if it is left out. */
  readonly now?: Date;
}

/** Certificates of a chain that are looked at: more than four are rare, and a hostile server sends hundreds. */
const CERTIFICATE_COUNT_MAX = 32;

/** Octets of a chain, or of a certificate, up to which it is kept: what strangers send must not fill the memory. */
const KEPT_CHAIN_BYTES_MAX = 16_384;
const KEPT_CERTIFICATE_BYTES_MAX = 8_192;

/** Entries, of at most some tens of thousands of octets each, and a few thousand as a rule. */
const CHAIN_CACHE_SIZE = 4096;
const LINK_CACHE_SIZE = 512;
const SIGNATURE_CACHE_SIZE = 4096;

/** A certificate and its SHA-256, in hexadecimal. */
interface Hashed {
  readonly der: Uint8Array;
  readonly digest: string;
}

/** The copy outlives the flight that the octets are a part of. */
function linkOf({ der, digest }: Hashed): Link {
  return readLink(der.slice(), digest);
}

/**
 * Verifies chains against roots without asking anybody (RFC 5280 6, RFC 4158, RFC 9525). Cheap for what comes again:
 * paths and signatures are kept per chain, intermediates and their signatures per certificate; only names and dates
 * are judged each time.
 */
export class ChainVerifier {
  readonly #store: TrustStore;
  readonly #now: Date | undefined;
  readonly #chains = new BoundedCache<Promise<JudgedChain>>(CHAIN_CACHE_SIZE);
  readonly #links = new BoundedCache<Link>(LINK_CACHE_SIZE);
  readonly #signatures = new BoundedCache<Promise<SignatureState>>(SIGNATURE_CACHE_SIZE);

  constructor(store: TrustStore, options: VerifierOptions = {}) {
    this.#store = store;
    this.#now = options.now;
  }

  /**
   * Verifies a chain, in DER, the server's certificate first; the order of the others does not matter, and those that
   * are not needed do no harm.
   *
   * @throws {RangeError} for an empty chain.
   */
  async verify(chain: readonly Uint8Array[], expected: Expected): Promise<Verification> {
    if (chain.length === 0) throw new RangeError("Cannot verify a chain: there is no certificate in it");
    const certificates = chain.slice(0, CERTIFICATE_COUNT_MAX).map((der) => ({
      der,
      digest: fingerprint(der),
    }));
    const judged = await this.#judgeOnce(certificates);
    return judged.verify(expected, this.#now ?? new Date());
  }

  #judgeOnce(certificates: readonly Hashed[]): Promise<JudgedChain> {
    const bytes = certificates.reduce((sum, { der }) => sum + der.length, 0);
    if (bytes > KEPT_CHAIN_BYTES_MAX) return this.#judge(certificates);
    const key = certificates.map(({ digest }) => digest).join();
    return this.#chains.get(key, () => this.#judge(certificates));
  }

  async #judge(certificates: readonly Hashed[]): Promise<JudgedChain> {
    const [leaf, ...others] = certificates.map((certificate, index) => {
      // Servers' certificates come once as a rule, those of their issuers again and again.
      if (index === 0 || certificate.der.length > KEPT_CERTIFICATE_BYTES_MAX) return linkOf(certificate);
      return this.#links.get(certificate.digest, () => linkOf(certificate));
    });
    const checkIssue = (link: Link, issuer: Authority) => this.#checkIssue(link, issuer);
    return new JudgedChain(leaf!, await findPaths(leaf!, others, this.#store, checkIssue));
  }

  #checkIssue({ fingerprint, certificate }: Link, issuer: Authority): Promise<SignatureState> {
    const { publicKey } = issuer.certificate;
    const key = `${fingerprint} ${publicKey.fingerprint}`;
    return this.#signatures.get(key, () => checkSignature(certificate, publicKey));
  }
}
