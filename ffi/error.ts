import { Status } from "./bindings.ts";

export type StatusName = keyof typeof Status;

const names = new Map<number, StatusName>(
  Object.entries(Status).map(([name, value]) => [value, name as StatusName]),
);

const states: Record<StatusName, string> = {
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

  constructor(readonly status: StatusName, action: string, options?: ErrorOptions) {
    super(`Cannot ${action}: ${states[status]}`, options);
  }
}

/** The one place where a status becomes an error. `action` completes "Cannot ...". */
export function check(status: number, action: string): void {
  if (status === Status.ok) return;
  throw new NativeError(names.get(status) ?? "systemCall", action);
}
