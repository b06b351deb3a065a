import { ATTACHED_FORMS, FORM_WORD_COUNT_MAX, FORMS_AT_END, FORMS_IN_FRONT } from "./legal_forms.ts";

/** Letters that have no decomposition (Unicode, UAX #15), though they are written for plain ones. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = { ø: "o", đ: "d", ł: "l", æ: "ae", œ: "oe", ς: "σ" };

const ATTACHED_FORM = new RegExp(ATTACHED_FORMS.join("|"), "gu");

/** What parts words. The others of Unicode's punctuation make a difference: a C# is no C. */
const SEPARATOR = /(?:(?![#%@*])[\p{P}\p{Z}])+/u;

/**
 * More marks behind one letter than any language has (UAX #15, 12: the Stream-Safe Text Format). To bring them in order
 * takes the square of their number, and a certificate has room for thousands.
 */
const MARK_RUN = /(\p{M}{30})\p{M}+/gu;

/** Of scripts in which abbreviations are letters with dots. */
const SINGLE_LETTER = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]$/u;

/**
 * The key under which ways of writing one organisation's name meet: "Example, Inc.", "EXAMPLE INC" and "Example
 * Incorporated" are `example`. What does not count: Unicode's compatibility forms, case, spaces, punctuation, trade
 * marks' signs, diacritics of Latin letters (old certificates have "Societe Generale"; Cyrillic й and и are different
 * letters), whether letters are written with dots, and legal forms at the end and in front, as many as there are. What
 * else differs, stays different.
 *
 * A name that is a legal form alone stays, and so does one without letters; only a text with nothing visible in it has
 * an empty key. The key of a key is itself.
 */
export function normalizeOrganization(raw: string): string {
  const folded = fold(raw);
  const words = wordsOf(folded);
  return words.length === 0 ? folded : withoutForms(words).join(" ");
}

/** Case, compatibility forms, diacritics, and everything invisible. */
function fold(text: string): string {
  return text
    .replaceAll(/[\u2122\u2120\u00ae\u00a9]/g, "")
    .replaceAll(MARK_RUN, "$1")
    .normalize("NFKC")
    // Upper case between: it is what makes SS of ß, and one letter of the Turkish i without a dot.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[\p{Cf}'\u2018\u2019\u02bc`]/gu, "")
    .replaceAll(MARK_RUN, "$1")
    .normalize("NFKD")
    .replaceAll(/(\p{Script=Latin})\p{M}+/gu, "$1")
    .normalize("NFKC")
    .replaceAll(/[øđłæœς]/g, (letter) => PLAIN_LETTERS[letter]!)
    .replaceAll(/[\p{Z}\p{C}]+/gu, " ")
    .trim();
}

function wordsOf(folded: string): string[] {
  const words: string[] = [];
  let isAbbreviation = false;
  const parts = folded.replaceAll("&", " and ").replaceAll(ATTACHED_FORM, " $& ").split(SEPARATOR);
  for (const part of parts) {
    if (part === "") continue;
    const isSingle = SINGLE_LETTER.test(part);
    // S.p.A. and S. p. A. are SpA.
    if (isSingle && isAbbreviation) words.push(words.pop()! + part);
    else words.push(part);
    isAbbreviation = isSingle;
  }
  return words;
}

function withoutForms(words: readonly string[]): readonly string[] {
  let [start, end] = [0, words.length];
  for (let isDone = false; !isDone;) {
    isDone = true;
    for (let count = Math.min(FORM_WORD_COUNT_MAX, end - start - 1); count > 0; count -= 1) {
      if (FORMS_AT_END.has(words.slice(end - count, end).join(" ")) && isName(words, start, end - count)) {
        end -= count;
      } else if (
        FORMS_IN_FRONT.has(words.slice(start, start + count).join(" ")) && isName(words, start + count, end)
      ) {
        start += count;
      } else {
        continue;
      }
      isDone = false;
      break;
    }
  }
  return words.slice(start, end);
}

/** An article is no name: what was The Limited is not The. */
function isName(words: readonly string[], start: number, end: number): boolean {
  return end - start > 1 || words[start] !== "the";
}
