import { reasonOf } from "./reason.ts";

/** Why a file could not be read, in words of ours where they say it better: to stand behind "Cannot read FILE: ". */
export function fileStateOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return reasonOf(error);
}
