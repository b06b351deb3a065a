import type { Interval } from "./interval.ts";
import type { PortRange } from "./ports.ts";

interface NamedTargets {
  readonly interval: Interval;
  readonly ports: readonly PortRange[];
  readonly name: string;
}

/** Which names to ask for (TLS server name indication) at which targets. */
export class ServerNames {
  #byAddress = new Map<bigint, NamedTargets[]>();
  #byInterval: NamedTargets[] = [];

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

  /** Without duplicates: first the names given to the address itself, then those given to a block around it. */
  get(address: bigint, port: number): string[] {
    const candidates = [...this.#byAddress.get(address) ?? [], ...this.#byInterval];
    const matches = candidates.filter(({ interval, ports }) =>
      interval.first <= address && address <= interval.last &&
      ports.some(({ first, last }) => first <= port && port <= last)
    );
    return [...new Set(matches.map(({ name }) => name))];
  }
}
