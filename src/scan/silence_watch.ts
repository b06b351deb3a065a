import { type Control, resolveNeighbor } from "../../ffi/mod.ts";
import { formatAddress } from "../targets/mod.ts";
import {
  diagnose,
  type GatewayAnswer,
  type MachineState,
  observeGateway,
  observeMachine,
} from "./diagnosis.ts";
import { formatMac, type Hop } from "./hop.ts";
import type { SweepPlan } from "./plan.ts";

/** When a sweep that nobody answers is looked into: the answer comes within another two seconds. */
const LOOK_AFTER_MS = 3_000;

/** Looks once, some seconds after the first probe or at the end, whether anyone answers a sweep, and if not, why. */
export class SilenceWatch {
  readonly #plan: SweepPlan;
  readonly #gateways: readonly (Uint8Array | undefined)[];
  readonly #control: Control;
  readonly #before: MachineState;
  #sendingSince: number | undefined;
  #hasLooked = false;

  /** Notes how the machine stands before the first probe. `gateways` are the link addresses that frames are sent to. */
  constructor(plan: SweepPlan, gateways: readonly (Uint8Array | undefined)[], control: Control) {
    this.#plan = plan;
    this.#gateways = gateways;
    this.#control = control;
    this.#before = this.#observe();
  }

  /** Sentences for the user, when it is time and there are any to say; to be called a few times a second. */
  async look(now = performance.now()): Promise<readonly string[]> {
    if (this.#framesSent() > 0) this.#sendingSince ??= now;
    const isTime = this.#sendingSince !== undefined && now - this.#sendingSince >= LOOK_AFTER_MS;
    return isTime ? await this.conclude(now) : [];
  }

  /** The same at the end of a sweep that was too short to be looked at before. */
  async conclude(now = performance.now()): Promise<readonly string[]> {
    if (this.#hasLooked || this.#plan.hops.length === 0 || this.#framesSent() === 0) return [];
    this.#hasLooked = true;
    const counter = (name: Parameters<Control["counter"]>[0]) => this.#control.counter(name);
    const replies = counter("hostsVerified") + counter("closed") + counter("unreachableCount");
    const gateways = replies > 0 ? [] : await this.#askGateways();
    return diagnose({
      elapsedMs: now - (this.#sendingSince ?? now),
      framesSent: this.#framesSent(),
      framesReceived: counter("framesReceived"),
      replies,
      ringDrops: counter("framesDropped"),
      kernelResets: counter("kernelResets"),
      foreignSources: this.#plan.unownedSources.map(formatAddress),
      before: this.#before,
      after: this.#observe(),
      gateways,
    });
  }

  #framesSent(): number {
    return this.#control.counter("probesSent") + this.#control.counter("questionsSent");
  }

  #observe(): MachineState {
    return observeMachine(new Set(this.#plan.hops.map((hop) => hop.interface.name)));
  }

  #askGateways(): Promise<GatewayAnswer[]> {
    const asked = this.#plan.hops.flatMap((hop, index) => {
      const hardware = this.#gateways[index];
      return hardware === undefined ? [] : [askAgain(hop, formatMac(hardware))];
    });
    return Promise.all(asked);
  }
}

/** Asks a hop's gateway for its address once more, if there is an address to ask for. */
function askAgain(
  { interface: through, gateway, vlan }: Hop,
  hardwareAddress: string,
): Promise<GatewayAnswer> {
  const address = gateway && "address" in gateway ? gateway : undefined;
  return observeGateway({
    interfaceName: through.name,
    address: address && formatAddress(address.address),
    hardwareAddress,
  }, async () => {
    const neighbor = address && await resolveNeighbor({
      interfaceIndex: through.index,
      local: address.local,
      localHardware: through.hardwareAddress,
      neighbor: address.address,
      vlan,
      isAnew: true,
    });
    return neighbor && formatMac(neighbor.hardwareAddress);
  });
}
