/**
 * The kernel's interfaces, addresses, routes and neighbours.
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
  /** In octets, of IP packets. */
  readonly mtu: number;
  /** ARPHRD_*: 1 is Ethernet, 772 loopback. */
  readonly linkType: number;
  readonly hardwareAddress: Uint8Array;
}

export interface LocalAddress {
  readonly address: bigint;
  readonly interfaceIndex: number;
}

export type RouteKind = keyof typeof bindings.RouteKind;

export interface Route {
  readonly destination: bigint;
  /** In bits of the 128-bit address: 96 more than IPv4 text says. */
  readonly prefixLength: number;
  readonly kind: RouteKind;
  readonly gateway: bigint;
  /** The preferred source, 0n when the route has none. */
  readonly source: bigint;
  readonly interfaceIndex: number;
  readonly metric: number;
}

const ROUTE_KINDS = Object.keys(bindings.RouteKind) as RouteKind[];

/** Every interface of this network namespace. */
export function interfaces(): Interface[] {
  const { size, name, index, up, mtu, linkType, hardwareAddress } = bindings.Interface;
  return dump(native().margay_interfaces, size, "list the interfaces", (view, at) => {
    const octets = new Uint8Array(view.buffer, at + name, 16);
    const end = octets.indexOf(0);
    return {
      name: new TextDecoder().decode(octets.subarray(0, end < 0 ? 16 : end)),
      index: view.getUint32(at + index, true),
      up: view.getUint32(at + up, true) !== 0,
      mtu: view.getUint32(at + mtu, true),
      linkType: view.getUint32(at + linkType, true),
      hardwareAddress: new Uint8Array(view.buffer.slice(at + hardwareAddress, at + hardwareAddress + 6)),
    };
  });
}

/** Every address of this host. */
export function localAddresses(): LocalAddress[] {
  const { size, address, interfaceIndex } = bindings.LocalAddress;
  return dump(native().margay_local_addresses, size, "list the addresses of this host", (view, at) => ({
    address: readAddress(view, at + address),
    interfaceIndex: view.getUint32(at + interfaceIndex, true),
  }));
}

/** The IPv4 routes that an ordinary packet meets. */
export function routes(): Route[] {
  const layout = bindings.Route;
  return dump(native().margay_routes, layout.size, "list the routes", (view, at) => ({
    destination: readAddress(view, at + layout.destination),
    prefixLength: view.getUint32(at + layout.prefixLength, true),
    kind: ROUTE_KINDS[view.getUint32(at + layout.kind, true)] ?? "none",
    gateway: readAddress(view, at + layout.gateway),
    source: readAddress(view, at + layout.source),
    interfaceIndex: view.getUint32(at + layout.interfaceIndex, true),
    metric: view.getUint32(at + layout.metric, true),
  }));
}

export interface NeighborQuery {
  readonly interfaceIndex: number;
  readonly local: bigint;
  readonly localHardware: Uint8Array;
  readonly neighbor: bigint;
}

export interface Neighbor {
  readonly hardwareAddress: Uint8Array;
  /** Whether the kernel knew it already or our own question was answered. */
  readonly source: "kernelTable" | "arp";
}

/** A neighbour's link address; undefined when nobody answers for it within three seconds. */
export async function resolveNeighbor(query: NeighborQuery): Promise<Neighbor | undefined> {
  const layout = bindings.NeighborQuery;
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  writeAddress(view, layout.local, query.local);
  writeAddress(view, layout.neighbor, query.neighbor);
  view.setUint32(layout.interfaceIndex, query.interfaceIndex, true);
  bytes.set(query.localHardware, layout.localHardware);
  try {
    check(await native().margay_neighbor_resolve(bytes), "ask for the gateway's link address");
  } catch (error) {
    if (error instanceof NativeError && error.status === "noNeighbor") return undefined;
    throw error;
  }
  const source = view.getUint32(layout.source, true) === bindings.Source.arp ? "arp" : "kernelTable";
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
