/**
 * The kernel's interfaces, addresses, routes, policy rules and neighbours.
 *
 * @module
 */
import { readAddress, writeAddress } from "./address.ts";
import * as bindings from "./bindings.ts";
import { NativeError } from "./error.ts";
import { check, native } from "./library.ts";

export interface Interface {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  /** Whether somebody is at the other end. */
  readonly hasCarrier: boolean;
  /** Whether neighbours have link addresses that can be asked for. */
  readonly resolvesNeighbors: boolean;
  readonly isPointToPoint: boolean;
  /** In octets, of IP packets. */
  readonly mtu: number;
  /** ARPHRD_*: 1 is Ethernet, 772 loopback, 65534 none. */
  readonly linkType: number;
  readonly hardwareAddress: Uint8Array;
  readonly counters: InterfaceCounters;
}

/** What an interface has counted since it was made. */
export interface InterfaceCounters {
  readonly framesReceived: number;
  /** On arrival, for want of room or of anybody who wanted them. */
  readonly receiveDrops: number;
  readonly framesSent: number;
  /** Frames that did not leave: errors and drops. */
  readonly sendFailures: number;
}

export interface LocalAddress {
  readonly address: bigint;
  readonly interfaceIndex: number;
  /** In bits of the 128-bit address: 96 more than IPv4 text says. */
  readonly prefixLength: number;
  /** RT_SCOPE_* of linux/rtnetlink.h: 0 is the world, 253 the link, 254 this host. */
  readonly scope: number;
  /** Not known to be this host's alone: duplicate address detection is under way or has failed. */
  readonly isTentative: boolean;
  /** Not for new connections (RFC 4862, 5.5.4). */
  readonly isDeprecated: boolean;
  /** Made up for privacy (RFC 8981). */
  readonly isTemporary: boolean;
}

export type RouteKind = keyof typeof bindings.RouteKind;

/** One way of one route: a route over several next hops is as many entries in a row. */
export interface Route {
  readonly destination: bigint;
  /** In bits of the 128-bit address: 96 more than IPv4 text says. */
  readonly prefixLength: number;
  readonly kind: RouteKind;
  /** Of either family, whichever the destination is of. */
  readonly gateway: bigint;
  /** The preferred source, 0n when the route has none. */
  readonly source: bigint;
  /** Only packets from the addresses of this prefix take the route. */
  readonly from: bigint;
  readonly fromPrefixLength: number;
  readonly interfaceIndex: number;
  readonly metric: number;
  readonly table: number;
  /** The interface has no carrier. */
  readonly isLinkDown: boolean;
}

export type RuleAction = keyof typeof bindings.RuleAction;
export type RuleConditions = keyof typeof bindings.RuleConditions;

/** A policy rule: which packets are looked up in which table (ip-rule(8)). */
export interface Rule {
  readonly family: 4 | 6;
  /** The lowest is asked first. */
  readonly priority: number;
  readonly from: bigint;
  readonly fromPrefixLength: number;
  readonly to: bigint;
  readonly toPrefixLength: number;
  /** The outgoing interface that a socket must be bound to; undefined: any or none. */
  readonly interfaceName: string | undefined;
  /** Whether what else the rule asks is true of a TCP packet of this process that bears no mark. */
  readonly conditions: RuleConditions;
  /** The rule matches what its conditions, addresses among them, do not. */
  readonly isInverted: boolean;
  readonly action: RuleAction;
  readonly table: number;
  /** Shorter routes of the table don't count. */
  readonly routePrefixLengthMin: number;
}

const ROUTE_KINDS = Object.keys(bindings.RouteKind) as RouteKind[];
const RULE_ACTIONS = Object.keys(bindings.RuleAction) as RuleAction[];
const SOURCES = Object.keys(bindings.Source) as Neighbor["source"][];
const RULE_CONDITIONS = Object.keys(bindings.RuleConditions) as RuleConditions[];

/** IFNAMSIZ of linux/if.h, with the NUL. */
const NAME_SIZE = 16;

/** Every interface of this network namespace. */
export function interfaces(): Interface[] {
  const layout = bindings.Interface;
  return dump(native().margay_interfaces, layout.size, "list the interfaces", (view, at) => ({
    name: readName(view, at + layout.name),
    index: view.getUint32(at + layout.index, true),
    up: readFlag(view, at + layout.up),
    hasCarrier: readFlag(view, at + layout.hasCarrier),
    resolvesNeighbors: readFlag(view, at + layout.resolvesNeighbors),
    isPointToPoint: readFlag(view, at + layout.isPointToPoint),
    mtu: view.getUint32(at + layout.mtu, true),
    linkType: view.getUint32(at + layout.linkType, true),
    hardwareAddress: new Uint8Array(
      view.buffer.slice(at + layout.hardwareAddress, at + layout.hardwareAddress + 6),
    ),
    counters: {
      framesReceived: readCount(view, at + layout.framesReceived),
      receiveDrops: readCount(view, at + layout.receiveDrops),
      framesSent: readCount(view, at + layout.framesSent),
      sendFailures: readCount(view, at + layout.sendFailures),
    },
  }));
}

/** Every address of this host. */
export function localAddresses(): LocalAddress[] {
  const layout = bindings.LocalAddress;
  return dump(
    native().margay_local_addresses,
    layout.size,
    "list the addresses of this host",
    (view, at) => ({
      address: readAddress(view, at + layout.address),
      interfaceIndex: view.getUint32(at + layout.interfaceIndex, true),
      prefixLength: view.getUint32(at + layout.prefixLength, true),
      scope: view.getUint32(at + layout.scope, true),
      isTentative: readFlag(view, at + layout.isTentative),
      isDeprecated: readFlag(view, at + layout.isDeprecated),
      isTemporary: readFlag(view, at + layout.isTemporary),
    }),
  );
}

/** The routes of all tables, both families, each table's in the kernel's order. */
export function routes(): Route[] {
  const layout = bindings.Route;
  return dump(native().margay_routes, layout.size, "list the routes", (view, at) => ({
    destination: readAddress(view, at + layout.destination),
    prefixLength: view.getUint32(at + layout.prefixLength, true),
    kind: ROUTE_KINDS[view.getUint32(at + layout.kind, true)] ?? "none",
    gateway: readAddress(view, at + layout.gateway),
    source: readAddress(view, at + layout.source),
    from: readAddress(view, at + layout.from),
    fromPrefixLength: view.getUint32(at + layout.fromPrefixLength, true),
    interfaceIndex: view.getUint32(at + layout.interfaceIndex, true),
    metric: view.getUint32(at + layout.metric, true),
    table: view.getUint32(at + layout.table, true),
    isLinkDown: readFlag(view, at + layout.isLinkDown),
  }));
}

/** The policy rules of both families, each family's in the order in which they are asked. */
export function rules(): Rule[] {
  const layout = bindings.Rule;
  return dump(native().margay_rules, layout.size, "list the routing rules", (view, at) => ({
    family: view.getUint32(at + layout.family, true) === 4 ? 4 : 6,
    priority: view.getUint32(at + layout.priority, true),
    from: readAddress(view, at + layout.from),
    fromPrefixLength: view.getUint32(at + layout.fromPrefixLength, true),
    to: readAddress(view, at + layout.to),
    toPrefixLength: view.getUint32(at + layout.toPrefixLength, true),
    interfaceName: readName(view, at + layout.interfaceName) || undefined,
    conditions: RULE_CONDITIONS[view.getUint32(at + layout.conditions, true)] ?? "unknown",
    isInverted: readFlag(view, at + layout.isInverted),
    action: RULE_ACTIONS[view.getUint32(at + layout.action, true)] ?? "pass",
    table: view.getUint32(at + layout.table, true),
    routePrefixLengthMin: view.getUint32(at + layout.routePrefixLengthMin, true),
  }));
}

export interface NeighborQuery {
  readonly interfaceIndex: number;
  /** Who asks: of the neighbour's family. */
  readonly local: bigint;
  readonly localHardware: Uint8Array;
  readonly neighbor: bigint;
  /** The VLAN to ask in, 0 without a tag. */
  readonly vlan?: number;
  /** Whether to ask the neighbour even if the kernel's table knows it. */
  readonly isAnew?: boolean;
}

export interface Neighbor {
  readonly hardwareAddress: Uint8Array;
  /** Whether the kernel knew it already, or which question of ours was answered. */
  readonly source: keyof typeof bindings.Source;
}

/** A neighbour's link address; undefined when nobody answers for it within three seconds. */
export async function resolveNeighbor(query: NeighborQuery): Promise<Neighbor | undefined> {
  const layout = bindings.NeighborQuery;
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  writeAddress(view, layout.local, query.local);
  writeAddress(view, layout.neighbor, query.neighbor);
  view.setUint32(layout.interfaceIndex, query.interfaceIndex, true);
  view.setUint16(layout.vlan, query.vlan ?? 0, true);
  view.setUint16(layout.isAnew, query.isAnew ? 1 : 0, true);
  bytes.set(query.localHardware, layout.localHardware);
  try {
    check(await native().margay_neighbor_resolve(bytes), "ask for the gateway's link address");
  } catch (error) {
    if (error instanceof NativeError && error.status === "noNeighbor") return undefined;
    throw error;
  }
  const source = SOURCES[view.getUint32(layout.source, true)] ?? "kernelTable";
  return { hardwareAddress: bytes.slice(layout.hardwareAddress, layout.hardwareAddress + 6), source };
}

type DumpFunction = (
  found: Uint8Array<ArrayBuffer>,
  capacity: number,
  count: Uint32Array<ArrayBuffer>,
) => number;

/** Calls a dump with a buffer that grows until the answer fits. */
function dump<Entry>(
  call: DumpFunction,
  entrySize: number,
  action: string,
  read: (view: DataView<ArrayBuffer>, offset: number) => Entry,
): Entry[] {
  for (let capacity = 256;; capacity *= 8) {
    const bytes = new Uint8Array(entrySize * capacity);
    const count = new Uint32Array(1);
    try {
      check(call(bytes, capacity, count), action);
    } catch (error) {
      if (error instanceof NativeError && error.status === "noSpace") continue;
      throw error;
    }
    const view = new DataView(bytes.buffer);
    return Array.from({ length: count[0]! }, (_, index) => read(view, index * entrySize));
  }
}

function readFlag(view: DataView, offset: number): boolean {
  return view.getUint32(offset, true) !== 0;
}

function readCount(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

/** Reads the name of an interface, which a NUL ends; empty when there is none. */
function readName(view: DataView<ArrayBuffer>, offset: number): string {
  const octets = new Uint8Array(view.buffer, offset, NAME_SIZE);
  const end = octets.indexOf(0);
  return new TextDecoder().decode(octets.subarray(0, end < 0 ? NAME_SIZE : end));
}
