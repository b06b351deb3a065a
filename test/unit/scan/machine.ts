import type { Interface, Route } from "../../../ffi/mod.ts";
import type { Machine } from "../../../src/scan/plan.ts";
import { loadTargets, parseAddress, type TargetSet } from "../../../src/targets/mod.ts";

const ethernet = 1;

/** The targets of a command line, on port 443 unless they bring their own. */
export async function targetsOf(...targets: string[]): Promise<TargetSet> {
  const request = { targets, ports: [{ first: 443, last: 443 }], includeSpecial: true };
  return (await loadTargets(request)).targetSet;
}

/** An Ethernet interface that is up, but for what `difference` says. */
export function networkInterface(
  name: string,
  index: number,
  difference: Partial<Interface> = {},
): Interface {
  const hardwareAddress = Uint8Array.of(2, 0, 0, 0, 0, index);
  return { name, index, up: true, mtu: 1500, linkType: ethernet, hardwareAddress, ...difference };
}

/** Reads `192.0.2.0/24 onLink 2`: the destination, the kind and the index of the interface. */
export function route(
  text: string,
  difference: { via?: string; from?: string; metric?: number } = {},
): Route {
  const [destination = "", kind = "", interfaceIndex = ""] = text.split(" ");
  const [address = "", prefixLength = "32"] = destination.split("/");
  return {
    destination: parseAddress(address)!,
    prefixLength: 96 + Number(prefixLength),
    kind: kind as Route["kind"],
    gateway: difference.via === undefined ? 0n : parseAddress(difference.via)!,
    source: difference.from === undefined ? 0n : parseAddress(difference.from)!,
    interfaceIndex: Number(interfaceIndex),
    metric: difference.metric ?? 0,
  };
}

/** A workstation: a loopback, and 192.0.2.10 on eth0 behind the gateway 192.0.2.1. */
export function machine(difference: Partial<Machine> = {}): Machine {
  return {
    interfaces: [networkInterface("lo", 1, { linkType: 772 }), networkInterface("eth0", 2)],
    localAddresses: [
      { address: parseAddress("127.0.0.1")!, interfaceIndex: 1 },
      { address: parseAddress("192.0.2.10")!, interfaceIndex: 2 },
    ],
    routes: [
      route("127.0.0.0/8 local 1"),
      route("192.0.2.10/32 local 2"),
      route("192.0.2.0/24 onLink 2", { from: "192.0.2.10" }),
      route("0.0.0.0/0 gateway 2", { via: "192.0.2.1" }),
    ],
    hasRawSockets: true,
    ...difference,
  };
}
