/**
 * Why nothing comes back: what this machine can find out about a sweep that sends and is answered by nobody, in
 * sentences for people. A sweep that is merely unlucky and one whose frames never left look alike in its results.
 *
 * @module
 */

import { type Interface, interfaces } from "../../ffi/mod.ts";
import { formatCount, plural } from "../text/mod.ts";

/** What an interface has counted since it was made, and whether its link works. */
export type LinkState = Pick<Interface, "hasCarrier" | "counters">;

/** What this network namespace tells of itself at one moment. */
export interface MachineState {
  /** Resets that the kernel's own TCP has sent (`Tcp: OutRsts` in /proc/net/snmp), without those of firewall rules. */
  readonly tcpResets: number;
  /** By interface name; one that is gone is missing. */
  readonly links: ReadonlyMap<string, LinkState>;
}

/** A next hop, asked again. Hardware addresses are in the usual text, `02:00:00:00:00:01`. */
export interface GatewayAnswer {
  readonly interfaceName: string;
  /** Undefined when only its hardware address was given (`-G`), so that nobody can be asked. */
  readonly address: string | undefined;
  /** Where probes are sent to. */
  readonly hardwareAddress: string;
  /** Who answered for the address; undefined when nobody did. */
  readonly answeredBy: string | undefined;
}

/** What a sweep knows some seconds after its first probe. */
export interface Observations {
  readonly elapsedMs: number;
  /** Frames that the kernel took from the sweep. */
  readonly framesSent: number;
  /** Frames that the sweep's readers got, whatever they were. */
  readonly framesReceived: number;
  /** Those of them that answered a probe. */
  readonly replies: number;
  /** Frames that the readers' rings had no room for. */
  readonly ringDrops: number;
  /** Resets that left this host from the sweep's source ports and are not the sweep's own. */
  readonly kernelResets: number;
  /** Addresses that probes come from and this host doesn't have. */
  readonly foreignSources: readonly string[];
  /**
   * Before the first probe, and after the gateways were asked, so that their answers have been counted. Both are of the
   * interfaces that the sweep sends through.
   */
  readonly before: MachineState;
  readonly after: MachineState;
  readonly gateways: readonly GatewayAnswer[];
}

/** Below this share of what the kernel took, the interface's own count says that frames get lost inside this host. */
const SENT_SHARE_MIN = 0.5;

/** Above this share of what arrived, drops explain silence. A few frames of foreign protocols are dropped anyway. */
const DROPPED_SHARE_MAX = 0.1;

/**
 * Says what was checked, what it probably is and what to do about it, the likeliest cause first.
 *
 * @returns one sentence each; none when probes are being answered and nothing on this host disturbs that.
 */
export function diagnose(observations: Observations): readonly string[] {
  const resets = explainResets(observations);
  if (observations.replies > 0) return resets;
  const causes = [
    ...explainLinks(observations),
    ...explainGateways(observations),
    ...explainDrops(observations),
    ...resets,
    ...explainSources(observations),
    ...explainStrangers(observations),
  ];
  const { elapsedMs, framesSent } = observations;
  const seconds = Math.round(elapsedMs / 1000);
  const silence = framesSent === 0
    ? `No probe has left this host in ${seconds} s`
    : `Nothing has come back in ${seconds} s to ${plural(framesSent, "frame")}`;
  return [silence, ...causes.length > 0 ? causes : [explainNothing(observations)]];
}

function explainLinks(observations: Observations): string[] {
  const { before, after } = observations;
  const causes: string[] = [];
  for (const [name, start] of before.links) {
    const link = after.links.get(name);
    if (link === undefined) {
      causes.push(`The interface ${name} is gone; see: ip link`);
    } else if (!link.hasCarrier) {
      causes.push(
        `The link of ${name} is down: it was switched off, its cable is unplugged, or the other end is down; ` +
          `see: ip link show ${name}`,
      );
    } else if (link.counters.framesReceived === start.counters.framesReceived) {
      causes.push(
        `${name} has not received a single frame meanwhile: answers do not find their way to this host; ` +
          "see whether its address is the one that routers know, and who drops them on the way",
      );
    }
  }
  return [...explainUnsent(observations), ...causes];
}

/** A link that is down or gone counts nothing, which has a sentence of its own. */
function explainUnsent({ framesSent, before, after }: Observations): string[] {
  const names = [...before.links.keys()];
  if (!names.every((name) => after.links.get(name)?.hasCarrier)) return [];
  const changes = observedLinks({ before, after }).map(({ change }) => change);
  const left = changes.reduce((sum, change) => sum + change.framesSent, 0);
  const failed = changes.reduce((sum, change) => sum + change.sendFailures, 0);
  if (left >= framesSent * SENT_SHARE_MIN) return [];
  return [
    `Of ${plural(framesSent, "frame")} the kernel has taken, ${names.join(" and ")} counts ${
      formatCount(left)
    } as sent` +
    `${failed > 0 ? ` and ${formatCount(failed)} as failed` : ""}: they get lost inside this host; ` +
    "see: ip -statistics link show",
  ];
}

function explainGateways({ gateways }: Observations): string[] {
  const causes: string[] = [];
  for (const { interfaceName, address, hardwareAddress, answeredBy } of gateways) {
    if (address === undefined) {
      causes.push(
        `The gateway's MAC ${hardwareAddress} on ${interfaceName} was given and cannot be checked: ` +
          "if nobody has it, frames end there; leave -G out to have the gateway asked for it",
      );
    } else if (answeredBy === undefined) {
      causes.push(
        `The gateway ${address} on ${interfaceName} was asked again and does not answer ${
          neighborProtocol(address)
        }: ` +
          "it is gone, or the route is wrong; see: ip route",
      );
    } else if (answeredBy !== hardwareAddress) {
      causes.push(
        `The gateway ${address} on ${interfaceName} answers from ${answeredBy}, and probes go to ${hardwareAddress}: ` +
          "it has been replaced; stop and start again",
      );
    }
  }
  return causes;
}

function explainDrops({ ringDrops, before, after }: Observations): string[] {
  const causes: string[] = [];
  if (ringDrops > 0) {
    causes.push(
      `${plural(ringDrops, "frame")} arrived and found no room to be read from: ` +
        "give them more with --receive-memory or --readers, or send slower with --rate",
    );
  }
  for (const { name, change } of observedLinks({ before, after })) {
    if (change.receiveDrops <= change.framesReceived * DROPPED_SHARE_MAX) continue;
    causes.push(
      `${name} has dropped ${plural(change.receiveDrops, "frame")} on arrival, beside ` +
        `${
          formatCount(change.framesReceived)
        } received: this host is too slow for them; send slower with --rate`,
    );
  }
  return causes;
}

/** A kernel that resets has got the answers, so the tap on the interface should have got them as well. */
function explainResets({ kernelResets, before, after }: Observations): string[] {
  if (kernelResets === 0) return [];
  const resets = `This host has sent ${
    plural(kernelResets, "reset")
  } from the source ports of its own accord`;
  return [
    after.tcpResets > before.tcpResets
      ? `${resets}, and the kernel's TCP counts them as its own: the ports are not guarded against it; ` +
        "choose others with -s, and see whether another program listens there: ss --tcp --listening"
      : `${resets}, and the kernel's TCP knows nothing of them: a firewall rule rejects with a TCP reset; ` +
        "exempt the source ports from it; see: nft list ruleset, iptables-save",
  ];
}

function explainSources({ foreignSources }: Observations): string[] {
  if (foreignSources.length === 0) return [];
  return [
    `Probes come from ${foreignSources.join(", ")}, which this host does not have: ` +
    "answers only come here if the gateway is led to it; leave -S out to use this host's own address",
  ];
}

function explainStrangers({ framesReceived }: Observations): string[] {
  if (framesReceived === 0) return [];
  return [
    `${plural(framesReceived, "frame")} came to the sweep, and none answered a probe: ` +
    "they belong to an earlier run, or something on the way rewrites sequence numbers; " +
    "wait a minute, or choose other ports with -s",
  ];
}

/** Only reached where each link is up and has received something, and each gateway has answered. */
function explainNothing({ before, after, gateways }: Observations): string {
  const received = observedLinks({ before, after })
    .map(({ name, change }) => `${name} has received ${plural(change.framesReceived, "frame")}`);
  const answered = gateways.map(({ address }) => `the gateway ${address} answers`);
  return `Checked here and found in order: ${[...received, ...answered].join(", ")}; ` +
    "so the targets are silent, or a firewall drops probes or answers: try one that must answer";
}

/** What the links that are still there have counted in between. */
function observedLinks({ before, after }: Pick<Observations, "before" | "after">) {
  const links: { readonly name: string; readonly change: LinkState["counters"] }[] = [];
  for (const [name, { counters: start }] of before.links) {
    const end = after.links.get(name)?.counters;
    if (end === undefined) continue;
    links.push({
      name,
      change: {
        framesReceived: end.framesReceived - start.framesReceived,
        receiveDrops: end.receiveDrops - start.receiveDrops,
        framesSent: end.framesSent - start.framesSent,
        sendFailures: end.sendFailures - start.sendFailures,
      },
    });
  }
  return links;
}

/**
 * Reads what the kernel counts in this network namespace.
 *
 * @param interfaceNames those that the sweep sends through.
 * @throws {Deno.errors.NotFound} where /proc is not mounted.
 */
export function observeMachine(interfaceNames: ReadonlySet<string>): MachineState {
  const links = interfaces().filter(({ name }) => interfaceNames.has(name));
  return {
    tcpResets: parseTcpResets(Deno.readTextFileSync("/proc/net/snmp")),
    links: new Map(links.map((link) => [link.name, link])),
  };
}

/** How long {@linkcode observeGateway} waits: an answer takes milliseconds, and the user waits for the diagnosis. */
const GATEWAY_PATIENCE_MS = 1_500;

/**
 * Asks for a gateway's hardware address once more.
 *
 * @param gateway what the sweep goes by.
 * @param ask puts the question on the wire, whatever the kernel remembers, and gives the answer as text.
 */
export async function observeGateway(
  gateway: Omit<GatewayAnswer, "answeredBy">,
  ask: () => Promise<string | undefined>,
): Promise<GatewayAnswer> {
  if (gateway.address === undefined) return { ...gateway, answeredBy: undefined };
  const { promise: impatience, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), GATEWAY_PATIENCE_MS);
  try {
    return { ...gateway, answeredBy: await Promise.race([ask(), impatience]) };
  } finally {
    clearTimeout(timer);
  }
}

/** /proc/net/snmp: for each protocol a line of names and a line of values (RFC 4022 has the TCP ones). */
export function parseTcpResets(text: string): number {
  const [names = [], values = []] = text.split("\n")
    .filter((line) => line.startsWith("Tcp:"))
    .map((line) => line.split(" "));
  return Number(values[names.indexOf("OutRsts")] ?? 0);
}

/** What asks for the hardware address behind an address of this family, for people. */
export function neighborProtocol(address: string): string {
  return address.includes(":") ? "neighbor discovery" : "ARP";
}
