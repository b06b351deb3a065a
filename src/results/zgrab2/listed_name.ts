/**
 * Which of a certificate's names zcrypto lists under `names`.
 *
 * @module
 */

const LENGTH_MIN = 4;
const LENGTH_MAX = 2_082;

/** What stands around the host of a URL, each part of which may be missing. No part can match what another matches. */
const URL_PARTS =
  /^(?:(?:ftp|tcp|udp|wss?|https?):\/\/)?(?:[^\s@/?#]+@)?(?<host>[^\s@:/?#]+)(?::\d{1,5})?(?:[/?#]\S*)?$/;

const LABEL = /^[a-z\d\u00a1-\uffff](?:[a-z\d\u00a1-\uffff_-]*[a-z\d\u00a1-\uffff])?$/i;

/**
 * Whether zcrypto lists a name: it asks govalidator's `IsURL`, behind `*.` and `?.`. That one's regular expression takes
 * exponential time where expressions backtrack; this is what it accepts, except where a host has signs in odd places.
 */
export function isListedName(name: string): boolean {
  const url = name.replace(/^(?:[?*]\.)+/, "");
  if (url.length < LENGTH_MIN || url.length > LENGTH_MAX) return false;
  if (!url.includes(".") && !url.includes("://")) return false;
  const host = URL_PARTS.exec(url)?.groups?.["host"];
  return host !== undefined && host.replace(/\.$/, "").split(".").every((label) => LABEL.test(label));
}
