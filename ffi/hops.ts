/**
 * Where raw frames leave from, in flat arrays as the library reads them.
 *
 * @module
 */
import { writeAddress } from "./address.ts";
import * as bindings from "./bindings.ts";

/** One way out for targets of one family. */
export interface PlaneHop {
  readonly interfaceIndex: number;
  /** In octets, of IP packets. */
  readonly mtu: number;
  /** 0 for none. */
  readonly vlan: number;
  /** `bare` where there is no link header: tun, WireGuard and their like. */
  readonly kind: keyof typeof bindings.Kind;
  readonly localHardware: Uint8Array;
  /** The gateway's; undefined where targets are neighbours, or nobody has one. */
  readonly nextHardware: Uint8Array | undefined;
  /** What probes come from, all of one family. */
  readonly sources: readonly bigint[];
}

/** Which hop leads to these addresses; `kernel` for those that sockets reach and frames do not. */
export interface PlaneRoute {
  readonly first: bigint;
  readonly last: bigint;
  readonly hop: number | "kernel";
}

const BY_KERNEL = 0xffff_ffff;

/** The arrays behind a plane's ways. They must stay reachable as long as the plane. */
export class FlatHops {
  readonly hops: Uint8Array<ArrayBuffer>;
  readonly routes: Uint8Array<ArrayBuffer>;
  /** Sixteen octets each. */
  readonly sources: Uint8Array<ArrayBuffer>;

  /** `routes` are sorted and disjoint. */
  constructor(hops: readonly PlaneHop[], routes: readonly PlaneRoute[]) {
    this.sources = flatAddresses(hops.flatMap((hop) => hop.sources));
    const layout = bindings.HopConfig;
    this.hops = new Uint8Array(hops.length * layout.size);
    const hopView = new DataView(this.hops.buffer);
    let sourceStart = 0;
    hops.forEach((hop, index) => {
      const at = index * layout.size;
      this.hops.set(hop.localHardware, at + layout.localHardware);
      if (hop.nextHardware !== undefined) this.hops.set(hop.nextHardware, at + layout.nextHardware);
      hopView.setUint32(at + layout.interfaceIndex, hop.interfaceIndex, true);
      hopView.setUint32(at + layout.mtu, hop.mtu, true);
      hopView.setUint16(at + layout.vlan, hop.vlan, true);
      hopView.setUint16(at + layout.kind, bindings.Kind[hop.kind], true);
      hopView.setUint32(at + layout.sourceStart, sourceStart, true);
      hopView.setUint32(at + layout.sourceCount, hop.sources.length, true);
      sourceStart += hop.sources.length;
    });
    const routeLayout = bindings.RouteInterval;
    this.routes = new Uint8Array(routes.length * routeLayout.size);
    const routeView = new DataView(this.routes.buffer);
    routes.forEach(({ first, last, hop }, index) => {
      const at = index * routeLayout.size;
      writeAddress(routeView, at + routeLayout.first, first);
      writeAddress(routeView, at + routeLayout.last, last);
      routeView.setUint32(at + routeLayout.hop, hop === "kernel" ? BY_KERNEL : hop, true);
    });
  }
}

/** Sixteen octets for each address. */
export function flatAddresses(addresses: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(addresses.length * 16);
  const view = new DataView(octets.buffer);
  addresses.forEach((address, index) => writeAddress(view, index * 16, address));
  return octets;
}
