import type { Exclusion } from "../targets/mod.ts";
import { formatCount, printable } from "../text/mod.ts";

/** A label and what stands beside it, one line each. */
export interface Section {
  readonly label: string;
  readonly lines: readonly string[];
}

const LABEL_WIDTH = 13;

/** A summary's sections as lines without line ends; those without lines are left out. */
export function formatSections(sections: readonly Section[]): string[] {
  return sections.flatMap(({ label, lines }) =>
    lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${printable(line)}`)
  );
}

/** Counts, aligned right, and what they count. */
export function countTable(rows: readonly (readonly [count: number | bigint, text: string])[]): string[] {
  const width = Math.max(0, ...rows.map(([count]) => formatCount(count).length));
  return rows.map(([count, text]) => `${formatCount(count).padStart(width)} ${text}`);
}

/** Targets typed beyond this many are only counted. */
const ASKED_SHOWN = 4;

/** The targets as typed, cut short where there are many. */
export function formatAsked(asked: readonly string[]): string {
  const more = asked.length > ASKED_SHOWN ? ` and ${formatCount(asked.length - ASKED_SHOWN)} more` : "";
  return asked.slice(0, ASKED_SHOWN).join(" ") + more;
}

/** How many targets were left out, and by what. */
export function exclusionRow({ kind, reason, targetCount }: Exclusion): [bigint, string] {
  return [targetCount, `by ${EXCLUSIONS[kind]}: ${reason}`];
}

const EXCLUSIONS: Readonly<Record<Exclusion["kind"], string>> = {
  family: "family",
  special: "special purpose",
  blocklist: "blocklist",
};
