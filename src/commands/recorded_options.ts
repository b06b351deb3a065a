import { snakeCase } from "../text/mod.ts";

/** Options as JSON can hold them: what was not given is left out, great integers become text. */
export function recordedOptions(options: object): Record<string, unknown> {
  return recorded(options) as Record<string, unknown>;
}

function recorded(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(recorded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [snakeCase(name), recorded(member)]),
  );
}
