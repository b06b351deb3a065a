import { isIpv4, parseAddress } from "./address.ts";
import { type Blocklist, entriesWithin, readBlocklist } from "./blocklist.ts";
import { excludeBlocklist, excludeSpecial, type Exclusion } from "./exclusions.ts";
import { type Interval, IntervalSet } from "./intervals.ts";
import { type Layer, LayerCollector } from "./layers.ts";
import { mergePortRanges, type PortRange } from "./ports.ts";
import { resolveHosts, type ResolveName, resolveName } from "./resolve.ts";
import { ServerNames } from "./server_names.ts";
import { readEntries, type ReadLines, readLines } from "./source.ts";
import { namedSpecialBlock, type SpecialBlock } from "./special_purpose.ts";
import { type BlockTarget, type HostTarget, parseTarget } from "./target.ts";
import { TargetError } from "./target_error.ts";
import { type TargetGroup, TargetSet } from "./target_set.ts";

/** What a scan was asked to send to, and what it must not. */
export interface TargetRequest {
  /** As typed: see {@linkcode parseTarget}. */
  readonly targets: readonly string[];
  /** For targets that bring no port of their own. */
  readonly ports: readonly PortRange[];
  /** Paths. */
  readonly blocklists?: readonly string[];
  /** Whether special-purpose addresses are ordinary targets. */
  readonly includeSpecial?: boolean;
}

/** Where the outside world comes in. */
export interface TargetSources {
  readonly readLines: ReadLines;
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
}

const SYSTEM: TargetSources = { readLines, resolveName };

/**
 * Reads the targets, their files and the blocklists, resolves host names, and takes away what is not to be sent to.
 *
 * @throws {TargetError} for text, files and names that are wrong, for IPv6 targets, and for a set with nothing in it.
 */
export async function loadTargets(
  request: TargetRequest,
  sources: TargetSources = SYSTEM,
): Promise<LoadedTargets> {
  if (request.targets.length === 0) {
    throw new TargetError(
      "Cannot scan: no target is given; name an address, CIDR, range, host name, @file or -",
    );
  }
  const blocklists: Blocklist[] = [];
  for (const path of request.blocklists ?? []) blocklists.push(await readBlocklist(path, sources.readLines));

  const loader = new Loader(request);
  for (const text of request.targets) await loader.add(text, sources.readLines);
  await loader.resolve(sources.resolveName);
  const layers = loader.layers.build();
  const asked = summarize(request.targets);
  if (layers.every(({ ordinary, named }) => ordinary.isEmpty && named.isEmpty)) {
    throw new TargetError(`Cannot scan ${asked}: there is no target in it`);
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
  const exclusions = [...special.exclusions];
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
  };
}

/** Sorts targets as they are read into layers, and host names aside until all are known. */
class Loader {
  readonly layers = new LayerCollector();
  readonly serverNames = new ServerNames();
  readonly namedSpecialBlocks = new Map<SpecialBlock, NamedSpecialBlock>();
  readonly #ports: readonly PortRange[];
  readonly #includeSpecial: boolean;
  readonly #hosts: (HostTarget & { readonly source: string | undefined })[] = [];

  constructor(request: TargetRequest) {
    this.#ports = mergePortRanges(request.ports);
    this.#includeSpecial = request.includeSpecial ?? false;
  }

  async add(text: string, read: ReadLines): Promise<void> {
    const target = parseTarget(text);
    if (target.kind !== "list") return this.#addOne(target, undefined);
    for await (const entries of readEntries(target.path, read)) {
      for (const entry of entries) this.#addEntry(entry.text, entry.source);
    }
  }

  async resolve(resolve: ResolveName): Promise<void> {
    const addresses = await resolveHosts(this.#hosts, resolve);
    for (const host of this.#hosts) {
      const intervals = addresses.get(host.name)!.map((text) => {
        const address = parseAddress(text);
        if (address === undefined) throw new TargetError(`Cannot resolve ${host.name}: it became "${text}"`);
        return { first: address, last: address };
      });
      this.#addIntervals({ ...host, intervals });
    }
  }

  #addEntry(text: string, source: string): void {
    try {
      const target = parseTarget(text);
      if (target.kind === "list") {
        throw new TargetError(`Cannot parse target "${text}": a list of targets cannot name another list`);
      }
      this.#addOne(target, source);
    } catch (error) {
      throw error instanceof TargetError ? new TargetError(error.message, source) : error;
    }
  }

  #addOne(target: BlockTarget | HostTarget, source: string | undefined): void {
    if (target.kind === "host") this.#hosts.push({ ...target, source });
    else this.#addIntervals(target);
  }

  #addIntervals(target: (BlockTarget | HostTarget) & { readonly intervals: readonly Interval[] }): void {
    const ports = target.ports ? [target.ports] : this.#ports;
    const builders = this.layers.at(ports);
    for (const interval of target.intervals) {
      if (!isIpv4(interval.first)) {
        throw new TargetError(`Cannot scan ${target.text}: IPv6 is not supported yet`);
      }
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
 * is loopback by definition (RFC 6761, 6.3).
 */
function namesAddresses(target: BlockTarget | HostTarget): boolean {
  return target.kind === "block" || /(?:^|\.)localhost$/.test(target.name);
}

function withoutExclusion(layers: readonly Layer[]): TargetGroup[] {
  return layers.map(({ ports, ordinary, named }) => ({ ports, intervals: ordinary.union(named) }));
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
  const [entry, ...others] = blocklists.flatMap((blocklist) => entriesWithin(blocklist, addresses));
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return new TargetError(
    `Cannot scan ${asked}: the blocklist takes every target away, by its entry ${entry!.text}${more}`,
    entry!.source,
  );
}

/** The targets as typed, cut short where there are many. */
function summarize(targets: readonly string[]): string {
  const shown = targets.slice(0, 3).join(" ");
  return targets.length > 3 ? `${shown} and ${targets.length - 3} more` : shown;
}
