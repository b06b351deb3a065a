import { parseAsNumbers } from "./as_data/mod.ts";
import { parseBlock } from "./block.ts";
import { parseHostName } from "./host_name.ts";
import type { Interval } from "./interval.ts";
import { parsePortRange, type PortRange } from "./ports.ts";
import { TargetError } from "./target_error.ts";

/** An address, CIDR or range. */
export interface BlockTarget {
  readonly kind: "block";
  readonly text: string;
  /** One interval; two for an IPv6 block around the IPv4-mapped addresses. */
  readonly intervals: readonly Interval[];
  /** Ports of this target alone; `undefined` leaves it to the scan. */
  readonly ports: PortRange | undefined;
  readonly serverName: string | undefined;
}

/** A host name, still to be resolved. */
export interface HostTarget {
  readonly kind: "host";
  readonly text: string;
  readonly name: string;
  readonly ports: PortRange | undefined;
  /** Its own name unless another was given. */
  readonly serverName: string;
}

/** What an AS announces, still to be looked up. */
export interface SystemTarget {
  readonly kind: "system";
  readonly text: string;
  readonly number: number;
  readonly ports: PortRange | undefined;
  readonly serverName: string | undefined;
}

/** Further targets, one a line: a file, or standard input where `path` is `-`. */
export interface ListTarget {
  readonly kind: "list";
  readonly text: string;
  readonly path: string;
}

/** What brings addresses, at once or when it has been asked for. */
export type AddressTarget = BlockTarget | HostTarget | SystemTarget;

export type Target = AddressTarget | ListTarget;

/**
 * Reads one target: `192.0.2.1`, `192.0.2.0/24`, `192.0.2.1-192.0.2.9`, `example.com`, `AS64500`, `@file` or `-`; all
 * but the last two with an optional `:port` or `:first-last` (IPv6 then in brackets: `[2001:db8::1]:443`) and
 * `,server-name`.
 *
 * @throws {TargetError} "Cannot parse target ..." or "Cannot scan ...".
 */
export function parseTarget(text: string): Target {
  if (text === "-") return { kind: "list", text, path: "-" };
  try {
    return text.startsWith("@") ? parseList(text) : parseScannable(text);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError(`Cannot parse target "${text}": ${error.message}`);
  }
}

function parseList(text: string): ListTarget {
  const path = text.slice(1);
  if (path === "") throw new TargetError("the name of a file is missing after @");
  return { kind: "list", text, path };
}

function parseScannable(text: string): AddressTarget {
  const comma = text.indexOf(",");
  const endpoint = comma < 0 ? text : text.slice(0, comma);
  const serverName = comma < 0 ? undefined : parseServerName(text.slice(comma + 1), endpoint);
  const { head, portText } = splitPort(endpoint);
  const ports = portText === undefined ? undefined : parsePortRange(portText);

  if (isBlockText(head)) return { kind: "block", text, intervals: parseBlock(head), ports, serverName };
  if (/^as\d+$/i.test(head)) return { kind: "system", text, number: parseAsNumber(head), ports, serverName };
  const name = parseHostName(head);
  return { kind: "host", text, name, ports, serverName: serverName ?? name };
}

function parseAsNumber(text: string): number {
  const numbers = parseAsNumbers(text);
  if (numbers?.length !== 1) throw new TargetError(`"${text}" is no AS number (1 to 4294967295)`);
  return numbers[0]!;
}

function parseServerName(text: string, endpoint: string): string {
  const port = /^(.*):(\d+)$/.exec(text);
  if (port !== null) {
    throw new TargetError(`the port comes before the name: ${endpoint}:${port[2]},${port[1]}`);
  }
  return parseHostName(text);
}

function splitPort(endpoint: string): { head: string; portText: string | undefined } {
  if (endpoint === "") throw new TargetError("the address is missing");
  if (endpoint.includes("://")) {
    throw new TargetError("a URL is no target; write the host name and port alone");
  }
  if (endpoint.startsWith("[")) {
    const match = /^\[([^\]]*:[^\]]*)\](?::(.*))?$/.exec(endpoint);
    if (!match) throw new TargetError("an IPv6 address with a port is written [2001:db8::1]:443");
    return { head: match[1]!, portText: match[2] };
  }
  const colon = endpoint.indexOf(":");
  // Two colons are IPv6, which has no room for a port outside brackets.
  if (colon < 0 || endpoint.includes(":", colon + 1)) return { head: endpoint, portText: undefined };
  return { head: endpoint.slice(0, colon), portText: endpoint.slice(colon + 1) };
}

/** Whether the text can only be meant as addresses: no host name has a colon, a slash, or digits alone. */
function isBlockText(head: string): boolean {
  return /^[\d.-]+$/.test(head) || /[:/]/.test(head);
}
