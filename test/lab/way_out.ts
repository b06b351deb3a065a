import { BlockList, isIPv6 } from "node:net";
import { CABLE_PREFIX, CABLE_PREFIX_IPV6 } from "./cable.ts";
import { type WorldDescription, WorldFileError } from "./responder.ts";

/** What no route of the scanner's kernel leads to the world by, and why. */
const WITHOUT_WAY_OUT: readonly (readonly [prefix: string, reason: string])[] = [
  [CABLE_PREFIX, "the lab's own cable"],
  [CABLE_PREFIX_IPV6, "the lab's own cable"],
  ["0.0.0.0/8", "this host on this network"],
  ["127.0.0.0/8", "loopback"],
  ["224.0.0.0/3", "multicast and reserved"],
  ["::/127", "loopback"],
  ["fe80::/10", "link-local"],
  ["ff00::/8", "multicast"],
];

/**
 * Checks that every prefix of a world can be reached from the scanner.
 *
 * @throws {WorldFileError} naming the first that can't.
 */
export function requireWayOut({ prefixes }: WorldDescription): void {
  for (const { prefix } of prefixes) {
    for (const [block, reason] of WITHOUT_WAY_OUT) {
      if (!overlap(prefix, block)) continue;
      throw new WorldFileError(
        `Cannot bring the world up: its prefix ${prefix} overlaps ${block}, ${reason}; choose another one`,
      );
    }
  }
}

function overlap(one: string, other: string): boolean {
  return one.includes(":") === other.includes(":") && (holds(one, other) || holds(other, one));
}

function holds(outer: string, inner: string): boolean {
  const [network = "", length] = outer.split("/");
  const [address = ""] = inner.split("/");
  const family = (text: string) => isIPv6(text) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(length), family(network));
  return list.check(address, family(address));
}
