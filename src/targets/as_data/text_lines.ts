import { formatCount, printable } from "../../text/mod.ts";
import { ipv4ToAddress, isIpv4, parseAddress } from "../address.ts";
import { fromCidr, type Interval } from "../interval.ts";
import { TargetError } from "../target_error.ts";
import type { AsDatabaseBuilder } from "./as_database.ts";
import { type Columns, columnsOf, isHeader, namedColumns } from "./columns.ts";
import { parseAsNumbers } from "./origin_table.ts";

/** In characters. Longer than any real line; what is longer would have to be held in memory whole. */
const LINE_LENGTH_MAX = 4096;

/** How much of a bad line a message shows, in characters. */
const SHOWN_LENGTH_MAX = 80;

const ADDRESS_LAST = (1n << 128n) - 1n;

/**
 * Reads AS data of one range or prefix a line, whose fields stand between tabs or commas, and adds what has an AS.
 * Empty lines and those that start with `#` are left out.
 *
 * @throws {TargetError} with the first line that is wrong, and how many more there are.
 */
export async function readText(
  pieces: AsyncIterable<Uint8Array>,
  source: string,
  builder: AsDatabaseBuilder,
): Promise<void> {
  const lines = new Lines(source, builder);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    const texts = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = texts.pop()!;
    for (const text of texts) lines.take(text);
    if (rest.length > LINE_LENGTH_MAX) break;
  }
  lines.take(rest + decoder.decode());
  lines.end();
}

class Lines {
  readonly #source: string;
  readonly #builder: AsDatabaseBuilder;
  #lineNumber = 0;
  #isFirst = true;
  #named: Columns | undefined;
  #firstFault: TargetError | undefined;
  #faultCount = 0;

  constructor(source: string, builder: AsDatabaseBuilder) {
    this.#source = source;
    this.#builder = builder;
  }

  take(line: string): void {
    this.#lineNumber += 1;
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return;
    try {
      this.#read(line);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      this.#faultCount += 1;
      const shown = text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}...` : text;
      this.#firstFault ??= new TargetError(
        `Cannot read AS data "${printable(shown)}": ${printable(error.message)}`,
        `${this.#source}:${this.#lineNumber}`,
      );
    }
  }

  /** To be called after the last line. */
  end(): void {
    if (this.#firstFault === undefined) return;
    const more = this.#faultCount - 1;
    if (more === 0) throw this.#firstFault;
    const others = more === 1 ? "one more line is wrong" : `${formatCount(more)} more lines are wrong`;
    throw new TargetError(`${this.#firstFault.message}; ${others}`);
  }

  #read(line: string): void {
    if (line.length > LINE_LENGTH_MAX) {
      throw new TargetError(`the line is longer than ${LINE_LENGTH_MAX} characters`);
    }
    const fields = splitFields(line);
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst && isHeader(fields)) {
      this.#named = namedColumns(fields);
      return;
    }
    const columns = this.#named ?? columnsOf(fields);
    const field = (index: number, what: string) => {
      const text = fields[index];
      if (text === undefined) throw new TargetError(`${what} is missing`);
      return text;
    };
    const numbersText = field(columns.numbers, "the AS number");
    const numbers = parseAsNumbers(numbersText);
    if (numbers === undefined) throw new TargetError(`"${numbersText}" is no AS number`);
    const first = field(columns.first, "the first address");
    const { first: start, last: end } = columns.last === undefined
      ? readPrefix(
        first,
        columns.length === undefined ? undefined : field(columns.length, "the prefix length"),
      )
      : readRange(first, field(columns.last, "the last address"), numbers.length > 0);
    if (numbers.length === 0) return;
    const origin = this.#builder.originOf(numbers, fields[columns.name] || undefined);
    this.#builder.add(start, end, origin, this.#lineNumber);
  }
}

function readPrefix(text: string, lengthText: string | undefined): Interval {
  const slash = text.indexOf("/");
  const digits = lengthText ?? (slash < 0 ? undefined : text.slice(slash + 1));
  const address = readAddress(slash < 0 ? text : text.slice(0, slash));
  const familyBits = text.includes(":") ? 128 : 32;
  const length = digits === undefined ? familyBits : Number(digits);
  if (digits !== undefined && !(/^\d{1,3}$/.test(digits) && length <= familyBits)) {
    throw new TargetError(`the prefix length "${digits}" is not a number from 0 to ${familyBits}`);
  }
  return fromCidr(address, 128 - familyBits + length);
}

function readRange(firstText: string, lastText: string, isAnnounced: boolean): Interval {
  const range = { first: readAddress(firstText), last: readAddress(lastText) };
  // What nobody announces can reach over both families: IP2Location's IPv6 file starts with all of IPv4, from 0 on.
  if (!isAnnounced) return range;
  if (range.first > range.last) throw new TargetError("the range runs backwards");
  if (isIpv4(range.first) !== isIpv4(range.last)) throw new TargetError("the range mixes IPv4 and IPv6");
  return range;
}

/** An address as text, or as its number: up to 4294967295 of IPv4, and IPv6 beyond. */
function readAddress(text: string): bigint {
  const address = /^\d{1,39}$/.test(text) ? fromNumber(text) : parseAddress(text);
  if (address === undefined) throw new TargetError(`"${text}" is no address`);
  return address;
}

function fromNumber(digits: string): bigint | undefined {
  const value = Number(digits);
  if (value < 2 ** 32) return ipv4ToAddress(value);
  const address = BigInt(digits);
  return address > ADDRESS_LAST ? undefined : address;
}

/** The fields between tabs, or else between commas as RFC 4180 has them, except that none reaches over a line's end. */
function splitFields(line: string): string[] {
  if (line.includes("\t")) return line.split("\t").map((field) => field.trim());
  if (!line.includes('"')) return line.split(",").map((field) => field.trim());
  const fields: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/y;
  do {
    const match = pattern.exec(line);
    if (match === null) throw new TargetError("a quotation mark is not where a field starts or ends");
    fields.push(match[1]?.replaceAll('""', '"').trim() ?? match[2]!.trim());
    if (match[3] === "") return fields;
  } while (true);
}
