/** In hexadecimal digits. */
const SHORT_LENGTH = 16;

/** So much of a fingerprint that `findNodes` finds what it is of, and a person can compare it. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, SHORT_LENGTH);
}
