import { NativeError } from "../../ffi/mod.ts";
import { expandPorts, type PortRange } from "../targets/mod.ts";
import { UsageError } from "./errors.ts";

export interface PortWindow {
  readonly first: number;
  readonly count: number;
}

/** Enough that a stranger who guesses has to guess the port too; few enough to be found free in one piece. */
const WINDOW_SIZE = 16;

/** Each port costs a socket, of which a process may have a thousand or so at the least. */
const WINDOW_SIZE_MAX = 512;

/** Where Linux takes the ports of outgoing connections from, unless told otherwise (ip-sysctl). */
const DEFAULT_EPHEMERAL: PortRange = { first: 32768, last: 60999 };

/**
 * Calls `open` with windows of source ports until none of a window's ports is taken, and returns what it returned.
 * Given ports are tried once; else windows of ports that nobody uses and nobody has set aside, those outside the range
 * that the kernel gives to other programs before all others. Each process of a run begins at another window than
 * those `before` it: to a server that one of them left when it was killed, a SYN from the same port is a part of the
 * old connection (RFC 9293, 3.5.1).
 *
 * @throws {UsageError} when given ports are taken.
 */
export function chooseSourcePorts<Opened>(
  given: PortRange | undefined,
  before: number,
  open: (window: PortWindow) => Opened,
): Opened {
  if (given !== undefined) {
    const count = given.last - given.first + 1;
    if (count > WINDOW_SIZE_MAX) {
      throw new UsageError(
        `Cannot send from source ports ${given.first}-${given.last}: they are more than ${WINDOW_SIZE_MAX}, and each ` +
          "takes a socket that guards it; name fewer with -s",
      );
    }
    try {
      return open({ first: given.first, count });
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      const reason = given.first < 1024 && error.status === "noPermission"
        ? "ports below 1024 take CAP_NET_BIND_SERVICE"
        : isTaken(error)
        ? "another program has it"
        : undefined;
      if (reason === undefined) throw error;
      const range = given.first === given.last ? `port ${given.first}` : `ports ${given.first}-${given.last}`;
      throw new UsageError(
        `Cannot send from source ${range}: ${reason}; choose others with -s, or leave -s out`,
      );
    }
  }
  const windows = [...freeWindows(portUse())];
  const begin = before % Math.max(windows.length, 1);
  for (const window of [...windows.slice(begin), ...windows.slice(0, begin)]) {
    try {
      return open(window);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new Error(
    `Cannot find ${WINDOW_SIZE} free source ports in a row: every window is taken; name some with -s`,
  );
}

/** What this network namespace does with its ports. */
export interface PortUse {
  /** Where the kernel takes the ports of outgoing connections from. */
  readonly ephemeral: PortRange;
  /** Ports that sockets hold or that somebody has set aside. */
  readonly taken: ReadonlySet<number>;
}

/**
 * Windows that touch no taken port. Those within the ephemeral range come last: there the kernel gives the ports
 * between looking and opening to others, and some hosts have nothing else.
 */
export function* freeWindows({ ephemeral, taken }: PortUse): Generator<PortWindow> {
  const within: PortWindow[] = [];
  for (let first = 65536 - WINDOW_SIZE; first >= 1024; first -= WINDOW_SIZE) {
    const ports = Array.from({ length: WINDOW_SIZE }, (_, offset) => first + offset);
    if (ports.some((port) => taken.has(port))) continue;
    const window = { first, count: WINDOW_SIZE };
    if (first <= ephemeral.last && first + WINDOW_SIZE > ephemeral.first) within.push(window);
    else yield window;
  }
  yield* within;
}

/** Asks the kernel (ip-sysctl, proc_net_tcp). */
export function portUse(): PortUse {
  const [first, last] = readOrNothing("/proc/sys/net/ipv4/ip_local_port_range").trim().split(/\s+/).map(
    Number,
  );
  const reserved = parseReserved(readOrNothing("/proc/sys/net/ipv4/ip_local_reserved_ports"));
  const used = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => localPorts(readOrNothing(path)));
  return {
    ephemeral: first !== undefined && last !== undefined ? { first, last } : DEFAULT_EPHEMERAL,
    taken: new Set([...expandPorts(reserved), ...used]),
  };
}

/** Reads `8080,9148-9150`; nothing where nothing is set aside. */
function parseReserved(text: string): PortRange[] {
  return Array.from(text.matchAll(/(\d+)(?:-(\d+))?/g), ([, first, last]) => ({
    first: Number(first),
    last: Number(last ?? first),
  }));
}

/** The local ports in a table of sockets: `sl local_address:port remote_address:port ...`, in hexadecimal. */
function localPorts(table: string): number[] {
  return Array.from(table.matchAll(/^ *\d+: [\dA-F]+:([\dA-F]{4}) /gm), ([, port]) => parseInt(port!, 16));
}

/** A file of /proc; empty where the kernel is without it. */
function readOrNothing(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof NativeError && error.status === "inUse";
}
