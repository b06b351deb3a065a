/**
 * Simulated worlds in which the truth about every target is known, not only about open ones: each prefix has one
 * verdict for whatever the responder doesn't call open.
 *
 * @module
 */
import { addressOfNumber, parsePrefix } from "./prefix.ts";
import type { Simulation } from "./simulation.ts";
import type { SimulatedTarget } from "./truth.ts";

/** What layer 4 says of a target. */
export type Verdict = "open" | "closed" | "unreachable" | "filtered";

/** A prefix of a world file, of which one thing is true where nothing is open. */
export interface KnownPrefix {
  /** `address/length`. IPv6: of the form `2001:db8::/120`, with nothing but zeros in its last two octets. */
  readonly prefix: string;
  readonly rest: Exclude<Verdict, "open">;
  /** What the world file says below the prefix. */
  readonly lines: readonly string[];
}

/** A world file of the prefixes. Layer 4 needs no certificates, which take a second to make. */
export function worldText(prefixes: readonly KnownPrefix[]): string {
  const sections = prefixes.map(({ prefix, lines }) => [`prefix ${prefix}`, ...lines, ""].join("\n"));
  return ["certificates 1", "connections 1024", "", ...sections].join("\n");
}

/** The verdict that each target deserves, by `address,port`: a row of margay's CSV but for its last column. */
export async function readVerdicts(
  internet: Pick<Simulation, "truthLines">,
  prefixes: readonly KnownPrefix[],
  ports: readonly number[],
): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (const { prefix, rest } of prefixes) {
    for (const address of addressesOf(prefix)) {
      for (const port of ports) verdicts.set(`${address},${port}`, rest);
    }
  }
  for await (const line of internet.truthLines()) {
    const record = JSON.parse(line) as SimulatedTarget | { readonly record: "certificate" };
    if (record.record !== "target") continue;
    const target = `${record.address},${record.port}`;
    if (verdicts.has(target)) verdicts.set(target, "open");
  }
  return verdicts;
}

/** Every address of a {@link KnownPrefix}, as text, in ascending order. */
export function* addressesOf(prefix: string): Generator<string> {
  if (!prefix.includes(":")) {
    const { first, last } = parsePrefix(prefix);
    for (let address = first; address <= last; address++) yield addressOfNumber(address);
    return;
  }
  const [, network, length] = /^([0-9a-f:]+::)\/(\d+)$/.exec(prefix) ?? [];
  if (network === undefined || Number(length) < 112) {
    throw new RangeError(`Cannot list ${prefix}: expected a prefix like 2001:db8::/112, or longer`);
  }
  const count = 2 ** (128 - Number(length));
  for (let host = 0; host < count; host++) yield host === 0 ? network : `${network}${host.toString(16)}`;
}
