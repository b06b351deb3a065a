import type { EndReason } from "./transport.ts";

/** EHOSTUNREACH and ENETUNREACH, for which Deno has classes only in part. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Error && /unreachable|no route to host/i.test(error.message);
}

/** Why a connect(2) failed. What says nothing of the peer, such as descriptors that ran out, is `exhausted`. */
export function connectEndReason(error: unknown): EndReason {
  if (error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset) {
    return "reset";
  }
  if (error instanceof Deno.errors.TimedOut) return "timeout";
  return isUnreachable(error) ? "unreachable" : "exhausted";
}
