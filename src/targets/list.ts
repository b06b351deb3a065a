import { concatenate } from "./concatenate.ts";
import { Ipv4Line } from "./ipv4_line.ts";
import { type ReadOctets, sourceName } from "./source.ts";
import { TargetError } from "./target_error.ts";

const NEWLINE = 0x0a;

/**
 * In octets. Far more than any target or blocklist entry has; what is longer is no such list, and would have to be
 * held in memory whole.
 */
const LINE_SIZE_MAX = 4096;

/** Where the entries of a list go. */
export interface ListReader {
  /**
   * Takes addresses by their 32-bit numbers; `port` is 0 where the entry has none. Refuses by `false` what it wants
   * to have as text.
   */
  takeIpv4(first: number, last: number, port: number, lineNumber: number): boolean;

  /** Takes any other entry. A TargetError gets the line's place put before it. */
  take(text: string, lineNumber: number): void;
}

/**
 * Reads a list, one entry a line; `#` starts a comment.
 *
 * @throws {TargetError} with the place of the line that is wrong, `targets.txt:3`.
 */
export async function readList(path: string, read: ReadOctets, reader: ListReader): Promise<void> {
  const lines = new ListLines(path, reader);
  let rest = new Uint8Array(0);
  for await (const piece of read(path)) {
    const octets = concatenate([rest, piece]);
    rest = octets.slice(lines.take(octets));
    if (rest.length > LINE_SIZE_MAX) break;
  }
  lines.take(concatenate([rest, Uint8Array.of(NEWLINE)]));
}

class ListLines {
  readonly #path: string;
  readonly #reader: ListReader;
  readonly #ipv4 = new Ipv4Line();
  readonly #decoder = new TextDecoder();
  #lineNumber = 0;

  constructor(path: string, reader: ListReader) {
    this.#path = path;
    this.#reader = reader;
  }

  /** Takes the whole lines in `octets`; returns where the rest begins. */
  take(octets: Uint8Array): number {
    const end = octets.lastIndexOf(NEWLINE) + 1;
    const ipv4 = this.#ipv4;
    for (let start = 0; start < end;) {
      this.#lineNumber += 1;
      if (
        ipv4.read(octets, start) && ipv4.end - start <= LINE_SIZE_MAX &&
        this.#reader.takeIpv4(ipv4.first, ipv4.last, ipv4.port, this.#lineNumber)
      ) {
        start = ipv4.end;
      } else {
        const lineEnd = octets.indexOf(NEWLINE, start);
        this.#takeText(octets.subarray(start, lineEnd));
        start = lineEnd + 1;
      }
    }
    return end;
  }

  #takeText(line: Uint8Array): void {
    try {
      if (line.length > LINE_SIZE_MAX) {
        throw new TargetError(`Cannot read the line: it is longer than ${LINE_SIZE_MAX} octets`);
      }
      const [entry] = this.#decoder.decode(line).split("#", 1);
      const text = entry!.trim();
      if (text !== "") this.#reader.take(text, this.#lineNumber);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      throw new TargetError(error.message, `${sourceName(this.#path)}:${this.#lineNumber}`);
    }
  }
}
