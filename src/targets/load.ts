import { parseAddress } from "./address.ts";
import { loadAsDatabase } from "./as_data/mod.ts";
import { Blocklist } from "./blocklist.ts";
import { excludeBlocklist, excludeFamily, excludeSpecial, type Exclusion } from "./exclusions.ts";
import type { Interval } from "./interval.ts";
import { IntervalSet } from "./interval_set.ts";
import { type Layer, type LayerBuilders, LayerCollector, layersOf } from "./layers.ts";
import { type ListReader, readList } from "./list.ts";
import { mergePortRanges, type PortRange } from "./ports.ts";
import { type Family, resolveHosts, type ResolveName, resolveName } from "./resolve.ts";
import { ServerNames } from "./server_names.ts";
import { type ReadOctets, readOctets, sourceName } from "./source.ts";
import { namedSpecialBlock, namedSpecialIpv4Block, type SpecialBlock } from "./special_purpose.ts";
import { type AddressTarget, type HostTarget, parseTarget, type SystemTarget } from "./target.ts";
import { TargetError } from "./target_error.ts";
import { TargetGroup, TargetSet } from "./target_set.ts";

/** What a scan was asked to send to, and what it must not. */
export interface TargetRequest {
  /** As typed: see {@linkcode parseTarget}. */
  readonly targets: readonly string[];
  /** For targets that bring no port of their own. */
  readonly ports: readonly PortRange[];
  /** Paths. */
  readonly blocklists?: readonly string[];
  /** The path of {@linkcode loadAsDatabase}'s file, which is read when a target is an AS. */
  readonly asDatabase?: string | undefined;
  /** Whether special-purpose addresses are ordinary targets. */
  readonly includeSpecial?: boolean;
  /** What else host names resolve to is not looked at; what else was asked for is left out. */
  readonly family?: Family;
}

/** Where the outside world comes in. */
export interface TargetSources {
  readonly readOctets: ReadOctets;
  readonly resolveName: ResolveName;
}

/** A special-purpose block of which something is scanned because a target lies in it. */
export interface NamedSpecialBlock {
  readonly block: SpecialBlock;
  /** The first target that did, as typed. */
  readonly target: string;
}

export interface LoadedTargets {
  readonly targetSet: TargetSet;
  /** Only those that took something away; special-purpose blocks come first and take first. */
  readonly exclusions: readonly Exclusion[];
  readonly namedSpecialBlocks: readonly NamedSpecialBlock[];
  /** What is doubtful in the AS data that targets were taken from, for a person. */
  readonly asDataWarnings: readonly string[];
}

const SYSTEM: TargetSources = { readOctets, resolveName };

/**
 * Reads the targets, their files and the blocklists, looks up what AS announce, resolves host names, and takes away
 * what is not to be sent to.
 *
 * @throws {TargetError} for text, files and names that are wrong, and for a set with nothing in it.
 */
export async function loadTargets(
  request: TargetRequest,
  sources: TargetSources = SYSTEM,
): Promise<LoadedTargets> {
  if (request.targets.length === 0) {
    throw new TargetError(
      "Cannot scan: no target is given; name an address, CIDR, range, host name, AS, @file or -",
    );
  }
  const blocklists: Blocklist[] = [];
  for (const path of request.blocklists ?? []) {
    blocklists.push(await Blocklist.read(path, sources.readOctets));
  }

  const loader = new Loader(request);
  for (const text of request.targets) await loader.add(text, sources.readOctets);
  const asDataWarnings = await loader.lookUp(request.asDatabase, sources.readOctets);
  await loader.resolve(sources.resolveName);
  const asked = summarize(request.targets);
  const all = loader.build();
  const { layers, exclusions } = request.family
    ? excludeFamily(all, request.family)
    : { layers: all, exclusions: [] };
  if (layers.every(({ ordinary, named }) => ordinary.isEmpty && named.isEmpty)) {
    const what = exclusions.length === 0 ? "target" : `IPv${request.family} target`;
    throw new TargetError(`Cannot scan ${asked}: there is no ${what} in it`);
  }

  const special = request.includeSpecial
    ? { groups: withoutExclusion(layers), exclusions: [] }
    : excludeSpecial(layers);
  if (isEmpty(special.groups)) {
    const reasons = special.exclusions.map((exclusion) => exclusion.reason).join(", ");
    throw new TargetError(
      `Cannot scan ${asked}: every address is special-purpose, ${reasons}; ` +
        "name a target inside one such block, or use --include-special",
    );
  }

  let groups = special.groups;
  exclusions.push(...special.exclusions);
  for (const blocklist of blocklists) {
    const kept = excludeBlocklist(groups, blocklist);
    groups = kept.groups;
    exclusions.push(...kept.exclusions);
  }
  if (isEmpty(groups)) throw emptiedBy(blocklists, special.groups, asked);
  return {
    targetSet: new TargetSet(groups, loader.serverNames),
    exclusions,
    namedSpecialBlocks: [...loader.namedSpecialBlocks.values()],
    asDataWarnings,
  };
}

/** Sorts targets as they are read into layers, and host names and AS aside until all are known. */
class Loader {
  readonly #nameless = new LayerCollector();
  readonly #namely = new LayerCollector();
  readonly serverNames = new ServerNames();
  readonly namedSpecialBlocks = new Map<SpecialBlock, NamedSpecialBlock>();
  readonly #ports: readonly PortRange[];
  #defaultBuilders: LayerBuilders | undefined;
  readonly #includeSpecial: boolean;
  readonly #family: Family;
  readonly #hosts: (HostTarget & { readonly source: string | undefined })[] = [];
  readonly #systems: (SystemTarget & { readonly source: string | undefined })[] = [];

  constructor(request: TargetRequest) {
    this.#ports = mergePortRanges(request.ports);
    this.#includeSpecial = request.includeSpecial ?? false;
    this.#family = request.family;
  }

  async add(text: string, read: ReadOctets): Promise<void> {
    const target = parseTarget(text);
    if (target.kind === "list") await readList(target.path, read, this.#listReader(target.path));
    else this.#addOne(target, undefined);
  }

  /** Everything that was added. To be called once. */
  build(): Layer[] {
    const nameless = this.#nameless.take();
    const namely = this.#namely.take();
    if (namely.length > 0) this.serverNames.addNameless(nameless);
    return layersOf([...nameless, ...namely]);
  }

  async resolve(resolve: ResolveName): Promise<void> {
    const addresses = await resolveHosts(this.#hosts, this.#family, resolve);
    for (const host of this.#hosts) {
      const intervals = addresses.get(host.name)!.map((text) => {
        const address = parseAddress(text);
        if (address === undefined) throw new TargetError(`Cannot resolve ${host.name}: it became "${text}"`);
        return { first: address, last: address };
      });
      this.#addIntervals({ ...host, intervals });
    }
  }

  /** Takes what AS announce, of which there may be none; returns what is doubtful in the data. */
  async lookUp(path: string | undefined, read: ReadOctets): Promise<readonly string[]> {
    const [first] = this.#systems;
    if (first === undefined) return [];
    if (path === undefined) {
      throw new TargetError(
        `Cannot scan ${first.text}: what an AS announces is not known; give AS data with --asn-db FILE`,
        first.source,
      );
    }
    const database = await loadAsDatabase(path, read);
    for (const system of this.#systems) {
      const intervals = database.addressesOf(system.number);
      if (intervals.isEmpty) {
        const fault = `Cannot scan ${system.text}: the AS has no address in ${sourceName(path)}`;
        throw new TargetError(fault, system.source);
      }
      this.#addIntervals({ ...system, intervals });
    }
    return database.warnings;
  }

  #listReader(path: string): ListReader {
    return {
      takeIpv4: (first, last, port) => this.#addIpv4(first, last, port),
      take: (text, lineNumber) => {
        const target = parseTarget(text);
        if (target.kind === "list") {
          throw new TargetError(`Cannot parse target "${text}": a list of targets cannot name another list`);
        }
        this.#addOne(target, `${sourceName(path)}:${lineNumber}`);
      },
    };
  }

  /** What {@linkcode #addIntervals} does, for the many; refuses the first target in a special-purpose block. */
  #addIpv4(first: number, last: number, port: number): boolean {
    const block = this.#includeSpecial ? undefined : namedSpecialIpv4Block(first, last);
    if (block && !this.namedSpecialBlocks.has(block)) return false;
    const isSingle = first === last;
    if (port !== 0) {
      if (!isSingle) return false;
      this.#nameless.addPair(first, port);
      return true;
    }
    // A single address has nothing to exclude: either it is ordinary, or it was named.
    const { named, ordinary } = this.#atDefaultPorts();
    (block || isSingle ? named : ordinary).addIpv4(first, last);
    return true;
  }

  #atDefaultPorts(): LayerBuilders {
    return this.#defaultBuilders ??= this.#nameless.at(this.#ports);
  }

  #addOne(target: AddressTarget, source: string | undefined): void {
    if (target.kind === "host") this.#hosts.push({ ...target, source });
    else if (target.kind === "system") this.#systems.push({ ...target, source });
    else this.#addIntervals(target);
  }

  #addIntervals(target: AddressTarget & { readonly intervals: Iterable<Interval> }): void {
    const ports = target.ports ? [target.ports] : this.#ports;
    const builders = target.serverName !== undefined
      ? this.#namely.at(ports)
      : target.ports
      ? this.#nameless.at(ports)
      : this.#atDefaultPorts();
    for (const interval of target.intervals) {
      const block = this.#includeSpecial || !namesAddresses(target) ? undefined : namedSpecialBlock(interval);
      if (block && !this.namedSpecialBlocks.has(block)) {
        this.namedSpecialBlocks.set(block, { block, target: target.text });
      }
      (block ? builders.named : builders.ordinary).add(interval);
      if (target.serverName !== undefined) this.serverNames.add(interval, ports, target.serverName);
    }
  }
}

/**
 * A host name says nothing of the addresses behind it, and whoever owns it can point it at 10.0.0.1; but `localhost`
 * is loopback by definition (RFC 6761, 6.3). Nor does an AS.
 */
function namesAddresses(target: AddressTarget): boolean {
  return target.kind === "block" || (target.kind === "host" && /(?:^|\.)localhost$/.test(target.name));
}

function withoutExclusion(layers: readonly Layer[]): TargetGroup[] {
  return layers.map(({ ports, ordinary, named }) => new TargetGroup(ports, ordinary.union(named)));
}

function isEmpty(groups: readonly TargetGroup[]): boolean {
  return groups.every(({ intervals }) => intervals.isEmpty);
}

function emptiedBy(
  blocklists: readonly Blocklist[],
  groups: readonly TargetGroup[],
  asked: string,
): TargetError {
  const addresses = IntervalSet.union(groups.map(({ intervals }) => intervals));
  const [taking, ...others] = blocklists.flatMap((blocklist) =>
    blocklist.entriesWithin(addresses).map((entry) => ({ entry, source: blocklist.source(entry) }))
  );
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return new TargetError(
    `Cannot scan ${asked}: the blocklist takes every target away, by its entry ${taking!.entry.text}${more}`,
    taking!.source,
  );
}

/** The targets as typed, cut short where there are many. */
function summarize(targets: readonly string[]): string {
  const shown = targets.slice(0, 3).join(" ");
  return targets.length > 3 ? `${shown} and ${targets.length - 3} more` : shown;
}
