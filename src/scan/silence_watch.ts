import { type Control, resolveNeighbor } from "../../ffi/mod.ts";
import { formatAddress } from "../targets/mod.ts";
import {
  diagnose,
  type GatewayAnswer,
  type MachineState,
  observeGateway,
  observeMachine,
} from "./diagnosis.ts";
import type { Hop, SweepPlan } from "./plan.ts";

/** When a sweep that nobody answers is looked into: the answer comes within another two seconds. */
const LOOK_AFTER_MS = 3_000;

/** Looks once, some seconds after the first probe, whether a sweep is answered at all, and if not, why. */
export class SilenceWatch {
  readonly #plan: SweepPlan;
  readonly #control: Control;
  readonly #before: MachineState;
  #sendingSince: number | undefined;
  #hasLooked = false;

  /** Notes how the machine stands before the first probe. */
  constructor(plan: SweepPlan, control: Control) {
    this.#plan = plan;
    this.#control = control;
    this.#before = this.#observe();
  }

  /** Sentences for the user, the first time that there are any to say; to be called a few times a second. */
  async look(now = performance.now()): Promise<readonly string[]> {
    if (this.#hasLooked || this.#plan.hops.length === 0) return [];
    const framesSent = this.#control.counter("probesSent") + this.#control.counter("questionsSent");
    if (framesSent > 0) this.#sendingSince ??= now;
    if (this.#sendingSince === undefined || now - this.#sendingSince < LOOK_AFTER_MS) return [];
    this.#hasLooked = true;
    const counter = (name: Parameters<Control["counter"]>[0]) => this.#control.counter(name);
    const replies = counter("hostsVerified") + counter("closed") + counter("unreachableCount");
    const gateways = replies > 0 ? [] : await Promise.all(this.#plan.hops.flatMap(askAgain));
    return diagnose({
      elapsedMs: now - this.#sendingSince,
      framesSent,
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

  #observe(): MachineState {
    return observeMachine(new Set(this.#plan.hops.map((hop) => hop.interface.name)));
  }
}

/** Asks a hop's gateway for its address once more; nobody where there is none to ask. */
function askAgain({ interface: through, gateway, vlan }: Hop): Promise<GatewayAnswer>[] {
  if (gateway === undefined) return [];
  if ("hardwareAddress" in gateway) {
    const hardwareAddress = formatHardware(gateway.hardwareAddress);
    return [observeGateway(
      { interfaceName: through.name, address: undefined, hardwareAddress },
      () => Promise.resolve(undefined),
    )];
  }
  const query = {
    interfaceIndex: through.index,
    local: gateway.local,
    localHardware: through.hardwareAddress,
    neighbor: gateway.address,
    vlan,
  };
  const ask = async (isAnew: boolean) => {
    const neighbor = await resolveNeighbor({ ...query, isAnew });
    return neighbor && formatHardware(neighbor.hardwareAddress);
  };
  return [
    ask(false).then((hardwareAddress) =>
      observeGateway({
        interfaceName: through.name,
        address: formatAddress(gateway.address),
        hardwareAddress: hardwareAddress ?? "nobody",
      }, () => ask(true))
    ),
  ];
}

function formatHardware(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}
