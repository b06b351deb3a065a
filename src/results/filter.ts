import { type Interval, parseAddress, parsePrefix } from "../targets/mod.ts";
import { type Field, findField } from "./field.ts";
import { FIELDS } from "./fields.ts";
import { type SweepRecord, type Verdict, VERDICTS } from "./record.ts";
import { ZMAP_FIELDS } from "./zmap_fields.ts";

/** An expression that a record fulfils or not. */
export interface Filter {
  keeps(record: SweepRecord): boolean;
  /** Whether it could keep a record of this verdict: what it never keeps need not be gathered. */
  wants(verdict: Verdict): boolean;
}

/** A filter expression is wrong; the message says where. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

/**
 * Compiles an expression such as `open && rtt < 50` or `!(closed || address in 192.0.2.0/24) && port in (80, 443)`.
 *
 * A verdict or a flag stands alone; any other field is compared: `==` (or `=`), `!=`, `<`, `<=`, `>`, `>=` with a
 * number, `==` and `!=` with a text or an address, `in` with addresses and CIDRs, numbers or texts. `!` binds closest,
 * then `&&`, then `||`. A field that the record lacks fulfils no comparison. Fields are margay's and ZMap's.
 *
 * @throws {FilterError} for everything else.
 */
export function compileFilter(text: string): Filter {
  const { test, canHold } = new Parser(text).parse();
  return { keeps: test, wants: (verdict) => (canHold & bitOf(verdict)) !== 0 };
}

/** What keeps every record. */
export const EVERYTHING: Filter = { keeps: () => true, wants: () => true };

type Test = (record: SweepRecord) => boolean;

/** A part of an expression, and for which verdicts it can be true and false: sets of {@linkcode bitOf}. */
interface Condition {
  readonly test: Test;
  readonly canHold: number;
  readonly canFail: number;
}

const ALL_VERDICTS = (1 << VERDICTS.length) - 1;

function bitOf(verdict: Verdict): number {
  return 1 << VERDICTS.indexOf(verdict);
}

/** A test of something that any verdict leaves open. */
function open(test: Test): Condition {
  return { test, canHold: ALL_VERDICTS, canFail: ALL_VERDICTS };
}

/** A test that the verdict alone decides. */
function decided(holds: (verdict: Verdict) => boolean): Condition {
  const canHold = VERDICTS.filter(holds).reduce((bits, verdict) => bits | bitOf(verdict), 0);
  return { test: ({ verdict }) => holds(verdict), canHold, canFail: ALL_VERDICTS & ~canHold };
}

interface Token {
  readonly kind: "operator" | "word" | "string" | "end";
  readonly text: string;
  /** From 0. */
  readonly at: number;
}

type Compare = (value: number, given: number) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  "==": (value, given) => value === given,
  "=": (value, given) => value === given,
  "!=": (value, given) => value !== given,
  "<": (value, given) => value < given,
  "<=": (value, given) => value <= given,
  ">": (value, given) => value > given,
  ">=": (value, given) => value >= given,
};

const TOKEN = /\s*(?:(&&|\|\||[=!<>]=|[=<>!(),])|([\w.:/-]+)|"([^"]*)"|'([^']*)')/y;

/** Recursive descent; what it returns are closures, so that no record costs a walk over a tree. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = this.#tokenize();
  }

  parse(): Condition {
    const filter = this.#either();
    const rest = this.#take();
    if (rest.kind !== "end") {
      this.#fail(rest, `${shown(rest)} was not expected; join conditions with && or ||`);
    }
    return filter;
  }

  #tokenize(): Token[] {
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    for (let at = 0; at < this.#text.trimEnd().length;) {
      const match = TOKEN.exec(this.#text);
      if (match === null) {
        const start = at + this.#text.slice(at).search(/\S/);
        this.#fail({ kind: "end", text: "", at: start }, `"${this.#text[start]}" means nothing here`);
      }
      const [whole, operator, word, double, single] = match;
      const start = at + whole.search(/\S/);
      if (operator !== undefined) tokens.push({ kind: "operator", text: operator, at: start });
      else if (word !== undefined) tokens.push({ kind: "word", text: word, at: start });
      else tokens.push({ kind: "string", text: double ?? single ?? "", at: start });
      at = TOKEN.lastIndex;
    }
    tokens.push({ kind: "end", text: "", at: this.#text.length });
    return tokens;
  }

  #either(): Condition {
    let left = this.#both();
    while (this.#accept("||")) {
      const [one, other] = [left, this.#both()];
      left = {
        test: (record) => one.test(record) || other.test(record),
        canHold: one.canHold | other.canHold,
        canFail: one.canFail & other.canFail,
      };
    }
    return left;
  }

  #both(): Condition {
    let left = this.#negated();
    while (this.#accept("&&")) {
      const [one, other] = [left, this.#negated()];
      left = {
        test: (record) => one.test(record) && other.test(record),
        canHold: one.canHold & other.canHold,
        canFail: one.canFail | other.canFail,
      };
    }
    return left;
  }

  #negated(): Condition {
    if (!this.#accept("!")) return this.#operand();
    const { test, canHold, canFail } = this.#negated();
    return { test: (record) => !test(record), canHold: canFail, canFail: canHold };
  }

  #operand(): Condition {
    if (this.#accept("(")) {
      const filter = this.#either();
      this.#expect(")");
      return filter;
    }
    const name = this.#take();
    if (name.kind !== "word") this.#fail(name, `a verdict or a field is missing before ${shown(name)}`);
    return this.#condition(name);
  }

  #condition(name: Token): Condition {
    const operator = this.#peek();
    const isCompared = operator.kind === "operator" && operator.text in COMPARISONS;
    const isListed = operator.kind === "word" && operator.text === "in";
    if (!isCompared && !isListed) return this.#alone(name);
    this.#take();
    const field = this.#field(name);
    const test = isListed ? this.#inside(field) : this.#comparison(field, operator);
    return field === VERDICT ? decided((verdict) => test({ ...NO_RECORD, verdict })) : open(test);
  }

  #alone(name: Token): Condition {
    const verdict = VERDICTS.find((word) => word === name.text);
    if (verdict !== undefined) return decided((given) => given === verdict);
    const field = this.#field(name);
    if (field.kind === "flag") return open((record) => field.value(record) === true);
    this.#fail(name, `${name.text} must be compared with something, such as ${exampleOf(field)}`);
  }

  #field(name: Token): Field {
    const field = findField(FIELDS, name.text) ?? findField(ZMAP_FIELDS, name.text);
    if (field !== undefined) return field;
    const names = FIELDS.map((field) => field.name).join(", ");
    this.#fail(name, `there is no field ${name.text}; fields are ${names}, and ZMap's`);
  }

  #comparison(field: Field, operator: Token): Test {
    const compare = COMPARISONS[operator.text]!;
    if (field.kind === "number") {
      const given = this.#number(field);
      return (record) => {
        const value = field.value(record);
        return value !== undefined && compare(value as number, given);
      };
    }
    const isEqual = compare === COMPARISONS["=="] || compare === COMPARISONS["="];
    if (!isEqual && operator.text !== "!=") {
      this.#fail(operator, `${field.name} is no number: it can be compared with == and != only`);
    }
    const given = this.#exactly(field);
    return (record) => {
      const value = field.value(record);
      return value !== undefined && (value === given) === isEqual;
    };
  }

  /** The literal behind `==` or `!=`, as the field's values are. */
  #exactly(field: Field): string | bigint | boolean {
    if (field.kind === "text") return this.#word(field);
    const token = this.#take();
    if (field.kind === "flag") {
      const flag = FLAGS[token.text];
      if (flag === undefined) this.#fail(token, `${field.name} is true or false, not ${shown(token)}`);
      return flag;
    }
    const address = parseAddress(token.text);
    if (address !== undefined) return address;
    this.#fail(token, `${shown(token)} is no address; for a CIDR write ${field.name} in ${EXAMPLE_CIDR}`);
  }

  #inside(field: Field): Test {
    switch (field.kind) {
      case "number": {
        const given = new Set(this.#list(() => this.#number(field)));
        return (record) => given.has(field.value(record) as number);
      }
      case "text": {
        const given = new Set(this.#list(() => this.#word(field)));
        return (record) => given.has(field.value(record) as string);
      }
      case "address": {
        const given = this.#list(() => this.#interval());
        return (record) => {
          const value = field.value(record) as bigint | undefined;
          return value !== undefined && given.some(({ first, last }) => first <= value && value <= last);
        };
      }
      case "flag":
        this.#fail(this.#peek(), `${field.name} is true or false: it stands alone`);
    }
  }

  /** One item, or several in parentheses. */
  #list<Item>(item: () => Item): Item[] {
    if (!this.#accept("(")) return [item()];
    const items = [item()];
    while (this.#accept(",")) items.push(item());
    this.#expect(")");
    return items;
  }

  /** In the unit of the field's values. */
  #number({ name, decimals = 0 }: Field): number {
    const token = this.#take();
    if (!/^\d+(\.\d+)?$/.test(token.text)) this.#fail(token, `${name} is a number, not ${shown(token)}`);
    return Number(token.text) * 10 ** decimals;
  }

  #word({ name, words }: Field): string {
    const token = this.#take();
    const isText = token.kind === "word" || token.kind === "string";
    if (!isText) this.#fail(token, `a text to compare ${name} with is missing before ${shown(token)}`);
    if (words !== undefined && !words.includes(token.text)) {
      this.#fail(token, `${name} is ${words.join(", ")}, never ${token.text}`);
    }
    return token.text;
  }

  #interval(): Interval {
    const token = this.#take();
    const interval = parsePrefix(token.text);
    if (interval === undefined) this.#fail(token, `${shown(token)} is no address and no CIDR`);
    return interval;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  /** The end is taken again and again. */
  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next += 1;
    return token;
  }

  #accept(operator: string): boolean {
    const { kind, text } = this.#peek();
    const isThere = kind === "operator" && text === operator;
    if (isThere) this.#next += 1;
    return isThere;
  }

  #expect(operator: string): void {
    if (!this.#accept(operator)) {
      this.#fail(this.#peek(), `${operator} is missing before ${shown(this.#peek())}`);
    }
  }

  #fail(token: Token, reason: string): never {
    throw new FilterError(`Cannot filter by "${this.#text}": column ${token.at + 1}, ${reason}`);
  }
}

const VERDICT = findField(FIELDS, "verdict")!;

/** A record but for its verdict, to ask what the verdict alone decides. */
const NO_RECORD = { address: 0n, port: 0, timeMs: 0, cooling: false, reply: undefined };

/** ZMap's flags are numbers: `success = 1`. */
const FLAGS: Readonly<Record<string, boolean>> = { 0: false, 1: true, false: false, true: true };

const EXAMPLE_CIDR = "192.0.2.0/24";

function exampleOf({ name, kind, words }: Field): string {
  if (kind === "number") return `${name} < 50`;
  if (kind === "address") return `${name} in ${EXAMPLE_CIDR}`;
  return `${name} == ${words?.[0] ?? '"..."'}`;
}

function shown(token: Token): string {
  return token.kind === "end" ? "the end" : token.text;
}
