import type { NodeType } from "./model.ts";

/** Red, green and blue, from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** How a type of node is painted, wherever it is: its line is strong, its filling is pale enough for dark text. */
export interface NodeColours {
  readonly line: Colour;
  readonly filling: Colour;
}

/** What belongs together has related colours: addresses and networks blue, names green, who vouches red and violet. */
export const NODE_COLOURS: Readonly<Record<NodeType, NodeColours>> = {
  ScanRun: { line: [100, 116, 139], filling: [241, 245, 249] },
  ASN: { line: [8, 145, 178], filling: [207, 250, 254] },
  IP: { line: [37, 99, 235], filling: [219, 234, 254] },
  CA: { line: [124, 58, 237], filling: [237, 233, 254] },
  Organization: { line: [225, 29, 72], filling: [255, 228, 230] },
  PublicKey: { line: [234, 88, 12], filling: [255, 237, 213] },
  Domain: { line: [22, 163, 74], filling: [220, 252, 231] },
  Certificate: { line: [202, 138, 4], filling: [254, 249, 195] },
};

/** `#2563eb`. */
export function hexadecimalColour(colour: Colour): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
