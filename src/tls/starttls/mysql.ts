import { Malformed } from "../malformed.ts";
import { type Dialogue, NOTHING, PRELUDE_BYTES_MAX, type Step } from "./dialogue.ts";
import { Octets, textOf } from "./octets.ts";

const HEADER_BYTES = 4;
const SEQUENCE_OFFSET = 3;

/** A packet's first octet: the greeting's protocol version, or that it is an error. */
const [PROTOCOL_9, PROTOCOL_10, ERROR] = [9, 10, 0xff];

/** Connection number, first part of the nonce, filler. */
const BETWEEN_VERSION_AND_CAPABILITIES = 4 + 8 + 1;

const CLIENT_SSL = 0x0800;

/**
 * SSLRequest: 32 octets, sequence 1; CLIENT_PROTOCOL_41, CLIENT_SSL and CLIENT_SECURE_CONNECTION; packets of 16 MiB
 * at most; character set 45 (utf8mb4); 23 octets of zeros.
 */
const SSL_REQUEST = Uint8Array.of(
  ...[32, 0, 0, 1],
  ...[0x00, 0x8a, 0, 0],
  ...[0, 0, 0, 1],
  45,
  ...new Array<number>(23).fill(0),
);

/**
 * MySQL and MariaDB (MySQL's internals manual: Protocol::HandshakeV10, Protocol::SSLRequest). The server says in its
 * greeting whether it knows TLS, and there is no go-ahead: TLS begins right behind the request.
 */
export class MysqlDialogue implements Dialogue {
  readonly firstBytes = NOTHING;
  readonly #packet = new Octets();

  take(octet: number): Step | Malformed | undefined {
    const position = this.#packet.length;
    this.#packet.push(octet);
    if (position === SEQUENCE_OFFSET && octet !== 0) return new Malformed(`packet ${octet} as the first`);
    if (position === HEADER_BYTES && octet !== PROTOCOL_9 && octet !== PROTOCOL_10 && octet !== ERROR) {
      return new Malformed(`protocol version ${octet}`);
    }
    if (position < SEQUENCE_OFFSET) return undefined;
    const packet = this.#packet.view;
    const length = packet[0]! + packet[1]! * 0x100 + packet[2]! * 0x10000;
    if (length === 0 || length > PRELUDE_BYTES_MAX) return new Malformed(`a greeting of ${length} octets`);
    return packet.length < HEADER_BYTES + length ? undefined : readGreeting(packet.subarray(HEADER_BYTES));
  }
}

function readGreeting(payload: Uint8Array): Step | Malformed {
  if (payload[0] === ERROR) {
    const text = `error ${payload[1]! + payload[2]! * 0x100}: ${textOf(payload.subarray(3))}`;
    return payload.length < 3
      ? new Malformed("an error that is cut short")
      : { heard: { step: "greeting", text }, next: "refused", refusal: text };
  }
  const zero = payload.indexOf(0, 1);
  if (zero < 0) return new Malformed("a server version without an end");
  const heard = { step: "greeting", text: textOf(payload.subarray(1, zero)) } as const;
  const offset = zero + 1 + BETWEEN_VERSION_AND_CAPABILITIES;
  const hasTls = payload[0] === PROTOCOL_10 && offset + 2 <= payload.length &&
    ((payload[offset]! + payload[offset + 1]! * 0x100) & CLIENT_SSL) !== 0;
  return hasTls
    ? { heard, next: "start", say: SSL_REQUEST }
    : { heard, next: "refused", refusal: "no TLS among the server's capabilities" };
}
