/**
 * What one scan will do on this machine: which targets go by which transport, and why.
 *
 * @module
 */
import {
  type Interface,
  interfaces,
  type LocalAddress,
  localAddresses,
  type Route,
  routes,
} from "../../ffi/mod.ts";
import {
  formatAddress,
  formatInterval,
  fromCidr,
  IntervalSet,
  parseAddress,
  type TargetSet,
} from "../targets/mod.ts";
import { MissingPrivilegeError, UsageError } from "./errors.ts";
import { type ScanOptions, wireOnlyFlag, type WireOptions } from "./options.ts";
import { hasRawSockets } from "./privilege.ts";
import { routeAddresses, type RoutedAddresses } from "./routing.ts";

/** Where raw frames leave from, and to whom they are handed. */
export interface WirePath {
  readonly interface: Interface;
  readonly source: bigint;
  /** The next hop's link address as given, or its address to ask for. */
  readonly gateway: { readonly hardwareAddress: Uint8Array } | { readonly address: bigint };
}

export interface WirePlan {
  readonly targets: TargetSet;
  readonly path: WirePath;
  readonly reason: string;
}

export interface KernelPlan {
  readonly targets: TargetSet;
  readonly reason: string;
}

export interface ScanPlan {
  readonly wire: WirePlan | undefined;
  /** One entry for each reason. */
  readonly kernel: readonly KernelPlan[];
  /** Targets that no route leads to. */
  readonly unrouted: TargetSet;
  /** One sentence each. */
  readonly notes: readonly string[];
}

/** The plans of all lanes, in the order in which `--max-targets` is used up. */
export function lanePlans({ wire, kernel }: ScanPlan): (WirePlan | KernelPlan)[] {
  return wire === undefined ? [...kernel] : [wire, ...kernel];
}

/** How many targets each lane probes of at most `targetsMax`, which is used up lane by lane. */
export function shareTargets(lanes: readonly KernelPlan[], targetsMax: number): number[] {
  let left = targetsMax;
  return lanes.map(({ targets }) => {
    const taken = Math.min(left, Number(targets.count));
    left -= taken;
    return taken;
  });
}

/** What the plan needs to know of the machine. */
export interface Machine {
  readonly interfaces: readonly Interface[];
  readonly localAddresses: readonly LocalAddress[];
  readonly routes: readonly Route[];
  readonly hasRawSockets: boolean;
}

/** Asks the kernel. */
export function thisMachine(): Machine {
  return {
    interfaces: interfaces(),
    localAddresses: localAddresses(),
    routes: routes(),
    hasRawSockets: hasRawSockets(),
  };
}

export type PlanOptions = WireOptions & Pick<ScanOptions, "transport">;

const ETHERNET_LINK = 1;

/** In octets: what every IPv4 host must be able to take (RFC 791, 3.1), and the packet plane asks for. */
const MTU_MIN = 576;

/** RFC 1122, 3.2.1.3: these addresses must not appear outside a host. */
const LOOPBACK = IntervalSet.from([fromCidr(parseAddress("127.0.0.0")!, 96 + 8)]);

/**
 * @throws {UsageError} for an interface or source address that is not there.
 * @throws {MissingPrivilegeError} when the wire was insisted on without CAP_NET_RAW.
 */
export function planScan(targets: TargetSet, options: PlanOptions, machine: Machine): ScanPlan {
  if (options.transport === "wire" && !machine.hasRawSockets) {
    throw new MissingPrivilegeError(
      "Cannot use the wire transport: permission denied; run as root, give the executable CAP_NET_RAW " +
        "(setcap cap_net_raw+ep), or use --transport kernel",
    );
  }
  const only = options.interfaceName === undefined
    ? undefined
    : findInterface(options.interfaceName, machine);
  const usable = machine.routes.filter((route) =>
    route.kind === "local" || only === undefined || route.interfaceIndex === only.index
  );
  const { routed, unrouted } = routeAddresses(targets.addresses, usable);
  if (routed.length === 0) {
    const example = formatInterval([...targets.addresses][0]!);
    const through = only === undefined ? "" : ` through ${only.name}`;
    throw new Error(`Cannot reach ${example}: there is no route to it${through}; see: ip route`);
  }
  const [unroutedTargets, reachable] = targets.split(unrouted);
  const bySockets = (reason: string, notes: readonly string[]): ScanPlan => ({
    wire: undefined,
    kernel: [{ targets: reachable, reason }],
    unrouted: unroutedTargets,
    notes,
  });

  if (options.transport === "kernel") return bySockets("as asked for", []);
  if (!machine.hasRawSockets) {
    refuseWireOptions(options);
    return bySockets("no CAP_NET_RAW", [
      "No CAP_NET_RAW: scanning through the kernel's sockets, slower and with bounded concurrency; " +
      "for the wire transport run as root or: setcap cap_net_raw+ep",
    ]);
  }
  return divide(reachable, routed, unroutedTargets, options, machine);
}

/** Sockets leave as the kernel routes them: to ignore where somebody wanted to send from could give them away. */
function refuseWireOptions(options: PlanOptions): void {
  const given = wireOnlyFlag(options);
  if (given === undefined) return;
  throw new UsageError(
    `Cannot use ${given} without CAP_NET_RAW: the kernel routes its sockets itself; ` +
      `run as root or with CAP_NET_RAW, or leave ${given} out`,
  );
}

function divide(
  reachable: TargetSet,
  routed: readonly RoutedAddresses[],
  unrouted: TargetSet,
  options: PlanOptions,
  machine: Machine,
): ScanPlan {
  const byWire = routed.filter((entry) =>
    entry.route.kind !== "local" && (entry.route.kind === "gateway" || options.gatewayMac !== undefined) &&
    frameObstacle(interfaceOf(entry.route, machine)) === undefined
  );
  // One next hop for now: the one that most of the targets have.
  const hops = Map.groupBy(byWire, ({ route }) => hopOf(route));
  const sets = [...hops.values()].map((entries) => ({
    route: entries[0]!.route,
    addresses: IntervalSet.union(entries.map(({ addresses }) => addresses)),
  })).sort((a, b) => Number(b.addresses.addressCount - a.addresses.addressCount));
  const chosen = sets[0];

  const reasons = new Map<string, IntervalSet[]>();
  for (const entry of routed) {
    const reason = kernelReason(entry, chosen, machine);
    if (reason !== undefined) reasons.set(reason, [...reasons.get(reason) ?? [], entry.addresses]);
  }
  const kernel = [...reasons].map(([reason, addresses]) => ({
    targets: reachable.split(IntervalSet.union(addresses))[0],
    reason,
  }));
  if (chosen === undefined) {
    if (options.transport === "wire") {
      throw new UsageError(
        `Cannot use the wire transport: every target goes another way (${kernel[0]!.reason}); ` +
          "use --transport auto",
      );
    }
    return { wire: undefined, kernel, unrouted, notes: [] };
  }
  const path = wirePath(chosen.route, options, machine);
  const ignored = [options.sourceAddress && "--source-ip", options.sourcePorts && "--source-port"].filter(
    Boolean,
  );
  const notes = kernel.length > 0 && ignored.length > 0
    ? [`${ignored.join(" and ")} does not apply to targets that go through the kernel's sockets`]
    : [];
  const hop = "address" in path.gateway ? formatAddress(path.gateway.address) : options.gatewayMac;
  const wire = {
    targets: reachable.split(chosen.addresses)[0],
    path,
    reason: `routed through ${hop} on ${path.interface.name}, from ${formatAddress(path.source)}`,
  };
  return { wire, kernel, unrouted, notes };
}

/** What routes have in common whose packets take the same way out. */
function hopOf({ interfaceIndex, gateway, source }: Route): string {
  return `${interfaceIndex} ${gateway} ${source}`;
}

/** Why raw frames cannot be used for these addresses; undefined when they can. */
function kernelReason(
  { route }: RoutedAddresses,
  chosen: { readonly route: Route } | undefined,
  machine: Machine,
): string | undefined {
  if (route.kind === "local") return "addresses of this host, which answer no raw frames";
  const name = interfaceOf(route, machine)?.name ?? `interface ${route.interfaceIndex}`;
  const obstacle = frameObstacle(interfaceOf(route, machine));
  if (obstacle !== undefined) return `${name} ${obstacle}`;
  if (chosen !== undefined && hopOf(route) === hopOf(chosen.route)) return undefined;
  if (route.kind === "onLink") return `neighbours on ${name}`;
  return `routed another way, through ${formatAddress(route.gateway)} on ${name}`;
}

/** Why raw frames cannot leave through an interface; undefined when they can. */
function frameObstacle(through: Interface | undefined): string | undefined {
  if (through?.linkType !== ETHERNET_LINK) return "carries no Ethernet frames";
  if (through.mtu < MTU_MIN) return `carries packets of ${through.mtu} octets only`;
  return undefined;
}

function wirePath(route: Route, options: PlanOptions, machine: Machine): WirePath {
  const through = interfaceOf(route, machine)!;
  requireUp(through);
  return {
    interface: through,
    source: sourceAddress(route, options, machine),
    gateway: options.gatewayMac === undefined
      ? { address: route.gateway }
      : { hardwareAddress: Uint8Array.from(options.gatewayMac.split(":"), (octet) => parseInt(octet, 16)) },
  };
}

function sourceAddress(route: Route, options: PlanOptions, machine: Machine): bigint {
  if (options.sourceAddress !== undefined) {
    const given = parseAddress(options.sourceAddress);
    if (given !== undefined && LOOPBACK.contains(given)) {
      throw new UsageError(`Cannot send from ${options.sourceAddress}: no answer finds its way to loopback`);
    }
    if (machine.localAddresses.some(({ address }) => address === given)) return given!;
    throw new UsageError(
      `Cannot send from ${options.sourceAddress}: this host does not have the address; see: ip address`,
    );
  }
  if (route.source !== 0n) return route.source;
  const found = machine.localAddresses.find(({ address, interfaceIndex }) =>
    interfaceIndex === route.interfaceIndex && (address >> 32n) === 0xffffn
  );
  if (found === undefined) {
    const name = interfaceOf(route, machine)?.name;
    throw new UsageError(
      `Cannot send through ${name}: it has no IPv4 address; name one of this host's with -S`,
    );
  }
  return found.address;
}

function findInterface(name: string, machine: Machine): Interface {
  const found = machine.interfaces.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const names = machine.interfaces.map((candidate) => candidate.name).join(", ");
    throw new UsageError(
      `Cannot use the interface ${name}: there is none of that name; this host has ${names}`,
    );
  }
  requireUp(found);
  return found;
}

function requireUp({ name, up }: Interface): void {
  if (!up) throw new UsageError(`Cannot use the interface ${name}: it is down; try: ip link set ${name} up`);
}

function interfaceOf(route: Route, machine: Machine): Interface | undefined {
  return machine.interfaces.find(({ index }) => index === route.interfaceIndex);
}
