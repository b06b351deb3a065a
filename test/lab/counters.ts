import { runTool } from "./tools.ts";

/** What the lab counts on the wire, by something that isn't margay. */
export interface Counters {
  /** TCP resets that the scanner's kernel sent into the prefix: 0 while the guard works. */
  readonly kernelResets: number;
  /**
   * Frames that reached the world and are neither ARP for the gateway nor TCP to an expected target's port.
   */
  readonly strayFrames: number;
}

/** A counter of an nftables ruleset. */
export interface CounterName {
  readonly family: "ip" | "inet" | "netdev";
  readonly table: string;
  readonly counter: string;
}

/**
 * Reads how many packets a counter has seen.
 *
 * @param prefix the command that enters the counter's namespace; empty for this one.
 */
export async function readCounter(prefix: readonly string[], name: CounterName): Promise<number> {
  const command = [...prefix, "nft", "-j", "list", "counter", name.family, name.table, name.counter];
  const answer = JSON.parse(await runTool(command)) as { nftables: { counter?: { packets: number } }[] };
  const packets = answer.nftables.find((entry) => entry.counter !== undefined)?.counter?.packets;
  if (packets === undefined) throw new Error(`Cannot read counter ${name.counter}: nft lists none`);
  return packets;
}
