/**
 * Which of a certificate's names zcrypto lists under `names`: those that look like a URL, or like the host of one. It
 * asks govalidator's `IsURL`, whose regular expression takes exponential time where expressions backtrack. This accepts
 * the same hosts in one pass over them: no expression here can match a text in more than one way.
 *
 * @module
 */

const OCTETS_MIN = 4;
const CHARACTERS_MAX = 2_082;

const encoder = new TextEncoder();

/** What may stand before a host. */
const HEAD = /^(?:(?:ftp|tcp|udp|wss?|https?):\/\/)?(?:[^\s/?#]+@)?/;

const HOST_AND_TAIL = /^(?<host>[^\s@:/?#]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?(?:[/?#]\S*)?$/;

const ADDRESS =
  /^(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3]|24\d|25[0-5])(?:\.(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){3}$|^\[/;

const LETTERS = /^[a-z\u00a1-\uffff]+$/i;

/** Of any script; up to two hyphens in a row, none at an end. */
const WORD = /^[a-z\d\u00a1-\uffff](?:-{0,2}[a-z\d\u00a1-\uffff])*$/i;

/** Latin letters and digits, hyphens and underscores between them. */
const FIRST_LABEL = /^[a-z\d][\w-]*[a-z\d]$/i;

/** Latin letters and digits, single hyphens between them. */
const LABEL = /^[a-z\d]+(?:-[a-z\d]+)*$/i;

/** Latin letters and digits, single signs between them, none before the last one. */
const LABELS = /^[a-z\d](?:[-_.]?[a-z\d])*[a-z\d]$/i;

/** A letter or digit before a word; before that, such with hyphens between them. */
const LAST_LABEL = /^[a-z\d](?:-[a-z\d])*[a-z\d\u00a1-\uffff](?:-{0,2}[a-z\d\u00a1-\uffff])*$/i;
const SHORT_LAST_LABEL = /^[a-z\d][a-z\d\u00a1-\uffff](?:-{0,2}[a-z\d\u00a1-\uffff])*$/i;

/** Whether zcrypto lists a name: wildcards count as the name behind them. */
export function isListedName(name: string): boolean {
  const url = name.replace(/^(?:[?*]\.)+/, "");
  if (url.startsWith(".") || encoder.encode(url).length < OCTETS_MIN || url.length > CHARACTERS_MAX) {
    return false;
  }
  // Without a colon, a single word is a path.
  if (!url.includes(":") && !/^[^?#]*\./.test(url)) return false;
  const host = HOST_AND_TAIL.exec(url.replace(HEAD, ""))?.groups?.["host"];
  return host !== undefined && isHost(host.replace(/\.$/, ""));
}

function isHost(host: string): boolean {
  if (ADDRESS.test(host) || isName(host)) return true;
  const last = host.lastIndexOf(".");
  return last > 0 && LETTERS.test(host.slice(last + 1)) && isName(host.slice(0, last));
}

/** A host less its top-level domain, or one that is no domain name at all. */
function isName(name: string): boolean {
  const dot = name.lastIndexOf(".");
  const last = name.slice(dot + 1);
  if (dot < 0) return WORD.test(last) || isLatinBeforeWord(last);
  const others = name.slice(0, dot);
  if (others === "www" && WORD.test(last)) return true;
  if (LABELS.test(others) && SHORT_LAST_LABEL.test(last)) return true;
  const [first, ...between] = others.split(".");
  return FIRST_LABEL.test(first!) && between.every((label) => LABEL.test(label)) && LAST_LABEL.test(last);
}

/** A first label with a word right behind it: the shortest word will do, since a longer one only has more to fail. */
function isLatinBeforeWord(text: string): boolean {
  const latin = /^[\w-]*/.exec(text)![0].length;
  for (let split = Math.min(latin, text.length - 1); split >= 2; split -= 1) {
    if (!/^[a-z\d][a-z\d\u00a1-\uffff]/i.test(text.slice(split - 1, split + 1))) continue;
    return FIRST_LABEL.test(text.slice(0, split)) && WORD.test(text.slice(split));
  }
  return false;
}
