/**
 * Control characters (C0, DEL, C1), what reorders or breaks lines (bidirectional controls, line and paragraph
 * separators), invisible format characters, and lone surrogates.
 */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/gu;

/**
 * Makes text from strangers (a certificate's names, a file's lines) fit to stand on one line of a terminal: what could
 * move the cursor, recolour, reorder or hide becomes `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
