/**
 * Control characters, format characters (invisible ones, and those that change the direction of text), line and
 * paragraph separators, and lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes text from strangers (a certificate's names, a file's lines) fit to stand on one line of a terminal: what could
 * move the cursor, recolour, reorder or hide becomes `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
