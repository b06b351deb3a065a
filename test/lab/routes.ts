import { GATEWAY, GATEWAY_IPV6, SCANNER_ADDRESS, SCANNER_ADDRESS_IPV6, SCANNER_INTERFACE } from "./cable.ts";
import type { WorldPrefix } from "./responder.ts";
import { runTool } from "./tools.ts";

/**
 * Leads the scanner's kernel into every prefix of a simulated world.
 *
 * @returns the prefixes that it has no way to, as it knows no VLANs.
 */
export async function addRoutes(prefixes: readonly WorldPrefix[]): Promise<WorldPrefix[]> {
  const hasIpv6 = prefixes.some(({ prefix }) => isIpv6Prefix(prefix));
  const refused = new Set<number>();
  for (const vlan of new Set(prefixes.map(({ vlan }) => vlan))) {
    if (vlan !== 0 && !await addVlan(vlan, hasIpv6)) refused.add(vlan);
  }
  const routes = prefixes.filter(({ vlan }) => !refused.has(vlan)).map(({ prefix, vlan, isOnLink }) => {
    const gateway = isIpv6Prefix(prefix) ? GATEWAY_IPV6 : GATEWAY;
    const way = isOnLink ? "" : `via ${gateway} `;
    return `route add ${prefix} ${way}dev ${vlanInterface(vlan)}${vlan === 0 || isOnLink ? "" : " onlink"}`;
  });
  await runTool(["ip", "-batch", "-"], routes.join("\n"));
  return prefixes.filter(({ vlan }) => refused.has(vlan));
}

/** The interface that sends to a VLAN. */
export function vlanInterface(vlan: number): string {
  return vlan === 0 ? SCANNER_INTERFACE : `${SCANNER_INTERFACE}.${vlan}`;
}

/** Whether `address/length` is IPv6. */
export function isIpv6Prefix(prefix: string): boolean {
  return prefix.includes(":");
}

/** False when this kernel has no VLAN interfaces (the module is 8021q). */
async function addVlan(vlan: number, hasIpv6: boolean): Promise<boolean> {
  const name = vlanInterface(vlan);
  const link = ["ip", "link", "add", "link", SCANNER_INTERFACE, "name", name];
  try {
    await runTool([...link, "type", "vlan", "id", String(vlan)]);
  } catch {
    return false;
  }
  await runTool(
    ["ip", "-batch", "-"],
    [
      // The subnet stays on the untagged interface: the gateway is told to be here route by route.
      `address add ${SCANNER_ADDRESS}/32 dev ${name}`,
      ...hasIpv6 ? [`address add ${SCANNER_ADDRESS_IPV6}/128 dev ${name} nodad`] : [],
      `link set ${name} up`,
    ].join("\n"),
  );
  return true;
}
