/**
 * How nodes are called in text for people.
 *
 * @module
 */
import { formatCount, printable } from "../text/mod.ts";

/** `192.0.2.1, 192.0.2.2 and 10 more`: some of `total`, which strangers may have named. */
export function someOf(names: readonly string[], total: number): string {
  const more = total > names.length ? ` and ${formatCount(total - names.length)} more` : "";
  return names.map(printable).join(", ") + more;
}
