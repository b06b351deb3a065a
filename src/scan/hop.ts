/**
 * Next hops: where raw frames leave from and who takes them first.
 *
 * @module
 */
import type { Interface } from "../../ffi/mod.ts";
import { formatAddress, type IntervalSet } from "../targets/mod.ts";

/** One way out, for addresses of one family. */
export interface Hop {
  readonly interface: Interface;
  /** A router, the destination itself, or whatever is at the other end of a link without link headers. */
  readonly kind: "gateway" | "onLink" | "bare";
  readonly gateway: Gateway | undefined;
  /** The IEEE 802.1Q tag of its frames, 0 for none. */
  readonly vlan: number;
  /** What probes come from: of the family of `addresses`, sorted, never empty. */
  readonly sources: readonly bigint[];
  /** Everything that goes this way, targets or not. */
  readonly addresses: IntervalSet;
  readonly targetCount: number;
  /** Half a sentence for people. */
  readonly reason: string;
}

/** Who takes the frames: a router to be asked for its link address, by `local`, or the link address itself. */
export type Gateway =
  /** Both of one family, which need not be that of the targets. */
  | { readonly address: bigint; readonly local: bigint }
  | { readonly hardwareAddress: Uint8Array };

/** ARPHRD_ETHER of linux/if_arp.h. */
const ETHERNET_LINK = 1;

/**
 * ARPHRD_* of links whose packets have nothing in front: NONE (tun, WireGuard), RAWIP, PPP (which puts its own header
 * there itself), TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE.
 */
const BARE_LINKS: ReadonlySet<number> = new Set([65_534, 519, 512, 768, 769, 776, 778, 823]);

/** In octets: what every host takes (RFC 791, 3.1; RFC 8200, 5), and the packet plane asks for. */
const MTU_MIN_IPV4 = 576;
const MTU_MIN_IPV6 = 1280;

/** A hop without what goes there. */
export type Way = Pick<Hop, "interface" | "kind" | "gateway" | "sources">;

/** The same for ways that are the same, and for no others. */
export function nameOf({ interface: { index }, kind, gateway, sources }: Way): string {
  const next = gateway === undefined ? "" : "address" in gateway ? gateway.address : gateway.hardwareAddress;
  return `${index} ${kind} ${next} ${sources.join()}`;
}

/** Who takes the frames, in a few words. */
export function describeWay({ interface: { name }, kind, gateway }: Way): string {
  if (kind === "bare") return `into ${name}`;
  if (gateway === undefined) return `neighbours on ${name}`;
  const next = "address" in gateway ? formatAddress(gateway.address) : formatMac(gateway.hardwareAddress);
  return `routed through ${next} on ${name}`;
}

/** The usual text of a hardware address, `02:00:00:00:00:01`. */
export function formatMac(address: Uint8Array): string {
  return Array.from(address, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}

/** What stands in front of an interface's packets; undefined when margay cannot write it. */
export function framingOf({ linkType }: Interface): "ethernet" | "none" | undefined {
  if (linkType === ETHERNET_LINK) return "ethernet";
  return BARE_LINKS.has(linkType) ? "none" : undefined;
}

/** Why raw packets of a family cannot leave through an interface; undefined when they can. */
export function frameObstacle(through: Interface, isIpv4: boolean): string | undefined {
  const { name, mtu } = through;
  if (framingOf(through) === undefined) return `${name} carries neither Ethernet frames nor bare packets`;
  return mtu < (isIpv4 ? MTU_MIN_IPV4 : MTU_MIN_IPV6)
    ? `${name} carries packets of ${mtu} octets only`
    : undefined;
}
