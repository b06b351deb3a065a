import { Malformed } from "../malformed.ts";
import { type Dialogue, PRELUDE_BYTES_MAX, type Step } from "./dialogue.ts";
import { Octets, textOf } from "./octets.ts";

/** Length 8 and the code 80877103, where a protocol version would stand. */
const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

const [YES, NO, ERROR] = [0x53, 0x4e, 0x45];
const MESSAGE_FIELD = 0x4d;
/** The message's type and its length. */
const HEADER_BYTES = 5;

/** PostgreSQL: SSLRequest (documentation of PostgreSQL 17, 54.2.11), answered by one octet or an error. */
export class PostgresDialogue implements Dialogue {
  readonly firstBytes = SSL_REQUEST;
  readonly #error = new Octets();

  take(octet: number): Step | Malformed | undefined {
    if (this.#error.length > 0 || octet === ERROR) return this.#takeError(octet);
    const heard = { step: "answer", text: String.fromCharCode(octet) } as const;
    if (octet === YES) return { heard, next: "start" };
    if (octet === NO) return { heard, next: "refused", refusal: "no TLS on this server" };
    return new Malformed("neither S nor N nor an error");
  }

  #takeError(octet: number): Step | Malformed | undefined {
    this.#error.push(octet);
    const error = this.#error.view;
    if (error.length < 2) return undefined;
    const text = error[1] === 0 ? modernError(error) : oldError(error);
    if (text === undefined || text instanceof Malformed) return text;
    return { heard: { step: "answer", text }, next: "refused", refusal: text };
  }
}

/** ErrorResponse (54.7): a length, then fields of a type and a text. */
function modernError(error: Uint8Array): string | Malformed | undefined {
  if (error.length < HEADER_BYTES) return undefined;
  const end = 1 + new DataView(error.buffer, error.byteOffset).getUint32(1);
  if (end > PRELUDE_BYTES_MAX) return new Malformed(`an error of ${end} octets`);
  if (error.length < end) return undefined;
  for (let start = HEADER_BYTES; start < end && error[start] !== 0;) {
    const zero = error.indexOf(0, start);
    if (zero < 0) break;
    if (error[start] === MESSAGE_FIELD) return textOf(error.subarray(start + 1, zero));
    start = zero + 1;
  }
  return "an error without a message";
}

/** Before protocol 3.0, and where a server has not yet read which one is spoken: a text that ends with a zero. */
function oldError(error: Uint8Array): string | undefined {
  return error.at(-1) === 0 ? textOf(error.subarray(1, -1)) : undefined;
}
