import type { Control } from "../../ffi/mod.ts";
import type { Traffic } from "../transport/mod.ts";

/** What a capture reserves when it opens, in octets of Ethernet frames; what it does not use it gives back. */
export const RESERVATION_BYTES = 10_000;

/**
 * How far captures may run ahead of what is promised, in its own time. The sender may not run ahead at all, so a
 * capture that is ready goes before the next probe, and a sender beside busy captures slows by itself.
 */
const COMMITMENT_DEBT_MS = 50;

/**
 * How far the wire may be in debt when a capture is admitted. The packet plane keeps captures to their turn more
 * exactly than a JavaScript timer can; this keeps what waits there short, and paces the kernel's sockets.
 */
const WIRE_DEBT_MS = 20;

/** How far SYNs of captures may run ahead of the rate, so that they go before probes: little, since it is a ceiling. */
const SYN_DEBT_MS = 4;

/** Idle time that the sender may make up for: enough for a thread that was scheduled late, too little to be a burst. */
const BURST_MS = 4;

/** The commitment may lag: what really moves is bounded by the wire bucket at every instant. */
const COMMITMENT_BURST_MS = 50;

/**
 * What all captures together may take beyond their reservations, in octets: thousands of servers that send all they may
 * of an endless chain, and then wait, would else take what memory there is.
 */
const EXTENSIONS_BYTES_MAX = 2 ** 30;

/** The most that one server's surplus can put the commitment into debt: it must not stop the scan. */
const STRANGER_DEBT_MS = 1_000;

export interface Rates {
  /** Probes per second. */
  readonly probesPerSecond: number;
  /** Bits of Ethernet frames per second, both directions and both layers; undefined for no limit. */
  readonly bitsPerSecond: number | undefined;
}

/**
 * What is admitted: a connection that goes on with the handshake that verified its host, or one with a handshake of its
 * own, whose SYN is a probe to the rate.
 */
export type AdmissionKind = "continuation" | "reopening";

/** What captures take beyond their reservations, all together and in octets. */
interface Extensions {
  taken: number;
}

/** What one capture holds of the budget. */
export class Reservation {
  readonly #control: Control;
  readonly #extensions: Extensions;
  #extended = 0;

  constructor(control: Control, extensions: Extensions) {
    this.#control = control;
    this.#extensions = extensions;
  }

  /** Takes `bytes` more, if there is room for them and the budget has them. */
  extend(bytes: number): boolean {
    if (this.#extensions.taken + bytes > EXTENSIONS_BYTES_MAX) return false;
    if (this.#control.commitment.take(bytes, COMMITMENT_DEBT_MS) > 0) return false;
    this.#extended += bytes;
    this.#extensions.taken += bytes;
    return true;
  }

  /** Squares what was promised with what moved. */
  settle(traffic: Traffic): void {
    this.#extensions.taken -= this.#extended;
    const promised = RESERVATION_BYTES + this.#extended;
    const moved = traffic.bytesSent + traffic.bytesReceived;
    if (moved < promised) this.#control.commitment.refund(promised - moved);
    if (moved > promised) this.#control.commitment.spend(moved - promised, STRANGER_DEBT_MS);
  }
}

/** Decides who may spend: one budget over probes and captures, shared with the packet plane without messages. */
export class Governor {
  readonly #control: Control;
  readonly #extensions: Extensions = { taken: 0 };
  /** How far SYNs of captures may run ahead of the rate. */
  #synDebtMs = 0;

  constructor(control: Control, rates: Rates) {
    this.#control = control;
    const octetsPerSecond = (rates.bitsPerSecond ?? 0) / 8;
    this.setProbeRate(rates.probesPerSecond);
    control.wire.set(octetsPerSecond, BURST_MS);
    control.commitment.set(octetsPerSecond, COMMITMENT_BURST_MS);
  }

  /** Probes per second, from now on. */
  setProbeRate(probesPerSecond: number): void {
    this.#control.probes.set(probesPerSecond, BURST_MS);
    // The sender leaves the bucket in debt by one probe at the most: with less of its own, a capture would find it so
    // whenever it looks.
    this.#synDebtMs = Math.max(SYN_DEBT_MS, 1_000 / probesPerSecond);
  }

  /** A reservation for one more capture, or for how many milliseconds to wait before asking again. */
  admit(kind: AdmissionKind = "continuation"): Reservation | number {
    const { commitment, probes, wire } = this.#control;
    const wireWaitMs = wire.take(0, WIRE_DEBT_MS);
    if (wireWaitMs > 0) return wireWaitMs;
    const waitMs = commitment.take(RESERVATION_BYTES, COMMITMENT_DEBT_MS);
    if (waitMs > 0) return waitMs;
    const synWaitMs = kind === "reopening" ? probes.take(1, this.#synDebtMs) : 0;
    if (synWaitMs > 0) commitment.refund(RESERVATION_BYTES);
    return synWaitMs > 0 ? synWaitMs : new Reservation(this.#control, this.#extensions);
  }

  /** A probe that the kernel sends: 0 when it may go now, else for how many milliseconds to wait. */
  admitProbe(frameBytes: number): number {
    const waitMs = Math.max(this.#control.commitment.take(0, 0), this.#control.wire.take(0, 0));
    if (waitMs > 0) return waitMs;
    const probeWaitMs = this.#control.probes.take(1, 0);
    if (probeWaitMs > 0) return probeWaitMs;
    this.#control.commitment.spend(frameBytes);
    this.#control.wire.spend(frameBytes);
    return 0;
  }

  /** Octets that the kernel's sockets moved inside a reservation. How many come is not all in our hands. */
  spendWire(bytes: number): void {
    this.#control.wire.spend(bytes, STRANGER_DEBT_MS);
  }

  /** Octets that moved outside any reservation. */
  spend(bytes: number): void {
    this.#control.wire.spend(bytes);
    this.#control.commitment.spend(bytes);
  }
}
