import { PairSetBuilder, type TargetSet } from "../targets/mod.ts";
import { targetKey } from "./target_feed.ts";

/** Which hosts a run has found: millions of them, in eight octets for each of IPv4. */
export class KnownHosts {
  readonly #builder = new PairSetBuilder();
  #set: TargetSet | undefined;
  /** Added after the first look: few. */
  readonly #late = new Set<string>();

  add(address: bigint, port: number): void {
    if (this.#set === undefined) this.#builder.add(address, port);
    else if (!this.has(address, port)) this.#late.add(targetKey({ address, port }));
  }

  has(address: bigint, port: number): boolean {
    return this.#built.contains(address, port) || this.#late.has(targetKey({ address, port }));
  }

  get count(): number {
    return Number(this.#built.count) + this.#late.size;
  }

  get #built(): TargetSet {
    return this.#set ??= this.#builder.build();
  }
}
