import { formatSpecialBlock, type LoadedTargets, SPECIAL_PURPOSE_REGISTRIES_DATE } from "../targets/mod.ts";

/**
 * What a summary notes of the targets: special-purpose addresses that were named, whose lists the others are on, and
 * what is doubtful in the AS data.
 */
export function targetNotes(
  { namedSpecialBlocks, exclusions, asDataWarnings }: LoadedTargets,
  action: "scanned" | "probed",
): string[] {
  const notes = namedSpecialBlocks.map(({ block, target }) =>
    `${target} is special-purpose, ${formatSpecialBlock(block)}, and was ${action} because it was named`
  );
  if (exclusions.some(({ kind }) => kind === "special")) {
    notes.push(
      `special-purpose blocks as the IANA registries list them on ${SPECIAL_PURPOSE_REGISTRIES_DATE}`,
    );
  }
  return [...notes, ...asDataWarnings];
}
