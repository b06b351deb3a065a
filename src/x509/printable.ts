/** What would be invisible or act on a terminal, and the character that escapes it. */
const ESCAPED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\]/gu;

/**
 * A stranger's text for people: control and format characters as `\u{...}`, so that NUL is `\u{0}`, and `\` as `\\`. It
 * can neither act on a terminal nor hide what it says.
 */
export function printable(text: string): string {
  return text.replace(
    ESCAPED,
    (character) => character === "\\" ? "\\\\" : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
