/** What of a run's configuration decides which servers it asks, and which certificate they choose. */
const ASKED = [
  "targets",
  "allowlist",
  "blocklists",
  "include_special",
  "ports",
  "family",
  "max_targets",
  "max_results",
  "sample",
  "shard",
  "cursor",
  "as_database",
  "server_name",
  "starttls",
  "tls",
] as const;

/** With one of these the seed decides which targets are left out. */
const DRAWN = ["max_targets", "max_results", "sample"] as const;

/**
 * What a run asked for, as texts that are equal where two runs asked for the same. A file's content is not in it: only
 * its name is.
 */
export function askedOf(config: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const names = DRAWN.some((name) => config[name] !== undefined) ? [...ASKED, "seed"] : ASKED;
  return new Map(names.map((name) => [name, JSON.stringify(config[name]) ?? "none"]));
}

/** In what the texts of two runs differ: names of options. */
export function differencesOf(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => (one.get(name) ?? "none") !== (other.get(name) ?? "none"));
}
