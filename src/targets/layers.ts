import { IntervalSet, IntervalSetBuilder } from "./interval_set.ts";
import { IPV6 } from "./interval_layout.ts";
import { PairBuilder } from "./pair_builder.ts";
import { expandPorts, formatPorts, type PortRange } from "./ports.ts";

/** What was asked for at some ports, before anything is excluded. */
export interface Layer {
  readonly ports: readonly number[];
  /** From targets that named no special-purpose block: special addresses are still among them. */
  readonly ordinary: IntervalSet;
  /** From targets that named one, and such as have nothing to exclude. */
  readonly named: IntervalSet;
}

/** What was asked for at some ports by those who named just these; a port may be in several. */
export interface AskedTargets {
  readonly ports: readonly PortRange[];
  readonly ordinary: IntervalSet;
  readonly named: IntervalSet;
}

/** Where the targets of some ports are collected. */
export interface LayerBuilders {
  readonly ports: readonly PortRange[];
  readonly ordinary: IntervalSetBuilder;
  readonly named: IntervalSetBuilder;
}

/** Collects targets by the ports they were asked with. */
export class LayerCollector {
  readonly #builders = new Map<string, LayerBuilders>();
  readonly #pairs = new PairBuilder();

  at(ports: readonly PortRange[]): LayerBuilders {
    const key = formatPorts(ports);
    let builders = this.#builders.get(key);
    if (!builders) {
      builders = { ports, ordinary: new IntervalSetBuilder(), named: new IntervalSetBuilder() };
      this.#builders.set(key, builders);
    }
    return builders;
  }

  /** Adds one IPv4 address at one port: the fast way for millions of pairs. It counts as named. */
  addPair(address: number, port: number): void {
    this.#pairs.add(address, port);
  }

  /** Gives back what was collected, and keeps nothing of it. */
  take(): AskedTargets[] {
    const asked: AskedTargets[] = [...this.#builders.values()].map(({ ports, ordinary, named }) => ({
      ports,
      ordinary: ordinary.build(),
      named: named.build(),
    }));
    for (const [port, words] of this.#pairs.build()) {
      asked.push({
        ports: [{ first: port, last: port }],
        ordinary: IntervalSet.EMPTY,
        named: IntervalSet.fromWords(words, IPV6.create(0)),
      });
    }
    return asked;
  }
}

/** Targets with each port in one layer only. */
export function layersOf(asked: readonly AskedTargets[]): Layer[] {
  return overlaps(asked.map(({ ports }) => ports)).map(({ ports, members }) => ({
    ports,
    ordinary: IntervalSet.union(members.map((member) => asked[member]!.ordinary)),
    named: IntervalSet.union(members.map((member) => asked[member]!.named)),
  }));
}

/** All ports in any of `portSets`, those in the same ones together; `members` says in which, by index. */
function overlaps(portSets: readonly (readonly PortRange[])[]): { ports: number[]; members: number[] }[] {
  const changes = new Map<number, number[]>();
  for (const [index, ranges] of portSets.entries()) {
    for (const { first, last } of ranges) {
      for (const port of [first, last + 1]) changes.set(port, [...changes.get(port) ?? [], index]);
    }
  }
  const result = new Map<string, { ports: number[]; members: number[] }>();
  const active = new Set<number>();
  const cuts = [...changes.keys()].sort((a, b) => a - b);
  for (const [position, port] of cuts.entries()) {
    // The ranges of one set are disjoint, so each of its changes is an entry or a leave, by turns.
    for (const index of changes.get(port)!) {
      if (!active.delete(index)) active.add(index);
    }
    if (active.size === 0) continue;
    const members = [...active].sort((a, b) => a - b);
    const key = members.join();
    const ports = expandPorts([{ first: port, last: cuts[position + 1]! - 1 }]);
    const same = result.get(key);
    if (same) same.ports = same.ports.concat(ports);
    else result.set(key, { ports, members });
  }
  return [...result.values()];
}
