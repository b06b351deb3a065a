import { Malformed } from "../malformed.ts";
import { type Dialogue, PRELUDE_BYTES_MAX, type Step } from "./dialogue.ts";
import { Octets, textOf } from "./octets.ts";

const encoder = new TextEncoder();

/** Universal tags, and RFC 4511's own (4.12): a request and a response of an extended operation. */
const [INTEGER, OCTET_STRING, ENUMERATED, SEQUENCE] = [0x02, 0x04, 0x0a, 0x30];
const [EXTENDED_REQUEST, EXTENDED_RESPONSE, REQUEST_NAME] = [0x77, 0x78, 0x80];

const START_TLS_IDENTIFIER = encoder.encode("1.3.6.1.4.1.1466.20037");
const MESSAGE_IDENTIFIER = 1;

const START_TLS_REQUEST = element(
  SEQUENCE,
  ...element(INTEGER, MESSAGE_IDENTIFIER),
  ...element(EXTENDED_REQUEST, ...element(REQUEST_NAME, ...START_TLS_IDENTIFIER)),
);

/** Results by which servers refuse (RFC 4511, 4.1.9, 4.14.2). */
const RESULT_NAMES: ReadonlyMap<number, string> = new Map([
  [1, "operationsError"],
  [2, "protocolError"],
  [8, "strongerAuthRequired"],
  [10, "referral"],
  [12, "unavailableCriticalExtension"],
  [50, "insufficientAccessRights"],
  [51, "busy"],
  [52, "unavailable"],
  [53, "unwillingToPerform"],
  [80, "other"],
]);

/** Where one BER element stands. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** LDAP: the extended operation StartTLS (RFC 4511, 4.14). */
export class LdapDialogue implements Dialogue {
  readonly firstBytes = START_TLS_REQUEST;
  readonly #message = new Octets();

  take(octet: number): Step | Malformed | undefined {
    this.#message.push(octet);
    const message = this.#message.view;
    if (message[0] !== SEQUENCE) return new Malformed("no LDAP message");
    const outer = readElement(message, 0);
    if (outer === undefined || outer instanceof Malformed) return outer;
    return outer.end > message.length ? undefined : readResponse(message, outer);
  }
}

/** ExtendedResponse (4.12): message identifier, then result code, matched name and diagnostic message. */
function readResponse(message: Uint8Array, outer: Element): Step | Malformed {
  const identifier = inner(message, outer.start, outer, INTEGER);
  const response = identifier && inner(message, identifier.end, outer, EXTENDED_RESPONSE);
  const result = response && inner(message, response.start, response, ENUMERATED);
  const matched = result && inner(message, result.end, response, OCTET_STRING);
  const diagnostic = matched && inner(message, matched.end, response, OCTET_STRING);
  if (identifier === undefined || result === undefined || diagnostic === undefined) {
    return new Malformed("an LDAP message that is no response to an extended operation");
  }
  const code = integer(message, result);
  const words = textOf(message.subarray(diagnostic.start, diagnostic.end));
  const name = RESULT_NAMES.get(code);
  const text = [`result ${code}`, ...name === undefined ? [] : [`(${name})`], words].join(" ").trimEnd();
  const heard = { step: "answer", text } as const;
  // A message with another identifier is no answer, but a notice that the server leaves (4.4).
  return code === 0 && integer(message, identifier) === MESSAGE_IDENTIFIER
    ? { heard, next: "start" }
    : { heard, next: "refused", refusal: text };
}

/** The element at `offset` when it has this tag and lies within `outer`. */
function inner(bytes: Uint8Array, offset: number, outer: Element, tag: number): Element | undefined {
  if (offset >= outer.end) return undefined;
  const element = readElement(bytes, offset);
  if (element === undefined || element instanceof Malformed) return undefined;
  return element.tag === tag && element.end <= outer.end ? element : undefined;
}

/** BER with definite lengths (RFC 4511, 5.1), also longer forms than needed: Active Directory writes four octets. */
function readElement(bytes: Uint8Array, offset: number): Element | Malformed | undefined {
  if (bytes.length < offset + 2) return undefined;
  const first = bytes[offset + 1]!;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) return new Malformed("a length of an unknown form");
  const start = offset + 2 + lengthBytes;
  if (bytes.length < start) return undefined;
  let length = lengthBytes === 0 ? first : 0;
  for (let index = offset + 2; index < start; index++) length = length * 0x100 + bytes[index]!;
  if (length > PRELUDE_BYTES_MAX) return new Malformed(`an element of ${length} octets`);
  return { tag: bytes[offset]!, start, end: start + length };
}

function integer(bytes: Uint8Array, { start, end }: Element): number {
  return bytes.subarray(start, end).reduce((value, octet) => value * 0x100 + octet, 0);
}

function element(tag: number, ...content: number[]): Uint8Array {
  return Uint8Array.of(tag, content.length, ...content);
}
