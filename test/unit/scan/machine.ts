import type { Interface, LocalAddress, Route, Rule } from "../../../ffi/mod.ts";
import type { Machine } from "../../../src/scan/plan.ts";
import { isIpv4, loadTargets, parseAddress, type TargetSet } from "../../../src/targets/mod.ts";

const ethernet = 1;
const mainTable = 254;
const localTable = 255;

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
  return {
    name,
    index,
    up: true,
    hasCarrier: true,
    resolvesNeighbors: true,
    isPointToPoint: false,
    mtu: 1500,
    linkType: ethernet,
    hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, index),
    counters: { framesReceived: 0, receiveDrops: 0, framesSent: 0, sendFailures: 0 },
    ...difference,
  };
}

/** A link without link header, as WireGuard makes it. */
export function tunnel(name: string, index: number): Interface {
  return networkInterface(name, index, {
    linkType: 65_534,
    resolvesNeighbors: false,
    isPointToPoint: true,
    mtu: 1420,
    hardwareAddress: new Uint8Array(6),
  });
}

/** Reads `192.0.2.10/24 on 2`. */
export function localAddress(text: string, difference: Partial<LocalAddress> = {}): LocalAddress {
  const [prefix = "", , interfaceIndex] = text.split(" ");
  const { address, prefixLength } = readPrefix(prefix);
  return {
    address,
    prefixLength,
    interfaceIndex: Number(interfaceIndex),
    scope: prefix.startsWith("fe80:") ? 253 : 0,
    isTentative: false,
    isDeprecated: false,
    isTemporary: false,
    ...difference,
  };
}

/** Reads `192.0.2.0/24 onLink 2`: the destination, the kind and the index of the interface. */
export function route(
  text: string,
  difference: {
    via?: string;
    source?: string;
    from?: string;
    metric?: number;
    table?: number;
    isLinkDown?: boolean;
  } = {},
): Route {
  const [destination = "", kind = "", interfaceIndex = ""] = text.split(" ");
  const to = readPrefix(destination);
  const from = readPrefix(difference.from ?? everything(to.address));
  return {
    destination: to.address,
    prefixLength: to.prefixLength,
    kind: kind as Route["kind"],
    gateway: difference.via === undefined ? 0n : parseAddress(difference.via)!,
    source: difference.source === undefined ? 0n : parseAddress(difference.source)!,
    from: from.address,
    fromPrefixLength: from.prefixLength,
    interfaceIndex: Number(interfaceIndex),
    metric: difference.metric ?? 0,
    table: difference.table ?? (kind === "local" ? localTable : mainTable),
    isLinkDown: difference.isLinkDown ?? false,
  };
}

/** Reads `32766 lookUp 254`: the priority, the action and the table. Of IPv4 unless it says otherwise. */
export function rule(
  text: string,
  { from, to, ...difference }: Partial<Omit<Rule, "from" | "to">> & { from?: string; to?: string } = {},
): Rule {
  const [priority = "", action = "", table = ""] = text.split(" ");
  const whole = difference.family === 6 ? "::/0" : "0.0.0.0/0";
  const source = readPrefix(from ?? whole);
  const destination = readPrefix(to ?? whole);
  return {
    family: 4,
    priority: Number(priority),
    from: source.address,
    fromPrefixLength: source.prefixLength,
    to: destination.address,
    toPrefixLength: destination.prefixLength,
    interfaceName: undefined,
    conditions: "met",
    isInverted: false,
    action: action as Rule["action"],
    table: Number(table),
    routePrefixLengthMin: 0,
    ...difference,
  };
}

/** The rules of a host that has no policy. */
export const plainRules: readonly Rule[] = [
  rule("0 lookUp 255"),
  rule("32766 lookUp 254"),
  rule("32767 lookUp 253"),
  rule("0 lookUp 255", { family: 6 }),
  rule("32766 lookUp 254", { family: 6 }),
];

/** A workstation: a loopback; 192.0.2.10 and 2001:db8:1::10 on eth0, behind the gateways 192.0.2.1 and fe80::1. */
export function machine(difference: Partial<Machine> = {}): Machine {
  return {
    interfaces: [networkInterface("lo", 1, { linkType: 772 }), networkInterface("eth0", 2)],
    localAddresses: [
      localAddress("127.0.0.1/8 on 1", { scope: 254 }),
      localAddress("192.0.2.10/24 on 2"),
      localAddress("::1/128 on 1", { scope: 254 }),
      localAddress("2001:db8:1::10/64 on 2"),
      localAddress("fe80::10/64 on 2"),
    ],
    routes: [
      route("127.0.0.0/8 local 1"),
      route("192.0.2.10/32 local 2"),
      route("192.0.2.0/24 onLink 2", { source: "192.0.2.10" }),
      route("0.0.0.0/0 gateway 2", { via: "192.0.2.1" }),
      route("::1/128 local 1"),
      route("2001:db8:1::10/128 local 2"),
      route("fe80::10/128 local 2"),
      route("ff00::/8 none 2", { table: localTable }),
      route("2001:db8:1::/64 onLink 2", { metric: 256 }),
      route("fe80::/64 onLink 2", { metric: 256 }),
      route("::/0 gateway 2", { via: "fe80::1", metric: 1024 }),
    ],
    rules: plainRules,
    hasRawSockets: true,
    ...difference,
  };
}

function readPrefix(text: string): { address: bigint; prefixLength: number } {
  const [address = "", length] = text.split("/");
  const number = parseAddress(address)!;
  const bits = isIpv4(number) ? 32 : 128;
  return { address: number, prefixLength: 128 - bits + Number(length ?? bits) };
}

function everything(address: bigint): string {
  return isIpv4(address) ? "0.0.0.0/0" : "::/0";
}
