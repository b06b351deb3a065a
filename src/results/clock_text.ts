/**
 * Returns a function that writes milliseconds since the epoch as `2026-01-31T23:59:59`, in UTC, and what `fraction`
 * makes of the microseconds behind it. Records come by the thousand in one second, whose text is made once.
 */
export function clockText(fraction: (microseconds: number) => string): (timeMs: number) => string {
  let second = NaN;
  let text = "";
  return (timeMs) => {
    const timeUs = Math.round(timeMs * 1000);
    const current = Math.floor(timeUs / 1_000_000);
    if (current !== second) {
      second = current;
      text = new Date(current * 1000).toISOString().slice(0, "2026-01-31T23:59:59".length);
    }
    return text + fraction(timeUs - current * 1_000_000);
  };
}

/** `digits` digits with zeros in front. */
export function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
