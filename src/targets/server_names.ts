import { formatInterval, type Interval } from "./interval.ts";
import type { AskedTargets } from "./layers.ts";
import { formatPorts, type PortRange } from "./ports.ts";

interface NamedTargets {
  readonly interval: Interval;
  readonly ports: readonly PortRange[];
  readonly name: string;
}

const NO_NAMES: readonly string[] = [];

/** Which names to ask for (TLS server name indication) at which targets. */
export class ServerNames {
  #byAddress = new Map<bigint, NamedTargets[]>();
  #byInterval: NamedTargets[] = [];
  #nameless: readonly AskedTargets[] = [];

  add(interval: Interval, ports: readonly PortRange[], name: string): void {
    const named = { interval, ports, name };
    if (interval.first !== interval.last) {
      this.#byInterval.push(named);
      return;
    }
    const others = this.#byAddress.get(interval.first);
    if (others) others.push(named);
    else this.#byAddress.set(interval.first, [named]);
  }

  /** Takes what was asked for without a name, some of which may have been asked for with one as well. */
  addNameless(asked: readonly AskedTargets[]): void {
    this.#nameless = asked;
  }

  /** All of it, each fact once, in an order that does not depend on the one in which it came. */
  lines(): string[] {
    const named = [...this.#byAddress.values(), this.#byInterval].flat().map(({ interval, ports, name }) =>
      `name ${formatInterval(interval)} ${formatPorts(ports)} ${name}`
    );
    const nameless = this.#nameless.flatMap(({ ports, ordinary, named }) =>
      [...ordinary.union(named)].map((interval) =>
        `nameless ${formatInterval(interval)} ${formatPorts(ports)}`
      )
    );
    return [...new Set([...named, ...nameless])].sort();
  }

  /**
   * Without duplicates: undefined where the target was given without a name too, then the names given to the address
   * itself, then those given to a block around it. Nothing where no name was given.
   */
  get(address: bigint, port: number): readonly (string | undefined)[] {
    // Asked of every host, and of most runs in vain.
    if (this.#byAddress.size === 0 && this.#byInterval.length === 0) return NO_NAMES;
    const candidates = [...this.#byAddress.get(address) ?? [], ...this.#byInterval];
    const matches = candidates.filter(({ interval, ports }) =>
      interval.first <= address && address <= interval.last &&
      ports.some(({ first, last }) => first <= port && port <= last)
    );
    if (matches.length === 0) return NO_NAMES;
    const isNameless = this.#nameless.some(({ ports, ordinary, named }) =>
      ports.some(({ first, last }) => first <= port && port <= last) &&
      (ordinary.contains(address) || named.contains(address))
    );
    return [...isNameless ? [undefined] : [], ...new Set(matches.map(({ name }) => name))];
  }
}
