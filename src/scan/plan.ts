/**
 * What a run will do on this machine: which targets leave by which next hop, which through the kernel, and why.
 *
 * @module
 */
import type { Interface, Route } from "../../ffi/mod.ts";
import { formatAddress, formatInterval, IntervalSet, isIpv4, type TargetSet } from "../targets/mod.ts";
import { MissingPrivilegeError, UsageError } from "./errors.ts";
import { describeWay, frameObstacle, framingOf, type Hop, nameOf, type Way } from "./hop.ts";
import type { Machine } from "./machine.ts";
import { type NetworkOptions, wireOnlyFlag, type WireOptions } from "./options.ts";
import { wayToRawSockets } from "./privilege.ts";
import {
  differingSource,
  IPV4_SPACE,
  IPV6_SPACE,
  routeAddresses,
  type RoutedAddresses,
  type Routing,
} from "./routing.ts";
import { defaultSource, describeSources, parseSourceAddresses } from "./source_addresses.ts";

export type { Gateway, Hop } from "./hop.ts";
export { type Machine, thisMachine } from "./machine.ts";

/** Targets that the kernel's sockets reach. */
export interface KernelPart {
  /** Everything that goes this way, targets or not. */
  readonly addresses: IntervalSet;
  readonly targetCount: number;
  readonly reason: string;
}

export interface SweepPlan {
  /** Those that have targets, the one with most of them first; their addresses are disjoint. */
  readonly hops: readonly Hop[];
  /** One entry for each reason. */
  readonly kernel: readonly KernelPart[];
  /** Targets that no route leads to, or only one that refuses them. */
  readonly unroutedCount: number;
  /** Sources of hops that this host does not have: who asks for their link address must be answered. */
  readonly unownedSources: readonly bigint[];
  /** One sentence each. */
  readonly notes: readonly string[];
}

export type PlanOptions = WireOptions & Pick<NetworkOptions, "transport">;

/**
 * @throws {UsageError} for an interface, gateway or source address that makes no sense here.
 * @throws {MissingPrivilegeError} when the wire was insisted on without CAP_NET_RAW.
 */
export function planSweep(targets: TargetSet, options: PlanOptions, machine: Machine): SweepPlan {
  if (options.transport === "wire" && !machine.hasRawSockets) {
    throw new MissingPrivilegeError(
      `Cannot use the wire transport: permission denied; ${wayToRawSockets()}, or use --transport kernel`,
    );
  }
  return new Planner(targets, options, machine).plan();
}

/** Addresses that leave the same way, and how many targets are among them. */
interface RoutedTargets extends RoutedAddresses {
  readonly count: bigint;
}

/** What a scanner makes of routing: the ways that have targets. */
interface RoutedSet extends Pick<Routing, "undecided"> {
  readonly routed: readonly RoutedTargets[];
}

/** One plan in the making. */
class Planner {
  readonly #targets: TargetSet;
  readonly #options: PlanOptions;
  readonly #machine: Machine;
  /** The only interface to use. */
  readonly #only: Interface | undefined;
  readonly #gatewayMac: Uint8Array | undefined;
  /** As asked for, of both families. */
  readonly #sources: readonly bigint[];

  constructor(targets: TargetSet, options: PlanOptions, machine: Machine) {
    this.#targets = targets;
    this.#options = options;
    this.#machine = machine;
    this.#only = options.interfaceName === undefined ? undefined : this.#findInterface(options.interfaceName);
    this.#gatewayMac = options.gatewayMac === undefined
      ? undefined
      : Uint8Array.from(options.gatewayMac.split(":"), (octet) => parseInt(octet, 16));
    this.#sources = options.sourceAddresses === undefined
      ? []
      : parseSourceAddresses(options.sourceAddresses);
  }

  plan(): SweepPlan {
    const routing = this.#route();
    if (routing.routed.length === 0) {
      const [first] = this.#targets.addresses;
      const example = formatInterval(first!);
      const through = this.#only === undefined ? "" : ` through ${this.#only.name}`;
      throw new Error(`Cannot reach ${example}: there is no route to it${through}; ${this.#routeHint()}`);
    }
    const { transport } = this.#options;
    if (transport === "kernel") return this.#bySockets(routing, "asked for by --transport kernel", []);
    if (!this.#machine.hasRawSockets) {
      refuseWireOptions(this.#options);
      return this.#bySockets(routing, "no CAP_NET_RAW", [
        "No CAP_NET_RAW: probing through the kernel's sockets, slower and with bounded concurrency; " +
        `for the wire transport ${wayToRawSockets()}`,
      ]);
    }
    const plan = this.#divide(routing);
    if (transport === "wire" && plan.hops.length === 0) {
      throw new UsageError(
        `Cannot use the wire transport: every target goes another way (${plan.kernel[0]!.reason}); ` +
          "use --transport auto",
      );
    }
    return plan;
  }

  /** Where a route may have gone: it leaves with the interface that goes down. */
  #routeHint(): string {
    const down = this.#machine.interfaces.filter(({ up }) => !up).map(({ name }) => name);
    if (this.#only !== undefined || down.length === 0) return "see: ip route";
    return `${down.join(" and ")} ${down.length === 1 ? "is" : "are"} down: ip link set ${down[0]} up`;
  }

  /** Routes the families that have targets; ways without targets are left out. */
  #route(): RoutedSet {
    const sender = { from: this.#policySources(), interface: this.#only };
    const { groups } = this.#targets;
    const space = IntervalSet.union([
      groups.some(({ ipv4 }) => ipv4.length > 0) ? IPV4_SPACE : IntervalSet.EMPTY,
      groups.some(({ ipv6 }) => ipv6.length > 0) ? IPV6_SPACE : IntervalSet.EMPTY,
    ]);
    const { routed, unrouted, undecided } = routeAddresses(space, this.#machine, sender);
    return {
      routed: [...routed, ...this.#blindly(unrouted)]
        .map((entry) => ({ ...entry, count: this.#targets.countWithin(entry.addresses) }))
        .filter(({ count }) => count > 0n),
      undecided,
    };
  }

  /** Who names the interface and the gateway's link address needs no route. */
  #blindly(unrouted: IntervalSet): RoutedAddresses[] {
    const through = this.#only;
    if (through === undefined || this.#gatewayMac === undefined) return [];
    return [IPV4_SPACE, IPV6_SPACE].flatMap((family) => {
      const addresses = unrouted.intersect(family);
      const destination = family === IPV4_SPACE ? 0xffff_0000_0000n : 0n;
      const prefixLength = family === IPV4_SPACE ? 96 : 0;
      const route: Route = {
        kind: "gateway",
        destination,
        prefixLength,
        gateway: 0n,
        source: 0n,
        from: destination,
        fromPrefixLength: prefixLength,
        interfaceIndex: through.index,
        metric: 0,
        table: 0,
        isLinkDown: false,
      };
      const hasSource = this.#sourcesLike(destination).length > 0 ||
        defaultSource(route, this.#machine.localAddresses) !== undefined;
      return addresses.isEmpty || !hasSource ? [] : [{ route, addresses }];
    });
  }

  #bySockets({ routed, undecided }: RoutedSet, reason: string, notes: readonly string[]): SweepPlan {
    return {
      hops: [],
      kernel: [{ ...joined(routed), reason }],
      unroutedCount: this.#unroutedCount(routed),
      unownedSources: [],
      notes: [...notes, ...undecidedNotes(undecided)],
    };
  }

  #divide({ routed, undecided }: RoutedSet): SweepPlan {
    const byKernel = new Map<string, RoutedTargets[]>();
    const ways = new Map<string, { readonly way: Way; readonly parts: RoutedTargets[] }>();
    for (const part of routed) {
      const reason = this.#kernelReason(part.route);
      if (reason !== undefined) {
        byKernel.set(reason, [...byKernel.get(reason) ?? [], part]);
        continue;
      }
      const way = this.#wayOf(part.route);
      const name = nameOf(way);
      const known = ways.get(name);
      if (known === undefined) ways.set(name, { way, parts: [part] });
      else known.parts.push(part);
    }
    const hops = [...ways.values()].map(({ way, parts }) => this.#hop(way, parts))
      .sort((a, b) => b.targetCount - a.targetCount);
    const kernel = [...byKernel].map(([reason, parts]) => ({ ...joined(parts), reason }));
    this.#checkHops(hops);
    const unownedSources = [...new Set(hops.flatMap(({ sources }) => sources))]
      .filter((source) => !this.#isOwn(source));
    return {
      hops,
      kernel,
      unroutedCount: this.#unroutedCount(routed),
      unownedSources,
      notes: [...undecidedNotes(undecided), ...this.#notes(unownedSources, kernel)],
    };
  }

  #unroutedCount(routed: readonly RoutedTargets[]): number {
    return Number(routed.reduce((left, { count }) => left - count, this.#targets.count));
  }

  /** Why raw frames cannot be used on a route; undefined when they can. */
  #kernelReason({ kind, destination, interfaceIndex }: Route): string | undefined {
    if (kind === "local") return "addresses of this host, which answer no raw frames";
    const through = this.#interfaceAt(interfaceIndex);
    if (through === undefined) return `interface ${interfaceIndex}, which is gone`;
    return frameObstacle(through, isIpv4(destination));
  }

  #wayOf(route: Route): Way {
    const through = this.#interfaceAt(route.interfaceIndex)!;
    requireUp(through);
    const sources = this.#sourcesOf(route, through);
    if (framingOf(through) === "none") {
      return { interface: through, kind: "bare", gateway: undefined, sources };
    }
    if (this.#gatewayMac !== undefined) {
      return {
        interface: through,
        kind: "gateway",
        gateway: { hardwareAddress: this.#gatewayMac },
        sources,
      };
    }
    // On a link without ARP the kernel addresses frames to itself (arp_constructor of net/ipv4/arp.c).
    if (!through.resolvesNeighbors) {
      const gateway = { hardwareAddress: through.hardwareAddress };
      return { interface: through, kind: "gateway", gateway, sources };
    }
    if (route.kind === "onLink") return { interface: through, kind: "onLink", gateway: undefined, sources };
    const gateway = { address: route.gateway, local: this.#askerOf(route, sources) };
    return { interface: through, kind: "gateway", gateway, sources };
  }

  #hop(way: Way, parts: readonly RoutedTargets[]): Hop {
    const { vlan } = this.#options;
    const reason = `${describeWay(way)}${vlan === 0 ? "" : ` in VLAN ${vlan}`}, from ${
      describeSources(way.sources)
    }`;
    return { ...way, vlan, ...joined(parts), reason };
  }

  #sourcesOf(route: Route, through: Interface): readonly bigint[] {
    const family = isIpv4(route.destination) ? "IPv4" : "IPv6";
    if (this.#sources.length > 0) {
      const given = this.#sourcesLike(route.destination);
      if (given.length > 0) return given;
      throw new UsageError(
        `Cannot send to ${family} targets from ${this.#options.sourceAddresses}: that is of the other family; ` +
          `name an ${family} address with -S too, or leave these targets out with ${
            family === "IPv4" ? -6 : -4
          }`,
      );
    }
    const source = defaultSource(route, this.#machine.localAddresses);
    if (source !== undefined) return [source];
    throw new UsageError(
      `Cannot send through ${through.name}: it has no ${family} address; name one of this host's with -S`,
    );
  }

  /** The address that asks a route's gateway for its link address. */
  #askerOf(route: Route, sources: readonly bigint[]): bigint {
    const { gateway, interfaceIndex } = route;
    if (isIpv4(gateway) === isIpv4(sources[0]!)) return sources[0]!;
    // An IPv4 route through an IPv6 router (RFC 8950).
    const toGateway: Route = {
      ...route,
      kind: "onLink",
      destination: gateway,
      prefixLength: 128,
      source: 0n,
    };
    const asker = defaultSource(toGateway, this.#machine.localAddresses);
    if (asker !== undefined) return asker;
    throw new UsageError(
      `Cannot ask the gateway ${formatAddress(gateway)} for its link address: ` +
        `${this.#interfaceAt(interfaceIndex)!.name} has no address of that family; name its MAC with -G`,
    );
  }

  /** The sources that were asked for and are of the family of an address. */
  #sourcesLike(address: bigint): readonly bigint[] {
    return this.#sources.filter((source) => isIpv4(source) === isIpv4(address));
  }

  /** One source of each family, by which policy rules decide. */
  #policySources(): bigint[] {
    return [0n, 0xffff_0000_0000n].flatMap((family) => {
      const given = this.#sourcesLike(family);
      const [first] = given;
      if (first === undefined) return [];
      const differing = differingSource(this.#machine, given);
      if (differing !== undefined) {
        throw new UsageError(
          `Cannot send from ${formatAddress(first)} and ${
            formatAddress(differing)
          } at once: this host routes them ` +
            "differently (see: ip rule); name them in runs of their own",
        );
      }
      return [first];
    });
  }

  /** What only all hops together tell. */
  #checkHops(hops: readonly Hop[]): void {
    const bare = hops.find(({ kind }) => kind === "bare");
    const flag = this.#gatewayMac !== undefined ? "--gateway-mac" : "--vlan";
    if (bare !== undefined && (this.#gatewayMac !== undefined || this.#options.vlan !== 0)) {
      throw new UsageError(
        `Cannot use ${flag} on ${bare.interface.name}: its packets have no link header; leave ${flag} out`,
      );
    }
    const names = [...new Set(hops.map((hop) => hop.interface.name))];
    if (this.#gatewayMac !== undefined && names.length > 1) {
      throw new UsageError(
        `Cannot send to the gateway ${this.#options.gatewayMac} through ${
          names.join(" and ")
        }: it is on one link; ` +
          "name the interface with -i",
      );
    }
    const foreign = bare?.sources.find((source) => !this.#isOwn(source));
    if (foreign !== undefined) {
      throw new UsageError(
        `Cannot send from ${formatAddress(foreign)} through ${
          bare!.interface.name
        }: this host does not have the ` +
          "address, and the link has no ARP that would bring answers here; see: ip address",
      );
    }
  }

  #notes(unowned: readonly bigint[], kernel: readonly KernelPart[]): string[] {
    const notes: string[] = [];
    if (unowned.length > 0) {
      notes.push(
        `This host does not have ${describeSources(unowned)}: ARP and neighbor solicitations for ${
          unowned.length === 1 ? "it" : "them"
        } are answered ` +
          "during the run",
      );
    }
    const { sourceAddresses, sourcePorts } = this.#options;
    const ignored = [
      ...sourceAddresses === undefined ? [] : ["--source-ip"],
      ...sourcePorts === undefined ? [] : ["--source-port"],
    ];
    if (kernel.length > 0 && ignored.length > 0) {
      notes.push(`${ignored.join(" and ")} cannot apply to targets that go through the kernel's sockets`);
    }
    return notes;
  }

  #isOwn(address: bigint): boolean {
    return this.#machine.localAddresses.some((local) => local.address === address);
  }

  #findInterface(name: string): Interface {
    const found = this.#machine.interfaces.find((candidate) => candidate.name === name);
    if (found === undefined) {
      const names = this.#machine.interfaces.map((candidate) => candidate.name).join(", ");
      throw new UsageError(
        `Cannot use the interface ${name}: there is none of that name; this host has ${names}`,
      );
    }
    requireUp(found);
    return found;
  }

  #interfaceAt(index: number): Interface | undefined {
    return this.#machine.interfaces.find((candidate) => candidate.index === index);
  }
}

function joined(parts: readonly RoutedTargets[]): Pick<Hop, "addresses" | "targetCount"> {
  return {
    addresses: IntervalSet.union(parts.map(({ addresses }) => addresses)),
    targetCount: Number(parts.reduce((sum, { count }) => sum + count, 0n)),
  };
}

function requireUp({ name, up }: Interface): void {
  if (!up) throw new UsageError(`Cannot use the interface ${name}: it is down; try: ip link set ${name} up`);
}

/** Sockets leave as the kernel routes them: to ignore where somebody wanted to send from could give them away. */
function refuseWireOptions(options: PlanOptions): void {
  const given = wireOnlyFlag(options);
  if (given === undefined) return;
  throw new UsageError(
    `Cannot use ${given} without CAP_NET_RAW: the kernel routes its sockets itself; ` +
      `${wayToRawSockets()}, or leave ${given} out`,
  );
}

function undecidedNotes(rules: Routing["undecided"]): string[] {
  const priorities = [...new Set(rules.map(({ priority }) => priority))].join(", ");
  return rules.length === 0
    ? []
    : [`Passed over the routing rule ${priorities}, which asks for more than addresses (see: ip rule)`];
}
