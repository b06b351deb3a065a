import type { DatabaseSync } from "node:sqlite";
import { streamRows } from "../store/stream_rows.ts";
import { timeOf } from "../store/time_of.ts";
import { type CertificateFacts, certificateReader } from "./certificate_facts.ts";
import type { EventCertificate, HistoryEvent, HistoryEventType } from "./event.ts";
import { eventType } from "./event_type.ts";
import { Kept } from "./kept.ts";
import { askedTheSame, readRunOrder, type RunOrder } from "./run_order.ts";
import { type Bearer, SightReader } from "./sight_reader.ts";
import { ADDRESSES_NAMED, findSuccessions, type Succession } from "./succession.ts";

/** A name that more certificates than this bear (`localhost`, `router.local`) is nobody's identity. */
export const CERTIFICATES_MAX = 1000;

/** Which part of history is asked for. */
export interface HistoryOptions {
  /** Of one domain. */
  readonly domain?: string | undefined;
  /** Seen in this run or a later one: see `rankOfFirstRun`. */
  readonly since?: number | undefined;
  /** Seen in this run. */
  readonly run?: number | undefined;
  readonly types?: readonly HistoryEventType[] | undefined;
  /** Called for each name that more than {@linkcode CERTIFICATES_MAX} certificates bear: it is passed over. */
  readonly onPassedOver?: ((domain: string) => void) | undefined;
}

/**
 * What became of domains' certificates from run to run, domain after domain, each domain's events by run. It is worked
 * out from the graph's facts, and memory is bounded by what one domain has.
 *
 * Domains that the same certificates name have the same history: it is worked out once, and they stand together.
 *
 * @throws {Error} when no certificate bears the domain's name.
 */
export function* history(
  database: DatabaseSync,
  runs: RunOrder,
  options: HistoryOptions = {},
): Generator<HistoryEvent> {
  // With one run there is nothing that could have changed.
  if (runs.length < 2) return;
  const historian = new Historian(database, runs);
  for (const { name, bearers } of candidates(database, runs, options)) {
    if (bearers.length > CERTIFICATES_MAX) {
      options.onPassedOver?.(name);
      continue;
    }
    for (const story of historian.storiesOf(bearers)) {
      if (isAskedFor(story, options)) yield historian.tell(name, story);
    }
  }
}

/** How many events of each type there are. */
export type HistoryCounts = Readonly<Record<HistoryEventType, number>>;

/** Counts to begin with. */
export function noEvents(): Record<HistoryEventType, number> {
  return { CertRotation: 0, CAMigration: 0, SuspiciousReplacement: 0 };
}

/**
 * How much changed with one run, which has been folded into the graph: it reads what the run's certificates name, not
 * the whole graph. Of a run that has not come to its end all events are provisional. Undefined where there is no other
 * run to compare it with, or none of that name.
 */
export function countChanges(database: DatabaseSync, runName: string): HistoryCounts | undefined {
  const runs = readRunOrder(database);
  const run = runs.findIndex(({ name }) => name === runName);
  if (run < 0 || runs.length < 2) return undefined;
  const counts = noEvents();
  for (const { type } of history(database, runs, { run })) counts[type] += 1;
  return counts;
}

/** A succession with its type. */
interface Story extends Succession {
  readonly type: HistoryEventType;
}

function isAskedFor({ type, toRun }: Story, { since = 0, run, types }: HistoryOptions): boolean {
  return toRun >= since && (run === undefined || toRun === run) &&
    (types === undefined || types.includes(type));
}

/** A domain with the certificates that bear its name: all of them, or one more than {@linkcode CERTIFICATES_MAX}. */
interface Candidate {
  readonly id: number;
  readonly name: string;
  readonly bearers: Bearer[];
}

/** Domains that could have a history, in the order in which the graph got to know their newest certificates. */
function* candidates(
  database: DatabaseSync,
  runs: RunOrder,
  { domain, run }: HistoryOptions,
): Generator<Candidate> {
  const [domains, value] = domain !== undefined
    ? [NAMED, [domain]]
    : run !== undefined
    ? [OF_RUN, [runs[run]!.id]]
    : [ALL, []];
  let candidate: Candidate | undefined;
  for (const row of streamRows(database, bearersOf(domains), value).rows) {
    const [domainId, name, id, addresses] = row as BearerRow;
    if (candidate?.id !== domainId) {
      if (candidate !== undefined) yield candidate;
      candidate = { id: domainId, name, bearers: [] };
    }
    if (candidate.bearers.length <= CERTIFICATES_MAX) candidate.bearers.push({ id, addresses });
  }
  if (candidate !== undefined) yield candidate;
  else if (domain !== undefined) {
    throw new Error(`Cannot tell the history of ${domain}: no certificate bears the name`);
  }
}

type BearerRow = readonly [domain: number, name: string, certificate: number, addresses: number];

const NAMED = "SELECT id AS domain, 0 AS newest FROM domain WHERE name = ?";

const ALL = `
  SELECT domain, max(certificate) AS newest FROM belongs_to INDEXED BY belongs_to_by_domain
  GROUP BY domain HAVING count(*) > 1`;

const OF_RUN = `
  SELECT DISTINCT belongs_to.domain, (
    SELECT max(certificate) FROM belongs_to AS bearer WHERE bearer.domain = belongs_to.domain
  ) AS newest
  FROM certificate_in_run
  CROSS JOIN belongs_to ON belongs_to.certificate = certificate_in_run.certificate
  WHERE certificate_in_run.run = ?`;

/** The certificates of these domains. Domains of the same certificates stand together. */
function bearersOf(domains: string): string {
  return `
    SELECT asked.domain, domain.name, certificate.id, certificate.addresses
    FROM (${domains} ORDER BY newest, domain) AS asked
    CROSS JOIN domain ON domain.id = asked.domain
    CROSS JOIN belongs_to ON belongs_to.domain = asked.domain
    CROSS JOIN certificate ON certificate.id = belongs_to.certificate
    ORDER BY asked.newest, asked.domain, certificate.id`;
}

/** Sets of certificates whose stories are kept: domains that have the same ones stand together. */
const STORIES_KEPT = 64;

/** Works stories out and tells them. */
class Historian {
  readonly #runs: RunOrder;
  readonly #sights: SightReader;
  readonly #certificate: (id: number) => CertificateFacts;
  readonly #kept = new Kept<string, readonly Story[]>(STORIES_KEPT);

  constructor(database: DatabaseSync, runs: RunOrder) {
    this.#runs = runs;
    this.#sights = new SightReader(database, runs);
    this.#certificate = certificateReader(database);
  }

  /** What happened to any domain that just these certificates name. */
  storiesOf(bearers: readonly Bearer[]): readonly Story[] {
    if (bearers.length < 2) return [];
    return this.#kept.get(bearers.map(({ id }) => id).join(" "), () => this.#workOut(bearers));
  }

  #workOut(bearers: readonly Bearer[]): Story[] {
    const { timeline, sights } = this.#sights.read(bearers);
    if (!timeline.hasChange()) return [];
    const successions = findSuccessions(timeline, sights, {
      isComparable: (run, other) => {
        const [one, another] = [this.#runs[run]!, this.#runs[other]!];
        return one.isDone && another.isDone && askedTheSame(one, another);
      },
      compareResemblance: (from, one, other) => {
        return compareResemblance(this.#certificate(from), this.#certificate(one), this.#certificate(other));
      },
    });
    return successions.map((succession) => {
      const [from, to] = [this.#certificate(succession.from), this.#certificate(succession.to)];
      return { ...succession, type: eventType(from, to) };
    });
  }

  tell(domain: string, story: Story): HistoryEvent {
    const [fromRun, toRun] = [this.#runs[story.fromRun]!, this.#runs[story.toRun]!];
    const addresses = (keys: readonly number[]) => keys.map((key) => this.#sights.address(key));
    return {
      type: story.type,
      domain,
      from: eventCertificate(this.#certificate(story.from)),
      to: eventCertificate(this.#certificate(story.to)),
      from_run: fromRun.name,
      to_run: toRun.name,
      address_count: story.addressCount,
      addresses: addresses(story.addresses),
      moved_from: story.hasMoved
        ? addresses(this.#sights.addressesOf(story.from, fromRun.id, ADDRESSES_NAMED))
        : null,
      provisional: !toRun.isDone,
    };
  }
}

/** Below 0 where `one` is more like what `from`'s successor should be. */
function compareResemblance(from: CertificateFacts, one: CertificateFacts, other: CertificateFacts): number {
  const isSameKind = ({ keyAlgorithm }: CertificateFacts) => Number(keyAlgorithm === from.keyAlgorithm);
  return isSameKind(other) - isSameKind(one) || (other.notBefore ?? 0) - (one.notBefore ?? 0) ||
    (one.fingerprint < other.fingerprint ? -1 : 1);
}

function eventCertificate(facts: CertificateFacts): EventCertificate {
  return {
    fingerprint: facts.fingerprint,
    issuer: facts.issuer,
    self_signed: facts.selfSigned,
    not_before: timeOf(facts.notBefore),
    not_after: timeOf(facts.notAfter),
    key_fingerprint: facts.keyFingerprint,
    key_algorithm: facts.keyAlgorithm,
  };
}
