/**
 * A target set in flat arrays, as the library reads it, and walks over it in sending order.
 *
 * @module
 */
import { readAddress } from "./address.ts";
import * as bindings from "./bindings.ts";
import { check, native } from "./library.ts";

/** Addresses with the ports that are wanted on each of them. Intervals are sorted and disjoint, ports sorted. */
export interface TargetGroup {
  readonly ports: readonly number[];
  /** First and last address of each interval in turn. */
  readonly ipv4: Uint32Array;
  /** Of each interval the halves of the first address, then of the last; the upper half before the lower one. */
  readonly ipv6: BigUint64Array;
}

/** What is walked: all targets of the groups, or so many of them, drawn by the order's seed. */
export interface SampledTargets {
  readonly groups: readonly TargetGroup[];
  /** 0 for all targets, of which there may be 2^63 - 1. */
  readonly sampleCount: number | bigint;
}

/** The part of the permutation that a walk covers: shard `shardIndex` of `shardCount`. */
export interface Order {
  readonly seed: bigint;
  readonly shardIndex: number;
  readonly shardCount: number;
  /** Where an earlier walk in the same order ended; 0 for the beginning. */
  readonly cursor?: number | bigint;
}

/** The arrays behind a `Targets` struct. They must stay reachable, and as they are, for as long as what reads them. */
export class FlatTargets {
  readonly struct = new Uint8Array(bindings.Targets.size);
  readonly #ipv4: Uint32Array;
  readonly #ipv6: BigUint64Array;
  readonly #ports: Uint16Array;
  readonly #groups: Uint32Array;

  constructor({ groups, sampleCount }: SampledTargets) {
    this.#ipv4 = concatenate(Uint32Array, groups.map(({ ipv4 }) => ipv4));
    this.#ipv6 = concatenate(BigUint64Array, groups.map(({ ipv6 }) => ipv6));
    this.#ports = Uint16Array.from(groups.flatMap(({ ports }) => ports));
    this.#groups = new Uint32Array(groups.length * GROUP_FIELD_COUNT);
    let [ipv4Start, ipv6Start, portStart] = [0, 0, 0];
    groups.forEach(({ ipv4, ipv6, ports }, index) => {
      const ipv4Count = ipv4.length / IPV4_FIELD_COUNT;
      const ipv6Count = ipv6.length / IPV6_FIELD_COUNT;
      this.#groups.set(
        [ipv4Start, ipv4Count, ipv6Start, ipv6Count, portStart, ports.length],
        index * GROUP_FIELD_COUNT,
      );
      ipv4Start += ipv4Count;
      ipv6Start += ipv6Count;
      portStart += ports.length;
    });

    const struct = new DataView(this.struct.buffer);
    struct.setBigUint64(bindings.Targets.ipv4, pointerTo(this.#ipv4), true);
    struct.setBigUint64(bindings.Targets.ipv6, pointerTo(this.#ipv6), true);
    struct.setBigUint64(bindings.Targets.ports, pointerTo(this.#ports), true);
    struct.setBigUint64(bindings.Targets.groups, pointerTo(this.#groups), true);
    struct.setUint32(bindings.Targets.ipv4Count, ipv4Start, true);
    struct.setUint32(bindings.Targets.ipv6Count, ipv6Start, true);
    struct.setUint32(bindings.Targets.portCount, portStart, true);
    struct.setUint32(bindings.Targets.groupCount, groups.length, true);
    struct.setBigUint64(bindings.Targets.sampleCount, BigInt(sampleCount), true);
  }
}

const IPV4_FIELD_COUNT = bindings.Ipv4Interval.size / Uint32Array.BYTES_PER_ELEMENT;
const IPV6_FIELD_COUNT = bindings.Ipv6Interval.size / BigUint64Array.BYTES_PER_ELEMENT;
const GROUP_FIELD_COUNT = bindings.Group.size / Uint32Array.BYTES_PER_ELEMENT;

/** A single part is not copied: it may be a list of millions. */
function concatenate<Numbers extends Uint32Array | BigUint64Array>(
  type: new (length: number) => Numbers,
  parts: readonly Numbers[],
): Numbers {
  if (parts.length === 1) return parts[0]!;
  const whole = new type(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    // Of the same type, which the compiler does not see through the union.
    whole.set(part as Uint32Array & BigUint64Array, offset);
    offset += part.length;
  }
  return whole;
}

/** The address of a buffer's first octet; 0 for an empty one. */
export function pointerTo(buffer: ArrayBufferView<ArrayBufferLike>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer as Uint8Array<ArrayBuffer>)));
}

/** An `Order` as the library reads it. */
export function orderStruct(order: Order): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(bindings.Order.size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bindings.Order.seed, order.seed, true);
  view.setBigUint64(bindings.Order.cursor, BigInt(order.cursor ?? 0), true);
  view.setUint32(bindings.Order.shardIndex, order.shardIndex, true);
  view.setUint32(bindings.Order.shardCount, order.shardCount, true);
  return bytes;
}

/** The order of one process that probes every target itself. */
export function wholeOrder(seed: bigint): Order {
  return { seed, shardIndex: 0, shardCount: 1 };
}

/** A target of a walk. */
export interface WalkedTarget {
  readonly address: bigint;
  readonly port: number;
}

/** What walks under way read: a variable that is not used any more would not keep it from the garbage collector. */
const WALKED = new Set<FlatTargets>();

/** Yields the first `targetsMax` targets in the order in which a sweep with the same seed probes them. */
export function* walk(targets: SampledTargets, order: Order, targetsMax = Infinity): Generator<WalkedTarget> {
  for (const { found } of walkInSteps(targets, order, targetsMax)) yield* found;
}

/** Some targets of a walk. */
export interface WalkStep {
  readonly found: readonly WalkedTarget[];
  /** Where a walk goes on behind them: an {@linkcode Order.cursor}. */
  readonly cursor: bigint;
}

/** Targets of a step: few enough that who goes on from one's beginning meets few again. */
const STEP_TARGETS = 64;

/** As {@linkcode walk}; the last step may be empty. */
export function* walkInSteps(
  targets: SampledTargets,
  order: Order,
  targetsMax = Infinity,
): Generator<WalkStep> {
  const flat = new FlatTargets(targets);
  const handle = new BigUint64Array(1);
  check(native().margay_walk_open(flat.struct, orderStruct(order), handle), "walk the target set");
  WALKED.add(flat);
  try {
    const { size, address, port } = bindings.WalkTarget;
    const octets = new Uint8Array(size * STEP_TARGETS);
    const view = new DataView(octets.buffer);
    const count = new Uint32Array(1);
    const cursor = new BigUint64Array(1);
    for (let left = targetsMax; left > 0; left -= count[0]!) {
      const wanted = Math.min(left, STEP_TARGETS);
      check(native().margay_walk_next(handle[0]!, octets, wanted, count, cursor), "walk the target set");
      const found = Array.from({ length: count[0]! }, (_, index): WalkedTarget => ({
        address: readAddress(view, index * size + address),
        port: view.getUint16(index * size + port, true),
      }));
      yield { found, cursor: cursor[0]! };
      if (found.length < wanted) return;
    }
  } finally {
    check(native().margay_walk_close(handle[0]!), "end the walk");
    WALKED.delete(flat);
  }
}
