/**
 * The network namespace `world` and the cable to it, which every world is built on.
 *
 * @module
 */
import { mkdir, stat } from "node:fs/promises";
import { isInsideNamespace } from "./namespace.ts";
import { runTool } from "./tools.ts";

/** The scanner's end, and its addresses. */
export const SCANNER_INTERFACE = "scanner0";
export const SCANNER_ADDRESS = "10.99.0.1";
export const SCANNER_ADDRESS_IPV6 = "fd99::1";
/** The world's end, and the addresses that every prefix is behind: the world decides who has them. */
export const WORLD_INTERFACE = "world0";
export const GATEWAY = "10.99.0.2";
export const GATEWAY_IPV6 = "fd99::2";
/** What the cable's own addresses are from. */
export const CABLE_PREFIX = "10.99.0.0/30";
export const CABLE_PREFIX_IPV6 = "fd99::/64";
/** The command that enters the world's namespace. */
export const IN_WORLD = ["ip", "netns", "exec", "world"];
/** Where a world keeps its files; {@link withRoom} makes it. */
export const LAB_FOLDER = "/run/margay-lab";

/** The folder of the lab's own file system in which `ip` keeps network namespaces. */
const NAMESPACE_FILE = "/run/netns/world";

/**
 * Calls `use` where a world can be brought up, and removes what it brought up. One world at a time.
 *
 * @throws {Error} outside the lab's namespaces, or beside another world.
 */
export async function withRoom<Result>(use: () => Promise<Result>): Promise<Result> {
  if (!isInsideNamespace()) {
    throw new Error("Cannot bring a world up: outside the lab's namespaces; see enterNamespace and runInLab");
  }
  if (await stat(NAMESPACE_FILE).then(() => true, () => false)) {
    throw new Error(
      "Cannot bring the world up: a network namespace named world exists already: a lab is running here; " +
        "leave it first",
    );
  }
  await mkdir(LAB_FOLDER, { recursive: true });
  try {
    return await use();
  } finally {
    await takeDown();
  }
}

/**
 * Makes the world's namespace and the cable to it, both ends up. The scanner's end has addresses, the world's
 * has none and speaks no IPv6.
 */
export async function layCable({ hasIpv6 }: { readonly hasIpv6: boolean }): Promise<void> {
  await runTool(["ip", "netns", "add", "world"]);
  // Before any interface is there: an interface with IPv6 announces itself, and the lab counts stray frames.
  await setKernelParameters(IN_WORLD, WITHOUT_IPV6);
  await setKernelParameters([], hasIpv6 ? WITH_QUIET_IPV6 : WITHOUT_IPV6);
  const link = ["ip", "link", "add", SCANNER_INTERFACE, "type", "veth", "peer", "name", WORLD_INTERFACE];
  await runTool([...link, "netns", "world"]);
  // A frame on this cable is a frame: nothing longer than the MTU, so that octets on the wire can be counted.
  await runTool(["ip", "-netns", "world", "link", "set", "dev", WORLD_INTERFACE, "gso_max_segs", "1", "up"]);
  await runTool(
    ["ip", "-batch", "-"],
    [
      `address add ${SCANNER_ADDRESS}/30 dev ${SCANNER_INTERFACE}`,
      `link set dev ${SCANNER_INTERFACE} gso_max_segs 1 up`,
      ...hasIpv6 ? [`address add ${SCANNER_ADDRESS_IPV6}/64 dev ${SCANNER_INTERFACE} nodad`] : [],
    ].join("\n"),
  );
}

type KernelParameters = readonly (readonly [name: string, value: number])[];

const WITHOUT_IPV6: KernelParameters = [
  ["net/ipv6/conf/all/disable_ipv6", 1],
  ["net/ipv6/conf/default/disable_ipv6", 1],
];

/** Nobody is asked whether an address is free, or where a router is. */
const WITH_QUIET_IPV6: KernelParameters = [
  ["net/ipv6/conf/default/disable_ipv6", 0],
  ["net/ipv6/conf/default/accept_dad", 0],
  ["net/ipv6/conf/default/accept_ra", 0],
  ["net/ipv6/conf/default/router_solicitations", 0],
];

/** Sets parameters under /proc/sys; one that this kernel doesn't have is left alone. */
export async function setKernelParameters(
  enter: readonly string[],
  parameters: KernelParameters,
): Promise<void> {
  const lines = parameters.map(([name, value]) =>
    `if test -e /proc/sys/${name}; then echo ${value} > /proc/sys/${name}; fi`
  );
  await runTool([...enter, "sh", "-e"], lines.join("\n"));
}

/** Removes what of a world is there, so that the next one finds nothing. */
async function takeDown(): Promise<void> {
  for (
    const command of [
      ["nft", "flush", "ruleset"],
      ["ip", "link", "delete", SCANNER_INTERFACE],
      ["ip", "netns", "delete", "world"],
    ]
  ) {
    // A world that failed half-way, or that is on loopback, doesn't have all of it.
    await runTool(command).catch(() => {});
  }
}
