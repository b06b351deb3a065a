/** An element of an XML file. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\u{FFFE}\u{FFFF}]|[\uD800-\uDFFF]/u;

/** As strict as XML 1.0 is about what exports have of it: elements, attributes, character references. */
export function readXml(text: string): XmlElement {
  if (FORBIDDEN.test(text)) throw new Error("a character that XML forbids");
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  if (!text.startsWith(declaration)) throw new Error("no declaration");
  const root: XmlElement = { name: "", attributes: {}, children: [] };
  const open = [root];
  const tag = /<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  tag.lastIndex = declaration.length;
  while (tag.lastIndex < text.length) {
    const at = tag.lastIndex;
    const match = tag.exec(text);
    if (match === null) throw new Error(`no markup: ${text.slice(at, at + 80)}`);
    const [, isEnd, name, attributes, isEmpty] = match;
    if (name === undefined) continue;
    if (isEnd) {
      if (open.pop()?.name !== name) throw new Error(`${name} ends what it did not begin`);
      continue;
    }
    const element = { name, attributes: readAttributes(attributes!), children: [] };
    open.at(-1)!.children.push(element);
    if (!isEmpty) open.push(element);
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error("not one element");
  return root.children[0]!;
}

function readAttributes(text: string): Readonly<Record<string, string>> {
  const attributes = [...text.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name, value]) =>
    [name!, readValue(value!)] as const
  );
  if (new Set(attributes.map(([name]) => name)).size !== attributes.length) throw new Error("one name twice");
  return Object.fromEntries(attributes);
}

/** White space becomes spaces before references are looked at (3.3.3). */
function readValue(value: string): string {
  return value.replace(/[\t\r\n]/g, " ").replace(/&([^;&]*;?)/g, (_, reference: string) => {
    const code = /^#(\d+);$/.exec(reference)?.[1];
    const character = code === undefined
      ? ENTITIES[reference.replace(/;$/, "")]
      : String.fromCodePoint(Number(code));
    if (character === undefined) throw new Error(`no reference: &${reference}`);
    return character;
  });
}

/** Those of a name, somewhere below. */
export function elements(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.flatMap((
    child,
  ) => [...child.name === name ? [child] : [], ...elements(child, name)]);
}
