/** A name as records have it: `maxTargets` becomes `max_targets`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Options as JSON can hold them: what was not given is left out, great integers become text. */
export function recordedOptions(options: object): Record<string, unknown> {
  const asText = (_key: string, value: unknown) => typeof value === "bigint" ? String(value) : value;
  return JSON.parse(JSON.stringify(options, asText)) as Record<string, unknown>;
}
