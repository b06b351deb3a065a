import {
  type Control,
  Plane,
  type PlaneConfig,
  type PlaneRoute,
  resolveNeighbor,
  type WalkProgress,
} from "../../ffi/mod.ts";
import { formatAddress, type TargetSet } from "../targets/mod.ts";
import { neighborProtocol } from "./diagnosis.ts";
import { type Extent, orderOf } from "./extent.ts";
import type { CommonOptions } from "./options.ts";
import type { Hop, SweepPlan } from "./plan.ts";
import { chooseSourcePorts } from "./source_ports.ts";

/** What a plane is opened for. */
export interface PlaneSetup {
  readonly plan: SweepPlan;
  /** Of {@linkcode resolveGateways}. */
  readonly gateways: readonly (Uint8Array | undefined)[];
  readonly targets: TargetSet;
  readonly extent: Extent;
  readonly options: CommonOptions;
  readonly seed: bigint;
  /** Of an earlier process. */
  readonly progress: WalkProgress;
  /** How many processes of the run went before. */
  readonly processes: number;
  /** False for tests only: see `PlaneConfig.guarded`. */
  readonly guarded: boolean;
  readonly manner: PlaneConfig["manner"];
  readonly report: PlaneConfig["report"];
  readonly flowCapacity: number;
  readonly queueMax: number;
}

/** How long a frame may take from the interface to JavaScript's thread, generously. */
export const RING_DELAY_MS = 50;

/** In octets: 160 blocks for each ring, which cover a third of a second. */
const RING_MEMORY = 20 << 20;

/** The link address of each hop's gateway, as given or asked for; undefined for a hop without one. */
export function resolveGateways({ hops }: SweepPlan): Promise<(Uint8Array | undefined)[]> {
  return Promise.all(hops.map(gatewayAddress));
}

/** Reserves what a sweep needs; sends nothing. */
export function openPlane(setup: PlaneSetup, control: Control): Plane {
  const { plan, targets, extent, options, seed } = setup;
  const rings = options.readers * new Set(plan.hops.map((hop) => `${hop.interface.index} ${hop.vlan}`)).size;
  const config: Omit<PlaneConfig, "sourcePorts"> = {
    targets: { groups: targets.groups, sampleCount: extent.sampleCount },
    order: orderOf(seed, options),
    cookieKey: crypto.getRandomValues(new Uint8Array(16)),
    hops: plan.hops.map((hop, index) => ({
      interfaceIndex: hop.interface.index,
      mtu: hop.interface.mtu,
      vlan: hop.vlan,
      kind: hop.kind,
      localHardware: hop.interface.hardwareAddress,
      nextHardware: setup.gateways[index],
      sources: hop.sources,
    })),
    routes: routesOf(plan),
    unowned: plan.unownedSources,
    guarded: setup.guarded,
    readers: options.readers,
    receiveMemory: options.receiveMemoryBytes ?? RING_MEMORY * rings,
    flowCapacity: setup.flowCapacity,
    manner: setup.manner,
    report: setup.report,
    synOptions: options.synOptions,
    timeToLive: options.timeToLive,
    retries: options.retries,
    targetsMax: Math.max(0, extent.targetsMax - setup.progress.targetCount),
    progress: setup.progress,
    cooldownMs: options.cooldownSeconds === "auto" ? "auto" : options.cooldownSeconds * 1000,
    queueMax: setup.queueMax,
    blockedMsMax: options.linkTimeoutSeconds * 1000,
  };
  return chooseSourcePorts(
    options.sourcePorts,
    setup.processes,
    (sourcePorts) => new Plane({ ...config, sourcePorts }, control),
  );
}

/** Which way each address goes, as one sorted list. */
function routesOf({ hops, kernel }: SweepPlan): PlaneRoute[] {
  const routes = hops.flatMap(({ addresses }, hop) =>
    [...addresses].map((interval): PlaneRoute => ({ ...interval, hop }))
  );
  const diverted = kernel.flatMap(({ addresses }) =>
    [...addresses].map((interval): PlaneRoute => ({ ...interval, hop: "kernel" }))
  );
  return [...routes, ...diverted].sort((a, b) => a.first < b.first ? -1 : 1);
}

async function gatewayAddress({ interface: through, gateway, vlan }: Hop): Promise<Uint8Array | undefined> {
  if (gateway === undefined) return undefined;
  if ("hardwareAddress" in gateway) return gateway.hardwareAddress;
  const neighbor = await resolveNeighbor({
    interfaceIndex: through.index,
    local: gateway.local,
    localHardware: through.hardwareAddress,
    neighbor: gateway.address,
    vlan,
  });
  if (neighbor !== undefined) return neighbor.hardwareAddress;
  const address = formatAddress(gateway.address);
  throw new Error(
    `Cannot send through the gateway ${address} on ${through.name}: it does not answer ` +
      `${neighborProtocol(address)}; check the route (ip route), or name its MAC with -G`,
  );
}
