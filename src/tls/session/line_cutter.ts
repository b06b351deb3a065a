import { Buffer } from "node:buffer";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Cuts octets into lines that end in CR LF, or in LF alone (RFC 9112, 2.2). Whoever feeds it bounds it. */
export class LineCutter {
  #octets: number[] = [];

  /** The line that `octet` ends, read as Latin-1 and without its ending; undefined within a line. */
  take(octet: number): string | undefined {
    if (octet !== LINE_FEED) {
      this.#octets.push(octet);
      return undefined;
    }
    if (this.#octets.at(-1) === CARRIAGE_RETURN) this.#octets.pop();
    const line = Buffer.from(this.#octets).toString("latin1");
    this.#octets = [];
    return line;
  }
}
