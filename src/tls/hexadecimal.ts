/** `0x` and at least `digits` lower-case hexadecimal digits: how a number without a name is written. */
export function hexadecimal(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
