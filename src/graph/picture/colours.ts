import { NODE_TYPES, type NodeType } from "../model.ts";
import { hexadecimalColour, NODE_COLOURS } from "../node_colours.ts";

/** On a dark background: what the line is, bright, and the filling, under bright text. */
const DARK: Readonly<Record<NodeType, { readonly line: string; readonly filling: string }>> = {
  ScanRun: { line: "#94a3b8", filling: "#1e293b" },
  ASN: { line: "#22d3ee", filling: "#083344" },
  IP: { line: "#60a5fa", filling: "#172554" },
  CA: { line: "#a78bfa", filling: "#2e1065" },
  Organization: { line: "#fb7185", filling: "#4c0519" },
  PublicKey: { line: "#fb923c", filling: "#431407" },
  Domain: { line: "#4ade80", filling: "#052e16" },
  Certificate: { line: "#facc15", filling: "#422006" },
};

function rules(
  paper: string,
  ink: string,
  faint: string,
  colours: (type: NodeType) => { readonly line: string; readonly filling: string },
): string {
  return [
    `.paper{fill:${paper}}`,
    `text{fill:${ink}}`,
    `.faint{fill:${faint}}`,
    `.way{stroke:${paper}}`,
    ...NODE_TYPES.flatMap((type) => {
      const { line, filling } = colours(type);
      return [`.${type} rect{fill:${filling};stroke:${line}}`, `path.${type}{stroke:${line}}`];
    }),
  ].join("\n");
}

/** The style sheet of pictures: light, and dark where the reader's screen is. */
export const STYLE_SHEET = `
text{font-family:Helvetica,Arial,"Noto Sans","DejaVu Sans",sans-serif;font-size:12px}
.small{font-size:10px}
.title{font-size:17px;font-weight:bold}
rect{stroke-width:1.2}
.start rect{stroke-width:2.6}
.start .label{font-weight:bold}
.more rect{stroke-dasharray:4 3;fill-opacity:.45}
path{fill:none;stroke-width:1.3;stroke-opacity:.55}
.way{text-anchor:middle;stroke-width:3.5;stroke-linejoin:round;paint-order:stroke}
path.more{stroke-dasharray:4 3}
${
  rules("#ffffff", "#0f172a", "#64748b", (type) => ({
    line: hexadecimalColour(NODE_COLOURS[type].line),
    filling: hexadecimalColour(NODE_COLOURS[type].filling),
  }))
}
@media (prefers-color-scheme:dark){
${rules("#0b1120", "#e2e8f0", "#94a3b8", (type) => DARK[type])}
}
`;
