/**
 * What a target's answer said, as the packet plane tells it.
 *
 * @module
 */
import { readAddress } from "./address.ts";
import * as bindings from "./bindings.ts";

const VERDICTS = ["open", "closed", "unreachable"] as const;
/** In place of a round trip that is not known. */
export const ROUND_TRIP_UNKNOWN = 0xffff_ffff;
const { Reply: LAYOUT, Obstacle } = bindings;

/** One `Reply` in place. The same object shows one reply after another: {@linkcode show} moves it. */
export class PlaneReply {
  #view = new DataView<ArrayBufferLike>(new ArrayBuffer(LAYOUT.size));
  #octets = new Uint8Array<ArrayBufferLike>(this.#view.buffer);
  #at = 0;

  /** Shows the reply that starts `payload`, which is valid as long as that is. */
  show(payload: Uint8Array): void {
    if (this.#view.buffer !== payload.buffer) {
      this.#view = new DataView(payload.buffer);
      this.#octets = new Uint8Array(payload.buffer);
    }
    this.#at = payload.byteOffset;
  }

  get verdict(): (typeof VERDICTS)[number] {
    return VERDICTS[this.#octets[this.#at + LAYOUT.verdict]!]!;
  }

  get address(): bigint {
    return readAddress(this.#view, this.#at + LAYOUT.remote);
  }

  get port(): number {
    return this.#short(LAYOUT.remotePort);
  }

  /** Since the epoch, microseconds as a fraction. */
  get timeMs(): number {
    return Number(this.#view.getBigUint64(this.#at + LAYOUT.timeUs, true)) / 1000;
  }

  get localAddress(): bigint {
    return readAddress(this.#view, this.#at + LAYOUT.local);
  }

  get localPort(): number {
    return this.#short(LAYOUT.localPort);
  }

  get timeToLive(): number {
    return this.#octets[this.#at + LAYOUT.timeToLive]!;
  }

  get window(): number {
    return this.#short(LAYOUT.window);
  }

  get ipId(): number {
    return this.#short(LAYOUT.identification);
  }

  get sequence(): number {
    return this.#word(LAYOUT.sequence);
  }

  get acknowledgment(): number {
    return this.#word(LAYOUT.acknowledgment);
  }

  get roundTripUs(): number | undefined {
    const value = this.#word(LAYOUT.roundTripUs);
    return value === ROUND_TRIP_UNKNOWN ? undefined : value;
  }

  /** TCP's options as they came. */
  get options(): Uint8Array {
    const start = this.#at + LAYOUT.options;
    return this.#octets.subarray(start, start + this.#octets[this.#at + LAYOUT.optionsSize]!);
  }

  get icmp(): { type: number; code: number; responder: bigint } | undefined {
    if (this.#octets[this.#at + LAYOUT.obstacle] !== Obstacle.icmp) return undefined;
    return {
      type: this.#octets[this.#at + LAYOUT.icmpType]!,
      code: this.#octets[this.#at + LAYOUT.icmpCode]!,
      responder: readAddress(this.#view, this.#at + LAYOUT.responder),
    };
  }

  get reason(): "no_neighbor" | undefined {
    return this.#octets[this.#at + LAYOUT.obstacle] === Obstacle.noNeighbor ? "no_neighbor" : undefined;
  }

  #short(offset: number): number {
    return this.#view.getUint16(this.#at + offset, true);
  }

  #word(offset: number): number {
    return this.#view.getUint32(this.#at + offset, true);
  }
}
