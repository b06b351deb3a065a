/**
 * Domains that are made up with a history of their own, and with noise that is none.
 *
 * @module
 */
import type { HistoryEventType } from "../../../../src/graph/history/mod.ts";
import type { Certificates, Served } from "./served.ts";

/** A domain, run for run, and the events that its history has. */
export interface Planted {
  readonly certificates: Certificates;
  readonly runs: readonly Served[];
  /** As `www.domain.example: CertRotation a -> b`. */
  readonly events: readonly string[];
}

/** Makes a domain up; the number tells domains apart. */
export type DomainKind = (random: Random, number: number, runCount: number) => Planted;

/** Whole numbers from 0 up to before a limit. */
export type Random = (limit: number) => number;

/**
 * Servers that all show one certificate, which is replaced now and then: at once, or server by server over several
 * runs, which also miss a server here and there. When a replacement has come to its end a run sees all of them.
 */
export const replaced: DomainKind = (random, number, runCount) => {
  const line = new Line(namesOf(random, number), random);
  const endpoints = endpointsOf(random, number, 1 + random(4));
  const shown = endpoints.map(() => line.current);
  const isSettled = () => shown.every((certificate) => certificate === line.current);
  const runs = [serve(endpoints, shown)];
  while (runs.length < runCount) {
    if (isSettled() && random(2) === 0) line.succeed();
    const isLast = runs.length === runCount - 1;
    let renewals = isLast || random(3) === 0 ? endpoints.length : random(3);
    shown.forEach((certificate, index) => {
      if (certificate !== line.current && renewals-- > 0) shown[index] = line.current;
    });
    const isSeen = endpoints.map(() => isSettled() || random(5) > 0);
    runs.push(serve(endpoints, shown, (index) => isSeen[index]!));
  }
  return { ...line, runs };
};

/** The same among strangers who show certificates of their own for its names, elsewhere and each time others. */
export const amongStrangers: DomainKind = (random, number, runCount) => {
  const { certificates, runs, events } = replaced(random, number, runCount);
  const { domains } = Object.values(certificates)[0]!;
  const strange: Record<string, Certificates[string]> = {};
  const withStrangers = runs.map((served, run) => {
    const stranger = `stranger${run}-${domains![0]}`;
    strange[stranger] = { domains: domains!, issuer: `CN=${stranger}`, selfSigned: true };
    return { ...served, [`198.18.${number}.${run}`]: stranger };
  });
  return { certificates: { ...certificates, ...strange }, runs: withStrangers, events };
};

/** One that is on other addresses in each run, now and then with a new certificate. */
export const moving: DomainKind = (random, number, runCount) => {
  const line = new Line(namesOf(random, number), random);
  const runs = Array.from({ length: runCount }, (_, run) => {
    if (run > 0 && random(2) === 0) line.succeed();
    const endpoints = endpointsOf(random, number, 2, 2 * run);
    return serve(endpoints, endpoints.map(() => line.current));
  });
  return { ...line, runs };
};

/** Two certificates of which each run sees one: only the first sight of the second looks like a replacement. */
export const alternating: DomainKind = (random, number, runCount) => {
  const line = new Line(namesOf(random, number), random);
  const [endpoint] = endpointsOf(random, number, 1);
  const old = line.current;
  line.succeed();
  const runs = Array.from({ length: runCount }, (_, run) => {
    return { [endpoint!]: run === 0 ? old : run === runCount - 1 || random(2) === 0 ? line.current : old };
  });
  return { ...line, runs };
};

/** A CDN: servers that show several certificates at once, swap them, and of which each run sees a part. */
export const swapping: DomainKind = (random, number, runCount) => {
  const domains = namesOf(random, number);
  const endpoints = endpointsOf(random, number, 6 + random(6));
  const pool = Array.from({ length: 2 + random(4) }, (_, index) => `pool${index}-${domains[0]}`);
  const certificates = Object.fromEntries(pool.map((name, index) => {
    return [name, { domains, issuer: `CN=Intermediate, O=Trust ${index % 2}` }];
  }));
  const runs = Array.from({ length: runCount }, (_, run) => {
    const shown = endpoints.map((_, index) => run === 0 ? pool[index % pool.length]! : choose(random, pool));
    return serve(endpoints, shown, () => run === 0 || random(2) === 0);
  });
  return { certificates, runs, events: [] };
};

/** A CDN whose servers each have a certificate of their own, renewed now and then; each run sees a part of them. */
export const parted: DomainKind = (random, number, runCount) => {
  const names = namesOf(random, number);
  const endpoints = endpointsOf(random, number, 3 + random(5));
  const lines = endpoints.map((_, index) => new Line(names, random, `server${index}-`));
  const runs = Array.from({ length: runCount }, (_, run) => {
    // Two at once are seen in the first run, the others when it happens.
    const isSeen = endpoints.map((_, index) => run === 0 ? index < 2 : random(5) < 2);
    lines.forEach((line, index) => {
      const wasSeen = line.isSeen;
      line.isSeen ||= isSeen[index]!;
      if (wasSeen && isSeen[index] && random(3) === 0) line.succeed();
    });
    return serve(endpoints, lines.map(({ current }) => current), (index) => isSeen[index]!);
  });
  return {
    certificates: Object.assign({}, ...lines.map(({ certificates }) => certificates)),
    runs,
    events: lines.flatMap(({ events }) => events),
  };
};

const TYPES: readonly HistoryEventType[] = ["CertRotation", "CAMigration", "SuspiciousReplacement"];

/** Certificates that follow one another. */
class Line {
  readonly certificates: Record<string, Certificates[string]> = {};
  readonly events: string[] = [];
  current = "";
  isSeen = false;
  readonly #names: readonly string[];
  readonly #random: Random;
  readonly #prefix: string;
  #number = 0;
  #authority = 0;
  #key = 0;

  constructor(names: readonly string[], random: Random, prefix = "") {
    this.#names = names;
    this.#random = random;
    this.#prefix = prefix;
    this.#add();
  }

  /** The next certificate becomes the current one, and that is an event of any type. */
  succeed(): void {
    const type = choose(this.#random, TYPES);
    if (type !== "CertRotation") this.#authority += 1;
    // A rotation may keep the key.
    if (type === "SuspiciousReplacement" || type === "CertRotation" && this.#random(2) === 0) this.#key += 1;
    const old = this.current;
    this.#add();
    this.events.push(...this.#names.map((name) => `${name}: ${type} ${old} -> ${this.current}`));
  }

  #add(): void {
    this.#number += 1;
    this.current = `${this.#prefix}${this.#names[0]}-${this.#number}`;
    this.certificates[this.current] = {
      domains: this.#names,
      // A CA issues with whichever intermediate it likes.
      issuer: `CN=Intermediate ${this.#number}, O=Trust ${this.#authority}`,
      key: `${this.#prefix}${this.#names[0]} ${this.#key}`,
    };
  }
}

/** One name, or two that all its certificates bear. */
function namesOf(random: Random, number: number): string[] {
  return [`domain${number}.example`, `www.domain${number}.example`].slice(0, 1 + random(2));
}

/** Different addresses for each domain, some with another port or a server name. */
function endpointsOf(random: Random, number: number, count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => {
    const address = `10.0.${number}.${first + index + 1}`;
    return choose(random, [address, `${address} 8443`, `${address}/domain${number}.example`]);
  });
}

function serve(
  endpoints: readonly string[],
  shown: readonly string[],
  isSeen = (_index: number) => true,
): Served {
  return Object.fromEntries(
    endpoints.flatMap((endpoint, index) => isSeen(index) ? [[endpoint, shown[index]!]] : []),
  );
}

function choose<T>(random: Random, values: readonly T[]): T {
  return values[random(values.length)]!;
}
