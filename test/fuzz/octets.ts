/** The octets that hexadecimal digits, with spaces anywhere between two of them, stand for. */
export function octets(hexadecimal: string): Uint8Array {
  const digits = hexadecimal.replace(/\s+/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
