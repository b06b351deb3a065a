import type { GeneralNames } from "../general_name.ts";
import { claimsSelfSigned } from "../self_signed.ts";
import { type Expected, isNamed } from "./expected_name.ts";
import { checkIssuing } from "./issuing.ts";
import type { Link } from "./link.ts";
import type { Path } from "./path_finder.ts";
import { isWeakHash, keyWeakness } from "./strength.ts";
import { byGravity, type Finding, rankOf, type Verification } from "./verification.ts";

/** Seconds are what certificates count in: "2024-02-29T00:00:00Z". */
const SECONDS_LENGTH = "2024-02-29T00:00:00".length;

/** When a certificate is valid. */
interface Validity {
  readonly label: string;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
}

/** What of a path stays the same from one look to the next; small, because many are kept. */
interface JudgedPath {
  /** From the server's certificate on. */
  readonly fingerprints: readonly string[];
  readonly lastLabel: string;
  readonly validities: readonly Validity[];
  /** All but what depends on the time and the name. */
  readonly findings: readonly Finding[];
}

/** Everything about a chain that neither time nor name changes. */
export class JudgedChain {
  readonly #label: string;
  readonly #names: Pick<GeneralNames, "dns" | "ip"> | null;
  readonly #paths: readonly JudgedPath[];

  constructor({ label, certificate }: Link, paths: readonly Path[]) {
    const names = certificate.subjectAlternativeName;
    this.#label = label;
    this.#names = names === null ? null : { dns: names.dns, ip: names.ip };
    this.#paths = paths.map(judgePath);
  }

  /** The verdict for a name at a time, from the best of the paths. */
  verify(expected: Expected, now: Date): Verification {
    const time = `${now.toISOString().slice(0, SECONDS_LENGTH)}Z`;
    const misnamed = isNamed(this.#names, expected) ? [] : [this.#mismatch(expected)];
    let best: { path: JudgedPath; findings: Finding[] } | undefined;
    for (const path of this.#paths) {
      const dated = path.validities.flatMap((validity) => outOfTime(validity, time));
      const findings = byGravity([...path.findings, ...dated, ...misnamed]);
      if (best === undefined || isLess(findings, best.findings)) best = { path, findings };
    }
    // The search gives at least one path.
    const { path, findings } = best!;
    const [gravest] = findings;
    return {
      verdict: gravest?.problem ?? "trusted",
      problems: [...new Set(findings.map(({ problem }) => problem))],
      reason: gravest?.text ?? `a valid path leads to the root ${path.lastLabel}`,
      path: path.fingerprints,
    };
  }

  #mismatch({ serverName, address }: Expected): Finding {
    return {
      problem: "name_mismatch",
      text: `${this.#label} is for other names than ${serverName ?? address}${this.#namesForPeople()}`,
    };
  }

  #namesForPeople(): string {
    return this.#names === null ? ": it has no subject alternative name" : "";
  }
}

function judgePath({ links, isAnchored, findings }: Path): JudgedPath {
  const malformed = links.flatMap(({ label, fault }): Finding[] =>
    fault === null ? [] : [{ problem: "malformed", text: `${label} cannot be judged: ${fault}` }]
  );
  return {
    fingerprints: links.map(({ fingerprint }) => fingerprint),
    lastLabel: links.at(-1)!.label,
    validities: links.map(({ label, certificate: { notBefore, notAfter } }) => ({
      label,
      notBefore,
      notAfter,
    })),
    findings: [
      ...malformed,
      ...findings,
      // What could not be read well has been said; what it seems to say is not worth a word.
      ...malformed.length > 0 ? [] : checkIssuing(links),
      ...links.flatMap(weakKey),
      ...weakSignatures(links, isAnchored),
    ],
  };
}

function weakKey({ label, certificate: { publicKey } }: Link): Finding[] {
  const weakness = publicKey === null ? null : keyWeakness(publicKey);
  return weakness === null ? [] : [{ problem: "weak_key", text: `the key of ${label} is weak: ${weakness}` }];
}

/** By what a root, or whatever else signed itself, is signed does not matter: such a signature proves nothing. */
function weakSignatures(links: readonly Link[], isAnchored: boolean): Finding[] {
  const isLastSigned = !isAnchored && !claimsSelfSigned(links.at(-1)!.certificate);
  return links.slice(0, isLastSigned ? undefined : -1).flatMap(({ label, certificate }): Finding[] => {
    const hash = certificate.signatureAlgorithm?.hash ?? null;
    if (!isWeakHash(hash)) return [];
    return [{ problem: "weak_signature", text: `${label} is signed over ${hash}, which can be forged` }];
  });
}

function outOfTime({ label, notBefore, notAfter }: Validity, time: string): Finding[] {
  if (notAfter !== null && notAfter < time) {
    return [{ problem: "expired", text: `${label} was valid until ${notAfter}` }];
  }
  if (notBefore !== null && notBefore > time) {
    return [{ problem: "not_yet_valid", text: `${label} is valid from ${notBefore}` }];
  }
  return [];
}

/** Whether findings, the gravest first, weigh less than others: by the first that differs. */
function isLess(findings: readonly Finding[], others: readonly Finding[]): boolean {
  for (const [index, { problem }] of findings.entries()) {
    const other = others[index];
    if (other === undefined) return false;
    if (problem !== other.problem) return rankOf(problem) > rankOf(other.problem);
  }
  return findings.length < others.length;
}
