import {
  type Control,
  type HostFacts,
  Plane,
  type PlaneEvents,
  resolveNeighbor,
  wholeOrder,
} from "../../ffi/mod.ts";
import { formatAddress, type PortRange } from "../targets/mod.ts";
import { type WireHost, WireTransport } from "../transport/mod.ts";
import type { Lane, LaneCounters, LaneHost } from "./lane.ts";
import type { WirePath, WirePlan } from "./plan.ts";
import { chooseSourcePorts } from "./source_ports.ts";

export interface WireSettings {
  readonly seed: bigint;
  readonly targetsMax: number;
  readonly retries: number;
  readonly cooldownMs: number;
  /** As given; undefined leaves the choice to margay. */
  readonly sourcePorts: PortRange | undefined;
  /** False for tests only: see `PlaneConfig.guarded`. */
  readonly guarded: boolean;
}

/** Connections at once. Beyond it a slow server side would only make captures wait longer. */
const FLOW_CAPACITY = 4096;

/** Verified hosts that may wait for a connection: less than what comes in while a SYN-ACK waits to be repeated. */
const QUEUE_MAX = 1024;

/** How long a frame may take from the interface to this thread, generously. */
const RING_DELAY_MS = 50;

/** The packet plane's sweep with user-space TCP behind it. */
export class WireLane implements Lane {
  readonly #plane: Plane;
  readonly transport: WireTransport;
  #settled = 0;
  #isDisposed = false;
  #loop: Promise<void> = Promise.resolve();

  private constructor(plane: Plane) {
    this.#plane = plane;
    this.transport = new WireTransport(plane, FLOW_CAPACITY);
  }

  /** Asks for the gateway and reserves what the lane needs; sends nothing to a target. */
  static async open(plan: WirePlan, settings: WireSettings, control: Control): Promise<WireLane> {
    const { path } = plan;
    const gatewayHardware = await gatewayAddress(path);
    const config = {
      targets: plan.targets.groups,
      order: wholeOrder(settings.seed),
      cookieKey: crypto.getRandomValues(new Uint8Array(16)),
      local: path.source,
      localHardware: path.interface.hardwareAddress,
      gatewayHardware,
      interfaceIndex: path.interface.index,
      mtu: path.interface.mtu,
      guarded: settings.guarded,
      flowCapacity: FLOW_CAPACITY,
      retries: settings.retries,
      targetsMax: settings.targetsMax,
      cooldownMs: settings.cooldownMs,
      queueMax: QUEUE_MAX,
    };
    return new WireLane(
      chooseSourcePorts(
        settings.sourcePorts,
        (sourcePorts) => new Plane({ ...config, sourcePorts }, control),
      ),
    );
  }

  get hasRoom(): boolean {
    return this.transport.hasRoom;
  }

  sweep(onHost: (found: LaneHost) => void): Promise<void> {
    this.#plane.start();
    const swept = Promise.withResolvers<void>();
    this.#loop = this.#pump(onHost, swept);
    return swept.promise;
  }

  settle(): void {
    this.#plane.control.setCounter("hostsSettled", ++this.#settled);
  }

  stopSending(): void {
    this.#plane.control.stopSending();
  }

  counters(): LaneCounters {
    const { control } = this.#plane;
    return {
      probesSent: control.counter("probesSent"),
      verified: control.counter("hostsVerified"),
      closed: control.counter("closed"),
      unreachable: control.counter("unreachableCount"),
      bytesSent: control.counter("bytesSent"),
      bytesReceived: control.counter("bytesReceived"),
      sendDrops: control.counter("sendShortfalls"),
      receiveDrops: control.counter("framesDropped") + control.counter("hostsDeferred"),
    };
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#loop;
    await this.#plane.dispose();
  }

  /** Takes events until the lane is disposed of: connections outlive the sweep. */
  async #pump(onHost: (found: LaneHost) => void, swept: PromiseWithResolvers<void>): Promise<void> {
    const { control } = this.#plane;
    const events: PlaneEvents = {
      host: (facts) => onHost(foundHost(facts)),
      data: (connection, bytes) => this.transport.data(connection, bytes),
      ended: (connection, reason, bytesSent, bytesReceived) =>
        this.transport.ended(connection, reason, { bytesSent, bytesReceived }),
    };
    let doneAt: number | undefined;
    while (!this.#isDisposed) {
      // Both are read before the events are taken: what comes later ends the wait at once.
      const seen = control.eventCount;
      const state = control.sweepState;
      this.#plane.drain(events);
      if (state === "done") {
        // What arrived in time may still be on its way through the ring: it is taken before the sweep is over.
        doneAt ??= performance.now();
        if (performance.now() - doneAt >= RING_DELAY_MS) swept.resolve();
      }
      if (state === "failed") swept.reject(sendError(control.failureCode));
      await this.#plane.wait(seen);
    }
  }
}

function foundHost(facts: HostFacts): LaneHost {
  const addressNumber = facts.address;
  const host: WireHost = { address: formatAddress(addressNumber), port: facts.port, facts };
  const roundTripMs = facts.roundTripMs;
  return {
    host,
    addressNumber,
    details: {
      timeToLive: facts.timeToLive,
      window: facts.window,
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
    },
  };
}

async function gatewayAddress(path: WirePath): Promise<Uint8Array> {
  if ("hardwareAddress" in path.gateway) return path.gateway.hardwareAddress;
  const neighbor = await resolveNeighbor({
    interfaceIndex: path.interface.index,
    local: path.source,
    localHardware: path.interface.hardwareAddress,
    neighbor: path.gateway.address,
  });
  if (neighbor !== undefined) return neighbor.hardwareAddress;
  const gateway = formatAddress(path.gateway.address);
  throw new Error(
    `Cannot send through the gateway ${gateway} on ${path.interface.name}: it does not answer ARP; ` +
      "check the route (ip route), or name its MAC with -G",
  );
}

/** errno values of a link that went away (asm-generic/errno.h). */
const LINK_ERRORS: Readonly<Record<number, string>> = {
  6: "the interface is gone",
  19: "the interface is gone",
  100: "the interface went down",
};

function sendError(code: number): Error {
  return new Error(`Cannot send probes: ${LINK_ERRORS[code] ?? `the kernel refused them (errno ${code})`}`);
}
