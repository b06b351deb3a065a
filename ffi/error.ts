import { Status } from "./bindings.ts";

export type StatusName = keyof typeof Status;

const STATUS_NAMES = new Map<number, StatusName>(
  Object.entries(Status).map(([name, value]) => [value, name as StatusName]),
);

const STATES: Record<StatusName, string> = {
  ok: "no error",
  invalidArgument: "an argument is not valid",
  invalidTargets: "the target set contradicts itself",
  noPermission: "permission denied; it takes CAP_NET_RAW",
  inUse: "it is in use",
  noInterface: "there is no such interface",
  interfaceDown: "the interface is down",
  noNeighbor: "nobody answered for the address",
  outOfMemory: "out of memory",
  noSpace: "the answer is larger than its buffer",
  systemCall: "a system call failed",
};

/** What a call of the native library ended with when it was not `ok`. */
export class NativeError extends Error {
  override readonly name = "NativeError";

  /** `code` is the errno behind `systemCall`. */
  constructor(readonly status: StatusName, action: string, readonly code?: number) {
    super(`Cannot ${action}: ${STATES[status]}${code === undefined ? "" : ` (errno ${code})`}`);
  }
}

/** The name of a status as the library returns it. */
export function statusName(status: number): StatusName {
  return STATUS_NAMES.get(status) ?? "systemCall";
}
