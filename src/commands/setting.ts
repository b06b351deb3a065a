import { message, option, text, type ValueParser } from "@optique/core";
import { reasonOf } from "../text/mod.ts";

/** The short and long name of an option, or the long one alone. */
type Names = readonly [`-${string}`, ...`-${string}`[]];

/** What a setting is, beside its names. */
interface SettingShape<T> {
  /** What stands for the value in the help. */
  readonly metavar: ValueParser["metavar"];
  readonly description: string;
  /** Throws an `Error` whose message is the reason; the sentence around it is made here. */
  readonly parse: (text: string) => T;
  /** Any valid value. */
  readonly example: T;
  /** How the help shows a default. */
  readonly format?: (value: T) => string;
  /** What the shell completes: a path, or one of these words. */
  readonly completes?: "path" | readonly string[];
}

/** An option with a value whose refusal reads "Cannot use --rate 10X: why". */
export function setting<T>(names: Names, shape: SettingShape<T>) {
  const name = names.at(-1)!;
  const value: ValueParser<"sync", T> = {
    mode: "sync",
    metavar: shape.metavar,
    placeholder: shape.example,
    format: shape.format ?? String,
    parse(input) {
      try {
        return { success: true, value: shape.parse(input) };
      } catch (error) {
        const reason = reasonOf(error);
        // What a lower layer says in a whole sentence needs no second one around it.
        const sentence = reason.startsWith("Cannot ") ? reason : `Cannot use ${name} ${input}: ${reason}`;
        return { success: false, error: message`${text(sentence)}` };
      }
    },
    *suggest(prefix) {
      if (shape.completes === "path") return yield { kind: "file", type: "any" };
      for (const text of shape.completes ?? []) {
        if (text.startsWith(prefix)) yield { kind: "literal", text };
      }
    },
  };
  return option(...names, value, {
    description: message`${text(shape.description)}`,
    errors: {
      invalidValue: (error) => error,
      endOfInput: message`${text(`Cannot use ${name}: it needs a value, ${shape.metavar}`)}`,
      duplicate: message`${text(`Cannot use ${name} twice: leave one out`)}`,
    },
  });
}

/**
 * A setting that stands for something where it is not given: help shows what. Undefined says that it was not given, to
 * whoever has something else to fall back on.
 */
export function withStandard<T>(shown: string, given: ReturnType<typeof setting<T>>) {
  return given.withDefault(undefined, { message: message`${text(shown)}` });
}

/** An option without a value. */
export function toggle(names: Names, description: string) {
  const name = names.at(-1)!;
  return option(...names, {
    description: message`${text(description)}`,
    errors: {
      unexpectedValue: (value) => message`${text(`Cannot use ${name}=${value}: ${name} takes no value`)}`,
      duplicate: message`${text(`Cannot use ${name} twice: leave one out`)}`,
    },
  });
}
