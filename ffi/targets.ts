/**
 * A target set in flat arrays, as the library reads it, and walks over it in sending order.
 *
 * @module
 */
import { readAddress, writeAddress } from "./address.ts";
import * as bindings from "./bindings.ts";
import { check, native } from "./library.ts";

/** Addresses with the ports that are wanted on each of them. Intervals are sorted and disjoint, ports sorted. */
export interface TargetGroup {
  readonly ports: readonly number[];
  readonly intervals: Iterable<{ readonly first: bigint; readonly last: bigint }>;
}

/** The part of the permutation that a walk covers: shard `shardIndex` of `shardCount`. */
export interface Order {
  readonly seed: bigint;
  readonly shardIndex: number;
  readonly shardCount: number;
}

/** The arrays behind a `Targets` struct. They must stay reachable while a call that got the struct runs. */
export class FlatTargets {
  readonly struct = new Uint8Array(bindings.Targets.size);
  readonly #intervals: Uint8Array<ArrayBuffer>;
  readonly #ports: Uint16Array<ArrayBuffer>;
  readonly #groups: Uint32Array<ArrayBuffer>;

  constructor(groups: readonly TargetGroup[]) {
    const intervals = groups.map((group) => [...group.intervals]);
    const intervalCount = intervals.reduce((sum, { length }) => sum + length, 0);
    const portCount = groups.reduce((sum, group) => sum + group.ports.length, 0);
    this.#intervals = new Uint8Array(intervalCount * bindings.Interval.size);
    this.#ports = new Uint16Array(portCount);
    this.#groups = new Uint32Array(groups.length * bindings.Group.size / 4);

    const view = new DataView(this.#intervals.buffer);
    let interval = 0;
    let port = 0;
    groups.forEach((group, index) => {
      this.#groups.set(
        [interval, intervals[index]!.length, port, group.ports.length],
        index * bindings.Group.size / 4,
      );
      for (const { first, last } of intervals[index]!) {
        const at = interval++ * bindings.Interval.size;
        writeAddress(view, at + bindings.Interval.first, first);
        writeAddress(view, at + bindings.Interval.last, last);
      }
      this.#ports.set(group.ports, port);
      port += group.ports.length;
    });

    const struct = new DataView(this.struct.buffer);
    struct.setBigUint64(bindings.Targets.intervals, pointerTo(this.#intervals), true);
    struct.setBigUint64(bindings.Targets.ports, pointerTo(this.#ports), true);
    struct.setBigUint64(bindings.Targets.groups, pointerTo(this.#groups), true);
    struct.setUint32(bindings.Targets.intervalCount, intervalCount, true);
    struct.setUint32(bindings.Targets.portCount, portCount, true);
    struct.setUint32(bindings.Targets.groupCount, groups.length, true);
  }
}

/** The address of a buffer's first octet. */
export function pointerTo(buffer: ArrayBufferView<ArrayBufferLike>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer as Uint8Array<ArrayBuffer>)));
}

/** An `Order` as the library reads it. */
export function orderStruct(order: Order): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(bindings.Order.size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bindings.Order.seed, order.seed, true);
  view.setUint32(bindings.Order.shardIndex, order.shardIndex, true);
  view.setUint32(bindings.Order.shardCount, order.shardCount, true);
  return bytes;
}

/** The order of one process that probes every target itself. */
export function wholeOrder(seed: bigint): Order {
  return { seed, shardIndex: 0, shardCount: 1 };
}

/** Yields the first `targetsMax` targets in the order in which a sweep with the same seed probes them. */
export function* walk(
  groups: readonly TargetGroup[],
  order: Order,
  targetsMax = Infinity,
): Generator<{ address: bigint; port: number }> {
  let targetsLeft = targetsMax;
  const flat = new FlatTargets(groups);
  const handle = new BigUint64Array(1);
  check(native().margay_walk_open(flat.struct, orderStruct(order), handle), "walk the target set");
  try {
    const { size, address, port } = bindings.WalkTarget;
    const capacity = 1024;
    const found = new Uint8Array(size * capacity);
    const view = new DataView(found.buffer);
    const count = new Uint32Array(1);
    do {
      check(native().margay_walk_next(handle[0]!, found, capacity, count), "walk the target set");
      for (let index = 0; index < count[0]!; index++) {
        if (targetsLeft-- <= 0) return;
        const at = index * size;
        yield { address: readAddress(view, at + address), port: view.getUint16(at + port, true) };
      }
    } while (count[0] === capacity);
  } finally {
    check(native().margay_walk_close(handle[0]!), "end the walk");
  }
}
