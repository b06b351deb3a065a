import { type CertificateObservation } from "../../src/observe/mod.ts";
import { printable } from "../../src/text/mod.ts";
import { numberOfAddress } from "./prefix.ts";
import type { RunLog } from "./run_log.ts";

const HEADINGS = ["ADDRESS", "SUBJECT", "ORGANISATION", "ISSUER", "KEY", "NOT AFTER", "NAMES"] as const;

/** The last column is a number, and stands right. */
const NUMBER_COLUMN = HEADINGS.length - 1;

/** Longer text from a certificate is cut. */
const CELL_WIDTH_MAX = 32;

/** Some captures of a run as a table for people, spread evenly over the addresses: lines without line ends. */
export function captureTable(log: RunLog, rowCount: number): string[] {
  const captures = log.captures.toSorted((a, b) => numberOfAddress(a.address) - numberOfAddress(b.address));
  const rows: string[][] = [[...HEADINGS]];
  for (let row = 0; row < Math.min(rowCount, captures.length); row++) {
    const { address, fingerprint } = captures[Math.floor(row * captures.length / rowCount)]!;
    rows.push(cells(address, log.certificates.get(fingerprint)!));
  }
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) =>
      column === NUMBER_COLUMN ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    ).join("  ")
  );
}

function cells(address: string, certificate: CertificateObservation): string[] {
  const { subject, issuer, self_issued, key_algorithm, key_curve, key_bits, not_after, alternative_names } =
    certificate;
  return [
    address,
    subject?.common_name ?? subject?.text ?? "-",
    subject?.organization ?? "-",
    self_issued ? "itself" : issuer?.common_name ?? issuer?.text ?? "-",
    [key_algorithm, key_curve ?? key_bits].filter((part) => part !== null).join(" ") || "-",
    not_after?.slice(0, 10) ?? "-",
    String(alternative_names?.dns.length ?? 0),
  ].map(cell);
}

/** What a stranger wrote must not move the cursor, nor push the other columns away. */
function cell(text: string): string {
  const shown = printable(text);
  return shown.length > CELL_WIDTH_MAX ? `${shown.slice(0, CELL_WIDTH_MAX - 1)}…` : shown;
}
