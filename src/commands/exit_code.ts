import { TargetError } from "../targets/mod.ts";

/** How margay ends, for scripts. */
export const ExitCode = {
  done: 0,
  failed: 1,
  badUsage: 2,
  /** `--transport wire` was insisted on and the kernel refused it. */
  missingPrivilege: 3,
  interrupted: 130,
} as const;

/** An end with a message and a code of its own. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** How margay ends when this was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof TargetError ? ExitCode.badUsage : ExitCode.failed;
}
