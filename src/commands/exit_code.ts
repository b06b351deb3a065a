import { MissingPrivilegeError, UsageError } from "../scan/errors.ts";
import { TargetError } from "../targets/mod.ts";
import { InterruptedError } from "./interrupted_error.ts";

/** How margay ends, for scripts. */
export const ExitCode = {
  done: 0,
  failed: 1,
  badUsage: 2,
  /** `--transport wire` was insisted on and the kernel refused it. */
  missingPrivilege: 3,
  interrupted: 130,
} as const;

/** How margay ends when this was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return ExitCode.interrupted;
  if (error instanceof MissingPrivilegeError) return ExitCode.missingPrivilege;
  if (error instanceof TargetError || error instanceof UsageError) return ExitCode.badUsage;
  return ExitCode.failed;
}
