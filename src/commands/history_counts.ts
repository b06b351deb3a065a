import { HISTORY_EVENT_TYPES, type HistoryCounts, type HistoryEventType } from "../graph/history/mod.ts";
import { plural } from "../text/mod.ts";

const NOUNS: Readonly<Record<HistoryEventType, string>> = {
  CertRotation: "rotation",
  CAMigration: "migration",
  SuspiciousReplacement: "suspicious replacement",
};

/** `3 rotations, 1 migration, 0 suspicious replacements`. */
export function formatHistoryCounts(
  counts: HistoryCounts,
  types: readonly HistoryEventType[] = HISTORY_EVENT_TYPES,
): string {
  return types.map((type) => plural(counts[type], NOUNS[type])).join(", ");
}
