import { NativeError } from "../../ffi/mod.ts";
import type { PortRange } from "../targets/mod.ts";
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
 * Given ports are tried once; else windows outside the range that the kernel gives to other programs.
 *
 * @throws {UsageError} when given ports are taken.
 */
export function chooseSourcePorts<Opened>(
  given: PortRange | undefined,
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
  for (const window of windowsOutside(ephemeralRange())) {
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

function* windowsOutside(ephemeral: PortRange): Generator<PortWindow> {
  for (let first = 65536 - WINDOW_SIZE; first >= 1024; first -= WINDOW_SIZE) {
    const overlaps = first <= ephemeral.last && first + WINDOW_SIZE > ephemeral.first;
    if (!overlaps) yield { first, count: WINDOW_SIZE };
  }
}

function ephemeralRange(): PortRange {
  try {
    const text = Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range");
    const [first, last] = text.trim().split(/\s+/).map(Number);
    return { first: first!, last: last! };
  } catch {
    return DEFAULT_EPHEMERAL;
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof NativeError && error.status === "inUse";
}
