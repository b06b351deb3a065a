/**
 * What `deno task lab` says, in lines.
 *
 * @module
 */
import { isIpv6Prefix, vlanInterface } from "./routes.ts";
import type { Simulation, SimulationCounters } from "./simulation.ts";

/** A world with more prefixes isn't listed whole. */
const PREFIX_COUNT_SHOWN_MAX = 8;

/** What the world is, and what can be done with it. */
export function greeting(
  internet: Simulation,
  { name, truth, isShell }: {
    readonly name: string;
    /** Where the truth is, and how many open ports it lists; undefined when it isn't written. */
    readonly truth: { readonly path: string; readonly portCount: number } | undefined;
    readonly isShell: boolean;
  },
): string[] {
  const { prefixes, gatewayHardwareAddress } = internet;
  const hasIpv6 = prefixes.some(({ prefix }) => isIpv6Prefix(prefix));
  const addresses = (ipv4: string, ipv6: string) => hasIpv6 ? `${ipv4} and ${ipv6}` : ipv4;
  const scanner = addresses(internet.sourceAddress, internet.sourceAddressIpv6);
  const gateway = addresses(internet.gateway, internet.gatewayIpv6);
  const shown = prefixes.slice(0, PREFIX_COUNT_SHOWN_MAX).map(({ prefix, vlan, isOnLink }) =>
    [prefix, ...vlan === 0 ? [] : [`on VLAN ${vlan}`], ...isOnLink ? ["on the link"] : []].join(" ")
  );
  const more = prefixes.length - shown.length;
  return [
    `lab: ${name} is up`,
    `  prefixes  ${shown.join(", ")}${more > 0 ? ` and ${more.toLocaleString("en")} more` : ""}`,
    `  scanner   ${internet.interface}, ${scanner}`,
    `  gateway   ${gateway}, ${gatewayHardwareAddress}`,
    `  truth     ${truthText(truth)}`,
    ...internet.unrouted.length === 0 ? [] : [`  note      ${unroutedText(internet)}`],
    ...examples(internet).map((example, index) => `  ${index === 0 ? "for one" : "       "}   ${example}`),
    ...isShell ? ["  leave     exit"] : [],
  ];
}

function unroutedText({ unrouted }: Simulation): string {
  const prefixes = unrouted.map(({ prefix, vlan }) => `${prefix} on VLAN ${vlan}`).join(", ");
  return `this kernel has no VLANs (try modprobe 8021q): ${prefixes} only for a scanner that tags its own frames`;
}

function truthText(truth: { readonly path: string; readonly portCount: number } | undefined): string {
  if (truth === undefined) return "not written down, as the world is large; truth PREFIX tells of a part";
  return `${truth.path}, ${number(truth.portCount)} open ports`;
}

function examples(internet: Simulation): string[] {
  const first = internet.prefixes.find(({ prefix }) => !isIpv6Prefix(prefix));
  if (first === undefined) return [`nmap -6 -n -Pn -p 443 ${internet.prefixes[0]?.prefix}`];
  const { prefix, vlan } = first;
  const compared = internet.prefixes.length === 1 ? "/run/scan" : `/run/scan ${prefix}`;
  return [
    `margay scan ${prefix} -o /run/scan; compare ${compared}`,
    [
      `zmap -p 443 -i ${vlanInterface(vlan)} -S ${internet.sourceAddress}`,
      `-G ${internet.gatewayHardwareAddress} -b /dev/null ${prefix}`,
    ].join(" "),
    [
      `masscan -p 443 -e ${internet.interface} --source-ip ${internet.sourceAddress}`,
      `--router-mac ${internet.gatewayHardwareAddress.replaceAll(":", "-")} ${prefix}`,
    ].join(" "),
    `nmap -n -Pn -p 443 ${prefix}`,
  ];
}

/** What was counted, for people. */
export function countersTable({ responder, kernelResets }: SimulationCounters): string[] {
  const asked = Object.entries(responder.synchronize_per_address)
    .reduce((sum, [count, addresses]) => count === "0" ? sum : sum + addresses, 0);
  const rows: readonly (readonly [name: string, count: number, text: string])[] = [
    ["frames", responder.frames_received, `from the scanner, ${number(responder.octets_received)} octets`],
    ["", responder.frames_sent, `to the scanner, ${number(responder.octets_sent)} octets`],
    ["SYNs", responder.synchronize_received, `to ${number(asked)} addresses`],
    ["outside", responder.outside, "packets to no prefix of the world"],
    ["resets", responder.reset_received, `from the scanner, ${number(kernelResets)} of them by its kernel`],
    ["", responder.reset_sent, "from the hosts"],
    ...responder.frames_missed === 0
      ? []
      : [["missed", responder.frames_missed, "frames were not counted: lower bounds"] as const],
  ];
  const width = Math.max(...rows.map(([, count]) => number(count).length));
  return [
    "lab: the world has seen",
    ...rows.map(([name, count, text]) => `  ${name.padEnd(8)}  ${number(count).padStart(width)} ${text}`),
  ];
}

function number(count: number): string {
  return count.toLocaleString("en");
}
