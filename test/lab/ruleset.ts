import { type AddressRule, CLASS_MODULUS, hashSeeds } from "./address_rule.ts";

/** Certificate `index` is served on this port plus `index`, wherever in the prefix it was asked for. */
export const FIRST_SERVER_PORT = 20_000;

/** What the world's firewall rules are made from. */
export interface WorldRules {
  readonly rule: AddressRule;
  /** The prefix that answers, `a.b.c.d/n`. */
  readonly prefix: string;
  readonly port: number;
}

/** What the cable's rules are made from. */
export interface CableRules {
  /** The world's end of the cable. */
  readonly interface: string;
  /** A device that swallows what is sent to it. */
  readonly lossInterface: string;
  /** The world's own address on the cable. */
  readonly gateway: string;
  /** The prefixes that may be sent to, and the port; all else that arrives is stray. */
  readonly expectedTargets: readonly string[];
  readonly port: number;
  /** Of ten thousand IPv4 packets, how many are lost in each direction. */
  readonly lossPerTenThousand: number;
}

/**
 * The rules that make a few hundred servers answer for a whole prefix.
 *
 * Ports are rewritten statelessly in both directions rather than by NAT: no connection tracking whose table a
 * sweep could fill.
 */
export function worldRuleset({ rule, prefix, port }: WorldRules): string {
  const { classSeed, certificateSeed } = hashSeeds(rule);
  const silentEnd = rule.livePerTenThousand + rule.silentPerTenThousand;
  const verdicts = [
    ...interval(0, rule.livePerTenThousand, "goto live"),
    ...interval(rule.livePerTenThousand, silentEnd, "drop"),
    ...interval(silentEnd, CLASS_MODULUS, "accept"),
  ];
  const ports = Array.from(
    { length: rule.certificateCount },
    (_, index) => `${index} : ${FIRST_SERVER_PORT + index}`,
  ).join(", ");
  const certificate = `jhash ip daddr mod ${rule.certificateCount} seed ${certificateSeed}`;
  const lastServerPort = FIRST_SERVER_PORT + rule.certificateCount - 1;
  return `
table ip lab_world {
  chain arrive {
    type filter hook prerouting priority raw; policy accept;
    ip daddr ${prefix} jhash ip daddr mod ${CLASS_MODULUS} seed ${classSeed} vmap { ${verdicts.join(", ")} }
  }
  chain live {
    tcp dport ${port} tcp dport set ${certificate} map { ${ports} }
  }
  chain leave {
    type filter hook output priority raw; policy accept;
    ip saddr ${prefix} tcp sport ${FIRST_SERVER_PORT}-${lastServerPort} tcp sport set ${port}
  }
}
`;
}

/**
 * The rules on the world's end of the cable: what arrives and wasn't asked for is counted, and some of all is
 * lost.
 */
export function cableRuleset(cable: CableRules): string {
  const lost = `meta protocol ip numgen random mod 10000 <= ${cable.lossPerTenThousand - 1}`;
  // A frame dropped on its way out would be reported to the TCP that sent it. A frame lost on the wire isn't,
  // so it is sent, but elsewhere.
  const loss = cable.lossPerTenThousand === 0 ? "" : `
  chain lose_arriving {
    type filter hook ingress device ${cable.interface} priority 10; policy accept;
    ${lost} drop
  }
  chain lose_leaving {
    type filter hook egress device ${cable.interface} priority 10; policy accept;
    ${lost} fwd to ${cable.lossInterface}
  }`;
  return `
table netdev lab_cable {
  counter stray_frames { }
  chain arrive {
    type filter hook ingress device ${cable.interface} priority 0; policy accept;
    ether type arp arp daddr ip ${cable.gateway} accept
    ip daddr { ${cable.expectedTargets.join(", ")} } tcp dport ${cable.port} accept
    counter name stray_frames
  }${loss}
}
`;
}

/**
 * The rule on the scanner's side. A reset that the kernel sends passes its output hook; a frame that margay
 * sends through a packet socket doesn't, whatever its flags.
 */
export function scannerRuleset(prefix: string): string {
  return `
table ip lab_scanner {
  counter kernel_resets { }
  chain leave {
    type filter hook output priority raw; policy accept;
    ip daddr ${prefix} tcp flags & rst == rst counter name kernel_resets
  }
}
`;
}

/**
 * The rules on the scanner's side of a simulation: resets by the kernel are counted, and what its IPv6 tells and
 * asks of itself stays off the cable.
 *
 * @param interface_ the cable's end; VLANs on it are named after it.
 */
export function simulationRuleset(interface_: string): string {
  return `
table inet lab_scanner {
  counter kernel_resets { }
  chain leave {
    type filter hook output priority raw; policy accept;
    oifname "${interface_}*" tcp flags & rst == rst counter name kernel_resets
    oifname "${interface_}*" icmpv6 type { nd-router-solicit, mld-listener-report, mld2-listener-report } drop
  }
}
`;
}

/** One element of a verdict map, or none when the interval is empty. */
function interval(first: number, end: number, verdict: string): string[] {
  if (first === end) return [];
  return [first === end - 1 ? `${first} : ${verdict}` : `${first}-${end - 1} : ${verdict}`];
}
