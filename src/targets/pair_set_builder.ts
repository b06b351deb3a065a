import { IntervalSetBuilder } from "./interval_set.ts";
import { ServerNames } from "./server_names.ts";
import { TargetGroup, TargetSet } from "./target_set.ts";

/** Collects targets one by one, of either family: eight octets for each of IPv4. */
export class PairSetBuilder {
  readonly #byPort = new Map<number, IntervalSetBuilder>();

  add(address: bigint, port: number): void {
    let builder = this.#byPort.get(port);
    if (builder === undefined) this.#byPort.set(port, builder = new IntervalSetBuilder());
    builder.add({ first: address, last: address });
  }

  /** Empties the builder, whose memory the set takes over. */
  build(): TargetSet {
    const groups = [...this.#byPort].map(([port, builder]) => new TargetGroup([port], builder.build()));
    return new TargetSet(groups, new ServerNames());
  }
}
