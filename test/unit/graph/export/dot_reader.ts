/** What a DOT file says of nodes and edges. */
export interface DotGraph {
  readonly nodes: readonly { readonly name: string; readonly attributes: DotAttributes }[];
  readonly edges: readonly {
    readonly source: string;
    readonly target: string;
    readonly attributes: DotAttributes;
  }[];
}

type DotAttributes = Readonly<Record<string, string>>;

const TOKEN = /\s*(?:"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|([A-Za-z_]\w*|-?\.?\d[\d.]*)|(->|[{}[\]=+]))\s*/y;

/** By the language's grammar, as far as exports use it. In strings only \" is an escape; all else stays. */
export function readDot(text: string): DotGraph {
  const tokens = tokensOf(text);
  const nodes: DotGraph["nodes"][number][] = [];
  const edges: DotGraph["edges"][number][] = [];
  let position = 0;
  const next = () => tokens[position++] ?? fail("the end");
  const expect = (text: string) => next().text === text || fail(tokens[position - 1]!.text);
  const attributes = () => {
    const read: Record<string, string> = {};
    for (expect("["); tokens[position]?.text !== "]" || tokens[position]!.isString;) {
      const { text: name } = next();
      expect("=");
      read[name] = next().text;
    }
    position += 1;
    return read;
  };
  expect("digraph");
  next();
  expect("{");
  while (tokens[position]?.text !== "}" || tokens[position]!.isString) {
    const { text: name, isString } = next();
    if (!isString && ["graph", "node", "edge"].includes(name)) attributes();
    else if (tokens[position]?.text === "->" && !tokens[position]!.isString) {
      position += 1;
      edges.push({ source: name, target: next().text, attributes: attributes() });
    } else nodes.push({ name, attributes: attributes() });
  }
  if (position !== tokens.length - 1) fail("more behind the end");
  return { nodes, edges };
}

function tokensOf(text: string): { readonly text: string; readonly isString: boolean }[] {
  const tokens: { readonly text: string; readonly isString: boolean }[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text) ?? fail(text.slice(at, at + 80));
    const [, string, word, sign] = match;
    const previous = tokens.at(-2);
    if (string !== undefined && tokens.at(-1)?.text === "+" && previous?.isString) {
      tokens.splice(-2, 2, { text: previous.text + string.replaceAll('\\"', '"'), isString: true });
    } else {
      tokens.push({
        text: string?.replaceAll('\\"', '"') ?? word ?? sign!,
        isString: string !== undefined,
      });
    }
  }
  return tokens;
}

function fail(what: string): never {
  throw new Error(`did not expect ${what}`);
}
