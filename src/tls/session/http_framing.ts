/**
 * Where the body of an HTTP/1 response ends (RFC 9112, 6.3).
 *
 * @module
 */

import { Malformed } from "../malformed.ts";
import type { HttpHead } from "./http_head.ts";
import { LineCutter } from "./line_cutter.ts";

/** Tells content from what surrounds it, octet by octet. */
export interface HttpFraming {
  /** No octet of the body is left. */
  readonly isComplete: boolean;
  /** The body may also end with the connection. */
  readonly endsWithConnection: boolean;
  /** Whether `octet` is content. Not to be called once the body is complete. */
  take(octet: number): boolean | Malformed;
}

/** How the body behind `head`, the answer to a GET, is framed. */
export function framingOf({ status, headers }: HttpHead): HttpFraming | Malformed {
  if (status < 200 || status === 204 || status === 304) return new LengthFraming(0);
  const coding = valuesOf("transfer-encoding", headers).at(-1);
  if (coding !== undefined) return coding.toLowerCase() === "chunked" ? new ChunkedFraming() : UNTIL_CLOSE;
  const lengths = new Set(valuesOf("content-length", headers));
  if (lengths.size === 0) return UNTIL_CLOSE;
  const [length = ""] = lengths;
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) {
    return new Malformed(`Content-Length is no number: ${JSON.stringify([...lengths].join(", "))}`);
  }
  return new LengthFraming(Number(length));
}

/** The members of a list field, over all its lines (RFC 9110, 5.3 and 5.6.1). */
function valuesOf(name: string, headers: HttpHead["headers"]): string[] {
  return headers
    .filter(([other]) => other.toLowerCase() === name)
    .flatMap(([, value]) => value.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

const UNTIL_CLOSE: HttpFraming = { isComplete: false, endsWithConnection: true, take: () => true };

class LengthFraming implements HttpFraming {
  readonly endsWithConnection = false;
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get isComplete(): boolean {
    return this.#left === 0;
  }

  take(): boolean {
    this.#left--;
    return true;
  }
}

/** Lines stand around chunks (RFC 9112, 7.1): sizes with extensions, empty ones, and trailer fields behind the last. */
class ChunkedFraming implements HttpFraming {
  readonly endsWithConnection = false;
  isComplete = false;
  readonly #lines = new LineCutter();
  #awaited: "size" | "ending" | "trailer" = "size";
  #left = 0;

  take(octet: number): boolean | Malformed {
    if (this.#left > 0) {
      this.#left--;
      return true;
    }
    const line = this.#lines.take(octet);
    return line === undefined ? false : this.#takeLine(line);
  }

  #takeLine(line: string): false | Malformed {
    if (this.#awaited === "trailer") {
      this.isComplete = line === "";
      return false;
    }
    if (this.#awaited === "ending") {
      this.#awaited = "size";
      return line === "" ? false : new Malformed("a chunk is longer than it says");
    }
    const size = /^[0-9A-Fa-f]{1,12}(?=[ \t]*(?:;|$))/.exec(line)?.[0];
    if (size === undefined) return new Malformed(`no size of a chunk: ${JSON.stringify(line.slice(0, 40))}`);
    this.#left = Number.parseInt(size, 16);
    this.#awaited = this.#left === 0 ? "trailer" : "ending";
    return false;
  }
}
