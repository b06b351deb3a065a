/** Parts of the size of letters, for DejaVu Sans, which is broad; what is not listed is as wide as a digit. */
const NARROW = /[iIl.,:;'|!\-()[\]jftr /]/;
const BROAD = /[mwMW@%&]/;
const CAPITAL = /[A-Z]/;

/** Scripts whose characters fill a square. */
const SQUARE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u;

/** About how wide a text is, in parts of the size of its letters. */
function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (NARROW.test(character)) return 0.37;
  if (SQUARE.test(character)) return 1;
  if (BROAD.test(character)) return 0.95;
  return CAPITAL.test(character) ? 0.72 : 0.62;
}

/** A text that takes no more than `width`, cut where it does. With how wide it is. */
export function fittingText(text: string, width: number): { readonly text: string; readonly width: number } {
  const whole = textWidth(text);
  if (whole <= width) return { text, width: whole };
  let cut = "";
  let used = textWidth("…");
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    cut += character;
  }
  return { text: `${cut.trimEnd()}…`, width };
}
