const LENGTH_MAX = 256;

/** Whatever could move a terminal's cursor, reorder text or hide in it, and the characters of a broken encoding. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A stranger's words on one line of at most 256 characters. Line ends become a space, and what can't be printed becomes
 * `\u{1b}`.
 */
export function printable(text: string): string {
  const characters = text.trim().slice(0, 2 * LENGTH_MAX).replace(/\s*\r?\n\s*/g, " ")
    .replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return characters.length <= LENGTH_MAX ? characters : `${characters.slice(0, LENGTH_MAX - 1)}…`;
}
