/**
 * The head of an HTTP/1 response (RFC 9112, 4 and 5).
 *
 * @module
 */

import { Malformed } from "../malformed.ts";
import { LineCutter } from "./line_cutter.ts";

/** One field line: octets read as Latin-1, without white space around the value. */
export type HttpHeader = readonly [name: string, value: string];

export interface HttpHead {
  /** As `HTTP/1.1`. */
  readonly protocol: string;
  readonly status: number;
  /** What the server says of the status, for people; often empty. */
  readonly statusText: string;
  /** As sent and in that order, repeated ones too. */
  readonly headers: readonly HttpHeader[];
}

/** Octets that a head may take, interim responses before it included. */
const HEAD_BYTES_MAX = 65_536;

const STATUS_LINE = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/s;
const STATUS_LINE_SHOWN_MAX = 40;

/** Whether another response follows (RFC 9110, 15.2); behind 101 comes another protocol. */
function isInterim(status: number): boolean {
  return status < 200 && status !== 101;
}

/** Reads a head octet by octet. */
export class HttpHeadReader {
  readonly #lines = new LineCutter();
  #taken = 0;
  #status: Omit<HttpHead, "headers"> | undefined;
  #headers: HttpHeader[] = [];

  /** The head once it is whole, undefined before. */
  take(octet: number): HttpHead | Malformed | undefined {
    if (++this.#taken > HEAD_BYTES_MAX) return new Malformed(`a head of more than ${HEAD_BYTES_MAX} octets`);
    const line = this.#lines.take(octet);
    if (line === undefined) return undefined;
    if (this.#status === undefined) return this.#takeStatusLine(line);
    if (line === "") return this.#finish(this.#status);
    this.#takeField(line);
    return undefined;
  }

  #takeStatusLine(line: string): Malformed | undefined {
    const [, protocol, status, statusText = ""] = STATUS_LINE.exec(line) ?? [];
    if (protocol === undefined) {
      const shown = JSON.stringify(line.slice(0, STATUS_LINE_SHOWN_MAX));
      return new Malformed(`the first line is none of HTTP/1: ${shown}`);
    }
    this.#status = { protocol, status: Number(status), statusText };
    return undefined;
  }

  /** A line that begins with white space continues the one before (RFC 9112, 5.2). One without a colon is no field. */
  #takeField(line: string): void {
    const previous = this.#headers.at(-1);
    if (/^[ \t]/.test(line) && previous !== undefined) {
      this.#headers[this.#headers.length - 1] = [previous[0], `${previous[1]} ${line.trim()}`];
      return;
    }
    const colon = line.indexOf(":");
    if (colon > 0) this.#headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }

  /** An interim response is dropped: another head follows. */
  #finish(status: Omit<HttpHead, "headers">): HttpHead | undefined {
    const head = { ...status, headers: this.#headers };
    this.#status = undefined;
    this.#headers = [];
    return isInterim(status.status) ? undefined : head;
  }
}
